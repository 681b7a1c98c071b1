//! `GET /search/suggest`

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use ticketshow_http::{IfNoneMatch, MinPosition, Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};

use super::{
    engine::{Engine, Limits, Suggested, SuggestedTitle, SuggestedVenue},
    postgres,
    question::{Question, parse},
    searcher::Searcher,
};
use crate::machinery::{
    app::App,
    reading::Reading,
    responses::{CachedCall, cached},
    search_text::SearchText,
};

/// As many as fit under a search field.
const LIMITS: Limits = Limits { titles: 6, venues: 4 };
const CITIES_MAX: usize = 4;

/// The text typed so far.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Typed {
    /// Beginning of a title, a venue or a city; typos are forgiven.
    #[param(value_type = String, example = "barsa")]
    q: SearchText,
}

/// A suggested city.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestedCity {
    city: String,
}

/// Suggestions, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    /// The text typed.
    query: String,
    engine: Engine,
    titles: Vec<SuggestedTitle>,
    venues: Vec<SuggestedVenue>,
    cities: Vec<SuggestedCity>,
}

/// Suggests titles, venues and cities for a text being typed.
///
/// # Errors
///
/// 422 for invalid parameters.
#[utoipa::path(
    get,
    path = "/search/suggest",
    tag = "Search",
    params(Typed),
    responses((status = 200, body = Suggestions), CachedCall, schema::AnyCall)
)]
pub async fn suggest(
    State(app): State<App>,
    _admitted: Searcher,
    Params(Typed { q: SearchText(query) }): Params<Typed>,
    known: IfNoneMatch,
    MinPosition(min_position): MinPosition,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (question, _, cities) = parse(&mut reading, Some(&query), None).await?;
    let (engine, suggested) = if question.text.is_empty() {
        (Engine::Postgres, Suggested::default())
    } else {
        complete(&app, &mut reading, &question, min_position).await?
    };
    let cities =
        cities.starting_with(&question.text).into_iter().take(CITIES_MAX).map(|city| SuggestedCity { city });
    let Suggested { titles, venues } = suggested;
    Ok(cached(&known, &Suggestions { query, engine, titles, venues, cities: cities.collect() }))
}

/// Asks the index, if it is reachable and not behind; otherwise Postgres.
async fn complete(
    app: &App,
    reading: &mut Reading,
    question: &Question,
    min_position: Option<u64>,
) -> Result<(Engine, Suggested), Problem> {
    if let Some(index) = &app.parts.search
        && let Some((shows, venues)) = index.suggest(question, LIMITS, min_position).await
    {
        return Ok((Engine::Opensearch, postgres::suggested_rows(reading, shows, venues).await?));
    }
    Ok((Engine::Postgres, postgres::suggest(reading, question, LIMITS).await?))
}
