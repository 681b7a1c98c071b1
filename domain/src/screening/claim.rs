//! A booking's entry in its screening, and the bookkeeping that keeps seats, customers and lapses in step with it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ReleaseReason, Screening, Seat};
use crate::{
    BookingId, Fingerprint, Money, PaymentId, ScreeningId, SeatIndex, SeatName, UserId,
    hold::{PricedSeat, Reservation, Standing},
    promise::Promise,
};

/// A booking's entry in its screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Whose it is.
    pub customer: UserId,
    /// The seats it is about, in the order they were asked for.
    pub seats: Vec<SeatIndex>,
    /// The sum of their prices.
    pub amount: Money,
    /// When the hold was to lapse at first, as the customer was told.
    pub reserved_until: Timestamp,
    /// When it lapses, with the extension. From this millisecond on the seats can be had by others.
    pub held_until: Timestamp,
    /// Whether it was extended.
    pub extended: bool,
    /// Where it stands.
    pub status: ClaimStatus,
    /// Of the request that reserved.
    pub fingerprint: Option<Fingerprint>,
}

impl Claim {
    /// Whether it is a hold whose time is over.
    #[must_use]
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        self.status == ClaimStatus::Held && self.held_until <= now
    }
}

/// Where a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClaimStatus {
    /// Waits for payment; whether in vain, [`Claim::has_lapsed`] tells.
    Held,
    /// Paid by this payment.
    Sold(PaymentId),
    /// The seats are no longer its own.
    Released(ReleaseReason),
}

impl Screening {
    /// What it offers; `None` until it is opened.
    #[must_use]
    pub fn promise(&self) -> Option<&Arc<Promise>> {
        self.promise.as_ref()
    }

    /// The cascade that cancelled it.
    #[must_use]
    pub fn cancelled(&self) -> Option<Uuid> {
        self.cancelled
    }

    /// Whether it is cancelled and nobody has a seat of it any more, as was noted.
    #[must_use]
    pub fn is_cleared(&self) -> bool {
        self.cleared
    }

    /// The claims that are held or sold, in no order.
    pub fn active(&self) -> impl Iterator<Item = (BookingId, &Claim)> {
        let bookings = self.customers.values().flat_map(|bookings| bookings.iter());
        bookings.filter_map(|booking| Some((*booking, self.claim(*booking)?)))
    }

    /// All seats by number.
    #[must_use]
    pub fn seats(&self) -> impl ExactSizeIterator<Item = Seat> + '_ {
        self.seats.iter().copied()
    }

    /// A booking's entry.
    #[must_use]
    pub fn claim(&self, booking: BookingId) -> Option<&Claim> {
        self.claims.get(&booking).map(AsRef::as_ref)
    }

    /// All entries, in no order.
    pub fn claims(&self) -> impl Iterator<Item = (BookingId, &Claim)> {
        self.claims.iter().map(|(booking, claim)| (*booking, claim.as_ref()))
    }

    /// When the ticket of the seat's owner was used.
    #[must_use]
    pub fn checked_in_at(&self, seat: SeatIndex) -> Option<Timestamp> {
        let (booking, at) = *self.checked_in.get(&seat)?;
        (self.seat(seat).booking() == Some(booking)).then_some(at)
    }

    /// The earliest moment at which a hold lapses or has lapsed without having been released.
    #[must_use]
    pub fn next_lapse(&self) -> Option<Timestamp> {
        self.lapses.get_min().map(|(at, _)| *at)
    }

    /// What a booking can count on when it is to be paid at `now`.
    #[must_use]
    pub fn standing(&self, booking: BookingId, now: Timestamp) -> Option<Standing> {
        let claim = self.claim(booking)?;
        Some(match claim.status {
            ClaimStatus::Sold(_) => Standing::Sold,
            ClaimStatus::Released(ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse) => {
                Standing::Cancelled
            }
            ClaimStatus::Held | ClaimStatus::Released(_) if self.cancelled.is_some() => {
                Standing::ScreeningCancelled
            }
            ClaimStatus::Held if !claim.has_lapsed(now) => Standing::Held(claim.held_until),
            ClaimStatus::Held | ClaimStatus::Released(ReleaseReason::Lapsed | ReleaseReason::GivenUp) => {
                Standing::Lapsed
            }
        })
    }

    /// The facts of a booking, as its own stream begins with.
    #[must_use]
    pub fn reservation(&self, screening: ScreeningId, booking: BookingId) -> Option<Reservation> {
        let (promise, claim) = (self.promise.as_ref()?, self.claim(booking)?);
        let priced = |index: &SeatIndex| {
            let (row, _) = promise.layout.row_of(*index)?;
            let (seat, category) = (promise.layout.name(*index)?, row.category.clone());
            let price_minor = *promise.prices.get(&category)?;
            Some(PricedSeat { seat, category, price_minor })
        };
        Some(Reservation {
            booking,
            customer: claim.customer,
            screening,
            seats: claim.seats.iter().map(priced).collect::<Option<_>>()?,
            amount: claim.amount,
            starts_at: promise.starts_at,
            cancel_until: promise.cancel_until,
        })
    }

    /// The names of a claim's seats.
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

    /// Enters a new claim or one that changed, with everything that is kept beside it.
    pub(super) fn enter(&mut self, booking: BookingId, claim: Claim) {
        let seat = match claim.status {
            ClaimStatus::Held => Seat::Held(booking),
            ClaimStatus::Sold(_) => Seat::Sold(booking),
            ClaimStatus::Released(_) => Seat::Free,
        };
        for index in &claim.seats {
            let index = *index as usize;
            // Seats that somebody else has by now are not touched by the end of this claim.
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
        if claim.status == ClaimStatus::Held {
            self.lapses.insert((claim.held_until, booking));
        }
        self.claims.insert(booking, Arc::new(claim));
    }

    /// Changes a claim. An unknown one is left alone: the log is not to be argued with here.
    pub(super) fn amend(&mut self, booking: BookingId, change: impl FnOnce(&mut Claim)) {
        let Some(claim) = self.claims.get(&booking) else { return };
        let mut claim = Claim::clone(claim);
        self.lapses.remove(&(claim.held_until, booking));
        change(&mut claim);
        self.enter(booking, claim);
    }

    fn forget_active(&mut self, customer: UserId, booking: BookingId) {
        let Some(active) = self.customers.get_mut(&customer) else { return };
        let active = Arc::make_mut(active);
        active.retain(|other| *other != booking);
        if active.is_empty() {
            self.customers.remove(&customer);
        }
    }

    /// The claims of a customer that are held or sold.
    pub(super) fn active_claims(&self, customer: UserId) -> impl Iterator<Item = &Claim> {
        let bookings = self.customers.get(&customer).map(Arc::as_ref).map_or(&[][..], Vec::as_slice);
        bookings.iter().filter_map(|booking| self.claim(*booking))
    }
}
