//! Prices by ticket type and what comes with them: limits of the types, a fee, included tax, and the terms of a cancellation by
//! the customer. A house sets them per screening; a hold copies what concerns it.

mod check;
mod shares;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::{SeatName, hold::PricedSeat, promise::Promise};
pub use check::TICKET_TYPES_MAX;
pub use shares::{TaxShare, distribute, tax_shares};

/// Highest price of a seat and highest fee, in minor units: keeps the sum of a booking far from overflow. House rule.
pub const PRICE_MAX_MINOR: i64 = 1_000_000_000;

/// Kind of a ticket, such as `adult` or `child`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketType(pub String);

impl TicketType {
    /// Common types. A house can use any other name.
    pub const KNOWN: [&str; 6] = [Self::STANDARD, "adult", "child", "senior", "student", "companion"];
    /// Type of every ticket if a house does not distinguish types.
    pub const STANDARD: &str = "standard";

    /// Returns `true` for the type of tickets without a type.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        self.0 == Self::STANDARD
    }
}

impl Default for TicketType {
    fn default() -> Self {
        Self(Self::STANDARD.to_owned())
    }
}

impl fmt::Display for TicketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A seat that a customer wants to book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedSeat {
    /// Name of the seat.
    pub seat: SeatName,
    /// Type of its ticket. Without one, it is `standard` or the only type of the seat's category.
    pub ticket_type: Option<TicketType>,
    /// `true` if the customer asks for it as a wheelchair place, or as a companion seat.
    pub wheelchair: bool,
}

impl From<SeatName> for WantedSeat {
    fn from(seat: SeatName) -> Self {
        Self { seat, ticket_type: None, wheelchair: false }
    }
}

/// Terms of a screening beyond one price per category. The defaults are those of screenings scheduled before terms existed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// Price of a seat by category and ticket type, in minor units. Empty if all tickets are `standard`.
    pub type_prices: BTreeMap<String, BTreeMap<TicketType, i64>>,
    /// Limits of ticket types.
    pub limits: BTreeMap<TicketType, TypeLimit>,
    /// Fee and tax.
    pub charges: Charges,
    /// Cancellation by customers; `None` is the rule of the installation.
    pub cancellation: Option<CancellationRule>,
    /// Rule for choices that leave a single seat. Absent from the log unless it was set.
    pub single_seats: SingleSeats,
    /// Minutes before the start until which wheelchair places and companion seats are kept for people who ask for
    /// them; `None` if they are on general sale from the beginning. Absent from the log unless it was set.
    pub wheelchair_minutes: Option<u32>,
}

impl Serialize for Terms {
    /// Snapshots have all fields, because postcard does not name them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { type_prices, limits, charges, cancellation, single_seats, wheelchair_minutes } = self;
        let writes_all = !serializer.is_human_readable();
        let is_written = writes_all || *single_seats != SingleSeats::default();
        let keeps = writes_all || wheelchair_minutes.is_some();
        let fields = 4 + usize::from(is_written) + usize::from(keeps);
        let mut terms = serializer.serialize_struct("Terms", fields)?;
        terms.serialize_field("type_prices", type_prices)?;
        terms.serialize_field("limits", limits)?;
        terms.serialize_field("charges", charges)?;
        terms.serialize_field("cancellation", cancellation)?;
        if is_written {
            terms.serialize_field("single_seats", single_seats)?;
        }
        if keeps {
            terms.serialize_field("wheelchair_minutes", wheelchair_minutes)?;
        }
        terms.end()
    }
}

/// Rule for a customer's choice that leaves a single seat between taken ones, although it need not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SingleSeats {
    /// It is treated like any other choice.
    Allow,
    /// The app asks customers to choose others; they can still book.
    #[default]
    Warn,
    /// It cannot be booked, except at the counter.
    Refuse,
}

/// Limits of a ticket type within one booking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeLimit {
    /// Most tickets of this type.
    pub max: Option<u32>,
    /// Each ticket needs another one, of another type, on an accessible seat.
    pub needs_accessible: bool,
    /// The booking needs a ticket of that type, too.
    pub needs_type: Option<TicketType>,
}

