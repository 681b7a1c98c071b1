//! Copies of the tables of the sagas in files, for backups. Three of them cannot be rebuilt from the log: the movements that the payment
//! provider reported, the mails of cascades that were sent, and the moment since which mails are sent. The others save reading the log.

use std::{io, path::Path};

use bytes::BytesMut;
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgPool, postgres::PgConnection};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncWriteExt},
};

use crate::run::{MIGRATIONS, migrate};

/// Size of the pieces in which a table travels.
const CHUNK: usize = 64 * 1024;

/// A copied table. Its rows are in a file of its name, in the text format of `COPY`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCopy {
    name: String,
    columns: Vec<String>,
}

/// Reason the tables were not copied or restored.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// Postgres is unreachable or refused.
    #[error("the tables of the sagas cannot be used")]
    Tables(#[from] sqlx::Error),
    /// The tables cannot be created.
    #[error("the tables of the sagas cannot be created")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A file cannot be read or written.
    #[error("the file of a table cannot be used")]
    File(#[from] io::Error),
    /// The database belongs to an installation already.
    #[error("the database has the schema `{0}` already: restore into a new one")]
    Exists(String),
}

/// Copies all tables as of one moment into files of `folder`.
///
/// # Errors
///
/// [`TablesError`].
pub async fn copy_tables(pool: &PgPool, folder: &Path) -> Result<Vec<TableCopy>, TablesError> {
    let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let sql = "SELECT t.table_name::text, array_agg(c.column_name::text ORDER BY c.ordinal_position) \
               FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name) \
               WHERE table_schema = 'sagas' AND table_type = 'BASE TABLE' AND table_name <> $1 \
               AND c.is_generated = 'NEVER' GROUP BY t.table_name ORDER BY t.table_name";
    let tables: Vec<(String, Vec<String>)> =
        sqlx::query_as(sql).bind(MIGRATIONS).fetch_all(&mut *transaction).await?;
    let mut copies = Vec::with_capacity(tables.len());
    for (name, columns) in tables {
        let copy = TableCopy { name, columns };
        copy_table(&mut transaction, &copy, folder).await?;
        copies.push(copy);
    }
    Ok(copies)
}

async fn copy_table(
    connection: &mut PgConnection,
    copy: &TableCopy,
    folder: &Path,
) -> Result<(), TablesError> {
    let mut file = File::create_new(folder.join(file_name(copy))).await?;
    let mut rows = connection.copy_out_raw(&format!("COPY {} TO STDOUT", target(copy))).await?;
    while let Some(rows) = rows.try_next().await? {
        file.write_all(&rows).await?;
    }
    Ok(file.sync_all().await?)
}

/// Fills the tables of a database that has none yet from the copies in `folder`. Timers of holds are armed again at the next
/// start, whatever the copy says.
///
/// # Errors
///
/// [`TablesError`]; the tables are as they were before then, or empty.
pub async fn restore_tables(pool: &PgPool, copies: &[TableCopy], folder: &Path) -> Result<(), TablesError> {
    migrate(pool).await?;
    let mut transaction = pool.begin().await?;
    for copy in copies {
        // The migrations begin some tables with a row.
        let delete = format!("DELETE FROM {}", table(copy));
        sqlx::query(AssertSqlSafe(delete)).execute(&mut *transaction).await?;
        restore_table(&mut transaction, copy, folder).await?;
    }
    sqlx::query("UPDATE sagas.hold_watch SET complete = false").execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

async fn restore_table(
    connection: &mut PgConnection,
    copy: &TableCopy,
    folder: &Path,
) -> Result<(), TablesError> {
    let mut file = File::open(folder.join(file_name(copy))).await?;
    let mut rows = connection.copy_in_raw(&format!("COPY {} FROM STDIN", target(copy))).await?;
    loop {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        if file.read_buf(&mut chunk).await? == 0 {
            rows.finish().await?;
            return Ok(());
        }
        rows.send(chunk).await?;
    }
}

/// Checks that the database is new.
///
/// # Errors
///
/// [`TablesError::Exists`] if it has read models or tables of the sagas.
pub async fn expect_new_database(pool: &PgPool) -> Result<(), TablesError> {
    let sql = "SELECT nspname::text FROM pg_namespace WHERE nspname IN ('read', 'sagas') LIMIT 1";
    let found: Option<(String,)> = sqlx::query_as(sql).fetch_optional(pool).await?;
    found.map_or(Ok(()), |(schema,)| Err(TablesError::Exists(schema)))
}

fn file_name(copy: &TableCopy) -> String {
    format!("sagas.{}.copy", copy.name)
}

fn table(copy: &TableCopy) -> String {
    format!("sagas.{}", quoted(&copy.name))
}

fn target(copy: &TableCopy) -> String {
    let columns: Vec<String> = copy.columns.iter().map(|column| quoted(column)).collect();
    format!("{} ({})", table(copy), columns.join(", "))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
