//! `bookings`: every booking and its state. Two streams report on a booking: its screening's and, from the first payment
//! on, its own. The row keeps the latest of each, so their order in the log does not matter. Money is in `payments`.

mod status;

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp, ToSqlx};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    BookingId, Currency, Money, PromotionId, SeatName, UserId,
    booking::{self, BookingStatus, CancelledBy, Discount, PaymentMethod, Ticket},
    hold::{PricedSeat, Reservation},
    pricing::{Charges, Quote},
    promotion::Code,
    rescheduling::Rescheduling,
    screening::{self, ReleaseReason},
    seat_move::SeatMove,
    seat_return::{RefundWay, SeatReturn},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use self::status::Claim;
use crate::{
    columns::{own_id, stored},
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
        /// Where the discount comes from.
        promotion: Option<Json<AppliedPromotion>>,
    }
}

/// Where a discount comes from.
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
            } => {
                let reserved = (BookingStatus::Held, None, Claim::Held);
                let row = Booking::new(recorded, *booking, *customer, seats, *amount, *held_until, reserved)?;
                let row = row.priced(quote.as_ref());
                self.0.insert(*booking, row);
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
                let row = row.priced(quote.as_ref());
                self.0.insert(*booking, row);
                Ok(())
            }
            // The booking's own stream says next that it moved.
            screening::Event::MoveBegun { booking, .. }
            | screening::Event::MoveEnded { booking, .. }
            | screening::Event::SeatsMovedIn { booking, .. } => self.change_claim(*booking, recorded, |_| {}),
            // The bookings of a cancelled screening are cancelled one by one.
            screening::Event::ScreeningOpened { .. }
            | screening::Event::MessageSent { .. }
            | screening::Event::ScreeningCancelled { .. }
            | screening::Event::WaitingListJoined { .. }
            | screening::Event::WaitingListLeft { .. }
            | screening::Event::SeatsOffered { .. }
            | screening::Event::ScreeningCleared { .. }
            | screening::Event::SeatsBlocked { .. }
            | screening::Event::BlockReleased { .. }
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
                self.0.change(*booking, position, move |row| {
                    for returned in row.returns.iter_mut().filter(|returned| returned.id == id) {
                        (returned.target, returned.refunded_at) = (Some(target), Some(at));
                    }
                })
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
            booking::Event::MoveRequested { .. } | booking::Event::MoveRefused { .. } => Ok(()),
            booking::Event::DiscountApplied { booking, discount, .. } => {
                let discount = discount.clone();
                self.0.change(*booking, position, |row| row.discount(Some(discount)))
            }
            booking::Event::DiscountRemoved { booking, .. } => {
                self.0.change(*booking, position, |row| row.discount(None))
            }
            // They have a table of their own.
            booking::Event::NoteAdded { .. }
            | booking::Event::TicketShared { .. }
            | booking::Event::ShareEnded { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |booking| booking.0, |row| BookingId(row.booking_id)).await
    }
}

impl Booking {
    /// A booking that its screening has just accepted.
    fn new(
        recorded: &RecordedEvent,
        booking: BookingId,
        customer: UserId,
        seats: &[SeatName],
        amount: Money,
        held_until: jiff::Timestamp,
        (status, booking_status, claim): (BookingStatus, Option<BookingStatus>, Claim),
    ) -> Result<Self, ProjectError> {
        Ok(Self {
            booking_id: booking.0,
            screening_id: own_id(recorded)?,
            customer_id: customer.0,
            status: Word(status),
            booking_status: booking_status.map(Word),
            claim: Word(claim),
            seats: seats.iter().map(|seat| &seat.0).collect(),
            amount_minor: amount.amount_minor,
            currency: Word(amount.currency),
            held_until: held_until.to_sqlx(),
            payment_id: None,
            confirmed_at: None,
            ticket_codes: List::default(),
            priced_seats: None,
            charges: None,
            promotion: None,
            checked_in: 0,
            check_ins: Json::default(),
            admissions: Json::default(),
            conflicts: Json::default(),
            returns: Json::default(),
            moves: Json::default(),
            free_until: None,
            reschedulings: Json::default(),
            cancelled_by: None,
            cancel_reason: None,
            created_at: recorded.metadata.time.to_sqlx(),
            position: stored(recorded.position),
            claim_positions: Positions::from(recorded.position),
        })
    }

