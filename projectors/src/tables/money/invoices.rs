//! `invoices` and `invoice_sellers`: numbered documents, and the parties that issued them.

use jiff_sqlx::{Date, Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    Currency,
    invoices::{DocumentKind, DocumentNumber, Draft, Event, Line, Seller, Tax},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::stored,
    error::ProjectError,
    table::{Table, table},
    text::Word,
};

table! {
    struct Invoice in invoices {
        version: i64 as key,
        number: String,
        kind: Word<DocumentKind>,
        day: Date,
        issued_at: Timestamp,
        booking_id: Uuid,
        customer_id: Uuid,
        screening_id: Uuid,
        show_title: String,
        venue_name: String,
        amount_minor: i64,
        fees_minor: i64,
        currency: Word<Currency>,
        lines: Json<Vec<Line>>,
        tax: Json<Vec<Tax>>,
        promotion_id: Option<Uuid>,
        position: i64,
    }
}

table! {
    struct Issuer in invoice_sellers {
        version: i64 as key,
        name: String,
        address: String,
        tax_number: String,
        service_code: String,
    }
}

/// The tables: rows of the current batch. A row that exists already fails the batch: no number comes twice.
#[derive(Default)]
pub(crate) struct InvoiceTables {
    invoices: Vec<Invoice>,
    sellers: Vec<Issuer>,
}

impl InvoiceTables {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) {
        let version = stored(recorded.version);
        match event {
            Event::SellerNamed { seller } => {
                let Seller { name, address, tax_number, service_code } = seller.clone();
                self.sellers.push(Issuer { version, name, address, tax_number, service_code });
            }
            Event::DocumentIssued { number, draft } => {
                self.invoices.push(Invoice::new(version, stored(recorded.position), *number, draft));
            }
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if !self.sellers.is_empty() {
            Issuer::insert(connection, &self.sellers.iter().collect::<Vec<_>>()).await?;
            self.sellers.clear();
        }
        if !self.invoices.is_empty() {
            Invoice::insert(connection, &self.invoices.iter().collect::<Vec<_>>()).await?;
            self.invoices.clear();
        }
        Ok(())
    }
}

impl Invoice {
    fn new(version: i64, position: i64, number: DocumentNumber, draft: &Draft) -> Self {
        Self {
            version,
            number: number.to_string(),
            kind: Word(draft.kind),
            day: draft.day.to_sqlx(),
            issued_at: draft.at.to_sqlx(),
            booking_id: draft.booking.0,
            customer_id: draft.customer.0,
            screening_id: draft.screening.0,
            show_title: draft.show_title.clone(),
            venue_name: draft.venue_name.clone(),
            amount_minor: draft.amount.amount_minor,
            fees_minor: draft.fees_minor,
            currency: Word(draft.amount.currency),
            lines: Json(draft.lines.clone()),
            tax: Json(draft.tax.clone()),
            promotion_id: draft.promotion.map(|promotion| promotion.0),
            position,
        }
    }
}
