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

use crate::{
    App,
    catalogue::{CallForOne, KeptCall, kept},
    page::{Page, Paging},
    reading::{Reading, Select},
    told::Moment,
    words::{Words, text},
};

/// Whether a show is on the programme.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ShowStatus {
    Active,
    Cancelled,
}

/// A film or play.
#[derive(Debug, Serialize, FromRow, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
pub struct Show {
    show_id: Uuid,
    title: String,
    description: String,
    duration_minutes: i32,
    #[schema(example = "Hindi")]
    language: String,
    /// Age certificate.
    #[schema(example = "UA")]
    certificate: Option<String>,
    genres: Vec<String>,
    /// Cast and direction, the best known first.
    people: Vec<String>,
    /// Where browsers fetch the poster, at most 480 by 720 pixels; null if there is none.
    #[sqlx(rename = "poster_card")]
    poster_url: Option<String>,
    /// The same, at most 1,200 by 1,800 pixels.
    #[sqlx(rename = "poster_full")]
    poster_full_url: Option<String>,
    status: ShowStatus,
    /// Where it can still be booked.
    cities: Vec<String>,
    /// The next screening that can still be booked; in a list with `city` or `date`, of those that fit.
    next_screening_at: Option<Moment>,
}

impl Show {
    /// Its id.
    pub fn id(&self) -> Uuid {
        self.show_id
    }

    /// With addresses for the names of its poster.
    pub fn with_poster(mut self, posters: &PosterAddresses) -> Self {
        self.poster_url = posters.of(self.poster_url.as_deref());
        self.poster_full_url = posters.of(self.poster_full_url.as_deref());
        self
    }
}

/// Which shows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ShowFilter {
    /// Can still be booked in this city, whatever its letter case.
    #[param(value_type = Option<String>)]
    city: Option<Words>,
    /// Is played in this language.
    #[param(value_type = Option<String>)]
    language: Option<Words>,
    /// Has this genre.
    #[param(value_type = Option<String>)]
    genre: Option<Words>,
    /// Can still be booked for this calendar day at the venue.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-27")]
    date: Option<Date>,
    /// Is on the programme, or not.
    #[param(inline)]
    status: Option<ShowStatus>,
}

/// `$1` is now, `$2` a city, `$3` a date.
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

/// Shows, by title.
///
/// # Errors
///
/// 422 for wrong filters.
#[utoipa::path(
    get,
    path = "/shows",
    tag = "Catalogue",
    params(ShowFilter, Paging),
    responses((status = 200, body = Page<Show>), KeptCall, schema::AnyCall)
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
        .bind(app.edge.now().to_sqlx())
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
    Ok(kept(&known, &page.map(|show| show.with_poster(&app.posters))))
}

/// One show.
///
/// # Errors
///
/// 404 if there is no such show.
#[utoipa::path(
    get,
    path = "/shows/{id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Show), KeptCall, CallForOne, schema::AnyCall)
)]
pub async fn get_show(
    State(app): State<App>,
    PathId(show): PathId<ShowId>,
    known: IfNoneMatch,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let select: Select<Show> = sqlx::query_as(select!("WHERE s.show_id = $4"));
    let select =
        select.bind(app.edge.now().to_sqlx()).bind(None::<String>).bind(None::<jiff_sqlx::Date>).bind(show.0);
    Ok(kept(&known, &reading.one(select).await?.with_poster(&app.posters)))
}

/// Those of the shows that are on the programme, in no order; with a city, those that can still be booked there.
///
/// # Errors
///
/// 503 if Postgres is away.
pub async fn of_ids(
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

/// The shows that can still be booked in a city, the next one first.
///
/// # Errors
///
/// 503 if Postgres is away.
pub async fn playing_in(
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
