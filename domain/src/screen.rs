//! A room of a venue: its seat layout and its calendar. Two screenings never overlap here.

mod schedule;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Context, DayTime, Decider, Fingerprint, Flaws, Layout, ScreenId, ScreeningId, VenueId,
    aggregate::aggregate, promise::Promise,
};

/// What scheduling needs to know of the venue, read from it by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningHours {
    /// Local time of day.
    pub opens_at: DayTime,
    /// Local time of day; at or before `opens_at` it means the next day (equal: open around the clock).
    pub closes_at: DayTime,
    /// Whether it is open at all: `false` after a deactivation.
    pub active: bool,
}

/// What can be asked of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Adds the room to a venue.
    AddScreen {
        screen: ScreenId,
        venue: VenueId,
        name: String,
        layout: Layout,
        fingerprint: Option<Fingerprint>,
    },
    /// Calls it something else (1 to 100 characters).
    RenameScreen { name: String },
    /// Rearranges the seats. Screenings already scheduled keep theirs.
    ChangeLayout { layout: Layout },
    /// Puts a screening into the calendar. What the promise says of the room (layout, name, screen, venue) is filled
    /// in here with the room's own.
    ScheduleScreening {
        screening: ScreeningId,
        promise: Arc<Promise>,
        opening_hours: OpeningHours,
        show_cancelled: bool,
        fingerprint: Option<Fingerprint>,
    },
    /// Calls a screening off that, at `decided_at`, had not started; frees the slot.
    UnscheduleScreening {
        screening: ScreeningId,
        cascade: Uuid,
        reason: Option<String>,
        decided_at: Timestamp,
    },
}

/// What can have happened to a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
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
    ScreeningScheduled {
        screening: ScreeningId,
        promise: Arc<Promise>,
        fingerprint: Option<Fingerprint>,
    },
    /// The slot is free, and a cascade named `cascade` cancels the screening and its bookings.
    ScreeningUnscheduled {
        screening: ScreeningId,
        cascade: Uuid,
        reason: Option<String>,
        decided_at: Timestamp,
    },
}

/// What can stand in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such screen")]
    NotFound,
    #[error("the screen is taken by screening {screening} until {ends_at}")]
    ScreenBusy { screening: ScreeningId, starts_at: Timestamp, ends_at: Timestamp },
    #[error("the venue is open from {opens_at} to {closes_at}")]
    OutsideOpeningHours { opens_at: DayTime, closes_at: DayTime },
    #[error("the start lies in the past")]
    InThePast,
    #[error("the screening started at {0}")]
    Started(Timestamp),
    #[error("there is no price for the categories {}", .categories.join(", "))]
    PriceMissing { categories: Vec<String> },
    #[error("the show is cancelled")]
    ShowCancelled,
    #[error("the venue is inactive")]
    VenueInactive,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("{0}")]
    Invalid(Flaws),
}

/// A screen as its history tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// `None` until it is added.
    pub room: Option<Room>,
    /// What is scheduled, by start.
    pub calendar: imbl::OrdMap<(Timestamp, ScreeningId), Slot>,
    /// Screenings that gave their slot back, so that a late repeat cannot schedule them again.
    pub unscheduled: imbl::HashMap<ScreeningId, Unscheduled>,
}

/// A room that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the events")]
pub struct Room {
    pub screen: ScreenId,
    pub venue: VenueId,
    pub name: String,
    pub layout: Layout,
    pub fingerprint: Option<Fingerprint>,
}

/// A screening that was called off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unscheduled {
    /// By which cascade.
    pub cascade: Uuid,
    /// Of the request that scheduled it.
    pub fingerprint: Option<Fingerprint>,
}

/// One entry of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// End of the screening.
    pub ends_at: Timestamp,
    /// Of the request that scheduled it.
    pub fingerprint: Option<Fingerprint>,
}

aggregate!(Screen,
    ScreenAdded => "screen_added",
    ScreenRenamed => "screen_renamed",
    LayoutChanged => "layout_changed",
    ScreeningScheduled => "screening_scheduled",
    ScreeningUnscheduled => "screening_unscheduled",
);

impl Decider for Screen {
    const TYPE: &'static str = "screen";
    const STATE_FORMAT: u16 = 2;
    type Id = ScreenId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::AddScreen { screen, venue, name, layout, fingerprint } => self.add(Room {
                screen: *screen,
                venue: *venue,
                name: name.trim().to_owned(),
                layout: layout.clone(),
                fingerprint: fingerprint.clone(),
            }),
            Command::RenameScreen { name } => self.rename(name.trim()),
            Command::ChangeLayout { layout } => self.change_layout(layout),
            Command::ScheduleScreening { screening, promise, opening_hours, show_cancelled, fingerprint } => {
                if self.is_repeat(*screening, fingerprint.as_ref())? {
                    return Ok(Vec::new());
                }
                if *show_cancelled {
                    return Err(Refusal::ShowCancelled);
                }
                self.schedule(*screening, promise, opening_hours, fingerprint.as_ref(), context.now)
            }
            Command::UnscheduleScreening { screening, cascade, reason, decided_at } => {
                self.unschedule(*screening, *cascade, reason.as_deref(), *decided_at)
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
            Event::ScreeningScheduled { screening, promise, fingerprint } => {
                let slot = Slot { ends_at: promise.ends_at, fingerprint: fingerprint.clone() };
                self.calendar.insert((promise.starts_at, *screening), slot);
            }
            Event::ScreeningUnscheduled { screening, cascade, .. } => self.free(*screening, *cascade),
        }
    }
}

impl Screen {
    fn known(&self) -> Result<&Room, Refusal> {
        self.room.as_ref().ok_or(Refusal::NotFound)
    }

    fn add(&self, wanted: Room) -> Result<Vec<Event>, Refusal> {
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
        flaws.into_result().map_err(Refusal::Invalid)?;
        Ok(vec![Event::ScreenAdded { screen, venue, name, layout, fingerprint }])
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
