//! Creates the read models in this version's layout. Tables of an older version are rebuilt from the log instead of altered:
//! an altered table would lack the values of older events in its new columns.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use sqlx::{PgConnection, PgPool};
use ticketshow_nats::{log::history::Log, server::connection::Connection};
use tokio_util::sync::CancellationToken;

use super::build::{Progress, RebuildError, Verification, rebuild};
use crate::{
    checkpoint::Checkpoint,
    error::{ProjectError, database},
    schema::{self, DURABLY, Lock, MIGRATIONS, READ, READ_OLD, SchemaError},
};

/// Interval of progress log lines.
const LOG_INTERVAL: Duration = Duration::from_secs(5);
/// Interval of checks on another process's rebuild.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Failure to bring the read models into this version's layout.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The tables could not be created, or belong to a newer version.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Tables of an older version could not be rebuilt. They are unchanged.
    #[error("the read models of an older version cannot be rebuilt")]
    Rebuild(#[from] RebuildError),
}

impl From<ProjectError> for MigrateError {
    fn from(error: ProjectError) -> Self {
        Self::Schema(error.into())
    }
}

/// Creates the schema `read` with its tables. If an older version filled it, [`rebuild`] replaces the tables, which takes as
/// long as reading the log.
///
/// # Errors
///
/// [`MigrateError`]: worth retrying after an outage of Postgres or the log.
pub async fn migrate(
    pool: &PgPool,
    connection: &Connection,
    stop: &CancellationToken,
) -> Result<(), MigrateError> {
    loop {
        let mut session = schema::writer(pool, READ).await?;
        schema::lock_migrations(&mut session).await?;
        // Unlike rows, tables lost in a crash would not be restored from the log.
        schema::execute(&mut session, DURABLY.to_owned(), "preparing a migration").await?;
        if schema::try_lock(&mut session, Lock::Rebuild).await? {
            schema::drop_schema(&mut session, READ_OLD).await?;
        }
        if !is_outdated(&mut session, &Log::new(connection)).await? {
            return Ok(schema::make(&mut session, READ).await?);
        }
        schema::close(session).await;
        tracing::info!("the read models have the layout of an older version: rebuilding them from the log");
        match rebuild(pool, connection, Verification::Skip, stop, log_progress()).await {
            Ok(_) => {}
            Err(RebuildError::Running) => tokio::time::sleep(CHECK_INTERVAL).await,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Returns true if there are tables of an older version with rows from this log. Tables of another log must not be rebuilt:
/// they may be the only copy of lost data.
async fn is_outdated(session: &mut PgConnection, log: &Log) -> Result<bool, ProjectError> {
    const MADE: &str = "SELECT to_regclass('read._sqlx_migrations') IS NOT NULL";
    const APPLIED: &str = "SELECT version, checksum FROM read._sqlx_migrations";
    let doing = "reading the migrations of the tables";
    let made: bool = sqlx::query_scalar(MADE).fetch_one(&mut *session).await.map_err(database(doing))?;
    if !made {
        return Ok(false);
    }
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as(APPLIED).fetch_all(&mut *session).await.map_err(database(doing))?;
    let applied: BTreeMap<i64, Vec<u8>> = applied.into_iter().collect();
    let ours: BTreeMap<i64, Vec<u8>> =
        MIGRATIONS.iter().map(|migration| (migration.version, migration.checksum.to_vec())).collect();
    let newer = applied.keys().any(|version| !ours.contains_key(version));
    if applied == ours || newer {
        return Ok(false);
    }
    Checkpoint::read(session).await?.is_of(log).await
}

/// Logs the progress of a rebuild.
fn log_progress() -> impl FnMut(Progress) + Send {
    let mut logged = Instant::now();
    move |Progress { stage, position, target, events, .. }| {
        if logged.elapsed() >= LOG_INTERVAL {
            logged = Instant::now();
            tracing::info!(?stage, position, target, events, "rebuilding the read models");
        }
    }
}
