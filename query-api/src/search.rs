//! `GET /search`
//!
//! An engine finds and ranks; what is answered are rows of the read models, so that nothing can be found that is cancelled,
//! inactive or not there any more.

mod cities;
mod engine;
mod index;
mod index_queries;
mod postgres;
mod question;
pub mod suggest;

use std::{collections::HashMap, time::Instant};

use axum::{extract::State, response::Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_http::{IfNoneMatch, MinPosition, Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    App,
    catalogue::{KeptCall, kept},
    page::Paging,
    reading::Reading,
    shows::{self, Show},
    venues::{self, Venue},
    words::{Words, text},
};
use engine::{Engine, Hit, Hits};
pub use index::{NoAddress, SearchIndex};
use question::{Question, Whereabouts, understand};

/// What is looked for, and where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Words of titles, names of people, venues or cities, a language, a genre; slips are forgiven. May be left out if a city
    /// is given.
    #[param(value_type = Option<String>, example = "barsat ke bad")]
    q: Option<Words>,
    /// Only there: by any of its names, slips forgiven.
    #[param(value_type = Option<String>, example = "Bombay")]
    city: Option<Words>,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found<T> {
    #[serde(flatten)]
    item: T,
    /// Higher is better; comparable within one answer only.
    score: f64,
}

/// What was found, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// What was looked for.
    query: String,
    /// The city that was understood; null if none was asked for, or nothing is known of it.
    city: Option<String>,
    engine: Engine,
    shows: Vec<Found<Show>>,
    venues: Vec<Found<Venue>>,
}

/// Finds shows and venues. Cancelled shows and inactive venues are never found.
///
/// # Errors
///
/// 422 for wrong parameters, or neither text nor city.
#[utoipa::path(
    get,
    path = "/search",
    tag = "Search",
    params(Search, ("limit" = Option<u8>, Query, minimum = 1, maximum = 100, description = "Of each kind; 20 if left out.")),
    responses((status = 200, body = SearchAnswer), KeptCall, schema::AnyCall)
)]
pub async fn search(
    State(app): State<App>,
    Params(asked): Params<Search>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    MinPosition(min_position): MinPosition,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (query, city) = (given(asked.q), given(asked.city));
    if query.is_none() && city.is_none() {
        return Err(Problem::invalid_value("/q", "is needed unless a city is given"));
    }
    let began = Instant::now();
    let (now, limit) = (app.edge.now(), paging.limit());
    let (question, whereabouts, _) = understand(&mut reading, query.clone(), city).await?;
    let (engine, shows, venues) = match (&whereabouts, &query) {
        (Whereabouts::Nowhere, _) => (Engine::Postgres, Vec::new(), Vec::new()),
        (Whereabouts::In(city), None) => {
            let shows = shows::playing_in(&mut reading, city.clone(), now, limit).await?;
            let venues = venues::active_in(&mut reading, city.clone(), limit).await?;
            (Engine::Postgres, all_alike(shows), all_alike(venues))
        }
        (Whereabouts::Anywhere | Whereabouts::In(_), _) => {
            let asked = Asked { question: &question, city: whereabouts.city(), now, limit, min_position };
            let (engine, hits) = find(&app, &mut reading, &asked).await?;
            let (shows, venues) = rows(&mut reading, hits, &whereabouts, now).await?;
            (engine, shows, venues)
        }
    };
    measure(engine, began);
    let query = query.unwrap_or_default();
    let city = whereabouts.city().map(str::to_owned);
    let with_poster =
        |Found { item, score }: Found<Show>| Found { item: item.with_poster(&app.posters), score };
    let shows = shows.into_iter().map(with_poster).collect();
    Ok(kept(&known, &SearchAnswer { query, city, engine, shows, venues }))
}

/// A text that says something.
fn given(words: Option<Words>) -> Option<String> {
    text(words).filter(|text| !text.is_empty())
}

/// What an engine is asked.
struct Asked<'a> {
    question: &'a Question,
    city: Option<&'a str>,
    now: Timestamp,
    limit: usize,
    min_position: Option<u64>,
}

/// The index, if there is one that answers and has read far enough; else Postgres.
async fn find(app: &App, reading: &mut Reading, asked: &Asked<'_>) -> Result<(Engine, Hits), Problem> {
    let Asked { question, city, now, limit, min_position } = *asked;
    if question.terms.is_empty() {
        return Ok((Engine::Postgres, Hits::default()));
    }
    if let Some(index) = &app.search
        && let Some(hits) = index.search(question, city, limit, min_position).await
    {
        return Ok((Engine::Opensearch, hits));
    }
    let hits = postgres::search(reading, question, city, now, limit).await?;
    Ok((Engine::Postgres, hits))
}

/// The rows of what was found, in its order.
async fn rows(
    reading: &mut Reading,
    hits: Hits,
    whereabouts: &Whereabouts,
    now: Timestamp,
) -> Result<(Vec<Found<Show>>, Vec<Found<Venue>>), Problem> {
    let ids = |hits: &[Hit]| hits.iter().map(|hit| hit.id).collect::<Vec<_>>();
    let city = whereabouts.city().map(str::to_owned);
    let shows = shows::of_ids(reading, ids(&hits.shows), city, now).await?;
    let venues = venues::of_ids(reading, ids(&hits.venues)).await?;
    Ok((in_order(hits.shows, shows, Show::id), in_order(hits.venues, venues, Venue::id)))
}

fn in_order<T>(hits: Vec<Hit>, rows: Vec<T>, id: fn(&T) -> Uuid) -> Vec<Found<T>> {
    let mut rows: HashMap<Uuid, T> = rows.into_iter().map(|row| (id(&row), row)).collect();
    let found = |hit: Hit| Some(Found { item: rows.remove(&hit.id)?, score: hit.score });
    hits.into_iter().filter_map(found).collect()
}

/// Where nothing was looked for, nothing is better than the rest.
fn all_alike<T>(rows: Vec<T>) -> Vec<Found<T>> {
    rows.into_iter().map(|item| Found { item, score: 1.0 }).collect()
}

fn measure(engine: Engine, began: Instant) {
    metrics::histogram!("ticketshow_search_seconds", "engine" => engine.name())
        .record(began.elapsed().as_secs_f64());
}
