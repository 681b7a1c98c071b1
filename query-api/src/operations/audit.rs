//! `GET /admin/audit`

use std::collections::HashMap;

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{UserId, account::Role, audit::AuditEntry};
use ticketshow_http::{Params, Problem, schema};
use ticketshow_nats::consumers::audit::{AuditFilter, AuditPlace};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    app::App,
    authority::Staff,
    failures::log_failed,
    formatting::Moment,
    page::{Page, Paging, cursor},
    reading::{Reading, Select},
};

/// An entry of the security log.
#[derive(Debug, Serialize, ToSchema)]
pub struct Act {
    audit_id: Uuid,
    at: Moment,
    /// Method and route.
    #[schema(example = "PUT /admin/accounts/{user_id}/role")]
    action: String,
    /// The path with its ids.
    target: String,
    /// The caller; null if nobody was signed in.
    actor: Option<Actor>,
    /// The caller's session.
    session_id: Option<Uuid>,
    /// The caller's network: an IPv4 address, or the /64 of an IPv6 address.
    network: String,
    /// `done`, or the slug of the problem.
    outcome: String,
    /// HTTP status.
    status: u16,
    /// Id of everything that followed from the call, in the log of events too.
    correlation_id: Uuid,
}

/// A caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Actor {
    user_id: Uuid,
    /// Role at that time.
    #[schema(value_type = Option<schema::Role>)]
    role: Option<Role>,
    /// Present name; null if the account is unknown.
    name: Option<String>,
    email: Option<String>,
}

#[derive(FromRow)]
struct Named {
    user_id: Uuid,
    name: String,
    email: String,
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActFilter {
    /// Only acts of this user.
    #[param(value_type = Option<Uuid>)]
    actor: Option<UserId>,
    /// Only acts whose method and route contain this text, in any letter case.
    #[param(example = "credits")]
    action: Option<String>,
    /// Only acts at or after this time.
    #[param(value_type = Option<String>, example = "2026-01-01T00:00:00Z")]
    from: Option<Timestamp>,
    /// Only acts before this time.
    #[param(value_type = Option<String>, example = "2026-02-01T00:00:00Z")]
    to: Option<Timestamp>,
}

/// Lists the security log, newest first: sign-ins and their failures, refusals, and every act of staff and administrators. A
/// page may be short although there is a next one.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/audit",
    tag = "Administration",
    params(ActFilter, Paging),
    responses((status = 200, body = Page<Act>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_audit(
    State(app): State<App>,
    _admitted: Staff,
    Params(ActFilter { actor, action, from, to }): Params<ActFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Act>>, Problem> {
    let before = paging.after::<AuditPlace>()?;
    let filter = AuditFilter { actor, action, from, to };
    let found = app.parts.audit.list(&filter, before, paging.limit()).await;
    let found = found.map_err(|failure| log_failed(&failure))?;
    let actors: Vec<Uuid> = found.entries.iter().filter_map(|entry| Some(entry.actor?.0)).collect();
    let select: Select<Named> =
        sqlx::query_as("SELECT user_id, name, email FROM accounts WHERE user_id = ANY($1)");
    let named = reading.all(select.bind(actors)).await?;
    let named: HashMap<Uuid, Named> = named.into_iter().map(|named| (named.user_id, named)).collect();
    let items = found.entries.into_iter().map(|entry| act(entry, &named)).collect();
    Ok(Json(Page { items, next_cursor: found.next.map(|next| cursor(&next)) }))
}

fn act(entry: AuditEntry, named: &HashMap<Uuid, Named>) -> Act {
    let actor = entry.actor.map(|actor| {
        let account = named.get(&actor.0);
        Actor {
            user_id: actor.0,
            role: entry.role,
            name: account.map(|account| account.name.clone()),
            email: account.map(|account| account.email.clone()),
        }
    });
    Act {
        audit_id: entry.id,
        at: entry.at.into(),
        action: entry.action,
        target: entry.target,
        actor,
        session_id: entry.session,
        network: entry.network,
        outcome: entry.outcome,
        status: entry.status,
        correlation_id: entry.correlation,
    }
}
