//! `GET /me/export`

use axum::{Json, extract::FromRequestParts, extract::State, http::request::Parts};
use serde::Serialize;
use serde_json::Value;
use ticketshow_domain::UserId;
use ticketshow_http::{Caller, Problem, schema};
use ticketshow_nats::consumers::{audit::AuditFilter, mail::MailFilter};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    machinery::{
        app::App,
        failures::log_failed,
        formatting::Moment,
        reading::{Reading, Select},
    },
    operations::aggregate_history::{PastEvent, events_of_account},
};

/// Most entries of each list.
const ENTRIES_MAX: usize = 10_000;

/// Everything kept about a person. The objects have the form in which they are kept, which may change between releases.
#[derive(Debug, Serialize, ToSchema)]
pub struct Export {
    exported_at: Moment,
    /// True if no list was cut; each has at most 10,000 entries, the newest.
    complete: bool,
    /// The account as it is now.
    #[schema(value_type = Object)]
    account: Value,
    /// Events of the account: registration, changes of the profile, the password and the role.
    account_history: Vec<PastEvent>,
    /// Notes of staff about the bookings.
    #[schema(value_type = Vec<Object>)]
    notes: Vec<Value>,
    /// Places on waiting lists, also those that are over.
    #[schema(value_type = Vec<Object>)]
    waiting_places: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    sessions: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    bookings: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    payments: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    wallets: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    wallet_entries: Vec<Value>,
    /// Credits of the house to the wallet, also those that wait for a second administrator.
    #[schema(value_type = Vec<Object>)]
    credits: Vec<Value>,
    /// Invoices and credit notes.
    #[schema(value_type = Vec<Object>)]
    invoices: Vec<Value>,
    /// Mails sent to the person, without their texts, which are made from the other entries.
    #[schema(value_type = Vec<Object>)]
    mails: Vec<Value>,
    /// Entries of the security log about the person.
    #[schema(value_type = Vec<Object>)]
    security_log: Vec<Value>,
}

/// A caller within the quota of exports, else 429, who has recently confirmed their identity if that is required,
/// else 403. Checked before a connection to the read models is taken.
pub struct Exporter(Caller);

impl FromRequestParts<App> for Exporter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        let edge = &app.parts.edge;
        if let Some(fresh) = edge.demands.fresh {
            let session = app.parts.sessions.get(&caller.account, caller.session, edge.now()).await;
            let session = session.map_err(|failure| log_failed(&failure))?;
            let session = session.ok_or_else(Problem::unauthorized)?;
            if edge.now().duration_since(session.proved_at()) > fresh {
                return Err(Problem::confirmation_needed());
            }
        }
        caller.take(&edge.limiters.exports_per_user, edge.now())?;
        Ok(Self(caller))
    }
}

/// Returns everything kept about the caller.
///
/// # Errors
///
/// 401 without a token; 403 `confirmation-needed` in production, unless the caller has lately signed in or confirmed; 429 after a few
/// calls a day.
#[utoipa::path(
    get,
    path = "/me/export",
    tag = "Accounts",
    responses(
        (status = 200, body = Export),
        (status = 403, description = "`confirmation-needed`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn export_me(
    State(app): State<App>,
    Exporter(caller): Exporter,
    mut reading: Reading,
) -> Result<Json<Export>, Problem> {
    let user = caller.user;
    let account = rows(&mut reading, "SELECT to_jsonb(t) FROM accounts t WHERE user_id = $1 LIMIT $2", user);
    let account = account.await?.pop().ok_or_else(Problem::read_model_behind)?;
    let of_customer = [
        "SELECT to_jsonb(t) FROM bookings t WHERE customer_id = $1 ORDER BY created_at DESC LIMIT $2",
        "SELECT to_jsonb(t) FROM payments t WHERE customer_id = $1 ORDER BY created_at DESC LIMIT $2",
        "SELECT to_jsonb(t) FROM wallets t WHERE customer_id = $1 LIMIT $2",
        "SELECT to_jsonb(t) FROM wallet_entries t WHERE customer_id = $1 ORDER BY version DESC LIMIT $2",
        "SELECT to_jsonb(t) FROM booking_notes t WHERE customer_id = $1 ORDER BY created_at DESC LIMIT $2",
        "SELECT to_jsonb(t) FROM waiting_places t WHERE customer_id = $1 ORDER BY created_at DESC LIMIT $2",
        "SELECT to_jsonb(t) FROM credits t WHERE customer_id = $1 ORDER BY created_at DESC LIMIT $2",
        "SELECT to_jsonb(t) FROM invoices t WHERE customer_id = $1 ORDER BY version DESC LIMIT $2",
    ];
    let mut lists = Vec::with_capacity(of_customer.len());
    for select in of_customer {
        lists.push(rows(&mut reading, select, user).await?);
    }
    // Return the connection to the pool before reading the log.
    drop(reading);
    let failed = |failure| log_failed(&failure);
    let now = app.parts.edge.now();
    let sessions = app.parts.sessions.list(&caller.account, now).await.map_err(failed)?;
    let sessions = sessions.into_iter().map(|session| {
        serde_json::json!({
            "session_id": session.id, "created_at": session.created_at, "used_at": session.used_at,
            "expires_at": session.expires_at, "user_agent": session.user_agent,
        })
    });
    lists.push(sessions.collect());
    let filter = MailFilter { recipient: Some(user), ..MailFilter::default() };
    let mails = app.parts.mails.list(filter, None, ENTRIES_MAX + 1).await.map_err(failed)?;
    lists.push(mails.iter().map(|listed| serde_json::to_value(&listed.entry).unwrap_or_default()).collect());
    lists.push(security_log(&app, user).await?);
    for entry in lists.iter_mut().flatten() {
        app.unseal(entry).await?;
    }
    let account_history = events_of_account(&app, &caller.account).await?;

    let complete = lists.iter().all(|list| list.len() <= ENTRIES_MAX);
    let mut lists = lists.into_iter().map(|mut list| {
        list.truncate(ENTRIES_MAX);
        list
    });
    let mut next = || lists.next().unwrap_or_default();
    Ok(Json(Export {
        exported_at: now.into(),
        complete,
        account,
        account_history,
        bookings: next(),
        payments: next(),
        wallets: next(),
        wallet_entries: next(),
        notes: next(),
        waiting_places: next(),
        credits: next(),
        invoices: next(),
        sessions: next(),
        mails: next(),
        security_log: next(),
    }))
}

/// Selects rows as JSON, so that a column that is added later is exported too.
async fn rows(reading: &mut Reading, select: &'static str, user: UserId) -> Result<Vec<Value>, Problem> {
    let select: Select<(Value,)> = sqlx::query_as(select);
    let rows = i64::try_from(ENTRIES_MAX).unwrap_or(i64::MAX) + 1;
    let rows = reading.all(select.bind::<Uuid>(user.0).bind(rows)).await?;
    Ok(rows.into_iter().map(|(row,)| row).collect())
}

async fn security_log(app: &App, user: UserId) -> Result<Vec<Value>, Problem> {
    let filter = AuditFilter { actor: Some(user), ..AuditFilter::default() };
    let (mut entries, mut before) = (Vec::new(), None);
    while entries.len() <= ENTRIES_MAX {
        let page = app.parts.audit.list(&filter, before, ENTRIES_MAX + 1 - entries.len()).await;
        let page = page.map_err(|failure| log_failed(&failure))?;
        entries.extend(page.entries.iter().map(|entry| serde_json::to_value(entry).unwrap_or_default()));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    Ok(entries)
}
