//! `POST /admin/parked/{id}/retry`

use axum::{extract::State, http::StatusCode};
use ticketshow_http::{PathId, Problem, schema};
use ticketshow_nats::consumers::parked::ParkedId;

use crate::machinery::{app::App, authority::Staff, failures::failed};

/// Queues a parked message, and those waiting behind it, for a retry. A message that leaves the list has succeeded.
///
/// # Errors
///
/// 404 if it is not parked, 503 if its consumer is not running.
#[utoipa::path(
    post,
    path = "/admin/parked/{id}/retry",
    tag = "Administration",
    params(("id" = String, Path, example = "payment-1234")),
    responses(
        (status = 202, description = "queued for a retry"),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn retry_parked(
    State(app): State<App>,
    _: Staff,
    PathId(id): PathId<ParkedId>,
) -> Result<StatusCode, Problem> {
    // Checked first: without a running consumer, an unknown message would get 503 instead of 404.
    app.parked.get(&id).await.map_err(|failure| failed(&failure))?.ok_or_else(Problem::not_found)?;
    let parked = app.parked.retry(&id).await.map_err(|failure| failed(&failure))?;
    if parked { Ok(StatusCode::ACCEPTED) } else { Err(Problem::not_found()) }
}
