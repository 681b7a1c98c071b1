//! Prices as both APIs write them: those of a screening by category and ticket type, and those of a booking by seat.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use ticketshow_domain::{
    Currency, Money, SeatName,
    hold::PricedSeat,
    pricing::{self, CancellationRule, Charges, Terms, TicketType, TypeLimit, tax_shares},
    tidy_line,
};
use utoipa::ToSchema;

use crate::schema;

/// Price of a category: one for every ticket, of type `standard`, or one for each ticket type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum CategoryPrice {
    /// The price of `standard`.
    Standard(Money),
    /// Prices by ticket type.
    ByType(BTreeMap<TicketType, Money>),
}

impl CategoryPrice {
    /// Returns all amounts.
    pub fn amounts(&self) -> impl Iterator<Item = Money> + '_ {
        let (standard, by_type) = match self {
            Self::Standard(price) => (Some(*price), None),
            Self::ByType(prices) => (None, Some(prices.values().copied())),
        };
        standard.into_iter().chain(by_type.into_iter().flatten())
    }

    /// Returns the price of `standard`, else the highest one, in minor units.
    #[must_use]
    pub fn full_minor(&self) -> i64 {
        match self {
            Self::Standard(price) => price.amount_minor,
            Self::ByType(prices) => {
                let standard = prices.get(&TicketType::default());
                let price = standard.or_else(|| prices.values().max_by_key(|price| price.amount_minor));
                price.map_or(0, |price| price.amount_minor)
            }
        }
    }

    /// Returns the full prices by category, in minor units.
    #[must_use]
    pub fn full(prices: &BTreeMap<String, Self>) -> BTreeMap<String, i64> {
        prices.iter().map(|(category, price)| (category.clone(), price.full_minor())).collect()
    }

    /// Returns the prices by category and ticket type, in minor units, of categories that have several.
    #[must_use]
    pub fn by_type(prices: &BTreeMap<String, Self>) -> BTreeMap<String, BTreeMap<TicketType, i64>> {
        let by_type = |(category, price): (&String, &Self)| match price {
            Self::Standard(_) => None,
            Self::ByType(prices) => {
                let prices = prices.iter().map(|(kind, price)| (kind.clone(), price.amount_minor));
                Some((category.clone(), prices.collect()))
            }
        };
        prices.iter().filter_map(by_type).collect()
    }

    /// Returns the prices of a screening by category.
    #[must_use]
    pub fn list(prices: &BTreeMap<String, i64>, terms: &Terms, currency: Currency) -> BTreeMap<String, Self> {
        let money = |amount_minor: i64| Money { amount_minor, currency };
        let price = |(category, price_minor): (&String, &i64)| {
            let price = match terms.type_prices.get(category) {
                None => Self::Standard(money(*price_minor)),
                Some(prices) => {
                    Self::ByType(prices.iter().map(|(kind, price)| (kind.clone(), money(*price))).collect())
                }
            };
            (category.clone(), price)
        };
        prices.iter().map(price).collect()
    }
}

impl<'de> Deserialize<'de> for CategoryPrice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Price;

        impl<'de> Visitor<'de> for Price {
            type Value = CategoryPrice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount of money, or one for each ticket type")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CategoryPrice, A::Error> {
                let (mut amount_minor, mut currency, mut by_type) = (None, None, BTreeMap::new());
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "amount_minor" => amount_minor = Some(map.next_value()?),
                        "currency" => currency = Some(map.next_value()?),
                        _ => drop(by_type.insert(TicketType(key), map.next_value()?)),
                    }
                }
                match (amount_minor, currency) {
                    (None, None) => Ok(CategoryPrice::ByType(by_type)),
                    (Some(amount_minor), Some(currency)) if by_type.is_empty() => {
                        Ok(CategoryPrice::Standard(Money { amount_minor, currency }))
                    }
                    (Some(_), Some(_)) => {
                        Err(serde::de::Error::custom("must be one price, or one for each ticket type"))
                    }
                    (None, Some(_)) => Err(serde::de::Error::missing_field("amount_minor")),
                    (Some(_), None) => Err(serde::de::Error::missing_field("currency")),
                }
            }
        }

        deserializer.deserialize_map(Price)
    }
}

