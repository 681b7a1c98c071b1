//! `GET /cities`

use axum::{extract::State, response::Response};
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::folding::cities;
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
    /// As most of its venues spell it. Filters take any of its names.
    #[schema(example = "Mumbai")]
    name: String,
    #[serde(skip)]
    city_key: String,
    /// Its other names and spellings, such as those of single venues. Letter case and accents do not matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["bombay", "मुंबई"]))]
    names: Vec<String>,
    /// IANA time zones of its venues: several if distant cities share a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["Asia/Kolkata"]))]
    timezones: Vec<String>,
    /// Number of active venues.
    venues: i64,
    /// Number of shows that can still be booked there.
    shows: i64,
}

impl City {
    /// Adds the names that people know, to the spellings of its venues.
    fn with_known_names(mut self) -> Self {
        self.names.extend(cities::names(&self.city_key));
        let usual = self.name.to_lowercase();
        self.names.retain(|name| name.to_lowercase() != usual);
        self.names.sort();
        self.names.dedup();
        self
    }
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
    let (after_name, after_key) = paging.after::<(String, String)>()?.unzip();
    let select: Select<City> = sqlx::query_as(
        // Shows that end today one by one, those that end later by day.
        "SELECT v.name, v.city_key, v.venues::bigint, today.shows + later.shows AS shows, houses.names, houses.timezones
         FROM (SELECT name, city_key, venues FROM cities
               WHERE venues > 0 AND ($2::text IS NULL OR (name, city_key) > ($2, $3::text))
               ORDER BY name, city_key LIMIT $4) v
         CROSS JOIN LATERAL (
             SELECT coalesce(array_agg(DISTINCT h.city), '{}') AS names,
                    coalesce(array_agg(DISTINCT h.timezone), '{}') AS timezones
             FROM venues h WHERE h.city_key = v.city_key AND h.status = 'active') houses
         CROSS JOIN LATERAL (
             SELECT count(*) AS shows FROM city_shows c
             WHERE c.city = v.city_key AND c.last_start > $1
               AND c.last_start < (($1 AT TIME ZONE 'UTC')::date + 1)::timestamp AT TIME ZONE 'UTC') today
         CROSS JOIN LATERAL (
             SELECT coalesce(sum(d.shows), 0)::bigint AS shows FROM city_days d
             WHERE d.city = v.city_key AND d.day > ($1 AT TIME ZONE 'UTC')::date) later
         ORDER BY v.name, v.city_key",
    );
    let now = app.parts.edge.now().to_sqlx();
    let select = select.bind(now).bind(after_name).bind(after_key).bind(paging.rows());
    let cities: Vec<City> = reading.all(select).await?.into_iter().map(City::with_known_names).collect();
    Ok(cached(&known, &Page::new(cities, &paging, |city| (city.name.clone(), city.city_key.clone()))))
}
