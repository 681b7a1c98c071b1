//! What the search index is asked: pure functions from a question to JSON.
//!
//! Each term counts by the best field that it is found in, as with Postgres, and by constant numbers, so that a rare word in
//! a description is never better than a common one in a title.

use serde_json::{Value, json};

use super::question::Question;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Show,
    Venue,
}

/// A field with what it counts if a term is one of its words, begins one, or is one with slips; 0 for not at all.
const FIELDS: [(&str, f64, f64, f64); 4] = [
    ("title", 10.0, 9.0, 6.0),
    ("people", 7.0, 5.5, 4.0),
    ("description", 5.0, 2.5, 0.0),
    ("labels", 4.0, 3.0, 2.0),
];
/// A city where a show plays, or a venue is.
const CITY: f64 = 4.5;
/// Slips: none in words of less than 3 letters, one in those of less than 8, else two.
const SLIPS: &str = "AUTO:3,8";
/// Terms that must be found, in tenths.
const NEEDED: usize = 6;

/// A query for shows or venues, best first.
pub fn search(kind: Kind, question: &Question, city: Option<&str>, limit: usize) -> Value {
    let Question { text, terms, places } = question;
    let needed = (terms.len() * NEEDED).div_ceil(10).max(1);
    // What is written as a whole weighs like its terms together.
    #[expect(clippy::cast_precision_loss, reason = "there are a few terms")]
    let all = terms.len() as f64;
    let each: Vec<Value> = terms
        .iter()
        .enumerate()
        .map(|(index, term)| {
            let number = i64::try_from(index + 1).unwrap_or(i64::MAX);
            let places = places.iter().filter(|place| place.term == number);
            one_term(term, places.map(|place| (place.city.as_str(), place.certainty)))
        })
        .collect();
    let pieces = json!({"match": {"title.pieces": {"query": text, "minimum_should_match": "60%"}}});
    let query = json!({"bool": {
        "filter": filters(kind, city),
        "must": [{"bool": {"minimum_should_match": 1, "should": [
            {"bool": {"minimum_should_match": needed, "should": each}},
            // Words that were run together, or apart.
            counts(pieces, 3.0 * all),
        ]}}],
        "should": [
            counts(json!({"term": {"title.whole": text}}), 10.0 * all),
            counts(json!({"fuzzy": {"title.whole": {"value": text, "fuzziness": "AUTO"}}}), 3.0 * all),
            counts(json!({"match_phrase_prefix": {"title": {"query": text}}}), 4.0 * all),
            // Among equals, the shorter title.
            {"match": {"title": {"query": text, "boost": 0.5}}},
        ],
    }});
    with_position(json!({"size": limit, "_source": false, "query": query}))
}

/// A query for titles or names that a text may become.
pub fn suggest(kind: Kind, text: &str, limit: usize) -> Value {
    let fuzzy = json!({"match": {"title": {"query": text, "fuzziness": SLIPS, "operator": "and"}}});
    let beginnings = json!({"match": {"title.beginning": {"query": text, "operator": "and"}}});
    let pieces = json!({"match": {"title.pieces": {"query": text, "minimum_should_match": "60%"}}});
    let query = json!({"bool": {
        "filter": filters(kind, None),
        "minimum_should_match": 1,
        "should": [
            counts(json!({"prefix": {"title.whole": text}}), 8.0),
            counts(json!({"match_phrase_prefix": {"title": {"query": text}}}), 4.0),
            counts(beginnings, 3.0),
            counts(fuzzy, 2.0),
            counts(pieces, 1.0),
        ],
    }});
    with_position(json!({"size": limit, "_source": false, "query": query}))
}

/// The query, which also asks how far the index is in the very moment that is searched.
pub fn with_position(mut query: Value) -> Value {
    query["aggs"] = json!({"all": {"global": {}, "aggs": {"position": {"max": {"field": "position"}}}}});
    query
}

fn filters(kind: Kind, city: Option<&str>) -> Vec<Value> {
    let kind = match kind {
        Kind::Show => "show",
        Kind::Venue => "venue",
    };
    let mut filters = vec![json!({"term": {"kind": kind}}), json!({"term": {"status": "active"}})];
    filters.extend(city.map(|city| json!({"term": {"cities.name": city}})));
    filters
}

fn one_term<'a>(term: &str, places: impl Iterator<Item = (&'a str, f64)>) -> Value {
    let mut queries = Vec::new();
    for (field, word, beginning, slips) in FIELDS {
        queries.push(counts(json!({"match": {field: {"query": term}}}), word));
        queries.push(counts(json!({"match": {format!("{field}.beginning"): {"query": term}}}), beginning));
        if slips > 0.0 {
            let fuzzy = json!({"match": {field: {"query": term, "fuzziness": SLIPS}}});
            queries.push(counts(fuzzy, slips));
        }
    }
    queries.push(counts(json!({"match": {"cities": {"query": term}}}), CITY));
    for (city, certainty) in places {
        queries.push(counts(json!({"term": {"cities.name": city}}), CITY * certainty));
    }
    json!({"dis_max": {"queries": queries}})
}

fn counts(query: Value, number: f64) -> Value {
    let mut scored = json!({"constant_score": {"boost": number}});
    scored["constant_score"]["filter"] = query;
    scored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_the_terms_must_be_found() {
        for (terms, needed) in [(1, 1), (2, 2), (3, 2), (5, 3)] {
            let question =
                Question { text: "x".to_owned(), terms: vec!["x".to_owned(); terms], places: Vec::new() };
            let query = search(Kind::Show, &question, None, 20);
            let told = query.pointer("/query/bool/must/0/bool/should/0/bool/minimum_should_match");
            assert_eq!(told.and_then(Value::as_u64), Some(needed), "{terms}");
        }
    }

    #[test]
    fn only_what_is_on_is_looked_for() {
        let filters = filters(Kind::Venue, Some("Mumbai"));
        assert_eq!(filters.len(), 3);
        assert!(filters.contains(&json!({"term": {"status": "active"}})));
    }
}
