//! Claims of bookings, and the bookkeeping that keeps seats, customers and lapses consistent with them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CheckIn, ReleaseReason, Screening, Seat};
use crate::{
    BookingId, BookingReference, Fingerprint, Money, PaymentId, ScreeningId, SeatIndex, SeatName, UserId,
    booking::CancelledBy,
    counter::CounterSale,
    hold::{Reservation, Standing},
    pricing::Quote,
    promise::Promise,
    seat_return::SeatReturn,
};

/// Time for which a released claim is kept: longer than any repeat of a request is promised the first answer (24 h), and
/// than any payment of it from a wallet takes.
const RELEASED_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Entry of a booking in its screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Customer of the booking.
    pub customer: UserId,
    /// Seats in the order they were requested, without those that were given back.
    pub seats: Vec<SeatIndex>,
    /// Sum of their prices and fees.
    pub amount: Money,
    /// First expiry of the hold, as the answer to the reservation said.
    pub reserved_until: Timestamp,
    /// Expiry of the hold, with its extension. From this millisecond on others can reserve the seats.
    pub held_until: Timestamp,
    /// The one extension of the hold.
    pub extension: Extension,
    /// Status of the claim.
    pub status: ClaimStatus,
    /// The sale at the counter that it comes from, if it comes from one.
    pub sale: Option<Arc<CounterSale>>,
    /// Fingerprint of the request that reserved.
    pub fingerprint: Option<Fingerprint>,
    /// Seats that were given back after they were sold, or exchanged for others.
    pub returns: Vec<ReturnedSeats>,
    /// The open move to another screening, for which the seats are kept.
    pub moving: Option<PaymentId>,
    /// Moves that concerned the claim, the latest last.
    pub moves: Vec<PaymentId>,
    /// Prices of the seats that were reserved; `None` while they follow from the categories.
    pub quote: Option<Arc<Quote>>,
    /// Until this moment the customer may cancel without charge, because the house changed the time or the screen.
    pub free_until: Option<Timestamp>,
    /// Changes of the time or the screen that concerned the claim.
    pub changes: Vec<Uuid>,
}

/// Seats of a claim that were given back together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnedSeats {
    /// Identity of the return.
    pub id: PaymentId,
    /// Seats that were given back.
    pub seats: Vec<SeatIndex>,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
}

impl Claim {
    /// Returns `true` for a hold that has expired.
    #[must_use]
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        self.status == ClaimStatus::Held && self.held_until <= now
    }

    /// Returns `true` if the seat was given back, or exchanged for another.
    #[must_use]
    pub fn has_returned(&self, seat: SeatIndex) -> bool {
        !self.seats.contains(&seat) && self.returns.iter().any(|returned| returned.seats.contains(&seat))
    }
}

/// The one extension of a hold, for a payment by card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Extension {
    /// None yet.
    #[default]
    Open,
    /// The hold that this one replaced had it. No card payment of this one has begun.
    Spent,
    /// A card payment has begun, with the extension or after another hold had it.
    Made,
}

/// Status of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClaimStatus {
    /// Waiting for payment, perhaps past its expiry: see [`Claim::has_lapsed`].
    Held,
    /// Bought by this payment.
    Sold(PaymentId),
    /// Its seats were released.
    Released(ReleaseReason),
}

impl Screening {
    /// Returns the terms; `None` until the screening is opened.
    #[must_use]
    pub fn promise(&self) -> Option<&Arc<Promise>> {
        self.promise.as_ref()
    }

    /// Returns the cascade that cancelled the screening.
    #[must_use]
    pub fn cancelled(&self) -> Option<Uuid> {
        self.cancelled
    }

    /// Returns `true` once it is recorded that the cancelled screening has no active claim left.
    #[must_use]
    pub fn is_cleared(&self) -> bool {
        self.cleared
    }

    /// Returns the held and sold claims, in no order.
    pub fn active(&self) -> impl Iterator<Item = (BookingId, &Claim)> {
        let bookings = self.customers.values().flat_map(|bookings| bookings.iter());
        bookings.filter_map(|booking| Some((*booking, self.claim(*booking)?)))
    }

