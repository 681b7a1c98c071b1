//! The security log. Every act of staff, every sign-in and every refusal becomes a line of the target `audit`; most
//! refusals are kept too. The layer around every request records by route, so a new handler cannot be forgotten.

use std::{
    cell::RefCell,
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
    sync::OnceLock,
    time::Duration,
};

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use ticketshow_domain::{UserId, account::Role, audit::AuditEntry};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    task_local,
};
use uuid::Uuid;

use crate::{Limiter, Quota};

/// Entries that wait to be kept.
const WAITING_MAX: usize = 4_096;
/// Longest path in an entry, in bytes.
const TARGET_MAX: usize = 300;
/// Entries per network about callers who are no staff.
const STRANGERS: Quota = Quota { count: 120, per: Duration::from_mins(1) };
/// Entries per session about the same call that a page repeats by itself.
const REPEATED: Quota = Quota { count: 1, per: Duration::from_hours(1) };

/// The list of a door, which its page fetches every 15 seconds.
const DOOR: &str = "/api/v1/screenings/{id}/door";
/// Reports of a door, which its page sends again until they are answered.
const DOOR_REPORTS: &str = "/api/v1/screenings/{id}/door/check-ins";

task_local! {
    static NOTED: RefCell<Noted>;
}

/// What handlers note about the request that is being handled.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Noted {
    pub caller: Option<KnownCaller>,
    pub unchanged: Option<u64>,
}

/// Notes that the command which is being handled caused no event, and what it asked for: a first call whose answer
/// was lost may have left no entry. Without effect outside of a request.
pub fn note_no_change(command: &(impl Hash + ?Sized)) {
    let mut hasher = DefaultHasher::new();
    command.hash(&mut hasher);
    // The error means that no request is being handled.
    let _ = NOTED.try_with(|noted| noted.borrow_mut().unchanged = Some(hasher.finish()));
}

/// The caller of a request, once a handler knows.
#[derive(Debug, Clone, Copy)]
pub struct KnownCaller {
    /// The user.
    pub user: UserId,
    /// Role of the user.
    pub role: Role,
    /// Session of the user.
    pub session: Uuid,
}

impl KnownCaller {
    /// Notes the caller of the request that is being handled. Without effect outside of one.
    pub fn note(self) {
        // The error means that no request is being handled.
        let _ = NOTED.try_with(|noted| noted.borrow_mut().caller = Some(self));
    }
}

/// Handles a request and returns what its handler noted.
pub(crate) async fn noting<T>(handled: impl Future<Output = T>) -> (T, Noted) {
    NOTED
        .scope(RefCell::default(), async {
            let answer = handled.await;
            (answer, NOTED.with(|noted| *noted.borrow()))
        })
        .await
}

/// Facts about a call that the layer knows.
pub(crate) struct Call<'a> {
    pub method: &'a Method,
    /// Template of the route.
    pub route: &'a str,
    pub path: &'a str,
    pub network: IpAddr,
    pub caller: Option<KnownCaller>,
    /// Hash of the command, if it caused no event.
    pub unchanged: Option<u64>,
    pub status: StatusCode,
    pub slug: Option<&'static str>,
    pub correlation: Uuid,
}

