//! Checks of requested prices and terms.

use std::collections::{BTreeMap, BTreeSet};

use super::{CancellationRule, Charges, Fee, PRICE_MAX_MINOR, TaxRate, Terms, TicketType};
use crate::{Flaws, promise::Promise};

/// Most ticket types of a screening: more than any house distinguishes.
pub const TICKET_TYPES_MAX: usize = 20;
/// Most letters of a ticket type.
const TYPE_LETTERS_MAX: usize = 30;
/// Highest limit of a ticket type: the largest booking there can be.
const LIMIT_MAX: u32 = 100;
/// Most rates of tax: a bill has a line for each.
const RATES_MAX: usize = 10;
/// Highest sum of all rates of tax, in hundredths of a percent: 100 %.
const TAX_MAX_HUNDREDTHS: u32 = 10_000;
/// Longest time before the start at which wheelchair places go on sale to everybody: a year.
const WHEELCHAIR_MINUTES_MAX: u32 = 366 * 24 * 60;
/// Longest time before the start after which nobody can cancel: a year.
const CANCELLATION_MINUTES_MAX: u32 = 366 * 24 * 60;

impl TicketType {
    /// Returns `true` for small letters, digits, hyphens and underscores, apart from the names of the fields of money.
    fn is_plain(&self) -> bool {
        let of_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        (1..=TYPE_LETTERS_MAX).contains(&self.0.len())
            && self.0.bytes().all(of_word)
            && !matches!(self.0.as_str(), "amount_minor" | "currency")
    }
}

impl Promise {
    /// Notes flaws of the prices and of the other terms. Each category of the room needs a price, which the caller checks.
    pub(crate) fn check_terms(&self, flaws: &mut Flaws) {
        let categories = self.layout.categories();
        for category in self.prices.keys() {
            let known = categories.contains(&category.as_str());
            flaws.unless(known, pointer_to(category), "is no category of this screen");
        }
        self.terms.check_prices(&self.prices, flaws);
    }

    /// Returns all ticket types of the screening.
    #[must_use]
    pub fn ticket_types(&self) -> BTreeSet<TicketType> {
        self.terms.ticket_types(&self.prices)
    }
}

/// The place of the price of a category: RFC 6901, section 3.
fn pointer_to(category: &str) -> String {
    format!("/prices/{}", category.replace('~', "~0").replace('/', "~1"))
}

impl Terms {
    /// Notes flaws of prices by category and of these terms.
    pub(crate) fn check_prices(&self, prices: &BTreeMap<String, i64>, flaws: &mut Flaws) {
        for (category, price_minor) in prices {
            let pointer = pointer_to(category);
            match self.type_prices.get(category) {
                None => check_price(*price_minor, &pointer, flaws),
                Some(prices) => {
                    flaws.unless(!prices.is_empty(), &pointer, "must have a price");
                    for (kind, price_minor) in prices {
                        let pointer = format!("{pointer}/{kind}");
                        let message = format!(
                            "must have 1 to {TYPE_LETTERS_MAX} small letters, digits, hyphens and underscores"
                        );
                        flaws.unless(kind.is_plain(), &pointer, message);
                        check_price(*price_minor, &pointer, flaws);
                    }
                }
            }
        }
        self.check(&self.ticket_types(prices), flaws);
    }

    fn ticket_types(&self, prices: &BTreeMap<String, i64>) -> BTreeSet<TicketType> {
        let of = |category| match self.type_prices.get(category) {
            Some(prices) => prices.keys().cloned().collect(),
            None => vec![TicketType::default()],
        };
        prices.keys().flat_map(of).collect()
    }
}

fn check_price(price_minor: i64, pointer: &str, flaws: &mut Flaws) {
    let message = format!("must be 0 to {PRICE_MAX_MINOR} minor units");
    flaws.unless((0..=PRICE_MAX_MINOR).contains(&price_minor), pointer, message);
}

impl Terms {
    fn check(&self, types: &BTreeSet<TicketType>, flaws: &mut Flaws) {
        let message = format!("must not have more than {TICKET_TYPES_MAX} ticket types");
        flaws.unless(types.len() <= TICKET_TYPES_MAX, "/prices", message);
        for (kind, limit) in &self.limits {
            let pointer = format!("/ticket_types/{kind}");
            flaws.unless(types.contains(kind), &pointer, "has no price");
            let in_range = limit.max.is_none_or(|max| (1..=LIMIT_MAX).contains(&max));
            flaws.unless(in_range, format!("{pointer}/max"), format!("must be 1 to {LIMIT_MAX}"));
            let needed = limit.needs_type.as_ref();
            let is_other = needed.is_none_or(|needed| needed != kind && types.contains(needed));
            flaws.unless(
                is_other,
                format!("{pointer}/needs_type"),
                "must be another ticket type with a price",
            );
        }
        self.charges.check(flaws);
        let message = format!("must not be more than {WHEELCHAIR_MINUTES_MAX}");
        let is_near = self.wheelchair_minutes.is_none_or(|minutes| minutes <= WHEELCHAIR_MINUTES_MAX);
        flaws.unless(is_near, "/wheelchair_minutes", message);
        match self.cancellation {
            None | Some(CancellationRule::Never) => {}
            Some(CancellationRule::Until { minutes, fee_minor }) => {
                let message = format!("must not be more than {CANCELLATION_MINUTES_MAX}");
                flaws.unless(minutes <= CANCELLATION_MINUTES_MAX, "/cancellation/until_minutes", message);
                check_price(fee_minor, "/cancellation/fee_minor", flaws);
            }
        }
    }
}

impl Charges {
    fn check(&self, flaws: &mut Flaws) {
        if let Some(Fee { amount_minor, .. }) = self.fee {
            check_price(amount_minor, "/fee/amount", flaws);
        }
        let message = format!("must not have more than {RATES_MAX} rates");
        flaws.unless(self.tax_rates.len() <= RATES_MAX, "/tax_rates", message);
        let mut names = BTreeSet::new();
        let mut sum = 0_u32;
        for (index, TaxRate { name, percent_hundredths }) in self.tax_rates.iter().enumerate() {
            let pointer = format!("/tax_rates/{index}/name");
            flaws.text(name, 30, &pointer);
            flaws.unless(names.insert(name), &pointer, "is named twice");
            sum = sum.saturating_add(*percent_hundredths);
        }
        let message = "must not add up to more than 100 %";
        flaws.unless(sum <= TAX_MAX_HUNDREDTHS, "/tax_rates", message);
    }
}
