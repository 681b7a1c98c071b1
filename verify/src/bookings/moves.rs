//! Moves of bookings to other seats: each ends once, and a difference that was taken for a failed one is returned.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, PaymentId,
    payment::{Event, ReviewDecision},
    seat_move::SeatMove,
};
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::findings::{Findings, Invariant};

/// All moves, by their ids.
#[derive(Debug, Default)]
pub(super) struct Moves {
    known: HashMap<PaymentId, Move>,
    /// Bookings with an open move.
    moving: HashSet<BookingId>,
}

#[derive(Debug)]
pub(super) struct Move {
    pub booking: BookingId,
    to_pay_minor: i64,
    by_card: bool,
    outcome: Outcome,
    debited: bool,
    credited: bool,
    pub position: u64,
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Open,
    Refused,
    Moved,
}

impl Move {
    /// Returns `true` while money is taken that has bought nothing.
    pub fn has_money(&self) -> bool {
        self.debited && !self.credited && self.outcome != Outcome::Moved
    }
}

impl Moves {
    pub fn request(
        &mut self,
        booking: BookingId,
        wanted: &SeatMove,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let (position, since) = (recorded.position, recorded.metadata.time);
        if !self.moving.insert(booking) {
            let detail = format!("booking {booking} has two open moves");
            findings.violated(Invariant::ConfirmedHasSeats, position, detail);
        }
        let to_pay_minor = wanted.to_pay.map_or(0, |to_pay| to_pay.amount_minor);
        let (outcome, debited, credited) = (Outcome::Open, false, false);
        let by_card = wanted.is_paid_by_card();
        let known = Move { booking, to_pay_minor, by_card, outcome, debited, credited, position, since };
        self.known.insert(wanted.id, known);
    }

    /// Returns `true` if a booking has an open move.
    pub fn is_open(&self, booking: BookingId) -> bool {
        self.moving.contains(&booking)
    }

    /// Checks that a difference was captured before the booking says that it is paid.
    pub fn check_paid(&self, wanted: &SeatMove, recorded: &RecordedEvent, findings: &mut Findings) {
        let known = self.known.get(&wanted.id);
        if !known.is_some_and(|known| known.by_card && known.debited && known.outcome == Outcome::Open) {
            let detail = format!("move {} goes on without the money that it costs", wanted.id);
            findings.violated(Invariant::SoldIsPaid, recorded.position, detail);
        }
    }

    /// Notes that a card paid the difference of a move, or that the money goes back: `cards.rs` checks that it arrives.
    pub fn take_payment(&mut self, recorded: &RecordedEvent, event: &Event) {
        let Ok(payment) = recorded.id.parse::<PaymentId>() else { return };
        let Some(known) = self.known.get_mut(&payment).filter(|known| known.by_card) else { return };
        match event {
            Event::PaymentCaptured { .. } | Event::ReviewDecided { decision: ReviewDecision::Accept, .. } => {
                known.debited = true;
            }
            Event::RefundRequested { .. } => known.credited = true,
            Event::PaymentOpened { .. }
            | Event::CheckoutOpened { .. }
            | Event::PaymentMismatched { .. }
            | Event::ReviewDecided { decision: ReviewDecision::Refund, .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::PaymentExpired {}
            | Event::PartSplitOff { .. }
            | Event::RefundAttempted { .. }
            | Event::RefundSubmitted { .. }
            | Event::RefundFailed { .. }
            | Event::RefundPutInReview { .. }
            | Event::RefundCompleted { .. }
            | Event::PaymentDisputed { .. }
            | Event::DisputeWon { .. }
            | Event::DisputeLost { .. } => {}
        }
    }

    pub fn refuse(&mut self, wanted: &SeatMove, recorded: &RecordedEvent, findings: &mut Findings) {
        self.end(wanted, Outcome::Refused, recorded, findings);
    }

    pub fn complete(&mut self, moved: &SeatMove, recorded: &RecordedEvent, findings: &mut Findings) {
        let paid = self.known.get(&moved.id).is_some_and(|known| known.debited && !known.credited);
        if moved.to_pay.is_some() && !paid {
            let detail = format!("move {} of a booking was not paid", moved.id);
            findings.violated(Invariant::SoldIsPaid, recorded.position, detail);
        }
        self.end(moved, Outcome::Moved, recorded, findings);
    }

    fn end(
        &mut self,
        wanted: &SeatMove,
        outcome: Outcome,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let open = self.known.get_mut(&wanted.id).filter(|known| known.outcome == Outcome::Open);
        let Some(known) = open else {
            let detail = format!("move {} ended without being open", wanted.id);
            return findings.violated(Invariant::ConfirmedHasSeats, recorded.position, detail);
        };
        known.outcome = outcome;
        self.moving.remove(&known.booking);
        (known.position, known.since) = (recorded.position, recorded.metadata.time);
    }

    /// Records that the difference of a move was taken, and returns the amount due; `None` if the payment is no move.
    pub fn debit(&mut self, payment: PaymentId) -> Option<i64> {
        let known = self.known.get_mut(&payment)?;
        known.debited = true;
        Some(known.to_pay_minor)
    }

    /// Records that the difference of a failed move was returned, and returns the amount taken; `None` if the payment
    /// is no such move.
    pub fn credit(&mut self, payment: PaymentId) -> Option<i64> {
        let is_undone = |known: &&mut Move| known.outcome == Outcome::Refused && !known.by_card;
        let known = self.known.get_mut(&payment).filter(is_undone)?;
        let taken = if known.has_money() { known.to_pay_minor } else { 0 };
        known.credited = true;
        Some(taken)
    }

    /// Returns the moves that are open, or whose money is still to be returned.
    pub fn unsettled(&self) -> impl Iterator<Item = (&PaymentId, &Move)> {
        self.known.iter().filter(|(_, known)| known.outcome == Outcome::Open || known.has_money())
    }
}
