//! Prices and terms as lists of the programme show them.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::{FromRow, types::Json as Jsonb};
use ticketshow_domain::{
    Currency,
    pricing::{Charges, SingleSeats, Terms, TicketType},
};
use ticketshow_http::{
    prices::{CancellationTerms, CategoryPrice, Fee, TaxRate, TicketTypeLimits},
    schema,
};
use utoipa::ToSchema;

/// Prices and terms.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedTerms {
    /// Price per seat, by category: one, or one for each ticket type.
    #[schema(value_type = BTreeMap<String, schema::CategoryPrice>)]
    prices: BTreeMap<String, CategoryPrice>,
    /// Limits by ticket type.
    #[schema(value_type = BTreeMap<String, TicketTypeLimits>)]
    ticket_types: BTreeMap<TicketType, TicketTypeLimits>,
    /// Fee on top of the prices; null if there is none.
    fee: Option<Fee>,
    /// Tax included in prices and fee.
    tax_rates: Vec<TaxRate>,
    /// Terms of a cancellation by the customer; null for those of the installation.
    cancellation: Option<CancellationTerms>,
    /// Choices that leave a single seat.
    #[schema(value_type = schema::SingleSeats)]
    single_seats: SingleSeats,
    /// Minutes before the start until which wheelchair places and companion seats are kept for people who ask for
    /// them; null if they are on general sale.
    wheelchair_minutes: Option<u32>,
}

/// The columns of prices and terms.
#[derive(FromRow)]
pub struct TermsRow {
    prices: Jsonb<BTreeMap<String, i64>>,
    #[sqlx(try_from = "String")]
    currency: Currency,
    terms: Jsonb<Terms>,
}

impl From<TermsRow> for ListedTerms {
    fn from(TermsRow { prices, currency, terms: Jsonb(terms) }: TermsRow) -> Self {
        let prices = CategoryPrice::list(&prices, &terms, currency);
        let Terms { limits, charges, cancellation, single_seats, wheelchair_minutes, .. } = terms;
        let Charges { fee, tax_rates } = charges;
        Self {
            prices,
            ticket_types: limits.into_iter().map(|(kind, limit)| (kind, limit.into())).collect(),
            fee: fee.map(|fee| Fee::new(fee, currency)),
            tax_rates: tax_rates.into_iter().map(Into::into).collect(),
            cancellation: cancellation.map(Into::into),
            single_seats,
            wheelchair_minutes,
        }
    }
}
