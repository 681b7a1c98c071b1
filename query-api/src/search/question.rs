//! The parsed search text, shared by both engines.

use sqlx::FromRow;
use ticketshow_http::Problem;

use super::cities::Cities;
use crate::machinery::reading::{Reading, Select};

/// Maximum number of words searched for; further words are ignored.
const TERMS_MAX: usize = 12;
/// Maximum number of words in the name of a city.
const CITY_WORDS_MAX: usize = 3;

/// Words ignored unless there are no others.
const STOP_WORDS: [&str; 24] = [
    "a", "an", "and", "at", "by", "film", "films", "find", "for", "from", "in", "me", "movie", "movies",
    "near", "of", "on", "show", "shows", "the", "ticket", "tickets", "to", "with",
];

/// A parsed search text.
#[derive(Debug)]
pub struct Question {
    /// The whole text, folded: lower case, without accents and punctuation.
    pub text: String,
    /// Its words without stop words.
    pub terms: Vec<String>,
    /// Terms that may name a city.
    pub places: Vec<Place>,
}

/// A term that may name a city.
#[derive(Debug, PartialEq)]
pub struct Place {
    /// Number of the term, from 1.
    pub term: i64,
    /// Spelled as in the venues' addresses.
    pub city: String,
    /// At most 1.
    pub certainty: f64,
}

/// Restriction to a city.
#[derive(Debug)]
pub enum CityFilter {
    /// No restriction.
    Any,
    /// Only this city, spelled as in the venues' addresses.
    Only(String),
    /// A city without venues: nothing can be found.
    Unknown,
}

impl CityFilter {
    /// The recognised city.
    pub fn city(&self) -> Option<&str> {
        match self {
            Self::Only(city) => Some(city),
            Self::Any | Self::Unknown => None,
        }
    }
}

#[derive(FromRow)]
struct Folded {
    text: Option<String>,
    city: Option<String>,
    cities: Vec<String>,
    folded_cities: Vec<String>,
}

/// Folds the search text with the same function as the tables.
const FOLD: &str = "
    SELECT search_fold($1) AS text, search_fold($2) AS city, cities, folded_cities
    FROM (SELECT coalesce(array_agg(city ORDER BY city), '{}') AS cities,
                 coalesce(array_agg(search_fold(city) ORDER BY city), '{}') AS folded_cities
          FROM (SELECT DISTINCT city FROM venues WHERE status = 'active') AS each) AS known";

/// Parses the search text and the requested city.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn parse(
    reading: &mut Reading,
    text: Option<String>,
    city: Option<String>,
) -> Result<(Question, CityFilter, Cities), Problem> {
    let select: Select<Folded> = sqlx::query_as(FOLD);
    let Folded { text, city, cities, folded_cities } = reading.one(select.bind(text).bind(city)).await?;
    let cities = Cities::new(cities.into_iter().zip(folded_cities));
    let city_filter = match city.filter(|city| !city.is_empty()) {
        None => CityFilter::Any,
        Some(city) => match cities.recognise(&city) {
            Some(found) => CityFilter::Only(found.city),
            None => CityFilter::Unknown,
        },
    };
    Ok((Question::new(text.unwrap_or_default(), &cities), city_filter, cities))
}

impl Question {
    fn new(text: String, cities: &Cities) -> Self {
        let all: Vec<&str> = text.split_whitespace().collect();
        let mut terms: Vec<&str> = all.iter().copied().filter(|word| !STOP_WORDS.contains(word)).collect();
        if terms.is_empty() {
            terms = all;
        }
        terms.truncate(TERMS_MAX);
        let places = places(&terms, cities);
        let terms = terms.into_iter().map(str::to_owned).collect();
        Self { text, terms, places }
    }
}

fn places(terms: &[&str], cities: &Cities) -> Vec<Place> {
    let mut places = Vec::new();
    for words in 1..=CITY_WORDS_MAX.min(terms.len()) {
        for (start, span) in terms.windows(words).enumerate() {
            let Some(found) = cities.recognise(&span.join(" ")) else { continue };
            for term in (1..).skip(start).take(words) {
                places.push(Place { term, city: found.city.clone(), certainty: found.certainty });
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str) -> Question {
        let cities = ["Delhi", "Mumbai"].map(|name| (name.to_owned(), name.to_lowercase()));
        Question::new(text.to_owned(), &Cities::new(cities))
    }

    #[test]
    fn stop_words_are_ignored_unless_there_are_no_others() {
        assert_eq!(question("movies in new delhi").terms, ["new", "delhi"]);
        assert_eq!(question("the show").terms, ["the", "show"]);
        assert_eq!(question("").terms, [""; 0]);
        assert_eq!(question(&"word ".repeat(40)).terms.len(), TERMS_MAX);
    }

    #[test]
    fn cities_are_found_among_the_words() {
        let terms = |text: &str| -> Vec<(i64, String)> {
            question(text).places.into_iter().map(|place| (place.term, place.city)).collect()
        };
        let delhi = || "Delhi".to_owned();
        assert_eq!(terms("comedy bombay"), [(2, "Mumbai".to_owned())]);
        assert_eq!(terms("drama new delhi"), [(3, delhi()), (2, delhi()), (3, delhi())]);
        assert_eq!(terms("drama"), []);
    }
}
