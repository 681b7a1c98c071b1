//! `booking_notes`: notes of staff about bookings.

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{AnyEvent, Personal, UserId, account, booking};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
    table::{Table, table},
};

table! {
    struct Note in booking_notes {
        note_id: Uuid as key,
        booking_id: Uuid as fixed,
        customer_id: Uuid as fixed,
        text: String as fixed,
        made_by: Uuid as fixed,
        created_at: Timestamp as fixed,
    }
}

/// The table: changes of the current batch.
#[derive(Default)]
pub(crate) struct BookingNotes {
    added: BTreeMap<Uuid, Note>,
    erased: Vec<UserId>,
}

impl BookingNotes {
    pub fn apply(&mut self, recorded: &RecordedEvent) {
        match &recorded.event {
            AnyEvent::Booking(booking::Event::NoteAdded { booking, customer, note, text, by, .. }) => {
                let row = Note {
                    note_id: *note,
                    booking_id: booking.0,
                    customer_id: customer.0,
                    // The feed has unsealed it.
                    text: text.as_stored().to_owned(),
                    made_by: by.0,
                    created_at: recorded.metadata.time.to_sqlx(),
                };
                self.added.insert(*note, row);
            }
            AnyEvent::Account(account::Event::PersonalDataErased { user: customer })
            | AnyEvent::Booking(booking::Event::BuyerErased { customer, .. }) => {
                self.erased.push(*customer);
            }
            AnyEvent::Booking(_)
            | AnyEvent::Account(_)
            | AnyEvent::Show(_)
            | AnyEvent::Venue(_)
            | AnyEvent::Screen(_)
            | AnyEvent::Screening(_)
            | AnyEvent::Payment(_)
            | AnyEvent::Wallet(_)
            | AnyEvent::Till(_)
            | AnyEvent::Promotion(_)
            | AnyEvent::Invoices(_) => {}
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        const ERASE: &str = "UPDATE booking_notes SET text = $2 WHERE customer_id = ANY($1)";
        if !self.added.is_empty() {
            Note::insert_new(connection, &self.added.values().collect::<Vec<_>>()).await?;
            self.added.clear();
        }
        if !self.erased.is_empty() {
            let users: Vec<Uuid> = self.erased.drain(..).map(|user| user.0).collect();
            let erased = sqlx::query(ERASE).bind(users).bind(Personal::ERASED).execute(connection).await;
            erased.map_err(database("erasing notes"))?;
        }
        Ok(())
    }
}
