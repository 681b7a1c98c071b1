//! What an engine finds.

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// The search index.
    Opensearch,
    /// The read models: where there is no search index, or it is away or behind.
    Postgres,
}

impl Engine {
    /// Its name.
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
    /// Higher is better; comparable within one answer only.
    pub score: f64,
}

/// What was found, best first.
#[derive(Debug, Default)]
pub struct Hits {
    pub shows: Vec<Hit>,
    pub venues: Vec<Hit>,
}

/// How many suggestions of each kind.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub titles: usize,
    pub venues: usize,
}

/// What a text may become.
#[derive(Debug, Default)]
pub struct Suggested {
    pub titles: Vec<SuggestedTitle>,
    pub venues: Vec<SuggestedVenue>,
}

/// A show that may be meant.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub struct SuggestedTitle {
    pub show_id: Uuid,
    pub title: String,
}

/// A venue that may be meant.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub struct SuggestedVenue {
    pub venue_id: Uuid,
    pub name: String,
    pub city: String,
}
