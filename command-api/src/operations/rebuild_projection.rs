//! `POST /admin/projections/{name}/rebuild`

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_http::{Administrator, PathId, Problem, schema};
use ticketshow_nats::RebuildAnswer;
use utoipa::ToSchema;

use crate::machinery::{app::App, failures::failed};

/// A rebuild that is under way. How far it is, `GET /admin/projections` tells.
#[derive(Serialize, ToSchema)]
pub struct BegunRebuild {
    #[schema(example = "read-models")]
    name: String,
    /// Whether one was running already, which this call then joined.
    already_running: bool,
}

/// Builds the tables of a projection anew from the log, beside the live ones, and swaps them.
///
/// # Errors
///
/// 404 if there is no such projection, 503 if no projector is active.
#[utoipa::path(
    post,
    path = "/admin/projections/{name}/rebuild",
    tag = "Administration",
    params(("name" = String, Path, example = "read-models")),
    responses(
        (status = 202, body = BegunRebuild),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn rebuild_projection(
    State(app): State<App>,
    Administrator(caller): Administrator,
    PathId(name): PathId<String>,
) -> Result<(StatusCode, Json<BegunRebuild>), Problem> {
    let asked = app.connection.ask_for_rebuild(&name).await;
    let already_running = match asked.map_err(|failure| failed(&failure))? {
        RebuildAnswer::Begun => false,
        RebuildAnswer::Running => true,
        RebuildAnswer::Unknown => return Err(Problem::not_found()),
    };
    tracing::info!(projection = name, by = %caller.user, already_running, "a rebuild was asked for");
    Ok((StatusCode::ACCEPTED, Json(BegunRebuild { name, already_running })))
}
