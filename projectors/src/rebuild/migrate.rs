//! Read models laid out as this program needs them. What an older version laid out is built anew from the log rather than
//! altered: an altered table would lack what older events say about its new columns.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use sqlx::{PgConnection, PgPool};
use ticketshow_nats::{Connection, Log};
use tokio_util::sync::CancellationToken;

use super::build::{Progress, RebuildError, Verification, rebuild};
use crate::{
    checkpoint::Checkpoint,
    error::{ProjectError, database},
    schema::{self, DURABLY, Lock, MIGRATIONS, READ, READ_OLD, SchemaError},
};

/// Between two lines that tell how far it is.
const TELL: Duration = Duration::from_secs(5);
/// How often somebody else's rebuild is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Why the read models are not as this program needs them.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The tables could not be made, or belong to a newer version.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// What an older version laid out could not be built anew. It is as it was.
    #[error("the read models of an older version cannot be built anew")]
    Rebuild(#[from] RebuildError),
}

impl From<ProjectError> for MigrateError {
    fn from(error: ProjectError) -> Self {
        Self::Schema(error.into())
    }
}

/// Makes the schema `read` with its tables. If an older version filled it, the tables are built anew beside it and take its
/// place, which [`rebuild`] describes; that takes as long as reading the log.
///
/// # Errors
///
/// [`MigrateError`]: worth repeating if Postgres or the log was away.
pub async fn migrate(
    pool: &PgPool,
    connection: &Connection,
    stop: &CancellationToken,
) -> Result<(), MigrateError> {
    loop {
        let mut session = schema::writer(pool, READ).await?;
        schema::lock_migrations(&mut session).await?;
        // Unlike rows, tables that a crash took would not come back by themselves.
        schema::execute(&mut session, DURABLY.to_owned(), "preparing a migration").await?;
        if schema::try_lock(&mut session, Lock::Rebuild).await? {
            schema::drop_schema(&mut session, READ_OLD).await?;
        }
        if !is_outdated(&mut session, &Log::new(connection)).await? {
            return Ok(schema::make(&mut session, READ).await?);
        }
        schema::close(session).await;
        tracing::info!("an older version laid out the read models: building them anew from the log");
        match rebuild(pool, connection, Verification::Skip, stop, tell()).await {
            Ok(_) => {}
            Err(RebuildError::Running) => tokio::time::sleep(LOOK).await,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether there are tables of an older version with rows from this log. On a log that is not theirs nothing may be built
/// anew: what the tables say is then the only trace of what was lost.
async fn is_outdated(session: &mut PgConnection, log: &Log) -> Result<bool, ProjectError> {
    const MADE: &str = "SELECT to_regclass('read._sqlx_migrations') IS NOT NULL";
    const APPLIED: &str = "SELECT version, checksum FROM read._sqlx_migrations";
    let doing = "looking who laid out the tables";
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

/// Tells now and then how far a rebuild is.
fn tell() -> impl FnMut(Progress) + Send {
    let mut told = Instant::now();
    move |Progress { stage, position, target, events, .. }| {
        if told.elapsed() >= TELL {
            told = Instant::now();
            tracing::info!(?stage, position, target, events, "building the read models anew");
        }
    }
}
