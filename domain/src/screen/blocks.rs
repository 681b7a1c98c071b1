//! Seats that a room keeps back from sale in all its screenings: a broken seat, a poor sight line. Screenings begin with these blocks, and
//! those that exist already follow. Drafts have blocks of their own, which their screenings begin with too.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use uuid::Uuid;

use super::{Draft, Event, Refusal, Screen};
use crate::{
    Fingerprint, Flaws, Layout, ScreeningId, SeatName, UserId, screening::WantedBlock, values::text,
};

/// Most seats that a screen, or a draft, keeps back in all: their names fit into the commit that schedules a screening with the largest
/// layout. House rule.
pub const KEPT_SEATS_MAX: usize = 500;
/// Most blocks that a screen, or a draft, keeps at a time: each is an event of the commit that opens a screening. House rule.
pub const BLOCKS_MAX: usize = 50;
/// Released blocks that a screen, or a draft, remembers, so that a late repeat of a request blocks nothing.
const RELEASED_KEPT: usize = 100;

/// Seats that a room keeps back in all its screenings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenBlock {
    /// Identity of the block.
    pub id: Uuid,
    /// Names of the seats.
    pub seats: Vec<SeatName>,
    /// Purpose, for staff.
    pub reason: String,
    /// Member of staff who blocked them.
    pub by: UserId,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
    /// `true` once the seats are for sale again.
    pub released: bool,
}

/// Seats that a screening keeps back from its beginning, or because its screen does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HouseBlock {
    /// Identity of the screening's own block.
    pub id: Uuid,
    /// Names of the seats.
    pub seats: Vec<SeatName>,
    /// Purpose, for staff.
    pub reason: String,
    /// Member of staff who blocked them.
    pub by: UserId,
    /// Block of the screen that it follows; `None` for a block of this screening alone.
    pub screen_block: Option<Uuid>,
    /// Moment from which on the seats are for sale again; `None` if they are released by hand.
    #[serde(default)]
    pub release_at: Option<Timestamp>,
}

// Blocks that are released by hand are written to the log as by older versions. A snapshot has no names of fields, so each one is
// written.
impl Serialize for HouseBlock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { id, seats, reason, by, screen_block, release_at } = self;
        let is_written = release_at.is_some() || !serializer.is_human_readable();
        let mut block = serializer.serialize_struct("HouseBlock", 5 + usize::from(is_written))?;
        block.serialize_field("id", id)?;
        block.serialize_field("seats", seats)?;
        block.serialize_field("reason", reason)?;
        block.serialize_field("by", by)?;
        block.serialize_field("screen_block", screen_block)?;
        if is_written {
            block.serialize_field("release_at", release_at)?;
        }
        block.end()
    }
}

/// Seats that a draft keeps back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftBlock {
    /// The block of its screening.
    pub block: HouseBlock,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
    /// `true` once it is released: it is remembered, so that a late repeat of its request blocks nothing.
    pub released: bool,
}

/// Seats to keep back, as requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedSeats {
    /// Names of the seats.
    pub seats: Vec<SeatName>,
    /// Purpose, for staff.
    pub reason: String,
}

impl ScreenBlock {
    /// Returns the block of one screening that follows this one. `source` is the screening or, if it came here from another screen, the
    /// change that brought it: a screening that comes back is blocked again.
    #[must_use]
    pub fn for_screening(&self, source: Uuid) -> HouseBlock {
        let Self { id, seats, reason, by, .. } = self.clone();
        let (id, screen_block) = (Uuid::new_v5(&id, source.as_bytes()), Some(id));
        HouseBlock { id, seats, reason, by, screen_block, release_at: None }
    }
}

impl HouseBlock {
    /// Returns `true` from the moment on at which the seats are for sale again.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.release_at.is_some_and(|at| at <= now)
    }
}

/// Returns the blocks without the seats that a layout does not have.
pub(super) fn within(blocks: &[HouseBlock], layout: &Layout) -> Vec<HouseBlock> {
    let within = |block: &HouseBlock| {
        let exists = |seat: &&SeatName| layout.find(seat).is_some();
        HouseBlock { seats: block.seats.iter().filter(exists).cloned().collect(), ..block.clone() }
    };
    blocks.iter().map(within).filter(|block| !block.seats.is_empty()).collect()
}

