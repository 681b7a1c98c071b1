//! A booking from its first payment on, or until the house calls it off. Until then it lives in its screening only
//! ([`crate::screening`]).
//!
//! `held → paying → confirmed → cancelled → refunded`; `held|paying → expired|cancelled`; `paying → held` when the last
//! open attempt failed; `expired → confirmed` when a late capture still gets the seats; `expired → cancelled` when the
//! house calls those off before they are confirmed. A confirmed booking never becomes
//! failed, and the first payment that confirms it wins.

#[cfg(test)]
mod properties;
mod rules;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use crate::hold::{PricedSeat, Reservation};
use crate::{
    BookingId, Context, Decider, Fingerprint, Money, PaymentId, ScreeningId, SeatName, UserId,
    aggregate::aggregate, hold::Standing, payment::RefundTarget,
};

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it; the module tells the ways between them")]
pub enum BookingStatus {
    Held,
    Paying,
    Confirmed,
    Expired,
    Cancelled,
    Refunded,
}

/// How a customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PaymentMethod {
    Wallet,
    Card,
}

/// Why an attempt to pay came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// The wallet does not hold enough.
    InsufficientFunds,
    /// The provider turned the card down.
    Declined,
    /// Nobody paid in time.
    TimedOut,
    /// The provider could not be reached, or would not open its page.
    ProviderUnavailable,
    /// Another amount came than was asked for, and the house sent it back.
    SentBack,
    /// The seats belong to somebody else by now; the money went back.
    SeatsGone,
    /// The screening has started; the money went back.
    BookingClosed,
    /// Another attempt paid the booking; the money went back.
    PaidTwice,
    /// The booking or its screening is cancelled; the money went back.
    Cancelled,
}

/// Who cancels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum CancelledBy {
    Customer,
    House,
}

/// A seat's ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Which seat.
    pub seat: SeatName,
    /// Its signed code (crate `ticketshow-tickets`).
    pub code: String,
}

/// What can be asked of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Begins an attempt to pay. `standing` is what the screening says of the hold at that moment; the screening alone
    /// decides in the end whether the money buys the seats.
    PayBooking {
        reservation: Reservation,
        standing: Standing,
        payment: PaymentId,
        method: PaymentMethod,
        fingerprint: Option<Fingerprint>,
    },
    /// The payment got the seats.
    ConfirmBooking { payment: PaymentId, tickets: Vec<Ticket> },
    /// The attempt came to nothing.
    FailAttempt { payment: PaymentId, reason: FailureReason },
    /// The hold lapsed.
    ExpireBooking,
    /// The customer or the house calls it off. `checked_in`: a ticket of it was used, as the screening says.
    CancelBooking { by: CancelledBy, reason: Option<String>, cascade: Option<Uuid>, checked_in: bool },
    /// The house calls off the screening of a booking that has its seats, paid or not. One that nobody began to pay becomes
    /// a booking of its own by that, so that its owner can be told.
    CallOff { reservation: Reservation, reason: Option<String>, cascade: Uuid },
    /// The money of the payment that confirmed it is back.
    RecordRefund { payment: PaymentId, target: RefundTarget, amount: Money },
}

/// What can have happened to a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    BookingOpened {
        reservation: Reservation,
    },
    PaymentRequested {
        booking: BookingId,
        screening: ScreeningId,
        customer: UserId,
        payment: PaymentId,
        method: PaymentMethod,
        amount: Money,
        fingerprint: Option<Fingerprint>,
    },
    /// `status` is the booking's from now on.
    PaymentFailed {
        booking: BookingId,
        payment: PaymentId,
        reason: FailureReason,
        status: BookingStatus,
    },
    BookingConfirmed {
        booking: BookingId,
        screening: ScreeningId,
        customer: UserId,
        payment: PaymentId,
        method: PaymentMethod,
        amount: Money,
        tickets: Vec<Ticket>,
    },
    BookingExpired {
        booking: BookingId,
    },
    /// `refund_due` names the payment whose money goes back, if the booking was confirmed.
    BookingCancelled {
        booking: BookingId,
        screening: ScreeningId,
        customer: UserId,
        by: CancelledBy,
        reason: Option<String>,
        cascade: Option<Uuid>,
        refund_due: Option<RefundDue>,
    },
    /// `cascade` is the one that cancelled the booking, if one did.
    BookingRefunded {
        booking: BookingId,
        payment: PaymentId,
        target: RefundTarget,
        amount: Money,
        cascade: Option<Uuid>,
    },
}

/// Money that has to go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RefundDue {
    pub payment: PaymentId,
    pub method: PaymentMethod,
    pub amount: Money,
}

