//! `cities`: the cities that have or had venues, with their usual spelling.

use sqlx::PgConnection;
use ticketshow_domain::venue::Event;

use crate::error::{ProjectError, database};

/// The spelling of most active venues; among equals the usual one.
const UPSERT: &str = "
    INSERT INTO cities (city_key, name, venues)
    SELECT city_key, (array_agg(city ORDER BY venues DESC, lower(city) = city_key DESC, city COLLATE \"C\"))[1],
           sum(venues)
    FROM (SELECT city_key, city, count(*) FILTER (WHERE status = 'active') AS venues
          FROM venues GROUP BY city_key, city) AS spelled
    GROUP BY city_key
    ON CONFLICT (city_key) DO UPDATE SET name = EXCLUDED.name, venues = EXCLUDED.venues
    WHERE (cities.name, cities.venues) IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.venues)";

const DELETE: &str =
    "DELETE FROM cities WHERE NOT EXISTS (SELECT FROM venues WHERE venues.city_key = cities.city_key)";

/// The table. It is made from `venues`, which change rarely, whenever one of them has changed.
#[derive(Default)]
pub(crate) struct Cities {
    is_stale: bool,
}

impl Cities {
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::VenueCreated { .. }
            | Event::VenueUpdated { .. }
            | Event::VenueDeactivated { .. }
            | Event::VenueReactivated {} => self.is_stale = true,
            Event::VenueCleared { .. }
            | Event::PriceTemplateAdded { .. }
            | Event::PriceTemplateChanged { .. }
            | Event::PriceTemplateDropped { .. } => {}
        }
    }

    /// Writes the cities. The venues must be written before.
    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if self.is_stale {
            for statement in [UPSERT, DELETE] {
                let written = sqlx::query(statement).execute(&mut *connection).await;
                written.map_err(database("writing cities"))?;
            }
        }
        self.is_stale = false;
        Ok(())
    }
}
