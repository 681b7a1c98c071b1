//! Values that people type: times of day, time zones, and their flaws.

use std::{fmt, str::FromStr};

use jiff::{civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Most marks on one letter. Hebrew with vowels and accents has four, Tibetan and Vietnamese fewer; more of them climb over the lines
/// above.
const MARKS_MAX: usize = 8;

/// One invalid value of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaw {
    /// RFC 6901 pointer into the request body.
    pub pointer: String,
    /// Explanation for a person.
    pub message: String,
}

/// All invalid values of a request, collected so that one answer reports them together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flaws(pub Vec<Flaw>);

impl Flaws {
    /// Notes a flaw unless `holds`.
    pub fn unless(&mut self, holds: bool, pointer: impl Into<String>, message: impl Into<String>) {
        if !holds {
            self.0.push(Flaw { pointer: pointer.into(), message: message.into() });
        }
    }

    /// Notes a flaw unless the text has 1 to `chars_max` characters, all of one line, visible and not all blank.
    pub fn text(&mut self, text: &str, chars_max: usize, pointer: &str) {
        let is_blank = |c: char| c.is_whitespace() || is_joiner(c) || is_combining_mark(c);
        self.unless(
            !text.chars().all(is_blank) && text.chars().count() <= chars_max,
            pointer,
            format!("must have 1 to {chars_max} characters that are not blank"),
        );
        self.unless(
            !text.chars().any(char::is_control),
            pointer,
            "must be one line without control characters",
        );
        self.visible(text, pointer);
    }

    fn visible(&mut self, text: &str, pointer: &str) {
        let message = "must not contain characters that are invisible or change the direction of others";
        self.unless(!text.chars().any(is_deceptive), pointer, message);
        let message = format!("must not have more than {MARKS_MAX} accents on one letter");
        self.unless(!has_towers(text), pointer, message);
    }

    /// Notes a flaw unless the text has at most `chars_max` characters; it may be empty and have lines.
    pub fn prose(&mut self, text: &str, chars_max: usize, pointer: &str) {
        self.unless(
            text.chars().count() <= chars_max,
            pointer,
            format!("must not have more than {chars_max} characters"),
        );
        let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        self.unless(text.chars().all(plain), pointer, "must not contain control characters");
        self.visible(text, pointer);
    }

    /// Returns the flaws as an error.
    ///
    /// # Errors
    ///
    /// The flaws, if there are any.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Flaws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Flaw { pointer, message }) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{pointer} {message}")?;
        }
        Ok(())
    }
}

/// Characters that join letters in Indic scripts and Persian, and the parts of an emoji.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Returns true if marks are piled up on a letter.
fn has_towers(text: &str) -> bool {
    let mut marks = 0;
    text.chars().any(|c| {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        marks > MARKS_MAX
    })
}

/// Characters that make one text look like another: invisible ones, and those that change the direction of others. Source:
/// `Default_Ignorable_Code_Point` in DerivedCoreProperties.txt of Unicode 16, without joiners and the selectors of emoji, with
/// the separators of lines and the blank letters of Hangul and Braille.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}'
        | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Returns a text of one line as it is stored: composed (NFC), without blanks around it and with one space between words. So
/// what looks the same is the same.
#[must_use]
pub fn tidy_line(text: &str) -> String {
    let is_space = |c: char| c.is_whitespace() && !c.is_control() && !is_deceptive(c);
    let text = text.trim().nfc().collect::<String>();
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns a text of several lines as it is stored: composed (NFC), without blanks around it.
#[must_use]
pub fn tidy_prose(text: &str) -> String {
    text.trim().nfc().collect()
}

/// Returns a code as people type it, in one form: of compatible letters (NFKC), without blanks and what cannot be seen, and with plain
/// hyphens.
#[must_use]
pub(crate) fn tidy_code(text: &str) -> String {
    let is_dash = |c: char| c == '\u{2212}' || ('\u{2010}'..='\u{2015}').contains(&c);
    let plain = text.nfkc().filter(|c| !c.is_whitespace() && !is_deceptive(*c) && !is_joiner(*c));
    plain.map(|c| if is_dash(c) { '-' } else { c }).collect()
}

/// Tidies a line; `None` if only blanks are left.
#[must_use]
pub fn tidy(text: &str) -> Option<String> {
    let text = tidy_line(text);
    (!text.is_empty()).then_some(text)
}

/// Checks the optional `reason` of a cancellation: one line of at most 500 characters.
pub(crate) fn check_reason(reason: Option<&str>) -> Result<(), Flaws> {
    let mut flaws = Flaws::default();
    if let Some(reason) = reason {
        flaws.text(reason, 500, "/reason");
    }
    flaws.into_result()
}

/// A time of day on a wall clock, to the minute, written `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayTime(Time);

impl DayTime {
    /// Returns it as a civil time.
    #[must_use]
    pub fn time(self) -> Time {
        self.0
    }
}

impl FromStr for DayTime {
    type Err = NotADayTime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotADayTime(text.to_owned());
        let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
        if hour.len() != 2
            || minute.len() != 2
            || !(hour.to_owned() + minute).bytes().all(|b| b.is_ascii_digit())
        {
            return Err(wrong());
        }
        let hour = hour.parse().map_err(|_| wrong())?;
        let minute = minute.parse().map_err(|_| wrong())?;
        Time::new(hour, minute, 0, 0).map(Self).map_err(|_| wrong())
    }
}

