//! Terms of a promotion and the screenings it applies to.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Weekday};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::{
    Flaws, ShowId, VenueId,
    hold::PricedSeat,
    pricing::{PRICE_MAX_MINOR, TicketType, distribute},
    promise::Promise,
    values::text,
};

/// Number of letters of a code. Shorter ones would be guessed.
pub const CODE_LETTERS: std::ops::RangeInclusive<usize> = 4..=32;
/// Largest number of uses: all of them are remembered.
pub const USES_LARGEST: u32 = 100_000;
/// Longest name of a promotion, in characters.
const NAME_CHARS_MAX: usize = 60;
/// Most shows, venues or ticket types that a promotion names.
const NAMES_MAX: usize = 200;

/// Code of a promotion in its normal form: capital letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(String);

impl Code {
    /// Returns the normal form of a code: letter case, blanks and the kind of a dash do not matter where it is typed.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text::tidy_code(text).to_uppercase())
    }

    /// Returns its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    pub(super) fn check(&self) -> Result<(), Flaws> {
        let mut flaws = Flaws::default();
        let is_plain = self.0.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
        let message = format!(
            "must have {} to {} letters, digits and hyphens",
            CODE_LETTERS.start(),
            CODE_LETTERS.end()
        );
        flaws.unless(is_plain && CODE_LETTERS.contains(&self.0.len()), "/code", message);
        flaws.into_result()
    }
}

/// Discount of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// This part of the prices, in whole percents.
    Percent(u8),
    /// This amount of a booking, in minor units, as far as its tickets cost that much.
    AmountMinor(i64),
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Weekday> for Day {
    fn from(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// Facts of a screening that decide if a promotion applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Occasion {
    pub show: ShowId,
    pub venue: VenueId,
    /// Day of its start, at its venue.
    pub day: Day,
}

impl Promise {
    /// Returns the facts that decide if a promotion applies.
    #[must_use]
    pub fn occasion(&self) -> Occasion {
        let starts = self.starts_at.to_zoned(self.timezone.zone().clone());
        Occasion { show: self.show, venue: self.venue, day: starts.weekday().into() }
    }
}

/// Terms of a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PromotionTerms {
    /// Its discount.
    pub reduction: Reduction,
    /// Beginning, if it has one.
    pub valid_from: Option<Timestamp>,
    /// End, if it has one.
    pub valid_until: Option<Timestamp>,
    /// Shows that it is for; all if empty.
    pub shows: BTreeSet<ShowId>,
    /// Venues that it is for; all if empty.
    pub venues: BTreeSet<VenueId>,
    /// Ticket types that it is for; all if empty.
    pub ticket_types: BTreeSet<TicketType>,
    /// Days of the week on which the screenings start that it is for; all if empty.
    pub weekdays: BTreeSet<Day>,
    /// Most bookings that use it.
    pub uses_max: u32,
    /// Most bookings of one customer that use it.
    pub uses_per_customer_max: Option<u32>,
    /// Name that customers read, such as "Tuesday price".
    #[serde(default)]
    pub name: Option<String>,
}

// The name is left out of JSON if there is none, so that the terms of older versions stay as they were. A snapshot has no names of
// fields, so each one is written.
impl Serialize for PromotionTerms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { reduction, valid_from, valid_until, shows, venues, ticket_types, weekdays, .. } = self;
        let Self { uses_max, uses_per_customer_max, name, .. } = self;
        let is_named = !serializer.is_human_readable() || name.is_some();
        let mut terms = serializer.serialize_struct("PromotionTerms", 9 + usize::from(is_named))?;
        terms.serialize_field("reduction", reduction)?;
        terms.serialize_field("valid_from", valid_from)?;
        terms.serialize_field("valid_until", valid_until)?;
        terms.serialize_field("shows", shows)?;
        terms.serialize_field("venues", venues)?;
        terms.serialize_field("ticket_types", ticket_types)?;
        terms.serialize_field("weekdays", weekdays)?;
        terms.serialize_field("uses_max", uses_max)?;
        terms.serialize_field("uses_per_customer_max", uses_per_customer_max)?;
        if is_named {
            terms.serialize_field("name", name)?;
        }
        terms.end()
    }
}

impl PromotionTerms {
    /// Returns the terms with a tidy name, or none if it is blank.
    pub(super) fn tidied(&self) -> Self {
        Self { name: self.name.as_deref().and_then(text::tidy), ..self.clone() }
    }

    pub(super) fn check(&self) -> Result<(), Flaws> {
        let mut flaws = Flaws::default();
        match self.reduction {
            Reduction::Percent(percent) => {
                flaws.unless((1..=100).contains(&percent), "/percent", "must be 1 to 100");
            }
            Reduction::AmountMinor(amount_minor) => {
                let message = format!("must be 1 to {PRICE_MAX_MINOR} minor units");
                flaws.unless((1..=PRICE_MAX_MINOR).contains(&amount_minor), "/amount", message);
            }
        }
        let ends = self.valid_until.zip(self.valid_from).is_none_or(|(until, from)| from < until);
        flaws.unless(ends, "/valid_until", "must be after valid_from");
        let sizes = [
            ("/shows", self.shows.len()),
            ("/venues", self.venues.len()),
            ("/ticket_types", self.ticket_types.len()),
        ];
        for (pointer, size) in sizes {
            flaws.unless(size <= NAMES_MAX, pointer, format!("must not name more than {NAMES_MAX}"));
        }
        if let Some(name) = &self.name {
            flaws.text(name, NAME_CHARS_MAX, "/name");
        }
        let uses = 1..=USES_LARGEST;
        let message = format!("must be 1 to {USES_LARGEST}");
        flaws.unless(uses.contains(&self.uses_max), "/uses_max", &*message);
        let per_customer = self.uses_per_customer_max.is_none_or(|max| uses.contains(&max));
        flaws.unless(per_customer, "/uses_per_customer_max", message);
        flaws.into_result()
    }

    /// Returns `true` if a screening takes part.
    #[must_use]
    pub fn is_for(&self, screening: Occasion) -> bool {
        let Occasion { show, venue, day } = screening;
        (self.shows.is_empty() || self.shows.contains(&show))
            && (self.venues.is_empty() || self.venues.contains(&venue))
            && (self.weekdays.is_empty() || self.weekdays.contains(&day))
    }

    /// Returns the discount on each seat, in minor units: never more than its price, and together what the promotion takes off, to the
    /// unit.
    #[must_use]
    pub fn discounts(&self, seats: &[PricedSeat]) -> Vec<i64> {
        let takes_part =
            |seat: &PricedSeat| self.ticket_types.is_empty() || self.ticket_types.contains(&seat.ticket_type);
        let prices: Vec<i64> =
            seats.iter().map(|seat| if takes_part(seat) { seat.price_minor } else { 0 }).collect();
        let all: i64 = prices.iter().sum();
        let off = match self.reduction {
            // Halves are rounded up, for the customer.
            Reduction::Percent(percent) => (all * i64::from(percent) + 50) / 100,
            Reduction::AmountMinor(amount_minor) => amount_minor.min(all),
        };
        distribute(off, &prices)
    }
}
