//! Search in Postgres, which is always available: words and sounds in arrays, and trigrams (`pg_trgm`) for typos, on texts that
//! the projections folded.
//!
//! Each term scores by the best column it is found in. A row is found if at least 60 % of the terms are.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use ticketshow_http::Problem;
use uuid::Uuid;

use super::{
    cities::KnownCity,
    engine::{Hit, Hits, Limits, Suggested, SuggestedTitle, SuggestedVenue},
    question::Question,
};
use crate::machinery::{
    reading::{Reading, Select},
    search_text::literally,
};

/// `$1` is the whole text, `$2` that without blanks, `$3` and `$4` the terms and how they sound, `$5` to `$7` the terms that
/// name a city, `$8` the current time, `$9` the city to restrict to, `$10` the limit. The weights follow the order of the
/// REST surface: title, people, description, language.
const SHOWS: &str = r"
    WITH terms AS (
        SELECT term, sound, n, '''' || replace(replace(term, '\', '\\'), '''', '''''') || '''' AS lexeme
        FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS given (term, sound, n)),
    hits AS (
        SELECT show_id, n, 1::float8 AS score FROM terms JOIN shows ON search_terms @> ARRAY[term]
        UNION ALL
        SELECT show_id, n, 0.9 FROM terms CROSS JOIN shows WHERE search_terms @> ARRAY[$2]
        UNION ALL
        SELECT show_id, n, 0.5 FROM terms JOIN shows ON search_sounds @> ARRAY[sound]
        UNION ALL
        SELECT show_id, n, word_similarity(term, search_title) ^ 2 FROM terms JOIN shows ON search_title %> term
        UNION ALL
        SELECT show_id, n, 0.7 * word_similarity(term, search_people) ^ 2
        FROM terms JOIN shows ON search_people %> term
        UNION ALL
        SELECT show_id, n, 0.5 FROM terms JOIN shows ON search_prose @@ lexeme::tsquery
        UNION ALL
        SELECT show_id, n, 0.35 FROM terms JOIN shows ON search_prose @@ (lexeme || ':*')::tsquery
        UNION ALL
        SELECT show_id, n, 0.45 * word_similarity(term, search_kind) ^ 2 FROM terms JOIN shows ON search_kind %> term
        UNION ALL
        SELECT show_id, n, 0.45 * certainty
        FROM unnest($5::bigint[], $6::text[], $7::float8[]) AS meant (n, place, certainty)
        JOIN city_shows AS plays ON city = place AND last_start > $8),
    best AS (SELECT show_id, n, max(score) AS score FROM hits GROUP BY show_id, n),
    found AS (
        SELECT show_id, sum(score) / cardinality($3) AS score FROM best
        GROUP BY show_id HAVING count(*) >= ceil(0.6 * cardinality($3)))
    SELECT show_id, (score + CASE WHEN search_title = $1 THEN 1 WHEN replace(search_title, ' ', '') = $2 THEN 0.8
                                  WHEN starts_with(search_title, $1) THEN 0.4
                                  ELSE 0.3 * similarity(search_title, $1) END)::float8 AS score
    FROM found JOIN shows USING (show_id)
    WHERE status = 'active'
      AND ($9::text IS NULL OR EXISTS (
          SELECT FROM city_shows AS plays WHERE plays.show_id = shows.show_id AND city = $9 AND last_start > $8))
    ORDER BY score DESC, title, show_id LIMIT $10";

