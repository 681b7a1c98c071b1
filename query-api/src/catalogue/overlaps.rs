//! `GET /shows/{id}/overlaps`, `GET /screens/{id}/overlaps`

use axum::{Json, extract::State};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{ScreenId, ShowId, screen::TURNAROUND_MAX_MINUTES, show::DURATION_MAX_MINUTES};
use ticketshow_http::{Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    app::App,
    authority::Staff,
    formatting::{LocalTime, Moment},
    page::Page,
    reading::{Reading, Select},
    responses::CallForOne,
};

/// Most screenings in the answer: a warning, not a list to work through.
const OVERLAPS_MAX: i64 = 200;

/// Proposed length of a show.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WantedLength {
    /// Minutes, 1 to 600.
    #[param(example = 150, minimum = 1, maximum = 600)]
    duration_minutes: u16,
}

/// Proposed time for cleaning of a screen.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WantedTurnaround {
    /// Minutes, 0 to 240.
    #[param(example = 20, minimum = 0, maximum = 240)]
    turnaround_minutes: u16,
}

/// A screening that would run into the next one on its screen.
#[derive(Debug, Serialize, ToSchema)]
pub struct Overlap {
    screening_id: Uuid,
    venue_name: String,
    screen_name: String,
    starts_at: LocalTime,
    /// Time at which it would end.
    would_end_at: LocalTime,
    /// The screening that follows.
    next_screening_id: Uuid,
    next_show_title: String,
    next_starts_at: LocalTime,
    /// Minutes for cleaning in between.
    turnaround_minutes: i32,
}

#[derive(FromRow)]
struct Row {
    screening_id: Uuid,
    venue_name: String,
    screen_name: String,
    timezone: String,
    starts_at: Moment,
    would_end_at: Moment,
    next_screening_id: Uuid,
    next_show_title: String,
    next_starts_at: Moment,
    turnaround_minutes: i32,
}

impl From<Row> for Overlap {
    fn from(row: Row) -> Self {
        let local = |moment| LocalTime::new(moment, &row.timezone);
        Self {
            screening_id: row.screening_id,
            starts_at: local(row.starts_at),
            would_end_at: local(row.would_end_at),
            next_starts_at: local(row.next_starts_at),
            venue_name: row.venue_name,
            screen_name: row.screen_name,
            next_screening_id: row.next_screening_id,
            next_show_title: row.next_show_title,
            turnaround_minutes: row.turnaround_minutes,
        }
    }
}

/// A screening keeps the times that it was scheduled with. Only overlaps that the greater length would add are
/// reported. A draft has a slot like a screening, and takes the length that its show has when it is published.
const SELECT: &str = "
    SELECT played.screening_id, venues.name AS venue_name, screens.name AS screen_name, venues.timezone,
           played.starts_at, longer.ends_at AS would_end_at, next.screening_id AS next_screening_id,
           shows.title AS next_show_title, next.starts_at AS next_starts_at, screens.turnaround_minutes
    FROM (SELECT screening_id, venue_id, screen_id, starts_at, ends_at FROM screenings
          WHERE show_id = $1 AND status = 'active' AND starts_at > $2
          UNION ALL
          SELECT screening_id, venue_id, screen_id, starts_at, ends_at FROM drafts
          WHERE show_id = $1 AND status = 'draft' AND starts_at > $2) played
    JOIN screens USING (screen_id)
    JOIN venues ON venues.venue_id = played.venue_id
    CROSS JOIN LATERAL (SELECT played.starts_at + make_interval(mins => $3) AS ends_at,
                               make_interval(mins => screens.turnaround_minutes) AS cleaning) longer
    JOIN LATERAL (
        SELECT other.screening_id, other.show_id, other.starts_at FROM (
            SELECT screening_id, show_id, venue_id, screen_id, starts_at FROM screenings WHERE status = 'active'
            UNION ALL
            SELECT screening_id, show_id, venue_id, screen_id, starts_at FROM drafts WHERE status = 'draft') other
        WHERE other.venue_id = played.venue_id AND other.screen_id = played.screen_id
          AND other.starts_at > played.starts_at AND other.starts_at < longer.ends_at + longer.cleaning
        ORDER BY other.starts_at LIMIT 1) next ON true
    JOIN shows ON shows.show_id = next.show_id
    WHERE longer.ends_at > played.ends_at
    ORDER BY played.starts_at, played.screening_id LIMIT $4";

