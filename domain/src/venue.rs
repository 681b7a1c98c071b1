//! A venue: its address, time zone and opening hours.

mod price_templates;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Context, DayTime, Decider, Fingerprint, Flaws, TimeZoneName, VenueId,
    aggregate::aggregate,
    values::text::{check_reason, tidy, tidy_line},
};
pub use price_templates::{PriceTemplate, TEMPLATES_MAX};

/// Details of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueDetails {
    /// 1 to 200 characters.
    pub name: String,
    /// 1 to 500 characters.
    pub address: String,
    /// 1 to 100 characters.
    pub city: String,
    /// Time zone of all its local times.
    pub timezone: TimeZoneName,
    /// Opening time, local.
    pub opens_at: DayTime,
    /// Closing time, local; at or before `opens_at` it is on the next day (equal: open around the clock).
    pub closes_at: DayTime,
}

/// Change of some details; `None` keeps a value.
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

/// Requests to a venue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Creates the venue.
    CreateVenue { venue: VenueId, details: VenueDetails, fingerprint: Option<Fingerprint> },
    /// Changes the given details. Screenings already scheduled keep their promise.
    UpdateVenue { changes: VenueChanges },
    /// Deactivates it; a cascade named `cascade` then cancels its future screenings.
    DeactivateVenue { cascade: Uuid, reason: Option<String> },
    /// Reactivates it.
    ReactivateVenue,
    /// Adds prices and terms under a name, to be copied into screenings.
    AddPriceTemplate { template: Uuid, content: PriceTemplate, fingerprint: Option<Fingerprint> },
    /// Replaces them. Screenings that copied them keep theirs.
    ChangePriceTemplate { template: Uuid, content: PriceTemplate },
    /// Removes them.
    DropPriceTemplate { template: Uuid },
    /// Records that the cascade took all `screenings` screenings it found off their calendars.
    RecordCleared { cascade: Uuid, screenings: u32 },
}

/// Facts of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    VenueCreated {
        venue: VenueId,
        details: VenueDetails,
        fingerprint: Option<Fingerprint>,
    },
    /// All details after the change.
    VenueUpdated {
        details: VenueDetails,
    },
    VenueDeactivated {
        cascade: Uuid,
        reason: Option<String>,
    },
    VenueReactivated {},
    PriceTemplateAdded {
        template: Uuid,
        content: PriceTemplate,
        fingerprint: Option<Fingerprint>,
    },
    PriceTemplateChanged {
        template: Uuid,
        content: PriceTemplate,
    },
    PriceTemplateDropped {
        template: Uuid,
    },
    /// All its screenings are off their calendars; their bookings are being cancelled.
    VenueCleared {
        cascade: Uuid,
        screenings: u32,
    },
}

/// Rules that can forbid a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such venue")]
    NotFound,
    #[error("there is no such price template")]
    NoTemplate,
    #[error("the venue has a price template {0}")]
    TemplateNameTaken(String),
    #[error("the venue has {max} price templates")]
    TooManyTemplates { max: usize },
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("{0}")]
    Invalid(Flaws),
}

/// A venue, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    /// `None` until it is created.
    pub details: Option<VenueDetails>,
    /// The cascade of its deactivation, while it is inactive.
    pub inactive: Option<Uuid>,
    /// The last cascade that has cleared it.
    pub cleared: Option<Uuid>,
    /// Fingerprint of the request that created it.
    pub fingerprint: Option<Fingerprint>,
    /// Price templates, with the fingerprints of the requests that added them.
    pub price_templates: BTreeMap<Uuid, (PriceTemplate, Option<Fingerprint>)>,
    /// Price templates that were removed last, with the same fingerprints, so that a late repeat cannot add them again.
    pub dropped_templates: VecDeque<(Uuid, Option<Fingerprint>)>,
}

aggregate!(Venue,
    VenueCreated => "venue_created",
    VenueUpdated => "venue_updated",
    VenueDeactivated => "venue_deactivated",
    VenueReactivated => "venue_reactivated",
    PriceTemplateAdded => "price_template_added",
    PriceTemplateChanged => "price_template_changed",
    PriceTemplateDropped => "price_template_dropped",
    VenueCleared => "venue_cleared",
);

