//! Status of the projections, for operators. Other crates read the same from `checkpoint` and `pg_locks`.

use sqlx::PgPool;
use ticketshow_nats::log::history::Log;

use crate::{
    checkpoint::NAME,
    error::{ProjectError, database},
    schema::{LOCK_CLASS, Lock},
};

/// Status of a projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionStatus {
    pub name: &'static str,
    /// Position of the last commit in its tables.
    pub position: u64,
    /// Number of positions from there to the end of the log.
    pub lag: u64,
    pub state: ProjectionState,
    /// Position of the last commit in the tables of a running rebuild.
    pub rebuild: Option<u64>,
}

/// Activity of a projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectionState {
    /// A process follows the log.
    Running,
    /// No process follows the log.
    Stopped,
    /// It is stopped at an event that cannot be applied.
    Halted { why: String },
}

/// Returns the status of the projections.
///
/// # Errors
///
/// [`ProjectError::Database`] and [`ProjectError::Log`], worth retrying.
pub async fn status(pool: &PgPool, log: &Log) -> Result<Vec<ProjectionStatus>, ProjectError> {
    const SELECT: &str = "
        WITH locks AS (
            SELECT objid FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND classid::int = $2
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        SELECT position, halted, $3 IN (SELECT objid::int FROM locks), $4 IN (SELECT objid::int FROM locks)
        FROM read.checkpoint WHERE name = $1";
    let (position, halted, runs, rebuilds): (i64, Option<String>, bool, bool) = sqlx::query_as(SELECT)
        .bind(NAME)
        .bind(LOCK_CLASS)
        .bind(Lock::Live as i32)
        .bind(Lock::Rebuild as i32)
        .fetch_one(pool)
        .await
        .map_err(database("reading the position of the tables"))?;
    let position = position.cast_unsigned();
    let state = match halted {
        Some(why) => ProjectionState::Halted { why },
        None if runs => ProjectionState::Running,
        None => ProjectionState::Stopped,
    };
    let rebuild = if rebuilds { rebuild_position(pool).await? } else { None };
    let lag = log.last_position().await?.saturating_sub(position);
    Ok(vec![ProjectionStatus { name: NAME, position, lag, state, rebuild }])
}

/// Returns the position of a rebuild, or `None` if its tables do not exist.
async fn rebuild_position(pool: &PgPool) -> Result<Option<u64>, ProjectError> {
    const UNDEFINED_TABLE: &str = "42P01";
    let position: Result<i64, sqlx::Error> =
        sqlx::query_scalar("SELECT position FROM read_next.checkpoint").fetch_one(pool).await;
    match position {
        Ok(position) => Ok(Some(position.cast_unsigned())),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNDEFINED_TABLE) => Ok(None),
        Err(error) => Err(database("reading the position of the rebuild")(error)),
    }
}
