//! House seats: kept back from sale for the press, for guests or for those who need them, until they are released by hand or by
//! themselves.
//!
//! A screen can keep seats back in all its screenings, because they are broken for example. A screening that follows such a block takes the
//! seats that are free, and awaits those that others have: they belong to the block from the moment they are free.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, Refusal, Screening, Seat, rules::find_seats, waiting::frees_seats};
use crate::{
    BookingId, Context, Fingerprint, Flaws, ScreenId, SeatIndex, SeatName, UserId, screen::HouseBlock,
    values::text,
};

/// Maximum number of seats of one block: their names fit into a commit (256 KiB) together with the releases of as many lapsed
/// holds of one seat each.
pub(super) const BLOCK_SEATS_MAX: usize = 500;

/// Seats that the house keeps back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Seats that are still kept back. A block without any, that awaits none, is over; it is remembered, so that a late repeat of its
    /// request blocks nothing.
    pub seats: Vec<SeatIndex>,
    /// Seats that others have. They are blocked once they are free.
    pub awaited: Vec<SeatIndex>,
    /// Block of the screen that this one follows.
    pub screen_block: Option<Uuid>,
    /// Purpose, for staff.
    pub reason: String,
    /// Moment from which on they are for sale again; `None` if they are released by hand.
    pub release_at: Option<Timestamp>,
    /// Fingerprint of the request that blocked them.
    pub fingerprint: Option<Fingerprint>,
}

impl Block {
    /// Returns `true` for a block without seats that awaits none either.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.seats.is_empty() && self.awaited.is_empty()
    }

    /// Returns `true` for a block that is over, perhaps without being released yet.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.seats.is_empty() && self.release_at.is_some_and(|at| at <= now)
    }
}

/// Seats to keep back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedBlock {
    /// Names of the seats.
    pub seats: Vec<SeatName>,
    /// Purpose, for staff.
    pub reason: String,
    /// Moment of the release, if it is to happen by itself.
    pub release_at: Option<Timestamp>,
}

impl Screening {
    pub(super) fn note_block(&mut self, event: &Event) {
        if let Event::SeatsBlocked {
            block,
            seats,
            reason,
            release_at,
            fingerprint,
            screen_block,
            awaited,
            ..
        } = event
        {
            let (seats, awaited) = (self.indices(seats), self.indices(awaited));
            let (reason, fingerprint) = (reason.clone(), fingerprint.clone());
            let (release_at, screen_block) = (*release_at, *screen_block);
            let entered = Block { seats, awaited, screen_block, reason, release_at, fingerprint };
            self.set(&entered.seats, Seat::Blocked(*block));
            self.blocks.insert(*block, Arc::new(entered));
        }
        if let Event::BlockGrown { block, seats } = event {
            let grown = self.indices(seats);
            self.set(&grown, Seat::Blocked(*block));
            self.amend_block(*block, |known| {
                known.awaited.retain(|seat| !grown.contains(seat));
                known.seats.extend(grown);
            });
        }
        if let Event::BlockReleased { block, seats, by: _, awaited } = event {
            let (released, awaited) = (self.indices(seats), self.indices(awaited));
            self.set(&released, Seat::Free);
            self.amend_block(*block, |known| {
                known.seats.retain(|seat| !released.contains(seat));
                known.awaited.retain(|seat| !awaited.contains(seat));
            });
        }
    }

    fn amend_block(&mut self, block: Uuid, change: impl FnOnce(&mut Block)) {
        if let Some(known) = self.blocks.get_mut(&block) {
            change(Arc::make_mut(known));
        }
    }

    /// Returns a block, released ones included.
    #[must_use]
    pub fn block(&self, block: Uuid) -> Option<&Block> {
        self.blocks.get(&block).map(AsRef::as_ref)
    }

