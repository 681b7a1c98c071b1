//! The way of one screening that was called off, until nobody has a seat of it any more. Its own state says what is next,
//! so it may be begun again wherever it broke off.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use ticketshow_domain::{
    BookingId, ScreeningId,
    booking::{self, Booking, Reservation},
    screening::{self, Screening},
};

use super::Decision;
use crate::reaction::{Halt, Reaction};

/// Bookings of one screening that are called off side by side.
const BOOKINGS_AT_ONCE: usize = 128;

/// A screening that was called off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CalledOff {
    pub screening: ScreeningId,
    pub decision: Decision,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Come again: it was scheduled, but is not open yet.
    Wait,
    /// Let it sell nothing more.
    Cancel,
    /// Call these bookings off, then release their seats in one go.
    CallOff(Vec<Reservation>),
    /// Note that nobody has a seat.
    Record,
    /// Nothing more.
    Done,
}

/// Why a screening cannot be cleared.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unclear {
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
    /// What is next, at most `max` bookings of it; those that are `stuck` wait for a person.
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

    /// Goes the whole way.
    pub async fn clear(&self, reaction: &Reaction<'_>) -> Result<(), Halt> {
        let mut stuck = Stuck::default();
        loop {
            let screening: Screening = reaction.read(&self.screening).await?;
            let command = match self.next(&screening, reaction.policy().lapses_per_commit, &stuck.bookings) {
                Next::Wait => return Err(Halt::Away(Unclear::NotOpen(self.screening).into())),
                Next::Cancel => self.cancel(),
                Next::CallOff(bookings) => {
                    let bookings = self.call_off_all(reaction, bookings, &mut stuck).await?;
                    screening::Command::ReleaseCancelled { bookings }
                }
                Next::Record => screening::Command::RecordCleared,
                Next::Done => return stuck.into_result(self.screening),
            };
            let answer = reaction.execute::<Screening, _>(&self.screening, command, |_| ()).await?;
            answer.map_err(Halt::stuck)?;
        }
    }

    /// Calls bookings off, and tells which are. One that is stuck holds up no other.
    async fn call_off_all(
        &self,
        reaction: &Reaction<'_>,
        bookings: Vec<Reservation>,
        stuck: &mut Stuck,
    ) -> Result<Vec<BookingId>, Halt> {
        let call_off = async |reservation: Reservation| {
            let booking = reservation.booking;
            let command = self.call_off(reservation);
            let answer = reaction.execute::<Booking, _>(&booking, command, |_| ()).await;
            (booking, answer.and_then(|answer| answer.map_err(Halt::stuck)))
        };
        let mut answers = stream::iter(bookings).map(call_off).buffer_unordered(BOOKINGS_AT_ONCE);
        let mut called_off = Vec::new();
        while let Some((booking, answer)) = answers.next().await {
            match answer {
                Ok(()) => called_off.push(booking),
                Err(Halt::Stuck(error)) => stuck.note(booking, error),
                Err(away @ Halt::Away(_)) => return Err(away),
            }
        }
        Ok(called_off)
    }
}

/// Bookings that wait for a person, and why the first of them does.
#[derive(Debug, Default)]
struct Stuck {
    bookings: HashSet<BookingId>,
    first: Option<(BookingId, Box<dyn std::error::Error + Send + Sync>)>,
}

impl Stuck {
    fn note(&mut self, booking: BookingId, error: Box<dyn std::error::Error + Send + Sync>) {
        self.bookings.insert(booking);
        self.first.get_or_insert((booking, error));
    }

    fn into_result(self, screening: ScreeningId) -> Result<(), Halt> {
        match self.first {
            None => Ok(()),
            Some((first, source)) => {
                Err(Halt::stuck(Unclear::Bookings { screening, first, all: self.bookings, source }))
            }
        }
    }
}
