//! `bookings`: every booking and its state. Two streams report on a booking: its screening's and, from the first payment
//! on, its own. The row keeps the latest of each, so their order in the log does not matter. Money is in `payments`.

mod changes;
mod status;

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp, ToSqlx};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    BookingId, Currency, Money, PromotionId, SeatName,
    booking::{self, BookingStatus, CancelledBy, PaymentMethod},
    hold::PricedSeat,
    pricing::Charges,
    promotion::Code,
    screening::{self, ReleaseReason},
    seat_move::SeatMove,
    seat_return::RefundWay,
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use self::status::Claim;
use crate::{
    columns::own_id,
    error::ProjectError,
    positions::Positions,
    rows::{Row, Rows},
    table::table,
    text::{List, Word},
};

/// Rows kept in memory.
const KEPT: usize = 20_000;

table! {
    struct Booking in bookings {
        booking_id: Uuid as key,
        screening_id: Uuid,
        customer_id: Uuid as fixed,
        /// Follows from the next two.
        status: Word<BookingStatus>,
        booking_status: Option<Word<BookingStatus>>,
        claim: Word<Claim>,
        /// Without the seats that were given back.
        seats: List,
        amount_minor: i64,
        currency: Word<Currency> as fixed,
        held_until: Timestamp,
        payment_id: Option<Uuid>,
        confirmed_at: Option<Timestamp>,
        ticket_codes: List,
        checked_in: i32,
        /// Times of used tickets by seat.
        check_ins: Json<BTreeMap<String, jiff::Timestamp>>,
        /// Used tickets by seat.
        admissions: Json<BTreeMap<String, Admission>>,
        conflicts: Json<Vec<Conflict>>,
        returns: Json<Vec<Returned>>,
        moves: Json<Vec<Moved>>,
        /// The move whose difference is being paid by card.
        open_move: Option<Json<OpenMove>>,
        free_until: Option<Timestamp>,
        reschedulings: Json<Vec<Rescheduled>>,
        cancelled_by: Option<Word<CancelledBy>>,
        cancel_reason: Option<String>,
        created_at: Timestamp as fixed,
        position: i64,
        /// Commits of the screening that concern this booking.
        claim_positions: Positions,
        /// Prices of the seats that it has, and of those that were given back since its latest move. `None` for a booking of an older
        /// version until it is opened.
        priced_seats: Option<Json<Vec<PricedSeat>>>,
        /// Fee and tax; `None` as the prices.
        charges: Option<Json<Charges>>,
        /// Source of the discount.
        promotion: Option<Json<AppliedPromotion>>,
        /// The buyer at the counter, who has no account, was erased.
        buyer_erased: bool,
    }
}

/// Source of a discount.
#[derive(Serialize, Deserialize)]
pub(crate) struct AppliedPromotion {
    promotion: PromotionId,
    code: Option<Code>,
}

/// The check-in of a ticket.
#[derive(Serialize, Deserialize)]
pub(crate) struct Admission {
    /// `None` if an older version recorded it.
    check_in: Option<Uuid>,
    by: Uuid,
    device: Option<String>,
}

/// A guest who was admitted although the ticket was used before, or void.
#[derive(Serialize, Deserialize)]
pub(crate) struct Conflict {
    seat: String,
    kind: ConflictKind,
    at: jiff::Timestamp,
    by: Uuid,
    device: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ConflictKind {
    AlreadyUsed,
    Void,
}

/// Seats that were given back together, or none with the difference that a move left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Returned {
    id: Uuid,
    seats: Vec<SeatName>,
    amount_minor: i64,
    by: CancelledBy,
    refund: RefundWay,
    reason: Option<String>,
    at: jiff::Timestamp,
    /// Destination of the money, once it is back.
    target: Option<PaymentMethod>,
    refunded_at: Option<jiff::Timestamp>,
    /// Prices of the seats, if they are known one by one.
    #[serde(default)]
    priced: Vec<PricedSeat>,
}

/// Seats that the booking had before it moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Moved {
    id: Uuid,
    from: Uuid,
    seats: Vec<SeatName>,
    by: CancelledBy,
    at: jiff::Timestamp,
    /// Prices of its seats, and of those that were given back before, if they are known one by one.
    #[serde(default)]
    priced: Vec<PricedSeat>,
}

/// A move whose difference is being paid by card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OpenMove {
    id: Uuid,
    screening: Uuid,
    seats: Vec<SeatName>,
    to_pay: Money,
    pay_until: jiff::Timestamp,
    paid: bool,
}

