//! Releases holds that were not paid in time, and ends the bookings of released seats. Seats are free from the millisecond a hold lapses;
//! this saga only makes the log and the seat maps reflect it soon. It also completes sales at the counter, and releases seats that were sold
//! to a move after its end, because it is the only saga that reads the busy streams of screenings.
//!
//! There is one timer per screening, not one per hold: it fires at the earliest lapse, rounded up, releases every lapsed
//! hold, and is armed for the next lapse. The same timer starts the reminders of the guests, some hours before the screening.

#[cfg(test)]
mod tests;
mod timers;

use futures_util::{TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use ticketshow_domain::{
    AnyEvent, BookingId, Context, PaymentId, PromotionId, ScreeningId,
    booking::{self, Booking, CancelledBy},
    screening::{self, Event, ReleaseReason, Screening},
    seat_return::SeatReturn,
};
use ticketshow_nats::{
    consumers::{
        subscription::{Handler, Subscription},
        verdict::Verdict,
    },
    executor::Executor,
    log::envelope::Commit,
    server::connection::Connection,
    subjects::consumers,
};
use ticketshow_tickets::Signer;

use crate::{
    counter_sale, seat_move,
    worker::{
        clock::Clock,
        error::{SagaError, verdict},
        reaction::{Reaction, Reactions},
    },
};
pub(crate) use timers::HoldTimers;

/// Timers fire at whole multiples of this, so that holds of a busy moment are released together. Set by the design.
const ROUNDING_SECONDS: i64 = 5;
/// Shortest time between two firings of a timer.
const REARM_PAUSE_MIN: SignedDuration = SignedDuration::from_secs(1);
/// Bookings of one commit that are ended concurrently.
const ENDED_AT_ONCE: usize = 32;

/// Work that an event of a screening starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// Release a hold or block once it is over at this moment.
    Watch(Timestamp),
    /// Expire the booking of a hold that is over, if an attempt to pay it was made.
    Expire(BookingId),
    /// Cancel the booking of seats that its customer gave back. The API cancels it too; this makes up for one that crashed
    /// before it did.
    Cancel(BookingId),
    /// Arm the timer, which finds out what is due next: the reminder of the guests, at another time or with the first of them.
    Rearm,
    /// The same, for seats that a booking got by a move. Release them if the move has ended without them.
    CheckMove(BookingId, PaymentId),
    /// Complete a sale at the counter, and count its use of a promotion.
    Complete(BookingId, Option<PromotionId>),
    /// Give seats of a booking back that its screening has taken back, like [`Task::Cancel`].
    Return(BookingId, SeatReturn),
}

pub(crate) fn react(event: &Event) -> Option<Task> {
    match event {
        Event::SeatsReserved { held_until, .. } | Event::HoldExtended { held_until, .. } => {
            Some(Task::Watch(*held_until))
        }
        Event::SeatsBlocked { release_at, .. } => release_at.map(Task::Watch),
        Event::SeatsReleased { booking, reason: ReleaseReason::Lapsed | ReleaseReason::GivenUp, .. } => {
            Some(Task::Expire(*booking))
        }
        Event::SeatsReleased { booking, reason: ReleaseReason::CancelledByCustomer, .. } => {
            Some(Task::Cancel(*booking))
        }
        Event::SeatsMovedIn { booking, id, .. } => Some(Task::CheckMove(*booking, *id)),
        Event::ScreeningChanged { free_until: Some(_), .. } => Some(Task::Rearm),
        // The time at which wheelchair places go on sale to everybody may be new.
        Event::ScreeningChanged { promise, .. } if promise.terms.wheelchair_minutes.is_some() => {
            Some(Task::Rearm)
        }
        Event::SeatsSoldAtCounter { booking, promotion, .. } => Some(Task::Complete(*booking, *promotion)),
        Event::SeatsTakenBack { booking, returned, .. } => Some(Task::Return(*booking, returned.clone())),
        // These bookings are cancelled already, or have other seats.
        Event::SeatsReleased { reason: ReleaseReason::CancelledByHouse | ReleaseReason::Moved, .. }
        | Event::ScreeningOpened { .. }
        | Event::MessageSent { .. }
        | Event::GuestsReminded { .. }
        | Event::SeatsSold { .. }
        | Event::ScreeningCancelled { .. }
        | Event::WaitingListJoined { .. }
        | Event::WaitingListLeft { .. }
        | Event::SeatsOffered { .. }
        | Event::ScreeningCleared { .. }
        | Event::TicketCheckedIn { .. }
        | Event::CheckInUndone { .. }
        | Event::BlockGrown { .. }
        | Event::BlockReleased { .. }
        | Event::WheelchairPlacesReleased {}
        | Event::AdmissionConflicted { .. }
        | Event::MoveBegun { .. }
        | Event::MoveEnded { .. }
        | Event::ScreeningChanged { free_until: None, .. }
        | Event::ChangeRefused { .. }
        | Event::ChangeCompleted { .. } => None,
    }
}

