//! `GET /cities`

use axum::{extract::State, response::Response};
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_http::{IfNoneMatch, Params, Problem, schema};
use utoipa::ToSchema;

use crate::machinery::{
    app::App,
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::{CachedCall, cached},
};

/// A city with active venues.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub struct City {
    #[schema(example = "Mumbai")]
    name: String,
    /// Number of active venues.
    venues: i64,
    /// Number of shows that can still be booked there.
    shows: i64,
}

/// Lists the cities that have active venues, by name.
///
/// # Errors
///
/// 422 for invalid parameters.
#[utoipa::path(
    get,
    path = "/cities",
    tag = "Catalogue",
    params(Paging),
    responses((status = 200, body = Page<City>), CachedCall, schema::AnyCall)
)]
pub async fn list_cities(
    State(app): State<App>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let after = paging.after::<String>()?;
    let select: Select<City> = sqlx::query_as(
        // Shows that end today one by one, those that end later by day.
        "SELECT v.city AS name, v.venues, today.shows + later.shows AS shows
         FROM (SELECT city, count(*) AS venues FROM venues
               WHERE status = 'active' AND ($2::text IS NULL OR city > $2)
               GROUP BY city ORDER BY city LIMIT $3) v
         CROSS JOIN LATERAL (
             SELECT count(*) AS shows FROM city_shows c
             WHERE lower(c.city) = lower(v.city) AND c.city = v.city AND c.last_start > $1
               AND c.last_start < (($1 AT TIME ZONE 'UTC')::date + 1)::timestamp AT TIME ZONE 'UTC') today
         CROSS JOIN LATERAL (
             SELECT coalesce(sum(d.shows), 0)::bigint AS shows FROM city_days d
             WHERE d.city = v.city AND d.day > ($1 AT TIME ZONE 'UTC')::date) later
         ORDER BY v.city",
    );
    let select = select.bind(app.parts.edge.now().to_sqlx()).bind(after).bind(paging.rows());
    let cities = reading.all(select).await?;
    Ok(cached(&known, &Page::new(cities, &paging, |city| city.name.clone())))
}
