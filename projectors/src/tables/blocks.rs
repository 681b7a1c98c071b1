//! `blocks`: house seats, and those that were.

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
        position: i64,
    }
}

impl Row for Block {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

impl Block {
    fn release(&mut self, released: &[SeatName], at: Timestamp) {
        let kept = |seat: &&str| released.iter().all(|other| other.0 != **seat);
        self.seats = self.seats.iter().filter(kept).collect();
        if self.seats.iter().next().is_none() {
            self.released_at = Some(at);
        }
    }
}

/// The table.
pub(crate) struct Blocks(Rows<Uuid, Block>);

impl Blocks {
    pub fn new() -> Self {
        Self(Rows::new("blocks", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::SeatsBlocked { block, seats, reason, release_at, by, fingerprint: _ } => {
                let row = Block {
                    block_id: *block,
                    screening_id: own_id(recorded)?,
                    seats: seats.iter().map(|seat| &seat.0).collect(),
                    reason: reason.clone(),
                    release_at: release_at.map(ToSqlx::to_sqlx),
                    created_by: by.0,
                    created_at: recorded.metadata.time.to_sqlx(),
                    released_at: None,
                    position: stored(recorded.position),
                };
                self.0.insert(*block, row);
                Ok(())
            }
            Event::BlockReleased { block, seats, by: _ } => {
                let (at, released) = (recorded.metadata.time.to_sqlx(), seats.clone());
                self.0.change(*block, recorded.position, move |row| row.release(&released, at))
            }
            Event::ScreeningOpened { .. }
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
