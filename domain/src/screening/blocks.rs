//! House seats: kept back from sale for the press, for guests or for those who need them, until they are released by hand or by
//! themselves.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, Refusal, Screening, Seat, rules::find_seats};
use crate::{Context, Fingerprint, Flaws, SeatIndex, SeatName, UserId, text};

/// Maximum number of seats of one block: their names fit into a commit (256 KiB) together with the releases of as many lapsed
/// holds of one seat each.
pub(super) const BLOCK_SEATS_MAX: usize = 500;

/// Seats that the house keeps back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Seats that are still kept back. A block without any is over; it is remembered, so that a late repeat of its request
    /// blocks nothing.
    pub seats: Vec<SeatIndex>,
    /// Purpose, for staff.
    pub reason: String,
    /// Moment from which on they are for sale again; `None` if they are released by hand.
    pub release_at: Option<Timestamp>,
    /// Fingerprint of the request that blocked them.
    pub fingerprint: Option<Fingerprint>,
}

impl Block {
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
    pub(super) fn enter_block(&mut self, block: Uuid, entered: Block) {
        self.set(&entered.seats, Seat::Blocked(block));
        self.blocks.insert(block, Arc::new(entered));
    }

    pub(super) fn shrink_block(&mut self, block: Uuid, released: &[SeatIndex]) {
        self.set(released, Seat::Free);
        if let Some(known) = self.blocks.get_mut(&block) {
            Arc::make_mut(known).seats.retain(|seat| !released.contains(seat));
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
        });
        Ok(events)
    }

    /// Releases a block by hand (`by`) or, without a person, if it is due. Releasing it again changes nothing.
    pub(super) fn release_block(&self, block: Uuid, by: Option<UserId>) -> Result<Vec<Event>, Refusal> {
        let known = self.block(block).ok_or(Refusal::UnknownBlock)?;
        Ok(if known.seats.is_empty() { Vec::new() } else { vec![self.block_released(block, known, by)] })
    }

    pub(super) fn release_due_blocks(&self, now: Timestamp) -> Vec<Event> {
        let due = self.blocks.iter().filter(|(_, block)| block.is_due(now));
        due.map(|(id, block)| self.block_released(*id, block, None)).collect()
    }

    pub(super) fn block_released(&self, block: Uuid, known: &Block, by: Option<UserId>) -> Event {
        Event::BlockReleased { block, seats: self.names(&known.seats), by }
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
