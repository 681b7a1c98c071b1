//! A booking. Its stream begins with the first attempt to pay, or when the house cancels its screening; until then the
//! booking exists only in its screening ([`crate::screening`]), apart from notes and a discount.
//!
//! `held → paying → confirmed → cancelled → refunded`; `held|paying → expired|cancelled`; `paying → held` when the last
//! open attempt failed; `expired → confirmed` when a late capture still gets the seats; `expired → cancelled` when the
//! house cancels the screening before the confirmation. A booking that gives some of its seats back stays confirmed with the
//! rest, and so does one that moves to other seats. A confirmed booking never fails, and the first payment that confirms it wins.

mod command;
mod discount;
pub mod moving;
pub mod opened;
mod payment_method;
#[cfg(test)]
mod properties;
mod refusal;
mod rescheduling;
mod rules;
mod shares;
pub mod sources;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::opened::{Attempt, Opened, Outcome, Owed, Returned};
use crate::{
    BookingId, Context, Decider, Fingerprint, Money, PaymentId, Personal, PromotionId, ScreeningId, SeatName,
    UserId,
    aggregate::aggregate,
    counter::{CounterRefund, CounterSale},
    hold::Reservation,
    payment::RefundTarget,
    rescheduling::Rescheduling,
    seat_move::{MoveOutcome, MoveRefusal, SeatMove},
    seat_return::SeatReturn,
    wire::absent_fields,
};
pub use command::Command;
pub use discount::{Discount, Discounted};
pub use payment_method::{PaymentMethod, RefundDue};
pub use refusal::Refusal;
pub use shares::{SHARES_MAX, Share};

/// Status of a booking; the module documentation lists the transitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// Unpaid, and no attempt is open.
    Held,
    /// An attempt to pay is open.
    Paying,
    /// Paid, with tickets.
    Confirmed,
    /// Not paid in time.
    Expired,
    /// Cancelled by the customer or the house.
    Cancelled,
    /// Cancelled, and the money is back.
    Refunded,
}

/// Reason for a failed attempt to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// The balance of the wallet is too low.
    InsufficientFunds,
    /// The provider declined the card.
    Declined,
    /// The customer did not pay in time.
    TimedOut,
    /// The provider was unreachable or did not open a checkout.
    ProviderUnavailable,
    /// The amount did not match the request, and an administrator returned it.
    SentBack,
    /// Another customer has the seats by now; the money went back.
    SeatsGone,
    /// The screening has started; the money went back.
    BookingClosed,
    /// Another attempt paid the booking; the money went back.
    PaidTwice,
    /// The booking or its screening is cancelled; the money went back.
    Cancelled,
    /// The customer left the provider's page without paying.
    Abandoned,
}

/// Party that cancels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelledBy {
    /// The owner of the booking.
    Customer,
    /// The operator.
    House,
}

/// Ticket of one seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Name of the seat.
    pub seat: SeatName,
    /// Signed code (crate `ticketshow-tickets`).
    pub code: String,
}

