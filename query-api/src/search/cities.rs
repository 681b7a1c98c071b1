//! Recognition of cities by name, by any other name, and with typos.

use sqlx::FromRow;
use ticketshow_domain::folding::cities::{is_known, key, names};

/// Certainty lost per typo.
const TYPO_COST: f64 = 0.15;

/// The cities that have venues, under all their names.
#[derive(Debug, Default)]
pub struct Cities(Vec<Name>);

#[derive(Debug)]
struct Name {
    folded: Vec<char>,
    city: KnownCity,
}

/// A city that has venues.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KnownCity {
    #[sqlx(rename = "city_key")]
    pub key: String,
    /// As most of its venues spell it.
    pub name: String,
}

/// A recognised city.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    pub city: KnownCity,
    /// 1 for one of its names, less for a name with typos.
    pub certainty: f64,
}

impl Cities {
    pub fn new(cities: impl IntoIterator<Item = KnownCity>) -> Self {
        let all = cities.into_iter().flat_map(|city| {
            let names = names(&city.key).into_iter();
            names.map(move |name| Name { folded: name.chars().collect(), city: city.clone() })
        });
        Self(all.collect())
    }

    /// Returns the city that folded words name, if any. The name of another city is no misspelling, even if no venue is
    /// there.
    pub fn recognise(&self, words: &str) -> Option<Match> {
        let exact = key(words);
        if let Some(name) = self.0.iter().find(|name| name.city.key == exact) {
            return Some(Match { city: name.city.clone(), certainty: 1.0 });
        }
        if is_known(words) {
            return None;
        }
        let words: Vec<char> = words.chars().collect();
        let typos_max = typos_max(words.len());
        // The first letter is hardly ever wrong, and many cities differ in no other.
        let names = self.0.iter().filter(|name| name.folded.first() == words.first());
        let near = names.filter_map(|name| Some((typos(&words, &name.folded, typos_max)?, name)));
        let (typos, name) = near.min_by_key(|(typos, _)| *typos)?;
        Some(Match { city: name.city.clone(), certainty: 1.0 - TYPO_COST * f64::from(typos) })
    }

    /// Returns the cities with a name that starts with `words`; if there are none, the city they name with typos.
    pub fn starting_with(&self, words: &str) -> Vec<String> {
        let start: Vec<char> = words.chars().collect();
        let mut found: Vec<String> = Vec::new();
        for name in self.0.iter().filter(|name| !start.is_empty() && name.folded.starts_with(&start)) {
            if !found.contains(&name.city.name) {
                found.push(name.city.name.clone());
            }
        }
        if found.is_empty() {
            found.extend(self.recognise(words).map(|found| found.city.name));
        }
        found
    }
}

/// Typos forgiven in a text of that many letters.
fn typos_max(letters: usize) -> u8 {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        8.. => 2,
    }
}

/// Number of wrong, missing, extra or swapped letters; `None` if more than `max`.
fn typos(written: &[char], meant: &[char], max: u8) -> Option<u8> {
    if written.len().abs_diff(meant.len()) > usize::from(max) {
        return None;
    }
    // Optimal string alignment: the rows of the table for the last two letters and this one.
    let mut before: Vec<u8> = Vec::new();
    let mut last: Vec<u8> = (0..).take(meant.len() + 1).collect();
    for (i, letter) in written.iter().enumerate() {
        let mut row = vec![last[0].saturating_add(1)];
        for (j, other) in meant.iter().enumerate() {
            let changed = last[j].saturating_add(u8::from(letter != other));
            let mut best = changed.min(last[j + 1].saturating_add(1)).min(row[j].saturating_add(1));
            if i > 0 && j > 0 && *letter == meant[j - 1] && written[i - 1] == *other {
                best = best.min(before[j - 1].saturating_add(1));
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|typos| *typos <= max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cities() -> Cities {
        let names = ["Mumbai", "Bengaluru", "Delhi", "Chennai", "Kolkata", "Puducherry", "Jaipur", "Salem"];
        Cities::new(names.map(|name| KnownCity { key: name.to_lowercase(), name: name.to_owned() }))
    }

    fn recognised(words: &str) -> Option<String> {
        cities().recognise(words).map(|found| found.city.name)
    }

    #[test]
    fn a_city_is_recognised_by_all_its_names_and_with_typos() {
        for (words, city) in [
            ("mumbai", "Mumbai"),
            ("bombay", "Mumbai"),
            ("मुंबई", "Mumbai"),
            ("mumbay", "Mumbai"),
            ("bomaby", "Mumbai"),
            ("banglore", "Bengaluru"),
            ("bengalooru", "Bengaluru"),
            ("new delhi", "Delhi"),
            ("dlehi", "Delhi"),
            ("madras", "Chennai"),
            ("calcuta", "Kolkata"),
            ("pondicheri", "Puducherry"),
        ] {
            assert_eq!(recognised(words).as_deref(), Some(city), "{words}");
        }
    }

    #[test]
    fn other_words_name_no_city() {
        for words in
            ["", "mum", "atlantis", "mumbai delhi", "goa", "dune", "raipur", "sale", "patna", "waipur"]
        {
            assert_eq!(recognised(words), None, "{words}");
        }
    }

    #[test]
    fn an_exact_name_is_more_certain_than_a_typo() {
        let certainty = |words: &str| cities().recognise(words).unwrap().certainty;
        assert!(certainty("delhi") > certainty("delhy"));
        assert!(certainty("chennai") > certainty("chenai"));
    }

    #[test]
    fn cities_are_suggested_by_the_beginning_of_any_name() {
        assert_eq!(cities().starting_with("bo"), ["Mumbai"]);
        assert_eq!(cities().starting_with("b"), ["Mumbai", "Bengaluru"]);
        assert_eq!(cities().starting_with("chenai"), ["Chennai"]);
        assert_eq!(cities().starting_with(""), [""; 0]);
    }
}
