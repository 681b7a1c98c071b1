//! `GET /venues/{id}/screens`, `GET /screens/{id}`

use axum::response::Response;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json};
use ticketshow_domain::{Layout, ScreenId, VenueId};
use ticketshow_http::{IfNoneMatch, Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::{CachedCall, CallForOne, cached},
};

/// Status of a screen. Nothing is scheduled on a retired one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ScreenStatus {
    Active,
    Retired,
}

/// A room of a venue, with its seats.
#[derive(Debug, Serialize, FromRow, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
pub struct Screen {
    screen_id: Uuid,
    venue_id: Uuid,
    name: String,
    /// Layout of screenings scheduled from now on; a screening keeps the layout it was scheduled with.
    #[schema(value_type = schema::Layout)]
    layout: Json<Layout>,
    /// Number of seats.
    capacity: i32,
    /// Minutes for cleaning after each screening.
    turnaround_minutes: i32,
    status: ScreenStatus,
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScreenFilter {
    /// Only screens with this status.
    #[param(inline)]
    status: Option<ScreenStatus>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT screen_id, venue_id, name, layout, capacity, turnaround_minutes, status FROM screens ",
            $rest
        )
    };
}

/// Lists the screens of a venue by name.
///
/// # Errors
///
/// 404 if the venue does not exist; 422 for invalid filters.
#[utoipa::path(
    get,
    path = "/venues/{id}/screens",
    tag = "Catalogue",
    params(("id" = Uuid, Path), ScreenFilter, Paging),
    responses((status = 200, body = Page<Screen>), CachedCall, CallForOne, schema::AnyCall)
)]
pub async fn list_screens(
    PathId(venue): PathId<VenueId>,
    Params(filter): Params<ScreenFilter>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (after_name, after_id) = paging.after::<(String, Uuid)>()?.unzip();
    let select: Select<Screen> = sqlx::query_as(select!(
        "WHERE venue_id = $1 AND ($2::text IS NULL OR (name, screen_id) > ($2, $3::uuid))
           AND ($5::text IS NULL OR status = $5)
         ORDER BY name, screen_id LIMIT $4"
    ));
    let select = select.bind(venue.0).bind(after_name).bind(after_id).bind(paging.rows()).bind(filter.status);
    let screens = reading.all(select).await?;
    if screens.is_empty() {
        let exists: Select<(i32,)> = sqlx::query_as("SELECT 1 FROM venues WHERE venue_id = $1");
        reading.one(exists.bind(venue.0)).await?;
    }
    Ok(cached(&known, &Page::new(screens, &paging, |screen| (screen.name.clone(), screen.screen_id))))
}

/// Returns one screen.
///
/// # Errors
///
/// 404 if the screen does not exist.
#[utoipa::path(
    get,
    path = "/screens/{id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Screen), CachedCall, CallForOne, schema::AnyCall)
)]
pub async fn get_screen(
    PathId(screen): PathId<ScreenId>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let select: Select<Screen> = sqlx::query_as(select!("WHERE screen_id = $1"));
    Ok(cached(&known, &reading.one(select.bind(screen.0)).await?))
}
