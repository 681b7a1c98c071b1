//! Promotions as both APIs write them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use ticketshow_domain::{
    Currency, Money, PromotionId, ShowId, VenueId,
    pricing::TicketType,
    promotion::{Day, PromotionTerms, Reduction},
};
use utoipa::ToSchema;

use crate::schema;

/// A code that lowers prices, or an offer without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublishedPromotion {
    #[schema(value_type = Uuid)]
    promotion_id: PromotionId,
    /// Letter case does not matter where it is typed. Null if the promotion lowers prices by itself.
    #[schema(example = "TUESDAY10")]
    code: Option<String>,
    /// Name that customers read; null without one.
    #[schema(example = "Tuesday price")]
    name: Option<String>,
    /// Percentage that it takes off the prices; null if it takes off an amount.
    #[schema(example = 10)]
    percent: Option<u8>,
    /// Amount that it takes off a booking; null if it takes off a percentage.
    #[schema(value_type = Option<schema::Money>)]
    amount: Option<Money>,
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_from: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Timestamp>,
    /// Shows that it is for; all if empty.
    #[schema(value_type = Vec<Uuid>)]
    shows: BTreeSet<ShowId>,
    /// Venues that it is for; all if empty.
    #[schema(value_type = Vec<Uuid>)]
    venues: BTreeSet<VenueId>,
    /// Ticket types that it is for; all if empty.
    #[schema(value_type = Vec<String>)]
    ticket_types: BTreeSet<TicketType>,
    /// Days of the week on which its screenings start; all if empty.
    #[schema(value_type = Vec<schema::Weekday>)]
    weekdays: BTreeSet<Day>,
    /// Most bookings that use it.
    #[schema(example = 100)]
    uses_max: u32,
    /// Most bookings of one customer that use it; null without a limit.
    #[schema(example = 1)]
    uses_per_customer_max: Option<u32>,
    /// Bookings that use it, paid or about to be.
    #[schema(example = 37)]
    uses: u32,
}

impl PublishedPromotion {
    /// Returns a promotion with its number of uses.
    #[must_use]
    pub fn new(
        promotion: PromotionId,
        code: Option<String>,
        terms: PromotionTerms,
        uses: u32,
        currency: Currency,
    ) -> Self {
        let (percent, amount) = match terms.reduction {
            Reduction::Percent(percent) => (Some(percent), None),
            Reduction::AmountMinor(amount_minor) => (None, Some(Money { amount_minor, currency })),
        };
        Self {
            promotion_id: promotion,
            code,
            name: terms.name,
            percent,
            amount,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            shows: terms.shows,
            venues: terms.venues,
            ticket_types: terms.ticket_types,
            weekdays: terms.weekdays,
            uses_max: terms.uses_max,
            uses_per_customer_max: terms.uses_per_customer_max,
            uses,
        }
    }
}
