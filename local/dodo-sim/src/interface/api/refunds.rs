//! `/refunds`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::Value;

use crate::{
    interface::{
        api::{body::Body, listing::Listing},
        wire,
    },
    refusal::Refusal,
    rules::refunding::RefundRequest,
    simulator::Simulator,
};

/// Requests a refund. Not idempotent: a repeated request for a part creates a second refund.
///
/// # Errors
///
/// 400, 404, 422.
pub async fn request(
    State(simulator): State<Simulator>,
    Body(request): Body<RefundRequest>,
) -> Result<Json<Value>, Refusal> {
    simulator.change(|world| {
        let refund = world.refund(request)?;
        Ok(Json(wire::refund(&world.book, &refund)))
    })
}

/// Returns the matching refunds, newest first. The provider has no filter by payment, and lists no metadata.
pub async fn list(State(simulator): State<Simulator>, listing: Listing) -> Json<Value> {
    let world = simulator.world();
    let found = world.book.refunds().filter(|refund| {
        let payer = world.book.payment(&refund.payment_id).map(|payment| payment.customer_id.as_str());
        listing.covers(refund.created_at)
            && listing.wants("status", refund.status.name())
            && listing.wants("customer_id", payer.unwrap_or_default())
    });
    listing.page(found.collect(), |refund| refund.created_at, wire::listed_refund)
}

/// Returns a refund.
///
/// # Errors
///
/// 404.
pub async fn show(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let world = simulator.world();
    let refund = world.book.refund(&id).ok_or_else(|| Refusal::not_found("Refund"))?;
    Ok(Json(wire::refund(&world.book, refund)))
}
