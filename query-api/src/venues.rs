//! `GET /venues`, `GET /venues/{id}`

use axum::response::Response;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::VenueId;
use ticketshow_http::{IfNoneMatch, Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    catalogue::{CallForOne, KeptCall, kept},
    page::{Page, Paging},
    reading::{Reading, Select},
    words::{Words, text},
};

/// Whether a venue takes screenings.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum VenueStatus {
    Active,
    Inactive,
}

/// A house.
#[derive(Debug, Serialize, FromRow, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
pub struct Venue {
    venue_id: Uuid,
    name: String,
    address: String,
    city: String,
    /// IANA name.
    #[schema(example = "Asia/Kolkata")]
    timezone: String,
    /// Local time of day.
    #[schema(example = "09:00")]
    opens_at: String,
    /// Local time of day; at or before `opens_at` it means the next day.
    #[schema(example = "02:00")]
    closes_at: String,
    status: VenueStatus,
}

impl Venue {
    /// Its id.
    pub fn id(&self) -> Uuid {
        self.venue_id
    }
}

/// Which venues.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VenueFilter {
    /// In this city, whatever its letter case.
    #[param(value_type = Option<String>)]
    city: Option<Words>,
    /// Takes screenings, or not.
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

/// Venues, by name.
///
/// # Errors
///
/// 422 for wrong filters.
#[utoipa::path(
    get,
    path = "/venues",
    tag = "Catalogue",
    params(VenueFilter, Paging),
    responses((status = 200, body = Page<Venue>), KeptCall, schema::AnyCall)
)]
pub async fn list_venues(
    Params(filter): Params<VenueFilter>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (after_name, after_id) = paging.after::<(String, Uuid)>()?.unzip();
    let select: Select<Venue> = sqlx::query_as(select!(
        "WHERE ($1::text IS NULL OR lower(city) = lower($1))
           AND ($2::text IS NULL OR status = $2)
           AND ($3::text IS NULL OR (name, venue_id) > ($3, $4::uuid))
         ORDER BY name, venue_id LIMIT $5"
    ));
    let select = select
        .bind(text(filter.city))
        .bind(filter.status)
        .bind(after_name)
        .bind(after_id)
        .bind(paging.rows());
    let venues = reading.all(select).await?;
    Ok(kept(&known, &Page::new(venues, &paging, |venue| (venue.name.clone(), venue.venue_id))))
}

/// One venue.
///
/// # Errors
///
/// 404 if there is no such venue.
#[utoipa::path(
    get,
    path = "/venues/{id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Venue), KeptCall, CallForOne, schema::AnyCall)
)]
pub async fn get_venue(
    PathId(venue): PathId<VenueId>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let select: Select<Venue> = sqlx::query_as(select!("WHERE venue_id = $1"));
    Ok(kept(&known, &reading.one(select.bind(venue.0)).await?))
}

/// Those of the venues that take screenings, in no order.
///
/// # Errors
///
/// 503 if Postgres is away.
pub async fn of_ids(reading: &mut Reading, ids: Vec<Uuid>) -> Result<Vec<Venue>, Problem> {
    let select: Select<Venue> = sqlx::query_as(select!("WHERE venue_id = ANY($1) AND status = 'active'"));
    reading.all(select.bind(ids)).await
}

/// The venues of a city that take screenings, by name.
///
/// # Errors
///
/// 503 if Postgres is away.
pub async fn active_in(reading: &mut Reading, city: String, limit: usize) -> Result<Vec<Venue>, Problem> {
    let select: Select<Venue> = sqlx::query_as(select!(
        "WHERE status = 'active' AND lower(city) = lower($1) ORDER BY name, venue_id LIMIT $2"
    ));
    reading.all(select.bind(city).bind(i64::try_from(limit).unwrap_or(i64::MAX))).await
}
