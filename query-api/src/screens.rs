//! `GET /venues/{id}/screens`, `GET /screens/{id}`

use axum::response::Response;
use serde::Serialize;
use sqlx::{FromRow, types::Json};
use ticketshow_domain::{Layout, ScreenId, VenueId};
use ticketshow_http::{IfNoneMatch, Params, PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    catalogue::{CallForOne, KeptCall, kept},
    page::{Page, Paging},
    reading::{Reading, Select},
};

/// A room of a venue.
#[derive(Debug, Serialize, FromRow, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
pub struct Screen {
    screen_id: Uuid,
    venue_id: Uuid,
    name: String,
    /// Of screenings scheduled from now on; those already scheduled keep theirs.
    #[schema(value_type = schema::Layout)]
    layout: Json<Layout>,
    /// Seats.
    capacity: i32,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT screen_id, venue_id, name, layout, capacity FROM screens ", $rest)
    };
}

/// The screens of a venue, by name.
///
/// # Errors
///
/// 404 if there is no such venue.
#[utoipa::path(
    get,
    path = "/venues/{id}/screens",
    tag = "Catalogue",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<Screen>), KeptCall, CallForOne, schema::AnyCall)
)]
pub async fn list_screens(
    PathId(venue): PathId<VenueId>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (after_name, after_id) = paging.after::<(String, Uuid)>()?.unzip();
    let select: Select<Screen> = sqlx::query_as(select!(
        "WHERE venue_id = $1 AND ($2::text IS NULL OR (name, screen_id) > ($2, $3::uuid))
         ORDER BY name, screen_id LIMIT $4"
    ));
    let select = select.bind(venue.0).bind(after_name).bind(after_id).bind(paging.rows());
    let screens = reading.all(select).await?;
    if screens.is_empty() {
        let exists: Select<(i32,)> = sqlx::query_as("SELECT 1 FROM venues WHERE venue_id = $1");
        reading.one(exists.bind(venue.0)).await?;
    }
    Ok(kept(&known, &Page::new(screens, &paging, |screen| (screen.name.clone(), screen.screen_id))))
}

/// One screen.
///
/// # Errors
///
/// 404 if there is no such screen.
#[utoipa::path(
    get,
    path = "/screens/{id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Screen), KeptCall, CallForOne, schema::AnyCall)
)]
pub async fn get_screen(
    PathId(screen): PathId<ScreenId>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let select: Select<Screen> = sqlx::query_as(select!("WHERE screen_id = $1"));
    Ok(kept(&known, &reading.one(select.bind(screen.0)).await?))
}
