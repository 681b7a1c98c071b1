//! A room of a venue: its seat layout and its calendar. Two screenings never overlap.

mod blocks;
mod command;
mod drafts;
mod refusal;
mod rescheduling;
mod retiring;
mod schedule;
#[cfg(test)]
mod tests;
mod turnaround;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Context, DayTime, Decider, Fingerprint, Flaws, Layout, ScreenId, ScreeningId, SeatName, TimeZoneName,
    UserId, VenueId, aggregate::aggregate, promise::Promise, rescheduling::WantedChange,
    values::text::tidy_line, wire::absent_fields,
};
pub use blocks::{BLOCKS_MAX, DraftBlock, HouseBlock, KEPT_SEATS_MAX, ScreenBlock, WantedSeats};
pub use command::Command;
pub use drafts::{CurrentFacts, DRAFTS_MAX, Draft, PUBLICATION_TRIED, Publisher, ReplacedDraft, WantedDraft};
pub use refusal::Refusal;
pub use rescheduling::Reserved;
pub(crate) use schedule::check_prices;
pub use schedule::{TakenSlot, cut_off};
pub use turnaround::TURNAROUND_MAX_MINUTES;

/// Time for which the calendar keeps screenings after their start: longer than any outage after which a cancellation may
/// still have to be carried out. House rule.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 400);

/// Facts of the venue that scheduling needs, read by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningHours {
    /// Opening time, local.
    pub opens_at: DayTime,
    /// Closing time, local; at or before `opens_at` it is on the next day (equal: open around the clock).
    pub closes_at: DayTime,
    /// `false` after a deactivation.
    pub active: bool,
}

/// Facts of a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    ScreenAdded {
        screen: ScreenId,
        venue: VenueId,
        name: String,
        layout: Layout,
        fingerprint: Option<Fingerprint>,
    },
    ScreenRenamed {
        name: String,
    },
    LayoutChanged {
        layout: Layout,
    },
    /// From now on the room stays empty for this many minutes after each screening.
    TurnaroundChanged {
        minutes: u16,
    },
    /// Nothing is scheduled in the room any more.
    ScreenRetired {},
    ScreenReactivated {},
    ScreeningScheduled {
        screening: ScreeningId,
        promise: Arc<Promise>,
        fingerprint: Option<Fingerprint>,
        /// Seats that the screening keeps back from its beginning.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        blocks: Vec<HouseBlock>,
    },
    /// A screening that customers do not see has this slot. It is published automatically at `publish_at`, if that is given.
    ScreeningDrafted {
        screening: ScreeningId,
        promise: Arc<Promise>,
        publish_at: Option<Timestamp>,
        fingerprint: Option<Fingerprint>,
        /// Draft of another screen that this one replaces.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<ReplacedDraft>,
    },
    DraftChanged {
        screening: ScreeningId,
        promise: Arc<Promise>,
        publish_at: Option<Timestamp>,
    },
    /// The draft is over: the screening is scheduled in the same commit.
    DraftPublished {
        screening: ScreeningId,
    },
    /// The slot of the draft is free.
    DraftDiscarded {
        screening: ScreeningId,
    },
    /// The screening of the draft will keep these seats back.
    DraftSeatsBlocked {
        screening: ScreeningId,
        block: HouseBlock,
        fingerprint: Option<Fingerprint>,
    },
    DraftBlockReleased {
        screening: ScreeningId,
        block: Uuid,
        by: UserId,
    },
    /// All screenings of the room to come keep these seats back, as far as they are not sold.
    ScreenSeatsBlocked {
        block: Uuid,
        seats: Vec<SeatName>,
        reason: String,
        by: UserId,
        fingerprint: Option<Fingerprint>,
    },
    /// The seats are for sale again in all screenings.
    ScreenBlockReleased {
        block: Uuid,
        by: UserId,
    },
    /// The slot is free; the cascade `cascade` cancels the screening and its bookings.
    ScreeningUnscheduled {
        screening: ScreeningId,
        cascade: Uuid,
        reason: Option<String>,
        decided_at: Timestamp,
    },
    /// The slot of the new terms is kept until the screening has decided about them.
    SlotReserved {
        screening: ScreeningId,
        wanted: WantedChange,
    },
    /// The screening has the reserved slot, in place of the one that it had here.
    SlotTaken {
        screening: ScreeningId,
        change: Uuid,
        promise: Arc<Promise>,
    },
    /// The screening stays where it is: the reserved slot is free.
    SlotDropped {
        screening: ScreeningId,
        change: Uuid,
    },
    /// The screening went to another screen: its slot is free.
    SlotVacated {
        screening: ScreeningId,
        change: Uuid,
    },
}

