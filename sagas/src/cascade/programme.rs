//! The programme: all scheduled screenings, and the times at which shows and venues were closed. Kept in tables of this saga,
//! written in log order with their checkpoint in the same transaction. Queries are as of a position of the log, so it does
//! not matter how far beyond that position the tables are.

use std::{pin::pin, time::Duration};

use futures_util::StreamExt;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};
use ticketshow_domain::{AnyEvent, ScreenId, ScreeningId, ShowId, VenueId, screen, show, venue};
use ticketshow_nats::{
    log::{
        envelope::{Commit, RecordedEvent},
        history::Log,
    },
    server::connection::Connection,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::decision::{Decision, Scope};
use crate::worker::{error::SagaError, pause};

/// Subjects of shows, venues and calendars, which see little traffic.
const SUBJECTS: [&str; 3] = ["tix.show.>", "tix.venue.>", "tix.screen.>"];
/// Longest wait for the tables before the event is retried later.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Reason why the tables cannot be queried or written now.
#[derive(Debug, thiserror::Error)]
enum Unready {
    #[error("the programme is at position {reached}, short of {wanted}")]
    Behind { reached: u64, wanted: u64 },
    #[error("another replica writes the programme")]
    OtherWriter,
}

/// The tables of the programme.
#[derive(Debug)]
pub(super) struct Programme {
    log: Log,
    pool: PgPool,
    reached: watch::Sender<u64>,
}

/// A show or venue that is closed, with the decision that closed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closed(pub Decision);

#[derive(sqlx::FromRow)]
struct ClosureRow {
    /// `None` if the venue was reopened.
    cascade: Option<Uuid>,
    reason: Option<String>,
    decided_at: jiff_sqlx::Timestamp,
}

impl Programme {
    pub fn new(connection: &Connection, pool: &PgPool) -> Self {
        Self { log: Log::new(connection), pool: pool.clone(), reached: watch::Sender::new(0) }
    }

    /// Keeps the tables up to date with the log until `stop`.
    pub async fn follow(&self, stop: &CancellationToken) {
        loop {
            if let Err(error) = self.follow_once(stop).await {
                tracing::warn!(error = error.source(), "the programme follower failed");
            }
            if !pause(stop).await {
                return;
            }
        }
    }

    async fn follow_once(&self, stop: &CancellationToken) -> Result<(), SagaError> {
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

    /// Returns the position of the tables. If they are ahead of the log, they belong to another log and are cleared.
    async fn begin(&self) -> Result<u64, SagaError> {
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

    async fn take(&self, commit: &Commit, after: u64) -> Result<(), SagaError> {
        let events = commit.events()?;
        let mut transaction = self.pool.begin().await?;
        // Writes lost in a power cut are read again from the log.
        sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *transaction).await?;
        let moved = sqlx::query("UPDATE sagas.programme SET position = $2 WHERE position = $1")
            .bind(after.cast_signed())
            .bind(commit.position.cast_signed())
            .execute(&mut *transaction)
            .await?;
        if moved.rows_affected() == 0 {
            return Err(SagaError::transient(Unready::OtherWriter));
        }
        for recorded in &events {
            write(&mut transaction, recorded).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Returns the screenings in a scope that were scheduled before `position` and start after `decided_at`.
    pub async fn scheduled_before(
        &self,
        position: u64,
        scope: Scope,
        decided_at: Timestamp,
    ) -> Result<Vec<(ScreeningId, ScreenId)>, SagaError> {
        self.wait_for(position).await?;
        let (show, venue) = match scope {
            Scope::Show(ShowId(show)) => (Some(show), None),
            Scope::Venue(VenueId(venue)) => (None, Some(venue)),
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

    /// Returns the decision that had cancelled the show, or closed the venue, by `position`.
    pub async fn closed_before(
        &self,
        position: u64,
        ShowId(show): ShowId,
        VenueId(venue): VenueId,
    ) -> Result<Option<Closed>, SagaError> {
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

    async fn wait_for(&self, wanted: u64) -> Result<(), SagaError> {
        let mut reached = self.reached.subscribe();
        let arrived = tokio::time::timeout(TIMEOUT, reached.wait_for(|reached| *reached >= wanted)).await;
        match arrived {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                Err(SagaError::transient(Unready::Behind { reached: *self.reached.borrow(), wanted }))
            }
        }
    }
}

async fn write(connection: &mut PgConnection, recorded: &RecordedEvent) -> Result<(), SagaError> {
    let id = || recorded.id.parse::<Uuid>().map_err(SagaError::permanent);
    match &recorded.event {
        AnyEvent::Screen(event) => write_screen(connection, recorded, id()?, event).await?,
        AnyEvent::Show(show::Event::ShowCancelled { cascade, reason })
        | AnyEvent::Venue(venue::Event::VenueDeactivated { cascade, reason }) => {
            record_closure(connection, recorded, id()?, Some((*cascade, reason.as_deref()))).await?;
        }
        AnyEvent::Venue(venue::Event::VenueReactivated {}) => {
            record_closure(connection, recorded, id()?, None).await?;
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
            | venue::Event::PriceTemplateAdded { .. }
            | venue::Event::PriceTemplateChanged { .. }
            | venue::Event::PriceTemplateDropped { .. }
            | venue::Event::VenueCleared { .. },
        )
        | AnyEvent::Account(_)
        | AnyEvent::Screening(_)
        | AnyEvent::Booking(_)
        | AnyEvent::Payment(_)
        | AnyEvent::Wallet(_)
        | AnyEvent::Till(_)
        | AnyEvent::Promotion(_)
        | AnyEvent::Invoices(_) => {}
    }
    Ok(())
}

/// Records the slot of a screening on a screen.
async fn write_screen(
    connection: &mut PgConnection,
    recorded: &RecordedEvent,
    screen: Uuid,
    event: &screen::Event,
) -> Result<(), SagaError> {
    match event {
        screen::Event::ScreeningScheduled { screening, promise, .. } => {
            sqlx::query(
                "INSERT INTO sagas.programme_screenings (screening, screen, show, venue, starts_at, position)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(screening.0)
            .bind(screen)
            .bind(promise.show.0)
            .bind(promise.venue.0)
            .bind(promise.starts_at.to_sqlx())
            .bind(recorded.position.cast_signed())
            .execute(connection)
            .await?;
        }
        screen::Event::SlotTaken { screening, promise, .. } => {
            sqlx::query(
                "UPDATE sagas.programme_screenings SET screen = $2, starts_at = $3 WHERE screening = $1",
            )
            .bind(screening.0)
            .bind(screen)
            .bind(promise.starts_at.to_sqlx())
            .execute(connection)
            .await?;
        }
        screen::Event::ScreenAdded { .. }
        | screen::Event::ScreenRenamed { .. }
        | screen::Event::LayoutChanged { .. }
        | screen::Event::TurnaroundChanged { .. }
        | screen::Event::ScreenRetired {}
        | screen::Event::ScreenReactivated {}
        | screen::Event::ScreeningDrafted { .. }
        | screen::Event::DraftChanged { .. }
        | screen::Event::DraftPublished { .. }
        | screen::Event::DraftDiscarded { .. }
        | screen::Event::DraftSeatsBlocked { .. }
        | screen::Event::DraftBlockReleased { .. }
        | screen::Event::ScreenSeatsBlocked { .. }
        | screen::Event::ScreenBlockReleased { .. }
        | screen::Event::ScreeningUnscheduled { .. }
        | screen::Event::SlotReserved { .. }
        | screen::Event::SlotDropped { .. }
        | screen::Event::SlotVacated { .. } => {}
    }
    Ok(())
}

/// Records that a show or venue was closed, or reopened if `closed` is `None`.
async fn record_closure(
    connection: &mut PgConnection,
    recorded: &RecordedEvent,
    id: Uuid,
    closed: Option<(Uuid, Option<&str>)>,
) -> Result<(), SagaError> {
    let (cascade, reason) = closed.unzip();
    sqlx::query(
        "INSERT INTO sagas.programme_closures (house, position, cascade, reason, decided_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(recorded.position.cast_signed())
    .bind(cascade)
    .bind(reason.flatten())
    .bind(recorded.metadata.time.to_sqlx())
    .execute(connection)
    .await?;
    Ok(())
}
