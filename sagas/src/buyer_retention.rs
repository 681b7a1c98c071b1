//! Erases buyers at the counter who have no account, some time after their screening. No event triggers this: once an hour, the read
//! models list the candidates, and the log decides about each of them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use ticketshow_domain::{
    BookingId, Personal,
    booking::{Booking, Command},
    screening::Screening,
};
use ticketshow_nats::executor::Executor;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::worker::{
    clock::Clock,
    error::SagaError,
    reaction::{Reaction, Reactions},
};

/// Interval between two runs.
const EVERY: Duration = Duration::from_hours(1);
/// Delay of the first run, so that it does not slow the start.
const FIRST: Duration = Duration::from_secs(10);
/// Bookings read at once.
const PAGE: usize = 500;

/// Erases buyers whose time is over.
#[derive(Debug)]
pub(crate) struct BuyerRetention {
    reactions: Reactions,
    pool: PgPool,
}

impl BuyerRetention {
    const NAME: &'static str = "buyer-retention";

    pub fn new(executor: &Executor, clock: Clock, pool: &PgPool) -> Self {
        Self { reactions: Reactions::new(Self::NAME, executor, clock), pool: pool.clone() }
    }

    /// Runs periodically until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = FIRST;
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            pause = EVERY;
            match stop.run_until_cancelled(self.erase_due()).await {
                Some(Ok(count @ 1..)) => tracing::info!(count, "buyers without an account were erased"),
                Some(Ok(0)) | None => {}
                Some(Err(error)) => {
                    tracing::warn!(error = error.source(), "cannot erase buyers without an account yet");
                }
            }
        }
    }

    /// Erases all buyers who are due, and returns their number.
    async fn erase_due(&self) -> Result<usize, SagaError> {
        let kept = SignedDuration::from_hours(24 * self.reactions.policy().buyers_days);
        let (mut after, mut count) = (Uuid::nil(), 0);
        loop {
            let page = self.candidates(self.reactions.to_outside().now() - kept, after).await?;
            for booking in &page {
                let reaction = self.reactions.to_outside();
                match erase(&reaction, BookingId(*booking), reaction.now() - kept).await {
                    Ok(erased) => count += usize::from(erased),
                    Err(error @ SagaError::Transient(_)) => return Err(error),
                    // One failure does not delay the others.
                    Err(error @ (SagaError::Newer(_) | SagaError::Permanent(_))) => {
                        tracing::error!(error = error.source(), %booking, "cannot erase a buyer");
                    }
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = *last,
                Some(_) | None => return Ok(count),
            }
        }
    }

    /// Returns, in order, bookings with stored details of a buyer without an account whose screenings ended by then.
    async fn candidates(&self, ended_by: Timestamp, after: Uuid) -> Result<Vec<Uuid>, SagaError> {
        const SELECT: &str = "
            SELECT b.booking_id FROM (
                SELECT user_id AS id FROM read.buyers WHERE name <> $3 OR email <> $3 OR phone <> $3
                UNION
                SELECT booking_id FROM read.booking_notes WHERE customer_id = booking_id AND text <> $3) AS known
            JOIN read.bookings b ON b.booking_id = known.id AND b.customer_id = known.id
            JOIN read.screenings s ON s.screening_id = b.screening_id
            WHERE s.ends_at <= $1 AND b.booking_id > $2
            ORDER BY b.booking_id LIMIT $4";
        let found = sqlx::query_scalar(SELECT)
            .bind(ended_by.to_sqlx())
            .bind(after)
            .bind(Personal::ERASED)
            .bind(i64::try_from(PAGE).unwrap_or(i64::MAX));
        Ok(found.fetch_all(&self.pool).await?)
    }
}

/// Erases the buyer of a booking if its screening ended by then, as the log says.
async fn erase(reaction: &Reaction<'_>, booking: BookingId, ended_by: Timestamp) -> Result<bool, SagaError> {
    let state: Booking = reaction.read(&booking).await?;
    let Some(opened) = state.opened else { return Ok(false) };
    let screening: Screening = reaction.read(&opened.screening).await?;
    if screening.promise().is_none_or(|promise| promise.ends_at > ended_by) {
        return Ok(false);
    }
    let erased = reaction.changes::<Booking>(&booking, Command::EraseBuyer { booking, by: None }).await?;
    erased.map_err(SagaError::permanent)
}
