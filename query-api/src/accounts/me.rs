//! `GET /me`, `GET /me/sessions`

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::{FromRow, types::Json as Stored};
use ticketshow_domain::{Language, Money, account::Role};
use ticketshow_http::{Caller, Problem, schema};
use ticketshow_nats::kv::sessions::Session;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    machinery::{
        app::App,
        failures::log_failed,
        formatting::Moment,
        page::Page,
        reading::{Reading, Select, answered},
        word::Word,
    },
    money::wallet::balance,
};

/// The caller's account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    user_id: Uuid,
    email: String,
    name: String,
    city: Option<String>,
    #[schema(value_type = schema::Role)]
    role: Word<Role>,
    /// Venues that the role is granted for; null for all of them.
    #[schema(value_type = Option<Vec<Uuid>>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    venues: Option<Stored<Vec<Uuid>>>,
    #[schema(value_type = schema::Money)]
    wallet_balance: Money,
    created_at: Moment,
    /// Signing in needs a second factor.
    second_factor: bool,
    /// Language of mails and tickets; null if none was chosen, which is English.
    #[schema(value_type = Option<schema::Language>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Word<Language>>,
    /// Sales come by mail each morning.
    sales_mail: bool,
    /// True if the person gets reminders by mail.
    reminders: bool,
}

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    email: String,
    name: String,
    city: Option<String>,
    role: Word<Role>,
    venues: Option<Stored<Vec<Uuid>>>,
    created_at: Moment,
    second_factor: bool,
    language: Option<Word<Language>>,
    sales_mail: bool,
    reminders: bool,
    balance_minor: Option<i64>,
    currency: Option<String>,
}

fn select(caller: &Caller) -> Select<Row> {
    let select: Select<Row> = sqlx::query_as(
        "SELECT a.user_id, a.email, a.name, a.city, a.role, a.venues, a.created_at, a.second_factor, a.language,
                a.sales_mail, COALESCE(r.wanted, true) AS reminders, w.balance_minor, w.currency
         FROM accounts a LEFT JOIN reminder_choices r ON r.account_key = a.account_key
         LEFT JOIN wallets w ON w.customer_id = a.user_id WHERE a.user_id = $1",
    );
    select.bind(caller.user.0)
}

/// Returns the caller's account.
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
        // The token proves that the account exists, so its row is about to be projected.
        drop(reading);
        app.tables.wait_until_found(|| answered(select(&caller).fetch_optional(app.tables.pool()))).await?
    };
    Ok(Json(Me {
        user_id: row.user_id,
        email: row.email,
        name: row.name,
        city: row.city,
        role: row.role,
        venues: row.venues,
        wallet_balance: balance(row.balance_minor.zip(row.currency), app.parts.currency),
        created_at: row.created_at,
        second_factor: row.second_factor,
        language: row.language,
        sales_mail: row.sales_mail,
        reminders: row.reminders,
    }))
}

/// A session: one browser in which the caller is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionEntry {
    session_id: Uuid,
    created_at: Moment,
    /// Time of the last token refresh.
    used_at: Moment,
    expires_at: Moment,
    /// `User-Agent` of the browser.
    user_agent: Option<String>,
    /// True for the session that made this call.
    current: bool,
}

/// Lists the caller's sessions, oldest first.
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
    let sessions = app
        .parts
        .sessions
        .list(&caller.account, app.parts.edge.now())
        .await
        .map_err(|failure| log_failed(&failure))?;
    let mut entries = Vec::with_capacity(sessions.len());
    for Session { id, created_at, used_at, expires_at, user_agent, .. } in sessions {
        let user_agent = match user_agent {
            Some(user_agent) => Some(app.shown(&user_agent).await?),
            None => None,
        };
        entries.push(SessionEntry {
            session_id: id,
            created_at: created_at.into(),
            used_at: used_at.into(),
            expires_at: expires_at.into(),
            user_agent,
            current: id == caller.session,
        });
    }
    Ok(Json(Page::whole(entries)))
}
