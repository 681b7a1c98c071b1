//! Results of a search engine.

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

/// The engine that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// The search index.
    Opensearch,
    /// The read models, if there is no search index, or it is unreachable or behind.
    Postgres,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Opensearch => "opensearch",
            Self::Postgres => "postgres",
        }
    }
}

/// A show or venue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub id: Uuid,
    /// Higher is better; comparable only within one answer.
    pub score: f64,
}

/// Hits, best first.
#[derive(Debug, Default)]
pub struct Hits {
    pub shows: Vec<Hit>,
    pub venues: Vec<Hit>,
}

/// Maximum number of suggestions of each kind.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub titles: usize,
    pub venues: usize,
}

/// Suggested completions of a text.
#[derive(Debug, Default)]
pub struct Suggested {
    pub titles: Vec<SuggestedTitle>,
    pub venues: Vec<SuggestedVenue>,
}

/// A suggested show.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub struct SuggestedTitle {
    pub show_id: Uuid,
    pub title: String,
}

/// A suggested venue.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub struct SuggestedVenue {
    pub venue_id: Uuid,
    pub name: String,
    pub city: String,
}
