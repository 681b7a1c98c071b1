//! `drafts`: screenings that customers do not see yet, and former drafts.

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    Currency, ScreeningId,
    pricing::Terms,
    promise::Promise,
    screen::{Event, HouseBlock},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::stored,
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
    text::Word,
};

/// Rows kept in memory.
const KEPT: usize = 1_000;
/// Status of a draft.
const DRAFT: &str = "draft";

table! {
    struct Draft in drafts {
        screening_id: Uuid as key,
        screen_id: Uuid as fixed,
        venue_id: Uuid as fixed,
        show_id: Uuid,
        starts_at: Timestamp,
        ends_at: Timestamp,
        publish_at: Option<Timestamp>,
        prices: Json<BTreeMap<String, i64>>,
        currency: Word<Currency>,
        terms: Json<Terms>,
        /// Seats that its screening keeps back from the beginning.
        blocks: Json<Vec<HouseBlock>>,
        status: String,
        position: i64,
    }
}

impl Row for Draft {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

impl Draft {
    fn new(
        screening: ScreeningId,
        promise: &Promise,
        publish_at: Option<jiff::Timestamp>,
        position: u64,
    ) -> Self {
        Self {
            screening_id: screening.0,
            screen_id: promise.screen.0,
            venue_id: promise.venue.0,
            show_id: promise.show.0,
            starts_at: promise.starts_at.to_sqlx(),
            ends_at: promise.ends_at.to_sqlx(),
            publish_at: publish_at.map(ToSqlx::to_sqlx),
            prices: Json(promise.prices.clone()),
            currency: Word(promise.currency),
            terms: Json(promise.terms.clone()),
            blocks: Json(Vec::new()),
            status: DRAFT.to_owned(),
            position: stored(position),
        }
    }
}

/// The table.
pub(crate) struct Drafts(Rows<ScreeningId, Draft>);

impl Drafts {
    pub fn new() -> Self {
        Self(Rows::new("drafts", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        let position = recorded.position;
        match event {
            Event::ScreeningDrafted { screening, promise, publish_at, fingerprint: _, replaces } => {
                let blocks = replaces.as_ref().map(|replaced| replaced.blocks.clone()).unwrap_or_default();
                let row = Draft::new(*screening, promise, *publish_at, position);
                self.0.insert(*screening, Draft { blocks: Json(blocks), ..row });
                Ok(())
            }
            Event::DraftChanged { screening, promise, publish_at } => {
                let row = Draft::new(*screening, promise, *publish_at, position);
                self.0.change(*screening, position, move |draft| {
                    let blocks = std::mem::replace(&mut draft.blocks, Json(Vec::new()));
                    *draft = Draft { blocks, ..row };
                })
            }
            Event::DraftSeatsBlocked { screening, block, fingerprint: _ } => {
                let block = block.clone();
                self.0.change(*screening, position, move |draft| draft.blocks.0.push(block))
            }
            Event::DraftBlockReleased { screening, block, by: _ } => {
                let block = *block;
                self.0.change(*screening, position, move |draft| {
                    draft.blocks.0.retain(|known| known.id != block);
                })
            }
            Event::DraftPublished { screening } => self.end(*screening, "published", position),
            Event::DraftDiscarded { screening } => self.end(*screening, "discarded", position),
            Event::ScreenAdded { .. }
            | Event::ScreenSeatsBlocked { .. }
            | Event::ScreenBlockReleased { .. }
            | Event::ScreenRenamed { .. }
            | Event::LayoutChanged { .. }
            | Event::TurnaroundChanged { .. }
            | Event::ScreenRetired {}
            | Event::ScreenReactivated {}
            | Event::ScreeningScheduled { .. }
            | Event::ScreeningUnscheduled { .. }
            | Event::SlotReserved { .. }
            | Event::SlotTaken { .. }
            | Event::SlotDropped { .. }
            | Event::SlotVacated { .. } => Ok(()),
        }
    }

    fn end(
        &mut self,
        screening: ScreeningId,
        status: &'static str,
        position: u64,
    ) -> Result<(), ProjectError> {
        self.0.change(screening, position, move |draft| status.clone_into(&mut draft.status))
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |screening| screening.0, |row| ScreeningId(row.screening_id)).await
    }
}
