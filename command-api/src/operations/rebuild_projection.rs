//! `POST /admin/projections/{name}/rebuild`

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_http::{PathId, Problem, schema};
use ticketshow_nats::consumers::rebuilds::RebuildReply;
use utoipa::ToSchema;

use crate::machinery::{app::App, authority::Staff, failures::failed};

/// A rebuild in progress. `GET /admin/projections` reports its progress.
#[derive(Serialize, ToSchema)]
pub struct BegunRebuild {
    #[schema(example = "read-models")]
    name: String,
    /// True if a rebuild was already running; no second one is started.
    already_running: bool,
}

/// Rebuilds the tables of a projection from the log, beside the live ones, and swaps them in.
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
    Staff(caller): Staff,
    PathId(name): PathId<String>,
) -> Result<(StatusCode, Json<BegunRebuild>), Problem> {
    let answer = app.connection.request_rebuild(&name).await;
    let already_running = match answer.map_err(|failure| failed(&failure))? {
        RebuildReply::Begun => false,
        RebuildReply::Running => true,
        RebuildReply::Unknown => return Err(Problem::not_found()),
    };
    tracing::info!(projection = name, by = %caller.user, already_running, "a rebuild was requested");
    Ok((StatusCode::ACCEPTED, Json(BegunRebuild { name, already_running })))
}
