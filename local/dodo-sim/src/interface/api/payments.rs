//! `/payments`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::Value;

use crate::{
    interface::{api::listing::Listing, wire},
    refusal::Refusal,
    simulator::Simulator,
    state::settings::BRAND_ID,
};

/// Returns the matching payments, newest first.
pub async fn list(State(simulator): State<Simulator>, listing: Listing) -> Json<Value> {
    let world = simulator.world();
    let found = world.book.payments().filter(|payment| {
        listing.covers(payment.created_at)
            && listing.wants("status", payment.status.name())
            && listing.wants("customer_id", &payment.customer_id)
            && listing.wants("currency", &payment.currency)
            && listing.wants("brand_id", BRAND_ID)
            && payment.lines.iter().any(|line| listing.wants("product_id", &line.product_id))
    });
    let show = |payment| wire::listed_payment(&world.book, payment);
    listing.page(found.collect(), |payment| payment.created_at, show)
}

/// Returns a payment with its refunds and disputes.
///
/// # Errors
///
/// 404.
pub async fn show(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let world = simulator.world();
    let payment = world.book.payment(&id).ok_or_else(|| Refusal::not_found("Payment"))?;
    Ok(Json(wire::payment(&world.book, payment)))
}

/// Returns the lines of a payment with the refundable amount of each.
///
/// # Errors
///
/// 404.
pub async fn line_items(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let world = simulator.world();
    let payment = world.book.payment(&id).ok_or_else(|| Refusal::not_found("Payment"))?;
    let left = world.left_of(payment);
    Ok(Json(wire::line_items(payment, |product| left.get(product).copied().unwrap_or(0))))
}
