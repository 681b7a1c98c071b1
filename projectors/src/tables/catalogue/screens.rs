//! `screens`: the rooms of the venues. Their calendars are in `screenings`.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{Layout, ScreenId, screen::Event};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::{own_id, seats, stored},
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
};

/// Rows kept in memory.
const KEPT: usize = 50;
/// Status of a screen that is in use.
const ACTIVE: &str = "active";
/// Status of a screen that is out of use.
const RETIRED: &str = "retired";

table! {
    struct Screen in screens {
        screen_id: Uuid as key,
        venue_id: Uuid as fixed,
        name: String,
        layout: Json<Layout>,
        capacity: i32,
        created_at: Timestamp as fixed,
        position: i64,
        turnaround_minutes: i32,
        status: String,
    }
}

impl Row for Screen {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct Screens(Rows<ScreenId, Screen>);

impl Screens {
    pub fn new() -> Self {
        Self(Rows::new("screens", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        let (own, position) = (ScreenId(own_id(recorded)?), recorded.position);
        match event {
            Event::ScreenAdded { screen, venue, name, layout, fingerprint: _ } => {
                let row = Screen {
                    screen_id: screen.0,
                    venue_id: venue.0,
                    name: name.clone(),
                    layout: Json(layout.clone()),
                    capacity: seats(layout.capacity()),
                    created_at: recorded.metadata.time.to_sqlx(),
                    position: stored(position),
                    turnaround_minutes: 0,
                    status: ACTIVE.to_owned(),
                };
                self.0.insert(*screen, row);
                Ok(())
            }
            Event::ScreenRenamed { name } => {
                let name = name.clone();
                self.0.change(own, position, move |row| row.name = name)
            }
            Event::LayoutChanged { layout } => {
                let (layout, capacity) = (Json(layout.clone()), seats(layout.capacity()));
                self.0.change(own, position, move |row| (row.layout, row.capacity) = (layout, capacity))
            }
            Event::TurnaroundChanged { minutes } => {
                let minutes = i32::from(*minutes);
                self.0.change(own, position, move |row| row.turnaround_minutes = minutes)
            }
            Event::ScreenRetired {} => {
                self.0.change(own, position, |row| RETIRED.clone_into(&mut row.status))
            }
            Event::ScreenReactivated {} => {
                self.0.change(own, position, |row| ACTIVE.clone_into(&mut row.status))
            }
            Event::ScreeningScheduled { .. }
            | Event::ScreeningDrafted { .. }
            | Event::DraftChanged { .. }
            | Event::DraftPublished { .. }
            | Event::DraftDiscarded { .. }
            | Event::DraftSeatsBlocked { .. }
            | Event::DraftBlockReleased { .. }
            | Event::ScreenSeatsBlocked { .. }
            | Event::ScreenBlockReleased { .. }
            | Event::ScreeningUnscheduled { .. }
            | Event::SlotReserved { .. }
            | Event::SlotTaken { .. }
            | Event::SlotDropped { .. }
            | Event::SlotVacated { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |screen| screen.0, |row| ScreenId(row.screen_id)).await
    }
}
