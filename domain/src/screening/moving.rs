//! Moves of paid bookings to other seats.
//!
//! Within a screening, the seats are exchanged in one commit. Between two screenings, the old one keeps the seats for
//! the booking until the booking has the new ones.

mod keeping;

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Claim, ClaimStatus, Event, Extension, Refusal, ReleaseReason, ReturnedSeats, Screening, Seat,
    quoting::quote, rules::find_seats,
};
use crate::{
    BookingId, Context, Money, PaymentId, ScreeningId, SeatIndex, SeatName, UserId,
    booking::CancelledBy,
    pricing::{Quote, WantedSeat},
    promise::Promise,
    seat_move::MoveTarget,
};

/// New seats for a paid booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedSeats {
    /// Booking that moves.
    pub booking: BookingId,
    /// Its customer.
    pub customer: UserId,
    /// The payment that bought the booking.
    pub payment: PaymentId,
    /// Identity of the move.
    pub id: PaymentId,
    /// New seats.
    pub seats: Vec<SeatName>,
    /// Seats among them that the customer asks for as wheelchair places or companion seats.
    pub wheelchairs: Vec<SeatName>,
    /// All seats that the booking gives up in exchange; `None` if they are in another screening.
    pub given: Option<Vec<SeatName>>,
    /// Start of the screening, as the customer knows it.
    pub starts_at: Timestamp,
    /// Amount that counts as paid for the new seats.
    pub amount: Money,
    /// The same, seat by seat.
    pub quote: Quote,
    /// Party that moves it.
    pub by: CancelledBy,
}

