//! What is scheduled where, and which shows and venues were closed when: tables of this saga, written in the order of the
//! log with their checkpoint in one transaction. Whoever asks, asks as of a position of the log, so it does not matter how
//! much further the tables are.

use std::{pin::pin, time::Duration};

use futures_util::StreamExt;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};
use ticketshow_domain::{AnyEvent, ScreenId, ScreeningId, ShowId, VenueId, screen, show, venue};
use ticketshow_nats::{Commit, Connection, Log, Recorded};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Decision, House};
use crate::{reaction::Halt, run::pause};

/// Where shows, venues and calendars are written: none of it is busy.
const SUBJECTS: [&str; 3] = ["tix.show.>", "tix.venue.>", "tix.screen.>"];
/// How long somebody waits for the tables before he comes again later.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the tables cannot be asked or written now.
#[derive(Debug, thiserror::Error)]
enum Unready {
    #[error("the programme is known up to position {reached} and not up to {wanted} yet")]
    Behind { reached: u64, wanted: u64 },
    #[error("somebody else writes the programme")]
    NotAlone,
}

/// The tables.
#[derive(Debug)]
pub(super) struct Programme {
    log: Log,
    pool: PgPool,
    reached: watch::Sender<u64>,
}

/// The decision that closed a show or venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closed(pub Decision);

#[derive(sqlx::FromRow)]
struct ClosureRow {
    /// None: opened again.
    cascade: Option<Uuid>,
    reason: Option<String>,
    decided_at: jiff_sqlx::Timestamp,
}

impl Programme {
    pub fn new(connection: &Connection, pool: &PgPool) -> Self {
        Self { log: Log::new(connection), pool: pool.clone(), reached: watch::Sender::new(0) }
    }

    /// Keeps the tables up with the log until `stop`.
    pub async fn follow(&self, stop: &CancellationToken) {
        loop {
            if let Err(Halt::Away(error) | Halt::Stuck(error)) = self.follow_once(stop).await {
                let error = error.as_ref() as &dyn std::error::Error;
                tracing::warn!(error, "the programme is not followed");
            }
            if !pause(stop).await {
                return;
            }
        }
    }

    async fn follow_once(&self, stop: &CancellationToken) -> Result<(), Halt> {
        let mut at = self.begin().await?;
        self.reached.send_replace(at);
        let mut commits = pin!(self.log.tail(at, &SUBJECTS).await?);
        while let Some(commit) = stop.run_until_cancelled(commits.next()).await.flatten() {
            let commit = commit?;
            self.take(&commit, at).await?;
            at = commit.position;
            self.reached.send_replace(at);
        }
        Ok(())
    }

