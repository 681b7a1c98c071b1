//! Formatting of amounts and times for people, on tickets and in mails.

use jiff::{
    Timestamp, Zoned,
    civil::{Date, Weekday},
};
use ticketshow_domain::{Language, Money, TimeZoneName};

/// Formats an amount: `₹1,25,000.00`, `€12.50`, `12.50 CHF`. Rupees are grouped by lakh and crore.
#[must_use]
pub fn amount(money: Money) -> String {
    let Money { amount_minor, currency } = money;
    let digits = currency.minor_digits();
    let (unit, minor) = (10_u64.pow(digits), amount_minor.unsigned_abs());
    let groups = if currency.code() == "INR" { Groups::Indian } else { Groups::Thousands };
    let whole = grouped(minor / unit, groups);
    let width = digits as usize;
    let number = match digits {
        0 => whole,
        _ => format!("{whole}.{:0width$}", minor % unit),
    };
    let sign = if amount_minor < 0 { "-" } else { "" };
    match symbol(currency.code()) {
        Some(symbol) => format!("{sign}{symbol}{number}"),
        None => format!("{sign}{number} {currency}"),
    }
}

/// Symbols that are unambiguous.
fn symbol(code: &str) -> Option<&'static str> {
    match code {
        "INR" => Some("₹"),
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        "USD" => Some("US$"),
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Groups {
    Thousands,
    /// Three digits, then groups of two.
    Indian,
}

fn grouped(number: u64, groups: Groups) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let left = digits.len() - index;
        let comma = match groups {
            Groups::Thousands => left.is_multiple_of(3),
            Groups::Indian => left == 3 || left > 3 && left % 2 == 1,
        };
        if comma && index > 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A time in the time zone of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTime {
    /// `Friday, 27 November 2026`.
    pub date: String,
    /// `18:30`.
    pub time: String,
    /// `IST, Asia/Kolkata`; only the name if the zone has no abbreviation.
    pub zone: String,
}

impl LocalTime {
    /// Formats a time in a zone, in English.
    #[must_use]
    pub fn new(at: Timestamp, zone: &TimeZoneName) -> Self {
        Self::in_language(at, zone, Language::En)
    }

    /// Formats a time in a zone.
    #[must_use]
    pub fn in_language(at: Timestamp, zone: &TimeZoneName, language: Language) -> Self {
        let local: Zoned = at.to_zoned(zone.zone());
        let abbreviation = local.strftime("%Z").to_string();
        let is_name = abbreviation.chars().all(char::is_alphabetic) && abbreviation != zone.name();
        Self {
            date: match language {
                Language::En => local.strftime("%A, %-d %B %Y").to_string(),
                Language::Hi => hindi_date(&local),
            },
            time: local.strftime("%H:%M").to_string(),
            zone: if is_name { format!("{abbreviation}, {zone}") } else { zone.to_string() },
        }
    }
}

/// `शुक्रवार, 27 नवंबर 2026`.
fn hindi_date(local: &Zoned) -> String {
    let weekday = match local.weekday() {
        Weekday::Monday => "सोमवार",
        Weekday::Tuesday => "मंगलवार",
        Weekday::Wednesday => "बुधवार",
        Weekday::Thursday => "गुरुवार",
        Weekday::Friday => "शुक्रवार",
        Weekday::Saturday => "शनिवार",
        Weekday::Sunday => "रविवार",
    };
    format!("{weekday}, {}", long_date(local.date(), Language::Hi))
}

/// Formats a day: `27 November 2026`, `27 नवंबर 2026`.
#[must_use]
pub fn long_date(day: Date, language: Language) -> String {
    match language {
        Language::En => day.strftime("%-d %B %Y").to_string(),
        Language::Hi => format!("{} {} {}", day.day(), hindi_month(day.month()), day.year()),
    }
}

fn hindi_month(month: i8) -> &'static str {
    let months =
        ["जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"];
    usize::try_from(month - 1).ok().and_then(|month| months.get(month)).copied().unwrap_or_default()
}

impl std::fmt::Display for LocalTime {
    /// Everything in one line: `Friday, 27 November 2026, 18:30 (IST, Asia/Kolkata)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { date, time, zone } = self;
        write!(f, "{date}, {time} ({zone})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(amount_minor: i64, code: &str) -> String {
        amount(Money { amount_minor, currency: code.parse().unwrap() })
    }

    #[test]
    fn amounts_have_the_symbol_digits_and_grouping_of_their_currency() {
        assert_eq!(formatted(25_000, "INR"), "₹250.00");
        assert_eq!(formatted(12_500_000, "INR"), "₹1,25,000.00");
        assert_eq!(formatted(1_234_567_800, "INR"), "₹1,23,45,678.00");
        assert_eq!(formatted(-5, "INR"), "-₹0.05");
        assert_eq!(formatted(123_456_789, "EUR"), "€1,234,567.89");
        assert_eq!(formatted(250, "JPY"), "250 JPY");
        assert_eq!(formatted(1_001, "KWD"), "1.001 KWD");
        assert_eq!(formatted(0, "INR"), "₹0.00");
    }

    #[test]
    fn a_time_is_formatted_in_the_zone_of_the_place() {
        let local =
            |at: &str, zone: &str| LocalTime::new(at.parse().unwrap(), &zone.parse().unwrap()).to_string();
        assert_eq!(
            local("2026-11-27T13:00:00Z", "Asia/Kolkata"),
            "Friday, 27 November 2026, 18:30 (IST, Asia/Kolkata)"
        );
        assert_eq!(
            local("2026-11-27T20:00:00Z", "Asia/Kolkata"),
            "Saturday, 28 November 2026, 01:30 (IST, Asia/Kolkata)"
        );
        assert_eq!(local("2026-07-01T18:00:00Z", "Asia/Dubai"), "Wednesday, 1 July 2026, 22:00 (Asia/Dubai)");
        assert_eq!(local("2026-07-01T18:00:00Z", "UTC"), "Wednesday, 1 July 2026, 18:00 (UTC)");
    }

    #[test]
    fn a_day_is_named_in_the_language_of_the_reader() {
        let date = |at: &str| {
            LocalTime::in_language(at.parse().unwrap(), &"Asia/Kolkata".parse().unwrap(), Language::Hi).date
        };
        assert_eq!(date("2026-11-27T13:00:00Z"), "शुक्रवार, 27 नवंबर 2026");
        assert_eq!(date("2026-12-31T20:00:00Z"), "शुक्रवार, 1 जनवरी 2027");
        let day = jiff::civil::date(2026, 11, 27);
        assert_eq!(long_date(day, Language::En), "27 November 2026");
        assert_eq!(long_date(day, Language::Hi), "27 नवंबर 2026");
    }
}
