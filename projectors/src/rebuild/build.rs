//! Building the read models anew from the log, beside the live ones, and putting them in their place. Readers notice
//! nothing; what they had prepared goes on working.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use ticketshow_nats::{Connection, Log};
use tokio_util::sync::CancellationToken;

use super::{
    compare::{Difference, Moment},
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

/// Closer than this many commits to the live tables, the rest is read while these are paused.
const NEAR: u64 = 2_000;

/// Whether the rebuilt tables are compared with the live ones before they take their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// They are not: right when the live ones are known to be wrong.
    Skip,
    /// They are, as of one commit; if they differ, the live ones stay.
    Compare,
}

/// What a rebuild is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading the log into new tables.
    Loading,
    /// Building their indexes.
    Indexing,
    /// Comparing them with the live ones.
    Comparing,
    /// Taking the place of the live ones.
    Swapping,
}

/// How far a rebuild is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// Position of the last commit that is in the new tables.
    pub position: u64,
    /// Position that it has to reach, as far as is known.
    pub target: u64,
    /// Events read by now.
    pub events: u64,
    /// Since its beginning.
    pub took: Duration,
}

/// A rebuild that is over: the new tables are in place.
#[derive(Debug, Clone, Copy)]
pub struct Rebuilt {
    /// Position of the last commit in the new tables.
    pub position: u64,
    /// Position of the last commit that an earlier rebuild had brought into the new tables; 0 if it began anew.
    pub left_off: u64,
    /// Events read.
    pub events: u64,
    /// How long reading them took, without indexes and comparison.
    pub loading: Duration,
    /// How long all of it took.
    pub took: Duration,
}

/// Why the live tables are still those of before.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// One at a time.
    #[error("another rebuild is running")]
    Running,
    /// The program is to stop.
    #[error("stopped before the end")]
    Stopped,
    /// The comparison found differences.
    #[error("the rebuilt tables differ from the live ones: {}", names(.0))]
    Different(Vec<Difference>),
    /// The new tables could not be made.
    #[error("the new tables cannot be made")]
    Tables(#[from] SchemaError),
    /// The log could not be written into them.
    #[error("the log cannot be written into the new tables")]
    Project(#[from] ProjectError),
}

fn names(differences: &[Difference]) -> String {
    differences.iter().map(|difference| difference.table.as_str()).collect::<Vec<_>>().join(", ")
}

/// Builds all Postgres read models anew from the first commit on, catches up with the live ones, compares if asked, and
/// takes their place. The live ones go on meanwhile, but for moments at the end; whether somebody keeps them up or not
/// does not matter. `progress` is told how it goes, a few times a second.
///
/// # Errors
///
/// [`RebuildError`]: the live tables are as they were. Started again by the same program, it goes on where it was stopped or
/// killed; after any other error it begins anew.
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
        tracing::debug!(error = chain(error), "giving the new tables up");
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
    stop: &'a CancellationToken,
    progress: P,
    /// Works on the new schema and holds the lock.
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
    /// A schema that is empty or partly filled, and the right to fill it.
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
        // It waits while others compare.
        let doing = "preparing a rebuild";
        schema::execute(&mut session, "SET idle_session_timeout = 0".to_owned(), doing).await?;
        schema::drop_schema(&mut session, READ_OLD).await?;
        let log = Log::new(connection);
        let (checkpoint, indexes) = match go_on(&mut session, &log).await? {
            Some(left) => left,
            None => begin_anew(&mut session).await?,
        };
        let left_off = checkpoint.position;
        Ok(Self {
            pool,
            log,
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

    /// From the first commit to the swap; gives back how long the log took.
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
        self.draw_level().await?.swap().await?;
        Ok(loading)
    }

    /// Comes near the live tables, and never gets past them.
    async fn chase(&mut self) -> Result<(), RebuildError> {
        loop {
            if self.stop.is_cancelled() {
                return Err(RebuildError::Stopped);
            }
            let live = self.live_position().await?;
            // Where the log went backwards, its end is all there is.
            let end = self.log.last_position().await.map_err(ProjectError::from)?;
            let target = live.min(end);
            if target <= self.checkpoint.position + NEAR {
                return Ok(());
            }
            self.load(target).await?;
        }
    }

    /// Reaches the live tables, which stand still for as long as the pause is held.
    async fn draw_level(&mut self) -> Result<Pause, RebuildError> {
        let pause = Pause::begin(self.pool).await?;
        let end = self.log.last_position().await.map_err(ProjectError::from)?;
        self.load(pause.position().min(end)).await?;
        Ok(pause)
    }

    async fn verify(&mut self) -> Result<(), RebuildError> {
        self.report(Stage::Comparing);
        let pause = self.draw_level().await?;
        let moment = Moment::take(self.pool).await?;
        pause.end().await;
        let differences = moment.compare().await?;
        if differences.is_empty() { Ok(()) } else { Err(RebuildError::Different(differences)) }
    }

    async fn load(&mut self, up_to: u64) -> Result<(), RebuildError> {
        if up_to <= self.checkpoint.position {
            return Ok(());
        }
        self.target = up_to;
        let mut feed = Feed::stretch(&self.log, self.checkpoint.position, up_to);
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
            .map_err(database("asking how far the live tables are"))?;
        Ok(position.cast_unsigned())
    }

    fn report(&mut self, stage: Stage) {
        let Self { checkpoint, target, events, began, .. } = self;
        let (position, target, events) = (checkpoint.position, *target, *events);
        (self.progress)(Progress { stage, position, target, events, took: began.elapsed() });
    }
}

/// What this program was stopped at, if the log is still the one that it read.
async fn go_on(
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

/// Empty tables without indexes.
async fn begin_anew(session: &mut sqlx::PgConnection) -> Result<(Checkpoint, Indexes), RebuildError> {
    schema::drop_schema(session, READ_NEXT).await?;
    schema::make(session, READ_NEXT).await?;
    let indexes = Indexes::take_off(session).await?;
    ResumePoint::new(indexes.0.clone()).note(session).await?;
    Ok((Checkpoint::read(session).await?, indexes))
}

/// Drops the tables that were replaced. Readers who began before may still hold them; what cannot be dropped now goes with
/// the next rebuild.
async fn drop_replaced(mut session: sqlx::PgConnection) {
    const TRIES: u32 = 20;
    let statement = format!("SET lock_timeout = '1s'; DROP SCHEMA IF EXISTS {READ_OLD} CASCADE");
    for _ in 0..TRIES {
        match schema::execute(&mut session, statement.clone(), "dropping the replaced tables").await {
            Ok(()) => return schema::close(session).await,
            Err(error) => tracing::debug!(error = chain(&error), "the replaced tables are still read"),
        }
    }
    tracing::warn!("the replaced tables are still read: the next rebuild drops them");
}
