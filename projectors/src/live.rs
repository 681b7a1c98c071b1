//! Keeps the tables up to date with the log. One process is active; others stand by.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection, PgPool};
use ticketshow_nats::{
    consumers::in_order::read_models_consumer, kv::persons::Persons, log::history::Log,
    server::connection::Connection,
};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::{
    checkpoint::{Checkpoint, NAME, halt},
    error::{ProjectError, chain, database},
    feed::{Batch, Feed},
    measures::number,
    rebuild_requests::Rebuilding,
    schema::{self, Lock, READ},
    search::SearchIndex,
    tables::ReadModels,
};

/// Interval of pings to Postgres: well below the time after which it ends an idle session.
const HEARTBEAT: Duration = Duration::from_secs(3);
/// Interval at which a stand-by tries to take over.
const STAND_BY: Duration = Duration::from_secs(2);
/// Pause after a final error; a rebuild may have fixed it meanwhile.
const HALTED: Duration = Duration::from_secs(15);
const BACKOFF_MIN: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// Limit for the current batch at shutdown.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// Writes the log into the tables of schema `read`, exactly once, until `stop`. Any number of processes may run this: one is
/// active, another takes over within 15 s. Outages are retried. At an event that cannot be applied the projection stops,
/// reports it (log, metrics, `checkpoint.halted`) and retries every 15 s; no event is skipped.
///
/// It also answers rebuild requests, including those for the search index if there is one. The tables must exist: see
/// [`crate::migrate`].
pub async fn run(
    pool: PgPool,
    connection: &Connection,
    search: Option<SearchIndex>,
    stop: CancellationToken,
) {
    let stopping = async {
        stop.cancelled().await;
        tokio::time::sleep(SHUTDOWN).await;
    };
    tokio::select! {
        () = follow_until_stopped(&pool, connection, Rebuilding::new(search), &stop) => {}
        () = stopping => tracing::warn!("stopped in the middle of a batch, which will be read again"),
    }
}

async fn follow_until_stopped(
    pool: &PgPool,
    connection: &Connection,
    mut rebuilding: Rebuilding,
    stop: &CancellationToken,
) {
    let mut backoff = BACKOFF_MIN;
    while !stop.is_cancelled() {
        let began = Instant::now();
        let pause = match take_turn(pool, connection, &mut rebuilding, stop).await {
            Ok(()) => continue,
            Err(ProjectError::Replaced) => {
                tracing::info!("the read models were replaced: continuing with the new ones");
                continue;
            }
            Err(error) if error.is_final() => HALTED,
            Err(error) => {
                if began.elapsed() > BACKOFF_MAX * 2 {
                    backoff = BACKOFF_MIN;
                }
                tracing::warn!(error = %chain(&error), "projecting failed: retrying");
                let pause = backoff;
                backoff = (backoff * 2).min(BACKOFF_MAX);
                pause
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Waits to become active, then follows the log.
async fn take_turn(
    pool: &PgPool,
    connection: &Connection,
    rebuilding: &mut Rebuilding,
    stop: &CancellationToken,
) -> Result<(), ProjectError> {
    let mut session = schema::writer(pool, READ).await?;
    // Lock and writes share a session: without the lock there are no writes.
    while !schema::try_lock(&mut session, Lock::Live).await? {
        metrics::gauge!("ticketshow_projection_active", "projection" => NAME).set(0);
        tokio::select! {
            () = tokio::time::sleep(STAND_BY) => {}
            () = stop.cancelled() => return Ok(()),
        }
    }
    metrics::gauge!("ticketshow_projection_active", "projection" => NAME).set(1);
    let followed = tokio::select! {
        followed = follow(&mut session, connection, stop) => followed,
        Err(failure) = rebuilding.answer(pool, connection, stop) => Err(failure.into()),
    };
    if let Err(error) = &followed
        && error.is_final()
    {
        let why = chain(error);
        tracing::error!(error = why, "the read models are stopped");
        halt(&mut session, &why).await?;
    }
    schema::close(session).await;
    followed
}

async fn follow(
    session: &mut PgConnection,
    connection: &Connection,
    stop: &CancellationToken,
) -> Result<(), ProjectError> {
    let log = Log::new(connection);
    let mut link = connection.link();
    let mut checkpoint = Checkpoint::read(session).await?;
    expect_log_of(&checkpoint, &log).await?;
    tracing::info!(position = checkpoint.position, "following the log");
    let mut models = ReadModels::new();
    let consumer = read_models_consumer(connection, checkpoint.position).await?;
    let mut feed = Feed::follow(consumer, Persons::new(connection));
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            batch = feed.next() => {
                let Some(batch) = batch else { return Ok(()) };
                let batch = batch?;
                // After a reconnect it may be another log.
                let now = connection.link();
                if now.is_some() && now != link {
                    expect_log_of(&checkpoint, &log).await?;
                    link = now;
                }
                let began = Instant::now();
                checkpoint.advance(session, &mut models, &batch).await?;
                measure(&batch, &checkpoint, began.elapsed());
            }
            _ = heartbeat.tick() => {
                session.ping().await.map_err(database("pinging Postgres"))?;
                feed.projected(checkpoint.position);
                let last = log.last_position().await?;
                let lag = last.saturating_sub(checkpoint.position);
                metrics::gauge!("ticketshow_projection_lag", "projection" => NAME).set(number(lag));
            }
        }
    }
}

async fn expect_log_of(checkpoint: &Checkpoint, log: &Log) -> Result<(), ProjectError> {
    if checkpoint.is_of(log).await? {
        Ok(())
    } else {
        Err(ProjectError::LogDiverged { position: checkpoint.position })
    }
}

fn measure(batch: &Batch, checkpoint: &Checkpoint, took: Duration) {
    let events = batch.events().count();
    metrics::gauge!("ticketshow_projection_position", "projection" => NAME).set(number(checkpoint.position));
    metrics::counter!("ticketshow_projection_events", "projection" => NAME).increment(events as u64);
    metrics::histogram!("ticketshow_projection_batch_events", "projection" => NAME)
        .record(number(events as u64));
    metrics::histogram!("ticketshow_projection_batch_seconds", "projection" => NAME)
        .record(took.as_secs_f64());
}
