//! The position of the tables in the log, and the transaction that writes rows and checkpoint together.

use sqlx::{Connection, PgConnection};
use ticketshow_nats::{
    guard::log_guard::LogMark,
    log::history::Log,
    subjects::{PROJECTED, consumers},
};

use crate::{
    columns::stored,
    error::{ProjectError, database},
    feed::Batch,
    tables::ReadModels,
};

/// Name of the projection: in the checkpoint, for the durable consumer and in the API.
pub(crate) const NAME: &str = consumers::READ_MODELS;

/// The last commit in the tables; position 0 if there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub position: u64,
    pub hash: Vec<u8>,
}

impl Checkpoint {
    /// Reads the checkpoint of the connection's schema.
    pub async fn read(connection: &mut PgConnection) -> Result<Self, ProjectError> {
        let (position, hash): (i64, Vec<u8>) =
            sqlx::query_as("SELECT position, hash FROM checkpoint WHERE name = $1")
                .bind(NAME)
                .fetch_one(connection)
                .await
                .map_err(database("reading the checkpoint"))?;
        Ok(Self { position: position.cast_unsigned(), hash })
    }

    /// Returns true if the log still holds the checkpoint's commit, or if there is none.
    pub async fn is_of(&self, log: &Log) -> Result<bool, ProjectError> {
        if self.position == 0 {
            return Ok(true);
        }
        let commit = log.commit_at(self.position).await?;
        Ok(commit.is_some_and(|commit| LogMark::of(&commit).sha256.as_slice() == self.hash))
    }

    /// Writes a batch and moves to its last commit, all or nothing. Commits that are in the tables already are skipped.
    ///
    /// # Errors
    ///
    /// [`ProjectError`]; discard `models` then.
    pub async fn advance(
        &mut self,
        connection: &mut PgConnection,
        models: &mut ReadModels,
        batch: &Batch,
    ) -> Result<(), ProjectError> {
        // Runs first, so that a swap by a rebuild is noticed before anything is written.
        const MOVE: &str = "
            WITH moved AS (
                UPDATE checkpoint SET position = $3, hash = $4, halted = NULL
                WHERE name = $1 AND position = $2 AND NOT replaced RETURNING position)
            SELECT CASE current_schema() WHEN 'read' THEN pg_notify($5, position::text) END FROM moved";

        let last = batch.last();
        if last.position <= self.position {
            return Ok(());
        }
        for recorded in batch.events().filter(|recorded| recorded.position > self.position) {
            models.apply(recorded)?;
        }
        let mut transaction = connection.begin().await.map_err(database("beginning"))?;
        let moved = sqlx::query(MOVE)
            .bind(NAME)
            .bind(stored(self.position))
            .bind(stored(last.position))
            .bind(last.sha256.as_slice())
            .bind(PROJECTED)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(database("moving the checkpoint"))?;
        if moved.is_none() {
            return Err(ProjectError::Replaced);
        }
        models.flush(&mut transaction).await?;
        transaction.commit().await.map_err(database("committing"))?;
        *self = Self { position: last.position, hash: last.sha256.to_vec() };
        Ok(())
    }
}

/// Records why the projection stopped.
pub(crate) async fn halt(connection: &mut PgConnection, why: &str) -> Result<(), ProjectError> {
    sqlx::query("UPDATE checkpoint SET halted = $2 WHERE name = $1")
        .bind(NAME)
        .bind(why)
        .execute(connection)
        .await
        .map(drop)
        .map_err(database("recording why the projection stopped"))
}