/// Limits of a ticket type in one booking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketTypeLimits {
    /// Most tickets of this type, 1 to 100; no limit if left out.
    #[schema(example = 4)]
    max: Option<u32>,
    /// True for companions: each needs a ticket of another type on an accessible seat.
    #[serde(default)]
    needs_accessible: bool,
    /// The booking needs a ticket of this type, too: a child comes with an adult.
    #[schema(value_type = Option<String>, example = "adult")]
    needs_type: Option<TicketType>,
}

impl From<TicketTypeLimits> for TypeLimit {
    fn from(TicketTypeLimits { max, needs_accessible, needs_type }: TicketTypeLimits) -> Self {
        Self { max, needs_accessible, needs_type }
    }
}

impl From<TypeLimit> for TicketTypeLimits {
    fn from(TypeLimit { max, needs_accessible, needs_type }: TypeLimit) -> Self {
        Self { max, needs_accessible, needs_type }
    }
}

/// A fee of the house, added to the prices of the seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Once for each `ticket`, or once for the `booking`.
    per: FeePer,
    #[schema(value_type = schema::Money)]
    amount: Money,
}

/// Basis of a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum FeePer {
    Ticket,
    Booking,
}

impl Fee {
    /// Returns the amount.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// Returns the fee in a currency.
    #[must_use]
    pub fn new(fee: pricing::Fee, currency: Currency) -> Self {
        let per = match fee.per {
            pricing::FeePer::Ticket => FeePer::Ticket,
            pricing::FeePer::Booking => FeePer::Booking,
        };
        Self { per, amount: Money { amount_minor: fee.amount_minor, currency } }
    }
}

impl From<Fee> for pricing::Fee {
    fn from(Fee { per, amount }: Fee) -> Self {
        let per = match per {
            FeePer::Ticket => pricing::FeePer::Ticket,
            FeePer::Booking => pricing::FeePer::Booking,
        };
        Self { per, amount_minor: amount.amount_minor }
    }
}

/// A rate of tax that is included in all prices and fees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// Name for the bill, at most 30 characters.
    #[schema(example = "GST")]
    name: String,
    /// Hundredths of a percent of the price without tax: 1,800 is 18 %.
    #[schema(example = 1_800)]
    percent_hundredths: u32,
}

impl From<TaxRate> for pricing::TaxRate {
    fn from(TaxRate { name, percent_hundredths }: TaxRate) -> Self {
        Self { name: tidy_line(&name), percent_hundredths }
    }
}

impl From<pricing::TaxRate> for TaxRate {
    fn from(pricing::TaxRate { name, percent_hundredths }: pricing::TaxRate) -> Self {
        Self { name, percent_hundredths }
    }
}

/// Terms of a cancellation by the customer: `none` forbids it. The house itself always returns everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum CancellationTerms {
    /// Customers cannot cancel.
    Never(NoCancellation),
    /// Customers can cancel for some time.
    Until(CancellationDeadline),
}

/// Customers cannot cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoCancellation {
    /// At no time.
    None,
}

/// Deadline and price of a cancellation by the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationDeadline {
    /// Minutes before the start.
    #[schema(example = 120)]
    until_minutes: u32,
    /// Kept by the house from the refund of each cancellation, of some seats or all, in minor units; never more than the refund.
    #[serde(default)]
    #[schema(example = 5_000)]
    fee_minor: i64,
}

impl<'de> Deserialize<'de> for CancellationTerms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted;

        impl<'de> Visitor<'de> for Wanted {
            type Value = CancellationTerms;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"none\", or until_minutes and fee_minor")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CancellationTerms, E> {
                match text {
                    "none" => Ok(CancellationTerms::Never(NoCancellation::None)),
                    other => Err(E::unknown_variant(other, &["none"])),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CancellationTerms, A::Error> {
                CancellationDeadline::deserialize(MapAccessDeserializer::new(map))
                    .map(CancellationTerms::Until)
            }
        }

        deserializer.deserialize_any(Wanted)
    }
}

