//! `GET /admin/accounts`

use axum::Json;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json as Stored};
use ticketshow_domain::{UserId, account::Role};
use ticketshow_http::{Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    authority::Staff,
    formatting::Moment,
    page::{Page, Paging},
    reading::{Reading, Select},
    search_text::{SearchText, containing, text},
    word::Word,
};

/// An account, as administrators see it.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub struct AccountEntry {
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
    created_at: Moment,
    /// The account is closed: nobody signs in to it.
    disabled: bool,
    /// Reason that the administrator gave for closing it.
    disabled_reason: Option<String>,
    /// The person was erased: `erased` stands in place of address and name.
    erased: bool,
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// Part of the e-mail address or name, in any letter case.
    #[param(value_type = Option<String>)]
    q: Option<SearchText>,
}

/// Selects one account.
///
/// # Errors
///
/// 404 if there is no such account.
pub async fn account(reading: &mut Reading, user: UserId) -> Result<AccountEntry, Problem> {
    let select: Select<AccountEntry> = sqlx::query_as(
        "SELECT user_id, email, name, city, role, venues, created_at, disabled, disabled_reason, erased FROM accounts
         WHERE user_id = $1",
    );
    reading.one(select.bind(user.0)).await
}

/// Lists all accounts, newest first.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/accounts",
    tag = "Administration",
    params(AccountFilter, Paging),
    responses((status = 200, body = Page<AccountEntry>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_accounts(
    _admitted: Staff,
    Params(filter): Params<AccountFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<AccountEntry>>, Problem> {
    let (before, before_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<AccountEntry> = sqlx::query_as(
        "SELECT user_id, email, name, city, role, venues, created_at, disabled, disabled_reason, erased FROM accounts
         WHERE ($1::text IS NULL OR lower(email) LIKE lower($1) OR lower(name) LIKE lower($1))
           AND ($2::timestamptz IS NULL OR (created_at, user_id) < ($2, $3::uuid))
         ORDER BY created_at DESC, user_id DESC LIMIT $4",
    );
    let pattern = text(filter.q).filter(|text| !text.is_empty()).map(|text| containing(&text));
    // Planned for this text: a plan for any text would read every account.
    let select = select.persistent(false).bind(pattern).bind(before).bind(before_id).bind(paging.rows());
    let accounts = reading.all(select).await?;
    Ok(Json(Page::new(accounts, &paging, |account| (account.created_at, account.user_id))))
}
