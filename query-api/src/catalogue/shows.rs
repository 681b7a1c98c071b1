//! `GET /shows`, `GET /shows/{id}`

use axum::{extract::State, response::Response};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::ShowId;
use ticketshow_http::{IfNoneMatch, Params, PathId, PosterAddresses, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    app::App,
    formatting::Moment,
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::{CachedCall, CallForOne, cached},
    search_text::{SearchText, text},
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
}

impl Show {
    pub fn id(&self) -> Uuid {
        self.show_id
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
    /// Only shows that can still be booked in this city, in any letter case.
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

/// `$1` is the current time, `$2` a city, `$3` a date.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT s.show_id, s.title, s.description, s.duration_minutes, s.language, s.certificate, s.genres, s.people,
                    s.poster_card, s.poster_full, s.status, n.cities, n.next_screening_at
             FROM shows s CROSS JOIN LATERAL (
                 SELECT coalesce(array_agg(DISTINCT p.city ORDER BY p.city), '{}') AS cities,
                        min(p.starts_at) FILTER (WHERE ($2::text IS NULL OR lower(p.city) = lower($2))
                                                   AND ($3::date IS NULL OR p.local_date = $3)) AS next_screening_at
                 FROM screenings p
                 WHERE p.show_id = s.show_id AND p.status = 'active' AND p.starts_at > $1) n ",
            $rest
        )
    };
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
    let (after_title, after_id) = paging.after::<(String, Uuid)>()?.unzip();
    let select: Select<Show> = sqlx::query_as(select!(
        "WHERE ($2 IS NULL AND $3 IS NULL OR n.next_screening_at IS NOT NULL)
           AND ($4::text IS NULL OR lower(s.language) = lower($4))
           AND ($5::text IS NULL OR EXISTS (SELECT FROM unnest(s.genres) genre WHERE lower(genre) = lower($5)))
           AND ($6::text IS NULL OR s.status = $6)
           AND ($7::text IS NULL OR (s.title, s.show_id) > ($7, $8::uuid))
         ORDER BY s.title, s.show_id LIMIT $9"
    ));
    let select = select
        .bind(app.parts.edge.now().to_sqlx())
        .bind(text(filter.city))
        .bind(filter.date.map(ToSqlx::to_sqlx))
        .bind(text(filter.language))
        .bind(text(filter.genre))
        .bind(filter.status)
        .bind(after_title)
        .bind(after_id)
        .bind(paging.rows());
    let shows = reading.all(select).await?;
    let page = Page::new(shows, &paging, |show| (show.title.clone(), show.show_id));
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
    let select: Select<Show> = sqlx::query_as(select!("WHERE s.show_id = $4"));
    let select = select
        .bind(app.parts.edge.now().to_sqlx())
        .bind(None::<String>)
        .bind(None::<jiff_sqlx::Date>)
        .bind(show.0);
    Ok(cached(&known, &reading.one(select).await?.with_poster(&app.parts.posters)))
}

/// Returns the active shows among `ids`, unordered; with a city, only those that can still be booked there.
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
    let select: Select<Show> = sqlx::query_as(select!(
        "WHERE s.show_id = ANY($4) AND s.status = 'active' AND ($2 IS NULL OR n.next_screening_at IS NOT NULL)"
    ));
    reading.all(select.bind(now.to_sqlx()).bind(city).bind(None::<jiff_sqlx::Date>).bind(ids)).await
}

/// Returns the shows that can still be booked in a city, by their next screening.
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
    let select: Select<Show> = sqlx::query_as(select!(
        "WHERE s.status = 'active' AND n.next_screening_at IS NOT NULL
         ORDER BY n.next_screening_at, s.title, s.show_id LIMIT $4"
    ));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    reading.all(select.bind(now.to_sqlx()).bind(city).bind(None::<jiff_sqlx::Date>).bind(limit)).await
}