impl Screen {
    /// Returns a block of the screen, also one that is released.
    #[must_use]
    pub fn block(&self, block: Uuid) -> Option<&ScreenBlock> {
        self.blocks.iter().find(|known| known.id == block)
    }

    /// Returns the blocks whose seats are kept back now.
    pub fn active_blocks(&self) -> impl Iterator<Item = &ScreenBlock> {
        self.blocks.iter().filter(|block| !block.released)
    }

    /// Returns the blocks that a screening of this layout begins with: those of the screen, and those of its draft.
    #[must_use]
    pub fn first_blocks(
        &self,
        screening: ScreeningId,
        layout: &Layout,
        of_draft: &[HouseBlock],
    ) -> Vec<HouseBlock> {
        let of_screen = self.active_blocks().map(|block| block.for_screening(screening.0));
        within(&of_screen.chain(of_draft.iter().cloned()).collect::<Vec<_>>(), layout)
    }

    /// Returns the screenings to come whose seats follow the blocks of the screen, by start.
    #[must_use]
    pub fn screenings_to_come(&self, now: Timestamp) -> Vec<ScreeningId> {
        let after = (now, ScreeningId(Uuid::max()));
        self.calendar.range(after..).map(|((_, screening), _)| *screening).collect()
    }

    pub(super) fn block_seats(
        &self,
        block: Uuid,
        wanted: &WantedSeats,
        by: UserId,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<Vec<Event>, Refusal> {
        let room = self.known()?;
        if let Some(known) = self.block(block) {
            let same = known.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        check_count(self.active_blocks().count())?;
        let blocked = self.active_blocks().flat_map(|block| &block.seats);
        let WantedSeats { seats, reason } = checked(wanted, &room.layout, blocked, Flaws::default())?;
        let fingerprint = fingerprint.cloned();
        Ok(vec![Event::ScreenSeatsBlocked { block, seats, reason, by, fingerprint }])
    }

    /// Releasing a block again changes nothing.
    pub(super) fn release_block(&self, block: Uuid, by: UserId) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let known = self.block(block).ok_or(Refusal::UnknownBlock)?;
        if known.released {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ScreenBlockReleased { block, by }])
    }

    pub(super) fn enter_block(&mut self, block: ScreenBlock) {
        self.blocks.push_back(block);
        let released = self.blocks.iter().filter(|block| block.released).count();
        if released > RELEASED_KEPT
            && let Some(oldest) = self.blocks.iter().position(|block| block.released)
        {
            self.blocks.remove(oldest);
        }
    }

    pub(super) fn end_block(&mut self, block: Uuid) {
        for known in self.blocks.iter_mut().filter(|known| known.id == block) {
            known.released = true;
        }
    }

    pub(super) fn block_draft_seats(
        &self,
        screening: ScreeningId,
        block: Uuid,
        wanted: &WantedBlock,
        by: UserId,
        fingerprint: Option<&Fingerprint>,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let room = self.known()?;
        let Some(draft) = self.drafts.get(&screening) else { return Err(self.no_draft(screening)) };
        if let Some(known) = draft.block(block) {
            let same = known.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        check_count(draft.blocks_at(now).count())?;
        let WantedBlock { seats, reason, release_at } = wanted.clone();
        let mut flaws = Flaws::default();
        let in_time = release_at.is_none_or(|at| now < at && at < draft.promise.starts_at);
        flaws.unless(in_time, "/release_at", "must be in the future and before the start of the screening");
        let of_draft = draft.blocks_at(now).flat_map(|block| &block.seats);
        let of_screen = self.active_blocks().flat_map(|block| &block.seats);
        let wanted = WantedSeats { seats, reason };
        let WantedSeats { seats, reason } = checked(&wanted, &room.layout, of_draft.chain(of_screen), flaws)?;
        let block = HouseBlock { id: block, seats, reason, by, screen_block: None, release_at };
        let fingerprint = fingerprint.cloned();
        let mut events = draft.room_for_block(screening, by, now);
        events.push(Event::DraftSeatsBlocked { screening, block, fingerprint });
        Ok(events)
    }

    /// Releasing a block again changes nothing.
    pub(super) fn release_draft_block(
        &self,
        screening: ScreeningId,
        block: Uuid,
        by: UserId,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let Some(draft) = self.drafts.get(&screening) else { return Err(self.no_draft(screening)) };
        let is_known = draft.active_blocks().any(|known| known.id == block);
        Ok(is_known.then_some(Event::DraftBlockReleased { screening, block, by }).into_iter().collect())
    }
}

impl Draft {
    /// Returns a block of the draft, also one that is released.
    #[must_use]
    pub fn block(&self, block: Uuid) -> Option<&DraftBlock> {
        self.blocks.iter().find(|known| known.block.id == block)
    }

