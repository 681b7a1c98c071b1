//! `POST /admin/cascades/{id}/retry`

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_http::{Administrator, PathId, Problem, schema};
use ticketshow_nats::ParkedMessage;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, failures::failed};

/// Parked messages that are looked at.
const LOOKED_AT_MAX: usize = 10_000;

/// What is tried again.
#[derive(Serialize, ToSchema)]
pub struct RetriedCascade {
    cascade_id: Uuid,
    /// Parked messages of the cascade that get another try; those behind them come with them.
    retried: usize,
}

/// Asks for another try of everything that failed in a cascade. Whether it worked is seen in `GET /admin/cascades/{id}`.
///
/// # Errors
///
/// 404, 503 if nobody works off what is parked.
#[utoipa::path(
    post,
    path = "/admin/cascades/{id}/retry",
    tag = "Administration",
    params(("id" = Uuid, Path)),
    responses(
        (status = 202, description = "queued", body = RetriedCascade),
        (status = 404, description = "`not-found`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn retry_cascade(
    State(app): State<App>,
    _: Administrator,
    PathId(cascade): PathId<Uuid>,
) -> Result<(StatusCode, Json<RetriedCascade>), Problem> {
    app.routing.check_cascade(cascade).await?;
    let parked = app.parked.list(None, LOOKED_AT_MAX).await.map_err(|failure| failed(&failure))?;
    let mut retried = 0;
    for message in parked {
        if is_part_of(&app, &message, cascade).await? {
            let found = app.parked.retry(&message.id).await.map_err(|failure| failed(&failure))?;
            retried += usize::from(found);
        }
    }
    Ok((StatusCode::ACCEPTED, Json(RetriedCascade { cascade_id: cascade, retried })))
}

async fn is_part_of(app: &App, message: &ParkedMessage, cascade: Uuid) -> Result<bool, Problem> {
    let commit = app.log.commit_at(message.id.position).await.map_err(|failure| failed(&failure))?;
    let Some(commit) = commit else { return Ok(false) };
    let events = commit.events().map_err(|error| failed(&error.into()))?;
    Ok(events.iter().any(|recorded| recorded.event.cascade() == Some(cascade)))
}
