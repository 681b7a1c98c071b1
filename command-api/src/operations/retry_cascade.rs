//! `POST /admin/cascades/{id}/retry`

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_http::{PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::FreshStaff, failures::failed};

/// Number of retries queued.
#[derive(Serialize, ToSchema)]
pub struct RetriedCascade {
    cascade_id: Uuid,
    /// Parked messages of the cascade that were queued for a retry, not counting those waiting behind them.
    retried: usize,
}

/// Queues everything that failed in a cascade for a retry. `GET /admin/cascades/{id}` shows the result.
///
/// # Errors
///
/// 404, 503 if a consumer of the parked messages is not running.
#[utoipa::path(
    post,
    path = "/admin/cascades/{id}/retry",
    tag = "Administration",
    params(("id" = Uuid, Path)),
    responses(
        (status = 202, description = "queued for a retry", body = RetriedCascade),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn retry_cascade(
    State(app): State<App>,
    _: FreshStaff,
    PathId(cascade): PathId<Uuid>,
) -> Result<(StatusCode, Json<RetriedCascade>), Problem> {
    app.routing.check_cascade(cascade).await?;
    let parked = app.parked_cascades.list().await.map_err(|failure| failed(&failure))?;
    let mut retried = 0;
    for (_, message) in parked.into_iter().filter(|(of, _)| *of == cascade) {
        let found = app.parked.retry(&message.id).await.map_err(|failure| failed(&failure))?;
        retried += usize::from(found);
    }
    Ok((StatusCode::ACCEPTED, Json(RetriedCascade { cascade_id: cascade, retried })))
}