    /// Returns the blocks that are not released by hand, also those whose time is over.
    pub fn active_blocks(&self) -> impl Iterator<Item = &HouseBlock> {
        self.blocks.iter().filter(|known| !known.released).map(|known| &known.block)
    }

    /// Returns the blocks that a screening published at `now` begins with.
    pub(super) fn blocks_at(&self, now: Timestamp) -> impl Iterator<Item = &HouseBlock> {
        self.active_blocks().filter(move |block| !block.is_due(now))
    }

    /// Returns the releases of the blocks whose time is over, if there are so many blocks that they stand in the way of another. So the
    /// draft never has more than [`BLOCKS_MAX`].
    fn room_for_block(&self, screening: ScreeningId, by: UserId, now: Timestamp) -> Vec<Event> {
        if self.active_blocks().count() < BLOCKS_MAX {
            return Vec::new();
        }
        let due = self.active_blocks().filter(|block| block.is_due(now));
        due.map(|block| Event::DraftBlockReleased { screening, block: block.id, by }).collect()
    }

    pub(super) fn enter_block(&mut self, block: DraftBlock) {
        self.blocks.push(block);
        let released = self.blocks.iter().filter(|known| known.released).count();
        if released > RELEASED_KEPT
            && let Some(oldest) = self.blocks.iter().position(|known| known.released)
        {
            self.blocks.remove(oldest);
        }
    }

    pub(super) fn end_block(&mut self, block: Uuid) {
        for known in self.blocks.iter_mut().filter(|known| known.block.id == block) {
            known.released = true;
        }
    }
}

/// Refuses another block if there are too many.
fn check_count(blocks: usize) -> Result<(), Refusal> {
    if blocks < BLOCKS_MAX { Ok(()) } else { Err(Refusal::TooManyBlocks { max: BLOCKS_MAX }) }
}

/// Checks seats to keep back beside those that are blocked already, and tidies the reason. `flaws` are those found so far.
fn checked<'a>(
    wanted: &WantedSeats,
    layout: &Layout,
    blocked: impl Iterator<Item = &'a SeatName>,
    mut flaws: Flaws,
) -> Result<WantedSeats, Refusal> {
    let WantedSeats { seats, reason } = wanted;
    let reason = text::tidy_line(reason);
    flaws.text(&reason, 200, "/reason");
    flaws.unless(!seats.is_empty(), "/seats", "must name a seat");
    for (number, seat) in seats.iter().enumerate().take(KEPT_SEATS_MAX) {
        let pointer = || format!("/seats/{number}");
        flaws.unless(layout.find(seat).is_some(), pointer(), "is not a seat of the screen");
        flaws.unless(!seats[..number].contains(seat), pointer(), "is named twice");
    }
    flaws.into_result().map_err(Refusal::Invalid)?;
    let blocked: Vec<&SeatName> = blocked.collect();
    if blocked.len() + seats.len() > KEPT_SEATS_MAX {
        return Err(Refusal::TooManyBlocked { max: KEPT_SEATS_MAX });
    }
    let again: Vec<SeatName> = seats.iter().filter(|seat| blocked.contains(seat)).cloned().collect();
    if !again.is_empty() {
        return Err(Refusal::Blocked(again));
    }
    Ok(WantedSeats { seats: seats.clone(), reason })
}
