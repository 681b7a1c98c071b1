//! `city_shows` and `city_days`: the time until which each show can be booked in each city, and the number of shows that end there on each
//! day. Cities are identified by their keys.

use std::collections::BTreeSet;

use jiff_sqlx::Date;
use sqlx::PgConnection;
use ticketshow_domain::screening::Event;
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::own_id,
    error::{ProjectError, database},
    tables::screenings::ShowInCity,
};

/// Takes screenings that opened, changed or were cancelled, and shows that moved, and returns the number of shows on each day that changed. The last start
/// of a show in a city is found in an index, however many screenings there are.
const UPDATE: &str = "
    WITH touched AS (
        SELECT show_id, city_key AS city FROM screenings WHERE screening_id = ANY($1)
        UNION SELECT * FROM UNNEST($2::uuid[], $3::text[])),
    latest AS (
        SELECT touched.show_id, touched.city, city_shows.last_start AS before,
               (SELECT starts_at FROM screenings AS played
                WHERE played.show_id = touched.show_id AND played.city_key = touched.city AND played.status = 'active'
                ORDER BY starts_at DESC LIMIT 1) AS after
        FROM touched LEFT JOIN city_shows USING (show_id, city)),
    moved AS MATERIALIZED (SELECT * FROM latest WHERE before IS DISTINCT FROM after),
    written AS (
        INSERT INTO city_shows (show_id, city, last_start)
        SELECT show_id, city, after FROM moved WHERE after IS NOT NULL
        ON CONFLICT (show_id, city) DO UPDATE SET last_start = EXCLUDED.last_start),
    gone AS (
        DELETE FROM city_shows USING moved
        WHERE city_shows.show_id = moved.show_id AND city_shows.city = moved.city AND moved.after IS NULL)
    INSERT INTO city_days (city, day, shows)
    SELECT city, day, sum(shows) FROM (
        SELECT city, (after AT TIME ZONE 'UTC')::date AS day, 1 AS shows FROM moved WHERE after IS NOT NULL
        UNION ALL
        SELECT city, (before AT TIME ZONE 'UTC')::date, -1 FROM moved WHERE before IS NOT NULL) AS changed
    GROUP BY city, day HAVING sum(shows) <> 0
    ON CONFLICT (city, day) DO UPDATE SET shows = city_days.shows + EXCLUDED.shows
    RETURNING city, day, shows";

/// Without it, the rows would depend on how the events are divided into batches.
const DELETE_EMPTY: &str = "
    DELETE FROM city_days USING UNNEST($1::text[], $2::date[]) AS gone (city, day)
    WHERE city_days.city = gone.city AND city_days.day = gone.day";

/// Both tables: the screenings of the current batch that opened, changed or were cancelled.
#[derive(Default)]
pub(crate) struct CityShows(BTreeSet<Uuid>);

impl CityShows {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::ScreeningOpened { .. }
            | Event::ScreeningCancelled { .. }
            | Event::ScreeningChanged { .. } => {
                self.0.insert(own_id(recorded)?);
            }
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

    /// Writes the staged changes, and those of shows that moved to or from a city. The screenings must be written before.
    pub async fn flush(
        &mut self,
        connection: &mut PgConnection,
        moved: BTreeSet<ShowInCity>,
    ) -> Result<(), ProjectError> {
        if self.0.is_empty() && moved.is_empty() {
            return Ok(());
        }
        let (shows, cities): (Vec<Uuid>, Vec<String>) = moved.into_iter().unzip();
        let days: Vec<(String, Date, i32)> = sqlx::query_as(UPDATE)
            .bind(self.0.iter().copied().collect::<Vec<_>>())
            .bind(shows)
            .bind(cities)
            .fetch_all(&mut *connection)
            .await
            .map_err(database("writing city_shows"))?;
        let empty = days.into_iter().filter(|(.., shows)| *shows == 0);
        let (cities, days): (Vec<String>, Vec<Date>) = empty.map(|(city, day, _)| (city, day)).unzip();
        if !cities.is_empty() {
            sqlx::query(DELETE_EMPTY)
                .bind(cities)
                .bind(days)
                .execute(connection)
                .await
                .map_err(database("writing city_days"))?;
        }
        self.0.clear();
        Ok(())
    }
}
