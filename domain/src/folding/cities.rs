//! Names of cities: which spellings mean the same city.

use std::{collections::HashMap, sync::LazyLock};

use super::Folded;

/// Cities with their names, one line per city.
const NAMES: &str = include_str!("city_names.txt");

/// Names of the file, folded, with the key of their city.
static KEYS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut keys = HashMap::new();
    for names in lines() {
        let key = names.first().cloned().unwrap_or_default();
        for name in names {
            keys.entry(name).or_insert_with(|| key.clone());
        }
    }
    keys
});

/// Names of each city of the file, folded, by its key.
static NAMES_OF: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let named = lines().filter_map(|names| Some((names.first()?.clone(), names)));
    named.collect()
});

fn lines() -> impl Iterator<Item = Vec<String>> {
    let lines = NAMES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split(',').map(|name| Folded::new(name).text()).collect())
}

/// Returns the key of a city: equal for all names and spellings of one city.
#[must_use]
pub fn key(city: &str) -> String {
    let folded = Folded::new(city).text();
    KEYS.get(&folded).cloned().unwrap_or(folded)
}

/// Returns true if a folded text is the name of a city, whether or not there is a venue in it.
#[must_use]
pub fn is_known(folded: &str) -> bool {
    KEYS.contains_key(folded)
}

/// Returns all folded names of the city with this key.
#[must_use]
pub fn names(key: &str) -> Vec<String> {
    NAMES_OF.get(key).cloned().unwrap_or_else(|| vec![key.to_owned()])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn all_names_of_a_city_have_one_key() {
        for (one, other) in [
            ("Bengaluru", "Bangalore"),
            ("bengaluru", "BENGALURU"),
            ("Mumbai", "Bombay"),
            ("मुम्बई", "मुंबई"),
            ("Mérida", "Me\u{301}rida"),
            ("Zürich", "Zurich"),
            ("New Delhi", "दिल्ली"),
            ("Springfield ", "springfield"),
        ] {
            assert_eq!(key(one), key(other), "{one}");
        }
        assert_ne!(key("Raipur"), key("Jaipur"));
        assert_eq!(key("Bombay"), "mumbai");
    }

    #[test]
    fn no_name_belongs_to_two_cities() {
        let mut seen = HashSet::new();
        for name in lines().flatten() {
            assert!(seen.insert(name.clone()), "{name}");
        }
    }

    #[test]
    fn a_city_knows_its_names() {
        assert_eq!(names("mumbai")[..2], ["mumbai", "bombay"]);
        assert_eq!(names("atlantis"), ["atlantis"]);
        assert!(is_known("raipur") && !is_known("atlantis"));
    }
}
