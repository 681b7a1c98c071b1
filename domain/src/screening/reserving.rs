//! Holds: new ones, and other seats in place of those that are held.

pub(super) mod cool_down;
mod single_seats;

use jiff::{SignedDuration, Timestamp};

use super::{
    Claim, ClaimStatus, Event, Extension, Refusal, ReleaseReason, Screening,
    quoting::{kept, quote},
    rules::over,
};
use crate::{BookingId, Context, Fingerprint, Money, UserId, pricing::WantedSeat};

/// A hold that replaces another one.
struct Replaced<'a> {
    booking: BookingId,
    claim: &'a Claim,
}

impl Screening {
    pub(super) fn reserve_seats(
        &self,
        booking: BookingId,
        customer: UserId,
        seats: &[WantedSeat],
        fingerprint: Option<&Fingerprint>,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(repeated) = self.repeated(booking, customer, fingerprint) {
            return repeated;
        }
        self.hold(booking, customer, seats, fingerprint, None, context)
    }

    /// Holds seats, those of the customer's hold `replaced` among them if wanted, and releases that hold in the same commit. The new
    /// hold ends when the old one would have, or when any new hold would if that is earlier: changing seats gains no time.
    pub(super) fn change_hold(
        &self,
        booking: BookingId,
        customer: UserId,
        seats: &[WantedSeat],
        replaced: BookingId,
        fingerprint: Option<&Fingerprint>,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(repeated) = self.repeated(booking, customer, fingerprint) {
            return repeated;
        }
        let claim = self.claim(replaced).filter(|claim| claim.customer == customer);
        let claim = claim.ok_or(Refusal::UnknownBooking)?;
        match claim.status {
            ClaimStatus::Sold(payment) => return Err(Refusal::AlreadySold(payment)),
            ClaimStatus::Released(reason) => return Err(over(reason)),
            ClaimStatus::Held if claim.has_lapsed(context.now) => return Err(Refusal::HoldExpired),
            ClaimStatus::Held => {}
        }
        let replaced = Replaced { booking: replaced, claim };
        self.hold(booking, customer, seats, fingerprint, Some(&replaced), context)
    }

    /// Returns the answer to a request that was carried out before.
    fn repeated(
        &self,
        booking: BookingId,
        customer: UserId,
        fingerprint: Option<&Fingerprint>,
    ) -> Option<Result<Vec<Event>, Refusal>> {
        let claim = self.claim(booking)?;
        let same = claim.customer == customer && claim.fingerprint.as_ref() == fingerprint;
        Some(if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) })
    }

    fn hold(
        &self,
        booking: BookingId,
        customer: UserId,
        seats: &[WantedSeat],
        fingerprint: Option<&Fingerprint>,
        replaced: Option<&Replaced<'_>>,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        let Context { now, policy } = context;
        self.check_selling(promise, *now)?;
        let max = policy.booking_seats_max;
        if !(1..=max).contains(&seats.len()) {
            return Err(Refusal::SeatCount { max });
        }
        let (wanted, quote) = quote(promise, seats)?;
        Self::check_wheelchair_places(promise, seats, *now)?;
        let old = replaced.map(|replaced| replaced.booking);
        let mut events = self.make_free(&wanted, old.or(Some(booking)), *now)?;
        self.check_limits(customer, wanted.len(), old, context)?;
        self.check_single_seats(promise, &wanted, old, *now)?;

        let fresh_until = (*now + SignedDuration::from_secs(policy.hold_seconds)).min(promise.starts_at);
        let held_until = replaced.map_or(fresh_until, |old| old.claim.held_until.min(fresh_until));
        if let Some(Replaced { booking, claim }) = replaced {
            let (seats, reason) = (self.names(&claim.seats), ReleaseReason::CancelledByCustomer);
            events.push(Event::SeatsReleased { booking: *booking, seats, reason });
        }
        events.push(Event::SeatsReserved {
            booking,
            customer,
            seats: seats.iter().map(|wanted| wanted.seat.clone()).collect(),
            amount: Money { amount_minor: quote.total_minor(), currency: promise.currency },
            held_until,
            fingerprint: fingerprint.cloned(),
            quote: Some(quote),
            replaces: old,
        });
        Ok(events)
    }

    fn check_limits(
        &self,
        customer: UserId,
        seats: usize,
        replaced: Option<BookingId>,
        context: &Context,
    ) -> Result<(), Refusal> {
        let Context { now, policy } = context;
        let live = self.live_claims(customer, replaced, *now);
        let holds = live.filter(|claim| claim.status == ClaimStatus::Held).count();
        if holds >= policy.holds_max {
            return Err(Refusal::TooManyHolds { max: policy.holds_max });
        }
        self.check_seats_of(customer, seats, replaced, context)?;
        match self.cooling_until(customer, *now, policy) {
            Some(until) => Err(Refusal::CoolingDown(until)),
            None => Ok(()),
        }
    }

    /// Checks that a customer may have `seats` more, without those of the hold that they replace.
    pub(super) fn check_seats_of(
        &self,
        customer: UserId,
        seats: usize,
        replaced: Option<BookingId>,
        context: &Context,
    ) -> Result<(), Refusal> {
        let Context { now, policy } = context;
        let has: usize = self.live_claims(customer, replaced, *now).map(|claim| claim.seats.len()).sum();
        if has + seats > policy.customer_seats_max {
            return Err(Refusal::TooManySeats { max: policy.customer_seats_max });
        }
        Ok(())
    }

    /// Returns the claims of a customer that last, without `except`.
    fn live_claims(
        &self,
        customer: UserId,
        except: Option<BookingId>,
        now: Timestamp,
    ) -> impl Iterator<Item = &Claim> {
        let others = self.bookings_of_customer(customer).filter(move |(booking, _)| Some(*booking) != except);
        others.map(|(_, claim)| claim).filter(move |claim| !claim.has_lapsed(now))
    }

    /// Enters the claim of new held seats. It inherits the extension of a hold that it replaces.
    pub(super) fn note_hold(&mut self, event: &Event) {
        let Event::SeatsReserved {
            booking,
            customer,
            seats,
            amount,
            held_until,
            fingerprint,
            quote,
            replaces,
        } = event
        else {
            return;
        };
        let replaced = replaces.and_then(|replaced| self.claim(replaced));
        let claim = Claim {
            customer: *customer,
            seats: self.indices(seats),
            amount: *amount,
            reserved_until: *held_until,
            held_until: *held_until,
            extension: replaced.map(extension_after).unwrap_or_default(),
            status: ClaimStatus::Held,
            sale: None,
            fingerprint: fingerprint.clone(),
            returns: Vec::new(),
            moving: None,
            moves: Vec::new(),
            quote: kept(quote.as_ref()),
            free_until: None,
            changes: Vec::new(),
        };
        self.enter(*booking, claim);
    }
}

/// Returns the extension of a hold that replaces this one.
fn extension_after(replaced: &Claim) -> Extension {
    match replaced.extension {
        Extension::Open => Extension::Open,
        Extension::Spent | Extension::Made => Extension::Spent,
    }
}