impl Call<'_> {
    fn is_by_staff(&self) -> bool {
        self.caller.is_some_and(|caller| caller.role.is_staff())
    }

    /// A refresh is not: every open page makes one each ten minutes.
    fn is_refresh(&self) -> bool {
        self.route == "/api/v1/auth/refresh"
    }

    /// Acts and personal reads of staff, whatever concerns an account, and refused rights.
    fn is_kept(&self) -> bool {
        // A quote is requested for each seat that a seller selects, and changes nothing.
        let asks = self.route == "/api/v1/box-office/quotes";
        let reads = asks || matches!(*self.method, Method::GET | Method::HEAD);
        let of_account = ["/api/v1/auth/", "/api/v1/me"].iter().any(|start| self.route.starts_with(start));
        let names_people = [
            "/api/v1/admin/",
            "/api/v1/screenings/{id}/guests",
            "/api/v1/screenings/{id}/door",
            "/api/v1/box-office/refunds",
        ]
        .iter()
        .any(|start| self.route.starts_with(start));
        let is_kept = self.status == StatusCode::FORBIDDEN
            || of_account && !reads && self.status != StatusCode::TOO_MANY_REQUESTS
            || self.route == "/api/v1/me/export"
            || self.is_by_staff() && (!reads || names_people);
        is_kept && !self.is_refresh()
    }

    /// Calls that the page of a door repeats by itself: its list, and reports that changed nothing or were refused. After a
    /// failure, a report may have changed something.
    fn is_repeated(&self) -> bool {
        let is_list = self.route == DOOR && matches!(*self.method, Method::GET | Method::HEAD);
        let has_no_effect = self.unchanged.is_some() || self.status.is_client_error();
        is_list || self.route == DOOR_REPORTS && has_no_effect
    }

    /// Equal for calls of one session that differ in nothing that an entry says, and for the same command.
    fn repetition(&self) -> impl Hash {
        let session = self.caller.map(|caller| caller.session);
        (session, self.method.as_str(), self.path, self.status.as_u16(), self.unchanged)
    }

    /// Callers without a valid token, or over a quota: there are too many, and they would push other entries out.
    fn is_noted(&self) -> bool {
        let turned_away = [StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS].contains(&self.status);
        turned_away && !self.is_refresh()
    }

    fn entry(&self, id: Uuid, at: Timestamp) -> AuditEntry {
        let short = |path: &str| path.strip_prefix("/api/v1").unwrap_or(path).to_owned();
        let mut target = short(self.path);
        target.truncate(target.floor_char_boundary(TARGET_MAX));
        AuditEntry {
            id,
            at,
            action: format!("{} {}", self.method, short(self.route)),
            target,
            actor: self.caller.map(|caller| caller.user),
            role: self.caller.map(|caller| caller.role),
            session: self.caller.map(|caller| caller.session),
            network: self.network.to_string(),
            outcome: self.slug.unwrap_or("done").to_owned(),
            status: self.status.as_u16(),
            correlation: self.correlation,
        }
    }
}

/// The security log of a process.
#[derive(Debug)]
pub struct Audit {
    strangers: Limiter,
    repeated: Limiter,
    keeper: OnceLock<mpsc::Sender<AuditEntry>>,
}

impl Default for Audit {
    fn default() -> Self {
        let (strangers, repeated) = (Limiter::new(STRANGERS), Limiter::new(REPEATED));
        Self { strangers, repeated, keeper: OnceLock::new() }
    }
}

impl Audit {
    /// Returns the entries from now on, for the keeper of the security log; `None` if they are taken already.
    pub fn entries(&self) -> Option<mpsc::Receiver<AuditEntry>> {
        let (sender, entries) = mpsc::channel(WAITING_MAX);
        self.keeper.set(sender).ok().map(|()| entries)
    }

