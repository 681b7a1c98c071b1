//! `POST /admin/parked/{id}/retry`

use axum::{extract::State, http::StatusCode};
use ticketshow_http::{Administrator, PathId, Problem, schema};
use ticketshow_nats::ParkedId;

use crate::{App, failures::failed};

/// Asks for another try of a parked message and of those that wait behind it. Whether it worked is seen in the list.
///
/// # Errors
///
/// 404 if it is not parked, 503 if nobody works off its consumer.
#[utoipa::path(
    post,
    path = "/admin/parked/{id}/retry",
    tag = "Administration",
    params(("id" = String, Path, example = "payment-1234")),
    responses(
        (status = 202, description = "queued"),
        (status = 404, description = "`not-found`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn retry_parked(
    State(app): State<App>,
    _: Administrator,
    PathId(id): PathId<ParkedId>,
) -> Result<StatusCode, Problem> {
    // Asked first: its consumer may have nobody who could tell that there is no such message.
    app.parked.get(&id).await.map_err(|failure| failed(&failure))?.ok_or_else(Problem::not_found)?;
    let parked = app.parked.retry(&id).await.map_err(|failure| failed(&failure))?;
    if parked { Ok(StatusCode::ACCEPTED) } else { Err(Problem::not_found()) }
}
