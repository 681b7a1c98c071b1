//! `catalogue_changes`: which shows and venues changed when, and which shows came to play elsewhere. What happens to seats is
//! no change here, so whoever follows the catalogue, the search index above all, is spared the busiest events.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use ticketshow_domain::{AnyEvent, screening};
use ticketshow_nats::Recorded;
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
    read_models::{own_id, stored},
};

const UPSERT: &str = "
    INSERT INTO catalogue_changes (kind, id, position) SELECT * FROM UNNEST($1::text[], $2::uuid[], $3::bigint[])
    ON CONFLICT (kind, id) DO UPDATE SET position = EXCLUDED.position";

/// A screening knows its show; that of a screening that no show of ours has is left out.
const UPSERT_PLAYED: &str = "
    INSERT INTO catalogue_changes (kind, id, position)
    SELECT 'show', screenings.show_id, max(new.position)
    FROM UNNEST($1::uuid[], $2::bigint[]) AS new (screening_id, position) JOIN screenings USING (screening_id)
    GROUP BY screenings.show_id
    ON CONFLICT (kind, id) DO UPDATE SET position = GREATEST(catalogue_changes.position, EXCLUDED.position)";

/// The table: what the current batch brought, each with its last position.
#[derive(Default)]
pub(crate) struct CatalogueChanges {
    described: BTreeMap<(&'static str, Uuid), u64>,
    /// Screenings that came or went.
    played: BTreeMap<Uuid, u64>,
}

impl CatalogueChanges {
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), ProjectError> {
        use screening::Event::{
            HoldExtended, ScreeningCancelled, ScreeningCleared, ScreeningOpened, SeatsReleased,
            SeatsReserved, SeatsSold, TicketCheckedIn,
        };
        let position = recorded.position;
        match &recorded.event {
            AnyEvent::Show(_) => drop(self.described.insert(("show", own_id(recorded)?), position)),
            AnyEvent::Venue(_) => drop(self.described.insert(("venue", own_id(recorded)?), position)),
            AnyEvent::Screening(event) => match event {
                ScreeningOpened { .. } | ScreeningCancelled { .. } => {
                    self.played.insert(own_id(recorded)?, position);
                }
                SeatsReserved { .. }
                | SeatsReleased { .. }
                | SeatsSold { .. }
                | HoldExtended { .. }
                | ScreeningCleared { .. }
                | TicketCheckedIn { .. } => {}
            },
            // What a calendar says comes true with the screening.
            AnyEvent::Screen(_)
            | AnyEvent::Account(_)
            | AnyEvent::Booking(_)
            | AnyEvent::Payment(_)
            | AnyEvent::Wallet(_) => {}
        }
        Ok(())
    }

    /// Writes what is staged; to be called once the screenings are written.
    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if !self.described.is_empty() {
            let (keys, positions): (Vec<_>, Vec<i64>) =
                self.described.iter().map(|(key, position)| (*key, stored(*position))).unzip();
            let (kinds, ids): (Vec<&str>, Vec<Uuid>) = keys.into_iter().unzip();
            sqlx::query(UPSERT)
                .bind(kinds)
                .bind(ids)
                .bind(positions)
                .execute(&mut *connection)
                .await
                .map_err(database("noting what changed in the catalogue"))?;
        }
        if !self.played.is_empty() {
            let (ids, positions): (Vec<Uuid>, Vec<i64>) =
                self.played.iter().map(|(id, position)| (*id, stored(*position))).unzip();
            sqlx::query(UPSERT_PLAYED)
                .bind(ids)
                .bind(positions)
                .execute(connection)
                .await
                .map_err(database("noting which shows play elsewhere"))?;
        }
        self.described.clear();
        self.played.clear();
        Ok(())
    }
}
