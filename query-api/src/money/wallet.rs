//! `GET /wallet`, `GET /wallet/transactions`

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money, UserId};
use ticketshow_http::{Caller, Params, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::App,
    formatting::{Moment, money},
    page::{Page, Paging},
    reading::{Reading, Select},
};

/// The caller's wallet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Wallet {
    #[schema(value_type = schema::Money)]
    balance: Money,
}

/// Returns the balance of the caller's wallet.
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
    Ok(Json(Wallet { balance: balance_of(&mut reading, caller.user, app.parts.currency).await? }))
}

/// Selects the balance of a wallet.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn balance_of(
    reading: &mut Reading,
    customer: UserId,
    installation: Currency,
) -> Result<Money, Problem> {
    let select: Select<(i64, String)> =
        sqlx::query_as("SELECT balance_minor, currency FROM wallets WHERE customer_id = $1");
    Ok(balance(reading.find(select.bind(customer.0)).await?, installation))
}

/// Kind of a wallet transaction.
#[derive(Debug, Clone, Copy, Serialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum TransactionKind {
    TopUp,
    Payment,
    Refund,
    Credit,
}

/// An entry in the wallet's ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transaction {
    kind: TransactionKind,
    /// Payments are negative.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Balance after this entry.
    #[schema(value_type = schema::Money)]
    balance_after: Money,
    /// The booking concerned.
    booking_id: Option<Uuid>,
    reason: Option<String>,
    created_at: Moment,
}

/// The balance of a wallet's row; zero in the currency of the installation if the wallet was never used.
pub fn balance(row: Option<(i64, String)>, installation: Currency) -> Money {
    let (balance_minor, currency) =
        row.map_or((0, None), |(balance_minor, code)| (balance_minor, code.parse().ok()));
    money(balance_minor, currency.unwrap_or(installation))
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

/// Lists every transaction of the caller's wallet, newest first.
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
    let before = paging.after::<i64>()?.unwrap_or(i64::MAX);
    let rows = entries(&mut reading, caller.user, before, paging.rows()).await?;
    Ok(Json(Page::new(rows, &paging, |row| row.version).map(Transaction::from)))
}

/// Selects the newest transactions of a wallet.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn transactions_of(
    reading: &mut Reading,
    customer: UserId,
    most: i64,
) -> Result<Vec<Transaction>, Problem> {
    let rows = entries(reading, customer, i64::MAX, most).await?;
    Ok(rows.into_iter().map(Transaction::from).collect())
}

async fn entries(
    reading: &mut Reading,
    customer: UserId,
    before: i64,
    most: i64,
) -> Result<Vec<Row>, Problem> {
    let select: Select<Row> = sqlx::query_as(
        "SELECT version, kind, amount_minor, balance_after_minor, currency, booking_id, reason, created_at
         FROM wallet_entries WHERE customer_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3",
    );
    reading.all(select.bind(customer.0).bind(before).bind(most)).await
}
