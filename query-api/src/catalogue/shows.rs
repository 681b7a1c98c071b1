//! `GET /shows`, `GET /shows/{id}`

use axum::{extract::State, response::Response};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Postgres, QueryBuilder};
use ticketshow_domain::ShowId;
use ticketshow_http::{IfNoneMatch, Params, PathId, PosterAddresses, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    app::App,
    formatting::{Moment, days_around},
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::{CachedCall, CallForOne, cached},
    search_text::{SearchText, city_key, text},
};

/// Status of a show.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ShowStatus {
    Active,
    Cancelled,
}

/// A film or a play.
#[derive(Debug, Serialize, FromRow, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
pub struct Show {
    show_id: Uuid,
    title: String,
    description: String,
    duration_minutes: i32,
    #[schema(example = "Hindi")]
    language: String,
    /// Age rating.
    #[schema(example = "UA")]
    certificate: Option<String>,
    genres: Vec<String>,
    /// Cast and directors, the best known first.
    people: Vec<String>,
    /// Address of the poster, at most 480 by 720 pixels; null if there is none.
    #[sqlx(rename = "poster_card")]
    poster_url: Option<String>,
    /// Address of the large poster, at most 1,200 by 1,800 pixels; null if there is none.
    #[sqlx(rename = "poster_full")]
    poster_full_url: Option<String>,
    status: ShowStatus,
    /// Cities where it can still be booked.
    cities: Vec<String>,
    /// Start of the next bookable screening; in a list filtered by `city` or `date`, of the next one that matches.
    next_screening_at: Option<Moment>,
    /// IANA time zone of that screening.
    #[schema(example = "Asia/Kolkata")]
    next_screening_timezone: Option<String>,
}

impl Show {
    pub fn id(&self) -> Uuid {
        self.show_id
    }

    /// Returns `true` if it can still be booked in a city.
    pub fn is_playing(&self) -> bool {
        !self.cities.is_empty()
    }

