//! Documents of shows and venues, copied from the read models.

use std::{fmt, str::FromStr};

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::error::{ProjectError, database};

/// A show or venue of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id {
    pub kind: Kind,
    pub id: Uuid,
}

/// Kinds of entries in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Show,
    Venue,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Venue => "venue",
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.id)
    }
}

impl FromStr for Id {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, id) = text.split_once(':').ok_or(())?;
        let kind = match kind {
            "show" => Kind::Show,
            "venue" => Kind::Venue,
            _ => return Err(()),
        };
        Ok(Self { kind, id: id.parse().map_err(|_| ())? })
    }
}

/// A document. A cancelled show stays in the index with its status: OpenSearch forgets deletions after a while, and a late
/// write would then restore the document.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub(crate) struct Document {
    kind: String,
    status: String,
    /// The name, for a venue. Texts are folded.
    title: String,
    /// Every word by which the title is found.
    terms: Vec<String>,
    /// Sounds of the words of the title.
    sounds: Vec<String>,
    people: String,
    /// The address, for a venue.
    description: String,
    /// Language and genres.
    labels: String,
    /// Keys of the cities with bookable screenings, or of the venue's city.
    cities: Vec<String>,
    /// Time at which the first of `cities` becomes outdated, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    stale_at: Option<String>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    #[sqlx(flatten)]
    document: Document,
}

const SHOWS: &str = r#"
    SELECT show_id AS id, 'show' AS kind, status, search_title AS title, search_terms AS terms, search_sounds AS sounds,
           search_people AS people, search_description AS description, search_kind AS labels,
           coalesce(cities, '{}') AS cities,
           to_char(stale_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS stale_at
    FROM shows LEFT JOIN LATERAL (
        SELECT array_agg(city ORDER BY city) AS cities, min(last_start) AS stale_at
        FROM city_shows WHERE city_shows.show_id = shows.show_id AND last_start > now()) AS plays ON true
    WHERE show_id = ANY($1)"#;

const VENUES: &str = "
    SELECT venue_id AS id, 'venue' AS kind, status, search_name AS title, search_terms AS terms, search_sounds AS sounds,
           '' AS people, search_address AS description, '' AS labels, ARRAY[city_key] AS cities, NULL::text AS stale_at
    FROM venues WHERE venue_id = ANY($1)";

/// Loads the documents of shows and venues. Ids without a row are left out.
pub(crate) async fn load(
    connection: &mut PgConnection,
    ids: &[Id],
) -> Result<Vec<(Id, Document)>, ProjectError> {
    let mut documents = Vec::with_capacity(ids.len());
    for (kind, select) in [(Kind::Show, SHOWS), (Kind::Venue, VENUES)] {
        let wanted: Vec<Uuid> = ids.iter().filter(|id| id.kind == kind).map(|id| id.id).collect();
        if wanted.is_empty() {
            continue;
        }
        let rows: Vec<Row> = sqlx::query_as(select)
            .bind(wanted)
            .fetch_all(&mut *connection)
            .await
            .map_err(database("reading the catalogue"))?;
        documents.extend(rows.into_iter().map(|row| (Id { kind, id: row.id }, row.document)));
    }
    Ok(documents)
}

/// Lists the whole catalogue.
pub(crate) async fn all(connection: &mut PgConnection) -> Result<Vec<Id>, ProjectError> {
    const SELECT: &str =
        "SELECT 'show', show_id FROM shows UNION ALL SELECT 'venue', venue_id FROM venues ORDER BY 1, 2";
    ids(sqlx::query_as(SELECT).fetch_all(connection).await)
}

/// Lists the entries that changed after a position.
pub(crate) async fn changed(connection: &mut PgConnection, after: i64) -> Result<Vec<Id>, ProjectError> {
    const SELECT: &str = "SELECT kind, id FROM catalogue_changes WHERE position > $1 ORDER BY kind, id";
    ids(sqlx::query_as(SELECT).bind(after).fetch_all(connection).await)
}

fn ids(rows: Result<Vec<(String, Uuid)>, sqlx::Error>) -> Result<Vec<Id>, ProjectError> {
    let rows = rows.map_err(database("listing the catalogue"))?;
    let kind = |word: &str| if word == "venue" { Kind::Venue } else { Kind::Show };
    Ok(rows.into_iter().map(|(word, id)| Id { kind: kind(&word), id }).collect())
}