/// Limit that the tickets of a booking break.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as the limits")]
pub enum BrokenLimit {
    TooMany { max: u32 },
    NeedsAccessible,
    NeedsType(TicketType),
}

impl fmt::Display for BrokenLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { max } => write!(f, "a booking has at most {max}"),
            Self::NeedsAccessible => f.write_str("each needs another ticket on an accessible seat"),
            Self::NeedsType(other) => write!(f, "the booking needs a ticket of type {other}, too"),
        }
    }
}

/// Fee of a booking on top of its seats, and the tax included in its amount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charges {
    /// Fee of the house.
    pub fee: Option<Fee>,
    /// Rates of tax. All of them are included in the amount.
    pub tax_rates: Vec<TaxRate>,
}

/// A fee of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// Basis of the charge.
    pub per: FeePer,
    /// Amount in minor units.
    pub amount_minor: i64,
}

/// Basis of a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum FeePer {
    Ticket,
    Booking,
}

/// A rate of tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRate {
    /// Name, such as `GST`.
    pub name: String,
    /// Hundredths of a percent of the price without tax: 1,800 is 18 %.
    pub percent_hundredths: u32,
}

/// Rule for cancellations by customers. The house itself always returns everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationRule {
    /// Customers cannot cancel.
    Never,
    /// Customers can cancel until this many minutes before the start.
    Until {
        /// Minutes before the start.
        minutes: u32,
        /// Kept by the house from the refund of each cancellation, in minor units.
        fee_minor: i64,
    },
}

impl CancellationRule {
    /// Returns the maximum charge that the house keeps from a refund.
    #[must_use]
    pub fn fee_minor(self) -> i64 {
        match self {
            Self::Never => 0,
            Self::Until { fee_minor, .. } => fee_minor,
        }
    }
}

impl Charges {
    /// Returns the fee for each ticket, in minor units.
    #[must_use]
    pub fn ticket_fee_minor(&self) -> i64 {
        self.fee.filter(|fee| fee.per == FeePer::Ticket).map_or(0, |fee| fee.amount_minor)
    }

    /// Returns the fee for the booking as a whole, in minor units.
    #[must_use]
    pub fn booking_fee_minor(&self) -> i64 {
        self.fee.filter(|fee| fee.per == FeePer::Booking).map_or(0, |fee| fee.amount_minor)
    }

    /// Returns all fees of a booking with so many tickets, in minor units.
    #[must_use]
    pub fn fees_minor(&self, tickets: usize) -> i64 {
        let tickets = i64::try_from(tickets).unwrap_or(i64::MAX);
        self.booking_fee_minor() + self.ticket_fee_minor().saturating_mul(tickets)
    }

    /// Returns the amount of a booking with these seats, in minor units.
    #[must_use]
    pub fn total_minor<'a>(&self, seats: impl IntoIterator<Item = &'a PricedSeat>) -> i64 {
        let (mut tickets, mut net_minor) = (0, 0);
        for priced in seats {
            tickets += 1;
            net_minor += priced.net_minor();
        }
        net_minor + self.fees_minor(tickets)
    }
}

/// Returns the refund of seats that a customer gives back, in minor units: their prices, without fees and less what the cancellation
/// costs.
#[must_use]
pub fn refund_minor<'a>(seats: impl IntoIterator<Item = &'a PricedSeat>, cancellation_fee_minor: i64) -> i64 {
    let net_minor: i64 = seats.into_iter().map(PricedSeat::net_minor).sum();
    (net_minor - cancellation_fee_minor).max(0)
}

/// Prices of the seats of a booking, as its screening decided them when they were reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// One per seat, in the order of the request.
    pub lines: Vec<PricedSeat>,
    /// Fee and tax.
    pub charges: Charges,
}

impl Quote {
    /// Returns the amount of the booking, in minor units.
    #[must_use]
    pub fn total_minor(&self) -> i64 {
        self.charges.total_minor(&self.lines)
    }

    /// Returns the quote of a gift: the same tickets for nothing.
    #[must_use]
    pub fn free(mut self) -> Self {
        for line in &mut self.lines {
            (line.price_minor, line.discount_minor) = (0, 0);
        }
        Self { charges: Charges::default(), ..self }
    }