/// A screen, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// `None` until the screen is added.
    pub room: Option<Room>,
    /// Scheduled screenings, by start.
    pub calendar: imbl::OrdMap<(Timestamp, ScreeningId), Slot>,
    /// Unscheduled screenings, so that a late repeat cannot schedule them again.
    pub unscheduled: imbl::HashMap<ScreeningId, Unscheduled>,
    /// All of these and the drafts, by start; the calendar leaves out drafts and unscheduled screenings.
    by_start: imbl::OrdSet<(Timestamp, ScreeningId)>,
    /// Their starts.
    starts: imbl::HashMap<ScreeningId, Timestamp>,
    /// Slots of changes that are not decided yet, by change.
    reserved: imbl::HashMap<Uuid, Reserved>,
    /// Screenings that went to another screen, with the fingerprints of the requests that scheduled them, so that a late
    /// repeat cannot schedule them again.
    vacated: imbl::HashMap<ScreeningId, Option<Fingerprint>>,
    /// Drafts that were discarded, or not published in time, with the fingerprints of their requests.
    discarded: imbl::HashMap<ScreeningId, Option<Fingerprint>>,
    /// Screenings that were drafts.
    published: imbl::HashSet<ScreeningId>,
    /// Time for cleaning after each screening, in minutes.
    pub turnaround_minutes: u16,
    /// `true` while the room is out of use.
    pub retired: bool,
    /// Screenings that customers do not see yet. They have slots, but are not in the calendar.
    pub drafts: imbl::OrdMap<ScreeningId, Draft>,
    /// Seats that all screenings keep back, in the order of the requests, and the latest blocks that were released.
    blocks: imbl::Vector<ScreenBlock>,
}

/// A screen that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the events")]
pub struct Room {
    pub screen: ScreenId,
    pub venue: VenueId,
    pub name: String,
    pub layout: Layout,
    pub fingerprint: Option<Fingerprint>,
}

/// A screening removed from the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unscheduled {
    /// Cascade that cancelled it.
    pub cascade: Uuid,
    /// Fingerprint of the request that scheduled it.
    pub fingerprint: Option<Fingerprint>,
}

/// One entry of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// End of the screening.
    pub ends_at: Timestamp,
    /// Fingerprint of the request that scheduled it.
    pub fingerprint: Option<Fingerprint>,
    /// The change that brought the screening here, if one did.
    pub change: Option<Uuid>,
    /// Title of the show when it was scheduled.
    pub show_title: String,
    /// Time zone of its local times.
    pub timezone: TimeZoneName,
}

/// Version 2 has ticket types, fees, tax and terms of cancellation.
fn current_version(event_type: &str) -> u16 {
    if event_type == "screening_scheduled" { 2 } else { 1 }
}

aggregate!(Screen with (current_version, absent_fields),
    ScreenAdded => "screen_added",
    ScreenRenamed => "screen_renamed",
    LayoutChanged => "layout_changed",
    TurnaroundChanged => "turnaround_changed",
    ScreenRetired => "screen_retired",
    ScreenReactivated => "screen_reactivated",
    ScreeningScheduled => "screening_scheduled",
    ScreeningDrafted => "screening_drafted",
    DraftChanged => "draft_changed",
    DraftPublished => "draft_published",
    DraftDiscarded => "draft_discarded",
    DraftSeatsBlocked => "draft_seats_blocked",
    DraftBlockReleased => "draft_block_released",
    ScreenSeatsBlocked => "screen_seats_blocked",
    ScreenBlockReleased => "screen_block_released",
    ScreeningUnscheduled => "screening_unscheduled",
    SlotReserved => "slot_reserved",
    SlotTaken => "slot_taken",
    SlotDropped => "slot_dropped",
    SlotVacated => "slot_vacated",
);

