//! Clearing of one screening that was called off, until no booking holds a seat of it. The next step follows from the
//! screening's own state, so clearing can resume after a crash at any point.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use ticketshow_domain::{
    BookingId, ScreenId, ScreeningId,
    booking::{self, Booking},
    hold::Reservation,
    screening::{self, Screening},
};
use ticketshow_tickets::Signer;

use super::decision::Decision;
use crate::{
    counter_sale,
    worker::{error::SagaError, reaction::Reaction},
};

/// Bookings of one screening that are called off concurrently.
const BOOKINGS_AT_ONCE: usize = 128;

/// A screening that was called off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CalledOff {
    pub screening: ScreeningId,
    /// The screen whose calendar called it off.
    pub screen: ScreenId,
    pub decision: Decision,
}

/// The next step of clearing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Retry later: the screening is scheduled, but not open yet.
    Wait,
    /// Cancel the screening, so that it sells nothing more.
    Cancel,
    /// Call off these bookings, then release their seats with one command.
    CallOff(Vec<Reservation>),
    /// Record that the screening is cleared.
    Record,
    Done,
}

/// Obstacle to clearing a screening.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotCleared {
    #[error("screening {0} is not open yet")]
    NotOpen(ScreeningId),
    #[error("{} bookings of screening {screening} cannot be called off, {first} first", .all.len())]
    Bookings {
        screening: ScreeningId,
        first: BookingId,
        all: HashSet<BookingId>,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl CalledOff {
    /// Returns the next step, with at most `max` bookings. Bookings in `stuck` wait for an operator.
    pub fn next(&self, screening: &Screening, max: usize, stuck: &HashSet<BookingId>) -> Next {
        if screening.promise().is_none() {
            return Next::Wait;
        }
        if screening.cancelled().is_none() {
            return Next::Cancel;
        }
        let left = screening.active().map(|(booking, _)| booking).filter(|booking| !stuck.contains(booking));
        let left: Vec<_> =
            left.filter_map(|booking| screening.reservation(self.screening, booking)).take(max).collect();
        if !left.is_empty() {
            return Next::CallOff(left);
        }
        if screening.is_cleared() || !stuck.is_empty() { Next::Done } else { Next::Record }
    }

    pub fn cancel(&self) -> screening::Command {
        let Decision { cascade, reason, decided_at } = self.decision.clone();
        screening::Command::CancelScreening { cascade, reason, decided_at }
    }

    pub fn call_off(&self, reservation: Reservation) -> booking::Command {
        let Decision { cascade, reason, .. } = self.decision.clone();
        booking::Command::CallOff { reservation, reason, cascade }
    }

    /// Takes all steps.
    pub async fn clear(&self, reaction: &Reaction<'_>, signer: &Signer) -> Result<(), SagaError> {
        let mut stuck = Stuck::default();
        loop {
            let screening: Screening = reaction.read(&self.screening).await?;
            let command = match self.next(&screening, reaction.policy().lapses_per_commit, &stuck.bookings) {
                Next::Wait => return Err(SagaError::transient(NotCleared::NotOpen(self.screening))),
                Next::Cancel => self.cancel(),
                Next::CallOff(bookings) => {
                    self.complete_sales(reaction, signer, &screening, &bookings, &mut stuck).await?;
                    let bookings = self.call_off_all(reaction, bookings, &mut stuck).await?;
                    screening::Command::ReleaseCancelled { bookings }
                }
                Next::Record => screening::Command::RecordCleared,
                Next::Done => return stuck.into_result(self.screening),
            };
            reaction.must::<Screening>(&self.screening, command).await?;
        }
    }

    /// Completes sales at the counter first, so that their money is known and owed. One that is stuck does not delay the others.
    async fn complete_sales(
        &self,
        reaction: &Reaction<'_>,
        signer: &Signer,
        screening: &Screening,
        bookings: &[Reservation],
        stuck: &mut Stuck,
    ) -> Result<(), SagaError> {
        let sold = bookings.iter().map(|reservation| reservation.booking);
        let sold: Vec<_> = sold.filter(|booking| screening.counter_sale(*booking).is_some()).collect();
        let complete = async |booking: BookingId| {
            (booking, counter_sale::complete(reaction, signer, self.screening, booking).await)
        };
        let mut answers = stream::iter(sold).map(complete).buffer_unordered(BOOKINGS_AT_ONCE);
        while let Some((booking, answer)) = answers.next().await {
            stuck.passes(booking, answer)?;
        }
        Ok(())
    }

    /// Calls off bookings that are not stuck and returns those that are called off. One that gets stuck does not delay the others.
    async fn call_off_all(
        &self,
        reaction: &Reaction<'_>,
        bookings: Vec<Reservation>,
        stuck: &mut Stuck,
    ) -> Result<Vec<BookingId>, SagaError> {
        let call_off = async |reservation: Reservation| {
            let booking = reservation.booking;
            let command = self.call_off(reservation);
            (booking, reaction.must::<Booking>(&booking, command).await)
        };
        let free: Vec<_> =
            bookings.into_iter().filter(|each| !stuck.bookings.contains(&each.booking)).collect();
        let mut answers = stream::iter(free).map(call_off).buffer_unordered(BOOKINGS_AT_ONCE);
        let mut called_off = Vec::new();
        while let Some((booking, answer)) = answers.next().await {
            if stuck.passes(booking, answer)? {
                called_off.push(booking);
            }
        }
        Ok(called_off)
    }
}

/// Bookings that wait for an operator or a newer version, with the error of the first one.
#[derive(Debug, Default)]
struct Stuck {
    /// One of them waits for a newer version.
    is_retried: bool,
    bookings: HashSet<BookingId>,
    first: Option<(BookingId, Box<dyn std::error::Error + Send + Sync>)>,
}

impl Stuck {
    /// Returns `true` if a step for a booking succeeded, and remembers the booking if it has to wait. Only outages are errors.
    fn passes(&mut self, booking: BookingId, answer: Result<(), SagaError>) -> Result<bool, SagaError> {
        match answer {
            Ok(()) => return Ok(true),
            Err(SagaError::Permanent(error)) => self.add(booking, error),
            Err(SagaError::Newer(error)) => {
                self.is_retried = true;
                self.add(booking, error);
            }
            Err(outage @ SagaError::Transient(_)) => return Err(outage),
        }
        Ok(false)
    }

    fn add(&mut self, booking: BookingId, error: Box<dyn std::error::Error + Send + Sync>) {
        self.bookings.insert(booking);
        self.first.get_or_insert((booking, error));
    }

    fn into_result(self, screening: ScreeningId) -> Result<(), SagaError> {
        let Some((first, source)) = self.first else { return Ok(()) };
        let error = NotCleared::Bookings { screening, first, all: self.bookings, source };
        Err(if self.is_retried { SagaError::newer(error) } else { SagaError::permanent(error) })
    }
}
