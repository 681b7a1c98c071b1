//! State of a booking once its stream has begun: its attempts to pay, its tickets and its returned seats.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BookingStatus, CancelledBy, FailureReason, PaymentMethod, RefundDue, Ticket, moving::KnownMove};
use crate::{
    Fingerprint, Money, PaymentId, ScreeningId, SeatName,
    counter::{CounterRefund, CounterSale},
    hold::{PricedSeat, Reservation},
    pricing::{Charges, refund_minor},
    seat_move::MoveOutcome,
    seat_return::{RefundWay, SeatReturn},
};

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the events")]
pub struct Attempt {
    pub payment: PaymentId,
    pub method: PaymentMethod,
    pub fingerprint: Option<Fingerprint>,
    pub outcome: Outcome,
}

/// Outcome of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Not known yet.
    Open,
    /// Ended without buying the seats.
    Failed(FailureReason),
    /// Bought the seats.
    Confirmed,
}

/// A booking with at least one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the events")]
pub struct Opened {
    pub reservation: Reservation,
    pub status: BookingStatus,
    pub attempts: Vec<Attempt>,
    pub tickets: Vec<Ticket>,
    /// The cascade that cancelled it, if one did.
    pub cascade: Option<Uuid>,
    /// The sale at the counter, if it was sold there.
    pub sale: Option<CounterSale>,
    /// The refund at the counter, if there was one.
    pub counter_refund: Option<CounterRefund>,
    /// Seats that were given back while it stayed confirmed, and differences that moves left.
    pub returns: Vec<Returned>,
    /// Seats that the booking has, with the prices that count as paid.
    pub left: Vec<PricedSeat>,
    /// Sum of these prices and of the fees.
    pub paid: Money,
    /// Screening of these seats.
    pub screening: ScreeningId,
    /// Cut-off of cancellations and moves by the customer.
    pub cancel_until: Timestamp,
    /// Moves to other seats, the open one last.
    pub moves: Vec<KnownMove>,
    /// Refund that its cancellation owes from the payment that bought it; `None` before a cancellation, and if the
    /// house keeps the money.
    pub refund_due: Option<Owed>,
    /// Fee and tax of these seats.
    pub charges: Charges,
    /// Charge that the house keeps from the refund of each cancellation by the customer, in minor units.
    pub cancellation_fee_minor: i64,
    /// Until this moment the customer may cancel without charge, because the house changed the time or the screen.
    pub free_until: Option<Timestamp>,
    /// Changes of the time or the screen that it followed.
    pub rescheduled: Vec<Uuid>,
}

/// Money that a cancellation owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the events")]
pub struct Owed {
    pub payment: PaymentId,
    pub amount: Money,
    /// Destination of the money.
    pub to: PaymentMethod,
}

impl From<RefundDue> for Owed {
    fn from(due: RefundDue) -> Self {
        Self { payment: due.payment, amount: due.amount, to: due.destination() }
    }
}

/// Seats of a booking that were given back together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Identity of the return.
    pub id: PaymentId,
    /// The payment that gives the money back.
    pub of: PaymentId,
    /// Seats that were given back; none for the difference that a move left, and for what another payment contributes to a refund.
    pub seats: Vec<SeatName>,
    /// Their refund, or the amount that the house keeps instead.
    pub amount: Money,
    /// Destination of the money.
    pub refund: RefundWay,
    /// `true` once the money is back.
    pub refunded: bool,
    /// The refund at the counter, if its money was handed back there.
    pub counter: Option<CounterRefund>,
    /// Seats that the booking had afterwards.
    pub left: Vec<PricedSeat>,
    /// Sum of their prices and of the fees.
    pub paid: Money,
}

impl Opened {
    pub(super) fn new(reservation: Reservation, sale: Option<CounterSale>) -> Self {
        Self {
            status: BookingStatus::Held,
            attempts: Vec::new(),
            tickets: Vec::new(),
            cascade: None,
            sale,
            counter_refund: None,
            returns: Vec::new(),
            left: reservation.seats.clone(),
            paid: reservation.amount,
            screening: reservation.screening,
            cancel_until: reservation.cancel_until,
            moves: Vec::new(),
            refund_due: None,
            charges: reservation.charges.clone(),
            cancellation_fee_minor: reservation.cancellation_fee_minor,
            free_until: None,
            rescheduled: Vec::new(),
            reservation,
        }
    }

