//! A house: where it stands and when it is open.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Context, DayTime, Decider, Fingerprint, Flaws, TimeZoneName, VenueId, aggregate::aggregate};

/// What is said of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueDetails {
    /// 1 to 200 characters.
    pub name: String,
    /// 1 to 500 characters.
    pub address: String,
    /// 1 to 100 characters.
    pub city: String,
    /// All its times are told in this zone.
    pub timezone: TimeZoneName,
    /// Local time of day.
    pub opens_at: DayTime,
    /// Local time of day; at or before `opens_at` it means the next day (equal: open around the clock).
    pub closes_at: DayTime,
}

/// A change to some details; `None` leaves one as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in `VenueDetails`")]
pub struct VenueChanges {
    pub name: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub timezone: Option<TimeZoneName>,
    pub opens_at: Option<DayTime>,
    pub closes_at: Option<DayTime>,
}

/// What can be asked of a venue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Opens it.
    CreateVenue { venue: VenueId, details: VenueDetails, fingerprint: Option<Fingerprint> },
    /// Changes what is given. Screenings already scheduled keep their promise.
    UpdateVenue { changes: VenueChanges },
    /// Closes it; a cascade named `cascade` then cancels its future screenings.
    DeactivateVenue { cascade: Uuid, reason: Option<String> },
    /// Opens it again.
    ReactivateVenue,
}

/// What can have happened to a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    VenueCreated {
        venue: VenueId,
        details: VenueDetails,
        fingerprint: Option<Fingerprint>,
    },
    /// All details as they are from now on.
    VenueUpdated {
        details: VenueDetails,
    },
    VenueDeactivated {
        cascade: Uuid,
        reason: Option<String>,
    },
    VenueReactivated {},
}

/// What can stand in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such venue")]
    NotFound,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("{0}")]
    Invalid(Flaws),
}

/// A venue as its history tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    /// `None` until it is created.
    pub details: Option<VenueDetails>,
    /// The cascade of its deactivation, while it is inactive.
    pub inactive: Option<Uuid>,
    /// Of the request that created it.
    pub fingerprint: Option<Fingerprint>,
}

aggregate!(Venue,
    VenueCreated => "venue_created",
    VenueUpdated => "venue_updated",
    VenueDeactivated => "venue_deactivated",
    VenueReactivated => "venue_reactivated",
);

impl Decider for Venue {
    const TYPE: &'static str = "venue";
    const STATE_FORMAT: u16 = 1;
    type Id = VenueId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, _context: &Context) -> Result<Vec<Event>, Refusal> {
        let _ = command;
        unimplemented!()
    }

    fn evolve(&mut self, event: &Event) {
        let _ = event;
        unimplemented!()
    }
}
