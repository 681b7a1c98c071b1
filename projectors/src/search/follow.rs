//! Keeps the index up to date with the read models. One process is active; others stand by.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection, PgPool, postgres::PgListener};
use ticketshow_nats::subjects::PROJECTED;
use tokio_util::sync::CancellationToken;

use super::{
    ALIAS, NAME,
    documents::{self, Id},
    error::{SearchError, SearchRebuildError},
    index::{SearchIndex, Written},
    rebuild::{Counted, rebuild},
};
use crate::{
    columns::stored,
    error::{ProjectError, chain, database},
    measures::number,
    rebuild::Verification,
    schema::{self, LOCK_CLASS, Lock, READ},
};

/// Documents written at once.
pub(crate) const CHUNK: usize = 500;
/// Time to collect several changes: a small part of the second within which they must be searchable.
const GATHER: Duration = Duration::from_millis(40);
/// Interval of checks without any change: the index may have been lost.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Minimum interval between position updates without changed documents.
const MOVE_ON: Duration = Duration::from_secs(1);
/// Interval of checks for documents outdated by time alone: shows after their last screening in a city.
const STALE: Duration = Duration::from_mins(1);
const STAND_BY: Duration = Duration::from_secs(2);
const BACKOFF_MIN: Duration = Duration::from_millis(250);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// Follows the read models until `stop`. Any number of processes may run this; one is active. Outages are retried. An index
/// that is lost, or that another version of this program built, is rebuilt. The read models never wait for the index.
pub async fn follow(pool: PgPool, index: SearchIndex, stop: CancellationToken) {
    let following = async {
        let mut backoff = BACKOFF_MIN;
        loop {
            let began = Instant::now();
            let Err(error) = take_turn(&pool, &index, &stop).await;
            metrics::gauge!("ticketshow_projection_active", "projection" => NAME).set(0);
            if began.elapsed() > BACKOFF_MAX * 2 {
                backoff = BACKOFF_MIN;
            }
            tracing::warn!(error = chain(&error), "following for the search index failed: retrying");
            tokio::time::sleep(backoff).await;
            backoff = (backoff * 2).min(BACKOFF_MAX);
        }
    };
    // A write may be cut off anywhere: it is repeated.
    tokio::select! {
        () = following => {}
        () = stop.cancelled() => {}
    }
}

/// Only an error ends following.
enum Never {}

async fn take_turn(
    pool: &PgPool,
    index: &SearchIndex,
    stop: &CancellationToken,
) -> Result<Never, SearchError> {
    let mut session = schema::writer(pool, READ).await?;
    while !schema::try_lock(&mut session, Lock::SearchFollower).await? {
        tokio::time::sleep(STAND_BY).await;
    }
    let doing = "listening for changes of the read models";
    let mut news = PgListener::connect_with(pool).await.map_err(database(doing))?;
    news.listen(PROJECTED).await.map_err(database(doing))?;
    metrics::gauge!("ticketshow_projection_active", "projection" => NAME).set(1);
    let mut follower = Follower { index, moved_on: None, stale_looked: None, behind: 0 };
    loop {
        match follower.catch_up(&mut session).await {
            Ok(()) => {}
            Err(SearchError::Missing) => build(pool, index, stop).await?,
            Err(error) => return Err(error),
        }
        // Notifications during our work are covered by the next read.
        tokio::select! {
            notification = news.recv() => drop(notification.map_err(database(doing))?),
            () = tokio::time::sleep(CHECK_INTERVAL) => {}
        }
        tokio::time::sleep(GATHER).await;
        while news.next_buffered().is_some() {}
    }
}

/// Builds a new index, or waits if another process is building it.
async fn build(pool: &PgPool, index: &SearchIndex, stop: &CancellationToken) -> Result<(), SearchError> {
    tracing::info!("building the search index");
    match rebuild(pool, index, Verification::Skip, stop, |_: Counted| ()).await {
        Ok(built) => {
            tracing::info!(
                documents = built.documents,
                position = built.position,
                "the search index is built"
            );
            Ok(())
        }
        Err(SearchRebuildError::Running | SearchRebuildError::Stopped) => {
            tokio::time::sleep(STAND_BY).await;
            Ok(())
        }
        Err(SearchRebuildError::Search(error)) => Err(error),
        // Nothing was compared.
        Err(SearchRebuildError::Different { .. }) => Err(SearchError::Missing),
    }
}

