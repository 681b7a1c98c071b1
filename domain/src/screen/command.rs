//! Requests to a screen.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::{CurrentFacts, OpeningHours, Publisher, WantedDraft, WantedSeats};
use crate::{
    Fingerprint, Layout, ScreenId, ScreeningId, UserId, VenueId, promise::Offer, rescheduling::WantedChange,
    screening::WantedBlock,
};

/// Requests to a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Adds the room to a venue.
    AddScreen {
        screen: ScreenId,
        venue: VenueId,
        name: String,
        layout: Layout,
        turnaround_minutes: u16,
        fingerprint: Option<Fingerprint>,
    },
    /// Changes the name (1 to 100 characters).
    RenameScreen { name: String },
    /// Replaces the layout. Screenings already scheduled keep theirs.
    ChangeLayout { layout: Layout },
    /// Changes the time for cleaning after each screening. Screenings already scheduled stay where they are.
    ChangeTurnaround { minutes: u16 },
    /// Takes the room out of use: nothing is scheduled there any more. Refused while a screening is still to come.
    RetireScreen,
    /// Brings the room back into use.
    ReactivateScreen,
    /// Adds a screening to the calendar.
    ScheduleScreening {
        screening: ScreeningId,
        offer: Arc<Offer>,
        opening_hours: OpeningHours,
        show_cancelled: bool,
        fingerprint: Option<Fingerprint>,
    },
    /// Adds a screening to the calendar that customers do not see yet.
    DraftScreening { screening: ScreeningId, wanted: WantedDraft, fingerprint: Option<Fingerprint> },
    /// Gives a draft other terms.
    ChangeDraft { screening: ScreeningId, wanted: WantedDraft },
    /// Schedules the screening of a draft. Without effect if it was published before, or for the timer if it is not due.
    PublishDraft { screening: ScreeningId, publisher: Publisher, facts: CurrentFacts },
    /// Frees the slot of a draft.
    DiscardDraft { screening: ScreeningId },
    /// Frees the slot of a draft that another one has replaced. Refused if its blocks are not those in `seen`, which
    /// the other one has.
    ReplaceDraft { screening: ScreeningId, seen: Vec<Uuid> },
    /// Keeps seats back in all screenings of the room, those of later ones included.
    BlockSeats { block: Uuid, wanted: WantedSeats, by: UserId, fingerprint: Option<Fingerprint> },
    /// Puts the seats of a block on sale again, in all screenings.
    ReleaseBlock { block: Uuid, by: UserId },
    /// Keeps seats of a draft back, and of its screening from the beginning. `block` is the same for a repeated request.
    BlockDraftSeats {
        screening: ScreeningId,
        block: Uuid,
        wanted: WantedBlock,
        by: UserId,
        fingerprint: Option<Fingerprint>,
    },
    /// Releases the seats of a draft's block.
    ReleaseDraftBlock { screening: ScreeningId, block: Uuid, by: UserId },
    /// Cancels a screening that had not started at `decided_at`, and frees its slot.
    UnscheduleScreening {
        screening: ScreeningId,
        cascade: Uuid,
        reason: Option<String>,
        decided_at: Timestamp,
    },
    /// Reserves the slot of a change of the time or the screen, until the screening has decided about it.
    ReserveSlot {
        screening: ScreeningId,
        wanted: WantedChange,
        opening_hours: OpeningHours,
        show_cancelled: bool,
    },
    /// Gives the reserved slot to its screening, in place of the one that it has here.
    TakeSlot { change: Uuid },
    /// Frees the reserved slot.
    DropSlot { change: Uuid },
    /// Frees the slot of a screening that the change brought to another screen. `taken_by` is the change that took this slot, if one did.
    VacateSlot { screening: ScreeningId, change: Uuid, taken_by: Option<Uuid> },
}
