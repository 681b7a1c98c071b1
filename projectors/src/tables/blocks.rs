//! `blocks`: house seats, present and past.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{SeatName, screening::Event};
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
    struct Block in blocks {
        block_id: Uuid as key,
        screening_id: Uuid as fixed,
        /// Those that are still kept back.
        seats: List,
        reason: String as fixed,
        release_at: Option<Timestamp> as fixed,
        created_by: Uuid as fixed,
        created_at: Timestamp as fixed,
        released_at: Option<Timestamp>,
        /// Block of the screen that it follows.
        screen_block_id: Option<Uuid> as fixed,
        /// Seats that others have, which are kept back once they are free.
        awaited: List,
        position: i64,
    }
}

impl Row for Block {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

impl Block {
    fn release(&mut self, released: &[SeatName], awaited: &[SeatName], at: Timestamp) {
        self.seats = without(&self.seats, released);
        self.awaited = without(&self.awaited, awaited);
        if self.seats.iter().chain(self.awaited.iter()).next().is_none() {
            self.released_at = Some(at);
        }
    }
}

fn without(seats: &List, others: &[SeatName]) -> List {
    seats.iter().filter(|seat| others.iter().all(|other| other.0 != *seat)).collect()
}

/// The table.
pub(crate) struct Blocks(Rows<Uuid, Block>);

impl Blocks {
    pub fn new() -> Self {
        Self(Rows::new("blocks", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::SeatsBlocked {
                block,
                seats,
                reason,
                release_at,
                by,
                fingerprint: _,
                screen_block,
                awaited,
            } => {
                let row = Block {
                    block_id: *block,
                    screening_id: own_id(recorded)?,
                    seats: seats.iter().map(|seat| &seat.0).collect(),
                    reason: reason.clone(),
                    release_at: release_at.map(ToSqlx::to_sqlx),
                    created_by: by.0,
                    created_at: recorded.metadata.time.to_sqlx(),
                    released_at: None,
                    screen_block_id: *screen_block,
                    awaited: awaited.iter().map(|seat| &seat.0).collect(),
                    position: stored(recorded.position),
                };
                self.0.insert(*block, row);
                Ok(())
            }
            Event::BlockGrown { block, seats } => {
                let grown = seats.clone();
                self.0.change(*block, recorded.position, move |row| {
                    row.awaited = without(&row.awaited, &grown);
                    row.seats = row.seats.iter().chain(grown.iter().map(|seat| seat.0.as_str())).collect();
                })
            }
            Event::BlockReleased { block, seats, by: _, awaited } => {
                let (at, released) = (recorded.metadata.time.to_sqlx(), seats.clone());
                let awaited = awaited.clone();
                self.0.change(*block, recorded.position, move |row| row.release(&released, &awaited, at))
            }
            Event::ScreeningOpened { .. }
            | Event::WheelchairPlacesReleased {}
            | Event::SeatsReserved { .. }
            | Event::HoldExtended { .. }
            | Event::SeatsReleased { .. }
            | Event::SeatsTakenBack { .. }
            | Event::MessageSent { .. }
            | Event::GuestsReminded { .. }
            | Event::SeatsSold { .. }
            | Event::ScreeningCancelled { .. }
            | Event::WaitingListJoined { .. }
            | Event::WaitingListLeft { .. }
            | Event::SeatsOffered { .. }
            | Event::ScreeningCleared { .. }
            | Event::TicketCheckedIn { .. }
            | Event::CheckInUndone { .. }
            | Event::AdmissionConflicted { .. }
            | Event::SeatsSoldAtCounter { .. }
            | Event::MoveBegun { .. }
            | Event::MoveEnded { .. }
            | Event::SeatsMovedIn { .. }
            | Event::ScreeningChanged { .. }
            | Event::ChangeRefused { .. }
            | Event::ChangeCompleted { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |block| *block, |row| row.block_id).await
    }
}
