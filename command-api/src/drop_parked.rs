//! `DELETE /admin/parked/{id}`

use axum::{extract::State, http::StatusCode};
use ticketshow_http::{Administrator, PathId, Problem, schema};
use ticketshow_nats::ParkedId;

use crate::{App, failures::failed};

/// Gives a parked message up for good; what waits behind it goes on.
///
/// # Errors
///
/// 404 if it is not parked, 503 if nobody works off its consumer.
#[utoipa::path(
    delete,
    path = "/admin/parked/{id}",
    tag = "Administration",
    params(("id" = String, Path, example = "payment-1234")),
    responses(
        (status = 204),
        (status = 404, description = "`not-found`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn drop_parked(
    State(app): State<App>,
    Administrator(caller): Administrator,
    PathId(id): PathId<ParkedId>,
) -> Result<StatusCode, Problem> {
    // Asked first: its consumer may have nobody who could tell that there is no such message.
    app.parked.get(&id).await.map_err(|failure| failed(&failure))?.ok_or_else(Problem::not_found)?;
    let parked = app.parked.drop(&id).await.map_err(|failure| failed(&failure))?;
    if !parked {
        return Err(Problem::not_found());
    }
    tracing::warn!(parked = %id, by = %caller.user, "a parked message was given up");
    Ok(StatusCode::NO_CONTENT)
}