    /// Adds what the seats cost.
    fn priced(mut self, quote: Option<&Quote>) -> Self {
        if let Some(Quote { lines, charges }) = quote.cloned() {
            (self.priced_seats, self.charges) = (Some(Json(lines)), Some(Json(charges)));
        }
        self
    }

    /// Begins the booking's own stream.
    fn open(&mut self, reservation: Reservation) {
        let Reservation { seats, charges, amount, .. } = reservation;
        (self.priced_seats, self.charges) = (Some(Json(seats)), Some(Json(charges)));
        self.amount_minor = amount.amount_minor;
        self.decide(BookingStatus::Held);
    }

    /// Sets the discount on each seat.
    fn discount(&mut self, discount: Option<Discount>) {
        let seats_minor = discount.as_ref().map_or(&[][..], |discount| &discount.seats_minor);
        let off = seats_minor.iter().copied().chain(std::iter::repeat(0));
        for (line, off_minor) in self.priced_seats.iter_mut().flat_map(|lines| lines.iter_mut()).zip(off) {
            line.discount_minor = off_minor;
        }
        self.amount_minor = self.left_minor().unwrap_or(self.amount_minor);
        self.promotion =
            discount.map(|Discount { promotion, code, .. }| Json(AppliedPromotion { promotion, code }));
    }

    /// Returns what the seats that are left cost; `None` if that is not known seat by seat.
    fn left_minor(&self) -> Option<i64> {
        let (Json(lines), Json(charges)) = (self.priced_seats.as_ref()?, self.charges.as_ref()?);
        let is_left = |line: &&PricedSeat| self.seats.iter().any(|seat| seat == line.seat.0);
        Some(charges.total_minor(lines.iter().filter(is_left)))
    }

    /// Notes the status decided by the booking's own stream.
    fn decide(&mut self, status: BookingStatus) {
        self.booking_status = Some(Word(status));
    }

    fn release(&mut self, reason: ReleaseReason) {
        let by = match reason {
            // It keeps what it has until its own stream says that it moved.
            ReleaseReason::Moved => return,
            ReleaseReason::Lapsed | ReleaseReason::GivenUp => None,
            ReleaseReason::CancelledByCustomer => Some(CancelledBy::Customer),
            ReleaseReason::CancelledByHouse => Some(CancelledBy::House),
        };
        self.claim = Word(self.claim.0.released(reason));
        if self.claim.0 == Claim::Cancelled && self.cancelled_by.is_none() {
            self.cancelled_by = by.map(Word);
        }
    }

    /// Notes who was admitted.
    fn admit(&mut self, event: screening::Event) {
        match event {
            screening::Event::TicketCheckedIn {
                seat,
                by,
                at,
                check_in,
                device,
                booking: _,
                fingerprint: _,
            } => {
                self.checked_in += 1;
                self.check_ins.insert(seat.0.clone(), at);
                self.admissions.insert(seat.0, Admission { check_in, by: by.0, device });
            }
            screening::Event::CheckInUndone { seat, .. } => {
                self.checked_in -= i32::from(self.check_ins.remove(&seat.0).is_some());
                self.admissions.remove(&seat.0);
            }
            screening::Event::AdmissionConflicted { seat, by, at, device, used, .. } => {
                let kind = if used.is_some() { ConflictKind::AlreadyUsed } else { ConflictKind::Void };
                self.conflicts.push(Conflict { seat: seat.0, kind, at, by: by.0, device });
            }
            screening::Event::ScreeningOpened { .. }
            | screening::Event::MessageSent { .. }
            | screening::Event::SeatsReserved { .. }
            | screening::Event::HoldExtended { .. }
            | screening::Event::SeatsReleased { .. }
            | screening::Event::SeatsSold { .. }
            | screening::Event::SeatsTakenBack { .. }
            | screening::Event::ScreeningCancelled { .. }
            | screening::Event::WaitingListJoined { .. }
            | screening::Event::WaitingListLeft { .. }
            | screening::Event::SeatsOffered { .. }
            | screening::Event::ScreeningCleared { .. }
            | screening::Event::SeatsBlocked { .. }
            | screening::Event::BlockReleased { .. }
            | screening::Event::SeatsSoldAtCounter { .. }
            | screening::Event::MoveBegun { .. }
            | screening::Event::MoveEnded { .. }
            | screening::Event::SeatsMovedIn { .. }
            | screening::Event::ScreeningChanged { .. }
            | screening::Event::ChangeRefused { .. }
            | screening::Event::ChangeCompleted { .. } => {}
        }
    }

