//! Where the tables live: the schema `read`, and beside it `read_next` while a rebuild fills it.
//!
//! Readers connect with `search_path=read,public`. Advisory locks tell who is at work, see [`Lock`]; in `pg_locks` their
//! `classid` is [`LOCK_CLASS`] and their `objid` the number of the lock.

use std::time::Duration;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool, migrate::Migrator};

use crate::error::{ProjectError, database};

/// The schema that everybody reads.
pub(crate) const READ: &str = "read";
/// The schema that a rebuild fills.
pub(crate) const READ_NEXT: &str = "read_next";
/// The schema that a rebuild replaced, for the moment until it is dropped.
pub(crate) const READ_OLD: &str = "read_old";

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

/// How the sessions of writers are called in `pg_stat_activity`.
pub(crate) const APPLICATION: &str = "ticketshow projectors";

/// From here on the session's commits are waited for.
pub(crate) const DURABLY: &str = "SET synchronous_commit = on";

/// How long a connection may take to come about.
const PATIENCE: Duration = Duration::from_secs(5);

/// First half of our advisory locks' names: "tix" in ASCII.
pub(crate) const LOCK_CLASS: i32 = 0x0074_6978;

/// What is done by one process at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Following the log.
    Live = 1,
    /// Filling another schema.
    Rebuild = 2,
    /// Making schemas.
    Migration = 3,
    /// Following the read models with the search index.
    SearchFollower = 4,
    /// Writing to the search index, or replacing it.
    SearchWriter = 5,
    /// Building another search index.
    SearchRebuild = 6,
}

/// A connection for writing tables of one schema.
///
/// Commits are not waited for: rows and checkpoint move together, so what a crash takes is read from the log again. Every
/// access goes by an index: statements are planned when the tables may still be empty. A session whose process hangs or
/// whose machine is gone ends within ten seconds, and its locks with it; so the owner must use it every few seconds.
///
/// # Errors
///
/// [`ProjectError::Database`].
pub(crate) async fn writer(pool: &PgPool, schema: &str) -> Result<PgConnection, ProjectError> {
    let settings = [
        ("search_path", format!("{schema},public")),
        ("synchronous_commit", "off".to_owned()),
        ("enable_seqscan", "off".to_owned()),
        ("plan_cache_mode", "force_generic_plan".to_owned()),
        ("jit", "off".to_owned()),
        ("idle_session_timeout", "10s".to_owned()),
        ("idle_in_transaction_session_timeout", "10s".to_owned()),
        ("tcp_keepalives_idle", "4".to_owned()),
        ("tcp_keepalives_interval", "2".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
        ("tcp_user_timeout", "10s".to_owned()),
    ];
    let options = (*pool.connect_options()).clone().application_name(APPLICATION).options(settings);
    tokio::time::timeout(PATIENCE, options.connect())
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut))
        .map_err(database("connecting"))
}

/// Takes a lock for as long as the connection lives, if nobody has it.
///
/// # Errors
///
/// [`ProjectError::Database`].
pub(crate) async fn try_lock(connection: &mut PgConnection, lock: Lock) -> Result<bool, ProjectError> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock($1, $2)")
        .bind(LOCK_CLASS)
        .bind(lock as i32)
        .fetch_one(connection)
        .await
        .map_err(database("taking a lock"))
}

/// Drops what an earlier rebuild left behind. Only for whoever holds [`Lock::Rebuild`].
pub(crate) async fn drop_schema(
    connection: &mut PgConnection,
    left_over: &'static str,
) -> Result<(), ProjectError> {
    let statement = format!("DROP SCHEMA IF EXISTS {left_over} CASCADE");
    execute(connection, statement, "dropping left-over tables").await
}

/// Waits for the right to make schemas.
///
/// # Errors
///
/// [`ProjectError::Database`].
pub(crate) async fn lock_migrations(connection: &mut PgConnection) -> Result<(), ProjectError> {
    sqlx::query("SELECT pg_advisory_lock($1, $2)")
        .bind(LOCK_CLASS)
        .bind(Lock::Migration as i32)
        .execute(connection)
        .await
        .map(drop)
        .map_err(database("taking a lock"))
}

/// Makes a schema, which must be the first of the connection's search path, with its tables.
///
/// # Errors
///
/// [`SchemaError`].
pub(crate) async fn make(connection: &mut PgConnection, schema: &str) -> Result<(), SchemaError> {
    execute(connection, format!("CREATE SCHEMA IF NOT EXISTS {schema}"), "making a schema").await?;
    MIGRATIONS.run_direct(None, connection, false).await?;
    Ok(())
}

/// Why a schema could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Postgres is away, or refuses to make a schema.
    #[error("the schema cannot be made")]
    Schema(#[from] ProjectError),
    /// A migration failed, or those of the database are not those of this program.
    #[error("the tables cannot be made")]
    Tables(#[from] sqlx::migrate::MigrateError),
}

/// Runs a statement that names schemas of ours.
pub(crate) async fn execute(
    connection: &mut PgConnection,
    statement: String,
    doing: &'static str,
) -> Result<(), ProjectError> {
    connection.execute(AssertSqlSafe(statement)).await.map(drop).map_err(database(doing))
}

/// Ends a session, and its locks with it.
pub(crate) async fn close(connection: PgConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "the connection was gone before it was closed");
    }
}
