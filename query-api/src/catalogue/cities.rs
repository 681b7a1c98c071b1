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
        "SELECT v.city AS name, count(*) AS venues, coalesce(max(p.shows), 0) AS shows
         FROM venues v LEFT JOIN (
             SELECT city, count(DISTINCT show_id) AS shows FROM screenings
             WHERE status = 'active' AND starts_at > $1 GROUP BY city) p ON p.city = v.city
         WHERE v.status = 'active' AND ($2::text IS NULL OR v.city > $2)
         GROUP BY v.city ORDER BY v.city LIMIT $3",
    );
    let select = select.bind(app.parts.edge.now().to_sqlx()).bind(after).bind(paging.rows());
    let cities = reading.all(select).await?;
    Ok(cached(&known, &Page::new(cities, &paging, |city| city.name.clone())))
}
