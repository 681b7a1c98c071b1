//! What calls for a cascade say and are told.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use ticketshow_http::{Body, Problem};
use ticketshow_nats::Executed;
use utoipa::ToSchema;
use uuid::Uuid;

use ticketshow_http::StreamPosition;

/// Why, for the customers.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationReason {
    /// One line of at most 500 characters.
    #[schema(example = "The projector is broken.")]
    reason: Option<String>,
}

/// A cascade that is under way. How far it is, `GET /admin/cascades/{id}` tells.
#[derive(Serialize, ToSchema)]
pub struct BegunCascade {
    cascade_id: Uuid,
    /// `cancelled`, or `inactive` for a venue.
    #[schema(example = "cancelled")]
    status: &'static str,
}

/// What the body of a call says; it may be left out.
pub fn reason_of(body: Option<Body<CancellationReason>>) -> Option<String> {
    body.and_then(|Body(CancellationReason { reason })| reason)
}

/// The answer of a call that began a cascade, or found one that had begun.
///
/// # Errors
///
/// 404 if there is nothing to be cancelled.
pub fn begun(
    executed: &Executed<Option<Uuid>>,
    status: &'static str,
) -> Result<(StatusCode, StreamPosition, axum::Json<BegunCascade>), Problem> {
    let cascade_id = executed.answer.ok_or_else(Problem::not_found)?;
    let begun = axum::Json(BegunCascade { cascade_id, status });
    Ok((StatusCode::ACCEPTED, StreamPosition(executed.position), begun))
}