    /// Takes seats out of the booking.
    fn give_back(&mut self, returned: SeatReturn, amount_minor: i64, at: jiff::Timestamp) {
        let SeatReturn { id, seats, by, refund, reason, .. } = returned;
        let is_left = |seat: &str| !seats.iter().any(|SeatName(back)| back == seat);
        let codes: Vec<String> = self.ticket_codes.iter().map(ToOwned::to_owned).collect();
        let left: Vec<(String, String)> =
            self.seats.iter().map(ToOwned::to_owned).zip(codes).filter(|(seat, _)| is_left(seat)).collect();
        self.seats = left.iter().map(|(seat, _)| seat).collect();
        self.ticket_codes = left.iter().map(|(_, code)| code).collect();
        self.amount_minor = self.left_minor().unwrap_or(self.amount_minor - amount_minor);
        let target = (refund == RefundWay::Cash).then_some(PaymentMethod::Cash);
        let (id, refunded_at) = (id.0, target.map(|_| at));
        let priced = self.priced_seats.iter().flat_map(|Json(priced)| priced);
        let priced = priced.filter(|priced| seats.contains(&priced.seat)).cloned().collect();
        self.returns.push(Returned {
            id,
            seats,
            amount_minor,
            by,
            refund,
            reason,
            at,
            target,
            refunded_at,
            priced,
        });
    }

    /// Notes another time or screen.
    fn reschedule(&mut self, rescheduling: Rescheduling, at: jiff::Timestamp) {
        let Rescheduling { change, before, free_until, .. } = rescheduling;
        self.free_until = Some(free_until.to_sqlx());
        let (starts_at, screen) = (before.starts_at, before.screen_name);
        self.reschedulings.push(Rescheduled { change, starts_at, screen, at });
    }

    /// Gives the booking its new seats. Nobody was admitted to them yet.
    fn follow_move(&mut self, moved: SeatMove, tickets: &[Ticket], at: jiff::Timestamp) {
        let SeatMove { id, from, given: seats, ref to, by, due, .. } = moved;
        if to.screening != from {
            // What changed at the other screening is of no concern any more.
            (self.free_until, self.reschedulings) = (None, Json::default());
        }
        self.screening_id = to.screening.0;
        self.seats = to.seats.iter().map(|priced| &priced.seat.0).collect();
        self.amount_minor = to.amount().amount_minor;
        self.charges = Some(Json(to.charges.clone()));
        let before = self.priced_seats.replace(Json(to.seats.clone()));
        let priced = before.map(|Json(priced)| priced).unwrap_or_default();
        self.issue(tickets);
        self.checked_in = 0;
        (self.check_ins, self.admissions) = (Json::default(), Json::default());
        self.moves.push(Moved { id: id.0, from: from.0, seats, by, at, priced });
        if let Some(due) = due {
            let (amount_minor, refund) = (due.amount_minor, RefundWay::Original);
            let (id, seats, reason, target, refunded_at) = (id.0, Vec::new(), None, None, None);
            let priced = Vec::new();
            self.returns.push(Returned {
                id,
                seats,
                amount_minor,
                by,
                refund,
                reason,
                at,
                target,
                refunded_at,
                priced,
            });
        }
    }

    /// Stores the codes in the order of the seats.
    fn issue(&mut self, tickets: &[Ticket]) {
        let code = |seat: &str| {
            tickets.iter().find(|ticket| ticket.seat.0 == seat).map(|ticket| ticket.code.as_str())
        };
        self.ticket_codes = self.seats.iter().map(|seat| code(seat).unwrap_or_default()).collect();
    }
}
