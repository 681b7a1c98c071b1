//! Schemas of the tables: `read`, and beside it `read_next` while a rebuild fills it.
//!
//! Readers connect with `search_path=read,public`. Advisory locks show the active processes, see [`Lock`]; in `pg_locks`
//! their `classid` is [`LOCK_CLASS`] and their `objid` the number of the lock.

use std::time::Duration;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool, migrate::Migrator};

use crate::error::{ProjectError, database};

/// The schema of all readers.
pub(crate) const READ: &str = "read";
/// The schema that a rebuild fills.
pub(crate) const READ_NEXT: &str = "read_next";
/// The schema that a rebuild replaced, until it is dropped.
pub(crate) const READ_OLD: &str = "read_old";

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

/// Name of the writers' sessions in `pg_stat_activity`.
pub(crate) const APPLICATION: &str = "ticketshow projectors";

/// Makes the commits of a session durable.
pub(crate) const DURABLY: &str = "SET synchronous_commit = on";

/// Limit for connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// First half of our advisory locks' names: "tix" in ASCII.
pub(crate) const LOCK_CLASS: i32 = 0x0074_6978;

/// Work of one process at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Following the log.
    Live = 1,
    /// Filling another schema.
    Rebuild = 2,
    /// Creating schemas.
    Migration = 3,
    /// Following the read models with the search index.
    SearchFollower = 4,
    /// Writing to the search index, or replacing it.
    SearchWriter = 5,
    /// Building another search index.
    SearchRebuild = 6,
}

/// Opens a connection for writing tables of one schema.
///
/// Commits are not durable at once: rows and checkpoint move together, so commits lost in a crash are read from the log
/// again. Every access uses an index, because statements may be planned while the tables are empty. If the process hangs or
/// its machine fails, the session and its locks end within ten seconds; so the owner must use it every few seconds.
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
    tokio::time::timeout(CONNECT_TIMEOUT, options.connect())
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut))
        .map_err(database("connecting"))
}

/// Takes a free lock until the connection closes.
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

/// Drops tables that an earlier rebuild left. Only for the holder of [`Lock::Rebuild`].
pub(crate) async fn drop_schema(
    connection: &mut PgConnection,
    left_over: &'static str,
) -> Result<(), ProjectError> {
    let statement = format!("DROP SCHEMA IF EXISTS {left_over} CASCADE");
    execute(connection, statement, "dropping left-over tables").await
}

/// Waits for the right to create schemas.
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

/// Creates a schema with its tables. It must be the first of the connection's search path.
///
/// # Errors
///
/// [`SchemaError`].
pub(crate) async fn make(connection: &mut PgConnection, schema: &str) -> Result<(), SchemaError> {
    execute(connection, format!("CREATE SCHEMA IF NOT EXISTS {schema}"), "creating a schema").await?;
    MIGRATIONS.run_direct(None, connection, false).await?;
    let reader = include_str!("reader.sql").replace("{schema}", schema);
    execute(connection, reader, "granting the right to read").await?;
    Ok(())
}

/// Failure to create a schema.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Postgres is unreachable, or refuses to create the schema.
    #[error("the schema cannot be created")]
    Schema(#[from] ProjectError),
    /// A migration failed, or the database has other migrations than this program.
    #[error("the tables cannot be created")]
    Tables(#[from] sqlx::migrate::MigrateError),
}

/// Runs a statement built from our own schema names.
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
        tracing::debug!(%error, "the connection was lost before it was closed");
    }
}