impl OpenMove {
    /// `None` for a move that does not wait for a card.
    fn of(wanted: &SeatMove, paid: bool) -> Option<Self> {
        let (to_pay, pay_until) = wanted.to_pay.zip(wanted.pay_until)?;
        let (id, screening, seats) = (wanted.id.0, wanted.to.screening.0, wanted.new_seats());
        Some(Self { id, screening, seats, to_pay, pay_until, paid })
    }
}

/// Time and screen of the booking before the house changed them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Rescheduled {
    change: Uuid,
    starts_at: jiff::Timestamp,
    screen: String,
    at: jiff::Timestamp,
}

impl Row for Booking {
    fn changed_at(&mut self, position: i64) {
        self.status = Word(self.claim.0.status(self.booking_status.map(|Word(status)| status)));
        self.position = position;
    }
}

/// The table.
pub(crate) struct Bookings(Rows<BookingId, Booking>);

impl Bookings {
    pub fn new() -> Self {
        Self(Rows::new("bookings", KEPT))
    }

    pub fn apply_screening(
        &mut self,
        recorded: &RecordedEvent,
        event: &screening::Event,
    ) -> Result<(), ProjectError> {
        match event {
            screening::Event::SeatsReserved {
                booking,
                customer,
                seats,
                amount,
                held_until,
                fingerprint: _,
                quote,
                replaces: _,
            } => {
                let reserved = (BookingStatus::Held, None, Claim::Held);
                let row = Booking::new(recorded, *booking, *customer, seats, *amount, *held_until, reserved)?;
                self.0.insert(*booking, row.priced(quote.as_ref()));
                Ok(())
            }
            screening::Event::HoldExtended { booking, held_until } => {
                let held_until = held_until.to_sqlx();
                self.change_claim(*booking, recorded, move |row| row.held_until = held_until)
            }
            screening::Event::SeatsReleased { booking, seats: _, reason } => {
                let reason = *reason;
                self.change_claim(*booking, recorded, move |row| row.release(reason))
            }
            // The booking's own stream says next which seats it has left.
            screening::Event::SeatsTakenBack { booking, returned, left } => {
                let over = (*left == 0).then_some(match returned.by {
                    CancelledBy::Customer => ReleaseReason::CancelledByCustomer,
                    CancelledBy::House => ReleaseReason::CancelledByHouse,
                });
                self.change_claim(*booking, recorded, move |row| {
                    if let Some(reason) = over {
                        row.release(reason);
                    }
                })
            }
            screening::Event::SeatsSold { booking, .. } => {
                self.change_claim(*booking, recorded, |row| row.claim = Word(Claim::Sold))
            }
            screening::Event::TicketCheckedIn { booking, .. }
            | screening::Event::CheckInUndone { booking, .. }
            | screening::Event::AdmissionConflicted { booking, .. } => {
                let event = event.clone();
                self.change_claim(*booking, recorded, move |row| row.admit(event))
            }
            screening::Event::SeatsSoldAtCounter { booking, customer, seats, amount, at, quote, .. } => {
                // Until its tickets are there.
                let sold = (BookingStatus::Paying, Some(BookingStatus::Paying), Claim::Sold);
                let row = Booking::new(recorded, *booking, *customer, seats, *amount, *at, sold)?;
                self.0.insert(*booking, row.priced(quote.as_ref()));
                Ok(())
            }
            // The booking's own stream says next that it moved.
            screening::Event::MoveBegun { booking, .. }
            | screening::Event::MoveEnded { booking, .. }
            | screening::Event::SeatsMovedIn { booking, .. } => self.change_claim(*booking, recorded, |_| {}),
            // The bookings of a cancelled screening are cancelled one by one.
            screening::Event::ScreeningOpened { .. }
            | screening::Event::MessageSent { .. }
            | screening::Event::GuestsReminded { .. }
            | screening::Event::ScreeningCancelled { .. }
            | screening::Event::WaitingListJoined { .. }
            | screening::Event::WaitingListLeft { .. }
            | screening::Event::SeatsOffered { .. }
            | screening::Event::ScreeningCleared { .. }
            | screening::Event::SeatsBlocked { .. }
            | screening::Event::BlockGrown { .. }
            | screening::Event::BlockReleased { .. }
            | screening::Event::WheelchairPlacesReleased {}
            // The bookings of a changed screening follow one by one.
            | screening::Event::ScreeningChanged { .. }
            | screening::Event::ChangeRefused { .. }
            | screening::Event::ChangeCompleted { .. } => Ok(()),
        }
    }

    /// Makes a change that a commit of a screening caused. One that the booking has moved away from, or will move to, only adds to
    /// its history.
    fn change_claim(
        &mut self,
        booking: BookingId,
        recorded: &RecordedEvent,
        change: impl FnOnce(&mut Booking) + Send + 'static,
    ) -> Result<(), ProjectError> {
        let (position, screening) = (recorded.position, own_id(recorded)?);
        self.0.change(booking, position, move |row| {
            row.claim_positions.add(position);
            if row.screening_id == screening {
                change(row);
            }
        })
    }

