//! Changes of the terms: other prices, another time or another screen.
//!
//! A promise is kept: bookings keep the prices at which they were made, and those that get another time or screen can be
//! cancelled without charge for some days. A slot in a calendar is reserved before the screening decides, so a refusal is an event
//! then: the same reservation is never decided twice.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Block, Claim, ClaimStatus, Event, Refusal, ReleaseReason, Screening, Seat, refusal::join};
use crate::{
    BookingId, Context, Fingerprint, Layout, ScreeningId, SeatIndex, SeatName,
    pricing::Quote,
    promise::Promise,
    rescheduling::{Placement, Rescheduling, WantedChange},
    screen::{self, check_prices},
};

/// Maximum number of changes of a screening: each is a mail to every customer.
pub const CHANGES_MAX: usize = 100;
/// Maximum number of seats that a refusal names: a longer list does not help to choose another screen.
const SEATS_NAMED_MAX: usize = 100;

/// Rules that can forbid a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Unchangeable {
    #[error("another change of the screening is under way")]
    InProgress,
    #[error("a screening is changed at most {max} times")]
    TooOften { max: usize },
    #[error("the other screen has no seats {}", join(.0))]
    SeatsMissing(Vec<SeatName>),
    #[error("not accessible by wheelchair on the other screen: {}", join(.0))]
    NotAccessible(Vec<SeatName>),
    #[error(transparent)]
    Terms(screen::Refusal),
}

impl From<Unchangeable> for Refusal {
    fn from(reason: Unchangeable) -> Self {
        Self::Unchangeable(reason)
    }
}

/// A change that was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownChange {
    /// Identity of the change.
    pub id: Uuid,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
    /// Outcome of the change.
    pub outcome: ChangeOutcome,
}

/// Outcome of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeOutcome {
    /// The terms stayed as they were.
    Refused,
    /// Other prices.
    Repriced,
    /// Another time or screen.
    Rescheduled(Rescheduled),
}

/// Another time or screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescheduled {
    /// Time and place before.
    pub before: Placement,
    /// Time and place after.
    pub after: Placement,
    /// Ordinary cut-off of cancellations after it.
    pub cancel_until: Timestamp,
    /// Until this moment the bookings of that time can be cancelled without charge.
    pub free_until: Timestamp,
    /// Number of bookings that had paid seats.
    pub bookings: u32,
    /// `true` once the calendars and all these bookings have followed.
    pub complete: bool,
}

impl KnownChange {
    /// Answers a repeated request.
    fn repeated(&self, wanted: &WantedChange) -> Result<Vec<Event>, Refusal> {
        if self.fingerprint == wanted.fingerprint { Ok(Vec::new()) } else { Err(Refusal::KeyReused) }
    }
}

impl Screening {
    /// Returns a change that was decided.
    #[must_use]
    pub fn known_change(&self, id: Uuid) -> Option<&KnownChange> {
        self.changes.iter().find(|known| known.id == id)
    }

    /// Returns the number of changes that were made.
    #[must_use]
    pub fn change_count(&self) -> u32 {
        let done = self.changes.iter().filter(|known| !matches!(known.outcome, ChangeOutcome::Refused));
        u32::try_from(done.count()).unwrap_or(u32::MAX)
    }

    /// Returns the change to another time or screen that came before the change `id`: the one that took the slot which `id` gives up.
    #[must_use]
    pub fn rescheduled_before(&self, id: Uuid) -> Option<Uuid> {
        let before = self.changes.iter().take_while(|known| known.id != id);
        before
            .filter(|known| matches!(known.outcome, ChangeOutcome::Rescheduled(_)))
            .last()
            .map(|known| known.id)
    }

    /// Returns the number of bookings that have paid seats.
    #[must_use]
    pub fn paid_bookings(&self) -> u32 {
        let paid = self.active().filter(|(_, claim)| matches!(claim.status, ClaimStatus::Sold(_)));
        u32::try_from(paid.count()).unwrap_or(u32::MAX)
    }

