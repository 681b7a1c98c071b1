//! The moment in which the live tables stand still, and in which others take their place.

use std::time::{Duration, Instant};

use sqlx::{PgConnection, PgPool};

use crate::{
    checkpoint::NAME,
    error::{ProjectError, database},
    schema::{self, READ, READ_NEXT, READ_OLD},
};

/// How long readers who began before may delay a swap. Their requests are answered within this time.
const READERS: Duration = Duration::from_secs(3);

/// While it lasts, nobody moves the live checkpoint. Postgres ends it by itself if its owner hangs for ten seconds.
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

    /// Where the live tables stand.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Lets them go on.
    pub async fn end(self) {
        schema::close(self.session).await;
    }

    /// Puts the new tables in their place. Names are looked up anew by every statement, prepared ones too.
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

    /// A reader whose snapshot is older than the last rows of the new tables, and who looks into one table before the swap
    /// and into another after it, would see less than it was promised. So those are let finish.
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