/// `$1` is the whole text, `$2` that without blanks, `$3` and `$4` the terms and how they sound, `$5` to `$7` the terms that
/// name a city, `$8` the city to restrict to, `$9` the limit.
const VENUES: &str = "
    WITH terms AS (
        SELECT term, sound, n FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS given (term, sound, n)),
    hits AS (
        SELECT venue_id, n, 1::float8 AS score FROM terms JOIN venues ON search_terms @> ARRAY[term]
        UNION ALL
        SELECT venue_id, n, 0.9 FROM terms CROSS JOIN venues WHERE search_terms @> ARRAY[$2]
        UNION ALL
        SELECT venue_id, n, 0.5 FROM terms JOIN venues ON search_sounds @> ARRAY[sound]
        UNION ALL
        SELECT venue_id, n, word_similarity(term, search_name) ^ 2 FROM terms JOIN venues ON search_name %> term
        UNION ALL
        SELECT venue_id, n, 0.6 * word_similarity(term, search_address) ^ 2
        FROM terms JOIN venues ON search_address %> term
        UNION ALL
        SELECT venue_id, n, 0.6 * certainty
        FROM unnest($5::bigint[], $6::text[], $7::float8[]) AS meant (n, place, certainty)
        JOIN venues ON city_key = place),
    best AS (SELECT venue_id, n, max(score) AS score FROM hits GROUP BY venue_id, n),
    found AS (
        SELECT venue_id, sum(score) / cardinality($3) AS score FROM best
        GROUP BY venue_id HAVING count(*) >= ceil(0.6 * cardinality($3)))
    SELECT venue_id, (score + CASE WHEN search_name = $1 THEN 1 WHEN replace(search_name, ' ', '') = $2 THEN 0.8
                                   WHEN starts_with(search_name, $1) THEN 0.4
                                   ELSE 0.3 * similarity(search_name, $1) END)::float8 AS score
    FROM found JOIN venues USING (venue_id)
    WHERE status = 'active' AND ($8::text IS NULL OR city_key = $8)
    ORDER BY score DESC, name, venue_id LIMIT $9";

/// `$1` is the whole text, `$2` that without blanks, `$3` the text as a pattern, `$4` the limit.
const TITLES: &str = "
    SELECT show_id, title FROM shows
    WHERE status = 'active' AND (search_title LIKE $3 || '%' OR search_title LIKE '% ' || $3 || '%'
                                 OR search_terms @> ARRAY[$2] OR search_title %> $1)
    ORDER BY search_title = $1 DESC, starts_with(search_title, $1) DESC, search_title LIKE '% ' || $3 || '%' DESC,
             search_terms @> ARRAY[$2] DESC, word_similarity($1, search_title) DESC, title, show_id
    LIMIT $4";

const VENUE_NAMES: &str = "
    SELECT venue_id, name, city FROM venues
    WHERE status = 'active' AND (search_name LIKE $3 || '%' OR search_name LIKE '% ' || $3 || '%'
                                 OR search_terms @> ARRAY[$2] OR search_name %> $1)
    ORDER BY search_name = $1 DESC, starts_with(search_name, $1) DESC, search_name LIKE '% ' || $3 || '%' DESC,
             search_terms @> ARRAY[$2] DESC, word_similarity($1, search_name) DESC, name, venue_id
    LIMIT $4";

/// Searches shows and venues, best first.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn search(
    reading: &mut Reading,
    question: &Question,
    city: Option<&KnownCity>,
    now: Timestamp,
    limit: usize,
) -> Result<Hits, Problem> {
    let bound = |select: &'static str| {
        let Question { text, squashed, terms, places } = question;
        let select: Select<(Uuid, f64)> = sqlx::query_as(select);
        select
            .bind(text.clone())
            .bind(squashed.clone())
            .bind(terms.iter().map(|term| term.word.clone()).collect::<Vec<_>>())
            .bind(terms.iter().map(|term| term.sound.clone()).collect::<Vec<_>>())
            .bind(places.iter().map(|place| place.term).collect::<Vec<_>>())
            .bind(places.iter().map(|place| place.city.key.clone()).collect::<Vec<_>>())
            .bind(places.iter().map(|place| place.certainty).collect::<Vec<_>>())
    };
    let (city, limit) = (city.map(|city| city.key.clone()), rows(limit));
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
pub async fn suggest(
    reading: &mut Reading,
    question: &Question,
    limits: Limits,
) -> Result<Suggested, Problem> {
    let Question { text, squashed, .. } = question;
    let titles: Select<SuggestedTitle> = sqlx::query_as(TITLES);
    let titles = titles.bind(text.clone()).bind(squashed.clone()).bind(literally(text));
    let venues: Select<SuggestedVenue> = sqlx::query_as(VENUE_NAMES);
    let venues = venues.bind(text.clone()).bind(squashed.clone()).bind(literally(text));
    Ok(Suggested {
        titles: reading.all(titles.bind(rows(limits.titles))).await?,
        venues: reading.all(venues.bind(rows(limits.venues))).await?,
    })
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