impl Decider for Screen {
    const TYPE: &'static str = "screen";
    const STATE_FORMAT: u16 = 8;
    type Id = ScreenId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::AddScreen { screen, venue, name, layout, turnaround_minutes, fingerprint } => {
                let room = Room {
                    screen: *screen,
                    venue: *venue,
                    name: tidy_line(name),
                    layout: layout.tidied(),
                    fingerprint: fingerprint.clone(),
                };
                self.add(room, *turnaround_minutes)
            }
            Command::RenameScreen { name } => self.rename(&tidy_line(name)),
            Command::ChangeLayout { layout } => self.change_layout(&layout.tidied()),
            Command::ChangeTurnaround { minutes } => self.change_turnaround(*minutes),
            Command::RetireScreen => self.retire(context.now),
            Command::ReactivateScreen => self.reactivate(),
            Command::ScheduleScreening { screening, offer, opening_hours, show_cancelled, fingerprint } => {
                if self.is_repeat(*screening, fingerprint.as_ref())? {
                    return Ok(Vec::new());
                }
                if *show_cancelled {
                    return Err(Refusal::ShowCancelled);
                }
                self.schedule(*screening, offer, opening_hours, fingerprint.as_ref(), context.now)
            }
            Command::DraftScreening { screening, wanted, fingerprint } => {
                self.draft(*screening, wanted, fingerprint.as_ref(), context.now)
            }
            Command::ChangeDraft { screening, wanted } => self.change_draft(*screening, wanted, context.now),
            Command::PublishDraft { screening, publisher, facts } => {
                self.publish_draft(*screening, *publisher, facts, context)
            }
            Command::DiscardDraft { screening } => self.discard_draft(*screening),
            Command::ReplaceDraft { screening, seen } => self.replace_draft(*screening, seen),
            Command::BlockSeats { block, wanted, by, fingerprint } => {
                self.block_seats(*block, wanted, *by, fingerprint.as_ref())
            }
            Command::ReleaseBlock { block, by } => self.release_block(*block, *by),
            Command::BlockDraftSeats { screening, block, wanted, by, fingerprint } => {
                self.block_draft_seats(*screening, *block, wanted, *by, fingerprint.as_ref(), context.now)
            }
            Command::ReleaseDraftBlock { screening, block, by } => {
                self.release_draft_block(*screening, *block, *by)
            }
            Command::UnscheduleScreening { screening, cascade, reason, decided_at } => {
                self.unschedule(*screening, *cascade, reason.as_deref(), *decided_at)
            }
            Command::ReserveSlot { show_cancelled: true, .. } => Err(Refusal::ShowCancelled),
            Command::ReserveSlot { screening, wanted, opening_hours, show_cancelled: false } => {
                self.reserve_slot(*screening, wanted, opening_hours, context.now)
            }
            Command::TakeSlot { change } => Ok(self.take_slot(*change)),
            Command::DropSlot { change } => Ok(self.drop_slot(*change)),
            Command::VacateSlot { screening, change, taken_by } => {
                Ok(self.vacate_slot(*screening, *change, *taken_by))
            }
        }
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::ScreenAdded { screen, venue, name, layout, fingerprint } => {
                self.room = Some(Room {
                    screen: *screen,
                    venue: *venue,
                    name: name.clone(),
                    layout: layout.clone(),
                    fingerprint: fingerprint.clone(),
                });
            }
            Event::ScreenRenamed { name } => {
                if let Some(room) = &mut self.room {
                    room.name.clone_from(name);
                }
            }
            Event::LayoutChanged { layout } => {
                if let Some(room) = &mut self.room {
                    room.layout.clone_from(layout);
                }
            }
            Event::TurnaroundChanged { minutes } => self.turnaround_minutes = *minutes,
            Event::ScreenRetired {} => self.retired = true,
            Event::ScreenReactivated {} => self.retired = false,
            Event::ScreeningScheduled { screening, promise, fingerprint, blocks: _ } => {
                self.enter_screening(*screening, promise, fingerprint.as_ref());
            }
            Event::ScreeningDrafted { screening, promise, publish_at, fingerprint, replaces } => {
                let fingerprint = fingerprint.as_ref();
                self.enter_draft(*screening, promise, *publish_at, fingerprint, replaces.as_ref());
            }
            Event::DraftChanged { screening, promise, publish_at } => {
                let (promise, publish_at) = (Arc::clone(promise), *publish_at);
                if let Some(before) = self.drafts.get(screening).cloned() {
                    self.keep_draft(*screening, Draft { promise, publish_at, ..before });
                }
            }
            Event::DraftSeatsBlocked { screening, block, fingerprint } => {
                if let Some(draft) = self.drafts.get_mut(screening) {
                    let (block, fingerprint) = (block.clone(), fingerprint.clone());
                    draft.enter_block(DraftBlock { block, fingerprint, released: false });
                }
            }
            Event::DraftBlockReleased { screening, block, by: _ } => {
                if let Some(draft) = self.drafts.get_mut(screening) {
                    draft.end_block(*block);
                }
            }
            Event::ScreenSeatsBlocked { block, seats, reason, by, fingerprint } => {
                let (seats, reason, fingerprint) = (seats.clone(), reason.clone(), fingerprint.clone());
                let (id, by) = (*block, *by);
                self.enter_block(ScreenBlock { id, seats, reason, by, fingerprint, released: false });
            }
            Event::ScreenBlockReleased { block, by: _ } => self.end_block(*block),
            Event::DraftPublished { screening } => {
                self.drafts.remove(screening);
                self.published.insert(*screening);
            }
            Event::DraftDiscarded { screening } => self.give_up_draft(*screening),
            Event::ScreeningUnscheduled { screening, cascade, .. } => self.free(*screening, *cascade),
            Event::SlotReserved { screening, wanted } => {
                let WantedChange { id, promise, fingerprint, .. } = wanted.clone();
                self.reserved.insert(id, Reserved { screening: *screening, promise, fingerprint });
            }
            Event::SlotTaken { screening, change, promise } => self.enter_slot(*screening, *change, promise),
            Event::SlotDropped { change, .. } => drop(self.reserved.remove(change)),
            Event::SlotVacated { screening, .. } => self.leave_slot(*screening),
        }
    }

    /// Forgets screenings that began more than [`REMEMBERED`] before. A repeat of the request that scheduled one is then
    /// recognised by the screening itself.
    fn forget(&mut self, at: Timestamp) {
        self.give_up_past_drafts(at);
        while let Some(key) = self.by_start.get_min().copied().filter(|(start, _)| *start < at - REMEMBERED) {
            self.by_start.remove(&key);
            self.starts.remove(&key.1);
            self.calendar.remove(&key);
            self.drafts.remove(&key.1);
            self.unscheduled.remove(&key.1);
            self.vacated.remove(&key.1);
            self.discarded.remove(&key.1);
            self.published.remove(&key.1);
        }
    }
}

