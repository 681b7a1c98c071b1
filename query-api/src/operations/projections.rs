//! `GET /admin/projections`

use std::time::Duration;

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_http::{Problem, schema};
use utoipa::ToSchema;

use crate::machinery::{
    app::App,
    authority::Staff,
    page::Page,
    reading::{Reading, Select},
};

/// Wait for the log's last position. Without it, the answer leaves out the lag.
const LOG_TIMEOUT: Duration = Duration::from_secs(1);

/// State of a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectionState {
    /// Has read the whole log.
    Current,
    /// Still has commits to read.
    Behind,
    /// Stopped at a commit that it cannot apply.
    Halted,
    /// Unknown, because the log is unreachable.
    Unknown,
    /// Unreachable. The system works without it.
    Away,
}

/// Progress of a projection.
#[derive(Debug, Serialize, ToSchema)]
pub struct Projection {
    name: String,
    /// Log position of the last commit read.
    position: i64,
    /// Commits still to read; null if the log is unreachable.
    lag: Option<u64>,
    state: ProjectionState,
    /// Reason for the halt.
    halted: Option<String>,
    /// The rebuild in progress; null if there is none.
    rebuild: Option<Rebuild>,
}

/// A rebuild of the read models beside the live ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rebuild {
    /// Log position of the last commit read.
    position: i64,
    /// Position of the last commit of the log; null if the log is unreachable.
    target: Option<u64>,
}

#[derive(FromRow)]
struct Row {
    name: String,
    position: i64,
    halted: Option<String>,
}

/// Lists the projections with their progress.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/projections",
    tag = "Administration",
    responses((status = 200, body = Page<Projection>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_projections(
    State(app): State<App>,
    _admitted: Staff,
    mut reading: Reading,
) -> Result<Json<Page<Projection>>, Problem> {
    // Read before the tables, so that commits written in between do not count as lag.
    let asked = tokio::time::timeout(LOG_TIMEOUT, app.parts.log.last_position()).await;
    let last = asked.ok().and_then(Result::ok);
    let select: Select<Row> = sqlx::query_as("SELECT name, position, halted FROM checkpoint ORDER BY name");
    let rows = reading.all(select).await?;
    let mut projections = Vec::with_capacity(rows.len());
    for row in rows {
        let rebuild = rebuild(&mut reading, &row.name, last).await?;
        projections.push(projection(row, rebuild, last));
    }
    if let Some(index) = &app.parts.search {
        projections.push(search_index(index.reached().await.ok(), last));
    }
    Ok(Json(Page::whole(projections)))
}

/// The search index, which stores its position itself.
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

/// The rebuild of a projection, if one is running: it fills the schema `read_next`, which exists only during a rebuild.
async fn rebuild(reading: &mut Reading, name: &str, target: Option<u64>) -> Result<Option<Rebuild>, Problem> {
    let exists: Select<(bool,)> = sqlx::query_as("SELECT to_regclass('read_next.checkpoint') IS NOT NULL");
    if !reading.one(exists).await?.0 {
        return Ok(None);
    }
    let select: Select<(i64,)> = sqlx::query_as("SELECT position FROM read_next.checkpoint WHERE name = $1");
    let position = reading.find(select.bind(name.to_owned())).await?;
    Ok(position.map(|(position,)| Rebuild { position, target }))
}
