//! Which city somebody means: by its name, by any other name it has, and with a slip of the pen.

/// What cities are called besides; both engines read this file.
const SYNONYMS: &str = include_str!("../../../projectors/search/city_synonyms.txt");

/// How certain a city is that is one slip away from what was written; each further slip costs as much again.
const SLIP: f64 = 0.15;

/// The cities that have venues, by all their names.
#[derive(Debug, Default)]
pub struct Cities(Vec<Name>);

#[derive(Debug)]
struct Name {
    folded: Vec<char>,
    /// As the venues write it.
    city: String,
}

/// A city that may be meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant {
    /// As the venues write it.
    pub city: String,
    /// Up to 1, which is its very name.
    pub certainty: f64,
}

impl Cities {
    /// The cities, each as the venues write it and folded.
    pub fn new(cities: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut names = Vec::new();
        for (city, folded) in cities {
            let mut add =
                |name: &str| names.push(Name { folded: name.chars().collect(), city: city.clone() });
            add(&folded);
            for other in others(&folded) {
                add(other);
            }
        }
        Self(names)
    }

    /// The city that folded words mean, if they mean one.
    pub fn meant(&self, words: &str) -> Option<Meant> {
        let words: Vec<char> = words.chars().collect();
        let slips_max = slips_max(words.len());
        let names = self.0.iter();
        let near = names.filter_map(|name| Some((slips(&words, &name.folded, slips_max)?, name)));
        let (slips, name) = near.min_by_key(|(slips, _)| *slips)?;
        Some(Meant { city: name.city.clone(), certainty: 1.0 - SLIP * f64::from(slips) })
    }

    /// Cities with a name that begins like this, else the one that is meant.
    pub fn beginning(&self, words: &str) -> Vec<String> {
        let start: Vec<char> = words.chars().collect();
        let mut found: Vec<String> = Vec::new();
        for name in self.0.iter().filter(|name| !start.is_empty() && name.folded.starts_with(&start)) {
            if !found.contains(&name.city) {
                found.push(name.city.clone());
            }
        }
        if found.is_empty() {
            found.extend(self.meant(words).map(|meant| meant.city));
        }
        found
    }
}

/// The other names of a city that is called `folded` by somebody.
fn others(folded: &str) -> impl Iterator<Item = &'static str> {
    let lines = SYNONYMS.lines().filter(|line| !line.starts_with('#'));
    let names = |line: &'static str| line.split(',').map(str::trim).filter(|name| !name.is_empty());
    lines.filter(move |line| names(line).any(|name| name == folded)).flat_map(names)
}

/// Slips forgiven in a word of that many letters.
fn slips_max(letters: usize) -> u8 {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        8.. => 2,
    }
}

/// How many letters are wrong, missing, too many or swapped with their neighbour; `None` if more than `max`.
fn slips(written: &[char], meant: &[char], max: u8) -> Option<u8> {
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
    last.last().copied().filter(|slips| *slips <= max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cities() -> Cities {
        let names = ["Mumbai", "Bengaluru", "Delhi", "Chennai", "Kolkata", "Puducherry"];
        Cities::new(names.map(|name| (name.to_owned(), name.to_lowercase())))
    }

    fn meant(words: &str) -> Option<String> {
        cities().meant(words).map(|meant| meant.city)
    }

    #[test]
    fn a_city_is_known_by_all_its_names_and_with_slips() {
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
            assert_eq!(meant(words).as_deref(), Some(city), "{words}");
        }
    }

    #[test]
    fn what_is_no_city_means_none() {
        for words in ["", "mum", "atlantis", "mumbai delhi", "goa", "dune"] {
            assert_eq!(meant(words), None, "{words}");
        }
    }

    #[test]
    fn the_very_name_is_more_certain_than_a_slip() {
        let certainty = |words: &str| cities().meant(words).unwrap().certainty;
        assert!(certainty("delhi") > certainty("delhy"));
        assert!(certainty("chennai") > certainty("chenai"));
    }

    #[test]
    fn cities_are_suggested_by_the_beginning_of_any_name() {
        assert_eq!(cities().beginning("bo"), ["Mumbai"]);
        assert_eq!(cities().beginning("b"), ["Mumbai", "Bengaluru"]);
        assert_eq!(cities().beginning("chenai"), ["Chennai"]);
        assert_eq!(cities().beginning(""), [""; 0]);
    }

    #[test]
    fn the_file_is_written_as_texts_are_compared() {
        for line in SYNONYMS.lines().filter(|line| !line.starts_with('#')) {
            for name in line.split(',') {
                let name = name.trim();
                assert_eq!(name, name.to_lowercase(), "{line}");
                assert!(!name.chars().any(|c| ('\u{80}'..'\u{370}').contains(&c)), "an accent: {line}");
            }
        }
    }
}
