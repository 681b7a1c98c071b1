//! Changes of a row that events cause.

use jiff_sqlx::{Timestamp, ToSqlx};
use ticketshow_domain::{
    Money,
    booking::{CancelledBy, FailureReason, PaymentMethod, RefundDue},
    payment::{self, DisputeStatus, PaymentStatus, RefundReason, RefundStatus},
    seat_move::MoveRefusal,
};

use super::Payment;
use crate::{tables::money::money_sums::MoneySums, text::Word};

impl Payment {
    /// Notes the refund of a cancelled booking.
    pub(super) fn owe(&mut self, due: &RefundDue, by: CancelledBy, at: Timestamp) {
        // Of a card payment, the payment itself says what the house keeps.
        if due.method != PaymentMethod::Card {
            self.split_minor = self.captured_minor.map_or(0, |captured| captured - due.amount.amount_minor);
        }
        let target = due.to.map_or(due.method, PaymentMethod::from);
        self.request_refund(target, Some(reason_of(by)), at);
    }

    /// Adds the row to the sums.
    pub(super) fn count(&self, sums: &mut MoneySums) {
        let captured = self.captured_minor.zip(self.captured_currency);
        if let Some((amount_minor, currency)) = captured.filter(|_| self.part_of.is_none()) {
            sums.add("captured", &self.method.to_string(), currency.0.code(), amount_minor);
        }
        if let (Some(Word(RefundStatus::Completed)), Some(target)) = (self.refund_status, self.refund_target)
        {
            let (amount_minor, currency) = captured.unwrap_or((0, self.currency));
            let amount_minor = amount_minor - self.split_minor;
            sums.add("refunded", &target.to_string(), currency.0.code(), amount_minor);
        }
    }

    pub(super) fn apply(&mut self, event: payment::Event, at: Timestamp) {
        use payment::Event;
        match event {
            Event::PaymentOpened { .. } => {}
            Event::CheckoutOpened { session: _, url, expires_at } => {
                (self.checkout_url, self.checkout_until) = (Some(url), Some(expires_at.to_sqlx()));
            }
            Event::PaymentCaptured { provider_payment, captured } => {
                self.provider_payment = Some(provider_payment);
                self.capture(captured, at);
                self.status = Word(PaymentStatus::Captured);
            }
            Event::PaymentMismatched { provider_payment, captured } => {
                self.provider_payment = Some(provider_payment);
                self.capture(captured, at);
                self.status = Word(PaymentStatus::Review);
            }
            Event::ReviewDecided { .. } => self.status = Word(PaymentStatus::Captured),
            Event::PaymentAttemptFailed { reason } => {
                self.failure_reason.get_or_insert(reason);
                self.status = Word(PaymentStatus::Failed);
            }
            Event::PaymentExpired {} => self.status = Word(PaymentStatus::Expired),
            Event::PartSplitOff { amount, .. } => self.split_minor += amount.amount_minor,
            Event::RefundRequested { target, reason, amount: _ } => {
                self.request_refund(target.into(), Some(reason), at);
            }
            Event::RefundAttempted { .. } => {
                self.refund_status = Some(Word(RefundStatus::Attempted));
            }
            Event::RefundSubmitted { provider_refund } => {
                self.refund_status = Some(Word(RefundStatus::Submitted));
                self.provider_refund = Some(provider_refund);
            }
            Event::RefundFailed { reason } => {
                self.refund_status = Some(Word(RefundStatus::Failed));
                self.refund_failure = Some(reason);
            }
            Event::RefundPutInReview { reason } => {
                self.refund_status = Some(Word(RefundStatus::Review));
                self.refund_failure = Some(reason);
            }
            Event::RefundCompleted { target, amount: _ } => self.complete_refund(target.into(), at),
            Event::PaymentDisputed { .. } => self.dispute_status = Some(Word(DisputeStatus::Open)),
            Event::DisputeWon { .. } => self.dispute_status = Some(Word(DisputeStatus::Won)),
            Event::DisputeLost { .. } => self.dispute_status = Some(Word(DisputeStatus::Lost)),
        }
    }

    /// Adds the difference that a move cost to the payment that bought the booking.
    pub(super) fn add_difference(&mut self, minor: i64) {
        self.debited_minor += minor;
        for sum in [&mut self.captured_minor, &mut self.confirmed_minor] {
            *sum = sum.map(|sum| sum + minor);
        }
    }