    pub(super) fn follow_return(&mut self, returned: &SeatReturn, due: &RefundDue) {
        let SeatReturn { id, seats, refund, counter, .. } = returned.clone();
        let refunded = refund == RefundWay::Cash;
        self.tickets.retain(|ticket| !seats.contains(&ticket.seat));
        self.left.retain(|priced| !seats.contains(&priced.seat));
        self.paid.amount_minor = self.charges.total_minor(&self.left);
        let (of, amount, left, paid) = (due.payment, due.amount, self.left.clone(), self.paid);
        self.returns.push(Returned { id, of, seats, amount, refund, refunded, counter, left, paid });
    }

    /// Returns the attempt with this payment id.
    #[must_use]
    pub fn attempt(&self, payment: PaymentId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.payment == payment)
    }

    /// Returns the open attempt of this method, if there is one.
    #[must_use]
    pub fn open_attempt(&self, method: PaymentMethod) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.method == method && attempt.outcome == Outcome::Open)
    }

    /// Returns the seats that the booking has.
    pub fn seats(&self) -> impl Iterator<Item = &PricedSeat> {
        self.left.iter()
    }

    /// Returns what counts as paid for the seats that the booking has, with their fees.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.paid
    }

    /// Returns the refund of seats that were not given back before. The house returns everything, and the fee of the booking with
    /// its last seats. A customer gets the price of the seats, without fees and less what a cancellation costs, except for some days
    /// after the house changed the time or the screen.
    #[must_use]
    pub fn refund_of(&self, given: &[SeatName], by: CancelledBy, now: Timestamp) -> Money {
        match by {
            CancelledBy::Customer if !self.is_free_of_charge(now) => {
                let amount_minor = refund_minor(self.given(given), self.cancellation_fee_minor);
                Money { amount_minor, ..self.paid }
            }
            CancelledBy::Customer | CancelledBy::House => self.full_refund_of(given),
        }
    }

    /// Returns all that was paid for seats that were not given back before.
    #[must_use]
    pub fn full_refund_of(&self, given: &[SeatName]) -> Money {
        let (charges, given) = (&self.charges, self.given(given));
        let is_whole = given.len() == self.left.len();
        let kept_minor = if is_whole { 0 } else { charges.booking_fee_minor() };
        Money { amount_minor: charges.total_minor(given) - kept_minor, ..self.paid }
    }

    /// Returns the fees of so many tickets that were given back while others stayed.
    #[must_use]
    pub fn ticket_fees_minor(&self, tickets: usize) -> i64 {
        self.charges.fees_minor(tickets) - self.charges.booking_fee_minor()
    }

    /// Returns what counted as paid for seats that were given back while others stayed, with the fees of their tickets.
    #[must_use]
    pub fn paid_for_returned(&self, given: &[SeatName]) -> Money {
        let net_minor: i64 =
            given.iter().filter_map(|seat| self.last_line(seat)).map(PricedSeat::net_minor).sum();
        Money { amount_minor: net_minor + self.ticket_fees_minor(given.len()), ..self.paid }
    }

    /// Returns a seat that the booking had with the price of the last move to it, or else of the purchase.
    fn last_line(&self, seat: &SeatName) -> Option<&PricedSeat> {
        let moved = self.moves.iter().rev().filter(|known| known.outcome == MoveOutcome::Moved);
        let mut lines = moved.flat_map(|known| &known.wanted.to.seats).chain(&self.reservation.seats);
        lines.find(|line| line.seat == *seat)
    }

    fn given(&self, seats: &[SeatName]) -> Vec<&PricedSeat> {
        self.seats().filter(|priced| seats.contains(&priced.seat)).collect()
    }

    /// Returns the names of the seats that the booking has.
    #[must_use]
    pub fn seat_names(&self) -> Vec<SeatName> {
        self.seats().map(|priced| priced.seat.clone()).collect()
    }

    /// Returns the attempt that confirmed the booking.
    #[must_use]
    pub fn winner(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.outcome == Outcome::Confirmed)
    }
}
