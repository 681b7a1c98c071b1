//! `DELETE /admin/parked/{id}`

use axum::{extract::State, http::StatusCode};
use ticketshow_http::{PathId, Problem, schema};
use ticketshow_nats::consumers::parked::ParkedId;

use crate::machinery::{app::App, authority::FreshStaff, failures::failed};

/// Discards a parked message for good. Messages waiting behind it are processed.
///
/// # Errors
///
/// 404 if it is not parked, 503 if its consumer is not running.
#[utoipa::path(
    delete,
    path = "/admin/parked/{id}",
    tag = "Administration",
    params(("id" = String, Path, example = "payment-1234")),
    responses(
        (status = 204),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn drop_parked(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    PathId(id): PathId<ParkedId>,
) -> Result<StatusCode, Problem> {
    // Checked first: without a running consumer, an unknown message would get 503 instead of 404.
    app.parked.get(&id).await.map_err(|failure| failed(&failure))?.ok_or_else(Problem::not_found)?;
    let parked = app.parked.drop(&id).await.map_err(|failure| failed(&failure))?;
    if !parked {
        return Err(Problem::not_found());
    }
    tracing::warn!(parked = %id, by = %caller.user, "a parked message was discarded");
    Ok(StatusCode::NO_CONTENT)
}
