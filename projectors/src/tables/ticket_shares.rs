//! `ticket_shares`: links that show one ticket, including ended ones.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::booking::Event;
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::stored,
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
};

/// Rows kept in memory.
const KEPT: usize = 1_000;

table! {
    struct TicketShare in ticket_shares {
        share_id: Uuid as key,
        booking_id: Uuid as fixed,
        seat: String as fixed,
        created_at: Timestamp as fixed,
        ended_at: Option<Timestamp>,
        position: i64,
    }
}

impl Row for TicketShare {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct TicketShares(Rows<Uuid, TicketShare>);

impl TicketShares {
    pub fn new() -> Self {
        Self(Rows::new("ticket_shares", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        let at = recorded.metadata.time.to_sqlx();
        match event {
            Event::TicketShared { booking, share, seat, fingerprint: _ } => {
                let row = TicketShare {
                    share_id: *share,
                    booking_id: booking.0,
                    seat: seat.0.clone(),
                    created_at: at,
                    ended_at: None,
                    position: stored(recorded.position),
                };
                self.0.insert(*share, row);
                Ok(())
            }
            Event::ShareEnded { share, .. } => {
                self.0.change(*share, recorded.position, move |row| row.ended_at = Some(at))
            }
            Event::BookingOpened { .. }
            | Event::PaymentAttemptStarted { .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::BookingConfirmed { .. }
            | Event::BookingExpired { .. }
            | Event::BookingCancelled { .. }
            | Event::SeatsReturned { .. }
            | Event::ReturnRefunded { .. }
            | Event::BookingRefunded { .. }
            | Event::NoteAdded { .. }
            | Event::BuyerErased { .. }
            | Event::DiscountApplied { .. }
            | Event::DiscountRemoved { .. }
            | Event::MoveRequested { .. }
            | Event::MovePaid { .. }
            | Event::MoveRefused { .. }
            | Event::BookingMoved { .. }
            | Event::BookingRescheduled { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |share| *share, |row| row.share_id).await
    }
}
