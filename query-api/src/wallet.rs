//! `GET /wallet`, `GET /wallet/transactions`

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money};
use ticketshow_http::{Caller, Params, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    me::balance,
    page::{Page, Paging},
    reading::{Reading, Select},
    told::{Moment, money},
};

/// The caller's money in the house.
#[derive(Debug, Serialize, ToSchema)]
pub struct Wallet {
    #[schema(value_type = schema::Money)]
    balance: Money,
}

/// What the caller's wallet holds.
///
/// # Errors
///
/// 401 without a token.
#[utoipa::path(
    get,
    path = "/wallet",
    tag = "Booking and money",
    responses((status = 200, body = Wallet), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn get_wallet(
    State(app): State<App>,
    caller: Caller,
    mut reading: Reading,
) -> Result<Json<Wallet>, Problem> {
    let select: Select<(i64, String)> =
        sqlx::query_as("SELECT balance_minor, currency FROM wallets WHERE customer_id = $1");
    let row = reading.find(select.bind(caller.user.0)).await?;
    Ok(Json(Wallet { balance: balance(row, app.currency) }))
}

/// What kind of movement.
#[derive(Debug, Clone, Copy, Serialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum TransactionKind {
    TopUp,
    Payment,
    Refund,
    Credit,
}

/// One line of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transaction {
    kind: TransactionKind,
    /// Payments are negative.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// What the wallet held after it.
    #[schema(value_type = schema::Money)]
    balance_after: Money,
    /// The booking that it is about.
    booking_id: Option<Uuid>,
    reason: Option<String>,
    created_at: Moment,
}

#[derive(FromRow)]
struct Row {
    version: i64,
    kind: TransactionKind,
    amount_minor: i64,
    balance_after_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    booking_id: Option<Uuid>,
    reason: Option<String>,
    created_at: Moment,
}

impl From<Row> for Transaction {
    fn from(row: Row) -> Self {
        Self {
            kind: row.kind,
            amount: money(row.amount_minor, row.currency),
            balance_after: money(row.balance_after_minor, row.currency),
            booking_id: row.booking_id,
            reason: row.reason,
            created_at: row.created_at,
        }
    }
}

/// Every movement of the caller's wallet, newest first.
///
/// # Errors
///
/// 401 without a token.
#[utoipa::path(
    get,
    path = "/wallet/transactions",
    tag = "Booking and money",
    params(Paging),
    responses((status = 200, body = Page<Transaction>), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn list_transactions(
    caller: Caller,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Transaction>>, Problem> {
    let select: Select<Row> = sqlx::query_as(
        "SELECT version, kind, amount_minor, balance_after_minor, currency, booking_id, reason, created_at
         FROM wallet_entries WHERE customer_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3",
    );
    let before = paging.after::<i64>()?.unwrap_or(i64::MAX);
    let rows = reading.all(select.bind(caller.user.0).bind(before).bind(paging.rows())).await?;
    Ok(Json(Page::new(rows, &paging, |row| row.version).map(Transaction::from)))
}
