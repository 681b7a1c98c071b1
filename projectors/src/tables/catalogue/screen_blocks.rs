//! `screen_blocks`: seats that screens keep back in all their screenings, present and past.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::screen::Event;
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
const KEPT: usize = 100;

table! {
    struct ScreenBlock in screen_blocks {
        block_id: Uuid as key,
        screen_id: Uuid as fixed,
        seats: List as fixed,
        reason: String as fixed,
        created_by: Uuid as fixed,
        created_at: Timestamp as fixed,
        released_at: Option<Timestamp>,
        position: i64,
    }
}

impl Row for ScreenBlock {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct ScreenBlocks(Rows<Uuid, ScreenBlock>);

impl ScreenBlocks {
    pub fn new() -> Self {
        Self(Rows::new("screen_blocks", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::ScreenSeatsBlocked { block, seats, reason, by, fingerprint: _ } => {
                let row = ScreenBlock {
                    block_id: *block,
                    screen_id: own_id(recorded)?,
                    seats: seats.iter().map(|seat| &seat.0).collect(),
                    reason: reason.clone(),
                    created_by: by.0,
                    created_at: recorded.metadata.time.to_sqlx(),
                    released_at: None,
                    position: stored(recorded.position),
                };
                self.0.insert(*block, row);
                Ok(())
            }
            Event::ScreenBlockReleased { block, by: _ } => {
                let at = recorded.metadata.time.to_sqlx();
                self.0.change(*block, recorded.position, move |row| row.released_at = Some(at))
            }
            Event::ScreenAdded { .. }
            | Event::ScreenRenamed { .. }
            | Event::LayoutChanged { .. }
            | Event::TurnaroundChanged { .. }
            | Event::ScreenRetired {}
            | Event::ScreenReactivated {}
            | Event::ScreeningDrafted { .. }
            | Event::DraftChanged { .. }
            | Event::DraftPublished { .. }
            | Event::DraftDiscarded { .. }
            | Event::DraftSeatsBlocked { .. }
            | Event::DraftBlockReleased { .. }
            | Event::ScreeningScheduled { .. }
            | Event::ScreeningUnscheduled { .. }
            | Event::SlotReserved { .. }
            | Event::SlotTaken { .. }
            | Event::SlotDropped { .. }
            | Event::SlotVacated { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |block| *block, |row| row.block_id).await
    }
}
