//! Row-by-row comparison of rebuilt and live tables.

use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::{
    error::{ProjectError, database},
    schema::{READ, READ_NEXT},
};

/// Maximum number of keys reported per table.
const EXAMPLES: i64 = 10;

/// A table that differs between the schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub table: String,
    /// Number of rows in the live table.
    pub live_rows: i64,
    /// Number of rows in the rebuilt table.
    pub rebuilt_rows: i64,
    /// Primary keys of some rows that differ or are in one schema only.
    pub keys: Vec<String>,
}

/// A snapshot of both schemas at the same position of the log.
pub(crate) struct Snapshot(PgConnection);

impl Snapshot {
    /// Takes the snapshot. Neither schema may be written to meanwhile.
    pub async fn take(pool: &PgPool) -> Result<Self, ProjectError> {
        let doing = "beginning to compare";
        let mut connection =
            PgConnection::connect_with(&pool.connect_options()).await.map_err(database(doing))?;
        // The snapshot is that of the first statement.
        for statement in ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT 1"] {
            sqlx::query(statement).execute(&mut connection).await.map_err(database(doing))?;
        }
        Ok(Self(connection))
    }

    /// Returns the tables that differ.
    pub async fn compare(mut self) -> Result<Vec<Difference>, ProjectError> {
        let mut differences = Vec::new();
        for Table { name, key } in tables(&mut self.0).await? {
            let live = digest(&mut self.0, READ, &name).await?;
            let rebuilt = digest(&mut self.0, READ_NEXT, &name).await?;
            if live != rebuilt {
                let keys = differing(&mut self.0, &name, &key).await?;
                differences.push(Difference {
                    table: name,
                    live_rows: live.0,
                    rebuilt_rows: rebuilt.0,
                    keys,
                });
            }
        }
        Ok(differences)
    }
}

#[derive(sqlx::FromRow)]
struct Table {
    name: String,
    /// Columns of the primary key, ready for SQL.
    key: String,
}

/// Lists all read models, without the checkpoint.
async fn tables(connection: &mut PgConnection) -> Result<Vec<Table>, ProjectError> {
    const SELECT: &str = "
        SELECT tables.relname::text AS name, string_agg(quote_ident(columns.attname), ', ' ORDER BY columns.attnum) AS key
        FROM pg_class AS tables
        JOIN pg_index AS keys ON keys.indrelid = tables.oid AND keys.indisprimary
        JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum = ANY(keys.indkey)
        WHERE tables.relnamespace = $1::regnamespace AND tables.relkind = 'r'
          AND tables.relname NOT IN ('checkpoint', '_sqlx_migrations')
        GROUP BY tables.relname ORDER BY tables.relname";
    sqlx::query_as(SELECT).bind(READ).fetch_all(connection).await.map_err(database("listing the tables"))
}

/// Returns the number of rows and the sum of their hashes, which does not depend on their order.
async fn digest(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
) -> Result<(i64, String), ProjectError> {
    let select = format!(
        "SELECT count(*), COALESCE(sum(hashtextextended(one::text, 0)::numeric), 0)::text FROM {schema}.\"{table}\" AS one"
    );
    let digest = sqlx::query_as(AssertSqlSafe(select)).fetch_one(connection).await;
    digest.map_err(database("hashing a table"))
}

async fn differing(
    connection: &mut PgConnection,
    table: &str,
    key: &str,
) -> Result<Vec<String>, ProjectError> {
    let (live, rebuilt) = (format!("{READ}.\"{table}\""), format!("{READ_NEXT}.\"{table}\""));
    let select = format!(
        "SELECT DISTINCT ROW({key})::text FROM (
             (SELECT * FROM {live} EXCEPT SELECT * FROM {rebuilt})
             UNION ALL (SELECT * FROM {rebuilt} EXCEPT SELECT * FROM {live})) AS differing
         ORDER BY 1 LIMIT {EXAMPLES}"
    );
    let keys = sqlx::query_scalar(AssertSqlSafe(select)).fetch_all(connection).await;
    keys.map_err(database("listing differences"))
}
