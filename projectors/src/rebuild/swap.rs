//! Pauses writes to the live tables and swaps the schemas during the pause.

use std::time::{Duration, Instant};

use sqlx::{PgConnection, PgPool};

use crate::{
    checkpoint::NAME,
    error::{ProjectError, database},
    schema::{self, READ, READ_NEXT, READ_OLD},
};

/// Limit for earlier readers to delay a swap. Their requests are answered within this time.
const READERS: Duration = Duration::from_secs(3);

/// Keeps the live checkpoint from moving. Postgres ends the pause if its owner hangs for ten seconds.
pub(crate) struct Pause {
    session: PgConnection,
    position: u64,
}

impl Pause {
    /// Locks the live checkpoint in a transaction.
    pub async fn begin(pool: &PgPool) -> Result<Self, ProjectError> {
        let mut session = schema::writer(pool, READ).await?;
        schema::execute(&mut session, "BEGIN".to_owned(), "beginning a pause").await?;
        let position: i64 = sqlx::query_scalar("SELECT position FROM checkpoint WHERE name = $1 FOR UPDATE")
            .bind(NAME)
            .fetch_one(&mut session)
            .await
            .map_err(database("pausing the live tables"))?;
        Ok(Self { session, position: position.cast_unsigned() })
    }

    /// Position of the live tables.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Ends the pause.
    pub async fn end(self) {
        schema::close(self.session).await;
    }

    /// Replaces the live tables by the new ones. Every statement, prepared or not, resolves names again.
    pub async fn swap(mut self) -> Result<(), ProjectError> {
        self.wait_for_readers().await?;
        let statements = [
            schema::DURABLY.to_owned(),
            "UPDATE checkpoint SET replaced = true".to_owned(),
            format!("COMMENT ON SCHEMA {READ_NEXT} IS NULL"),
            format!("ALTER SCHEMA {READ} RENAME TO {READ_OLD}"),
            format!("ALTER SCHEMA {READ_NEXT} RENAME TO {READ}"),
            "COMMIT".to_owned(),
        ];
        for statement in statements {
            schema::execute(&mut self.session, statement, "swapping the schemas").await?;
        }
        schema::close(self.session).await;
        Ok(())
    }

    /// Waits for readers with older snapshots. If one read a table before the swap and another table after it, it would miss
    /// the last rows of the new tables.
    async fn wait_for_readers(&mut self) -> Result<(), ProjectError> {
        const OLD_READERS: &str = "
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND backend_xmin IS NOT NULL AND xact_start < $1::timestamptz
              AND application_name <> $2";
        let doing = "waiting for readers";
        let now: String = sqlx::query_scalar("SELECT clock_timestamp()::text")
            .fetch_one(&mut self.session)
            .await
            .map_err(database(doing))?;
        let deadline = Instant::now() + READERS;
        while Instant::now() < deadline {
            let readers: i64 = sqlx::query_scalar(OLD_READERS)
                .bind(&now)
                .bind(schema::APPLICATION)
                .fetch_one(&mut self.session)
                .await
                .map_err(database(doing))?;
            if readers == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}
