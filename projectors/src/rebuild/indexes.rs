//! Indexes that only readers need: taken off new tables, and put back once these are full.

use sqlx::PgConnection;

use crate::{
    error::{ProjectError, database},
    schema::{self, READ_NEXT},
};

/// The statements that make them again.
pub(crate) struct Indexes(pub Vec<String>);

impl Indexes {
    /// Drops every index of the new schema but those of keys.
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
            // A rebuild that goes on may find some there.
            definitions.push(definition.replacen("INDEX ", "INDEX IF NOT EXISTS ", 1));
        }
        Ok(Self(definitions))
    }

    /// Makes them again, and tells the planner what the tables hold.
    pub async fn put_back(&self, session: &mut PgConnection) -> Result<(), ProjectError> {
        let doing = "making an index";
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
            schema::execute(session, statement, "looking at the new tables").await?;
        }
        Ok(())
    }
}
