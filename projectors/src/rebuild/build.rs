//! Rebuilds the read models from the log, beside the live ones, and swaps them in. Readers are not interrupted; their
//! prepared statements keep working.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use ticketshow_nats::{kv::persons::Persons, log::history::Log, server::connection::Connection};
use tokio_util::sync::CancellationToken;

use super::{
    compare::{Difference, Snapshot},
    indexes::Indexes,
    resume_point::ResumePoint,
    swap::Pause,
};
use crate::{
    checkpoint::Checkpoint,
    error::{ProjectError, chain, database},
    feed::Feed,
    schema::{self, Lock, READ_NEXT, READ_OLD, SchemaError},
    tables::ReadModels,
};

/// Within this many commits of the live tables, the rest is read while these are paused.
const NEAR: u64 = 2_000;

/// Comparison of the rebuilt tables with the live ones before the swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// No comparison: for live tables that are known to be wrong.
    Skip,
    /// Compares both as of one commit; if they differ, the live ones stay.
    Compare,
}

/// Stage of a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading the log into new tables.
    Loading,
    /// Building their indexes.
    Indexing,
    /// Comparing them with the live ones.
    Comparing,
    /// Replacing the live ones.
    Swapping,
}

/// Progress of a rebuild.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub stage: Stage,
    /// Position of the last commit in the new tables.
    pub position: u64,
    /// Position to reach, as currently known.
    pub target: u64,
    /// Events read so far.
    pub events: u64,
    /// Time since the start.
    pub took: Duration,
}

/// A finished rebuild: the new tables are live.
#[derive(Debug, Clone, Copy)]
pub struct Rebuilt {
    /// Position of the last commit in the new tables.
    pub position: u64,
    /// Position at which an interrupted rebuild was resumed; 0 if it started over.
    pub left_off: u64,
    /// Events read.
    pub events: u64,
    /// Duration of reading them, without indexes and comparison.
    pub loading: Duration,
    /// Duration of the whole rebuild.
    pub took: Duration,
}

/// Failure of a rebuild; the live tables are unchanged.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// Only one rebuild runs at a time.
    #[error("another rebuild is running")]
    Running,
    /// The program is stopping.
    #[error("stopped before the end")]
    Stopped,
    /// The comparison found differences.
    #[error("the rebuilt tables differ from the live ones: {}", names(.0))]
    Different(Vec<Difference>),
    /// The new tables could not be created.
    #[error("the new tables cannot be created")]
    Tables(#[from] SchemaError),
    /// The log could not be written into them.
    #[error("the log cannot be written into the new tables")]
    Project(#[from] ProjectError),
}

fn names(differences: &[Difference]) -> String {
    differences.iter().map(|difference| difference.table.as_str()).collect::<Vec<_>>().join(", ")
}

/// Rebuilds all Postgres read models from the first commit, catches up with the live ones, compares if requested, and swaps
/// them in. The live tables stay in use, except for moments at the end; it works with and without an active projector.
/// `progress` is called with the current position a few times per second.
///
/// # Errors
///
/// [`RebuildError`]: the live tables are unchanged. If it was stopped or killed, the same program resumes it at the next
/// start; after any other error it starts over.
pub async fn rebuild(
    pool: &PgPool,
    connection: &Connection,
    verification: Verification,
    stop: &CancellationToken,
    progress: impl FnMut(Progress) + Send,
) -> Result<Rebuilt, RebuildError> {
    let mut rebuild = Rebuild::begin(pool, connection, stop, progress).await?;
    let built = rebuild.build(verification).await;
    if let Err(error) = &built
        && !matches!(error, RebuildError::Stopped)
    {
        tracing::debug!(error = chain(error), "discarding the new tables");
        schema::drop_schema(&mut rebuild.session, READ_NEXT).await.ok();
    }
    let loading = built?;
    let Rebuild { session, checkpoint, left_off, events, began, .. } = rebuild;
    drop_replaced(session).await;
    tracing::info!(position = checkpoint.position, events, "the read models are rebuilt");
    Ok(Rebuilt { position: checkpoint.position, left_off, events, loading, took: began.elapsed() })
}

struct Rebuild<'a, P> {
    pool: &'a PgPool,
    log: Log,
    persons: Persons,
    stop: &'a CancellationToken,
    progress: P,
    /// Writes to the new schema and holds the lock.
    session: sqlx::PgConnection,
    models: ReadModels,
    checkpoint: Checkpoint,
    indexes: Indexes,
    left_off: u64,
    target: u64,
    events: u64,
    began: Instant,
}

impl<'a, P: FnMut(Progress) + Send> Rebuild<'a, P> {
    /// Takes the lock and prepares a schema, empty or partly filled.
    async fn begin(
        pool: &'a PgPool,
        connection: &Connection,
        stop: &'a CancellationToken,
        progress: P,
    ) -> Result<Self, RebuildError> {
        let mut session = schema::writer(pool, READ_NEXT).await?;
        if !schema::try_lock(&mut session, Lock::Rebuild).await? {
            return Err(RebuildError::Running);
        }
        // The session is idle during the comparison.
        let doing = "preparing a rebuild";
        schema::execute(&mut session, "SET idle_session_timeout = 0".to_owned(), doing).await?;
        schema::drop_schema(&mut session, READ_OLD).await?;
        let log = Log::new(connection);
        let (checkpoint, indexes) = match resume(&mut session, &log).await? {
            Some(resumed) => resumed,
            None => start_over(&mut session).await?,
        };
        let left_off = checkpoint.position;
        Ok(Self {
            pool,
            log,
            persons: Persons::new(connection),
            stop,
            progress,
            session,
            models: ReadModels::new(),
            checkpoint,
            indexes,
            left_off,
            target: 0,
            events: 0,
            began: Instant::now(),
        })
    }