/// Facts of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    /// `sale` is absent unless the seats were sold at the counter.
    BookingOpened {
        reservation: Reservation,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sale: Option<CounterSale>,
    },
    #[serde(rename = "payment_requested")]
    PaymentAttemptStarted {
        booking: BookingId,
        screening: ScreeningId,
        customer: UserId,
        payment: PaymentId,
        method: PaymentMethod,
        amount: Money,
        fingerprint: Option<Fingerprint>,
    },
    /// `status` is the new status of the booking.
    #[serde(rename = "payment_failed")]
    PaymentAttemptFailed {
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
    /// `due` is the refund of the seats; `returned.refund` says if and where it goes back. In cash, it is handed back with this
    /// event, from the till in `returned.counter`. Without seats, it is what another payment of the booking contributes to a refund.
    SeatsReturned {
        booking: BookingId,
        screening: ScreeningId,
        customer: UserId,
        returned: SeatReturn,
        due: RefundDue,
    },
    /// The money of seats that were given back is back. `payment` is the id of that return.
    ReturnRefunded {
        booking: BookingId,
        payment: PaymentId,
        seats: Vec<SeatName>,
        target: RefundTarget,
        amount: Money,
    },
    /// `cascade` is the cascade that cancelled the booking, if one did.
    BookingRefunded {
        booking: BookingId,
        payment: PaymentId,
        target: PaymentMethod,
        amount: Money,
        cascade: Option<Uuid>,
        /// Absent unless the money was handed back at the counter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counter: Option<CounterRefund>,
    },
    /// A note of a member of staff. It may come before the booking is opened.
    NoteAdded {
        booking: BookingId,
        customer: UserId,
        note: Uuid,
        text: Personal,
        by: UserId,
        fingerprint: Option<Fingerprint>,
        /// Absent from notes of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// The buyer, who has no account, was erased: the key that opens what they said at the counter, and the notes, is destroyed.
    /// Without `by`, the time for which the house keeps them was over.
    BuyerErased {
        booking: BookingId,
        customer: UserId,
        by: Option<UserId>,
    },
    /// A link shows the ticket of this seat.
    TicketShared {
        booking: BookingId,
        share: Uuid,
        seat: SeatName,
        fingerprint: Option<Fingerprint>,
    },
    ShareEnded {
        booking: BookingId,
        share: Uuid,
        seat: SeatName,
    },
    /// The customer, or staff, asked for other seats.
    MoveRequested {
        booking: BookingId,
        customer: UserId,
        wanted: SeatMove,
    },
    /// The difference was captured by card. The seats are exchanged next.
    MovePaid {
        booking: BookingId,
        customer: UserId,
        wanted: SeatMove,
    },
    /// The booking stays as it was.
    MoveRefused {
        booking: BookingId,
        customer: UserId,
        wanted: SeatMove,
        reason: MoveRefusal,
        seats: Vec<SeatName>,
    },
    /// The booking has other seats and other tickets.
    BookingMoved {
        booking: BookingId,
        customer: UserId,
        moved: SeatMove,
        tickets: Vec<Ticket>,
    },
    /// The screening has another time or screen. The tickets stay valid.
    BookingRescheduled {
        booking: BookingId,
        customer: UserId,
        rescheduling: Rescheduling,
    },
    /// The prices of a hold are lower, and `amount` is its new amount. It comes before the booking is opened. `replaced` is the promotion
    /// that it used before.
    DiscountApplied {
        booking: BookingId,
        screening: ScreeningId,
        customer: UserId,
        discount: Discount,
        amount: Money,
        replaced: Option<PromotionId>,
    },
    /// The hold has its full amount again, or is over.
    DiscountRemoved {
        booking: BookingId,
        screening: ScreeningId,
        customer: UserId,
        promotion: PromotionId,
        amount: Money,
    },
}

/// A note of a member of staff, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
    /// Time of the note; `None` if an older version added it.
    pub at: Option<Timestamp>,
}

/// Most notes of a booking: more are a conversation, which belongs elsewhere.
pub const NOTES_MAX: usize = 200;

/// A booking, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// `None` until the first event of a payment or a cancellation.
    pub opened: Option<Opened>,
    /// Notes of staff.
    pub notes: BTreeMap<Uuid, Note>,
    /// Links to single tickets, ended ones included.
    pub shares: BTreeMap<Uuid, Share>,
    /// Discount that it has, or had until it ended.
    pub discounted: Option<Discounted>,
    /// The buyer, who had no account, was erased.
    pub buyer_erased: bool,
}

impl Booking {
    /// Returns the attempt with this payment id.
    #[must_use]
    pub fn attempt(&self, payment: PaymentId) -> Option<&Attempt> {
        self.opened.as_ref()?.attempt(payment)
    }
}

/// Version 2 has ticket types, fees, tax and terms of cancellation.
fn current_version(event_type: &str) -> u16 {
    let is_second =
        matches!(event_type, "booking_opened" | "move_requested" | "move_refused" | "booking_moved");
    if is_second { 2 } else { 1 }
}

aggregate!(Booking with (current_version, absent_fields),
    BookingOpened => "booking_opened",
    PaymentAttemptStarted => "payment_requested",
    PaymentAttemptFailed => "payment_failed",
    BookingConfirmed => "booking_confirmed",
    BookingExpired => "booking_expired",
    BookingCancelled => "booking_cancelled",
    SeatsReturned => "seats_returned",
    ReturnRefunded => "return_refunded",
    BookingRefunded => "booking_refunded",
    NoteAdded => "note_added",
    BuyerErased => "buyer_erased",
    TicketShared => "ticket_shared",
    ShareEnded => "share_ended",
    MoveRequested => "move_requested",
    MovePaid => "move_paid",
    MoveRefused => "move_refused",
    BookingMoved => "booking_moved",
    BookingRescheduled => "booking_rescheduled",
    DiscountApplied => "discount_applied",
    DiscountRemoved => "discount_removed",
);

