//! The parsed search text, shared by both engines.

use ticketshow_domain::folding::{Folded, sound};
use ticketshow_http::Problem;

use super::cities::{Cities, KnownCity, Match};
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
    /// The whole text, folded.
    pub text: String,
    /// The whole text without blanks.
    pub squashed: String,
    /// Its words without stop words.
    pub terms: Vec<Term>,
    /// Terms that may name a city.
    pub places: Vec<Place>,
}

/// A word searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub word: String,
    /// Its sound; `None` for short words.
    pub sound: Option<String>,
}

/// A term that may name a city.
#[derive(Debug, PartialEq)]
pub struct Place {
    /// Number of the term, from 1.
    pub term: i64,
    /// The whole name that the term is part of.
    pub written: String,
    pub city: KnownCity,
    /// At most 1.
    pub certainty: f64,
}

/// Restriction to a city.
#[derive(Debug)]
pub enum CityFilter {
    /// No restriction.
    Any,
    /// Only this city.
    Only(Match),
    /// A city without venues: nothing can be found.
    Unknown,
}

impl CityFilter {
    /// The recognised city.
    pub fn city(&self) -> Option<&KnownCity> {
        match self {
            Self::Only(found) => Some(&found.city),
            Self::Any | Self::Unknown => None,
        }
    }
}

/// Parses the search text and the requested city.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn parse(
    reading: &mut Reading,
    text: Option<&str>,
    city: Option<&str>,
) -> Result<(Question, CityFilter, Cities), Problem> {
    let select: Select<KnownCity> =
        sqlx::query_as("SELECT city_key, name FROM cities WHERE venues > 0 ORDER BY name, city_key");
    let cities = Cities::new(reading.all(select).await?);
    let city_filter = match city.map(|city| Folded::new(city).text()).filter(|city| !city.is_empty()) {
        None => CityFilter::Any,
        Some(city) => cities.recognise(&city).map_or(CityFilter::Unknown, CityFilter::Only),
    };
    Ok((Question::new(text.unwrap_or_default(), &cities), city_filter, cities))
}

impl Question {
    fn new(text: &str, cities: &Cities) -> Self {
        let folded = Folded::new(text);
        let all: Vec<&str> = folded.words().iter().map(String::as_str).collect();
        let mut terms: Vec<&str> = all.iter().copied().filter(|word| !STOP_WORDS.contains(word)).collect();
        if terms.is_empty() {
            terms = all;
        }
        terms.truncate(TERMS_MAX);
        let places = places(&terms, cities);
        let term = |word: &str| Term { word: word.to_owned(), sound: sound(word) };
        let terms = terms.into_iter().map(term).collect();
        Self { text: folded.text(), squashed: folded.squashed(), terms, places }
    }
}

fn places(terms: &[&str], cities: &Cities) -> Vec<Place> {
    let mut places = Vec::new();
    for words in 1..=CITY_WORDS_MAX.min(terms.len()) {
        for (start, span) in terms.windows(words).enumerate() {
            let written = span.join(" ");
            let Some(Match { city, certainty }) = cities.recognise(&written) else { continue };
            for term in (1..).skip(start).take(words) {
                places.push(Place { term, written: written.clone(), city: city.clone(), certainty });
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str) -> Question {
        let cities = ["Delhi", "Mumbai"];
        let cities = cities.map(|name| KnownCity { key: name.to_lowercase(), name: name.to_owned() });
        Question::new(text, &Cities::new(cities))
    }

    #[test]
    fn stop_words_are_ignored_unless_there_are_no_others() {
        let words =
            |text: &str| -> Vec<String> { question(text).terms.into_iter().map(|term| term.word).collect() };
        assert_eq!(words("movies in new delhi"), ["new", "delhi"]);
        assert_eq!(words("the show"), ["the", "show"]);
        assert_eq!(words(""), [""; 0]);
        assert_eq!(question(&"word ".repeat(40)).terms.len(), TERMS_MAX);
    }

    #[test]
    fn cities_are_found_among_the_words() {
        let terms = |text: &str| -> Vec<(i64, String)> {
            question(text).places.into_iter().map(|place| (place.term, place.city.name)).collect()
        };
        let delhi = || "Delhi".to_owned();
        assert_eq!(terms("comedy bombay"), [(2, "Mumbai".to_owned())]);
        assert_eq!(terms("drama new delhi"), [(3, delhi()), (2, delhi()), (3, delhi())]);
        assert_eq!(terms("drama"), []);
    }
}

#[cfg(test)]
mod hostile {
    use proptest::{prelude::*, test_runner::TestRunner};

    use super::*;
    use crate::search::index_queries::{self, Kind};

    #[test]
    fn any_text_is_a_bounded_question() {
        let known = ["Delhi", "New Delhi", "Mumbai", "Île-de-Nantes"];
        let known = known.map(|name| KnownCity { key: name.to_lowercase(), name: name.to_owned() });
        let cities = Cities::new(known.clone());
        let words = "(the |in |new |delhi |mumbay |[a-z]{1,3} |\\PC{0,4} ){0,40}";
        let texts = prop_oneof![words, "\\PC{0,200}", any::<String>()];
        let run = TestRunner::deterministic().run(&texts, |text| {
            let question = Question::new(&text, &cities);
            prop_assert!(question.terms.len() <= TERMS_MAX);
            let terms = i64::try_from(question.terms.len()).unwrap();
            for Place { term, city, certainty, .. } in &question.places {
                prop_assert!((1..=terms).contains(term) && (0.0..=1.0).contains(certainty));
                prop_assert!(known.contains(city));
            }
            for kind in [Kind::Show, Kind::Venue] {
                index_queries::search(kind, &question, None, 20);
                index_queries::suggest(kind, &question, 20);
            }
            Ok(())
        });
        run.unwrap();
    }
}