    /// Returns all seats by number.
    #[must_use]
    pub fn seats(&self) -> impl ExactSizeIterator<Item = Seat> + '_ {
        self.seats.iter().copied()
    }

    /// Returns the claim of a booking.
    #[must_use]
    pub fn claim(&self, booking: BookingId) -> Option<&Claim> {
        self.claims.get(&booking).map(AsRef::as_ref)
    }

    /// Returns all claims, in no order.
    pub fn claims(&self) -> impl Iterator<Item = (BookingId, &Claim)> {
        self.claims.iter().map(|(booking, claim)| (*booking, claim.as_ref()))
    }

    /// Returns the bookings with this number that are here, or were cancelled: one, apart from rare coincidences. Reads every claim.
    #[must_use]
    pub fn bookings_of(&self, reference: BookingReference) -> Vec<BookingId> {
        let moved = ClaimStatus::Released(ReleaseReason::Moved);
        let here = self.claims.iter().filter(|(_, claim)| claim.status != moved);
        here.map(|(booking, _)| *booking).filter(|booking| booking.reference() == reference).collect()
    }

    /// Returns the seats that a check-in admitted, also if it was undone since.
    #[must_use]
    pub fn admitted_by(&self, check_in: Uuid) -> Vec<SeatName> {
        self.admissions.get(&check_in).map_or_else(Vec::new, |admitted| self.names(&admitted.seats))
    }

    /// Returns the time at which the current owner's ticket was used.
    #[must_use]
    pub fn checked_in_at(&self, seat: SeatIndex) -> Option<Timestamp> {
        self.check_in_of(seat).map(|check_in| check_in.used.at)
    }

    pub(super) fn check_in_of(&self, seat: SeatIndex) -> Option<&CheckIn> {
        let owner = self.seat(seat).booking();
        self.checked_in.get(&seat).filter(|check_in| owner == Some(check_in.booking))
    }

    /// Returns the earliest moment at which a hold or block that is not released is over, or wheelchair places go on sale.
    #[must_use]
    pub fn next_lapse(&self) -> Option<Timestamp> {
        let lapse = self.lapses.get_min().map(|(at, _)| *at);
        let others = [self.next_block_end(), self.next_wheelchair_release()];
        lapse.into_iter().chain(others.into_iter().flatten()).min()
    }

    /// Returns the state of a booking's hold for a payment at `now`.
    #[must_use]
    pub fn standing(&self, booking: BookingId, now: Timestamp) -> Option<Standing> {
        let claim = self.claim(booking)?;
        Some(match claim.status {
            ClaimStatus::Sold(_) => Standing::Sold,
            ClaimStatus::Released(
                ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse | ReleaseReason::Moved,
            ) => Standing::Cancelled,
            ClaimStatus::Held | ClaimStatus::Released(_) if self.cancelled.is_some() => {
                Standing::ScreeningCancelled
            }
            ClaimStatus::Held if !claim.has_lapsed(now) => Standing::Held(claim.held_until),
            ClaimStatus::Held | ClaimStatus::Released(ReleaseReason::Lapsed | ReleaseReason::GivenUp) => {
                Standing::Lapsed
            }
        })
    }

    /// Returns the facts that begin the stream of a booking.
    #[must_use]
    pub fn reservation(&self, screening: ScreeningId, booking: BookingId) -> Option<Reservation> {
        let (promise, claim) = (self.promise.as_ref()?, self.claim(booking)?);
        Some(Reservation {
            booking,
            customer: claim.customer,
            screening,
            seats: self.lines_of(claim)?,
            amount: claim.amount,
            starts_at: promise.starts_at,
            cancel_until: claim.cancel_until(promise),
            charges: claim.charges(),
            cancellation_fee_minor: promise.cancellation_fee_minor(),
            promotion: None,
        })
    }

    /// Returns the names of seats.
    #[must_use]
    pub fn names(&self, seats: &[SeatIndex]) -> Vec<SeatName> {
        let Some(promise) = &self.promise else { return Vec::new() };
        seats.iter().filter_map(|index| promise.layout.name(*index)).collect()
    }

    pub(super) fn indices(&self, seats: &[SeatName]) -> Vec<SeatIndex> {
        let Some(promise) = &self.promise else { return Vec::new() };
        seats.iter().filter_map(|name| promise.layout.find(name)).map(|(index, _)| index).collect()
    }

    pub(super) fn seat(&self, index: SeatIndex) -> Seat {
        self.seats.get(index as usize).copied().unwrap_or_default()
    }

    pub(super) fn set(&mut self, seats: &[SeatIndex], owner: Seat) {
        for index in seats {
            let index = *index as usize;
            if index < self.seats.len() {
                self.seats.set(index, owner);
            }
        }
    }

    /// Stores a new or changed claim and updates every index.
    pub(super) fn enter(&mut self, booking: BookingId, claim: Claim) {
        let seat = match claim.status {
            ClaimStatus::Held => Seat::Held(booking),
            ClaimStatus::Sold(_) => Seat::Sold(booking),
            ClaimStatus::Released(_) => Seat::Free,
        };
        for index in &claim.seats {
            let index = *index as usize;
            // The end of this claim leaves seats alone that another booking owns by now.
            let owner = self.seats.get(index).copied().unwrap_or_default().booking();
            if index < self.seats.len() && (seat != Seat::Free || owner == Some(booking)) {
                self.seats.set(index, seat);
            }
        }
        if seat == Seat::Free {
            self.forget_active(claim.customer, booking);
        } else {
            let active = Arc::make_mut(self.customers.entry(claim.customer).or_default());
            if !active.contains(&booking) {
                active.push(booking);
            }
        }
        match claim.status {
            ClaimStatus::Held => {
                self.lapses.insert((claim.held_until, booking));
            }
            // A late payment by card needs the claim, however late it is.
            ClaimStatus::Released(_) if claim.extension != Extension::Made => {
                self.released.insert((claim.held_until, booking));
            }
            ClaimStatus::Released(_) | ClaimStatus::Sold(_) => {}
        }
        self.claims.insert(booking, Arc::new(claim));
    }

    /// Takes seats from a sold claim. Without any left, it is released.
    pub(super) fn shrink(&mut self, booking: BookingId, returned: &SeatReturn) {
        let seats = self.indices(&returned.seats);
        let worth_minor = self.worth_minor(booking, &returned.seats);
        for index in &seats {
            if self.seat(*index).booking() == Some(booking) {
                self.seats.set(*index as usize, Seat::Free);
            }
        }
        let SeatReturn { id, fingerprint, by, .. } = returned;
        self.amend(booking, |claim| {
            // As after any release, a claim that has ended keeps its seats and its amount.
            if claim.seats.iter().all(|index| seats.contains(index)) {
                claim.status = ClaimStatus::Released(match by {
                    CancelledBy::Customer => ReleaseReason::CancelledByCustomer,
                    CancelledBy::House => ReleaseReason::CancelledByHouse,
                });
            } else {
                claim.seats.retain(|index| !seats.contains(index));
                claim.amount.amount_minor -= worth_minor;
            }
            claim.returns.push(ReturnedSeats { id: *id, seats, fingerprint: fingerprint.clone() });
        });
    }

    /// Returns what seats of a booking cost with their own fees, in minor units.
    fn worth_minor(&self, booking: BookingId, seats: &[SeatName]) -> i64 {
        let Some(claim) = self.claim(booking) else { return 0 };
        let lines = self.lines_of(claim).unwrap_or_default();
        let fee_minor = claim.charges().ticket_fee_minor();
        lines.iter().filter(|line| seats.contains(&line.seat)).map(|line| line.net_minor() + fee_minor).sum()
    }

    /// Changes a claim. Ignores an unknown one, because `evolve` accepts any log.
    pub(super) fn amend(&mut self, booking: BookingId, change: impl FnOnce(&mut Claim)) {
        let Some(claim) = self.claims.get(&booking) else { return };
        let mut claim = Claim::clone(claim);
        self.lapses.remove(&(claim.held_until, booking));
        self.released.remove(&(claim.held_until, booking));
        change(&mut claim);
        self.enter(booking, claim);
    }

    /// Forgets claims whose holds ended more than [`RELEASED_KEPT`] before `at`.
    pub(super) fn forget_released(&mut self, at: Timestamp) {
        while let Some(key) = self.released.get_min().copied()
            && at.duration_since(key.0) > RELEASED_KEPT
        {
            self.released.remove(&key);
            let Some(claim) = self.claims.remove(&key.1) else { continue };
            if self.unpaid.get(&claim.customer).is_some_and(|unpaid| !unpaid.is_remembered(at)) {
                self.unpaid.remove(&claim.customer);
            }
        }
    }

    fn forget_active(&mut self, customer: UserId, booking: BookingId) {
        let Some(active) = self.customers.get_mut(&customer) else { return };
        let active = Arc::make_mut(active);
        active.retain(|other| *other != booking);
        if active.is_empty() {
            self.customers.remove(&customer);
        }
    }

    /// Returns the held and sold claims of a customer.
    pub(super) fn active_claims(&self, customer: UserId) -> impl Iterator<Item = &Claim> {
        self.bookings_of_customer(customer).map(|(_, claim)| claim)
    }

    /// Returns the same claims with their bookings.
    pub(super) fn bookings_of_customer(&self, customer: UserId) -> impl Iterator<Item = (BookingId, &Claim)> {
        let bookings = self.customers.get(&customer).map(Arc::as_ref).map_or(&[][..], Vec::as_slice);
        bookings.iter().filter_map(|booking| Some((*booking, self.claim(*booking)?)))
    }
}
