//! `screenings`: screenings on sale, as promised when they were opened; the names of show, venue, city and screen are the
//! current ones.

use std::collections::{BTreeMap, BTreeSet};

use jiff_sqlx::{Date, Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    Currency, ScreeningId, folding::cities, pricing::Terms, promise::Promise, screen, screening::Event, show,
    venue,
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use super::seat_maps::FreeSeats;
use crate::{
    columns::{own_id, seats, stored},
    error::{Misfit, ProjectError, database},
    table::{Table, table},
    text::Word,
};

table! {
    struct Screening in screenings {
        screening_id: Uuid as key,
        show_id: Uuid,
        show_title: String,
        venue_id: Uuid,
        venue_name: String,
        screen_id: Uuid,
        screen_name: String,
        city: String,
        city_key: String,
        timezone: String,
        starts_at: Timestamp,
        ends_at: Timestamp,
        local_date: Date,
        cancel_until: Timestamp,
        prices: Json<BTreeMap<String, i64>>,
        currency: Word<Currency>,
        capacity: i32,
        available_seats: i32,
        status: String,
        position: i64,
        terms: Json<Terms>,
    }
}

table! {
    /// Terms that a change of the screening replaced.
    struct Changed in screenings {
        screening_id: Uuid as key,
        screen_id: Uuid,
        screen_name: String,
        starts_at: Timestamp,
        ends_at: Timestamp,
        local_date: Date,
        cancel_until: Timestamp,
        prices: Json<BTreeMap<String, i64>>,
        capacity: i32,
        terms: Json<Terms>,
    }
}

impl Changed {
    fn new(screening: ScreeningId, promise: &Promise) -> Self {
        let Screening {
            screening_id,
            screen_id,
            screen_name,
            starts_at,
            ends_at,
            local_date,
            cancel_until,
            prices,
            capacity,
            terms,
            ..
        } = Screening::new(screening, promise);
        Self {
            screening_id,
            screen_id,
            screen_name,
            starts_at,
            ends_at,
            local_date,
            cancel_until,
            prices,
            capacity,
            terms,
        }
    }
}

impl Screening {
    /// A new screening. Its seats and its position come with the seat map.
    fn new(screening: ScreeningId, promise: &Promise) -> Self {
        let capacity = seats(promise.layout.capacity());
        Self {
            screening_id: screening.0,
            show_id: promise.show.0,
            show_title: promise.show_title.clone(),
            venue_id: promise.venue.0,
            venue_name: promise.venue_name.clone(),
            screen_id: promise.screen.0,
            screen_name: promise.screen_name.clone(),
            city: promise.city.clone(),
            city_key: cities::key(&promise.city),
            timezone: promise.timezone.name().to_owned(),
            starts_at: promise.starts_at.to_sqlx(),
            ends_at: promise.ends_at.to_sqlx(),
            local_date: promise.starts_at.to_zoned(promise.timezone.zone()).date().to_sqlx(),
            cancel_until: promise.cancel_until.to_sqlx(),
            prices: Json(promise.prices.clone()),
            currency: Word(promise.currency),
            capacity,
            available_seats: capacity,
            status: "active".to_owned(),
            position: 0,
            terms: Json(promise.terms.clone()),
        }
    }
}

const UPDATE_SEATS: &str = "
    UPDATE screenings SET available_seats = new.available_seats, position = new.position
    FROM UNNEST($1::uuid[], $2::int[], $3::bigint[]) AS new (screening_id, available_seats, position)
    WHERE screenings.screening_id = new.screening_id";

const CANCEL: &str = "
    UPDATE screenings SET status = 'cancelled', cancelled_position = new.position,
                          position = GREATEST(screenings.position, new.position)
    FROM UNNEST($1::uuid[], $2::bigint[]) AS new (screening_id, position)
    WHERE screenings.screening_id = new.screening_id";

/// Takes new and changed screenings, and shows, venues and screens that changed. Nothing is searched for an empty list: a rebuild has no
/// index for that.
const RENAME: &str = "
    WITH touched AS (
        SELECT screening_id FROM screenings WHERE screening_id = ANY($1::uuid[])
        UNION SELECT screening_id FROM screenings WHERE cardinality($2::uuid[]) > 0 AND show_id = ANY($2)
        UNION SELECT screening_id FROM screenings WHERE cardinality($3::uuid[]) > 0 AND venue_id = ANY($3)
        UNION SELECT screening_id FROM screenings
              WHERE cardinality($4::uuid[]) > 0
                AND venue_id = ANY(ARRAY(SELECT venue_id FROM screens WHERE screen_id = ANY($4)))),
    renamed AS (
        SELECT played.screening_id, played.city_key AS city_before,
               coalesce(shows.title, played.show_title) AS show_title,
               coalesce(venues.name, played.venue_name) AS venue_name,
               coalesce(venues.city, played.city) AS city,
               coalesce(venues.city_key, played.city_key) AS city_key,
               coalesce(screens.name, played.screen_name) AS screen_name
        FROM touched JOIN screenings AS played USING (screening_id)
        LEFT JOIN shows ON shows.show_id = played.show_id
        LEFT JOIN venues ON venues.venue_id = played.venue_id
        LEFT JOIN screens ON screens.screen_id = played.screen_id)
    UPDATE screenings
    SET show_title = renamed.show_title, venue_name = renamed.venue_name, city = renamed.city,
        city_key = renamed.city_key, screen_name = renamed.screen_name
    FROM renamed
    WHERE screenings.screening_id = renamed.screening_id
      AND (screenings.show_title, screenings.venue_name, screenings.city, screenings.city_key, screenings.screen_name)
          IS DISTINCT FROM
          (renamed.show_title, renamed.venue_name, renamed.city, renamed.city_key, renamed.screen_name)
    RETURNING screenings.show_id, renamed.city_before, screenings.city_key";

/// The table: changes of the current batch.
#[derive(Default)]
pub(crate) struct Screenings {
    opened: BTreeMap<ScreeningId, Screening>,
    changed: BTreeMap<ScreeningId, Changed>,
    /// With the positions of their cancellations.
    cancelled: BTreeMap<ScreeningId, u64>,
    renamed: Renamed,
}

/// Shows, venues and screens that may have a new name.
#[derive(Default)]
struct Renamed {
    shows: BTreeSet<Uuid>,
    venues: BTreeSet<Uuid>,
    screens: BTreeSet<Uuid>,
}

/// A show in a city, by its key.
pub(crate) type ShowInCity = (Uuid, String);

impl Screenings {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::ScreeningOpened { screening, promise } => {
                self.opened.insert(*screening, Screening::new(*screening, promise));
            }
            Event::ScreeningCancelled { .. } => {
                self.cancelled.insert(ScreeningId(own_id(recorded)?), recorded.position);
            }
            Event::ScreeningChanged { promise, .. } => {
                let screening = ScreeningId(own_id(recorded)?);
                self.changed.insert(screening, Changed::new(screening, promise));
            }
            // Changes of seats come with the seat map.
            Event::SeatsReserved { .. }
            | Event::SeatsReleased { .. }
            | Event::SeatsTakenBack { .. }
            | Event::MessageSent { .. }
            | Event::GuestsReminded { .. }
            | Event::SeatsSold { .. }
            | Event::HoldExtended { .. }
            | Event::WaitingListJoined { .. }
            | Event::WaitingListLeft { .. }
            | Event::SeatsOffered { .. }
            | Event::ScreeningCleared { .. }
            | Event::TicketCheckedIn { .. }
            | Event::CheckInUndone { .. }
            | Event::SeatsBlocked { .. }
            | Event::BlockGrown { .. }
            | Event::BlockReleased { .. }
            | Event::WheelchairPlacesReleased {}
            | Event::AdmissionConflicted { .. }
            | Event::SeatsSoldAtCounter { .. }
            | Event::MoveBegun { .. }
            | Event::MoveEnded { .. }
            | Event::SeatsMovedIn { .. }
            | Event::ChangeRefused { .. }
            | Event::ChangeCompleted { .. } => {}
        }
        Ok(())
    }

    pub fn apply_show(&mut self, recorded: &RecordedEvent, event: &show::Event) -> Result<(), ProjectError> {
        match event {
            show::Event::ShowUpdated { .. } => drop(self.renamed.shows.insert(own_id(recorded)?)),
            show::Event::ShowCreated { .. }
            | show::Event::PosterSet { .. }
            | show::Event::ShowCancelled { .. }
            | show::Event::ShowCleared { .. } => {}
        }
        Ok(())
    }

    pub fn apply_venue(
        &mut self,
        recorded: &RecordedEvent,
        event: &venue::Event,
    ) -> Result<(), ProjectError> {
        match event {
            venue::Event::VenueUpdated { .. } => drop(self.renamed.venues.insert(own_id(recorded)?)),
            venue::Event::VenueCreated { .. }
            | venue::Event::VenueDeactivated { .. }
            | venue::Event::VenueReactivated {}
            | venue::Event::PriceTemplateAdded { .. }
            | venue::Event::PriceTemplateChanged { .. }
            | venue::Event::PriceTemplateDropped { .. }
            | venue::Event::VenueCleared { .. } => {}
        }
        Ok(())
    }

    pub fn apply_screen(
        &mut self,
        recorded: &RecordedEvent,
        event: &screen::Event,
    ) -> Result<(), ProjectError> {
        match event {
            screen::Event::ScreenRenamed { .. } => drop(self.renamed.screens.insert(own_id(recorded)?)),
            screen::Event::ScreenAdded { .. }
            | screen::Event::LayoutChanged { .. }
            | screen::Event::TurnaroundChanged { .. }
            | screen::Event::ScreenRetired {}
            | screen::Event::ScreenReactivated {}
            | screen::Event::ScreeningDrafted { .. }
            | screen::Event::DraftChanged { .. }
            | screen::Event::DraftPublished { .. }
            | screen::Event::DraftDiscarded { .. }
            | screen::Event::DraftSeatsBlocked { .. }
            | screen::Event::DraftBlockReleased { .. }
            | screen::Event::ScreenSeatsBlocked { .. }
            | screen::Event::ScreenBlockReleased { .. }
            | screen::Event::ScreeningScheduled { .. }
            | screen::Event::ScreeningUnscheduled { .. }
            | screen::Event::SlotReserved { .. }
            | screen::Event::SlotTaken { .. }
            | screen::Event::SlotDropped { .. }
            | screen::Event::SlotVacated { .. } => {}
        }
        Ok(())
    }

    /// Writes the screenings; `free` holds the free seats of the maps that changed. Shows, venues and screens must be written
    /// before. Returns the shows that moved to another city, with the cities they left and came to.
    pub async fn flush(
        &mut self,
        connection: &mut PgConnection,
        free: &[FreeSeats],
    ) -> Result<BTreeSet<ShowInCity>, ProjectError> {
        if !self.opened.is_empty() {
            Screening::insert(connection, &self.opened.values().collect::<Vec<_>>()).await?;
        }
        if !self.changed.is_empty() {
            Changed::update(connection, &self.changed.values().collect::<Vec<_>>()).await?;
        }
        if !free.is_empty() {
            sqlx::query(UPDATE_SEATS)
                .bind(free.iter().map(|map| map.screening.0).collect::<Vec<_>>())
                .bind(free.iter().map(|map| seats(map.seats)).collect::<Vec<_>>())
                .bind(free.iter().map(|map| stored(map.position)).collect::<Vec<_>>())
                .execute(&mut *connection)
                .await
                .map_err(database("updating screenings"))?;
        }
        if !self.cancelled.is_empty() {
            let (ids, positions): (Vec<Uuid>, Vec<i64>) =
                self.cancelled.iter().map(|(screening, position)| (screening.0, stored(*position))).unzip();
            let done = sqlx::query(CANCEL)
                .bind(&ids)
                .bind(positions)
                .execute(&mut *connection)
                .await
                .map_err(database("cancelling screenings"))?;
            if done.rows_affected() < ids.len() as u64 {
                let position = self.cancelled.values().copied().min().unwrap_or_default();
                let source = Misfit::NoRow { table: "screenings", key: format!("among {ids:?}") };
                return Err(ProjectError::Inapplicable { position, source });
            }
        }
        let moved = self.rename(connection).await?;
        self.opened.clear();
        self.changed.clear();
        self.cancelled.clear();
        self.renamed = Renamed::default();
        Ok(moved)
    }

    /// Gives the screenings the current names. New ones need them as well: their promise is as old as their place in the
    /// calendar.
    async fn rename(&self, connection: &mut PgConnection) -> Result<BTreeSet<ShowInCity>, ProjectError> {
        let Renamed { shows, venues, screens } = &self.renamed;
        let played: Vec<Uuid> =
            self.opened.keys().chain(self.changed.keys()).map(|screening| screening.0).collect();
        if played.is_empty() && shows.is_empty() && venues.is_empty() && screens.is_empty() {
            return Ok(BTreeSet::new());
        }
        let ids = |ids: &BTreeSet<Uuid>| ids.iter().copied().collect::<Vec<_>>();
        let renamed: Vec<(Uuid, String, String)> = sqlx::query_as(RENAME)
            .bind(played)
            .bind(ids(shows))
            .bind(ids(venues))
            .bind(ids(screens))
            .fetch_all(connection)
            .await
            .map_err(database("renaming screenings"))?;
        let moved = renamed.into_iter().filter(|(_, before, after)| before != after);
        Ok(moved.flat_map(|(show, before, after)| [(show, before), (show, after)]).collect())
    }
}
