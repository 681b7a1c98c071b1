//! Rules of a screening, one function per command.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    Claim, ClaimStatus, Event, Extension, Refusal, ReleaseReason, Screening, Seat, quoting::check_types,
    waiting::fitting_while_waiting,
};
use crate::{
    BookingId, Context, Decider, Fingerprint, PaymentId, ScreeningId, SeatIndex, SeatName, UserId,
    booking::CancelledBy,
    promise::Promise,
    screen::HouseBlock,
    seat_return::{RefundWay, SeatReturn},
};

/// Largest size of the releases in one commit, in bytes: it leaves room for the rest of the commit (256 KiB).
const RELEASES_BYTES_MAX: usize = 192 * 1024;
/// Size of a release without its seats, and of a seat without its name, rounded up.
const RELEASE_BYTES: usize = 160;
const SEAT_BYTES: usize = 3;

/// Bookings whose lapsed holds are released.
#[derive(Debug, Default)]
pub(super) struct Room {
    lapsed: BTreeSet<BookingId>,
    /// Blocks that are over.
    due: BTreeSet<Uuid>,
}

impl Screening {
    pub(super) fn open(
        &self,
        screening: ScreeningId,
        promise: &Arc<Promise>,
        blocks: &[HouseBlock],
    ) -> Vec<Event> {
        if self.promise.is_some() {
            return Vec::new();
        }
        let mut events = vec![Event::ScreeningOpened { screening, promise: Arc::clone(promise) }];
        let mut opened = self.after(&events);
        for block in blocks {
            if let Some(follows) = opened.following(block) {
                opened.evolve(&follows);
                events.push(follows);
            }
        }
        events
    }

    pub(super) fn check_selling(&self, promise: &Promise, now: Timestamp) -> Result<(), Refusal> {
        if self.cancelled.is_some() {
            return Err(Refusal::ScreeningCancelled);
        }
        if promise.starts_at <= now {
            return Err(Refusal::BookingClosed(promise.starts_at));
        }
        Ok(())
    }

    /// Returns what has to be released so that `booking` or, without one, the house can have `wanted`.
    pub(super) fn make_room(
        &self,
        wanted: &[SeatIndex],
        booking: Option<BookingId>,
        now: Timestamp,
    ) -> Result<Room, Refusal> {
        let mut room = Room::default();
        let mut taken = Vec::new();
        for index in wanted {
            match self.seat(*index) {
                Seat::Free => {}
                Seat::Held(owner) | Seat::Sold(owner) if Some(owner) == booking => {}
                // Free in a moment, but for the block that awaits it.
                Seat::Held(_) | Seat::Sold(_) | Seat::Blocked(_) if self.is_awaited(*index) => {
                    taken.push(*index);
                }
                Seat::Held(owner) if self.claim(owner).is_some_and(|claim| claim.has_lapsed(now)) => {
                    room.lapsed.insert(owner);
                }
                Seat::Blocked(block) if self.block(block).is_some_and(|block| block.is_due(now)) => {
                    room.due.insert(block);
                }
                Seat::Held(_) | Seat::Sold(_) | Seat::Blocked(_) => taken.push(*index),
            }
        }
        if taken.is_empty() { Ok(room) } else { Err(Refusal::SeatTaken(self.names(&taken))) }
    }

    pub(super) fn releases_of(&self, room: Room) -> Vec<Event> {
        let Room { lapsed, due } = room;
        let blocks = due.into_iter().filter_map(|id| Some(self.block_released(id, self.block(id)?, None)));
        self.lapses_of(lapsed).into_iter().chain(blocks).collect()
    }

    fn lapses_of(&self, bookings: impl IntoIterator<Item = BookingId>) -> Vec<Event> {
        let release = |booking| {
            let claim = self.claim(booking)?;
            Some(Event::SeatsReleased {
                booking,
                seats: self.names(&claim.seats),
                reason: ReleaseReason::Lapsed,
            })
        };
        bookings.into_iter().filter_map(release).collect()
    }