    /// Runs from the first commit to the swap and returns the time that the log took.
    async fn build(&mut self, verification: Verification) -> Result<Duration, RebuildError> {
        self.chase().await?;
        let loading = self.began.elapsed();
        self.report(Stage::Indexing);
        self.indexes.put_back(&mut self.session).await?;
        self.chase().await?;
        if verification == Verification::Compare {
            self.verify().await?;
            self.chase().await?;
        }
        self.report(Stage::Swapping);
        self.reach_live().await?.swap().await?;
        Ok(loading)
    }

    /// Catches up with the live tables, never past them.
    async fn chase(&mut self) -> Result<(), RebuildError> {
        loop {
            if self.stop.is_cancelled() {
                return Err(RebuildError::Stopped);
            }
            let live = self.live_position().await?;
            // If the log is shorter than the tables, stop at its end.
            let end = self.log.last_position().await.map_err(ProjectError::from)?;
            let target = live.min(end);
            if target <= self.checkpoint.position + NEAR {
                return Ok(());
            }
            self.load(target).await?;
        }
    }

    /// Reaches the position of the live tables, which do not move until the pause ends.
    async fn reach_live(&mut self) -> Result<Pause, RebuildError> {
        let pause = Pause::begin(self.pool).await?;
        let end = self.log.last_position().await.map_err(ProjectError::from)?;
        self.load(pause.position().min(end)).await?;
        Ok(pause)
    }

    async fn verify(&mut self) -> Result<(), RebuildError> {
        self.report(Stage::Comparing);
        let pause = self.reach_live().await?;
        let snapshot = Snapshot::take(self.pool).await?;
        pause.end().await;
        let differences = snapshot.compare().await?;
        if differences.is_empty() { Ok(()) } else { Err(RebuildError::Different(differences)) }
    }

    async fn load(&mut self, up_to: u64) -> Result<(), RebuildError> {
        if up_to <= self.checkpoint.position {
            return Ok(());
        }
        self.target = up_to;
        let mut feed = Feed::stretch(&self.log, self.persons.clone(), self.checkpoint.position, up_to);
        loop {
            let batch = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(RebuildError::Stopped),
                batch = feed.next() => batch,
            };
            let Some(batch) = batch else { return Ok(()) };
            let batch = batch.map_err(ProjectError::from)?;
            self.checkpoint.advance(&mut self.session, &mut self.models, &batch).await?;
            self.events += batch.events().count() as u64;
            self.report(Stage::Loading);
        }
    }

    async fn live_position(&mut self) -> Result<u64, ProjectError> {
        let position: i64 = sqlx::query_scalar("SELECT position FROM read.checkpoint")
            .fetch_one(&mut self.session)
            .await
            .map_err(database("reading the position of the live tables"))?;
        Ok(position.cast_unsigned())
    }

    fn report(&mut self, stage: Stage) {
        let Self { checkpoint, target, events, began, .. } = self;
        let (position, target, events) = (checkpoint.position, *target, *events);
        (self.progress)(Progress { stage, position, target, events, took: began.elapsed() });
    }
}

/// Resumes a rebuild of this program, if the log is still the same.
async fn resume(
    session: &mut sqlx::PgConnection,
    log: &Log,
) -> Result<Option<(Checkpoint, Indexes)>, RebuildError> {
    let Some(ResumePoint { indexes, .. }) = ResumePoint::find(session).await? else { return Ok(None) };
    let checkpoint = Checkpoint::read(session).await?;
    if checkpoint.position == 0 {
        return Ok(None);
    }
    let same = checkpoint.is_of(log).await?;
    Ok(same.then_some((checkpoint, Indexes(indexes))))
}

/// Creates empty tables without indexes.
async fn start_over(session: &mut sqlx::PgConnection) -> Result<(Checkpoint, Indexes), RebuildError> {
    schema::drop_schema(session, READ_NEXT).await?;
    schema::make(session, READ_NEXT).await?;
    let indexes = Indexes::take_off(session).await?;
    ResumePoint::new(indexes.0.clone()).note(session).await?;
    Ok((Checkpoint::read(session).await?, indexes))
}

/// Drops the replaced tables. Earlier readers may still hold them; if so, the next rebuild drops them.
async fn drop_replaced(mut session: sqlx::PgConnection) {
    const TRIES: u32 = 20;
    let statement = format!("SET lock_timeout = '1s'; DROP SCHEMA IF EXISTS {READ_OLD} CASCADE");
    for _ in 0..TRIES {
        match schema::execute(&mut session, statement.clone(), "dropping the replaced tables").await {
            Ok(()) => return schema::close(session).await,
            Err(error) => tracing::debug!(error = chain(&error), "the replaced tables are still in use"),
        }
    }
    tracing::warn!("the replaced tables are still in use: the next rebuild drops them");
}
