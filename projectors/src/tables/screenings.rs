//! `screenings`: screenings on sale, as promised when they were opened.

use std::collections::BTreeMap;

use jiff_sqlx::{Date, Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{Currency, ScreeningId, promise::Promise, screening::Event};
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

/// The table: changes of the current batch.
#[derive(Default)]
pub(crate) struct Screenings {
    opened: BTreeMap<ScreeningId, Screening>,
    /// With the positions of their cancellations.
    cancelled: BTreeMap<ScreeningId, u64>,
}

impl Screenings {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::ScreeningOpened { screening, promise } => {
                self.opened.insert(*screening, Screening::new(*screening, promise));
            }
            Event::ScreeningCancelled { .. } => {
                self.cancelled.insert(ScreeningId(own_id(recorded)?), recorded.position);
            }
            // Changes of seats come with the seat map.
            Event::SeatsReserved { .. }
            | Event::SeatsReleased { .. }
            | Event::SeatsSold { .. }
            | Event::HoldExtended { .. }
            | Event::ScreeningCleared { .. }
            | Event::TicketCheckedIn { .. }
            | Event::CheckInUndone { .. } => {}
        }
        Ok(())
    }

    /// Writes the screenings; `free` holds the free seats of the maps that changed.
    pub async fn flush(
        &mut self,
        connection: &mut PgConnection,
        free: &[FreeSeats],
    ) -> Result<(), ProjectError> {
        if !self.opened.is_empty() {
            Screening::insert(connection, &self.opened.values().collect::<Vec<_>>()).await?;
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
                .execute(connection)
                .await
                .map_err(database("cancelling screenings"))?;
            if done.rows_affected() < ids.len() as u64 {
                let position = self.cancelled.values().copied().min().unwrap_or_default();
                let source = Misfit::NoRow { table: "screenings", key: format!("among {ids:?}") };
                return Err(ProjectError::Inapplicable { position, source });
            }
        }
        self.opened.clear();
        self.cancelled.clear();
        Ok(())
    }
}
