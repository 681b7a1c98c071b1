//! `GET /search`
//!
//! An engine finds and ranks. The answer consists of rows of the read models, so nothing is found that is cancelled,
//! inactive or gone.

mod cities;
mod engine;
pub mod index;
mod index_queries;
mod postgres;
mod question;
mod searcher;
pub mod suggest;

use std::{collections::HashMap, time::Instant};

use axum::{extract::State, response::Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_http::{IfNoneMatch, MinPosition, Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    catalogue::{
        shows::{self, Show},
        venues::{self, Venue},
    },
    machinery::{
        app::App,
        page::Paging,
        reading::Reading,
        responses::{CachedCall, cached},
        search_text::{SearchText, text},
    },
};
use engine::{Engine, Hit, Hits};
use question::{CityFilter, Question, parse};
use searcher::Searcher;

/// Search text and city.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Words from titles, names of people, venues or cities, a language or a genre; typos are forgiven. Optional if a city is
    /// given.
    #[param(value_type = Option<String>, example = "barsat ke bad")]
    q: Option<SearchText>,
    /// Only results in this city, by any of its names; typos are forgiven.
    #[param(value_type = Option<String>, example = "Bombay")]
    city: Option<SearchText>,
}

/// A search result.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found<T> {
    #[serde(flatten)]
    item: T,
    /// Higher is better; comparable only within one answer.
    score: f64,
}

/// Search results, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// The search text.
    query: String,
    /// The city recognised; null if none was requested or it is unknown.
    city: Option<String>,
    engine: Engine,
    shows: Vec<Found<Show>>,
    venues: Vec<Found<Venue>>,
}

/// Searches shows and venues. Cancelled shows and inactive venues are never found.
///
/// # Errors
///
/// 422 for invalid parameters, or if both text and city are missing.
#[utoipa::path(
    get,
    path = "/search",
    tag = "Search",
    params(Search, ("limit" = Option<u8>, Query, minimum = 1, maximum = 100, description = "Maximum number of shows, and of venues. Default: 20.")),
    responses((status = 200, body = SearchAnswer), CachedCall, schema::AnyCall)
)]
pub async fn search(
    State(app): State<App>,
    _admitted: Searcher,
    Params(search): Params<Search>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    MinPosition(min_position): MinPosition,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (query, city) = (non_empty(search.q), non_empty(search.city));
    if query.is_none() && city.is_none() {
        return Err(Problem::invalid_value("/q", "is required unless a city is given"));
    }
    let began = Instant::now();
    let (now, limit) = (app.parts.edge.now(), paging.limit());
    let (question, city_filter, _) = parse(&mut reading, query.clone(), city).await?;
    let (engine, shows, venues) = match (&city_filter, &query) {
        (CityFilter::Unknown, _) => (Engine::Postgres, Vec::new(), Vec::new()),
        (CityFilter::Only(city), None) => {
            let shows = shows::shows_in(&mut reading, city.clone(), now, limit).await?;
            let venues = venues::venues_in(&mut reading, city.clone(), limit).await?;
            (Engine::Postgres, unranked(shows), unranked(venues))
        }
        (CityFilter::Any | CityFilter::Only(_), _) => {
            let query =
                EngineQuery { question: &question, city: city_filter.city(), now, limit, min_position };
            let (engine, hits) = find(&app, &mut reading, &query).await?;
            let (shows, venues) = rows(&mut reading, hits, &city_filter, now).await?;
            (engine, shows, venues)
        }
    };
    measure(engine, began);
    let query = query.unwrap_or_default();
    let city = city_filter.city().map(str::to_owned);
    let with_poster =
        |Found { item, score }: Found<Show>| Found { item: item.with_poster(&app.parts.posters), score };
    let shows = shows.into_iter().map(with_poster).collect();
    Ok(cached(&known, &SearchAnswer { query, city, engine, shows, venues }))
}

/// The text, unless it is empty.
fn non_empty(filter: Option<SearchText>) -> Option<String> {
    text(filter).filter(|text| !text.is_empty())
}

/// The input of an engine.
struct EngineQuery<'a> {
    question: &'a Question,
    city: Option<&'a str>,
    now: Timestamp,
    limit: usize,
    min_position: Option<u64>,
}

/// Searches the index, if it is reachable and not behind; otherwise Postgres.
async fn find(app: &App, reading: &mut Reading, query: &EngineQuery<'_>) -> Result<(Engine, Hits), Problem> {
    let EngineQuery { question, city, now, limit, min_position } = *query;
    if question.terms.is_empty() {
        return Ok((Engine::Postgres, Hits::default()));
    }
    if let Some(index) = &app.parts.search
        && let Some(hits) = index.search(question, city, limit, min_position).await
    {
        return Ok((Engine::Opensearch, hits));
    }
    let hits = postgres::search(reading, question, city, now, limit).await?;
    Ok((Engine::Postgres, hits))
}

/// Loads the rows of the hits, in the same order.
async fn rows(
    reading: &mut Reading,
    hits: Hits,
    city_filter: &CityFilter,
    now: Timestamp,
) -> Result<(Vec<Found<Show>>, Vec<Found<Venue>>), Problem> {
    let ids = |hits: &[Hit]| hits.iter().map(|hit| hit.id).collect::<Vec<_>>();
    let city = city_filter.city().map(str::to_owned);
    let shows = shows::active_shows(reading, ids(&hits.shows), city, now).await?;
    let venues = venues::active_venues(reading, ids(&hits.venues)).await?;
    Ok((in_order(hits.shows, shows, Show::id), in_order(hits.venues, venues, Venue::id)))
}

fn in_order<T>(hits: Vec<Hit>, rows: Vec<T>, id: fn(&T) -> Uuid) -> Vec<Found<T>> {
    let mut rows: HashMap<Uuid, T> = rows.into_iter().map(|row| (id(&row), row)).collect();
    let found = |hit: Hit| Some(Found { item: rows.remove(&hit.id)?, score: hit.score });
    hits.into_iter().filter_map(found).collect()
}

/// Rows of equal score: without a search text there is no ranking.
fn unranked<T>(rows: Vec<T>) -> Vec<Found<T>> {
    rows.into_iter().map(|item| Found { item, score: 1.0 }).collect()
}

fn measure(engine: Engine, began: Instant) {
    metrics::histogram!("ticketshow_search_seconds", "engine" => engine.name())
        .record(began.elapsed().as_secs_f64());
}
