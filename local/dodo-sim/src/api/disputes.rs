//! `/disputes`.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use crate::refusal::Refusal;
use crate::simulator::Simulator;
use crate::wire;

/// One dispute.
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