/// Returns the moment at which the timer for a lapse fires.
fn due(lapse: Timestamp) -> Timestamp {
    let step = ROUNDING_SECONDS * 1_000;
    let passed = lapse.as_millisecond().rem_euclid(step);
    let wait = if passed == 0 { 0 } else { step - passed };
    lapse.checked_add(SignedDuration::from_millis(wait)).unwrap_or(lapse)
}

/// Returns the moment at which the timer fires again after it fired at `now`: never at once, even if the server's clock is
/// ahead of ours and the timer was early.
fn next_due(lapse: Timestamp, now: Timestamp) -> Timestamp {
    due(lapse).max(now.checked_add(REARM_PAUSE_MIN).unwrap_or(now))
}

/// Processes the consumer `hold-expiry` and its timers.
#[derive(Debug)]
pub(crate) struct HoldExpiry {
    reactions: Reactions,
    timers: HoldTimers,
    signer: Signer,
}

impl HoldExpiry {
    const NAME: &'static str = consumers::HOLD_EXPIRY;

    /// Re-arms every timer.
    pub async fn start(
        connection: &Connection,
        executor: &Executor,
        clock: Clock,
        pool: &PgPool,
        signer: Signer,
    ) -> Result<Self, SagaError> {
        let timers = HoldTimers::restore(connection, pool, clock.now()).await?;
        Ok(Self { reactions: Reactions::new(Self::NAME, executor, clock), timers, signer })
    }

    /// The subscription, with `parallelism` screenings at once.
    pub fn durable(parallelism: usize) -> Subscription {
        let events = &[
            "seats_reserved",
            "hold_extended",
            "seats_released",
            "seats_taken_back",
            "seats_blocked",
            "seats_sold_at_counter",
            "seats_moved_in",
            "screening_changed",
        ];
        Subscription { name: Self::NAME, events, parallelism }
    }