    /// Records a call, if it is relevant. A network that is refused too often leaves no more entries for a while, and a call that
    /// a page repeats by itself leaves one an hour.
    pub(crate) fn record(&self, call: &Call<'_>, id: fn() -> Uuid, now: Timestamp) {
        if !call.is_kept() && !call.is_noted() {
            return;
        }
        if !call.is_by_staff() && self.strangers.take(call.network, now).is_err() {
            metrics::counter!("ticketshow_audit_suppressed").increment(1);
            return;
        }
        if call.is_repeated() && self.repeated.take(call.repetition(), now).is_err() {
            return;
        }
        let entry = call.entry(id(), now);
        tracing::info!(
            target: "audit",
            id = %entry.id,
            action = entry.action,
            path = entry.target,
            actor = entry.actor.map(tracing::field::display),
            role = entry.role.map(tracing::field::debug),
            session = entry.session.map(tracing::field::display),
            network = entry.network,
            outcome = entry.outcome,
            status = entry.status,
        );
        let Some(keeper) = self.keeper.get().filter(|_| call.is_kept()) else { return };
        if let Err(TrySendError::Full(entry)) = keeper.try_send(entry) {
            metrics::counter!("ticketshow_audit_lost").increment(1);
            tracing::error!(target: "audit", id = %entry.id, "too many entries wait: this one is in the log only");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &'static Method, route: &'static str, role: Option<Role>, status: u16) -> Call<'static> {
        let caller = |role| KnownCaller { user: UserId(Uuid::nil()), role, session: Uuid::nil() };
        Call {
            method,
            route,
            path: route,
            network: IpAddr::from([203, 0, 113, 7]),
            caller: role.map(caller),
            unchanged: None,
            status: StatusCode::from_u16(status).unwrap(),
            slug: (status >= 400).then_some("refused"),
            correlation: Uuid::nil(),
        }
    }

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn acts_of_staff_sign_ins_and_refusals_are_recorded() {
        let (admin, staff, customer) = (Some(Role::Admin), Some(Role::Staff), Some(Role::Customer));
        let (kept, noted, neither) = ((true, false), (false, true), (false, false));
        for (method, route, role, status, expected) in [
            (&Method::POST, "/api/v1/auth/login", customer, 200, kept),
            (&Method::POST, "/api/v1/auth/login", None, 401, (true, true)),
            (&Method::POST, "/api/v1/auth/login", None, 429, noted),
            (&Method::POST, "/api/v1/auth/refresh", None, 401, neither),
            (&Method::POST, "/api/v1/auth/forgotten", None, 202, kept),
            (&Method::PATCH, "/api/v1/me", customer, 200, kept),
            (&Method::GET, "/api/v1/me", customer, 200, neither),
            (&Method::GET, "/api/v1/me", None, 401, noted),
            (&Method::GET, "/api/v1/me/export", customer, 200, kept),
            (&Method::POST, "/api/v1/bookings", customer, 201, neither),
            (&Method::POST, "/api/v1/bookings", customer, 429, noted),
            (&Method::POST, "/api/v1/bookings", customer, 409, neither),
            (&Method::POST, "/api/v1/shows", customer, 403, kept),
            (&Method::POST, "/api/v1/shows", admin, 201, kept),
            (&Method::POST, "/api/v1/shows", admin, 422, kept),
            (&Method::GET, "/api/v1/shows", admin, 200, neither),
            (&Method::GET, "/api/v1/admin/bookings", admin, 200, kept),
            (&Method::GET, "/api/v1/screenings/{id}/guests", staff, 200, kept),
            (&Method::GET, "/api/v1/screenings/{id}/check-ins", staff, 200, neither),
            (&Method::POST, "/api/v1/check-ins", staff, 200, kept),
            (&Method::POST, "/api/v1/box-office/sales", staff, 201, kept),
            (&Method::POST, "/api/v1/box-office/quotes", staff, 200, neither),
            (&Method::POST, "/api/v1/box-office/quotes", customer, 403, kept),
        ] {
            let call = call(method, route, role, status);
            assert_eq!((call.is_kept(), call.is_noted()), expected, "{method} {route} {role:?} {status}");
        }
    }

    #[test]
    fn an_entry_says_who_did_what_from_where_and_with_what_outcome() {
        let audit = Audit::default();
        let mut entries = audit.entries().unwrap();
        assert!(audit.entries().is_none(), "one keeper");
        let done = call(&Method::POST, "/api/v1/shows", Some(Role::Admin), 201);
        audit.record(&done, Uuid::nil, NOW);
        let refused = call(&Method::POST, "/api/v1/auth/login", None, 401);
        audit.record(&refused, Uuid::nil, NOW);
        let entry = entries.try_recv().unwrap();
        assert_eq!(
            (entry.action.as_str(), entry.outcome.as_str(), entry.status),
            ("POST /shows", "done", 201)
        );
        assert_eq!((entry.actor, entry.network.as_str()), (Some(UserId(Uuid::nil())), "203.0.113.7"));
        let entry = entries.try_recv().unwrap();
        assert_eq!((entry.outcome.as_str(), entry.actor), ("refused", None));
    }

