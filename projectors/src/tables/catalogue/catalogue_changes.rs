//! `catalogue_changes`: the last change of each show and venue, including new and cancelled screenings of a show. Changes of
//! seats do not count, so followers of the catalogue such as the search index skip the busiest events.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use ticketshow_domain::{AnyEvent, screening, venue};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::{own_id, stored},
    error::{ProjectError, database},
};

const UPSERT: &str = "
    INSERT INTO catalogue_changes (kind, id, position) SELECT * FROM UNNEST($1::text[], $2::uuid[], $3::bigint[])
    ON CONFLICT (kind, id) DO UPDATE SET position = EXCLUDED.position";

/// Finds the show through the screening; a screening without a row is skipped.
const UPSERT_PLAYED: &str = "
    INSERT INTO catalogue_changes (kind, id, position)
    SELECT 'show', screenings.show_id, max(new.position)
    FROM UNNEST($1::uuid[], $2::bigint[]) AS new (screening_id, position) JOIN screenings USING (screening_id)
    GROUP BY screenings.show_id
    ON CONFLICT (kind, id) DO UPDATE SET position = GREATEST(catalogue_changes.position, EXCLUDED.position)";

/// Finds the shows of a venue: they may have moved to another city with it.
const UPSERT_MOVED: &str = "
    INSERT INTO catalogue_changes (kind, id, position)
    SELECT 'show', screenings.show_id, max(new.position)
    FROM UNNEST($1::uuid[], $2::bigint[]) AS new (venue_id, position) JOIN screenings USING (venue_id)
    GROUP BY screenings.show_id
    ON CONFLICT (kind, id) DO UPDATE SET position = GREATEST(catalogue_changes.position, EXCLUDED.position)";

/// The table: changes of the current batch, each with its last position.
#[derive(Default)]
pub(crate) struct CatalogueChanges {
    described: BTreeMap<(&'static str, Uuid), u64>,
    /// Screenings opened, changed or cancelled.
    played: BTreeMap<Uuid, u64>,
    /// Venues that may be in another city.
    moved: BTreeMap<Uuid, u64>,
}

impl CatalogueChanges {
    pub fn apply(&mut self, recorded: &RecordedEvent) -> Result<(), ProjectError> {
        use screening::Event::{
            AdmissionConflicted, BlockGrown, BlockReleased, ChangeCompleted, ChangeRefused, CheckInUndone,
            GuestsReminded, HoldExtended, MessageSent, MoveBegun, MoveEnded, ScreeningCancelled,
            ScreeningChanged, ScreeningCleared, ScreeningOpened, SeatsBlocked, SeatsMovedIn, SeatsOffered,
            SeatsReleased, SeatsReserved, SeatsSold, SeatsSoldAtCounter, SeatsTakenBack, TicketCheckedIn,
            WaitingListJoined, WaitingListLeft, WheelchairPlacesReleased,
        };
        let position = recorded.position;
        match &recorded.event {
            AnyEvent::Show(_) => drop(self.described.insert(("show", own_id(recorded)?), position)),
            AnyEvent::Venue(event) => {
                self.described.insert(("venue", own_id(recorded)?), position);
                match event {
                    venue::Event::VenueUpdated { .. } => {
                        self.moved.insert(own_id(recorded)?, position);
                    }
                    venue::Event::VenueCreated { .. }
                    | venue::Event::VenueDeactivated { .. }
                    | venue::Event::VenueReactivated {}
                    | venue::Event::PriceTemplateAdded { .. }
                    | venue::Event::PriceTemplateChanged { .. }
                    | venue::Event::PriceTemplateDropped { .. }
                    | venue::Event::VenueCleared { .. } => {}
                }
            }
            AnyEvent::Screening(event) => match event {
                ScreeningOpened { .. } | ScreeningChanged { .. } | ScreeningCancelled { .. } => {
                    self.played.insert(own_id(recorded)?, position);
                }
                SeatsReserved { .. }
                | SeatsReleased { .. }
                | SeatsTakenBack { .. }
                | MessageSent { .. }
                | GuestsReminded { .. }
                | SeatsSold { .. }
                | HoldExtended { .. }
                | WaitingListJoined { .. }
                | WaitingListLeft { .. }
                | SeatsOffered { .. }
                | ScreeningCleared { .. }
                | TicketCheckedIn { .. }
                | CheckInUndone { .. }
                | SeatsBlocked { .. }
                | BlockGrown { .. }
                | BlockReleased { .. }
                | WheelchairPlacesReleased {}
                | AdmissionConflicted { .. }
                | SeatsSoldAtCounter { .. }
                | MoveBegun { .. }
                | MoveEnded { .. }
                | SeatsMovedIn { .. }
                | ChangeRefused { .. }
                | ChangeCompleted { .. } => {}
            },
            // A calendar entry takes effect when the screening opens.
            AnyEvent::Screen(_)
            | AnyEvent::Account(_)
            | AnyEvent::Booking(_)
            | AnyEvent::Payment(_)
            | AnyEvent::Wallet(_)
            | AnyEvent::Till(_)
            | AnyEvent::Promotion(_)
            | AnyEvent::Invoices(_) => {}
        }
        Ok(())
    }

    /// Writes the staged changes. The screenings must be written before.
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
                .map_err(database("recording changes of the catalogue"))?;
        }
        let found = [(UPSERT_PLAYED, &self.played), (UPSERT_MOVED, &self.moved)];
        for (upsert, changes) in found.into_iter().filter(|(_, changes)| !changes.is_empty()) {
            let (ids, positions): (Vec<Uuid>, Vec<i64>) =
                changes.iter().map(|(id, position)| (*id, stored(*position))).unzip();
            sqlx::query(upsert)
                .bind(ids)
                .bind(positions)
                .execute(&mut *connection)
                .await
                .map_err(database("recording shows with changed screenings"))?;
        }
        *self = Self::default();
        Ok(())
    }
}
