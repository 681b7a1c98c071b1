//! `GET /admin/reconciliation`: comparison of payments, bookings and wallets with each other, and of card payments with
//! the provider's reports. The sagas write these reports to the tables `sagas.provider_movements`, one row per capture or
//! refund, and `sagas.provider_disputes`; they may not exist yet.

pub mod open_refunds;
mod sums;
mod unmatched;

use axum::{Json, extract::State};
use jiff::SignedDuration;
use serde::Serialize;
use ticketshow_http::{Problem, schema};
use utoipa::ToSchema;

use crate::{
    machinery::{
        app::App,
        authority::Staff,
        formatting::Moment,
        reading::{Reading, Select},
    },
    money::any_payments::CustomersRefund,
};
use open_refunds::open_refunds;
use sums::{Sum, sums};
use unmatched::{Unmatched, unmatched};

/// Anything more recent may still be in progress and is not compared.
const SETTLING: SignedDuration = SignedDuration::from_mins(5);

/// Mismatches listed per comparison.
const LISTED_MAX: i64 = 200;

/// Totals of all money, and mismatches.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reconciliation {
    /// Anything after this time may still be in progress and is not compared.
    settled_before: Moment,
    /// Money captured, by payment method.
    captured: Vec<Sum>,
    /// Money refunded, by destination.
    refunded: Vec<Sum>,
    /// Refunds not completed yet, by destination.
    refunding: Vec<Sum>,
    /// Refunds requested more than an hour ago and not completed, the oldest first, at most 200.
    open_refunds: Vec<CustomersRefund>,
    /// Payments waiting for an administrator's decision, by method.
    in_review: Vec<Sum>,
    /// Transactions of all wallets, by kind; payments are negative.
    wallet_movements: Vec<Sum>,
    /// Total balance of all wallets.
    wallet_balance: Vec<Sum>,
    /// Captures and refunds reported by the provider; null if no reports are stored.
    provider: Option<Vec<Sum>>,
    /// Mismatches, oldest first, at most 200 each within our own records and against the provider. Empty when all is well.
    unmatched: Vec<Unmatched>,
}

/// Compares captures, refunds and wallet transactions with each other and with the provider's reports.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/reconciliation",
    tag = "Administration",
    responses((status = 200, body = Reconciliation), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn get_reconciliation(
    State(app): State<App>,
    _admitted: Staff,
    mut reading: Reading,
) -> Result<Json<Reconciliation>, Problem> {
    let now = app.parts.edge.now();
    let settled_before = now.checked_sub(SETTLING).map_err(|_| Problem::internal())?;
    let exists: Select<(bool,)> = sqlx::query_as("SELECT to_regclass('sagas.provider_sums') IS NOT NULL");
    let (has_reports,) = reading.one(exists).await?;
    let mut mismatches = unmatched(&mut reading, unmatched::OURS, settled_before, LISTED_MAX).await?;
    let mut provider = None;
    if has_reports {
        provider = Some(sums(&mut reading, sums::PROVIDER).await?);
        mismatches.extend(unmatched(&mut reading, unmatched::PROVIDER, settled_before, LISTED_MAX).await?);
    }
    Ok(Json(Reconciliation {
        settled_before: Moment::from(settled_before),
        captured: sums(&mut reading, sums::CAPTURED).await?,
        refunded: sums(&mut reading, sums::REFUNDED).await?,
        refunding: sums(&mut reading, sums::REFUNDING).await?,
        open_refunds: open_refunds(&mut reading, now).await?,
        in_review: sums(&mut reading, sums::IN_REVIEW).await?,
        wallet_movements: sums(&mut reading, sums::WALLET_MOVEMENTS).await?,
        wallet_balance: sums(&mut reading, sums::WALLET_BALANCE).await?,
        provider,
        unmatched: mismatches,
    }))
}
