//! Request and answer of the endpoints that start a cascade.

use axum::{Json, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::Decider;
use ticketshow_http::{Body, Problem, StreamPosition};
use ticketshow_nats::{executor::outcome::Executed, log::metadata::Metadata};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, refusals::Refuse};

/// The reason, shown to customers.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationReason {
    /// One line of at most 500 characters.
    #[schema(example = "The projector is broken.")]
    reason: Option<String>,
}

/// A cascade in progress. `GET /admin/cascades/{id}` reports its progress.
#[derive(Serialize, ToSchema)]
pub struct BegunCascade {
    cascade_id: Uuid,
    /// `cancelled`, or `inactive` for a venue.
    #[schema(example = "cancelled")]
    status: &'static str,
}

/// Answer of an endpoint that starts a cascade.
pub type Begun = (StatusCode, StreamPosition, Json<BegunCascade>);

impl App {
    /// Sends an aggregate the command that starts a cascade, and answers with `status`. `cascade_of` returns the aggregate's
    /// current cascade.
    ///
    /// # Errors
    ///
    /// A refusal; 404 if there is nothing to cancel.
    pub(crate) async fn begin_cascade<A>(
        &self,
        id: &A::Id,
        metadata: Metadata,
        body: Option<Body<CancellationReason>>,
        status: &'static str,
        command: impl FnOnce(Uuid, Option<String>) -> A::Command,
        cascade_of: fn(&A) -> Option<Uuid>,
    ) -> Result<Begun, Problem>
    where
        A: Decider<Refusal: Refuse>,
    {
        let command = command((self.edge.new_id)(), reason_of(body));
        answer(&self.execute(id, command, metadata, cascade_of).await?, status)
    }
}

/// The reason in an optional body.
pub fn reason_of(body: Option<Body<CancellationReason>>) -> Option<String> {
    body.and_then(|Body(CancellationReason { reason })| reason)
}

/// The answer to a call that started a cascade or found it started.
///
/// # Errors
///
/// 404 if there is nothing to cancel.
pub fn answer(executed: &Executed<Option<Uuid>>, status: &'static str) -> Result<Begun, Problem> {
    let cascade_id = executed.answer.ok_or_else(Problem::not_found)?;
    let begun = Json(BegunCascade { cascade_id, status });
    Ok((StatusCode::ACCEPTED, StreamPosition(executed.position), begun))
}
