//! Search in Postgres, which is always available: trigrams (`pg_trgm`) on folded texts (unaccent).
//!
//! Each term scores by the best column it is found in. A row is found if at least 60 % of the terms are.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use ticketshow_http::Problem;
use uuid::Uuid;

use super::{
    engine::{Hit, Hits, Limits, Suggested, SuggestedTitle, SuggestedVenue},
    question::Question,
};
use crate::machinery::reading::{Reading, Select};

/// `$1` is the whole text, `$2` the terms, `$3` to `$5` the terms that name a city, `$6` the current time, `$7` the city to
/// restrict to, `$8` the limit. The weights follow the order of the REST surface: title, people, description, language.
const SHOWS: &str = "
    WITH terms AS (SELECT term, n FROM unnest($2::text[]) WITH ORDINALITY AS given (term, n)),
    hits AS (
        SELECT show_id, n, word_similarity(term, search_title) ^ 2 AS score FROM terms JOIN shows ON search_title %> term
        UNION ALL
        SELECT show_id, n, 0.7 * word_similarity(term, search_people) ^ 2
        FROM terms JOIN shows ON search_people %> term
        UNION ALL
        SELECT show_id, n, 0.5
        FROM terms JOIN shows ON search_prose @@ to_tsquery('pg_catalog.simple', quote_literal(term))
        UNION ALL
        SELECT show_id, n, 0.35
        FROM terms JOIN shows ON search_prose @@ to_tsquery('pg_catalog.simple', quote_literal(term) || ':*')
        UNION ALL
        SELECT show_id, n, 0.45 * word_similarity(term, search_kind) ^ 2 FROM terms JOIN shows ON search_kind %> term
        UNION ALL
        SELECT show_id, n, 0.45 * certainty
        FROM unnest($3::bigint[], $4::text[], $5::float8[]) AS meant (n, place, certainty)
        JOIN city_shows AS plays ON lower(city) = lower(place) AND city = place AND last_start > $6),
    best AS (SELECT show_id, n, max(score) AS score FROM hits GROUP BY show_id, n),
    found AS (
        SELECT show_id, sum(score) / cardinality($2) AS score FROM best
        GROUP BY show_id HAVING count(*) >= ceil(0.6 * cardinality($2)))
    SELECT show_id, (score + CASE WHEN search_title = $1 THEN 1 WHEN starts_with(search_title, $1) THEN 0.4
                                  ELSE 0.3 * similarity(search_title, $1) END)::float8 AS score
    FROM found JOIN shows USING (show_id)
    WHERE status = 'active'
      AND ($7::text IS NULL OR EXISTS (
          SELECT FROM city_shows AS plays WHERE plays.show_id = shows.show_id AND city = $7 AND last_start > $6))
    ORDER BY score DESC, title, show_id LIMIT $8";

/// `$1` is the whole text, `$2` the terms, `$3` to `$5` the terms that name a city, `$6` the city to restrict to, `$7` the
/// limit.
const VENUES: &str = "
    WITH terms AS (SELECT term, n FROM unnest($2::text[]) WITH ORDINALITY AS given (term, n)),
    hits AS (
        SELECT venue_id, n, word_similarity(term, search_name) ^ 2 AS score FROM terms JOIN venues ON search_name %> term
        UNION ALL
        SELECT venue_id, n, 0.6 * word_similarity(term, search_address) ^ 2
        FROM terms JOIN venues ON search_address %> term
        UNION ALL
        SELECT venue_id, n, 0.6 * certainty
        FROM unnest($3::bigint[], $4::text[], $5::float8[]) AS meant (n, place, certainty) JOIN venues ON city = place),
    best AS (SELECT venue_id, n, max(score) AS score FROM hits GROUP BY venue_id, n),
    found AS (
        SELECT venue_id, sum(score) / cardinality($2) AS score FROM best
        GROUP BY venue_id HAVING count(*) >= ceil(0.6 * cardinality($2)))
    SELECT venue_id, (score + CASE WHEN search_name = $1 THEN 1 WHEN starts_with(search_name, $1) THEN 0.4
                                   ELSE 0.3 * similarity(search_name, $1) END)::float8 AS score
    FROM found JOIN venues USING (venue_id)
    WHERE status = 'active' AND ($6::text IS NULL OR city = $6)
    ORDER BY score DESC, name, venue_id LIMIT $7";