impl Screen {
    fn enter_screening(
        &mut self,
        screening: ScreeningId,
        promise: &Promise,
        fingerprint: Option<&Fingerprint>,
    ) {
        let slot = Slot {
            ends_at: promise.ends_at,
            fingerprint: fingerprint.cloned(),
            change: None,
            show_title: promise.show_title.clone(),
            timezone: promise.timezone.clone(),
        };
        let key = (promise.starts_at, screening);
        self.calendar.insert(key, slot);
        self.by_start.insert(key);
        self.starts.insert(screening, promise.starts_at);
    }

    fn known(&self) -> Result<&Room, Refusal> {
        self.room.as_ref().ok_or(Refusal::NotFound)
    }

    fn add(&self, wanted: Room, turnaround_minutes: u16) -> Result<Vec<Event>, Refusal> {
        if let Some(room) = &self.room {
            let same = room.fingerprint == wanted.fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let Room { screen, venue, name, layout, fingerprint } = wanted;
        let mut flaws = Flaws::default();
        flaws.text(&name, 100, "/name");
        if let Err(Flaws(more)) = layout.check("/layout") {
            flaws.0.extend(more);
        }
        turnaround::check(turnaround_minutes, &mut flaws);
        flaws.into_result().map_err(Refusal::Invalid)?;
        let added = Event::ScreenAdded { screen, venue, name, layout, fingerprint };
        let turnaround =
            (turnaround_minutes > 0).then_some(Event::TurnaroundChanged { minutes: turnaround_minutes });
        Ok([added].into_iter().chain(turnaround).collect())
    }

    fn rename(&self, name: &str) -> Result<Vec<Event>, Refusal> {
        let room = self.known()?;
        let mut flaws = Flaws::default();
        flaws.text(name, 100, "/name");
        flaws.into_result().map_err(Refusal::Invalid)?;
        if room.name == name {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ScreenRenamed { name: name.to_owned() }])
    }

    fn change_layout(&self, layout: &Layout) -> Result<Vec<Event>, Refusal> {
        let room = self.known()?;
        layout.check("/layout").map_err(Refusal::Invalid)?;
        if room.layout == *layout {
            return Ok(Vec::new());
        }
        Ok(vec![Event::LayoutChanged { layout: layout.clone() }])
    }
}