struct Follower<'a> {
    index: &'a SearchIndex,
    moved_on: Option<Instant>,
    stale_looked: Option<Instant>,
    /// Number of checks in a row that found the tables behind the index.
    behind: u32,
}

impl Follower<'_> {
    /// Brings the index to the position of the tables.
    async fn catch_up(&mut self, session: &mut PgConnection) -> Result<(), SearchError> {
        /// One check may be a coincidence: another process wrote commits newer than our snapshot.
        const BEHIND_MAX: u32 = 3;
        let stale = self.stale().await?;
        let mut snapshot = begin(session).await?;
        // Keeps other writers from the index until the end of the snapshot.
        sqlx::query("SELECT pg_advisory_xact_lock($1, $2)")
            .bind(LOCK_CLASS)
            .bind(Lock::SearchWriter as i32)
            .execute(&mut *snapshot)
            .await
            .map_err(database("waiting to write to the search index"))?;
        let position = position(&mut snapshot).await?;
        let reached = self.index.reached().await?;
        self.behind = if position < reached.position { self.behind + 1 } else { 0 };
        if self.behind >= BEHIND_MAX {
            tracing::warn!(position, index = reached.position, "the search index is ahead of the tables");
            return Err(SearchError::Missing);
        }
        if position >= reached.position {
            let mut ids = documents::changed(&mut snapshot, stored(reached.position)).await?;
            ids.extend(stale);
            let due = position > reached.position && self.moved_on.is_none_or(|at| at.elapsed() >= MOVE_ON);
            if !ids.is_empty() || due {
                write(self.index, ALIAS, &mut snapshot, &ids, position).await?;
                self.moved_on = Some(Instant::now());
                metrics::counter!("ticketshow_search_documents_written").increment(ids.len() as u64);
            }
        }
        metrics::gauge!("ticketshow_projection_position", "projection" => NAME).set(number(position));
        snapshot.rollback().await.map_err(database("ending the snapshot of the catalogue"))?;
        Ok(())
    }

    async fn stale(&mut self) -> Result<Vec<Id>, SearchError> {
        if self.stale_looked.is_some_and(|at| at.elapsed() < STALE) {
            return Ok(Vec::new());
        }
        let stale = self.index.stale("now").await?;
        self.stale_looked = Some(Instant::now());
        Ok(stale)
    }
}

/// Begins a snapshot of the tables.
pub(crate) async fn begin(
    session: &mut PgConnection,
) -> Result<sqlx::Transaction<'_, sqlx::Postgres>, ProjectError> {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    session.begin_with(begin).await.map_err(database("beginning to read the catalogue"))
}

/// Reads the position of the tables.
pub(crate) async fn position(snapshot: &mut PgConnection) -> Result<u64, ProjectError> {
    let position: i64 = sqlx::query_scalar("SELECT position FROM checkpoint")
        .fetch_one(snapshot)
        .await
        .map_err(database("reading the position of the tables"))?;
    Ok(position.cast_unsigned())
}

/// Writes documents from a snapshot of the tables, chunk by chunk, and then the position of the index.
pub(crate) async fn write(
    index: &SearchIndex,
    target: &str,
    snapshot: &mut PgConnection,
    ids: &[Id],
    position: u64,
) -> Result<(), SearchError> {
    let mut chunks = ids.chunks(CHUNK).peekable();
    while let Some(chunk) = chunks.next() {
        let documents = documents::load(snapshot, chunk).await?;
        let written = if chunks.peek().is_some() { Written::Part } else { Written::All };
        index.write(target, &documents, position, written).await?;
    }
    if ids.is_empty() {
        index.write(target, &[], position, Written::All).await?;
    }
    Ok(())
}
