//! `GET /me`, `GET /me/sessions`

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money};
use ticketshow_http::{Caller, Problem, schema};
use ticketshow_nats::Session;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    failures::no_log,
    page::Page,
    reading::{Reading, Select, answered},
    told::{Moment, money},
};

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    user_id: Uuid,
    email: String,
    name: String,
    city: Option<String>,
    #[schema(value_type = schema::Role)]
    role: String,
    #[schema(value_type = schema::Money)]
    wallet_balance: Money,
    created_at: Moment,
}

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    email: String,
    name: String,
    city: Option<String>,
    role: String,
    created_at: Moment,
    balance_minor: Option<i64>,
    currency: Option<String>,
}

fn select(caller: &Caller) -> Select<Row> {
    let select: Select<Row> = sqlx::query_as(
        "SELECT a.user_id, a.email, a.name, a.city, a.role, a.created_at, w.balance_minor, w.currency
         FROM accounts a LEFT JOIN wallets w ON w.customer_id = a.user_id WHERE a.user_id = $1",
    );
    select.bind(caller.user.0)
}

/// What a wallet holds; nothing, in the installation's currency, if nothing ever was in it.
pub fn balance(row: Option<(i64, String)>, installation: Currency) -> Money {
    let (balance_minor, currency) =
        row.map_or((0, None), |(balance_minor, code)| (balance_minor, code.parse().ok()));
    money(balance_minor, currency.unwrap_or(installation))
}

/// The caller's account.
///
/// # Errors
///
/// 401 without a token.
#[utoipa::path(
    get,
    path = "/me",
    tag = "Accounts",
    responses((status = 200, body = Me), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn get_me(
    State(app): State<App>,
    caller: Caller,
    mut reading: Reading,
) -> Result<Json<Me>, Problem> {
    let row = if let Some(row) = reading.find(select(&caller)).await? {
        row
    } else {
        // The token proves that the account is there, so its row is on its way.
        drop(reading);
        app.tables.found(|| answered(select(&caller).fetch_optional(app.tables.pool()))).await?
    };
    Ok(Json(Me {
        user_id: row.user_id,
        email: row.email,
        name: row.name,
        city: row.city,
        role: row.role,
        wallet_balance: balance(row.balance_minor.zip(row.currency), app.currency),
        created_at: row.created_at,
    }))
}

/// A browser in which the caller is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionEntry {
    session_id: Uuid,
    created_at: Moment,
    /// When its token was last refreshed.
    used_at: Moment,
    expires_at: Moment,
    /// What the browser calls itself.
    user_agent: Option<String>,
    /// Whether this call came from it.
    current: bool,
}

/// The caller's sessions, oldest first.
///
/// # Errors
///
/// 401 without a token.
#[utoipa::path(
    get,
    path = "/me/sessions",
    tag = "Accounts",
    responses((status = 200, body = Page<SessionEntry>), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn list_sessions(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Page<SessionEntry>>, Problem> {
    let sessions =
        app.sessions.list(&caller.account, app.edge.now()).await.map_err(|failure| no_log(&failure))?;
    let entry = |session: Session| SessionEntry {
        session_id: session.id,
        created_at: session.created_at.into(),
        used_at: session.used_at.into(),
        expires_at: session.expires_at.into(),
        user_agent: session.user_agent,
        current: session.id == caller.session,
    };
    Ok(Json(Page::whole(sessions.into_iter().map(entry).collect())))
}
