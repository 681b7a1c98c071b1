//! `GET /admin/credits`

use axum::Json;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money};
use ticketshow_http::{Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    bookings::booking::Customer,
    machinery::{
        authority::Staff,
        formatting::Moment,
        page::{Page, Paging},
        reading::{Reading, Select},
        word::Word,
    },
};

/// State of a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CreditStatus {
    /// Waits for the approval of a second administrator.
    Pending,
    /// Paid in.
    Given,
}

/// A credit to the wallet of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Credit {
    credit_id: Uuid,
    customer: Customer,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// The customer reads it.
    reason: Option<String>,
    status: CreditStatus,
    /// The administrator who proposed it, or gave it alone.
    made_by: Option<Customer>,
    created_at: Moment,
    /// The administrator who gave or approved it; null as long as it is pending.
    given_by: Option<Customer>,
}

#[derive(FromRow)]
struct Row {
    credit_id: Uuid,
    customer_id: Uuid,
    customer_name: Option<String>,
    customer_email: Option<String>,
    amount_minor: i64,
    currency: Word<Currency>,
    reason: Option<String>,
    status: CreditStatus,
    made_by: Option<Uuid>,
    made_name: Option<String>,
    made_email: Option<String>,
    created_at: Moment,
    given_by: Option<Uuid>,
    given_name: Option<String>,
    given_email: Option<String>,
}

impl From<Row> for Credit {
    fn from(row: Row) -> Self {
        Self {
            credit_id: row.credit_id,
            customer: Customer::new(row.customer_id, row.customer_email, row.customer_name),
            amount: Money { amount_minor: row.amount_minor, currency: row.currency.0 },
            reason: row.reason,
            status: row.status,
            made_by: row.made_by.map(|user| Customer::new(user, row.made_email, row.made_name)),
            created_at: row.created_at,
            given_by: row.given_by.map(|user| Customer::new(user, row.given_email, row.given_name)),
        }
    }
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CreditFilter {
    /// Only credits with this status: those that are `pending` wait for `POST /admin/wallets/{user_id}/credits/{credit_id}/approval`.
    #[param(inline)]
    status: Option<CreditStatus>,
}

const SELECT: &str = "
    SELECT t.credit_id, t.customer_id, customer.name AS customer_name, customer.email AS customer_email, t.amount_minor,
        t.currency, t.reason, t.status, t.created_at, t.made_by, maker.name AS made_name, maker.email AS made_email,
        t.given_by, giver.name AS given_name, giver.email AS given_email
    FROM credits t
    LEFT JOIN accounts customer ON customer.user_id = t.customer_id
    LEFT JOIN accounts maker ON maker.user_id = t.made_by
    LEFT JOIN accounts giver ON giver.user_id = t.given_by
    WHERE ($1::text IS NULL OR t.status = $1)
      AND ($2::timestamptz IS NULL OR t.created_at <= $2 AND (t.created_at < $2 OR t.credit_id > $3::uuid))
    ORDER BY t.created_at DESC, t.credit_id LIMIT $4";

/// Lists the credits to wallets by administrators, newest first.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/credits",
    tag = "Administration",
    params(CreditFilter, Paging),
    responses((status = 200, body = Page<Credit>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_credits(
    _admitted: Staff,
    Params(filter): Params<CreditFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Credit>>, Problem> {
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(SELECT);
    let select = select.bind(filter.status).bind(before).bind(after_id).bind(paging.rows());
    let rows = reading.all(select).await?;
    Ok(Json(Page::new(rows, &paging, |row| (row.created_at, row.credit_id)).map(Credit::from)))
}
