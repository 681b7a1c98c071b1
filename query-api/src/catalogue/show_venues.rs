//! `GET /shows/{id}/venues`

use axum::{extract::State, response::Response};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::ShowId;
use ticketshow_http::{IfNoneMatch, Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    catalogue::screenings::{Screening, ScreeningRow},
    machinery::{
        app::App,
        page::{Page, Paging},
        reading::{Reading, Select},
        responses::{CachedCall, CallForOne, cached},
        search_text::{SearchText, city_key},
    },
};

/// A venue where the show can still be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct VenueShowing {
    venue_id: Uuid,
    name: String,
    address: String,
    city: String,
    /// IANA time zone.
    timezone: String,
    /// Screenings that can still be booked, by screen and start time.
    screenings: Vec<Screening>,
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ShowVenueFilter {
    /// Only venues in this city, by any of its names.
    #[param(value_type = Option<String>)]
    city: Option<SearchText>,
    /// Only screenings on this calendar day at the venue.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-27")]
    date: Option<Date>,
}

#[derive(FromRow)]
struct Row {
    listed_id: Uuid,
    listed_name: String,
    address: String,
    listed_city: String,
    listed_timezone: String,
    #[sqlx(flatten)]
    screening: ScreeningRow,
}

/// One page of venues with all their bookable screenings of the show.
const SELECT: &str = "WITH listed AS (
        SELECT v.venue_id, v.name, v.address, v.city, v.timezone FROM venues v
        WHERE ($2::text IS NULL OR v.city_key = $2)
          AND ($5::text IS NULL OR (v.name, v.venue_id) > ($5, $6::uuid))
          AND EXISTS (SELECT FROM screenings p WHERE p.show_id = $1 AND p.venue_id = v.venue_id
                      AND p.status = 'active' AND p.starts_at > $4 AND ($3::date IS NULL OR p.local_date = $3))
        ORDER BY v.name, v.venue_id LIMIT $7)
    SELECT v.venue_id AS listed_id, v.name AS listed_name, v.address, v.city AS listed_city,
           v.timezone AS listed_timezone, p.*
    FROM listed v JOIN screenings p ON p.venue_id = v.venue_id
    WHERE p.show_id = $1 AND p.status = 'active' AND p.starts_at > $4 AND ($3::date IS NULL OR p.local_date = $3)
    ORDER BY v.name, v.venue_id, p.screen_name, p.screen_id, p.starts_at";

/// Lists the venues of a show, each with the screenings that can still be booked.
///
/// # Errors
///
/// 404 if the show does not exist.
#[utoipa::path(
    get,
    path = "/shows/{id}/venues",
    tag = "Catalogue",
    params(("id" = Uuid, Path), ShowVenueFilter, Paging),
    responses((status = 200, body = Page<VenueShowing>), CachedCall, CallForOne, schema::AnyCall)
)]
pub async fn list_show_venues(
    State(app): State<App>,
    PathId(show): PathId<ShowId>,
    Params(filter): Params<ShowVenueFilter>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (after_name, after_id) = paging.after::<(String, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(SELECT);
    let select = select
        .bind(show.0)
        .bind(city_key(filter.city))
        .bind(filter.date.map(ToSqlx::to_sqlx))
        .bind(app.parts.edge.now().to_sqlx())
        .bind(after_name)
        .bind(after_id)
        .bind(paging.rows());
    let venues = by_venue(reading.planned(select).await?);
    if venues.is_empty() {
        let exists: Select<(i32,)> = sqlx::query_as("SELECT 1 FROM shows WHERE show_id = $1");
        reading.one(exists.bind(show.0)).await?;
    }
    Ok(cached(&known, &Page::new(venues, &paging, |venue| (venue.name.clone(), venue.venue_id))))
}

/// Groups rows that are sorted by venue.
fn by_venue(rows: Vec<Row>) -> Vec<VenueShowing> {
    let mut venues: Vec<VenueShowing> = Vec::new();
    for row in rows {
        let Row { listed_id, listed_name, address, listed_city, listed_timezone, screening } = row;
        match venues.last_mut().filter(|venue| venue.venue_id == listed_id) {
            Some(venue) => venue.screenings.push(screening.into()),
            None => venues.push(VenueShowing {
                venue_id: listed_id,
                name: listed_name,
                address,
                city: listed_city,
                timezone: listed_timezone,
                screenings: vec![screening.into()],
            }),
        }
    }
    venues
}
