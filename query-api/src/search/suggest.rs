//! `GET /search/suggest`

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use ticketshow_http::{IfNoneMatch, MinPosition, Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};

use super::{
    engine::{Engine, Limits, Suggested, SuggestedTitle, SuggestedVenue},
    postgres,
    question::understand,
};
use crate::{
    App,
    catalogue::{KeptCall, kept},
    reading::Reading,
    words::Words,
};

/// More than fit under a search field help nobody.
const LIMITS: Limits = Limits { titles: 6, venues: 4 };
const CITIES_MAX: usize = 4;

/// What has been typed so far.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Typed {
    /// The beginning of a title, a venue or a city; slips are forgiven.
    #[param(value_type = String, example = "barsa")]
    q: Words,
}

/// A city that may be meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestedCity {
    city: String,
}

/// What may be meant, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    /// What was typed.
    query: String,
    engine: Engine,
    titles: Vec<SuggestedTitle>,
    venues: Vec<SuggestedVenue>,
    cities: Vec<SuggestedCity>,
}

/// Titles, venues and cities that somebody may be typing.
///
/// # Errors
///
/// 422 for wrong parameters.
#[utoipa::path(
    get,
    path = "/search/suggest",
    tag = "Search",
    params(Typed),
    responses((status = 200, body = Suggestions), KeptCall, schema::AnyCall)
)]
pub async fn suggest(
    State(app): State<App>,
    Params(Typed { q: Words(query) }): Params<Typed>,
    known: IfNoneMatch,
    MinPosition(min_position): MinPosition,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (question, _, cities) = understand(&mut reading, Some(query.clone()), None).await?;
    let text = question.text;
    let (engine, suggested) = if text.is_empty() {
        (Engine::Postgres, Suggested::default())
    } else {
        complete(&app, &mut reading, &text, min_position).await?
    };
    let cities = cities.beginning(&text).into_iter().take(CITIES_MAX).map(|city| SuggestedCity { city });
    let Suggested { titles, venues } = suggested;
    Ok(kept(&known, &Suggestions { query, engine, titles, venues, cities: cities.collect() }))
}

/// What the index suggests, if there is one that answers and has read far enough; else what Postgres does.
async fn complete(
    app: &App,
    reading: &mut Reading,
    text: &str,
    min_position: Option<u64>,
) -> Result<(Engine, Suggested), Problem> {
    if let Some(index) = &app.search
        && let Some((shows, venues)) = index.suggest(text, LIMITS, min_position).await
    {
        return Ok((Engine::Opensearch, postgres::suggested(reading, shows, venues).await?));
    }
    Ok((Engine::Postgres, postgres::suggest(reading, text, LIMITS).await?))
}