/// `$1` is the whole text, `$2` the limit.
const TITLES: &str = "
    SELECT show_id, title FROM shows
    WHERE status = 'active' AND (search_title LIKE $1 || '%' OR search_title LIKE '% ' || $1 || '%' OR search_title %> $1)
    ORDER BY starts_with(search_title, $1) DESC, search_title LIKE '% ' || $1 || '%' DESC,
             word_similarity($1, search_title) DESC, title, show_id
    LIMIT $2";

const VENUE_NAMES: &str = "
    SELECT venue_id, name, city FROM venues
    WHERE status = 'active' AND (search_name LIKE $1 || '%' OR search_name LIKE '% ' || $1 || '%' OR search_name %> $1)
    ORDER BY starts_with(search_name, $1) DESC, search_name LIKE '% ' || $1 || '%' DESC,
             word_similarity($1, search_name) DESC, name, venue_id
    LIMIT $2";

/// Searches shows and venues, best first.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn search(
    reading: &mut Reading,
    question: &Question,
    city: Option<&str>,
    now: Timestamp,
    limit: usize,
) -> Result<Hits, Problem> {
    let bound = |select: &'static str| {
        let Question { text, terms, places } = question;
        let select: Select<(Uuid, f64)> = sqlx::query_as(select);
        select
            .bind(text.clone())
            .bind(terms.clone())
            .bind(places.iter().map(|place| place.term).collect::<Vec<_>>())
            .bind(places.iter().map(|place| place.city.clone()).collect::<Vec<_>>())
            .bind(places.iter().map(|place| place.certainty).collect::<Vec<_>>())
    };
    let (city, limit) = (city.map(str::to_owned), rows(limit));
    let shows = bound(SHOWS).bind(now.to_sqlx()).bind(city.clone()).bind(limit);
    let shows = reading.all(shows).await?;
    let venues = reading.all(bound(VENUES).bind(city).bind(limit)).await?;
    let hit = |(id, score)| Hit { id, score };
    Ok(Hits { shows: shows.into_iter().map(hit).collect(), venues: venues.into_iter().map(hit).collect() })
}

/// Returns completions of a text.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn suggest(reading: &mut Reading, text: &str, limits: Limits) -> Result<Suggested, Problem> {
    let titles: Select<SuggestedTitle> = sqlx::query_as(TITLES);
    let titles = reading.all(titles.bind(text.to_owned()).bind(rows(limits.titles))).await?;
    let venues: Select<SuggestedVenue> = sqlx::query_as(VENUE_NAMES);
    let venues = reading.all(venues.bind(text.to_owned()).bind(rows(limits.venues))).await?;
    Ok(Suggested { titles, venues })
}

/// Loads the rows of suggested shows and venues, in the same order.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn suggested_rows(
    reading: &mut Reading,
    shows: Vec<Uuid>,
    venues: Vec<Uuid>,
) -> Result<Suggested, Problem> {
    const SHOWS: &str = "
        SELECT show_id, title FROM shows WHERE show_id = ANY($1) AND status = 'active'
        ORDER BY array_position($1, show_id)";
    const VENUES: &str = "
        SELECT venue_id, name, city FROM venues WHERE venue_id = ANY($1) AND status = 'active'
        ORDER BY array_position($1, venue_id)";
    let titles: Select<SuggestedTitle> = sqlx::query_as(SHOWS);
    let names: Select<SuggestedVenue> = sqlx::query_as(VENUES);
    Ok(Suggested {
        titles: reading.all(titles.bind(shows)).await?,
        venues: reading.all(names.bind(venues)).await?,
    })
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
