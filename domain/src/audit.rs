//! Entries of the security log: who did what, from which network, with what outcome. They hold ids, never names or addresses of
//! people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{UserId, account::Role};

/// A call that is worth remembering, as kept in the stream `AUDIT`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Id of the entry.
    pub id: Uuid,
    /// Time of the call.
    pub at: Timestamp,
    /// Method and template of the route: `PUT /admin/accounts/{user_id}/role`.
    pub action: String,
    /// The path with its ids.
    pub target: String,
    /// The caller; `None` if nobody was signed in.
    pub actor: Option<UserId>,
    /// Role of the caller.
    pub role: Option<Role>,
    /// Session of the caller.
    pub session: Option<Uuid>,
    /// Network of the caller: an IPv4 address, or the /64 of an IPv6 address.
    pub network: String,
    /// `done`, or the slug of the problem.
    pub outcome: String,
    /// HTTP status.
    pub status: u16,
    /// Id shared by everything that followed from the call.
    pub correlation: Uuid,
}

impl AuditEntry {
    /// Returns `true` if a member of staff or an administrator changed something. Checked-in tickets do not count: at a busy
    /// door they would push all other acts out.
    #[must_use]
    pub fn is_act(&self) -> bool {
        let reads = ["GET ", "HEAD "].iter().any(|method| self.action.starts_with(method));
        let is_by_staff = self.role.is_some_and(Role::is_staff);
        is_by_staff && self.status < 400 && !reads && !self.action.contains("/check-ins")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::examples::{at, user, uuid};

    /// Kept for years: the form never changes.
    #[test]
    fn the_stored_form_is_frozen() {
        let entry = AuditEntry {
            id: uuid(1),
            at: at(0),
            action: "PUT /admin/accounts/{user_id}/role".to_owned(),
            target: "/admin/accounts/00000000-0000-0000-0000-000000000002/role".to_owned(),
            actor: Some(user(3)),
            role: Some(Role::Admin),
            session: Some(uuid(4)),
            network: "203.0.113.7".to_owned(),
            outcome: "done".to_owned(),
            status: 200,
            correlation: uuid(5),
        };
        let stored = json!({
            "id": "00000000-0000-0000-0000-000000000001", "at": "2026-01-01T00:00:00Z",
            "action": "PUT /admin/accounts/{user_id}/role",
            "target": "/admin/accounts/00000000-0000-0000-0000-000000000002/role",
            "actor": "00000000-0000-0000-0000-000000000003", "role": "admin",
            "session": "00000000-0000-0000-0000-000000000004", "network": "203.0.113.7",
            "outcome": "done", "status": 200, "correlation": "00000000-0000-0000-0000-000000000005",
        });
        assert_eq!(serde_json::to_value(&entry).unwrap(), stored);
        assert_eq!(serde_json::from_value::<AuditEntry>(stored).unwrap(), entry);
    }
}
