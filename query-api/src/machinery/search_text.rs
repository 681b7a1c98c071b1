//! Search text in query parameters, and the patterns and id ranges derived from it.

use serde::Deserialize;
use ticketshow_domain::{folding::cities, tidy_line};
use uuid::Uuid;

/// One line of at most 200 characters, in the form in which names are stored: composed, with single blanks.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct SearchText(pub String);

impl TryFrom<String> for SearchText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // Control characters match nothing, and Postgres rejects some of them.
        if text.chars().count() > 200 || text.chars().any(char::is_control) {
            return Err("must be one line of at most 200 characters");
        }
        Ok(Self(tidy_line(&text)))
    }
}

/// Returns the pattern of `LIKE` that finds `text` anywhere. It stays in its letter case.
pub fn containing(text: &str) -> String {
    format!("%{}%", literally(text))
}

/// Returns the pattern of `LIKE` that finds exactly `text`.
pub fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// Returns the patterns of `LIKE` that find a telephone number among digits, however it was written and with or without a country
/// code; none if `text` is no part of a number.
pub fn digits_of_phone(text: &str) -> Vec<String> {
    const DIGITS_MIN: usize = 5;
    // The longest country code has three digits, the shortest number that is dialled after it about eight.
    const CODE_MAX: usize = 3;
    const NATIONAL_MIN: usize = 8;
    if !text.bytes().all(|b| b.is_ascii_digit() || b"+-/(). ".contains(&b)) {
        return Vec::new();
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < DIGITS_MIN {
        return Vec::new();
    }
    let is_international = text.trim_start().starts_with('+') || digits.starts_with("00");
    // In a country, a 0 before the number stands for its code.
    let number = digits.trim_start_matches('0');
    let mut patterns = vec![format!("%{digits}%"), format!("%{number}%")];
    if is_international {
        let without_code = (1..=CODE_MAX).filter_map(|code| number.get(code..));
        patterns
            .extend(without_code.filter(|rest| rest.len() >= NATIONAL_MIN).map(|rest| format!("%{rest}")));
    }
    patterns
}

/// Returns the first and last id that begins with `text`; `None` if none does.
pub fn ids_beginning_with(text: &str) -> Option<(Uuid, Uuid)> {
    let has_dash = |position: usize| matches!(position, 8 | 13 | 18 | 23);
    let fits = |(position, character): (usize, char)| match character {
        '-' => has_dash(position),
        _ => character.is_ascii_hexdigit() && !has_dash(position),
    };
    if text.is_empty() || text.len() > 36 || !text.char_indices().all(fits) {
        return None;
    }
    let digits = text.replace('-', "");
    let filled = |with: &str| Uuid::try_parse(&format!("{digits}{}", with.repeat(32 - digits.len()))).ok();
    filled("0").zip(filled("f"))
}

/// The key of the city of an optional filter.
pub fn city_key(filter: Option<SearchText>) -> Option<String> {
    filter.map(|SearchText(city)| cities::key(&city))
}

/// The text of an optional filter.
pub fn text(filter: Option<SearchText>) -> Option<String> {
    filter.map(|SearchText(text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_every_character_literally() {
        assert_eq!(containing("a_b%c\\"), "%a\\_b\\%c\\\\%");
    }

    #[test]
    fn a_telephone_number_is_found_however_it_is_written() {
        let finds = |typed: &str, stored: &str| {
            digits_of_phone(typed).iter().any(|pattern| {
                let part = pattern.trim_matches('%');
                if pattern.ends_with('%') { stored.contains(part) } else { stored.ends_with(part) }
            })
        };
        for typed in
            ["+91 98200 12345", "0091-9820012345", "98200 12345", "098200-12345", "(98200) 12345", "12345"]
        {
            for stored in ["919820012345", "9820012345"] {
                assert!(finds(typed, stored), "{typed} {stored}");
            }
        }
        assert!(!finds("98200 12346", "919820012345"));
        for other in ["", "1234", "Ada", "ada@example.org", "A-12345"] {
            assert!(digits_of_phone(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn ids_begin_with_their_first_digits() {
        let range = |text: &str| ids_beginning_with(text).map(|(from, to)| format!("{from} {to}"));
        let all = "b0000000-0000-0000-0000-000000000000 bfffffff-ffff-ffff-ffff-ffffffffffff";
        assert_eq!(range("B").as_deref(), Some(all));
        let one = "b0000000-0000-0000-0000-000000000001";
        assert_eq!(range(one), Some(format!("{one} {one}")));
        let part = "b0000000-00f0-0000-0000-000000000000 b0000000-00ff-ffff-ffff-ffffffffffff";
        assert_eq!(range("b0000000-00f").as_deref(), Some(part));
        for text in ["", "adam", "b-", "b000000000", "b0000000-0000-0000-0000-0000000000011"] {
            assert_eq!(range(text), None, "{text}");
        }
    }
}
