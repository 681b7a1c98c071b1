//! `waiting_places`: places on the waiting lists of screenings, present and past.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::screening::Event;
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
const KEPT: usize = 1_000;

table! {
    struct WaitingPlace in waiting_places {
        place_id: Uuid as key,
        screening_id: Uuid as fixed,
        customer_id: Uuid as fixed,
        /// Order of the places of a screening.
        number: i64 as fixed,
        seats: i32 as fixed,
        categories: List as fixed,
        wheelchair: bool as fixed,
        created_at: Timestamp as fixed,
        booking_id: Option<Uuid>,
        left_at: Option<Timestamp>,
        position: i64,
    }
}

impl Row for WaitingPlace {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct WaitingPlaces(Rows<Uuid, WaitingPlace>);

impl WaitingPlaces {
    pub fn new() -> Self {
        Self(Rows::new("waiting_places", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        if let Event::WaitingListJoined { place, customer, wish, number, at, .. } = event {
            let row = WaitingPlace {
                place_id: *place,
                screening_id: own_id(recorded)?,
                customer_id: customer.0,
                number: stored(*number),
                seats: i32::try_from(wish.seats).unwrap_or(i32::MAX),
                categories: wish.categories.iter().collect(),
                wheelchair: wish.wheelchair,
                created_at: at.to_sqlx(),
                booking_id: None,
                left_at: None,
                position: stored(recorded.position),
            };
            self.0.insert(*place, row);
        }
        if let Event::SeatsOffered { place, booking, .. } = event {
            let booking = booking.0;
            self.0.change(*place, recorded.position, move |row| row.booking_id = Some(booking))?;
        }
        if let Event::WaitingListLeft { place, .. } = event {
            let at = recorded.metadata.time.to_sqlx();
            self.0.change(*place, recorded.position, move |row| row.left_at = Some(at))?;
        }
        Ok(())
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |place| *place, |row| row.place_id).await
    }
}