    /// Returns `true` if the prices follow from the categories alone.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let is_plain = |line: &PricedSeat| line.ticket_type.is_standard() && line.discount_minor == 0;
        self.charges == Charges::default() && self.lines.iter().all(is_plain)
    }
}

impl Promise {
    /// Returns the moment until which wheelchair places are kept for people who ask for them; `None` if they are on general sale.
    #[must_use]
    pub fn wheelchair_until(&self) -> Option<Timestamp> {
        let kept = SignedDuration::from_mins(i64::from(self.terms.wheelchair_minutes?));
        Some(self.starts_at.saturating_sub(kept).unwrap_or(Timestamp::MIN))
    }

    /// Returns what the house keeps from the refund of each cancellation by the customer, in minor units.
    #[must_use]
    pub fn cancellation_fee_minor(&self) -> i64 {
        self.terms.cancellation.map_or(0, CancellationRule::fee_minor)
    }

    /// Returns the ticket types of a category with their prices, in minor units.
    #[must_use]
    pub fn type_prices(&self, category: &str) -> BTreeMap<TicketType, i64> {
        match self.terms.type_prices.get(category) {
            Some(prices) => prices.clone(),
            None => {
                self.prices.get(category).map(|price| (TicketType::default(), *price)).into_iter().collect()
            }
        }
    }

    /// Returns the ticket type and the price of a seat of a category.
    pub(crate) fn price(
        &self,
        category: &str,
        wanted: Option<&TicketType>,
    ) -> Result<(TicketType, i64), Unpriced> {
        let standard = TicketType::default();
        let Some(prices) = self.terms.type_prices.get(category) else {
            let price_minor = self.prices.get(category).copied();
            return match wanted {
                Some(other) if !other.is_standard() => Err(Unpriced::Unknown(other.clone())),
                Some(_) | None => price_minor.map(|price| (standard, price)).ok_or(Unpriced::NotForSale),
            };
        };
        let chosen = if let Some(wanted) = wanted {
            prices.get_key_value(wanted).ok_or_else(|| Unpriced::Unknown(wanted.clone()))?
        } else {
            let only = prices.iter().next().filter(|_| prices.len() == 1);
            prices.get_key_value(&standard).or(only).ok_or(Unpriced::Missing)?
        };
        Ok((chosen.0.clone(), *chosen.1))
    }

    /// Returns the ticket type of a category that suits most people, with its price: `standard` or else the dearest one, if possible
    /// one without limits.
    pub(crate) fn unrestricted(&self, category: &str) -> Option<(TicketType, i64)> {
        let is_free = |kind: &TicketType| !self.terms.limits.contains_key(kind);
        let rank = |(kind, price): &(TicketType, i64)| (is_free(kind), kind.is_standard(), *price);
        self.type_prices(category).into_iter().max_by_key(rank)
    }
}

/// Reason why a seat has no price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unpriced {
    /// The category has no price at all.
    NotForSale,
    /// The category has several ticket types, and none of them is `standard`.
    Missing,
    /// The category has no such ticket type.
    Unknown(TicketType),
}

impl Terms {
    /// Checks the ticket types of a booking against their limits; each ticket comes with whether its seat is accessible.
    pub(crate) fn check_limits(
        &self,
        tickets: &[(&TicketType, bool)],
    ) -> Result<(), (TicketType, BrokenLimit)> {
        let count = |wanted: &TicketType| tickets.iter().filter(|(kind, _)| *kind == wanted).count();
        for (kind, limit) in &self.limits {
            let (own, broken) = (count(kind), |limit| Err((kind.clone(), limit)));
            if own == 0 {
                continue;
            }
            if let Some(max) = limit.max
                && own > max as usize
            {
                return broken(BrokenLimit::TooMany { max });
            }
            let hosts = tickets.iter().filter(|(other, accessible)| *other != kind && *accessible).count();
            if limit.needs_accessible && own > hosts {
                return broken(BrokenLimit::NeedsAccessible);
            }
            if let Some(needed) = &limit.needs_type
                && count(needed) == 0
            {
                return broken(BrokenLimit::NeedsType(needed.clone()));
            }
        }
        Ok(())
    }
}
