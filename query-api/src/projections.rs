//! `GET /admin/projections`

use std::time::Duration;

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

/// How long the log may take to tell its end; the rest is worth telling without.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a projection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectionState {
    /// It has read the whole log.
    Current,
    /// It has not yet.
    Behind,
    /// It met something that it cannot apply, and stands still.
    Halted,
    /// The log cannot be asked how long it is.
    Unknown,
    /// It cannot be asked itself; what it is for goes on without it.
    Away,
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
    /// Why it stands still.
    halted: Option<String>,
    /// The rebuild that is under way beside it.
    rebuild: Option<Rebuild>,
}

/// A rebuild of the read models beside the live ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rebuild {
    /// Of the last commit that it has read.
    position: i64,
    /// Of the last commit of the log; null if it cannot be asked.
    target: Option<u64>,
}

#[derive(FromRow)]
struct Row {
    name: String,
    position: i64,
    halted: Option<String>,
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
    let asked = tokio::time::timeout(PATIENCE, app.log.last_position()).await;
    let last = asked.ok().and_then(Result::ok);
    let select: Select<Row> = sqlx::query_as("SELECT name, position, halted FROM checkpoint ORDER BY name");
    let rows = reading.all(select).await?;
    let mut projections = Vec::with_capacity(rows.len());
    for row in rows {
        let rebuild = rebuild(&mut reading, &row.name, last).await?;
        projections.push(projection(row, rebuild, last));
    }
    if let Some(index) = &app.search {
        projections.push(search_index(index.reached().await.ok(), last));
    }
    Ok(Json(Page::whole(projections)))
}

/// The search index, which tells itself how far it is.
fn search_index(position: Option<u64>, last: Option<u64>) -> Projection {
    let name = "search".to_owned();
    match position {
        Some(position) => {
            projection(Row { name, position: position.cast_signed(), halted: None }, None, last)
        }
        None => Projection {
            name,
            position: 0,
            lag: None,
            state: ProjectionState::Away,
            halted: None,
            rebuild: None,
        },
    }
}

fn projection(row: Row, rebuild: Option<Rebuild>, last: Option<u64>) -> Projection {
    let Row { name, position, halted } = row;
    let lag = last.map(|last| last.saturating_sub(position.cast_unsigned()));
    let state = match (&halted, lag) {
        (Some(_), _) => ProjectionState::Halted,
        (None, Some(0)) => ProjectionState::Current,
        (None, Some(_)) => ProjectionState::Behind,
        (None, None) => ProjectionState::Unknown,
    };
    Projection { name, position, lag, state, halted, rebuild }
}

/// The rebuild of a projection: it fills the schema `read_next`, which is there only meanwhile.
async fn rebuild(reading: &mut Reading, name: &str, target: Option<u64>) -> Result<Option<Rebuild>, Problem> {
    let is_there: Select<(bool,)> = sqlx::query_as("SELECT to_regclass('read_next.checkpoint') IS NOT NULL");
    if !reading.one(is_there).await?.0 {
        return Ok(None);
    }
    let select: Select<(i64,)> = sqlx::query_as("SELECT position FROM read_next.checkpoint WHERE name = $1");
    let position = reading.find(select.bind(name.to_owned())).await?;
    Ok(position.map(|(position,)| Rebuild { position, target }))
}
