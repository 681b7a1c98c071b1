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
use ticketshow_http::{IfNoneMatch, MinPosition, Params, PosterAddresses, Problem, schema};
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
use cities::{KnownCity, Match};
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
    /// Only results in this city, by any of its names; typos are forgiven. Results in other cities are in `elsewhere`.
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
    /// Names of cities that were recognised in spite of typos.
    corrections: Vec<Correction>,
    engine: Engine,
    shows: Vec<Found<Show>>,
    venues: Vec<Found<Venue>>,
    /// Results in other cities; empty unless both a search text and a city are given.
    elsewhere: Results,
}

/// A name with typos.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Correction {
    /// As written, in lower case.
    #[schema(example = "jaipr")]
    from: String,
    /// The city.
    #[schema(example = "Jaipur")]
    to: String,
}

/// Shows and venues, best first. A show names the `cities` where it can still be booked, a venue its `city`.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = SearchResults)]
pub struct Results {
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
    let (question, city_filter, _) = parse(&mut reading, query.as_deref(), city.as_deref()).await?;
    let asked = Asked { question: &question, now, limit, min_position };
    let mut elsewhere = Results::default();
    let (engine, found) = match (&city_filter, &query) {
        (CityFilter::Unknown, None) => (Engine::Postgres, Results::default()),
        (CityFilter::Only(Match { city, .. }), None) => {
            let shows = shows::shows_in(&mut reading, city.key.clone(), now, limit).await?;
            let venues = venues::venues_in(&mut reading, city.key.clone(), limit).await?;
            (Engine::Postgres, Results { shows: unranked(shows), venues: unranked(venues) })
        }
        (CityFilter::Any, _) => asked.find(&app, &mut reading, None).await?,
        (CityFilter::Unknown, Some(_)) => {
            let (engine, all) = asked.find(&app, &mut reading, None).await?;
            elsewhere = all.playing();
            (engine, Results::default())
        }
        (CityFilter::Only(Match { city, .. }), Some(_)) => {
            let (engine, here) = asked.find(&app, &mut reading, Some(city)).await?;
            elsewhere = asked.find(&app, &mut reading, None).await?.1.playing().without(&here);
            (engine, here)
        }
    };
    measure(engine, began);
    let posters = &app.parts.posters;
    let Results { shows, venues } = found.with_posters(posters);
    Ok(cached(
        &known,
        &SearchAnswer {
            query: query.unwrap_or_default(),
            city: city_filter.city().map(|city| city.name.clone()),
            corrections: corrections(&question, &city_filter, city.as_deref()),
            engine,
            shows,
            venues,
            elsewhere: elsewhere.with_posters(posters),
        },
    ))
}

/// The text, unless it is empty.
fn non_empty(filter: Option<SearchText>) -> Option<String> {
    text(filter).filter(|text| !text.is_empty())
}

/// Lists the names of cities that were recognised in spite of typos. `city` is the requested city as written.
fn corrections(question: &Question, city_filter: &CityFilter, city: Option<&str>) -> Vec<Correction> {
    let requested = match city_filter {
        CityFilter::Only(found) => Some((city.unwrap_or_default(), &found.city, found.certainty)),
        CityFilter::Any | CityFilter::Unknown => None,
    };
    let named = question.places.iter().map(|place| (place.written.as_str(), &place.city, place.certainty));
    let mut corrections: Vec<Correction> = Vec::new();
    for (from, to, certainty) in requested.into_iter().chain(named) {
        let correction = Correction { from: from.to_lowercase(), to: to.name.clone() };
        if certainty < 1.0 && !corrections.contains(&correction) {
            corrections.push(correction);
        }
    }
    corrections
}

/// Question to a search engine.
#[derive(Clone, Copy)]
struct Asked<'a> {
    question: &'a Question,
    now: Timestamp,
    limit: usize,
    min_position: Option<u64>,
}

impl Asked<'_> {
    /// Searches a city, or everywhere, and loads the rows of the hits.
    async fn find(
        self,
        app: &App,
        reading: &mut Reading,
        city: Option<&KnownCity>,
    ) -> Result<(Engine, Results), Problem> {
        let (engine, hits) = self.hits(app, reading, city).await?;
        let ids = |hits: &[Hit]| hits.iter().map(|hit| hit.id).collect::<Vec<_>>();
        let key = city.map(|city| city.key.clone());
        let shows = shows::active_shows(reading, ids(&hits.shows), key, self.now).await?;
        let venues = venues::active_venues(reading, ids(&hits.venues)).await?;
        let shows = in_order(hits.shows, shows, Show::id);
        Ok((engine, Results { shows, venues: in_order(hits.venues, venues, Venue::id) }))
    }

    /// Asks the index, if it is reachable and not behind; otherwise Postgres.
    async fn hits(
        self,
        app: &App,
        reading: &mut Reading,
        city: Option<&KnownCity>,
    ) -> Result<(Engine, Hits), Problem> {
        let Self { question, now, limit, min_position } = self;
        if question.terms.is_empty() {
            return Ok((Engine::Postgres, Hits::default()));
        }
        if let Some(index) = &app.parts.search
            && let Some(hits) = index.search(question, city, limit, min_position).await
        {
            return Ok((Engine::Opensearch, hits));
        }
        Ok((Engine::Postgres, postgres::search(reading, question, city, now, limit).await?))
    }
}

impl Results {
    /// Leaves out shows that can be booked nowhere.
    fn playing(mut self) -> Self {
        self.shows.retain(|found| found.item.is_playing());
        self
    }

    /// Leaves out results that are in `others`.
    fn without(mut self, others: &Self) -> Self {
        self.shows.retain(|found| others.shows.iter().all(|other| other.item.id() != found.item.id()));
        self.venues.retain(|found| others.venues.iter().all(|other| other.item.id() != found.item.id()));
        self
    }

    fn with_posters(mut self, posters: &PosterAddresses) -> Self {
        let shows = self.shows.into_iter();
        let with_poster =
            |Found { item, score }: Found<Show>| Found { item: item.with_poster(posters), score };
        self.shows = shows.map(with_poster).collect();
        self
    }
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