impl From<CancellationTerms> for CancellationRule {
    fn from(terms: CancellationTerms) -> Self {
        match terms {
            CancellationTerms::Never(NoCancellation::None) => Self::Never,
            CancellationTerms::Until(CancellationDeadline { until_minutes, fee_minor }) => {
                Self::Until { minutes: until_minutes, fee_minor }
            }
        }
    }
}

impl From<CancellationRule> for CancellationTerms {
    fn from(rule: CancellationRule) -> Self {
        match rule {
            CancellationRule::Never => Self::Never(NoCancellation::None),
            CancellationRule::Until { minutes, fee_minor } => {
                Self::Until(CancellationDeadline { until_minutes: minutes, fee_minor })
            }
        }
    }
}

/// Prices of a booking, seat by seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// One per seat.
    pub lines: Vec<BillLine>,
    /// Sum of the fees.
    pub fees: Money,
    /// Sum of the discounts.
    pub discount: Money,
    /// Tax included in the amount, by rate.
    pub tax: Vec<TaxLine>,
    /// Prices and fees less discounts.
    pub amount: Money,
}

/// Price of a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BillLine {
    /// Name of the seat.
    #[schema(value_type = String, example = "A-1")]
    seat: SeatName,
    /// Type of the ticket.
    #[schema(value_type = String, example = "adult")]
    ticket_type: TicketType,
    /// Price before the discount, without fees.
    #[schema(value_type = schema::Money)]
    price: Money,
    /// Discount on it.
    #[schema(value_type = schema::Money)]
    discount: Money,
}

/// Tax included in an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxLine {
    /// Name of the rate.
    #[schema(example = "GST")]
    name: String,
    /// Hundredths of a percent of the price without tax.
    #[schema(example = 1_800)]
    percent_hundredths: u32,
    /// Tax.
    #[schema(value_type = schema::Money)]
    amount: Money,
}

impl Bill {
    /// Adds up a booking with these seats.
    #[must_use]
    pub fn new(seats: Vec<PricedSeat>, charges: &Charges, currency: Currency) -> Self {
        let money = |amount_minor| Money { amount_minor, currency };
        let total_minor = charges.total_minor(&seats);
        let tax = tax_shares(total_minor, &charges.tax_rates).into_iter().map(|share| TaxLine {
            name: share.rate.name.clone(),
            percent_hundredths: share.rate.percent_hundredths,
            amount: money(share.amount_minor),
        });
        Self {
            fees: money(charges.fees_minor(seats.len())),
            discount: money(seats.iter().map(|priced| priced.discount_minor).sum()),
            tax: tax.collect(),
            amount: money(total_minor),
            lines: seats
                .into_iter()
                .map(|PricedSeat { seat, ticket_type, price_minor, discount_minor, .. }| BillLine {
                    seat,
                    ticket_type,
                    price: money(price_minor),
                    discount: money(discount_minor),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn a_category_has_one_price_or_one_for_each_type() {
        let money = json!({"amount_minor": 5, "currency": "INR"});
        let inr = Money { amount_minor: 5, currency: Currency::INR };
        assert_eq!(from_value::<CategoryPrice>(money.clone()).unwrap(), CategoryPrice::Standard(inr));
        let typed = from_value::<CategoryPrice>(json!({"adult": money})).unwrap();
        assert_eq!(typed, CategoryPrice::ByType([(TicketType("adult".to_owned()), inr)].into()));
        for wrong in [
            json!({"amount_minor": 5}),
            json!({"adult": 5}),
            json!(5),
            json!({"amount_minor": 5, "currency": "INR", "x": 1}),
        ] {
            assert!(from_value::<CategoryPrice>(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_cancellation_has_a_deadline_or_is_forbidden() {
        let read = |value| from_value::<CancellationTerms>(value).map(CancellationRule::from);
        assert_eq!(read(json!("none")).unwrap(), CancellationRule::Never);
        let until = CancellationRule::Until { minutes: 60, fee_minor: 500 };
        assert_eq!(read(json!({"until_minutes": 60, "fee_minor": 500})).unwrap(), until);
        for wrong in [json!("never"), json!({"fee_minor": 500}), json!({"until_minutes": 60, "fee": 1})] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