    pub(super) fn block_seats(
        &self,
        block: Uuid,
        wanted: &WantedBlock,
        by: UserId,
        fingerprint: Option<&Fingerprint>,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        if let Some(known) = self.block(block) {
            let same = known.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let now = context.now;
        self.check_selling(promise, now)?;
        let WantedBlock { seats, reason, release_at } = wanted;
        let reason = text::tidy_line(reason);
        let mut flaws = Flaws::default();
        flaws.text(&reason, 200, "/reason");
        let in_time = release_at.is_none_or(|at| now < at && at < promise.starts_at);
        flaws.unless(in_time, "/release_at", "must be in the future and before the start of the screening");
        flaws.into_result().map_err(Refusal::Invalid)?;
        if !(1..=BLOCK_SEATS_MAX).contains(&seats.len()) {
            return Err(Refusal::SeatCount { max: BLOCK_SEATS_MAX });
        }
        let indices = find_seats(promise, seats)?;
        let mut events = self.make_free(&indices, None, now)?;
        events.push(Event::SeatsBlocked {
            block,
            seats: seats.clone(),
            reason,
            release_at: *release_at,
            by,
            fingerprint: fingerprint.cloned(),
            screen_block: None,
            awaited: Vec::new(),
        });
        Ok(events)
    }

    /// Releases a block by hand (`by`) or, without a person, if it is due. Releasing it again changes nothing.
    pub(super) fn release_block(&self, block: Uuid, by: Option<UserId>) -> Result<Vec<Event>, Refusal> {
        let known = self.block(block).ok_or(Refusal::UnknownBlock)?;
        Ok(if known.is_over() { Vec::new() } else { vec![self.block_released(block, known, by)] })
    }

    /// Follows a block of the screen. Screenings that have begun, are cancelled, or left that screen need not.
    pub(super) fn follow_block(
        &self,
        screen: ScreenId,
        block: &HouseBlock,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        let follows = |known: &Block| known.screen_block == block.screen_block && !known.is_over();
        let is_done = self.block(block.id).is_some()
            || (block.screen_block.is_some() && self.blocks.values().any(|known| follows(known)));
        if is_done || promise.screen != screen || self.check_selling(promise, now).is_err() {
            return Ok(Vec::new());
        }
        // Lapsed holds are released within seconds: their seats are awaited like any other.
        Ok(self.following(block).into_iter().collect())
    }

    /// Returns the event by which a screening follows a block: seats that others have are awaited.
    pub(super) fn following(&self, block: &HouseBlock) -> Option<Event> {
        let HouseBlock { id, seats, reason, by, screen_block, release_at } = block.clone();
        let (free, awaited): (Vec<_>, Vec<_>) =
            self.indices(&seats).into_iter().partition(|index| self.seat(*index) == Seat::Free);
        let is_any = !free.is_empty() || !awaited.is_empty();
        let (seats, awaited) = (self.names(&free), self.names(&awaited));
        let blocked = Event::SeatsBlocked {
            block: id,
            seats,
            reason,
            release_at,
            by,
            fingerprint: None,
            screen_block,
            awaited,
        };
        is_any.then_some(blocked)
    }

    pub(super) fn release_screen_block(&self, block: Uuid, by: UserId) -> Vec<Event> {
        let follows = |known: &Block| known.screen_block == Some(block) && !known.is_over();
        let found = self.blocks.iter().filter(|(_, known)| follows(known));
        found.map(|(id, known)| self.block_released(*id, known, Some(by))).collect()
    }

    /// Returns the releases of all blocks of the screen that the screening leaves.
    pub(super) fn release_screen_blocks(&self, by: UserId) -> Vec<Event> {
        let follows = |known: &Block| known.screen_block.is_some() && !known.is_over();
        let found = self.blocks.iter().filter(|(_, known)| follows(known));
        found.map(|(id, known)| self.block_released(*id, known, Some(by))).collect()
    }

    /// Returns `true` if a block awaits the seat.
    pub(super) fn is_awaited(&self, seat: SeatIndex) -> bool {
        self.blocks.values().any(|block| block.awaited.contains(&seat))
    }

    /// Appends the growth of blocks by the seats that `events` free.
    pub(super) fn with_growth(&self, mut events: Vec<Event>) -> Vec<Event> {
        let awaits = self.blocks.values().any(|block| !block.awaited.is_empty());
        if awaits && self.cancelled.is_none() && events.iter().any(frees_seats) {
            events.extend(self.after(&events).growth());
        }
        events
    }

    /// Returns the growth of blocks by free seats that they await.
    pub(super) fn growth(&self) -> Vec<Event> {
        let mut given = Vec::new();
        let mut grown = Vec::new();
        for (id, block) in &self.blocks {
            let is_free = |seat: &&SeatIndex| self.seat(**seat) == Seat::Free && !given.contains(*seat);
            let seats: Vec<SeatIndex> = block.awaited.iter().filter(is_free).copied().collect();
            if !seats.is_empty() {
                grown.push(Event::BlockGrown { block: *id, seats: self.names(&seats) });
                given.extend(seats);
            }
        }
        grown
    }

    /// Returns the seats that await the guests of a block of the screen, with the bookings that have them.
    #[must_use]
    pub fn guests_of_screen_block(&self, block: Uuid) -> Vec<(SeatName, BookingId)> {
        let found = self.blocks.values().filter(|known| known.screen_block == Some(block));
        let awaited = found.flat_map(|known| &known.awaited);
        awaited.filter_map(|seat| Some((self.names(&[*seat]).pop()?, self.seat(*seat).booking()?))).collect()
    }

    pub(super) fn release_due_blocks(&self, now: Timestamp) -> Vec<Event> {
        let due = self.blocks.iter().filter(|(_, block)| block.is_due(now));
        due.map(|(id, block)| self.block_released(*id, block, None)).collect()
    }

    pub(super) fn block_released(&self, block: Uuid, known: &Block, by: Option<UserId>) -> Event {
        let (seats, awaited) = (self.names(&known.seats), self.names(&known.awaited));
        Event::BlockReleased { block, seats, by, awaited }
    }

    /// Returns the earliest moment at which a block ends by itself.
    pub(super) fn next_block_end(&self) -> Option<Timestamp> {
        self.blocks
            .values()
            .filter(|block| !block.seats.is_empty())
            .filter_map(|block| block.release_at)
            .min()
    }
}