    pub fn apply_booking(
        &mut self,
        recorded: &RecordedEvent,
        event: &booking::Event,
    ) -> Result<(), ProjectError> {
        let position = recorded.position;
        match event {
            booking::Event::BookingOpened { reservation, sale: _ } => {
                let reservation = reservation.clone();
                self.0.change(reservation.booking, position, move |row| row.open(reservation))
            }
            booking::Event::PaymentAttemptStarted { booking, .. } => {
                self.0.change(*booking, position, |row| row.decide(BookingStatus::Paying))
            }
            booking::Event::PaymentAttemptFailed { booking, status, .. } => {
                let status = *status;
                self.0.change(*booking, position, move |row| row.decide(status))
            }
            booking::Event::BookingConfirmed { booking, payment, tickets, .. } => {
                let (payment, tickets, at) = (payment.0, tickets.clone(), recorded.metadata.time.to_sqlx());
                self.0.change(*booking, position, move |row| {
                    row.decide(BookingStatus::Confirmed);
                    (row.payment_id, row.confirmed_at) = (Some(payment), Some(at));
                    row.issue(&tickets);
                })
            }
            booking::Event::BookingExpired { booking } => {
                self.0.change(*booking, position, |row| row.decide(BookingStatus::Expired))
            }
            booking::Event::BookingCancelled { booking, by, reason, .. } => {
                let (by, reason) = (*by, reason.clone());
                self.0.change(*booking, position, move |row| {
                    row.decide(BookingStatus::Cancelled);
                    row.cancelled_by = Some(Word(by));
                    row.cancel_reason = reason;
                })
            }
            booking::Event::SeatsReturned { booking, returned, due, .. } => {
                let (returned, amount_minor) = (returned.clone(), due.amount.amount_minor);
                let at = recorded.metadata.time;
                self.0.change(*booking, position, move |row| row.give_back(returned, amount_minor, at))
            }
            booking::Event::ReturnRefunded { booking, payment, target, .. } => {
                let (id, target, at) = (payment.0, (*target).into(), recorded.metadata.time);
                self.0.change(*booking, position, move |row| row.refund_return(id, target, at))
            }
            booking::Event::BookingRefunded { booking, .. } => {
                self.0.change(*booking, position, |row| row.decide(BookingStatus::Refunded))
            }
            booking::Event::BookingMoved { booking, moved, tickets, .. } => {
                let (moved, tickets, at) = (moved.clone(), tickets.clone(), recorded.metadata.time);
                self.0.change(*booking, position, move |row| row.follow_move(moved, &tickets, at))
            }
            booking::Event::BookingRescheduled { booking, rescheduling, .. } => {
                let (rescheduling, at) = (rescheduling.clone(), recorded.metadata.time);
                self.0.change(*booking, position, move |row| row.reschedule(rescheduling, at))
            }
            booking::Event::BuyerErased { booking, .. } => {
                self.0.change(*booking, position, |row| row.buyer_erased = true)
            }
            booking::Event::DiscountApplied { booking, discount, .. } => {
                let discount = discount.clone();
                self.0.change(*booking, position, |row| row.discount(Some(discount)))
            }
            booking::Event::DiscountRemoved { booking, .. } => {
                self.0.change(*booking, position, |row| row.discount(None))
            }
            booking::Event::MoveRequested { .. }
            | booking::Event::MovePaid { .. }
            | booking::Event::MoveRefused { .. } => self.follow_open_move(event, position),
            // They have a table of their own.
            booking::Event::NoteAdded { .. }
            | booking::Event::TicketShared { .. }
            | booking::Event::ShareEnded { .. } => Ok(()),
        }
    }

    /// Notes a move that waits for a card, or for its seats once that paid. Other moves are shown once they are done.
    fn follow_open_move(&mut self, event: &booking::Event, position: u64) -> Result<(), ProjectError> {
        if let booking::Event::MoveRefused { booking, wanted, .. } = event
            && wanted.is_paid_by_card()
        {
            return self.0.change(*booking, position, |row| row.open_move = None);
        }
        if let booking::Event::MoveRequested { booking, wanted, .. }
        | booking::Event::MovePaid { booking, wanted, .. } = event
            && let Some(open) = OpenMove::of(wanted, matches!(event, booking::Event::MovePaid { .. }))
        {
            return self.0.change(*booking, position, move |row| row.open_move = Some(Json(open)));
        }
        Ok(())
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |booking| booking.0, |row| BookingId(row.booking_id)).await
    }
}