    /// Handles the timer of a screening.
    pub async fn fired(&self, screening: &str) -> Verdict {
        verdict(match screening.parse() {
            Ok(screening) => self.release_lapsed(screening).await,
            Err(error) => Err(SagaError::permanent(error)),
        })
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        let screening: ScreeningId = commit.id.parse().map_err(SagaError::permanent)?;
        // Work that the timer of a hold does not do. It cannot do the work that an event of a newer version asks for, either.
        let others = [
            "seats_released",
            "seats_taken_back",
            "seats_blocked",
            "seats_sold_at_counter",
            "seats_offered",
            "seats_moved_in",
            "screening_changed",
        ];
        let is_more = commit.event_types().any(|event_type| {
            others.contains(&event_type) || !AnyEvent::knows(&commit.aggregate, event_type)
        });
        if !is_more && self.is_watched(screening, commit).await {
            return Ok(());
        }
        let (mut watched, mut ended, mut sold, mut moved) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for recorded in commit.events()? {
            let AnyEvent::Screening(event) = &recorded.event else { continue };
            match react(event) {
                Some(Task::Watch(lapse)) => watched.push(lapse),
                Some(Task::Rearm) => watched.push(recorded.metadata.time),
                Some(Task::CheckMove(booking, id)) => {
                    watched.push(recorded.metadata.time);
                    moved.push((self.reactions.to(&recorded), booking, id));
                }
                Some(Task::Expire(booking)) => {
                    ended.push((self.reactions.to(&recorded), booking, booking::Command::ExpireBooking));
                }
                Some(Task::Cancel(booking)) => ended.push((self.reactions.to(&recorded), booking, cancel())),
                Some(Task::Complete(booking, promotion)) => {
                    sold.push((self.reactions.to(&recorded), booking, promotion));
                }
                Some(Task::Return(booking, returned)) => {
                    let command = booking::Command::ReturnSeats { returned };
                    ended.push((self.reactions.to(&recorded), booking, command));
                }
                None => {}
            }
        }
        if let Some(lapse) = watched.into_iter().min() {
            self.timers.arm(screening, due(lapse)).await?;
        }
        // Without a hold, nothing else arms the timer that reminds the guests.
        if !sold.is_empty() && !self.timers.is_armed_by(screening, Timestamp::MAX).await {
            self.timers.arm(screening, due(self.reactions.to_outside().now())).await?;
        }
        for (reaction, booking, promotion) in sold {
            counter_sale::complete_with(&reaction, &self.signer, screening, booking, promotion).await?;
        }
        for (reaction, booking, id) in moved {
            seat_move::release_if_late(&reaction, screening, booking, id).await?;
        }
        stream::iter(ended.into_iter().map(Ok))
            .try_for_each_concurrent(ENDED_AT_ONCE, async |(reaction, booking, command)| {
                end(&reaction, booking, command).await
            })
            .await
    }

    /// Returns `true` if an armed timer will release the holds of this commit, without reading its events. Its holds were
    /// made after the commands were sent, and last as long as every hold, or until the start of the screening.
    async fn is_watched(&self, screening: ScreeningId, commit: &Commit) -> bool {
        let hold = SignedDuration::from_secs(self.reactions.policy().hold_seconds);
        let sent = commit.commands().map(|(metadata, _)| metadata.time).min();
        match sent.and_then(|sent| sent.checked_add(hold).ok()) {
            Some(lapse) => self.timers.is_armed_by(screening, due(lapse)).await,
            None => false,
        }
    }

    /// Releases lapsed holds, some bookings per commit, reminds the guests if it is time, and arms the timer for what comes next.
    async fn release_lapsed(&self, screening: ScreeningId) -> Result<(), SagaError> {
        // From here on, a new hold arms the timer again: it may lapse before the one found below.
        self.timers.disarm(screening).await;
        let reaction = self.reactions.to_outside();
        loop {
            let command = screening::Command::ReleaseLapsedHolds;
            let context = Context { now: reaction.now(), policy: *reaction.policy() };
            let next = move |state: &Screening| (state.next_lapse(), state.next_reminder(&context));
            let next = reaction.execute_and_read(&screening, command, next).await?;
            let (lapse, reminder) = next.map_err(SagaError::permanent)?;
            if lapse.is_some_and(|lapse| lapse <= reaction.now()) {
                continue;
            }
            return match lapse.into_iter().chain(reminder).min() {
                Some(next) => self.timers.arm(screening, next_due(next, reaction.now())).await,
                None => self.timers.forget(screening).await,
            };
        }
    }
}

impl Handler for HoldExpiry {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.process(commit).await)
    }
}

fn cancel() -> booking::Command {
    let (by, reason, cascade) = (CancelledBy::Customer, None, None);
    booking::Command::CancelBooking { by, reason, cascade, released: true }
}

async fn end(
    reaction: &Reaction<'_>,
    booking: BookingId,
    command: booking::Command,
) -> Result<(), SagaError> {
    match reaction.execute::<Booking>(&booking, command).await? {
        // A hold that nobody began to pay has no booking to cancel, and an expired booking is over.
        Ok(()) | Err(booking::Refusal::NotFound | booking::Refusal::HoldExpired) => Ok(()),
        // The seats are those of a move that the booking is about to learn of.
        Err(refusal @ booking::Refusal::MoveInProgress) => Err(SagaError::transient(refusal)),
        Err(refusal) => Err(SagaError::permanent(refusal)),
    }
}