    /// Gives the difference that a move cost to the payment that bought the booking.
    pub(super) fn give_to_whole(&mut self) {
        self.settle(PaymentStatus::Captured);
        (self.captured_minor, self.confirmed_minor, self.debited_minor) = (Some(0), Some(0), 0);
    }

    /// Sets the status of a pending attempt; money that was taken or refunded stays so.
    pub(super) fn settle(&mut self, status: PaymentStatus) {
        if self.status == Word(PaymentStatus::Pending) {
            self.status = Word(status);
        }
    }

    /// Notes a failure that the booking reports. It is also the reason of a refund made before.
    pub(super) fn fail(&mut self, reason: FailureReason) {
        self.failure_reason = Some(Word(reason).to_string());
        self.settle(PaymentStatus::Failed);
        if self.refund_status.is_some() && self.refund_reason.is_none() {
            self.refund_reason = refund_reason_for(reason).map(Word);
        }
    }

    /// Notes money that a seller took.
    pub(super) fn take(&mut self, amount: Money, at: Timestamp) {
        self.settle(PaymentStatus::Captured);
        self.capture(amount, at);
    }

    pub(super) fn capture(&mut self, captured: Money, at: Timestamp) {
        self.captured_minor = Some(captured.amount_minor);
        self.captured_currency = Some(Word(captured.currency));
        self.captured_at = Some(at);
    }

    /// Notes a refund request. The booking makes it first; the payment's own stream repeats it, once more per restart.
    pub(super) fn request_refund(
        &mut self,
        target: PaymentMethod,
        reason: Option<RefundReason>,
        at: Timestamp,
    ) {
        self.status = Word(PaymentStatus::Refunding);
        self.refund_status = Some(Word(RefundStatus::Requested));
        self.refund_target = Some(Word(target));
        self.refund_reason = reason.map(Word);
        self.refund_requested_at.get_or_insert(at);
    }

    /// Completes a refund. The wallet, the payment and the booking each report it.
    pub(super) fn complete_refund(&mut self, target: PaymentMethod, at: Timestamp) {
        self.status = Word(PaymentStatus::Refunded);
        self.refund_status = Some(Word(RefundStatus::Completed));
        self.refund_target = Some(Word(target));
        self.refund_failure = None;
        self.refund_requested_at.get_or_insert(at);
        self.refunded_at.get_or_insert(at);
    }
}

/// Returns the failure of the payment of a difference, because the booking does not move.
pub(super) fn failure_of(reason: MoveRefusal) -> FailureReason {
    match reason {
        MoveRefusal::InsufficientFunds => FailureReason::InsufficientFunds,
        MoveRefusal::NotPaid => FailureReason::TimedOut,
        MoveRefusal::BookingClosed | MoveRefusal::ScreeningOver => FailureReason::BookingClosed,
        MoveRefusal::BookingCancelled | MoveRefusal::ScreeningCancelled | MoveRefusal::GivenUp => {
            FailureReason::Cancelled
        }
        MoveRefusal::SeatTaken
        | MoveRefusal::UnknownSeat
        | MoveRefusal::CheckedIn
        | MoveRefusal::SeatsChanged
        | MoveRefusal::TimeChanged
        | MoveRefusal::TooManySeats => FailureReason::SeatsGone,
    }
}

fn reason_of(by: CancelledBy) -> RefundReason {
    match by {
        CancelledBy::Customer => RefundReason::CancelledByCustomer,
        CancelledBy::House => RefundReason::CancelledByHouse,
    }
}

/// Returns the reason for a refund of an attempt that failed.
fn refund_reason_for(reason: FailureReason) -> Option<RefundReason> {
    match reason {
        FailureReason::SeatsGone | FailureReason::BookingClosed => Some(RefundReason::SeatsGone),
        FailureReason::PaidTwice => Some(RefundReason::PaidTwice),
        FailureReason::Cancelled => Some(RefundReason::Cancelled),
        FailureReason::SentBack => Some(RefundReason::Decided),
        FailureReason::InsufficientFunds
        | FailureReason::Declined
        | FailureReason::TimedOut
        | FailureReason::ProviderUnavailable
        | FailureReason::Abandoned => None,
    }
}
