//! Timers of screenings with holds, kept in memory and in the table `sagas.hold_timers`. If an earlier timer is armed, arming a
//! later one has no effect.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use ticketshow_domain::{Decider, ScreeningId, screening::Screening};
use ticketshow_nats::{consumers::timers::Timers, log::history::Log, server::connection::Connection};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::worker::error::SagaError;

/// Number of locks held while timers are armed, so that screenings seldom wait for each other.
const SHARDS: usize = 64;
/// Timers armed concurrently at start.
const ARMED_AT_ONCE: usize = 32;

type Shard = HashMap<ScreeningId, Timestamp>;

/// The timers of all screenings.
#[derive(Debug)]
pub(crate) struct HoldTimers {
    timers: Timers,
    pool: PgPool,
    armed: [Mutex<Shard>; SHARDS],
}

impl HoldTimers {
    /// Kind of the timers. Frozen once shipped.
    pub const KIND: &'static str = "hold-expiry";

    /// Re-arms the timers of the last run; on a new database, arms one for every screening in the log at `now`.
    pub(super) async fn restore(
        connection: &Connection,
        pool: &PgPool,
        now: Timestamp,
    ) -> Result<Self, SagaError> {
        let this = Self {
            timers: Timers::new(connection),
            pool: pool.clone(),
            armed: std::array::from_fn(|_| Mutex::default()),
        };
        let rows: Vec<(Uuid, jiff_sqlx::Timestamp)> =
            sqlx::query_as("SELECT screening, due_at FROM sagas.hold_timers").fetch_all(pool).await?;
        this.arm_all(rows.into_iter().map(|(screening, due_at)| (ScreeningId(screening), due_at.to_jiff())))
            .await?;
        let complete: bool =
            sqlx::query_scalar("SELECT complete FROM sagas.hold_watch").fetch_one(pool).await?;
        if !complete {
            let found = screenings_of(&Log::new(connection)).await?;
            this.arm_all(found.into_iter().map(|screening| (screening, now))).await?;
            sqlx::query("UPDATE sagas.hold_watch SET complete = true").execute(pool).await?;
        }
        Ok(this)
    }

    async fn arm_all(&self, timers: impl Iterator<Item = (ScreeningId, Timestamp)>) -> Result<(), SagaError> {
        stream::iter(timers.map(Ok))
            .try_for_each_concurrent(ARMED_AT_ONCE, async |(screening, due_at)| {
                self.arm(screening, due_at).await
            })
            .await
    }

    /// Returns `true` if a timer fires at `due_at` or before.
    pub async fn is_armed_by(&self, screening: ScreeningId, due_at: Timestamp) -> bool {
        self.shard(screening).await.get(&screening).is_some_and(|armed| *armed <= due_at)
    }

    /// Ensures that a timer fires at `due_at` or before.
    pub async fn arm(&self, screening: ScreeningId, due_at: Timestamp) -> Result<(), SagaError> {
        let mut armed = self.shard(screening).await;
        if armed.get(&screening).is_some_and(|armed| *armed <= due_at) {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO sagas.hold_timers (screening, due_at) VALUES ($1, $2)
             ON CONFLICT (screening) DO UPDATE SET due_at = EXCLUDED.due_at",
        )
        .bind(screening.0)
        .bind(due_at.to_sqlx())
        .execute(&self.pool)
        .await?;
        self.timers.arm(Self::KIND, &screening.to_string(), due_at).await?;
        armed.insert(screening, due_at);
        Ok(())
    }

    /// Forgets a fired timer in memory. Its row remains until the timer is armed again or [`Self::forget`] deletes it.
    pub async fn disarm(&self, screening: ScreeningId) {
        self.shard(screening).await.remove(&screening);
    }

    /// Deletes the row of a timer, unless it was armed again meanwhile.
    pub async fn forget(&self, screening: ScreeningId) -> Result<(), SagaError> {
        let armed = self.shard(screening).await;
        if !armed.contains_key(&screening) {
            sqlx::query("DELETE FROM sagas.hold_timers WHERE screening = $1")
                .bind(screening.0)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }

    async fn shard(&self, screening: ScreeningId) -> MutexGuard<'_, Shard> {
        let number = screening.0.as_u128() % SHARDS as u128;
        self.armed[usize::try_from(number).unwrap_or(0)].lock().await
    }
}

/// Returns every screening in the log. Reads the whole log, once per database.
async fn screenings_of(log: &Log) -> Result<HashSet<ScreeningId>, SagaError> {
    let end = log.last_position().await?;
    let mut screenings = HashSet::new();
    let mut commits = std::pin::pin!(log.read(0, end));
    while let Some(commit) = commits.next().await {
        let commit = commit?;
        if &*commit.aggregate == Screening::TYPE {
            screenings.insert(commit.id.parse().map_err(SagaError::permanent)?);
        }
    }
    Ok(screenings)
}
