//! `price_templates`: named prices and terms, and those that were removed.

use std::collections::BTreeMap;

use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    Currency,
    pricing::Terms,
    venue::{Event, PriceTemplate},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::{own_id, stored},
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
    text::Word,
};

/// Rows kept in memory.
const KEPT: usize = 200;

table! {
    struct Template in price_templates {
        template_id: Uuid as key,
        venue_id: Uuid as fixed,
        name: String,
        prices: Json<BTreeMap<String, i64>>,
        currency: Word<Currency>,
        terms: Json<Terms>,
        dropped: bool,
        position: i64,
    }
}

impl Row for Template {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

impl Template {
    fn describe(&mut self, content: PriceTemplate) {
        let PriceTemplate { name, prices, currency, terms } = content;
        (self.name, self.prices, self.currency, self.terms) =
            (name, Json(prices), Word(currency), Json(terms));
    }
}

/// The table.
pub(crate) struct PriceTemplates(Rows<Uuid, Template>);

impl PriceTemplates {
    pub fn new() -> Self {
        Self(Rows::new("price_templates", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        let position = recorded.position;
        match event {
            Event::PriceTemplateAdded { template, content, fingerprint: _ } => {
                let PriceTemplate { name, prices, currency, terms } = content.clone();
                let row = Template {
                    template_id: *template,
                    venue_id: own_id(recorded)?,
                    name,
                    prices: Json(prices),
                    currency: Word(currency),
                    terms: Json(terms),
                    dropped: false,
                    position: stored(position),
                };
                self.0.insert(*template, row);
                Ok(())
            }
            Event::PriceTemplateChanged { template, content } => {
                let content = content.clone();
                self.0.change(*template, position, move |row| row.describe(content))
            }
            Event::PriceTemplateDropped { template } => {
                self.0.change(*template, position, |row| row.dropped = true)
            }
            Event::VenueCreated { .. }
            | Event::VenueUpdated { .. }
            | Event::VenueDeactivated { .. }
            | Event::VenueReactivated {}
            | Event::VenueCleared { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |template| *template, |row| row.template_id).await
    }
}
