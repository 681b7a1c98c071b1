//! Holds that nobody paid in time are released, and bookings that had begun to be paid expire with them. Seats are free
//! from the millisecond a hold lapses, whoever asks; that the log and the seat maps say so soon is all that this saga is
//! for.
//!
//! One timer a screening, not one a hold: at the earliest lapse, rounded up. When it fires, everything that lapsed is
//! released, and the timer is armed for the next lapse.

#[cfg(test)]
mod tests;
mod timers;

use futures_util::{TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use ticketshow_domain::{
    AnyEvent, BookingId, ScreeningId,
    booking::{self, Booking},
    screening::{self, Event, ReleaseReason, Screening},
};
use ticketshow_nats::{Commit, Connection, Durable, Executor, Handler, Verdict, clock, consumers};

use crate::reaction::{Halt, Reaction, verdict};
use timers::HoldTimers;

/// Timers fire at whole multiples of this, so that the holds of a busy moment lapse in one go. The design's number.
const ROUNDING_SECONDS: i64 = 5;
/// Bookings of one commit that expire side by side.
const EXPIRIES_AT_ONCE: usize = 32;

/// What an event of a screening asks of this saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// A hold lapses then.
    Watch(Timestamp),
    /// A hold is over: its booking expires, if it has begun to be paid.
    Expire(BookingId),
}

pub(crate) fn react(event: &Event) -> Option<Task> {
    match event {
        Event::SeatsReserved { held_until, .. } | Event::HoldExtended { held_until, .. } => {
            Some(Task::Watch(*held_until))
        }
        Event::SeatsReleased { booking, reason: ReleaseReason::Lapsed | ReleaseReason::GivenUp, .. } => {
            Some(Task::Expire(*booking))
        }
        // Whoever cancels a booking tells it so.
        Event::SeatsReleased {
            reason: ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse,
            ..
        }
        | Event::ScreeningOpened { .. }
        | Event::SeatsSold { .. }
        | Event::ScreeningCancelled { .. }
        | Event::ScreeningCleared { .. }
        | Event::TicketCheckedIn { .. } => None,
    }
}

/// When the timer for a lapse fires.
fn due(lapse: Timestamp) -> Timestamp {
    let step = ROUNDING_SECONDS * 1_000;
    let passed = lapse.as_millisecond().rem_euclid(step);
    let wait = if passed == 0 { 0 } else { step - passed };
    lapse.checked_add(SignedDuration::from_millis(wait)).unwrap_or(lapse)
}

/// Works off the consumer `hold-expiry` and the timers that it arms.
#[derive(Debug)]
pub(crate) struct HoldExpiry {
    executor: Executor,
    timers: HoldTimers,
}

impl HoldExpiry {
    const NAME: &'static str = consumers::HOLD_EXPIRY;
    /// Kind of the timers. Frozen once shipped.
    pub const TIMERS: &'static str = "hold-expiry";

    /// Arms every timer anew.
    pub async fn start(connection: &Connection, executor: &Executor, pool: &PgPool) -> Result<Self, Halt> {
        let timers = HoldTimers::restore(connection, pool).await?;
        Ok(Self { executor: executor.clone(), timers })
    }

    /// The events it reads, `parallelism` screenings side by side.
    pub fn durable(parallelism: usize) -> Durable {
        let events = &["seats_reserved", "hold_extended", "seats_released"];
        Durable { name: Self::NAME, events, parallelism }
    }

    /// A screening's timer fired.
    pub async fn fired(&self, screening: &str) -> Verdict {
        verdict(match screening.parse() {
            Ok(screening) => self.release_lapsed(screening).await,
            Err(error) => Err(Halt::stuck(error)),
        })
    }

    async fn work_off(&self, commit: &Commit) -> Result<(), Halt> {
        let screening: ScreeningId = commit.id.parse().map_err(Halt::stuck)?;
        let releases = commit.event_types().any(|event_type| event_type == "seats_released");
        if !releases && self.is_watched(screening, commit).await {
            return Ok(());
        }
        let (mut watched, mut expired) = (Vec::new(), Vec::new());
        for recorded in commit.events()? {
            let AnyEvent::Screening(event) = &recorded.event else { continue };
            match react(event) {
                Some(Task::Watch(lapse)) => watched.push(lapse),
                Some(Task::Expire(booking)) => {
                    expired.push((Reaction::to(&recorded, Self::NAME, &self.executor), booking));
                }
                None => {}
            }
        }
        if let Some(lapse) = watched.into_iter().min() {
            self.timers.arm(screening, due(lapse)).await?;
        }
        stream::iter(expired.into_iter().map(Ok))
            .try_for_each_concurrent(EXPIRIES_AT_ONCE, async |(reaction, booking)| {
                expire(&reaction, booking).await
            })
            .await
    }

    /// Whether an armed timer will see the holds of this commit lapse: tells it without reading them. They were made after
    /// the commands were sent, and last as long as every hold, or until the start as every other.
    async fn is_watched(&self, screening: ScreeningId, commit: &Commit) -> bool {
        let hold = SignedDuration::from_secs(self.executor.policy().hold_seconds);
        let sent = commit.commands().map(|(metadata, _)| metadata.time).min();
        match sent.and_then(|sent| sent.checked_add(hold).ok()) {
            Some(lapse) => self.timers.is_armed_by(screening, due(lapse)).await,
            None => false,
        }
    }

    /// Releases what has lapsed, some bookings a commit, and watches for what lapses next.
    async fn release_lapsed(&self, screening: ScreeningId) -> Result<(), Halt> {
        // From here on a new hold arms the timer again: it may lapse before what is found below.
        self.timers.disarm(screening).await;
        let reaction = Reaction::to_time(Self::NAME, &self.executor);
        loop {
            let now = clock::now();
            let command = screening::Command::ReleaseLapsedHolds;
            let next_lapse =
                reaction.execute(&screening, command, Screening::next_lapse).await?.map_err(Halt::stuck)?;
            match next_lapse {
                Some(lapse) if lapse <= now => {}
                Some(lapse) => return self.timers.arm(screening, due(lapse)).await,
                None => return self.timers.forget(screening).await,
            }
        }
    }
}

impl Handler for HoldExpiry {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.work_off(commit).await)
    }
}

async fn expire(reaction: &Reaction<'_>, booking: BookingId) -> Result<(), Halt> {
    let command = booking::Command::ExpireBooking;
    reaction.execute::<Booking, _>(&booking, command, |_| ()).await?.map_err(Halt::stuck)
}
