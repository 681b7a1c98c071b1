//! Changes of a row that events cause.

use jiff_sqlx::ToSqlx;
use sqlx::types::Json;
use ticketshow_domain::{
    BookingId, Money, SeatName, UserId,
    booking::{BookingStatus, CancelledBy, Discount, PaymentMethod, Ticket},
    hold::{PricedSeat, Reservation},
    pricing::Quote,
    rescheduling::Rescheduling,
    screening::{self, ReleaseReason},
    seat_move::SeatMove,
    seat_return::{RefundWay, SeatReturn},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use super::{
    Admission, AppliedPromotion, Booking, Conflict, ConflictKind, Moved, Rescheduled, Returned, status::Claim,
};
use crate::{
    columns::{own_id, stored},
    error::ProjectError,
    positions::Positions,
    text::{List, Word},
};

impl Booking {
    /// A booking that its screening has just accepted.
    pub(super) fn new(
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
            buyer_erased: false,
            checked_in: 0,
            check_ins: Json::default(),
            admissions: Json::default(),
            conflicts: Json::default(),
            returns: Json::default(),
            moves: Json::default(),
            open_move: None,
            free_until: None,
            reschedulings: Json::default(),
            cancelled_by: None,
            cancel_reason: None,
            created_at: recorded.metadata.time.to_sqlx(),
            position: stored(recorded.position),
            claim_positions: Positions::from(recorded.position),
        })
    }

    /// Adds the prices of the seats.
    pub(super) fn priced(mut self, quote: Option<&Quote>) -> Self {
        if let Some(Quote { lines, charges }) = quote.cloned() {
            (self.priced_seats, self.charges) = (Some(Json(lines)), Some(Json(charges)));
        }
        self
    }

    /// Begins the booking's own stream.
    pub(super) fn open(&mut self, reservation: Reservation) {
        let Reservation { seats, charges, amount, promotion, .. } = reservation;
        (self.priced_seats, self.charges) = (Some(Json(seats)), Some(Json(charges)));
        // Of a sale at the counter: a hold has its discount before it is opened.
        if let (None, Some(promotion)) = (&self.promotion, promotion) {
            self.promotion = Some(Json(AppliedPromotion { promotion, code: None }));
        }
        self.amount_minor = amount.amount_minor;
        self.decide(BookingStatus::Held);
    }

    /// Sets the discount on each seat.
    pub(super) fn discount(&mut self, discount: Option<Discount>) {
        let seats_minor = discount.as_ref().map_or(&[][..], |discount| &discount.seats_minor);
        let off = seats_minor.iter().copied().chain(std::iter::repeat(0));
        for (line, off_minor) in self.priced_seats.iter_mut().flat_map(|lines| lines.iter_mut()).zip(off) {
            line.discount_minor = off_minor;
        }
        self.amount_minor = self.left_minor().unwrap_or(self.amount_minor);
        self.promotion =
            discount.map(|Discount { promotion, code, .. }| Json(AppliedPromotion { promotion, code }));
    }

    /// Returns the prices of the remaining seats; `None` if they are not known seat by seat.
    pub(super) fn left_minor(&self) -> Option<i64> {
        let (Json(lines), Json(charges)) = (self.priced_seats.as_ref()?, self.charges.as_ref()?);
        let is_left = |line: &&PricedSeat| self.seats.iter().any(|seat| seat == line.seat.0);
        Some(charges.total_minor(lines.iter().filter(is_left)))
    }

    /// Notes the status decided by the booking's own stream.
    pub(super) fn decide(&mut self, status: BookingStatus) {
        self.booking_status = Some(Word(status));
    }

    pub(super) fn release(&mut self, reason: ReleaseReason) {
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

    /// Records an admission.
    pub(super) fn admit(&mut self, event: screening::Event) {
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
            | screening::Event::GuestsReminded { .. }
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
            | screening::Event::BlockGrown { .. }
            | screening::Event::BlockReleased { .. }
            | screening::Event::WheelchairPlacesReleased {}
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
    pub(super) fn give_back(&mut self, returned: SeatReturn, amount_minor: i64, at: jiff::Timestamp) {
        let is_left = |seat: &str| !returned.seats.iter().any(|SeatName(back)| back == seat);
        let codes: Vec<String> = self.ticket_codes.iter().map(ToOwned::to_owned).collect();
        let left: Vec<(String, String)> =
            self.seats.iter().map(ToOwned::to_owned).zip(codes).filter(|(seat, _)| is_left(seat)).collect();
        self.seats = left.iter().map(|(seat, _)| seat).collect();
        self.ticket_codes = left.iter().map(|(_, code)| code).collect();
        self.amount_minor = self.left_minor().unwrap_or(self.amount_minor - amount_minor);
        self.note_return(returned, amount_minor, at);
    }

    /// Records the destination of the money of a return.
    pub(super) fn refund_return(&mut self, id: Uuid, target: PaymentMethod, at: jiff::Timestamp) {
        for returned in self.returns.iter_mut().filter(|returned| returned.id == id) {
            (returned.target, returned.refunded_at) = (Some(target), Some(at));
        }
    }

    /// Adds a return, with the prices of its seats as far as they are known.
    fn note_return(&mut self, returned: SeatReturn, amount_minor: i64, at: jiff::Timestamp) {
        let SeatReturn { id, seats, by, refund, reason, .. } = returned;
        let id = id.0;
        let target = (refund == RefundWay::Cash).then_some(PaymentMethod::Cash);
        let refunded_at = target.map(|_| at);
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
    pub(super) fn reschedule(&mut self, rescheduling: Rescheduling, at: jiff::Timestamp) {
        let Rescheduling { change, before, free_until, .. } = rescheduling;
        self.free_until = Some(free_until.to_sqlx());
        let (starts_at, screen) = (before.starts_at, before.screen_name);
        self.reschedulings.push(Rescheduled { change, starts_at, screen, at });
    }

    /// Gives the booking its new seats. Nobody was admitted to them yet.
    pub(super) fn follow_move(&mut self, moved: SeatMove, tickets: &[Ticket], at: jiff::Timestamp) {
        let SeatMove { id, from, given: seats, ref to, by, due, .. } = moved;
        if to.screening != from {
            // Changes of the other screening no longer matter.
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
        self.open_move = None;
        (self.check_ins, self.admissions) = (Json::default(), Json::default());
        self.moves.push(Moved { id: id.0, from: from.0, seats, by, at, priced });
        if let Some(due) = due {
            let (seats, refund) = (Vec::new(), RefundWay::Original);
            let difference =
                SeatReturn { id, seats, by, refund, reason: None, fingerprint: None, counter: None };
            self.note_return(difference, due.amount_minor, at);
        }
    }

    /// Stores the codes in the order of the seats.
    pub(super) fn issue(&mut self, tickets: &[Ticket]) {
        let code = |seat: &str| {
            tickets.iter().find(|ticket| ticket.seat.0 == seat).map(|ticket| ticket.code.as_str())
        };
        self.ticket_codes = self.seats.iter().map(|seat| code(seat).unwrap_or_default()).collect();
    }
}
