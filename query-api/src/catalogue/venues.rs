//! `GET /venues`, `GET /venues/{id}`

use axum::response::Response;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::VenueId;
use ticketshow_http::{IfNoneMatch, Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::{CachedCall, CallForOne, cached},
    search_text::{SearchText, city_key},
};

/// Status of a venue.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum VenueStatus {
    Active,
    Inactive,
}

/// A cinema or theatre.
#[derive(Debug, Serialize, FromRow, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
pub struct Venue {
    venue_id: Uuid,
    name: String,
    address: String,
    city: String,
    /// IANA time zone.
    #[schema(example = "Asia/Kolkata")]
    timezone: String,
    /// Opening time, local.
    #[schema(example = "09:00")]
    opens_at: String,
    /// Closing time, local; a time at or before `opens_at` is on the next day.
    #[schema(example = "02:00")]
    closes_at: String,
    status: VenueStatus,
}

impl Venue {
    pub fn id(&self) -> Uuid {
        self.venue_id
    }
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VenueFilter {
    /// Only venues in this city, by any of its names.
    #[param(value_type = Option<String>)]
    city: Option<SearchText>,
    /// Only venues with this status.
    #[param(inline)]
    status: Option<VenueStatus>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT venue_id, name, address, city, timezone, opens_at, closes_at, status FROM venues ",
            $rest
        )
    };
}

/// Lists venues by name.
///
/// # Errors
///
/// 422 for invalid filters.
#[utoipa::path(
    get,
    path = "/venues",
    tag = "Catalogue",
    params(VenueFilter, Paging),
    responses((status = 200, body = Page<Venue>), CachedCall, schema::AnyCall)
)]
pub async fn list_venues(
    Params(filter): Params<VenueFilter>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (after_name, after_id) = paging.after::<(String, Uuid)>()?.unzip();
    let select: Select<Venue> = sqlx::query_as(select!(
        "WHERE ($1::text IS NULL OR city_key = $1)
           AND ($2::text IS NULL OR status = $2)
           AND ($3::text IS NULL OR (name, venue_id) > ($3, $4::uuid))
         ORDER BY name, venue_id LIMIT $5"
    ));
    let select = select
        .bind(city_key(filter.city))
        .bind(filter.status)
        .bind(after_name)
        .bind(after_id)
        .bind(paging.rows());
    let venues = reading.planned(select).await?;
    Ok(cached(&known, &Page::new(venues, &paging, |venue| (venue.name.clone(), venue.venue_id))))
}

/// Returns one venue.
///
/// # Errors
///
/// 404 if the venue does not exist.
#[utoipa::path(
    get,
    path = "/venues/{id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Venue), CachedCall, CallForOne, schema::AnyCall)
)]
pub async fn get_venue(
    PathId(venue): PathId<VenueId>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let select: Select<Venue> = sqlx::query_as(select!("WHERE venue_id = $1"));
    Ok(cached(&known, &reading.one(select.bind(venue.0)).await?))
}

/// Returns the active venues among `ids`, unordered.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn active_venues(reading: &mut Reading, ids: Vec<Uuid>) -> Result<Vec<Venue>, Problem> {
    let select: Select<Venue> = sqlx::query_as(select!("WHERE venue_id = ANY($1) AND status = 'active'"));
    reading.all(select.bind(ids)).await
}

/// Returns the active venues of a city, given by its key, by name.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn venues_in(reading: &mut Reading, city: String, limit: usize) -> Result<Vec<Venue>, Problem> {
    let select: Select<Venue> =
        sqlx::query_as(select!("WHERE status = 'active' AND city_key = $1 ORDER BY name, venue_id LIMIT $2"));
    reading.all(select.bind(city).bind(i64::try_from(limit).unwrap_or(i64::MAX))).await
}
