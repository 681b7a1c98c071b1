//! `GET /admin/reconciliation`: whether all money is where it belongs. Payments, bookings and wallets are compared with each
//! other, and the card payments with what the provider reported: the table `sagas.provider_movements`, which the sagas
//! keep (one row a capture or refund of the provider, by its id), and which is only read here.

mod sums;
mod unmatched;

use axum::{Json, extract::State};
use jiff::SignedDuration;
use serde::Serialize;
use ticketshow_http::{Administrator, Problem, schema};
use utoipa::ToSchema;

use crate::{
    App,
    reading::{Reading, Select},
    told::Moment,
};
use sums::{Sum, sums};
use unmatched::{Unmatched, unmatched};

/// What began more recently is under way, and nothing is missing yet.
const SETTLING: SignedDuration = SignedDuration::from_mins(5);

/// Rows that are listed.
const LISTED_MAX: i64 = 200;

/// All money, and what does not add up.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reconciliation {
    /// What began after that is under way, and not looked at.
    settled_before: Moment,
    /// Money taken, by method.
    captured: Vec<Sum>,
    /// Money given back, by where it went.
    refunded: Vec<Sum>,
    /// Money that is still to go back, by where it goes.
    refunding: Vec<Sum>,
    /// Money that waits for an administrator's decision.
    in_review: Vec<Sum>,
    /// Movements of all wallets by their kind; payments are negative.
    wallet_movements: Vec<Sum>,
    /// What all wallets hold together.
    wallet_balance: Vec<Sum>,
    /// What the provider reported, by kind; null while nothing of it is kept.
    provider: Option<Vec<Sum>>,
    /// What does not add up, the oldest first, the first 200: none when all is well.
    unmatched: Vec<Unmatched>,
}

/// Captures, refunds and wallet movements against each other and against the provider.
///
/// # Errors
///
/// 403 for anybody but administrators.
#[utoipa::path(
    get,
    path = "/admin/reconciliation",
    tag = "Administration",
    responses((status = 200, body = Reconciliation), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn get_reconciliation(
    State(app): State<App>,
    _admitted: Administrator,
    mut reading: Reading,
) -> Result<Json<Reconciliation>, Problem> {
    let settled_before = app.edge.now().checked_sub(SETTLING).map_err(|_| Problem::internal())?;
    let kept: Select<(bool,)> = sqlx::query_as("SELECT to_regclass('sagas.provider_movements') IS NOT NULL");
    let (provider_is_kept,) = reading.one(kept).await?;
    let mut found = unmatched(&mut reading, unmatched::OURS, settled_before, LISTED_MAX).await?;
    let mut provider = None;
    if provider_is_kept {
        provider = Some(sums(&mut reading, sums::PROVIDER).await?);
        found.extend(unmatched(&mut reading, unmatched::PROVIDER, settled_before, LISTED_MAX).await?);
    }
    Ok(Json(Reconciliation {
        settled_before: Moment::from(settled_before),
        captured: sums(&mut reading, sums::CAPTURED).await?,
        refunded: sums(&mut reading, sums::REFUNDED).await?,
        refunding: sums(&mut reading, sums::REFUNDING).await?,
        in_review: sums(&mut reading, sums::IN_REVIEW).await?,
        wallet_movements: sums(&mut reading, sums::WALLET_MOVEMENTS).await?,
        wallet_balance: sums(&mut reading, sums::WALLET_BALANCE).await?,
        provider,
        unmatched: found,
    }))
}
