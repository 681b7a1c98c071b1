//! `screenings`: what can be booked, when and where, in the words of the promise.

use std::{collections::BTreeMap, sync::Arc};

use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    ScreeningId,
    screening::{Event, Promise},
};
use ticketshow_nats::Recorded;
use uuid::Uuid;

use crate::{
    error::{Misfit, ProjectError, database},
    read_models::{own_id, seats, stored},
    rows::column,
    seat_maps::FreeSeats,
};

const INSERT: &str = "
    INSERT INTO screenings (screening_id, show_id, show_title, venue_id, venue_name, screen_id, screen_name, city,
                            timezone, starts_at, ends_at, local_date, cancel_until, prices, currency, capacity,
                            available_seats, status, position)
    SELECT *, 'active', 0
    FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::text[],
                $9::text[], $10::timestamptz[], $11::timestamptz[], $12::date[], $13::timestamptz[], $14::jsonb[],
                $15::text[], $16::int[], $16::int[])";

const UPDATE_SEATS: &str = "
    UPDATE screenings SET available_seats = new.available_seats, position = new.position
    FROM UNNEST($1::uuid[], $2::int[], $3::bigint[]) AS new (screening_id, available_seats, position)
    WHERE screenings.screening_id = new.screening_id";

const CANCEL: &str = "
    UPDATE screenings SET status = 'cancelled', position = GREATEST(screenings.position, new.position)
    FROM UNNEST($1::uuid[], $2::bigint[]) AS new (screening_id, position)
    WHERE screenings.screening_id = new.screening_id";

/// The table: what the current batch brought.
#[derive(Default)]
pub(crate) struct Screenings {
    opened: BTreeMap<ScreeningId, Arc<Promise>>,
    /// By the position of their cancellation.
    cancelled: BTreeMap<ScreeningId, u64>,
}

impl Screenings {
    pub fn apply(&mut self, recorded: &Recorded, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::ScreeningOpened { screening, promise } => {
                self.opened.insert(*screening, Arc::clone(promise));
            }
            Event::ScreeningCancelled { .. } => {
                self.cancelled.insert(ScreeningId(own_id(recorded)?), recorded.position);
            }
            // What these do to the seats comes with the seat map.
            Event::SeatsReserved { .. }
            | Event::SeatsReleased { .. }
            | Event::SeatsSold { .. }
            | Event::HoldExtended { .. }
            | Event::ScreeningCleared { .. }
            | Event::TicketCheckedIn { .. } => {}
        }
        Ok(())
    }

    /// Writes the screenings; `free` is what the seat maps say of those whose seats changed.
    pub async fn flush(
        &mut self,
        connection: &mut PgConnection,
        free: &[FreeSeats],
    ) -> Result<(), ProjectError> {
        self.insert(connection).await?;
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

    async fn insert(&self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if self.opened.is_empty() {
            return Ok(());
        }
        let rows: Vec<(&ScreeningId, &Promise)> =
            self.opened.iter().map(|(screening, promise)| (screening, promise.as_ref())).collect();
        let local_date =
            |promise: &Promise| promise.starts_at.to_zoned(promise.timezone.zone()).date().to_sqlx();
        sqlx::query(INSERT)
            .bind(column(&rows, |screening, _| screening.0))
            .bind(column(&rows, |_, promise| promise.show.0))
            .bind(column(&rows, |_, promise| promise.show_title.as_str()))
            .bind(column(&rows, |_, promise| promise.venue.0))
            .bind(column(&rows, |_, promise| promise.venue_name.as_str()))
            .bind(column(&rows, |_, promise| promise.screen.0))
            .bind(column(&rows, |_, promise| promise.screen_name.as_str()))
            .bind(column(&rows, |_, promise| promise.city.as_str()))
            .bind(column(&rows, |_, promise| promise.timezone.name()))
            .bind(column(&rows, |_, promise| promise.starts_at.to_sqlx()))
            .bind(column(&rows, |_, promise| promise.ends_at.to_sqlx()))
            .bind(column(&rows, |_, promise| local_date(promise)))
            .bind(column(&rows, |_, promise| promise.cancel_until.to_sqlx()))
            .bind(column(&rows, |_, promise| Json(&promise.prices)))
            .bind(column(&rows, |_, promise| promise.currency.code()))
            .bind(column(&rows, |_, promise| seats(promise.layout.capacity())))
            .execute(connection)
            .await
            .map_err(database("writing screenings"))?;
        Ok(())
    }
}
