//! Outcomes of attempts to pay, for the requests that wait for them.

use ticketshow_domain::{
    AnyEvent, PaymentId,
    booking::{Event, FailureReason, Ticket},
};
use ticketshow_nats::{
    failure::Failure,
    log::{envelope::Commit, history::Log},
};

use crate::machinery::waiters::Waiters;

/// Requests that wait for the outcome of an attempt.
pub type Outcomes = Waiters<PaymentId, AttemptOutcome>;

/// The outcome of an attempt to pay.
#[derive(Debug, Clone)]
pub struct AttemptOutcome {
    /// The tickets of a paid booking, or the reason of the failure.
    pub result: Result<Vec<Ticket>, FailureReason>,
    /// Position of its commit.
    pub position: u64,
}

/// Follows the bookings in `log`.
pub fn follow(log: Log) -> Outcomes {
    Outcomes::follow(log, "tix.booking.>", outcomes)
}

fn outcomes(commit: &Commit) -> Result<Vec<(PaymentId, AttemptOutcome)>, Failure> {
    let mut outcomes = Vec::new();
    for recorded in commit.events()? {
        let AnyEvent::Booking(event) = recorded.event else { continue };
        let (payment, result) = match event {
            Event::BookingConfirmed { payment, tickets, .. } => (payment, Ok(tickets)),
            Event::PaymentAttemptFailed { payment, reason, .. } => (payment, Err(reason)),
            Event::BookingOpened { .. }
            | Event::PaymentAttemptStarted { .. }
            | Event::BookingExpired { .. }
            | Event::BookingCancelled { .. }
            | Event::BookingRefunded { .. }
            | Event::NoteAdded { .. } => continue,
        };
        outcomes.push((payment, AttemptOutcome { result, position: recorded.position }));
    }
    Ok(outcomes)
}