/// What can stand in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such booking")]
    NotFound,
    #[error("the booking has no such payment")]
    UnknownPayment,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("the hold has expired")]
    HoldExpired,
    #[error("the booking is paid")]
    AlreadyPaid,
    #[error("the booking is cancelled")]
    BookingCancelled,
    #[error("the screening is cancelled")]
    ScreeningCancelled,
    #[error("a payment is under way")]
    PaymentInProgress,
    #[error("bookings could be cancelled until {0}")]
    TooLateToCancel(Timestamp),
    #[error("a ticket of the booking was used")]
    CheckedIn,
    #[error("the booking is not cancelled")]
    NotCancelled,
}

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the events")]
pub struct Attempt {
    pub payment: PaymentId,
    pub method: PaymentMethod,
    pub fingerprint: Option<Fingerprint>,
    pub outcome: Outcome,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Outcome {
    Open,
    Failed(FailureReason),
    Confirmed,
}

/// A booking as its history tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// `None` until the first payment is asked for.
    pub opened: Option<Opened>,
}

/// A booking with at least one attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the events")]
pub struct Opened {
    pub reservation: Reservation,
    pub status: BookingStatus,
    pub attempts: Vec<Attempt>,
    pub tickets: Vec<Ticket>,
    /// The cascade that cancelled it, if one did.
    pub cascade: Option<Uuid>,
}

impl Booking {
    /// An attempt by its payment id.
    #[must_use]
    pub fn attempt(&self, payment: PaymentId) -> Option<&Attempt> {
        self.opened.as_ref()?.attempt(payment)
    }
}

impl Opened {
    /// An attempt by its payment id.
    #[must_use]
    pub fn attempt(&self, payment: PaymentId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.payment == payment)
    }

    /// The attempt that is still open, if there is one of this kind.
    #[must_use]
    pub fn open_attempt(&self, method: PaymentMethod) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.method == method && attempt.outcome == Outcome::Open)
    }

    /// The attempt that confirmed it.
    #[must_use]
    pub fn winner(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.outcome == Outcome::Confirmed)
    }
}

aggregate!(Booking,
    BookingOpened => "booking_opened",
    PaymentRequested => "payment_requested",
    PaymentFailed => "payment_failed",
    BookingConfirmed => "booking_confirmed",
    BookingExpired => "booking_expired",
    BookingCancelled => "booking_cancelled",
    BookingRefunded => "booking_refunded",
);

impl Decider for Booking {
    const TYPE: &'static str = "booking";
    const STATE_FORMAT: u16 = 2;
    type Id = BookingId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let opened = self.opened.as_ref().ok_or(Refusal::NotFound);
        match command {
            Command::PayBooking { reservation, standing, payment, method, fingerprint } => {
                self.pay(reservation, *standing, *payment, *method, fingerprint.as_ref())
            }
            Command::ConfirmBooking { payment, tickets } => opened?.confirm(*payment, tickets),
            Command::FailAttempt { payment, reason } => opened?.fail_attempt(*payment, *reason),
            // A hold that nobody tried to pay has no booking stream: nothing to expire.
            Command::ExpireBooking => Ok(opened.map_or_else(|_| Vec::new(), Opened::expire)),
            Command::CancelBooking { by, reason, cascade, checked_in } => {
                opened?.cancel(*by, reason.as_deref(), *cascade, *checked_in, context.now)
            }
            Command::CallOff { reservation, reason, cascade } => {
                Ok(self.call_off(reservation, reason.as_deref(), *cascade))
            }
            Command::RecordRefund { payment, target, amount } => {
                opened?.record_refund(*payment, *target, *amount)
            }
        }
    }

    fn evolve(&mut self, event: &Event) {
        if let Event::BookingOpened { reservation } = event {
            let (reservation, status) = (reservation.clone(), BookingStatus::Held);
            let (attempts, tickets, cascade) = (Vec::new(), Vec::new(), None);
            self.opened = Some(Opened { reservation, status, attempts, tickets, cascade });
        }
        let Some(opened) = &mut self.opened else { return };
        let settle = |attempts: &mut [Attempt], payment, outcome| {
            attempts.iter_mut().filter(|a| a.payment == payment).for_each(|a| a.outcome = outcome);
        };
        match event {
            Event::BookingOpened { .. } => {}
            Event::PaymentRequested { payment, method, fingerprint, .. } => {
                opened.status = BookingStatus::Paying;
                opened.attempts.push(Attempt {
                    payment: *payment,
                    method: *method,
                    fingerprint: fingerprint.clone(),
                    outcome: Outcome::Open,
                });
            }
            Event::PaymentFailed { payment, reason, status, .. } => {
                opened.status = *status;
                settle(&mut opened.attempts, *payment, Outcome::Failed(*reason));
            }
            Event::BookingConfirmed { payment, tickets, .. } => {
                opened.status = BookingStatus::Confirmed;
                opened.tickets.clone_from(tickets);
                settle(&mut opened.attempts, *payment, Outcome::Confirmed);
            }
            Event::BookingExpired { .. } => opened.status = BookingStatus::Expired,
            Event::BookingCancelled { cascade, .. } => {
                opened.status = BookingStatus::Cancelled;
                opened.cascade = *cascade;
            }
            Event::BookingRefunded { .. } => opened.status = BookingStatus::Refunded,
        }
    }
}
