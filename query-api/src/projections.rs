//! `GET /admin/projections`

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_http::{Administrator, Problem, schema};
use utoipa::ToSchema;

use crate::{
    App,
    page::Page,
    reading::{Reading, Select},
};

/// Whether a projection keeps up.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectionState {
    /// It has read the whole log.
    Current,
    /// It has not yet.
    Behind,
    /// The log cannot be asked how long it is.
    Unknown,
}

/// How far a projection has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct Projection {
    name: String,
    /// Of the last commit that it has read.
    position: i64,
    /// Commits that it has not read yet; null if the log cannot be asked.
    lag: Option<u64>,
    state: ProjectionState,
}

#[derive(FromRow)]
struct Row {
    name: String,
    position: i64,
}

/// How far the projections have come.
///
/// # Errors
///
/// 403 for anybody but administrators.
#[utoipa::path(
    get,
    path = "/admin/projections",
    tag = "Administration",
    responses((status = 200, body = Page<Projection>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_projections(
    State(app): State<App>,
    _admitted: Administrator,
    mut reading: Reading,
) -> Result<Json<Page<Projection>>, Problem> {
    // Asked before the tables are: what is written in between is no lag.
    let last = app.log.last_position().await.ok();
    let select: Select<Row> = sqlx::query_as("SELECT name, position FROM checkpoint ORDER BY name");
    let projection = |Row { name, position }| {
        let lag = last.map(|last| last.saturating_sub(position.cast_unsigned()));
        let state = match lag {
            Some(0) => ProjectionState::Current,
            Some(_) => ProjectionState::Behind,
            None => ProjectionState::Unknown,
        };
        Projection { name, position, lag, state }
    };
    let rows = reading.all(select).await?;
    Ok(Json(Page::whole(rows.into_iter().map(projection).collect())))
}
