//! `promotions`: codes and automatic offers that lower prices, with the number of bookings that use them.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    PromotionId,
    promotion::{Event, PromotionTerms},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::{own_id, stored},
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
};

/// Rows kept in memory.
const KEPT: usize = 1_000;

table! {
    struct Promotion in promotions {
        promotion_id: Uuid as key,
        /// `None` if it lowers prices by itself.
        code: Option<String> as fixed,
        terms: Json<PromotionTerms>,
        /// Kept uses.
        uses: i32,
        created_at: Timestamp as fixed,
        position: i64,
    }
}

impl Row for Promotion {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct Promotions(Rows<PromotionId, Promotion>);

impl Promotions {
    pub fn new() -> Self {
        Self(Rows::new("promotions", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        let (id, position) = (PromotionId(own_id(recorded)?), recorded.position);
        match event {
            Event::PromotionCreated { promotion, code, terms, .. } => {
                let row = Promotion {
                    promotion_id: promotion.0,
                    code: code.as_ref().map(|code| code.text().to_owned()),
                    terms: Json(terms.clone()),
                    uses: 0,
                    created_at: recorded.metadata.time.to_sqlx(),
                    position: stored(position),
                };
                self.0.insert(id, row);
                Ok(())
            }
            Event::PromotionChanged { terms, by: _ } => {
                let terms = Json(terms.clone());
                self.0.change(id, position, move |row| row.terms = terms)
            }
            Event::UseKept { .. } => self.0.change(id, position, |row| row.uses += 1),
            Event::UseReturned { kept: true, .. } => self.0.change(id, position, |row| row.uses -= 1),
            Event::UseTaken { .. } | Event::UseReturned { kept: false, .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |promotion| promotion.0, |row| PromotionId(row.promotion_id)).await
    }
}