    /// Replaces the file names of the posters by their public addresses.
    pub fn with_poster(mut self, posters: &PosterAddresses) -> Self {
        self.poster_url = posters.of(self.poster_url.as_deref());
        self.poster_full_url = posters.of(self.poster_full_url.as_deref());
        self
    }
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ShowFilter {
    /// Only shows that can still be booked in this city, by any of its names.
    #[param(value_type = Option<String>)]
    city: Option<SearchText>,
    /// Only shows in this language, in any letter case.
    #[param(value_type = Option<String>)]
    language: Option<SearchText>,
    /// Only shows of this genre, in any letter case.
    #[param(value_type = Option<String>)]
    genre: Option<SearchText>,
    /// Only shows that can still be booked for this calendar day at the venue.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-27")]
    date: Option<Date>,
    /// Only shows with this status.
    #[param(inline)]
    status: Option<ShowStatus>,
}

/// Screenings that a show is listed for.
#[derive(Debug, Clone, Default)]
struct Wanted {
    /// Its key.
    city: Option<String>,
    date: Option<Date>,
}

/// Selects shows with their cities and next screenings. `shows` adds a query for their ids; `order` sorts the result, where
/// `s` is a show and `n` its screenings.
///
/// Cities come from `city_shows`, and the next screening in each from an index: no show reads all its screenings.
fn select_shows(
    now: Timestamp,
    wanted: &Wanted,
    shows: impl FnOnce(&mut QueryBuilder<Postgres>),
    order: &'static str,
) -> QueryBuilder<Postgres> {
    let mut select = QueryBuilder::new(
        "SELECT s.show_id, s.title, s.description, s.duration_minutes, s.language, s.certificate, s.genres, s.people,
                s.poster_card, s.poster_full, s.status, n.cities, n.next_screening_at, n.next_screening_timezone
         FROM (",
    );
    shows(&mut select);
    select.push(
        ") page JOIN shows s ON s.show_id = page.show_id CROSS JOIN LATERAL (
             SELECT coalesce(array_agg(cities.name ORDER BY cities.name), '{}') AS cities,
                    min(next.starts_at) AS next_screening_at,
                    (array_agg(next.timezone ORDER BY next.starts_at))[1] AS next_screening_timezone
             FROM city_shows c JOIN cities ON cities.city_key = c.city LEFT JOIN LATERAL (
                 SELECT p.starts_at, p.timezone FROM screenings p
                 WHERE p.show_id = c.show_id AND p.city_key = c.city AND p.status = 'active' AND p.starts_at > ",
    );
    select.push_bind(now.to_sqlx());
    if let Some(date) = wanted.date {
        // The bounds are those of an index: without them, all screenings before that day are read.
        let [begin, end] = days_around(date);
        select.push(" AND p.local_date = ").push_bind(date.to_sqlx());
        select.push(" AND p.starts_at >= ").push_bind(begin.to_sqlx());
        select.push(" AND p.starts_at < ").push_bind(end.to_sqlx());
    }
    select.push(" ORDER BY p.starts_at LIMIT 1) next ON ");
    match &wanted.city {
        Some(city) => select.push("c.city = ").push_bind(city.clone()),
        None => select.push("true"),
    };
    select.push(" WHERE c.show_id = s.show_id AND c.last_start > ").push_bind(now.to_sqlx());
    select.push(") n ").push(order);
    select
}

/// Restricts a query of shows `s` to those that have a wanted screening.
///
/// The shows of a city come first, in an array, and then their titles: shows sorted by title would all be searched for the
/// few of a small city. There are too many shows on a day for that, and enough to find a page of them among all.
fn require_screening(select: &mut QueryBuilder<Postgres>, now: Timestamp, wanted: &Wanted) {
    match (&wanted.city, wanted.date) {
        (None, None) => {}
        (Some(city), None) => {
            select.push(" AND s.show_id = ANY(ARRAY(SELECT c.show_id FROM city_shows c WHERE c.city = ");
            select.push_bind(city.clone()).push(" AND c.last_start > ").push_bind(now.to_sqlx()).push("))");
        }
        (Some(city), Some(date)) => {
            select.push(
                " AND s.show_id = ANY(ARRAY(SELECT DISTINCT p.show_id FROM screenings p WHERE p.city_key = ",
            );
            select.push_bind(city.clone()).push(" AND ");
            push_bookable_on(select, now, date);
            select.push("))");
        }
        (None, Some(date)) => {
            select.push(" AND EXISTS (SELECT FROM screenings p WHERE p.show_id = s.show_id AND ");
            push_bookable_on(select, now, date);
            select.push(")");
        }
    }
}

/// Adds the condition that a screening `p` can be booked and is on a calendar day.
fn push_bookable_on(select: &mut QueryBuilder<Postgres>, now: Timestamp, date: Date) {
    let [begin, end] = days_around(date);
    select.push("p.status = 'active' AND p.local_date = ").push_bind(date.to_sqlx());
    select.push(" AND p.starts_at > ").push_bind(now.to_sqlx());
    select.push(" AND p.starts_at >= ").push_bind(begin.to_sqlx());
    select.push(" AND p.starts_at < ").push_bind(end.to_sqlx());
}

/// Lists shows by title.
///
/// # Errors
///
/// 422 for invalid filters.
#[utoipa::path(
    get,
    path = "/shows",
    tag = "Catalogue",
    params(ShowFilter, Paging),
    responses((status = 200, body = Page<Show>), CachedCall, schema::AnyCall)
)]
pub async fn list_shows(
    State(app): State<App>,
    Params(filter): Params<ShowFilter>,
    Params(paging): Params<Paging>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let (after, now) = (paging.after::<(String, Uuid)>()?, app.parts.edge.now());
    let ShowFilter { city, language, genre, date, status } = filter;
    let wanted = Wanted { city: city_key(city), date };
    let page = |select: &mut QueryBuilder<Postgres>| {
        select.push("SELECT s.show_id FROM shows s WHERE true");
        if let Some(language) = text(language) {
            select.push(" AND lower(s.language) = lower(").push_bind(language).push(")");
        }
        if let Some(genre) = text(genre) {
            select.push(" AND s.lower_genres @> ARRAY[lower(").push_bind(genre).push(")]");
        }
        if let Some(status) = status {
            select.push(" AND s.status = ").push_bind(status);
        }
        require_screening(select, now, &wanted);
        if let Some((title, show)) = after {
            select
                .push(" AND (s.title, s.show_id) > (")
                .push_bind(title)
                .push(", ")
                .push_bind(show)
                .push(")");
        }
        select.push(" ORDER BY s.title, s.show_id LIMIT ").push_bind(paging.rows());
    };
    let mut select = select_shows(now, &wanted, page, "ORDER BY s.title, s.show_id");
    let shows = reading.planned(select.build_query_as()).await?;
    let page = Page::new(shows, &paging, |show: &Show| (show.title.clone(), show.show_id));
    Ok(cached(&known, &page.map(|show| show.with_poster(&app.parts.posters))))
}

/// Returns one show.
///
/// # Errors
///
/// 404 if the show does not exist.
#[utoipa::path(
    get,
    path = "/shows/{id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Show), CachedCall, CallForOne, schema::AnyCall)
)]
pub async fn get_show(
    State(app): State<App>,
    PathId(show): PathId<ShowId>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let one = |select: &mut QueryBuilder<Postgres>| {
        select.push("SELECT show_id FROM shows WHERE show_id = ").push_bind(show.0);
    };
    let mut select = select_shows(app.parts.edge.now(), &Wanted::default(), one, "");
    let show: Show = reading.one(select.build_query_as()).await?;
    Ok(cached(&known, &show.with_poster(&app.parts.posters)))
}

