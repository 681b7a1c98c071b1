//! What somebody looks for, as both engines understand it.

use sqlx::FromRow;
use ticketshow_http::Problem;

use super::cities::Cities;
use crate::reading::{Reading, Select};

/// Words looked for at most; what comes after them hardly tells more.
const TERMS_MAX: usize = 12;
/// Words in the name of a city, at most.
const CITY_WORDS_MAX: usize = 3;

/// Words that say nothing of what is looked for, unless there are no others.
const EMPTY_WORDS: [&str; 24] = [
    "a", "an", "and", "at", "by", "film", "films", "find", "for", "from", "in", "me", "movie", "movies",
    "near", "of", "on", "show", "shows", "the", "ticket", "tickets", "to", "with",
];

/// What somebody looks for.
#[derive(Debug)]
pub struct Question {
    /// All of it, folded: lower case, no accents, no punctuation.
    pub text: String,
    /// Its words that say something.
    pub terms: Vec<String>,
    /// Terms that may mean a city.
    pub places: Vec<Place>,
}

/// A term that may mean a city.
#[derive(Debug, PartialEq)]
pub struct Place {
    /// Which term, from 1.
    pub term: i64,
    /// As the venues write it.
    pub city: String,
    /// Up to 1.
    pub certainty: f64,
}

/// Where to look.
#[derive(Debug)]
pub enum Whereabouts {
    /// Everywhere.
    Anywhere,
    /// In this city, as the venues write it.
    In(String),
    /// In a city where there is nothing.
    Nowhere,
}

impl Whereabouts {
    /// The city that was understood.
    pub fn city(&self) -> Option<&str> {
        match self {
            Self::In(city) => Some(city),
            Self::Anywhere | Self::Nowhere => None,
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

/// Texts are folded where the tables fold theirs, so that both are always the same.
const FOLD: &str = "
    SELECT search_fold($1) AS text, search_fold($2) AS city, cities, folded_cities
    FROM (SELECT coalesce(array_agg(city ORDER BY city), '{}') AS cities,
                 coalesce(array_agg(search_fold(city) ORDER BY city), '{}') AS folded_cities
          FROM (SELECT DISTINCT city FROM venues WHERE status = 'active') AS each) AS known";

/// What is understood of a text, and of the city that was asked for beside it.
///
/// # Errors
///
/// 503 if Postgres is away.
pub async fn understand(
    reading: &mut Reading,
    text: Option<String>,
    city: Option<String>,
) -> Result<(Question, Whereabouts, Cities), Problem> {
    let select: Select<Folded> = sqlx::query_as(FOLD);
    let Folded { text, city, cities, folded_cities } = reading.one(select.bind(text).bind(city)).await?;
    let cities = Cities::new(cities.into_iter().zip(folded_cities));
    let whereabouts = match city.filter(|city| !city.is_empty()) {
        None => Whereabouts::Anywhere,
        Some(city) => match cities.meant(&city) {
            Some(meant) => Whereabouts::In(meant.city),
            None => Whereabouts::Nowhere,
        },
    };
    Ok((Question::new(text.unwrap_or_default(), &cities), whereabouts, cities))
}

impl Question {
    fn new(text: String, cities: &Cities) -> Self {
        let all: Vec<&str> = text.split_whitespace().collect();
        let mut terms: Vec<&str> = all.iter().copied().filter(|word| !EMPTY_WORDS.contains(word)).collect();
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
            let Some(meant) = cities.meant(&span.join(" ")) else { continue };
            for term in (1..).skip(start).take(words) {
                places.push(Place { term, city: meant.city.clone(), certainty: meant.certainty });
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
    fn words_that_say_nothing_are_left_out_unless_there_are_no_others() {
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