/// Lists the screenings and drafts to come that would run into the next one on their screen, or into the cleaning before it, if
/// the show were that long: at most 200, by start. Screenings keep the times that they were scheduled with, so a longer show does not move them;
/// drafts take its length when they are published.
///
/// # Errors
///
/// 404 if the show does not exist; 422 for a length out of range.
#[utoipa::path(
    get,
    path = "/shows/{id}/overlaps",
    tag = "Catalogue",
    params(("id" = Uuid, Path), WantedLength),
    responses((status = 200, body = Page<Overlap>), CallForOne, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn list_overlaps(
    State(app): State<App>,
    _admitted: Staff,
    PathId(show): PathId<ShowId>,
    Params(WantedLength { duration_minutes }): Params<WantedLength>,
    mut reading: Reading,
) -> Result<Json<Page<Overlap>>, Problem> {
    if !(1..=DURATION_MAX_MINUTES).contains(&duration_minutes) {
        let message = format!("must be 1 to {DURATION_MAX_MINUTES}");
        return Err(Problem::invalid_value("/duration_minutes", message));
    }
    let exists: Select<(Uuid,)> = sqlx::query_as("SELECT show_id FROM shows WHERE show_id = $1");
    let (show,) = reading.one(exists.bind(show.0)).await?;
    let select: Select<Row> = sqlx::query_as(SELECT);
    let select = select
        .bind(show)
        .bind(app.parts.edge.now().to_sqlx())
        .bind(i32::from(duration_minutes))
        .bind(OVERLAPS_MAX);
    let rows = reading.all(select).await?;
    Ok(Json(Page::whole(rows.into_iter().map(Overlap::from).collect())))
}

/// Entries of a screen's calendar that the next one follows before the room would be clean. Only overlaps that the
/// longer time would add are reported.
const SELECT_OF_SCREEN: &str = "
    WITH planned AS (
        SELECT screening_id, show_id, venue_id, screen_id, starts_at, ends_at FROM screenings
        WHERE screen_id = $1 AND status = 'active' AND starts_at > $2
        UNION ALL
        SELECT screening_id, show_id, venue_id, screen_id, starts_at, ends_at FROM drafts
        WHERE screen_id = $1 AND status = 'draft' AND starts_at > $2)
    SELECT played.screening_id, venues.name AS venue_name, screens.name AS screen_name, venues.timezone,
           played.starts_at, played.ends_at AS would_end_at, next.screening_id AS next_screening_id,
           shows.title AS next_show_title, next.starts_at AS next_starts_at, $3 AS turnaround_minutes
    FROM planned played
    JOIN screens USING (screen_id)
    JOIN venues ON venues.venue_id = played.venue_id
    JOIN LATERAL (SELECT other.screening_id, other.show_id, other.starts_at FROM planned other
                  WHERE other.starts_at > played.starts_at ORDER BY other.starts_at LIMIT 1) next ON true
    JOIN shows ON shows.show_id = next.show_id
    WHERE next.starts_at < played.ends_at + make_interval(mins => $3)
      AND next.starts_at >= played.ends_at + make_interval(mins => screens.turnaround_minutes)
    ORDER BY played.starts_at, played.screening_id LIMIT $4";

/// Lists the screenings and drafts to come after which the screen would not be clean before the next one, if it were cleaned for that long:
/// at most 200, by start. All of them keep their times.
///
/// # Errors
///
/// 404 if the screen does not exist; 422 for a time out of range.
#[utoipa::path(
    get,
    path = "/screens/{id}/overlaps",
    tag = "Catalogue",
    params(("id" = Uuid, Path), WantedTurnaround),
    responses((status = 200, body = Page<Overlap>), CallForOne, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn list_screen_overlaps(
    State(app): State<App>,
    _admitted: Staff,
    PathId(screen): PathId<ScreenId>,
    Params(WantedTurnaround { turnaround_minutes }): Params<WantedTurnaround>,
    mut reading: Reading,
) -> Result<Json<Page<Overlap>>, Problem> {
    if turnaround_minutes > TURNAROUND_MAX_MINUTES {
        let message = format!("must be 0 to {TURNAROUND_MAX_MINUTES}");
        return Err(Problem::invalid_value("/turnaround_minutes", message));
    }
    let exists: Select<(Uuid,)> = sqlx::query_as("SELECT screen_id FROM screens WHERE screen_id = $1");
    let (screen,) = reading.one(exists.bind(screen.0)).await?;
    let select: Select<Row> = sqlx::query_as(SELECT_OF_SCREEN);
    let select = select
        .bind(screen)
        .bind(app.parts.edge.now().to_sqlx())
        .bind(i32::from(turnaround_minutes))
        .bind(OVERLAPS_MAX);
    let rows = reading.all(select).await?;
    Ok(Json(Page::whole(rows.into_iter().map(Overlap::from).collect())))
}