impl Screening {
    /// Returns seats with the facts that a booking needs to move to them.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the screening or a seat is unknown, a seat is named twice or does not have its ticket type, or the limits
    /// of the types forbid it.
    pub fn move_target(&self, screening: ScreeningId, seats: &[WantedSeat]) -> Result<MoveTarget, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        let asked = seats.iter().filter(|wanted| wanted.wheelchair);
        let wheelchairs = asked.map(|wanted| wanted.seat.clone()).collect();
        let (_, Quote { lines: seats, charges }) = quote(promise, seats)?;
        let (currency, starts_at, cancel_until) = (promise.currency, promise.starts_at, promise.cancel_until);
        let cancellation_fee_minor = promise.cancellation_fee_minor();
        Ok(MoveTarget {
            screening,
            seats,
            currency,
            starts_at,
            cancel_until,
            charges,
            cancellation_fee_minor,
            wheelchairs,
        })
    }

    /// Keeps the seats of a booking for a move to another screening. Refused if they are not `seats`, or a ticket was used.
    pub(super) fn begin_move(
        &self,
        booking: BookingId,
        id: PaymentId,
        seats: &[SeatName],
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let claim = self.claim(booking).ok_or(Refusal::UnknownBooking)?;
        if claim.moves.contains(&id) {
            return if claim.moving == Some(id) { Ok(Vec::new()) } else { Err(Refusal::MoveOver) };
        }
        self.check_leaving(claim, seats, now)?;
        Ok(vec![Event::MoveBegun { booking, id }])
    }

    /// Ends a move that failed. It cannot begin after that, and no seats are exchanged. Another move that is under way
    /// goes on.
    pub(super) fn end_move(&self, booking: BookingId, id: PaymentId) -> Vec<Event> {
        let ends = |claim: &&Claim| match claim.moving {
            Some(moving) => moving == id,
            None => !claim.moves.contains(&id),
        };
        let claim = self.claim(booking).filter(ends);
        claim.map(|_| Event::MoveEnded { booking, id }).into_iter().collect()
    }

    /// Sells seats to a booking that is paid, in exchange for those it has here, if any. Seats that it keeps stay its own
    /// throughout.
    pub(super) fn move_in(&self, moved: &MovedSeats, context: &Context) -> Result<Vec<Event>, Refusal> {
        let MovedSeats { booking, customer, payment, id, ref seats, ref given, amount, ref quote, .. } =
            *moved;
        let claim = self.claim(booking);
        if let Some(claim) = claim.filter(|claim| claim.moves.contains(&id)) {
            // A move that was ended before has the same id, and the booking its old seats.
            let is_done = claim.moves.last() == Some(&id) && self.has_sold_exactly(booking, seats);
            return if is_done { Ok(Vec::new()) } else { Err(Refusal::MoveOver) };
        }
        let kept = self.kept_for(id);
        let mut others = self.check_move(moved, &kept, context)?;
        others.retain(|index| !kept.contains(index));
        let given = given.iter().flatten().filter(|seat| !seats.contains(seat)).cloned().collect();
        let mut events = self.make_free(&others, Some(booking), context.now)?;
        if !kept.is_empty() {
            let (block, seats) = (id.0, self.names(&kept));
            events.push(Event::BlockReleased { block, seats, by: None, awaited: Vec::new() });
        }
        let (seats, quote) = (seats.clone(), Some(quote.clone()));
        events.push(Event::SeatsMovedIn { booking, customer, payment, id, seats, given, amount, quote });
        Ok(events)
    }

    /// Returns `true` if these seats, and no others, are sold to a booking.
    #[must_use]
    pub fn has_sold_exactly(&self, booking: BookingId, seats: &[SeatName]) -> bool {
        let sold = self.claim(booking).filter(|claim| matches!(claim.status, ClaimStatus::Sold(_)));
        sold.is_some_and(|claim| {
            let owned = self.names(&claim.seats);
            owned.len() == seats.len() && owned.iter().all(|seat| seats.contains(seat))
        })
    }

    /// Checks that a booking can have the new seats of a move, free or not, and returns them. `kept` seats were
    /// checked for single seats when they were chosen.
    pub(super) fn check_move(
        &self,
        moved: &MovedSeats,
        kept: &[SeatIndex],
        context: &Context,
    ) -> Result<Vec<SeatIndex>, Refusal> {
        let MovedSeats { booking, customer, ref seats, ref wheelchairs, ref given, starts_at, by, .. } =
            *moved;
        let (promise, now) = (self.promise.as_ref().ok_or(Refusal::NotFound)?, context.now);
        let claim = self.claim(booking);
        let is_choice = by == CancelledBy::Customer && kept.is_empty();
        // A change of the time asks the bookings that are here, and this one may wait for its money for minutes.
        if promise.starts_at != starts_at {
            return Err(Refusal::TimeChanged(promise.starts_at));
        }
        let wanted = find_seats(promise, seats)?;
        if let Some(given) = given {
            self.check_leaving(claim.ok_or(Refusal::UnknownBooking)?, given, now)?;
        } else {
            self.check_entering(promise, claim, now)?;
            if is_choice {
                self.check_seats_of(customer, wanted.len(), None, context)?;
            }
        }
        if is_choice {
            self.check_move_to_places(promise, claim, &wanted, wheelchairs, now)?;
            self.check_single_seats(promise, &wanted, Some(booking), now)?;
        }
        Ok(wanted)
    }

    /// Releases the seats of the latest move of a booking: the old ones, once it has others in another screening, or new ones
    /// that it will not have.
    pub(super) fn move_out(&self, booking: BookingId, id: PaymentId) -> Vec<Event> {
        let is_sold =
            |claim: &&Claim| matches!(claim.status, ClaimStatus::Sold(_)) && claim.moves.last() == Some(&id);
        let claim = self.claim(booking).filter(is_sold);
        let release = |claim: &Claim| {
            let (seats, reason) = (self.names(&claim.seats), ReleaseReason::Moved);
            Event::SeatsReleased { booking, seats, reason }
        };
        claim.map(release).into_iter().collect()
    }

    /// Checks that a booking without seats here can have some.
    fn check_entering(
        &self,
        promise: &Promise,
        claim: Option<&Claim>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if claim.is_some_and(|claim| !matches!(claim.status, ClaimStatus::Released(_))) {
            return Err(Refusal::MoveInProgress);
        }
        self.check_selling(promise, now)
    }

    /// Checks that a booking can give up its seats, which are those in `seats`.
    fn check_leaving(&self, claim: &Claim, seats: &[SeatName], now: Timestamp) -> Result<(), Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        match claim.status {
            ClaimStatus::Sold(_) => {}
            ClaimStatus::Held => return Err(Refusal::NotSold),
            ClaimStatus::Released(_) => return Err(Refusal::BookingCancelled),
        }
        if self.cancelled.is_some() {
            return Err(Refusal::ScreeningCancelled);
        }
        if promise.ends_at <= now {
            return Err(Refusal::Over(promise.ends_at));
        }
        claim.check_not_moving()?;
        if claim.is_checked_in(self) {
            return Err(Refusal::CheckedIn);
        }
        let owned = self.names(&claim.seats);
        if owned.len() != seats.len() || !owned.iter().all(|seat| seats.contains(seat)) {
            return Err(Refusal::SeatsChanged);
        }
        Ok(())
    }

    /// Notes that the seats of a claim are kept for a move, or no longer.
    pub(super) fn note_move(&mut self, booking: BookingId, id: PaymentId, moving: Option<PaymentId>) {
        self.amend(booking, |claim| {
            claim.moving = moving;
            if !claim.moves.contains(&id) {
                claim.moves.push(id);
            }
        });
    }

    /// Gives a booking the seats of a move in place of those it has here.
    pub(super) fn move_claim(&mut self, event: &Event) {
        let Event::SeatsMovedIn { booking, customer, payment, id, seats, given, amount, quote } = event
        else {
            return;
        };
        let (wanted, given) = (self.indices(seats), self.indices(given));
        let own: Vec<SeatIndex> =
            given.iter().copied().filter(|index| self.seat(*index).booking() == Some(*booking)).collect();
        self.set(&own, Seat::Free);
        // Without a hold, the claim is forgotten some time after the screening.
        let ends = self.promise.as_ref().map_or(Timestamp::UNIX_EPOCH, |promise| promise.starts_at);
        let mut claim = self.claim(*booking).cloned().unwrap_or_else(|| Claim {
            customer: *customer,
            seats: Vec::new(),
            amount: *amount,
            reserved_until: ends,
            held_until: ends,
            extension: Extension::default(),
            status: ClaimStatus::Sold(*payment),
            sale: None,
            fingerprint: None,
            returns: Vec::new(),
            moving: None,
            moves: Vec::new(),
            quote: None,
            free_until: None,
            changes: Vec::new(),
        });
        self.released.remove(&(claim.held_until, *booking));
        // The tickets of seats that the booking had before are void.
        let before: Vec<SeatIndex> =
            claim.seats.iter().copied().filter(|index| !wanted.contains(index)).collect();
        if !before.is_empty() {
            claim.returns.push(ReturnedSeats { id: *id, seats: before, fingerprint: None });
        }
        if matches!(claim.status, ClaimStatus::Released(_)) {
            // It comes back to what the screening is now.
            (claim.free_until, claim.changes) = (None, Vec::new());
        }
        (claim.seats, claim.amount, claim.status) = (wanted, *amount, ClaimStatus::Sold(*payment));
        claim.quote = quote.clone().map(Arc::new);
        claim.moves.push(*id);
        self.enter(*booking, claim);
    }
}

impl Claim {
    /// Refuses anything that would disturb a move to another screening.
    pub(super) fn check_not_moving(&self) -> Result<(), Refusal> {
        if self.moving.is_some() { Err(Refusal::MoveInProgress) } else { Ok(()) }
    }
}