impl TryFrom<String> for DayTime {
    type Error = NotADayTime;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DayTime> for String {
    fn from(time: DayTime) -> Self {
        time.to_string()
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

/// Invalid time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time of day like 09:30")]
pub struct NotADayTime(String);

/// An IANA time zone known to this program, such as `Asia/Kolkata`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZoneName(String);

impl TimeZoneName {
    /// Returns the rules of the zone.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }

    /// Returns the IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl FromStr for TimeZoneName {
    type Err = NotATimeZone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotATimeZone(text.to_owned());
        let zone = TimeZone::get(text).map_err(|_| wrong())?;
        // The unknown zone has no name and applies to no place.
        zone.iana_name().map(|name| Self(name.to_owned())).ok_or_else(wrong)
    }
}

impl TryFrom<String> for TimeZoneName {
    type Error = NotATimeZone;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TimeZoneName> for String {
    fn from(name: TimeZoneName) -> Self {
        name.0
    }
}

impl fmt::Display for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Invalid time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an IANA time zone")]
pub struct NotATimeZone(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_four_digits_on_a_24_hour_clock() {
        for good in ["00:00", "09:30", "23:59"] {
            assert_eq!(good.parse::<DayTime>().map(|time| time.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "9:30", "24:00", "23:60", "0930", "09:30:00", "-1:00", "+9:30", "09:3o", "０9:30"] {
            assert!(bad.parse::<DayTime>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_time_zone_is_called_by_its_proper_name() {
        let named = |text: &str| text.parse::<TimeZoneName>().map(|zone| zone.name().to_owned());
        assert_eq!(named("asia/kolkata"), Ok("Asia/Kolkata".to_owned()));
        assert_eq!(named("UTC"), Ok("UTC".to_owned()));
        for bad in ["", "Mumbai", "Etc/Unknown", "+05:30", "../etc/passwd"] {
            assert!(named(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_text_is_one_line_and_not_blank() {
        let flaws_of = |text: &str| {
            let mut flaws = Flaws::default();
            flaws.text(text, 5, "/text");
            flaws.0.len()
        };
        for good in ["a", "abcde", "äöüß€", " a "] {
            assert_eq!(flaws_of(good), 0, "{good:?}");
        }
        for bad in ["", "  ", "abcdef", "a\nb", "a\0", "a    b"] {
            assert_eq!(flaws_of(bad), 1, "{bad:?}");
        }
    }

    #[test]
    fn prose_has_lines_and_may_be_empty() {
        let flaws_of = |text: &str| {
            let mut flaws = Flaws::default();
            flaws.prose(text, 5, "/text");
            flaws.0.len()
        };
        for good in ["", "a\r\n\tb"] {
            assert_eq!(flaws_of(good), 0, "{good:?}");
        }
        for bad in ["abcdef", "a\0"] {
            assert_eq!(flaws_of(bad), 1, "{bad:?}");
        }
    }

    #[test]
    fn a_text_hides_nothing() {
        let flaws_of = |text: &str| {
            let mut flaws = Flaws::default();
            flaws.text(text, 40, "/text");
            flaws.prose(text, 40, "/text");
            flaws.0.len()
        };
        for deceptive in [
            "evil\u{202E}gnp.exe",
            "a\u{200B}b",
            "a\u{2066}b",
            "soft\u{AD}hyphen",
            "a\u{FEFF}",
            "a\u{E0041}",
            "a\u{3164}b",
            "a\u{2028}b",
        ] {
            assert_eq!(flaws_of(deceptive), 2, "{deceptive:?}");
        }
        // Joiners of Malayalam and Persian, an emoji of a family, Arabic and Hebrew letters.
        for plain in
            ["അവന്\u{200D}", "می\u{200C}خواهم", "👨\u{200D}👩\u{200D}👧", "❤\u{FE0F}", "سلام", "שלום", "Zoë"]
        {
            assert_eq!(flaws_of(plain), 0, "{plain:?}");
        }
        for blank in ["\u{200D} \u{200C}", "\u{FE0F}", "\u{301}\u{301}", "\u{93C}"] {
            let mut flaws = Flaws::default();
            flaws.text(blank, 40, "/text");
            assert_eq!(flaws.0.len(), 1, "{blank:?} alone is blank");
        }
    }

    #[test]
    fn a_letter_has_a_few_marks_only() {
        let flaws_of = |text: &str| {
            let mut flaws = Flaws::default();
            flaws.text(text, 100, "/text");
            flaws.prose(text, 100, "/text");
            flaws.0.len()
        };
        for plain in ["Nguyễn", "שָׁלוֹם", "क्षत्रिय", "கொ", "བསྒྲུབས", "Z\u{300}\u{301}\u{302}"]
        {
            assert_eq!(flaws_of(plain), 0, "{plain:?}");
        }
        assert_eq!(flaws_of(&format!("Z{}", "\u{301}".repeat(MARKS_MAX))), 0);
        assert_eq!(flaws_of(&format!("Z{}", "\u{301}".repeat(MARKS_MAX + 1))), 2);
        assert_eq!(flaws_of(&format!("Z{}algo", "\u{301}".repeat(60))), 2);
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        for typed in
            ["AB-12", " A B - 1 2 ", "AB\u{2013}12", "AB\u{2212}12", "ＡＢ－１２", "\u{FEFF}AB\u{200B}-12"]
        {
            assert_eq!(tidy_code(typed), "AB-12", "{typed:?}");
        }
    }

    #[test]
    fn what_looks_the_same_is_stored_the_same() {
        for (typed, stored) in [
            ("  Zoe\u{308}  ", "Zoë"),
            ("Grand\u{A0}\u{3000}  Palace", "Grand Palace"),
            ("a\tb", "a\tb"),
            ("", ""),
        ] {
            assert_eq!(tidy_line(typed), stored, "{typed:?}");
        }
        assert_eq!(tidy_prose(" e\u{301}\n  b "), "é\n  b");
        assert_eq!(tidy(" \u{A0} "), None);
    }
}
