//! Formats of times and amounts: screening times in the venue's own time zone, all others in UTC.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ticketshow_domain::{Currency, Money};
use utoipa::ToSchema;

/// A time in UTC (RFC 3339).
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, ToSchema)]
#[sqlx(transparent)]
#[schema(value_type = String, format = DateTime, example = "2026-11-27T13:00:00Z")]
pub struct Moment(jiff_sqlx::Timestamp);

impl Moment {
    pub fn timestamp(self) -> Timestamp {
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
        self.timestamp().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self::from)
    }
}

/// A time with the venue's UTC offset (RFC 3339).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-27T18:30:00+05:30")]
pub struct LocalTime(String);

impl LocalTime {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Formats `moment` in the IANA time zone `timezone`.
    pub fn new(moment: Moment, timezone: &str) -> Self {
        let moment = moment.timestamp();
        let offset = zone(timezone).to_offset(moment);
        Self(moment.display_with_offset(offset).to_string())
    }
}

/// Formats a time of day for people, in the IANA time zone `timezone`: `6:30 pm`.
pub fn time_of_day(moment: Moment, timezone: &str) -> String {
    moment.timestamp().to_zoned(zone(timezone)).strftime("%-I:%M %P").to_string()
}

/// Formats a day and time for people, in the IANA time zone `timezone`: `Fri 27 Nov 2026, 6:30 pm`.
pub fn day_and_time(moment: Moment, timezone: &str) -> String {
    moment.timestamp().to_zoned(zone(timezone)).strftime("%a %-d %b %Y, %-I:%M %P").to_string()
}

/// The time zone of an IANA name; UTC if the name is unknown. The projections write known names only.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Times in UTC between which a calendar day lies, wherever on Earth. They make the day findable in an index on times.
pub fn days_around(date: Date) -> [Timestamp; 2] {
    let midnight = |date: Date| TimeZone::UTC.to_timestamp(date.into());
    let begin = midnight(date.saturating_sub(1.day())).unwrap_or(Timestamp::MIN);
    [begin, midnight(date.saturating_add(2.days())).unwrap_or(Timestamp::MAX)]
}

/// An amount from its two columns.
pub fn money(amount_minor: i64, currency: Currency) -> Money {
    Money { amount_minor, currency }
}

/// `1234.50`: without a sign of the currency and without groups, so that every spreadsheet reads a number.
pub fn in_units(money: Money) -> String {
    let digits = money.currency.minor_digits();
    let (unit, minor) = (10_u64.pow(digits), money.amount_minor.unsigned_abs());
    let sign = if money.amount_minor < 0 { "-" } else { "" };
    match digits {
        0 => format!("{sign}{minor}"),
        _ => format!("{sign}{}.{:0width$}", minor / unit, minor % unit, width = digits as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let of = |amount_minor, code: &str| in_units(Money { amount_minor, currency: code.parse().unwrap() });
        assert_eq!(of(123_450, "INR"), "1234.50");
        assert_eq!(of(-5, "INR"), "-0.05");
        assert_eq!(of(250, "JPY"), "250");
        assert_eq!(of(1_001, "KWD"), "1.001");
    }

    #[test]
    fn a_day_lies_between_the_days_around_it_in_every_zone() {
        let day: Date = "2026-11-27".parse().unwrap();
        let [begin, end] = days_around(day);
        for zone in ["Pacific/Kiritimati", "Asia/Kolkata", "Etc/GMT+12"] {
            let midnight = |day: Date| day.to_zoned(super::zone(zone)).unwrap().timestamp();
            assert!(begin <= midnight(day) && midnight(day.tomorrow().unwrap()) <= end, "{zone}");
        }
        for end_of_calendar in [Date::MIN, Date::MAX] {
            let [begin, end] = days_around(end_of_calendar);
            assert!(begin < end);
        }
    }

    #[test]
    fn a_local_time_has_the_venue_s_offset_on_that_day() {
        let at = |text: &str, zone| LocalTime::new(Moment::from(text.parse::<Timestamp>().unwrap()), zone).0;
        assert_eq!(at("2026-11-27T13:00:00Z", "Asia/Kolkata"), "2026-11-27T18:30:00+05:30");
        assert_eq!(at("2026-07-01T18:00:00Z", "Europe/London"), "2026-07-01T19:00:00+01:00");
        assert_eq!(at("2026-12-01T18:00:00Z", "Europe/London"), "2026-12-01T18:00:00+00:00");
    }
}
