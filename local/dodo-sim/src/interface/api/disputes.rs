//! `/disputes`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::Value;

use crate::{
    interface::{api::listing::Listing, wire},
    refusal::Refusal,
    simulator::Simulator,
};

/// Returns the matching disputes, newest first.
pub async fn list(State(simulator): State<Simulator>, listing: Listing) -> Json<Value> {
    let world = simulator.world();
    let found = world.book.disputes().filter(|dispute| {
        listing.covers(dispute.created_at) && listing.wants("dispute_status", dispute.status.name())
    });
    listing.page(
        found.collect(),
        |dispute| dispute.created_at,
        |found| wire::listed_dispute(&world.book, found),
    )
}

/// Returns a dispute.
///
/// # Errors
///
/// 404.
pub async fn show(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let world = simulator.world();
    let dispute = world.book.dispute(&id).ok_or_else(|| Refusal::not_found("Dispute"))?;
    Ok(Json(wire::dispute(&world.book, dispute)))
}
