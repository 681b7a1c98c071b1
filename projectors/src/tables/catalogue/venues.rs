//! `venues`: places where shows are screened.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    VenueId,
    folding::{Folded, cities},
    venue::{Event, VenueDetails},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::{own_id, stored},
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
    text::List,
};

/// Rows kept in memory.
const KEPT: usize = 200;

table! {
    struct Venue in venues {
        venue_id: Uuid as key,
        name: String,
        address: String,
        city: String,
        city_key: String,
        timezone: String,
        opens_at: String,
        closes_at: String,
        status: String,
        created_at: Timestamp as fixed,
        position: i64,
        search_name: String,
        search_address: String,
        search_terms: List,
        search_sounds: List,
    }
}

impl Venue {
    fn describe(&mut self, details: VenueDetails) {
        let name = Folded::new(&details.name);
        self.search_terms = name.terms().into_iter().collect();
        self.search_sounds = name.sounds().into_iter().collect();
        self.search_name = name.text();
        self.search_address = Folded::new(&details.address).text();
        self.name = details.name;
        self.address = details.address;
        self.city_key = cities::key(&details.city);
        self.city = details.city;
        self.timezone = details.timezone.into();
        self.opens_at = details.opens_at.to_string();
        self.closes_at = details.closes_at.to_string();
    }
}

impl Row for Venue {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct Venues(Rows<VenueId, Venue>);

impl Venues {
    pub fn new() -> Self {
        Self(Rows::new("venues", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        let (own, position) = (VenueId(own_id(recorded)?), recorded.position);
        match event {
            Event::VenueCreated { venue, details, fingerprint: _ } => {
                let mut row = Venue {
                    venue_id: venue.0,
                    name: String::new(),
                    address: String::new(),
                    city: String::new(),
                    city_key: String::new(),
                    timezone: String::new(),
                    opens_at: String::new(),
                    closes_at: String::new(),
                    status: "active".to_owned(),
                    created_at: recorded.metadata.time.to_sqlx(),
                    position: stored(position),
                    search_name: String::new(),
                    search_address: String::new(),
                    search_terms: List::default(),
                    search_sounds: List::default(),
                };
                row.describe(details.clone());
                self.0.insert(*venue, row);
                Ok(())
            }
            Event::VenueUpdated { details } => {
                let details = details.clone();
                self.0.change(own, position, move |row| row.describe(details))
            }
            Event::VenueDeactivated { cascade: _, reason: _ } => {
                self.0.change(own, position, |row| "inactive".clone_into(&mut row.status))
            }
            Event::VenueReactivated {} => {
                self.0.change(own, position, |row| "active".clone_into(&mut row.status))
            }
            // The progress of a cascade is in `cascades`, the templates in `price_templates`.
            Event::VenueCleared { .. }
            | Event::PriceTemplateAdded { .. }
            | Event::PriceTemplateChanged { .. }
            | Event::PriceTemplateDropped { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |venue| venue.0, |row| VenueId(row.venue_id)).await
    }
}
