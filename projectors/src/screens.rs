//! `screens`: the rooms of the houses. Their calendars show in `screenings`.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{Layout, ScreenId, screen::Event};
use ticketshow_nats::Recorded;
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
    read_models::{own_id, seats, stored},
    rows::{Rows, column},
};

/// Rows kept at hand.
const KEPT: usize = 50;

const SELECT: &str = "SELECT * FROM screens WHERE screen_id = ANY($1)";

const UPSERT: &str = "
    INSERT INTO screens (screen_id, venue_id, name, layout, capacity, created_at, position)
    SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::int[], $6::timestamptz[], $7::bigint[])
    ON CONFLICT (screen_id) DO UPDATE SET
        name = EXCLUDED.name, layout = EXCLUDED.layout, capacity = EXCLUDED.capacity, position = EXCLUDED.position";

#[derive(sqlx::FromRow)]
struct Screen {
    screen_id: Uuid,
    venue_id: Uuid,
    name: String,
    layout: Json<Layout>,
    created_at: Timestamp,
    position: i64,
}

/// The table.
pub(crate) struct Screens(Rows<ScreenId, Screen>);

impl Screens {
    pub fn new() -> Self {
        Self(Rows::new("screens", KEPT))
    }

    pub fn apply(&mut self, recorded: &Recorded, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::ScreenAdded { screen, venue, name, layout, fingerprint: _ } => {
                let row = Screen {
                    screen_id: screen.0,
                    venue_id: venue.0,
                    name: name.clone(),
                    layout: Json(layout.clone()),
                    created_at: recorded.metadata.time.to_sqlx(),
                    position: stored(recorded.position),
                };
                self.0.insert(*screen, row);
                Ok(())
            }
            Event::ScreenRenamed { name } => {
                let name = name.clone();
                self.change(recorded, move |row| row.name = name)
            }
            Event::LayoutChanged { layout } => {
                let layout = Json(layout.clone());
                self.change(recorded, move |row| row.layout = layout)
            }
            Event::ScreeningScheduled { .. } | Event::ScreeningUnscheduled { .. } => Ok(()),
        }
    }

    fn change(
        &mut self,
        recorded: &Recorded,
        change: impl FnOnce(&mut Screen) + Send + 'static,
    ) -> Result<(), ProjectError> {
        let position = recorded.position;
        self.0.change(ScreenId(own_id(recorded)?), position, move |row| {
            change(row);
            row.position = stored(position);
            Ok(())
        })
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.load(connection, SELECT, |screen| screen.0, |row| ScreenId(row.screen_id)).await?;
        let rows = self.0.changed();
        if !rows.is_empty() {
            sqlx::query(UPSERT)
                .bind(column(&rows, |screen, _| screen.0))
                .bind(column(&rows, |_, row| row.venue_id))
                .bind(column(&rows, |_, row| row.name.as_str()))
                .bind(column(&rows, |_, row| Json(&row.layout.0)))
                .bind(column(&rows, |_, row| seats(row.layout.capacity())))
                .bind(column(&rows, |_, row| row.created_at))
                .bind(column(&rows, |_, row| row.position))
                .execute(connection)
                .await
                .map_err(database("writing screens"))?;
        }
        self.0.written();
        Ok(())
    }
}