    pub(super) fn extend_hold(&self, booking: BookingId, context: &Context) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        let claim = self.claim(booking).ok_or(Refusal::UnknownBooking)?;
        match claim.status {
            ClaimStatus::Sold(payment) => return Err(Refusal::AlreadySold(payment)),
            ClaimStatus::Released(reason) => return Err(over(reason)),
            ClaimStatus::Held if claim.extension == Extension::Made => return Ok(Vec::new()),
            ClaimStatus::Held => {}
        }
        let Context { now, policy } = context;
        self.check_selling(promise, *now)?;
        if claim.has_lapsed(*now) {
            return Err(Refusal::HoldExpired);
        }
        let extended = (*now + SignedDuration::from_secs(policy.extension_seconds)).min(promise.starts_at);
        let held_until = match claim.extension {
            // Recorded without more time, because a late payment needs the claim.
            Extension::Spent => claim.held_until,
            Extension::Open | Extension::Made => extended.max(claim.held_until),
        };
        Ok(vec![Event::HoldExtended { booking, held_until }])
    }

    pub(super) fn cancel_hold(&self, booking: BookingId) -> Result<Vec<Event>, Refusal> {
        let claim = self.claim(booking).ok_or(Refusal::UnknownBooking)?;
        match claim.status {
            ClaimStatus::Sold(payment) => Err(Refusal::AlreadySold(payment)),
            ClaimStatus::Released(reason @ (ReleaseReason::Lapsed | ReleaseReason::GivenUp)) => {
                Err(over(reason))
            }
            ClaimStatus::Held
            | ClaimStatus::Released(
                ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse | ReleaseReason::Moved,
            ) => self.release_seats(booking, ReleaseReason::CancelledByCustomer),
        }
    }

    pub(super) fn take_back_hold(&self, booking: BookingId) -> Result<Vec<Event>, Refusal> {
        match self.claim(booking).ok_or(Refusal::UnknownBooking)?.status {
            ClaimStatus::Sold(payment) => Err(Refusal::AlreadySold(payment)),
            ClaimStatus::Held => self.release_seats(booking, ReleaseReason::CancelledByHouse),
            ClaimStatus::Released(_) => Ok(Vec::new()),
        }
    }

    pub(super) fn release_seats(
        &self,
        booking: BookingId,
        reason: ReleaseReason,
    ) -> Result<Vec<Event>, Refusal> {
        let claim = self.claim(booking).ok_or(Refusal::UnknownBooking)?;
        let seats = match (claim.status, reason) {
            (ClaimStatus::Sold(_), ReleaseReason::CancelledByCustomer) if claim.is_checked_in(self) => {
                return Err(Refusal::CheckedIn);
            }
            (ClaimStatus::Sold(_), ReleaseReason::CancelledByCustomer) if claim.moving.is_some() => {
                return Err(Refusal::MoveInProgress);
            }
            (ClaimStatus::Held, _)
            | (ClaimStatus::Sold(_), ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse) => {
                self.names(&claim.seats)
            }
            // Until now a late payment could still buy the seats of a lapsed booking.
            (
                ClaimStatus::Released(ReleaseReason::Lapsed),
                ReleaseReason::GivenUp | ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse,
            ) => Vec::new(),
            // Another payment of this booking bought them meanwhile: only a cancellation takes sold seats back.
            (ClaimStatus::Sold(_), ReleaseReason::Lapsed | ReleaseReason::GivenUp | ReleaseReason::Moved)
            | (ClaimStatus::Released(_), _) => return Ok(Vec::new()),
        };
        Ok(vec![Event::SeatsReleased { booking, seats, reason }])
    }

    pub(super) fn take_back_seats(
        &self,
        booking: BookingId,
        returned: &SeatReturn,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        let claim = self.claim(booking).ok_or(Refusal::UnknownBooking)?;
        if let Some(known) = claim.returns.iter().find(|known| known.id == returned.id) {
            let same = known.fingerprint == returned.fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        match claim.status {
            ClaimStatus::Sold(_) => {}
            ClaimStatus::Held => return Err(Refusal::NotSold),
            ClaimStatus::Released(reason) => return Err(over(reason)),
        }
        if self.cancelled.is_some() {
            return Err(Refusal::ScreeningCancelled);
        }
        claim.check_not_moving()?;
        let mut wanted = find_seats(promise, &returned.seats)?;
        for (name, index) in returned.seats.iter().zip(&wanted) {
            if claim.has_returned(*index) {
                return Err(Refusal::TicketVoid);
            }
            if !claim.seats.contains(index) {
                return Err(Refusal::UnknownSeat(name.clone()));
            }
        }
        if wanted.is_empty() {
            wanted.clone_from(&claim.seats);
        }
        match returned.by {
            CancelledBy::Customer if claim.cancel_until(promise) <= now => {
                return Err(Refusal::TooLateToReturn(claim.cancel_until(promise)));
            }
            CancelledBy::House if promise.ends_at <= now => return Err(Refusal::Over(promise.ends_at)),
            CancelledBy::Customer | CancelledBy::House => {}
        }
        if returned.refund == RefundWay::Cash && returned.counter.is_none_or(|counter| counter.till.is_none())
        {
            return Err(Refusal::NoOpenTill);
        }
        if wanted.iter().any(|index| self.checked_in_at(*index).is_some()) {
            return Err(Refusal::CheckedIn);
        }
        if returned.by == CancelledBy::Customer {
            self.check_left(promise, claim, &wanted)?;
        }
        let left = u32::try_from(claim.seats.len() - wanted.len()).unwrap_or(u32::MAX);
        let returned = SeatReturn { seats: self.names(&wanted), ..returned.clone() };
        Ok(vec![Event::SeatsTakenBack { booking, returned, left }])
    }

    /// Checks that the tickets that stay keep to the limits of their types, such as a child with an adult.
    fn check_left(&self, promise: &Promise, claim: &Claim, given: &[SeatIndex]) -> Result<(), Refusal> {
        let given = self.names(given);
        let mut left = self.lines_of(claim).unwrap_or_default();
        left.retain(|line| !given.contains(&line.seat));
        check_types(promise, &left)
    }

    pub(super) fn release_cancelled(&self, bookings: &[BookingId]) -> Result<Vec<Event>, Refusal> {
        let mut events = Vec::with_capacity(bookings.len());
        for booking in bookings {
            match self.release_seats(*booking, ReleaseReason::CancelledByHouse) {
                Ok(released) => events.extend(released),
                // No claim, no seats to release.
                Err(Refusal::UnknownBooking) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        events.truncate(fitting(&events));
        Ok(events)
    }

    pub(super) fn release_lapsed_holds(&self, context: &Context) -> Vec<Event> {
        let due = self.lapses.iter().take_while(|(at, _)| *at <= context.now).map(|(_, booking)| *booking);
        let mut events = self.lapses_of(due.take(context.policy.lapses_per_commit));
        events.extend(self.release_due_blocks(context.now));
        events.extend(self.release_wheelchair_places(context.now));
        events.truncate(fitting(&events));
        if self.has_waiting() {
            events.truncate(fitting_while_waiting(&events));
        }
        events.extend(self.remind_guests(context));
        events
    }

    pub(super) fn sell_seats(
        &self,
        booking: BookingId,
        payment: PaymentId,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        let claim = self.claim(booking).ok_or(Refusal::UnknownBooking)?;
        match claim.status {
            ClaimStatus::Sold(by) if by == payment => return Ok(Vec::new()),
            ClaimStatus::Sold(by) => return Err(Refusal::AlreadySold(by)),
            ClaimStatus::Held | ClaimStatus::Released(ReleaseReason::Lapsed) => {}
            ClaimStatus::Released(reason) => return Err(over(reason)),
        }
        self.check_selling(promise, now)?;
        let mut events = self.make_free(&claim.seats, Some(booking), now)?;
        let seats = self.names(&claim.seats);
        events.push(Event::SeatsSold { booking, customer: claim.customer, payment, seats });
        Ok(events)
    }

    pub(super) fn cancel(
        &self,
        cascade: Uuid,
        reason: Option<&str>,
        decided_at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        if self.cancelled.is_some() {
            return Ok(Vec::new());
        }
        self.check_selling(promise, decided_at)?;
        let reason = reason.map(ToOwned::to_owned);
        let bookings = u32::try_from(self.active().count()).unwrap_or(u32::MAX);
        Ok(vec![Event::ScreeningCancelled { cascade, reason, bookings }])
    }

    pub(super) fn record_cleared(&self) -> Vec<Event> {
        match self.cancelled {
            Some(cascade) if !self.cleared && self.active().next().is_none() => {
                vec![Event::ScreeningCleared { cascade }]
            }
            Some(_) | None => Vec::new(),
        }
    }

    pub(super) fn check_in(
        &self,
        booking: BookingId,
        seats: &[SeatName],
        by: UserId,
        check_in: Uuid,
        fingerprint: Option<&Fingerprint>,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let now = context.now;
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        if let Some(known) = self.admissions.get(&check_in) {
            let same = known.booking == booking
                && known.fingerprint.as_ref().is_none_or(|known| Some(known) == fingerprint);
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let claim = self.claim(booking).ok_or(Refusal::UnknownBooking)?;
        let mut wanted = find_seats(promise, seats)?;
        if wanted.iter().any(|index| claim.has_returned(*index)) {
            return Err(Refusal::TicketVoid);
        }
        if let Some((other, _)) = seats.iter().zip(&wanted).find(|(_, index)| !claim.seats.contains(index)) {
            return Err(Refusal::UnknownSeat(other.clone()));
        }
        if !matches!(claim.status, ClaimStatus::Sold(_)) || self.cancelled.is_some() {
            return Err(Refusal::TicketVoid);
        }
        claim.check_not_moving()?;
        let everybody = wanted.is_empty();
        if everybody {
            wanted.clone_from(&claim.seats);
        }
        let used: Vec<_> =
            wanted.iter().filter_map(|index| self.check_in_of(*index)).map(|done| &done.used).collect();
        if let Some(first) = used.first()
            && (!everybody || used.len() == wanted.len())
        {
            return Err(Refusal::AlreadyCheckedIn((*first).clone()));
        }
        wanted.retain(|index| self.check_in_of(*index).is_none());
        let from = self.doors_open(context).ok_or(Refusal::NotFound)?;
        if now < from {
            return Err(Refusal::TooEarly(from));
        }
        if promise.ends_at <= now {
            return Err(Refusal::Over(promise.ends_at));
        }
        let event = |seat| Event::TicketCheckedIn {
            booking,
            seat,
            by,
            at: now,
            check_in: Some(check_in),
            device: None,
            fingerprint: fingerprint.cloned(),
        };
        Ok(self.names(&wanted).into_iter().map(event).collect())
    }

    pub(super) fn undo_check_in(
        &self,
        check_in: Uuid,
        seat: &SeatName,
        by: UserId,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        let (index, _) = promise.layout.find(seat).ok_or(Refusal::UnknownCheckIn)?;
        // Without this check-in there is nothing to undo: it was undone before.
        let Some(done) = self.check_in_of(index).filter(|done| done.id == Some(check_in)) else {
            return Ok(Vec::new());
        };
        if promise.ends_at <= now {
            return Err(Refusal::Over(promise.ends_at));
        }
        Ok(vec![Event::CheckInUndone { booking: done.booking, seat: seat.clone(), check_in, by }])
    }
}

impl Claim {
    /// Returns `true` if any of its tickets was used.
    #[must_use]
    pub fn is_checked_in(&self, screening: &Screening) -> bool {
        self.seats.iter().any(|seat| screening.checked_in_at(*seat).is_some())
    }
}

/// Returns the number of releases that fit into a commit, at least one.
fn fitting(releases: &[Event]) -> usize {
    let mut bytes = 0;
    let fits = releases.iter().take_while(|release| {
        if let Event::SeatsReleased { seats, .. } | Event::BlockReleased { seats, .. } = release {
            bytes += RELEASE_BYTES + seats.iter().map(|seat| seat.0.len() + SEAT_BYTES).sum::<usize>();
        }
        bytes <= RELEASES_BYTES_MAX
    });
    fits.count().max(1)
}

pub(super) fn over(reason: ReleaseReason) -> Refusal {
    match reason {
        ReleaseReason::Lapsed => Refusal::HoldExpired,
        ReleaseReason::GivenUp => Refusal::GivenUp,
        ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse | ReleaseReason::Moved => {
            Refusal::BookingCancelled
        }
    }
}

/// Returns the numbers of the seats.
pub(super) fn find_seats(promise: &Promise, seats: &[SeatName]) -> Result<Vec<SeatIndex>, Refusal> {
    let mut wanted = Vec::with_capacity(seats.len());
    for name in seats {
        let (index, _) = promise.layout.find(name).ok_or_else(|| Refusal::UnknownSeat(name.clone()))?;
        if wanted.contains(&index) {
            return Err(Refusal::DuplicateSeat(name.clone()));
        }
        wanted.push(index);
    }
    Ok(wanted)
}