    fn is_changing(&self) -> bool {
        let is_open = |known: &KnownChange| matches!(&known.outcome, ChangeOutcome::Rescheduled(done) if !done.complete);
        self.changes.iter().any(is_open)
    }

    /// Returns the notices for the bookings affected by a change of the time or the screen, one per booking.
    pub fn reschedulings(
        &self,
        screening: ScreeningId,
        change: Uuid,
    ) -> impl Iterator<Item = (BookingId, Rescheduling)> {
        let done = self.known_change(change).and_then(|known| match &known.outcome {
            ChangeOutcome::Rescheduled(done) => Some(done),
            ChangeOutcome::Refused | ChangeOutcome::Repriced => None,
        });
        let concerned = self.active().filter(move |(_, claim)| claim.changes.contains(&change));
        concerned.filter_map(move |(booking, claim)| {
            let Rescheduled { before, after, cancel_until, free_until, .. } = done?.clone();
            let paid = matches!(claim.status, ClaimStatus::Sold(_));
            Some((booking, Rescheduling { change, screening, before, after, cancel_until, free_until, paid }))
        })
    }

    /// Checks a change against the terms as they are.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if a rule forbids it.
    pub fn check_change(&self, wanted: &WantedChange, now: Timestamp) -> Result<(), Refusal> {
        let before = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        let after = &wanted.promise;
        self.check_selling(before, now)?;
        if self.is_changing() || wanted.number != self.change_count() {
            return Err(Unchangeable::InProgress.into());
        }
        if self.changes.len() >= CHANGES_MAX {
            return Err(Unchangeable::TooOften { max: CHANGES_MAX }.into());
        }
        if after.starts_at <= now {
            return Err(Unchangeable::Terms(screen::Refusal::InThePast).into());
        }
        check_prices(after).map_err(Unchangeable::Terms)?;
        if before.layout == after.layout {
            Ok(())
        } else {
            self.check_seats_exist(&before.layout, &after.layout)
        }
    }

    /// Checks that another layout has every seat that is taken, and as accessible for those who have it.
    fn check_seats_exist(&self, before: &Layout, after: &Layout) -> Result<(), Refusal> {
        let (mut missing, mut inaccessible) = (Vec::new(), Vec::new());
        // The blocks of a screen stay with it.
        let is_left = |seat: &Seat| match seat {
            Seat::Free => true,
            Seat::Blocked(block) => self.block(*block).is_some_and(|block| block.screen_block.is_some()),
            Seat::Held(_) | Seat::Sold(_) => false,
        };
        for (index, seat) in (0..).zip(self.seats.iter()).filter(|(_, seat)| !is_left(seat)) {
            let Some(name) = before.name(index) else { continue };
            match after.find(&name) {
                None => missing.push(name),
                Some((there, _)) if seat.booking().is_some() => {
                    if before.is_accessible(index) && !after.is_accessible(there) {
                        inaccessible.push(name);
                    }
                }
                Some(_) => {}
            }
        }
        missing.truncate(SEATS_NAMED_MAX);
        inaccessible.truncate(SEATS_NAMED_MAX);
        if !missing.is_empty() {
            return Err(Unchangeable::SeatsMissing(missing).into());
        }
        if inaccessible.is_empty() { Ok(()) } else { Err(Unchangeable::NotAccessible(inaccessible).into()) }
    }

    pub(super) fn change_prices(
        &self,
        wanted: &WantedChange,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(known) = self.known_change(wanted.id) {
            return known.repeated(wanted);
        }
        self.check_change(wanted, context.now)?;
        Ok(vec![self.changed(wanted, context)])
    }

    /// Changes time or screen. The refusal of a slot that was reserved is an event, so that it is final.
    pub(super) fn change(&self, wanted: &WantedChange, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.promise.is_none() {
            return Err(Refusal::NotFound);
        }
        if let Some(known) = self.known_change(wanted.id) {
            return known.repeated(wanted);
        }
        if let Err(refusal) = self.check_change(wanted, context.now) {
            let WantedChange { id: change, by, fingerprint, .. } = wanted.clone();
            return Ok(vec![Event::ChangeRefused { change, reason: refusal.to_string(), by, fingerprint }]);
        }
        let leaves = self.promise.as_ref().is_some_and(|before| before.screen != wanted.promise.screen);
        let mut events = if leaves { self.release_screen_blocks(wanted.by) } else { Vec::new() };
        events.push(self.changed(wanted, context));
        Ok(events)
    }

