//! Whether the tables of a rebuild are those that living on built, row by row.

use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::{
    error::{ProjectError, database},
    schema::{READ, READ_NEXT},
};

/// Keys shown of the rows that differ.
const EXAMPLES: i64 = 10;

/// A table that is not the same in both schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub table: String,
    /// Rows that living on built.
    pub live_rows: i64,
    /// Rows that the rebuild built.
    pub rebuilt_rows: i64,
    /// Primary keys of some rows that differ or are in one schema only.
    pub keys: Vec<String>,
}

/// A moment at which both schemas had read the log equally far, to be looked at for as long as it takes.
pub(crate) struct Moment(PgConnection);

impl Moment {
    /// This moment. Nobody may write to either schema while it is taken.
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

    /// The tables that differ.
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

/// All read models. How far they are is not one of them.
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

/// Number of rows and the sum of their hashes: the same for the same rows in any order.
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
    keys.map_err(database("finding what differs"))
}
