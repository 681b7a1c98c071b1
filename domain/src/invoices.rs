//! The register of invoices and credit notes: one aggregate, which numbers them without gaps, per kind and year.
//!
//! Documents follow from bookings: a booking that is paid, or pays a difference, has an invoice, and money that goes back has a
//! credit note. The register takes them in the order of the log and remembers how far it has come, so that
//! every one is numbered exactly once, however often and by however many processes it is sent. Its decisions are all that
//! numbers come from: a number is the count of the documents before it.

mod drafts;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    BookingId, Context, Decider, Money, PromotionId, RegisterId, ScreeningId, SeatName, UserId,
    aggregate::aggregate, pricing::TicketType,
};
pub use drafts::Cause;

impl RegisterId {
    /// The register of the installation.
    pub const ONLY: Self = Self(Uuid::nil());
}

/// Requests to the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Numbers documents, in the order of the log. Those that have a number are skipped.
    IssueDocuments {
        /// Party that issues them.
        seller: Seller,
        /// Documents without their numbers.
        drafts: Vec<Draft>,
    },
}

/// Facts of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Event {
    /// Documents are issued by this party from now on.
    SellerNamed {
        seller: Seller,
    },
    DocumentIssued {
        number: DocumentNumber,
        draft: Draft,
    },
}

/// Party that issues documents, as the law wants it named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// Registered name.
    pub name: String,
    /// Address, in one or several lines.
    pub address: String,
    /// Tax number, such as a GSTIN; empty without one.
    pub tax_number: String,
    /// Code of the service (HSN/SAC in India); empty without one.
    pub service_code: String,
}

/// Kind of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Money was paid.
    Invoice,
    /// Money goes back.
    CreditNote,
}

/// Number of a document, shown as `INV-2026-000042`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentNumber {
    /// Kind, each with numbers of its own.
    pub kind: DocumentKind,
    /// Year, at the venue, in which the money was paid or given back.
    pub year: i16,
    /// Number in this year, from 1.
    pub number: u64,
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let series = match self.kind {
            DocumentKind::Invoice => "INV",
            DocumentKind::CreditNote => "CN",
        };
        write!(f, "{series}-{}-{:06}", self.year, self.number)
    }
}

/// Event of a booking that a document is about. Ordered as in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Position of its commit.
    pub position: u64,
    /// Its version in the booking.
    pub version: u64,
}

/// A document without its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub struct Draft {
    pub kind: DocumentKind,
    pub source: Source,
    pub booking: BookingId,
    pub customer: UserId,
    pub screening: ScreeningId,
    /// Time of the source.
    pub at: Timestamp,
    /// Day of that time at the venue.
    pub day: Date,
    pub show_title: String,
    pub venue_name: String,
    /// Tickets that were bought; none if the amount is a difference or goes back.
    pub lines: Vec<Line>,
    /// Fees in minor units, included in the amount.
    pub fees_minor: i64,
    /// Sum, with tax.
    pub amount: Money,
    /// Tax included in the amount, by rate.
    pub tax: Vec<Tax>,
    /// Promotion that the discounts of the lines come from. Absent from the log without one, and from documents of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<PromotionId>,
}

/// A ticket on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub struct Line {
    pub seat: SeatName,
    pub ticket_type: TicketType,
    /// Price after a discount, with tax, in minor units.
    pub amount_minor: i64,
    /// Discount on the price, in minor units. Absent from the log if there is none, and from documents of older versions.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub discount_minor: i64,
}

fn is_nothing<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Tax of one rate that is included in an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// Name, such as `GST`.
    pub name: String,
    /// Hundredths of a percent of the price without tax.
    pub percent_hundredths: u32,
    /// Tax in minor units.
    pub amount_minor: i64,
}

/// The register, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoices {
    /// Source of the last document.
    pub last: Option<Source>,
    /// Documents by kind and year.
    pub issued: BTreeMap<DocumentKind, BTreeMap<i16, u64>>,
    seller: Option<Seller>,
}

/// The register refuses nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {}

aggregate!(Invoices,
    SellerNamed => "seller_named",
    DocumentIssued => "document_issued",
);

impl Invoices {
    fn next(&self, kind: DocumentKind, year: i16) -> DocumentNumber {
        let issued = self.issued.get(&kind).and_then(|years| years.get(&year)).copied();
        DocumentNumber { kind, year, number: issued.unwrap_or_default() + 1 }
    }
}

impl Decider for Invoices {
    const TYPE: &'static str = "invoices";
    const STATE_FORMAT: u16 = 1;
    type Id = RegisterId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, _: &Context) -> Result<Vec<Event>, Refusal> {
        let Command::IssueDocuments { seller, drafts } = command;
        let mut events = Vec::new();
        let mut numbered = self.clone();
        for draft in drafts {
            if numbered.last.is_some_and(|last| draft.source <= last) {
                continue;
            }
            if numbered.seller.as_ref() != Some(seller) {
                events.push(Event::SellerNamed { seller: seller.clone() });
                numbered.seller = Some(seller.clone());
            }
            let number = numbered.next(draft.kind, draft.day.year());
            let issued = Event::DocumentIssued { number, draft: draft.clone() };
            numbered.evolve(&issued);
            events.push(issued);
        }
        Ok(events)
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::SellerNamed { seller } => self.seller = Some(seller.clone()),
            Event::DocumentIssued { number, draft } => {
                self.last = Some(draft.source);
                self.issued.entry(number.kind).or_default().insert(number.year, number.number);
            }
        }
    }
}