    fn changed(&self, wanted: &WantedChange, context: &Context) -> Event {
        let WantedChange { id: change, number: _, promise, by, fingerprint } = wanted.clone();
        let before = self.promise.as_deref().map(Placement::of);
        let stays = before.is_some_and(|before| before.is_same(&Placement::of(&promise)));
        let free_until = (!stays).then(|| free_until(&promise, context));
        let (at, bookings) = (context.now, self.paid_bookings());
        Event::ScreeningChanged { change, promise, by, at, free_until, bookings, fingerprint }
    }

    pub(super) fn complete_change(&self, change: Uuid) -> Vec<Event> {
        let is_open = |known: &&KnownChange| {
            matches!(&known.outcome, ChangeOutcome::Rescheduled(done) if !done.complete) && known.id == change
        };
        self.changes.iter().find(is_open).map(|_| Event::ChangeCompleted { change }).into_iter().collect()
    }

    pub(super) fn note_change(&mut self, event: &Event) {
        match event {
            Event::ChangeRefused { change, fingerprint, .. } => {
                let (id, outcome) = (*change, ChangeOutcome::Refused);
                self.changes.push_back(KnownChange { id, fingerprint: fingerprint.clone(), outcome });
            }
            Event::ScreeningChanged { change, promise, at, free_until, bookings, fingerprint, .. } => {
                if free_until.is_some() {
                    self.rescheduled_at = Some(*at);
                }
                let outcome = self.follow_change(*change, promise, *free_until, *bookings);
                self.keep_wheelchair_places(*at);
                self.changes.push_back(KnownChange {
                    id: *change,
                    fingerprint: fingerprint.clone(),
                    outcome,
                });
            }
            Event::ChangeCompleted { change } => {
                for known in self.changes.iter_mut().filter(|known| known.id == *change) {
                    if let ChangeOutcome::Rescheduled(done) = &mut known.outcome {
                        done.complete = true;
                    }
                }
            }
            Event::ScreeningOpened { .. }
            | Event::SeatsReserved { .. }
            | Event::HoldExtended { .. }
            | Event::SeatsReleased { .. }
            | Event::SeatsSold { .. }
            | Event::MessageSent { .. }
            | Event::GuestsReminded { .. }
            | Event::SeatsTakenBack { .. }
            | Event::ScreeningCancelled { .. }
            | Event::ScreeningCleared { .. }
            | Event::TicketCheckedIn { .. }
            | Event::CheckInUndone { .. }
            | Event::SeatsBlocked { .. }
            | Event::BlockGrown { .. }
            | Event::BlockReleased { .. }
            | Event::WheelchairPlacesReleased {}
            | Event::AdmissionConflicted { .. }
            | Event::SeatsSoldAtCounter { .. }
            | Event::MoveBegun { .. }
            | Event::MoveEnded { .. }
            | Event::SeatsMovedIn { .. }
            | Event::WaitingListJoined { .. }
            | Event::WaitingListLeft { .. }
            | Event::SeatsOffered { .. } => {}
        }
    }

    fn follow_change(
        &mut self,
        change: Uuid,
        promise: &Arc<Promise>,
        free_until: Option<Timestamp>,
        bookings: u32,
    ) -> ChangeOutcome {
        let Some(before) = self.promise.clone() else { return ChangeOutcome::Repriced };
        self.keep_prices();
        if before.layout != promise.layout {
            self.renumber(&before.layout, &promise.layout);
        }
        self.promise = Some(Arc::clone(promise));
        let Some(free_until) = free_until else { return ChangeOutcome::Repriced };
        let concerned: Vec<BookingId> = self.active().map(|(booking, _)| booking).collect();
        for booking in concerned {
            self.amend(booking, |claim| {
                claim.free_until = Some(free_until);
                claim.changes.push(change);
            });
        }
        let (before, after) = (Placement::of(&before), Placement::of(promise));
        let cancel_until = promise.cancel_until;
        ChangeOutcome::Rescheduled(Rescheduled {
            before,
            after,
            cancel_until,
            free_until,
            bookings,
            complete: false,
        })
    }