/// Returns the active shows among `ids`, unordered; with the key of a city, only those that can still be booked there.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn active_shows(
    reading: &mut Reading,
    ids: Vec<Uuid>,
    city: Option<String>,
    now: Timestamp,
) -> Result<Vec<Show>, Problem> {
    let wanted = Wanted { city, date: None };
    let among = |select: &mut QueryBuilder<Postgres>| {
        select
            .push("SELECT s.show_id FROM shows s WHERE s.status = 'active' AND s.show_id = ANY(")
            .push_bind(ids)
            .push(")");
        require_screening(select, now, &wanted);
    };
    let mut select = select_shows(now, &wanted, among, "");
    reading.planned(select.build_query_as()).await
}

/// `$1` is the key of a city, `$2` the current time, `$3` the number of shows. Walks through the screenings of the city by start and
/// passes over those of shows that it has found, until it has found enough.
const NEXT_SHOWS: &str = "
    WITH RECURSIVE found AS (
        SELECT $2::timestamptz AS starts_at, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid AS screening_id,
               '{}'::uuid[] AS shows
        UNION ALL
        SELECT next.starts_at, next.screening_id, found.shows || next.show_id
        FROM found CROSS JOIN LATERAL (
            SELECT p.starts_at, p.screening_id, p.show_id FROM screenings p
            WHERE p.city_key = $1 AND p.status = 'active' AND p.show_id <> ALL(found.shows)
              AND (p.starts_at, p.screening_id) > (found.starts_at, found.screening_id)
              AND EXISTS (SELECT FROM shows s WHERE s.show_id = p.show_id AND s.status = 'active')
            ORDER BY p.starts_at, p.screening_id LIMIT 1) next
        WHERE cardinality(found.shows) < $3)
    SELECT shows[cardinality(shows)] FROM found WHERE shows <> '{}'";

/// Returns the shows that can still be booked in a city, given by its key, by their next screening.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn shows_in(
    reading: &mut Reading,
    city: String,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Show>, Problem> {
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    let next: Select<(Uuid,)> = sqlx::query_as(NEXT_SHOWS);
    let next = reading.planned(next.bind(city.clone()).bind(now.to_sqlx()).bind(limit)).await?;
    let found = |select: &mut QueryBuilder<Postgres>| {
        let ids: Vec<Uuid> = next.into_iter().map(|(show,)| show).collect();
        select.push("SELECT show_id FROM shows WHERE show_id = ANY(").push_bind(ids).push(")");
    };
    let wanted = Wanted { city: Some(city), date: None };
    let mut select = select_shows(now, &wanted, found, "ORDER BY n.next_screening_at, s.title, s.show_id");
    reading.planned(select.build_query_as()).await
}