    #[test]
    fn a_flood_of_refusals_of_a_network_leaves_a_bounded_number_of_entries() {
        let audit = Audit::default();
        let mut entries = audit.entries().unwrap();
        for _ in 0..10_000 {
            audit.record(&call(&Method::POST, "/api/v1/auth/login", None, 401), Uuid::nil, NOW);
        }
        audit.record(&call(&Method::POST, "/api/v1/shows", Some(Role::Admin), 201), Uuid::nil, NOW);
        let mut kept = 0;
        while entries.try_recv().is_ok() {
            kept += 1;
        }
        assert_eq!(kept, 121, "and those of the house are not lost");
    }

    #[test]
    fn a_door_leaves_one_entry_an_hour_for_what_its_page_repeats_and_one_for_each_check_in() {
        let audit = Audit::default();
        let mut entries = audit.entries().unwrap();
        let door = Some(Role::Door);
        let list = || call(&Method::GET, DOOR, door, 200);
        let report = |status| call(&Method::POST, DOOR_REPORTS, door, status);
        let repeat = |command| Call { unchanged: Some(command), ..report(200) };
        let mut kept = |now: Timestamp, calls: Vec<Call<'_>>| {
            for call in &calls {
                audit.record(call, Uuid::nil, now);
            }
            std::iter::from_fn(|| entries.try_recv().ok()).count()
        };
        // Four hours, polled every 15 seconds.
        let evening = (0..4 * 240).map(|poll| NOW + Duration::from_secs(15 * poll));
        let lists: usize = evening.map(|now| kept(now, vec![list(), repeat(1)])).sum();
        assert_eq!(lists, 4 * 2);
        let other = Call { path: "/api/v1/screenings/2/door", ..list() };
        assert_eq!(kept(NOW, vec![other]), 1, "another screening");
        assert_eq!(kept(NOW, vec![report(422), report(422), report(422)]), 1, "empty reports");
        assert_eq!(kept(NOW, vec![report(200), report(200)]), 2, "reports that changed something");
        assert_eq!(kept(NOW, vec![report(503), report(503)]), 2, "reports that may have changed something");
        assert_eq!(kept(NOW, vec![repeat(2), repeat(2)]), 1, "another report, whose first answer was lost");
        let admit = || call(&Method::POST, "/api/v1/check-ins", door, 200);
        let undo = || call(&Method::DELETE, "/api/v1/check-ins/{id}", door, 204);
        assert_eq!(kept(NOW, vec![admit(), admit(), undo(), undo()]), 4);
    }

    #[test]
    fn a_path_of_any_length_makes_a_short_entry() {
        let long = "/ü".repeat(10_000);
        let call = Call { path: &long, ..call(&Method::POST, "/api/v1/shows", Some(Role::Admin), 201) };
        assert!(call.entry(Uuid::nil(), NOW).target.len() <= TARGET_MAX);
    }

    #[tokio::test]
    async fn a_handler_notes_its_caller() {
        let caller = KnownCaller { user: UserId(Uuid::nil()), role: Role::Staff, session: Uuid::nil() };
        let (answer, noted) = noting(async move {
            caller.note();
            7
        })
        .await;
        let role = noted.caller.map(|caller| caller.role);
        assert_eq!((answer, role, noted.unchanged), (7, Some(Role::Staff), None));
        caller.note();
        note_no_change("report");
        let ((), noted) = noting(async {}).await;
        assert!(noted.caller.is_none() && noted.unchanged.is_none());
        let ((), noted) = noting(async {
            note_no_change("report");
        })
        .await;
        assert!(noted.unchanged.is_some());
    }
}
