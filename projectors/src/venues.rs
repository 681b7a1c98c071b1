//! `venues`: the houses.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    VenueId,
    venue::{Event, VenueDetails},
};
use ticketshow_nats::Recorded;
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
    read_models::{own_id, stored},
    rows::{Rows, column},
};

/// Rows kept at hand.
const KEPT: usize = 200;

const SELECT: &str = "SELECT * FROM venues WHERE venue_id = ANY($1)";

const UPSERT: &str = "
    INSERT INTO venues (venue_id, name, address, city, timezone, opens_at, closes_at, status, created_at, position)
    SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::timestamptz[], $10::bigint[])
    ON CONFLICT (venue_id) DO UPDATE SET
        name = EXCLUDED.name, address = EXCLUDED.address, city = EXCLUDED.city, timezone = EXCLUDED.timezone,
        opens_at = EXCLUDED.opens_at, closes_at = EXCLUDED.closes_at, status = EXCLUDED.status,
        position = EXCLUDED.position";

#[derive(sqlx::FromRow)]
struct Venue {
    venue_id: Uuid,
    name: String,
    address: String,
    city: String,
    timezone: String,
    opens_at: String,
    closes_at: String,
    status: String,
    created_at: Timestamp,
    position: i64,
}

impl Venue {
    fn describe(&mut self, details: VenueDetails) {
        self.name = details.name;
        self.address = details.address;
        self.city = details.city;
        self.timezone = details.timezone.into();
        self.opens_at = details.opens_at.to_string();
        self.closes_at = details.closes_at.to_string();
    }
}

/// The table.
pub(crate) struct Venues(Rows<VenueId, Venue>);

impl Venues {
    pub fn new() -> Self {
        Self(Rows::new("venues", KEPT))
    }

    pub fn apply(&mut self, recorded: &Recorded, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::VenueCreated { venue, details, fingerprint: _ } => {
                let mut row = Venue {
                    venue_id: venue.0,
                    name: String::new(),
                    address: String::new(),
                    city: String::new(),
                    timezone: String::new(),
                    opens_at: String::new(),
                    closes_at: String::new(),
                    status: "active".to_owned(),
                    created_at: recorded.metadata.time.to_sqlx(),
                    position: stored(recorded.position),
                };
                row.describe(details.clone());
                self.0.insert(*venue, row);
                Ok(())
            }
            Event::VenueUpdated { details } => {
                let details = details.clone();
                self.change(recorded, move |row| row.describe(details))
            }
            Event::VenueDeactivated { cascade: _, reason: _ } => {
                self.change(recorded, |row| "inactive".clone_into(&mut row.status))
            }
            Event::VenueReactivated {} => self.change(recorded, |row| "active".clone_into(&mut row.status)),
            // How far a cascade is, is told by its own table.
            Event::VenueCleared { .. } => Ok(()),
        }
    }

    fn change(
        &mut self,
        recorded: &Recorded,
        change: impl FnOnce(&mut Venue) + Send + 'static,
    ) -> Result<(), ProjectError> {
        let position = recorded.position;
        self.0.change(VenueId(own_id(recorded)?), position, move |row| {
            change(row);
            row.position = stored(position);
            Ok(())
        })
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.load(connection, SELECT, |venue| venue.0, |row| VenueId(row.venue_id)).await?;
        let rows = self.0.changed();
        if !rows.is_empty() {
            sqlx::query(UPSERT)
                .bind(column(&rows, |venue, _| venue.0))
                .bind(column(&rows, |_, row| row.name.as_str()))
                .bind(column(&rows, |_, row| row.address.as_str()))
                .bind(column(&rows, |_, row| row.city.as_str()))
                .bind(column(&rows, |_, row| row.timezone.as_str()))
                .bind(column(&rows, |_, row| row.opens_at.as_str()))
                .bind(column(&rows, |_, row| row.closes_at.as_str()))
                .bind(column(&rows, |_, row| row.status.as_str()))
                .bind(column(&rows, |_, row| row.created_at))
                .bind(column(&rows, |_, row| row.position))
                .execute(connection)
                .await
                .map_err(database("writing venues"))?;
        }
        self.0.written();
        Ok(())
    }
}