    /// Stores the price of its seats in every claim before the terms change.
    fn keep_prices(&mut self) {
        let unpriced = self.claims.iter().filter(|(_, claim)| claim.quote.is_none());
        let quoted = unpriced.filter_map(|(booking, claim)| {
            Some((*booking, Quote { lines: self.lines_of(claim)?, charges: claim.charges() }))
        });
        for (booking, quote) in quoted.collect::<Vec<_>>() {
            if let Some(claim) = self.claims.get_mut(&booking) {
                Arc::make_mut(claim).quote = Some(Arc::new(quote));
            }
        }
    }

    /// Gives every seat its number in another layout, by its name.
    fn renumber(&mut self, before: &Layout, after: &Layout) {
        let numbers: Vec<Option<SeatIndex>> =
            (0..).take(before.capacity()).map(|index| Some(after.find(&before.name(index)?)?.0)).collect();
        let number = |index: SeatIndex| numbers.get(index as usize).copied().flatten();
        let renumbered =
            |seats: &[SeatIndex]| seats.iter().filter_map(|index| number(*index)).collect::<Vec<_>>();

        let mut seats: imbl::Vector<Seat> = std::iter::repeat_n(Seat::Free, after.capacity()).collect();
        for (index, seat) in (0..).zip(self.seats.iter()).filter(|(_, seat)| **seat != Seat::Free) {
            if let Some(there) = number(index) {
                seats.set(there as usize, *seat);
            }
        }
        self.seats = seats;
        for (_, claim) in self.claims.iter_mut() {
            let claim = Arc::make_mut(claim);
            let kept = renumbered(&claim.seats);
            // Seats that do not exist any more cannot be bought late either.
            if kept.len() < claim.seats.len() && claim.status == ClaimStatus::Released(ReleaseReason::Lapsed)
            {
                claim.status = ClaimStatus::Released(ReleaseReason::GivenUp);
            }
            claim.seats = kept;
            for returned in &mut claim.returns {
                returned.seats = renumbered(&returned.seats);
            }
        }
        let renumbered_block = |block: &Arc<Block>| {
            let (seats, awaited) = (renumbered(&block.seats), renumbered(&block.awaited));
            Block { seats, awaited, ..Block::clone(block) }
        };
        let blocks = self.blocks.iter().map(|(id, block)| (*id, Arc::new(renumbered_block(block))));
        self.blocks = blocks.collect();
        for (_, admitted) in self.admissions.iter_mut() {
            let admitted = Arc::make_mut(admitted);
            admitted.seats = renumbered(&admitted.seats);
        }
        let checked_in = std::mem::take(&mut self.checked_in).into_iter();
        self.checked_in = checked_in.filter_map(|(index, done)| Some((number(index)?, done))).collect();
        let reported = std::mem::take(&mut self.reported).into_iter();
        self.reported =
            reported.filter_map(|((id, index), outcome)| Some(((id, number(index)?), outcome))).collect();
    }
}

/// Returns the moment until which bookings can be cancelled without charge if a screening gets these terms now.
#[must_use]
pub fn free_until(promise: &Promise, context: &Context) -> Timestamp {
    let free = SignedDuration::from_secs(context.policy.free_cancellation_seconds);
    (context.now + free).min(promise.starts_at)
}

impl Claim {
    /// Returns the moment until which its customer may cancel.
    #[must_use]
    pub fn cancel_until(&self, promise: &Promise) -> Timestamp {
        let free_until = self.free_until.map(|free_until| free_until.min(promise.starts_at));
        free_until.map_or(promise.cancel_until, |free_until| free_until.max(promise.cancel_until))
    }
}
