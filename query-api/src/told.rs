//! How moments and amounts are told to people: moments of a screening in the venue's own time, everything else in UTC.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ticketshow_domain::{Currency, Money};
use utoipa::ToSchema;

/// A moment in UTC (RFC 3339).
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, ToSchema)]
#[sqlx(transparent)]
#[schema(value_type = String, format = DateTime, example = "2026-11-27T13:00:00Z")]
pub struct Moment(jiff_sqlx::Timestamp);

impl Moment {
    /// The moment itself.
    pub fn at(self) -> Timestamp {
        self.0.to_jiff()
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at.to_sqlx())
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.at().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self::from)
    }
}

/// A moment with the offset of a venue (RFC 3339).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-27T18:30:00+05:30")]
pub struct LocalTime(String);

impl LocalTime {
    /// `moment` in the time zone of that IANA name.
    pub fn new(moment: Moment, timezone: &str) -> Self {
        let moment = moment.at();
        let offset = zone(timezone).to_offset(moment);
        Self(moment.display_with_offset(offset).to_string())
    }
}

/// The zone of an IANA name. What projections write is known; should it ever not be, UTC is still right.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// An amount in the columns of a table.
pub fn money(amount_minor: i64, currency: Currency) -> Money {
    Money { amount_minor, currency }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_the_offset_that_the_venue_has_then() {
        let at = |text: &str, zone| LocalTime::new(Moment::from(text.parse::<Timestamp>().unwrap()), zone).0;
        assert_eq!(at("2026-11-27T13:00:00Z", "Asia/Kolkata"), "2026-11-27T18:30:00+05:30");
        assert_eq!(at("2026-07-01T18:00:00Z", "Europe/London"), "2026-07-01T19:00:00+01:00");
        assert_eq!(at("2026-12-01T18:00:00Z", "Europe/London"), "2026-12-01T18:00:00+00:00");
    }
}