    /// Where the tables stand. Those of a log that ended further on are of another log: forgotten, and written anew.
    async fn begin(&self) -> Result<u64, Halt> {
        let position: i64 =
            sqlx::query_scalar("SELECT position FROM sagas.programme").fetch_one(&self.pool).await?;
        let position = position.cast_unsigned();
        if position <= self.log.last_position().await? {
            return Ok(position);
        }
        let mut transaction = self.pool.begin().await?;
        for statement in [
            "DELETE FROM sagas.programme_screenings",
            "DELETE FROM sagas.programme_closures",
            "UPDATE sagas.programme SET position = 0",
        ] {
            sqlx::query(statement).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(0)
    }

    async fn take(&self, commit: &Commit, after: u64) -> Result<(), Halt> {
        let events = commit.events()?;
        let mut transaction = self.pool.begin().await?;
        // What a power cut takes is read again from the log.
        sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *transaction).await?;
        let moved = sqlx::query("UPDATE sagas.programme SET position = $2 WHERE position = $1")
            .bind(after.cast_signed())
            .bind(commit.position.cast_signed())
            .execute(&mut *transaction)
            .await?;
        if moved.rows_affected() == 0 {
            return Err(Halt::Away(Unready::NotAlone.into()));
        }
        for recorded in &events {
            write(&mut transaction, recorded).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Screenings of a show or venue that were scheduled before `position` and start after `decided_at`.
    pub async fn scheduled_before(
        &self,
        position: u64,
        house: House,
        decided_at: Timestamp,
    ) -> Result<Vec<(ScreeningId, ScreenId)>, Halt> {
        self.wait_for(position).await?;
        let (show, venue) = match house {
            House::Show(ShowId(show)) => (Some(show), None),
            House::Venue(VenueId(venue)) => (None, Some(venue)),
        };
        let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "SELECT screening, screen FROM sagas.programme_screenings
             WHERE (show = $1 OR venue = $2) AND position < $3 AND starts_at > $4",
        )
        .bind(show)
        .bind(venue)
        .bind(position.cast_signed())
        .bind(decided_at.to_sqlx())
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(screening, screen)| (ScreeningId(screening), ScreenId(screen))).collect())
    }

    /// Whether the show was cancelled, or the venue was closed, when the log was at `position`.
    pub async fn closed_before(
        &self,
        position: u64,
        ShowId(show): ShowId,
        VenueId(venue): VenueId,
    ) -> Result<Option<Closed>, Halt> {
        self.wait_for(position).await?;
        let rows: Vec<ClosureRow> = sqlx::query_as(
            "SELECT DISTINCT ON (house) cascade, reason, decided_at FROM sagas.programme_closures
             WHERE house IN ($1, $2) AND position < $3 ORDER BY house, position DESC",
        )
        .bind(show)
        .bind(venue)
        .bind(position.cast_signed())
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().find_map(|ClosureRow { cascade, reason, decided_at }| {
            Some(Closed(Decision { cascade: cascade?, reason, decided_at: decided_at.to_jiff() }))
        }))
    }

    async fn wait_for(&self, wanted: u64) -> Result<(), Halt> {
        let mut reached = self.reached.subscribe();
        let arrived = tokio::time::timeout(PATIENCE, reached.wait_for(|reached| *reached >= wanted)).await;
        match arrived {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                Err(Halt::Away(Unready::Behind { reached: *self.reached.borrow(), wanted }.into()))
            }
        }
    }
}

async fn write(connection: &mut PgConnection, recorded: &Recorded) -> Result<(), Halt> {
    let house = || recorded.id.parse::<Uuid>().map_err(Halt::stuck);
    match &recorded.event {
        AnyEvent::Screen(screen::Event::ScreeningScheduled { screening, promise, .. }) => {
            sqlx::query(
                "INSERT INTO sagas.programme_screenings (screening, screen, show, venue, starts_at, position)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(screening.0)
            .bind(house()?)
            .bind(promise.show.0)
            .bind(promise.venue.0)
            .bind(promise.starts_at.to_sqlx())
            .bind(recorded.position.cast_signed())
            .execute(connection)
            .await?;
        }
        AnyEvent::Show(show::Event::ShowCancelled { cascade, reason })
        | AnyEvent::Venue(venue::Event::VenueDeactivated { cascade, reason }) => {
            turn(connection, recorded, house()?, Some((*cascade, reason.as_deref()))).await?;
        }
        AnyEvent::Venue(venue::Event::VenueReactivated {}) => {
            turn(connection, recorded, house()?, None).await?;
        }
        AnyEvent::Show(
            show::Event::ShowCreated { .. }
            | show::Event::ShowUpdated { .. }
            | show::Event::PosterSet { .. }
            | show::Event::ShowCleared { .. },
        )
        | AnyEvent::Venue(
            venue::Event::VenueCreated { .. }
            | venue::Event::VenueUpdated { .. }
            | venue::Event::VenueCleared { .. },
        )
        | AnyEvent::Screen(
            screen::Event::ScreenAdded { .. }
            | screen::Event::ScreenRenamed { .. }
            | screen::Event::LayoutChanged { .. }
            | screen::Event::ScreeningUnscheduled { .. },
        )
        | AnyEvent::Account(_)
        | AnyEvent::Screening(_)
        | AnyEvent::Booking(_)
        | AnyEvent::Payment(_)
        | AnyEvent::Wallet(_) => {}
    }
    Ok(())
}

/// A show or venue is closed, or opened again.
async fn turn(
    connection: &mut PgConnection,
    recorded: &Recorded,
    house: Uuid,
    closed: Option<(Uuid, Option<&str>)>,
) -> Result<(), Halt> {
    let (cascade, reason) = closed.unzip();
    sqlx::query(
        "INSERT INTO sagas.programme_closures (house, position, cascade, reason, decided_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(house)
    .bind(recorded.position.cast_signed())
    .bind(cascade)
    .bind(reason.flatten())
    .bind(recorded.metadata.time.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}