impl Decider for Venue {
    const TYPE: &'static str = "venue";
    const STATE_FORMAT: u16 = 4;
    type Id = VenueId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, _context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::CreateVenue { venue, details, fingerprint } => {
                self.create(*venue, details, fingerprint.as_ref())
            }
            Command::UpdateVenue { changes } => self.update(changes),
            Command::DeactivateVenue { cascade, reason } => self.deactivate(*cascade, reason.as_deref()),
            Command::ReactivateVenue => self.reactivate(),
            Command::AddPriceTemplate { template, content, fingerprint } => {
                self.add_template(*template, content, fingerprint.as_ref())
            }
            Command::ChangePriceTemplate { template, content } => self.change_template(*template, content),
            Command::DropPriceTemplate { template } => self.drop_template(*template),
            Command::RecordCleared { cascade, screenings } => self.record_cleared(*cascade, *screenings),
        }
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::VenueCreated { venue: _, details, fingerprint } => {
                self.details = Some(details.clone());
                self.fingerprint.clone_from(fingerprint);
            }
            Event::VenueUpdated { details } => self.details = Some(details.clone()),
            Event::VenueDeactivated { cascade, reason: _ } => self.inactive = Some(*cascade),
            Event::VenueReactivated {} => self.inactive = None,
            Event::PriceTemplateAdded { template, content, fingerprint } => {
                self.price_templates.insert(*template, (content.clone(), fingerprint.clone()));
            }
            Event::PriceTemplateChanged { template, content } => {
                if let Some((kept, _)) = self.price_templates.get_mut(template) {
                    kept.clone_from(content);
                }
            }
            Event::PriceTemplateDropped { template } => self.forget_template(*template),
            Event::VenueCleared { cascade, screenings: _ } => self.cleared = Some(*cascade),
        }
    }
}

impl Venue {
    fn known(&self) -> Result<&VenueDetails, Refusal> {
        self.details.as_ref().ok_or(Refusal::NotFound)
    }

    fn create(
        &self,
        venue: VenueId,
        details: &VenueDetails,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<Vec<Event>, Refusal> {
        if self.details.is_some() {
            let same = self.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let details = details.checked()?;
        Ok(vec![Event::VenueCreated { venue, details, fingerprint: fingerprint.cloned() }])
    }

    fn update(&self, changes: &VenueChanges) -> Result<Vec<Event>, Refusal> {
        let current = self.known()?;
        let VenueChanges { name, address, city, timezone, opens_at, closes_at } = changes.clone();
        let details = VenueDetails {
            name: name.unwrap_or_else(|| current.name.clone()),
            address: address.unwrap_or_else(|| current.address.clone()),
            city: city.unwrap_or_else(|| current.city.clone()),
            timezone: timezone.unwrap_or_else(|| current.timezone.clone()),
            opens_at: opens_at.unwrap_or(current.opens_at),
            closes_at: closes_at.unwrap_or(current.closes_at),
        }
        .checked()?;
        if details == *current {
            return Ok(Vec::new());
        }
        Ok(vec![Event::VenueUpdated { details }])
    }

    fn deactivate(&self, cascade: Uuid, reason: Option<&str>) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        if self.inactive.is_some() {
            return Ok(Vec::new());
        }
        let reason = reason.and_then(tidy);
        check_reason(reason.as_deref()).map_err(Refusal::Invalid)?;
        Ok(vec![Event::VenueDeactivated { cascade, reason }])
    }

    fn reactivate(&self) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        Ok(self.inactive.map(|_| Event::VenueReactivated {}).into_iter().collect())
    }

    fn record_cleared(&self, cascade: Uuid, screenings: u32) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        if self.cleared == Some(cascade) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::VenueCleared { cascade, screenings }])
    }
}

impl VenueDetails {
    /// Without blanks around texts, if all is well.
    fn checked(&self) -> Result<Self, Refusal> {
        let tidied = Self {
            name: tidy_line(&self.name),
            address: tidy_line(&self.address),
            city: tidy_line(&self.city),
            ..self.clone()
        };
        let mut flaws = Flaws::default();
        flaws.text(&tidied.name, 200, "/name");
        flaws.text(&tidied.address, 500, "/address");
        flaws.text(&tidied.city, 100, "/city");
        flaws.into_result().map_err(Refusal::Invalid)?;
        Ok(tidied)
    }
}