impl Decider for Booking {
    const TYPE: &'static str = "booking";
    const STATE_FORMAT: u16 = 9;
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
            // A hold without an attempt to pay has no booking stream: nothing to expire.
            Command::ExpireBooking => Ok(opened.map_or_else(|_| self.remove_discount(), Opened::expire)),
            // The end of a hold that nobody began to pay.
            Command::CancelBooking { .. } if self.opened.is_none() && self.discounted.is_some() => {
                Ok(self.remove_discount())
            }
            Command::CancelBooking { by, reason, cascade, released } => {
                opened?.cancel(*by, reason.as_deref(), *cascade, *released, context.now)
            }
            Command::CallOff { reservation, reason, cascade } => {
                Ok(self.call_off(reservation, reason.as_deref(), *cascade))
            }
            Command::AddNote { booking, customer, note, text, by, fingerprint } => {
                let added = Event::NoteAdded {
                    booking: *booking,
                    customer: *customer,
                    note: *note,
                    text: text.clone(),
                    by: *by,
                    fingerprint: fingerprint.clone(),
                    at: Some(context.now),
                };
                self.add_note(*note, fingerprint.as_ref(), added)
            }
            Command::EraseBuyer { booking, by } => self.erase_buyer(*booking, *by),
            Command::ReturnSeats { returned } => opened?.return_seats(returned, context.now),
            Command::RecordRefund { payment, target, amount } => {
                opened?.record_refund(*payment, *target, *amount)
            }
            Command::RequestMove { wanted } => opened?.request_move(wanted, context),
            Command::PayMove { id } => opened?.pay_move(*id),
            Command::CompleteMove { id, tickets } => opened?.complete_move(*id, tickets),
            Command::RefuseMove { id, reason, seats } => opened?.refuse_move(*id, *reason, seats),
            Command::OpenSold { reservation, sale, tickets } => self.open_sold(reservation, sale, tickets),
            Command::RefundAtCounter { target, counter } => opened?.refund_at_counter(*target, *counter),
            Command::ShareTicket { share, seat, fingerprint } => {
                self.share_ticket(*share, seat, fingerprint.as_ref())
            }
            Command::EndShare { booking, share } => self.end_share(*booking, *share),
            Command::FollowChange { rescheduling } => opened?.follow(rescheduling),
            Command::ApplyDiscount { reservation, standing, discount } => {
                self.apply_discount(reservation, *standing, discount)
            }
            Command::RemoveDiscount => {
                if self.opened.is_some() {
                    Err(Refusal::PaymentBegun)
                } else {
                    Ok(self.remove_discount())
                }
            }
        }
    }

    fn evolve(&mut self, event: &Event) {
        if let Event::BookingOpened { reservation, sale } = event {
            self.opened = Some(Opened::new(reservation.clone(), sale.clone()));
        }
        self.follow_notes(event);
        self.note_share(event);
        self.follow_discount(event);
        let Some(opened) = &mut self.opened else { return };
        let settle = |attempts: &mut [Attempt], payment, outcome| {
            attempts.iter_mut().filter(|a| a.payment == payment).for_each(|a| a.outcome = outcome);
        };
        match event {
            Event::BookingOpened { .. }
            | Event::NoteAdded { .. }
            | Event::BuyerErased { .. }
            | Event::TicketShared { .. }
            | Event::ShareEnded { .. }
            | Event::DiscountApplied { .. }
            | Event::DiscountRemoved { .. } => {}
            Event::PaymentAttemptStarted { payment, method, fingerprint, .. } => {
                opened.status = BookingStatus::Paying;
                opened.attempts.push(Attempt {
                    payment: *payment,
                    method: *method,
                    fingerprint: fingerprint.clone(),
                    outcome: Outcome::Open,
                });
            }
            Event::PaymentAttemptFailed { payment, reason, status, .. } => {
                opened.status = *status;
                settle(&mut opened.attempts, *payment, Outcome::Failed(*reason));
            }
            Event::BookingConfirmed { payment, tickets, .. } => {
                opened.status = BookingStatus::Confirmed;
                opened.tickets.clone_from(tickets);
                settle(&mut opened.attempts, *payment, Outcome::Confirmed);
            }
            Event::BookingExpired { .. } => opened.status = BookingStatus::Expired,
            Event::BookingCancelled { cascade, refund_due, .. } => {
                opened.status = BookingStatus::Cancelled;
                opened.cascade = *cascade;
                opened.refund_due = refund_due.map(Owed::from);
            }
            Event::SeatsReturned { returned, due, .. } => opened.follow_return(returned, due),
            Event::ReturnRefunded { payment, .. } => {
                let is_this = |back: &&mut Returned| back.id == *payment;
                opened.returns.iter_mut().filter(is_this).for_each(|back| back.refunded = true);
            }
            Event::BookingRefunded { counter, .. } => {
                opened.status = BookingStatus::Refunded;
                opened.counter_refund = *counter;
            }
            Event::MoveRequested { wanted, .. } => opened.note_move(wanted),
            Event::MoveRefused { wanted, reason, seats, .. } => {
                opened.end_move(wanted.id, &MoveOutcome::Refused(*reason, seats.clone()));
            }
            Event::MovePaid { wanted, .. } => opened.note_paid(wanted.id),
            Event::BookingMoved { moved, tickets, .. } => opened.follow_move(moved, tickets),
            Event::BookingRescheduled { rescheduling, .. } => opened.note_rescheduling(rescheduling),
        }
    }
}
