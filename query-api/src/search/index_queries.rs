//! Queries of the search index, as JSON.
//!
//! As in Postgres, each term scores by the best field it is found in. Scores are constants, so that a rare word in a
//! description never beats a common word in a title.

use serde_json::{Value, json};

use super::{
    cities::KnownCity,
    question::{Question, Term},
};

/// Kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Show,
    Venue,
}

/// Field, and the score of a term that is one of its words, starts one of them, or matches one with typos (0: never).
const FIELDS: [(&str, f64, f64, f64); 4] = [
    ("title", 10.0, 9.0, 6.0),
    ("people", 7.0, 5.5, 4.0),
    ("description", 5.0, 2.5, 0.0),
    ("labels", 4.0, 3.0, 2.0),
];
/// Score of a term by which a title is found as a whole word, however it is written, and of one that sounds like a word of it.
const WORD: f64 = 10.0;
const SOUND: f64 = 5.0;
/// Score of a city where a show plays or a venue is.
const CITY: f64 = 4.5;
/// Typos allowed: none in words below 3 letters, one below 8, otherwise two.
const FUZZINESS: &str = "AUTO:3,8";
/// Share of the terms that must be found, in tenths.
const REQUIRED_TENTHS: usize = 6;

/// A query for shows or venues, best first.
pub fn search(kind: Kind, question: &Question, city: Option<&KnownCity>, limit: usize) -> Value {
    let Question { text, squashed, terms, places } = question;
    let required = (terms.len() * REQUIRED_TENTHS).div_ceil(10).max(1);
    // A match of the whole text weighs as much as all its terms together.
    #[expect(clippy::cast_precision_loss, reason = "there are a few terms")]
    let all = terms.len() as f64;
    let each: Vec<Value> = terms
        .iter()
        .enumerate()
        .map(|(index, term)| {
            let number = i64::try_from(index + 1).unwrap_or(i64::MAX);
            let places = places.iter().filter(|place| place.term == number);
            term_query(term, places.map(|place| (place.city.key.as_str(), place.certainty)))
        })
        .collect();
    let pieces = json!({"match": {"title.pieces": {"query": text, "minimum_should_match": "60%"}}});
    let query = json!({"bool": {
        "filter": filters(kind, city),
        "must": [{"bool": {"minimum_should_match": 1, "should": [
            {"bool": {"minimum_should_match": required, "should": each}},
            scored(json!({"term": {"terms": squashed}}), 8.0 * all),
            // Words wrongly joined or split.
            scored(pieces, 3.0 * all),
        ]}}],
        "should": [
            scored(json!({"term": {"title.whole": text}}), 10.0 * all),
            scored(json!({"fuzzy": {"title.whole": {"value": text, "fuzziness": "AUTO"}}}), 3.0 * all),
            scored(json!({"match_phrase_prefix": {"title": {"query": text}}}), 4.0 * all),
            // Among equals, shorter titles first.
            {"match": {"title": {"query": text, "boost": 0.5}}},
        ],
    }});
    with_position(json!({"size": limit, "_source": false, "query": query}))
}

/// A query for titles or names that complete a text.
pub fn suggest(kind: Kind, question: &Question, limit: usize) -> Value {
    let Question { text, squashed, .. } = question;
    let fuzzy = json!({"match": {"title": {"query": text, "fuzziness": FUZZINESS, "operator": "and"}}});
    let beginnings = json!({"match": {"title.beginning": {"query": text, "operator": "and"}}});
    let pieces = json!({"match": {"title.pieces": {"query": text, "minimum_should_match": "60%"}}});
    let query = json!({"bool": {
        "filter": filters(kind, None),
        "minimum_should_match": 1,
        "should": [
            scored(json!({"term": {"title.whole": text}}), 16.0),
            scored(json!({"prefix": {"title.whole": text}}), 8.0),
            scored(json!({"term": {"terms": squashed}}), 6.0),
            scored(json!({"match_phrase_prefix": {"title": {"query": text}}}), 4.0),
            scored(beginnings, 3.0),
            scored(fuzzy, 2.0),
            scored(pieces, 1.0),
        ],
    }});
    with_position(json!({"size": limit, "_source": false, "query": query}))
}

/// Extends a query to return the position of the index at the moment of the search.
pub fn with_position(mut query: Value) -> Value {
    query["aggs"] = json!({"all": {"global": {}, "aggs": {"position": {"max": {"field": "position"}}}}});
    query
}

fn filters(kind: Kind, city: Option<&KnownCity>) -> Vec<Value> {
    let kind = match kind {
        Kind::Show => "show",
        Kind::Venue => "venue",
    };
    let mut filters = vec![json!({"term": {"kind": kind}}), json!({"term": {"status": "active"}})];
    filters.extend(city.map(|city| json!({"term": {"cities": city.key}})));
    filters
}

fn term_query<'a>(Term { word: term, sound }: &Term, places: impl Iterator<Item = (&'a str, f64)>) -> Value {
    let mut queries = vec![scored(json!({"term": {"terms": term}}), WORD)];
    queries.extend(sound.as_ref().map(|sound| scored(json!({"term": {"sounds": sound}}), SOUND)));
    for (field, word, beginning, typos) in FIELDS {
        queries.push(scored(json!({"match": {field: {"query": term}}}), word));
        queries.push(scored(json!({"match": {format!("{field}.beginning"): {"query": term}}}), beginning));
        if typos > 0.0 {
            let fuzzy = json!({"match": {field: {"query": term, "fuzziness": FUZZINESS}}});
            queries.push(scored(fuzzy, typos));
        }
    }
    for (city, certainty) in places {
        queries.push(scored(json!({"term": {"cities": city}}), CITY * certainty));
    }
    json!({"dis_max": {"queries": queries}})
}

fn scored(query: Value, score: f64) -> Value {
    let mut scored = json!({"constant_score": {"boost": score}});
    scored["constant_score"]["filter"] = query;
    scored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_percent_of_the_terms_must_be_found() {
        for (terms, required) in [(1, 1), (2, 2), (3, 2), (5, 3)] {
            let (text, squashed) = ("x".to_owned(), "x".to_owned());
            let terms = vec![Term { word: "x".to_owned(), sound: None }; terms];
            let question = Question { text, squashed, terms, places: Vec::new() };
            let query = search(Kind::Show, &question, None, 20);
            let minimum = query.pointer("/query/bool/must/0/bool/should/0/bool/minimum_should_match");
            assert_eq!(minimum.and_then(Value::as_u64), Some(required), "{:?}", question.terms);
        }
    }

    #[test]
    fn only_active_documents_are_searched() {
        let filters =
            filters(Kind::Venue, Some(&KnownCity { key: "mumbai".to_owned(), name: "Mumbai".to_owned() }));
        assert_eq!(filters.len(), 3);
        assert!(filters.contains(&json!({"term": {"status": "active"}})));
    }
}
