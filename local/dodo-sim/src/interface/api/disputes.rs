//! `/disputes`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::Value;

use crate::{interface::wire, refusal::Refusal, simulator::Simulator};

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
