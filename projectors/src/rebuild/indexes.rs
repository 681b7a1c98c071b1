//! Indexes that only readers need: dropped from new tables, and recreated once these are filled.

use sqlx::PgConnection;

use crate::{
    error::{ProjectError, database},
    schema::{self, READ_NEXT},
};

/// The statements that recreate the indexes.
pub(crate) struct Indexes(pub Vec<String>);

impl Indexes {
    /// Drops every index of the new schema except those of keys.
    pub async fn take_off(session: &mut PgConnection) -> Result<Self, ProjectError> {
        const SELECT: &str = "
            SELECT classes.relname::text, pg_get_indexdef(classes.oid)
            FROM pg_class AS classes
            WHERE classes.relnamespace = $1::regnamespace AND classes.relkind = 'i'
              AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = classes.oid)
            ORDER BY classes.relname";
        let found: Vec<(String, String)> = sqlx::query_as(SELECT)
            .bind(READ_NEXT)
            .fetch_all(&mut *session)
            .await
            .map_err(database("listing the indexes"))?;
        let mut definitions = Vec::with_capacity(found.len());
        for (name, definition) in found {
            schema::execute(session, format!("DROP INDEX {READ_NEXT}.\"{name}\""), "dropping an index")
                .await?;
            // A resumed rebuild may have created some already.
            definitions.push(definition.replacen("INDEX ", "INDEX IF NOT EXISTS ", 1));
        }
        Ok(Self(definitions))
    }

    /// Recreates the indexes and analyzes the tables.
    pub async fn put_back(&self, session: &mut PgConnection) -> Result<(), ProjectError> {
        let doing = "creating an index";
        schema::execute(session, "SET maintenance_work_mem = '128MB'".to_owned(), doing).await?;
        for definition in &self.0 {
            schema::execute(session, definition.clone(), doing).await?;
        }
        let tables: Vec<String> =
            sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = $1")
                .bind(READ_NEXT)
                .fetch_all(&mut *session)
                .await
                .map_err(database("listing the tables"))?;
        for table in tables {
            let statement = format!("ANALYZE {READ_NEXT}.\"{table}\"");
            schema::execute(session, statement, "analyzing the new tables").await?;
        }
        Ok(())
    }
}
