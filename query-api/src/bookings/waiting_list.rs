//! `GET /me/waiting-list`

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_http::{Caller, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::App,
    formatting::{LocalTime, Moment},
    page::Page,
    reading::{Reading, Select},
};

/// Most places in the answer: more than a customer may have with the largest setting.
const PLACES_MAX: i64 = 1_000;

/// State of a place.
#[derive(Debug, Clone, Copy, Serialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum WaitingStatus {
    /// In line.
    Waiting,
    /// Seats are held for the customer: `booking_id`, until `held_until`.
    Offered,
}

/// A place on the waiting list of a screening.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingPlace {
    place_id: Uuid,
    screening_id: Uuid,
    #[schema(example = "Dune")]
    show_title: String,
    venue_name: String,
    city: String,
    /// Start of the screening, in the venue's time zone.
    starts_at: LocalTime,
    #[schema(inline)]
    status: WaitingStatus,
    /// Number of seats.
    seats: i32,
    /// Price categories; any if there are none.
    categories: Vec<String>,
    /// One of the seats is a wheelchair place.
    wheelchair: bool,
    /// Place in line, from 1; null once seats are offered.
    position: Option<i64>,
    /// The booking that holds the offered seats; null before.
    booking_id: Option<Uuid>,
    /// Moment until which the offered seats are held; null before.
    held_until: Option<Moment>,
    created_at: Moment,
}

#[derive(FromRow)]
struct Row {
    place_id: Uuid,
    screening_id: Uuid,
    show_title: String,
    venue_name: String,
    city: String,
    starts_at: Moment,
    timezone: String,
    status: WaitingStatus,
    seats: i32,
    categories: Vec<String>,
    wheelchair: bool,
    position: Option<i64>,
    booking_id: Option<Uuid>,
    held_until: Option<Moment>,
    created_at: Moment,
}

impl From<Row> for WaitingPlace {
    fn from(row: Row) -> Self {
        Self {
            place_id: row.place_id,
            screening_id: row.screening_id,
            show_title: row.show_title,
            venue_name: row.venue_name,
            city: row.city,
            starts_at: LocalTime::new(row.starts_at, &row.timezone),
            status: row.status,
            seats: row.seats,
            categories: row.categories,
            wheelchair: row.wheelchair,
            position: row.position,
            booking_id: row.booking_id,
            held_until: row.held_until,
            created_at: row.created_at,
        }
    }
}

/// Lists the screenings that the caller waits for, newest first, with the seats that are offered at the moment.
///
/// # Errors
///
/// 401 without a token.
#[utoipa::path(
    get,
    path = "/me/waiting-list",
    tag = "Booking and money",
    responses((status = 200, body = Page<WaitingPlace>), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn list_waiting_places(
    State(app): State<App>,
    caller: Caller,
    mut reading: Reading,
) -> Result<Json<Page<WaitingPlace>>, Problem> {
    let select: Select<Row> = sqlx::query_as(
        "SELECT w.place_id, w.screening_id, p.show_title, p.venue_name, p.city, p.starts_at, p.timezone, w.seats, w.categories,
                w.wheelchair, w.booking_id, b.held_until, w.created_at,
                CASE WHEN w.booking_id IS NULL THEN 'waiting' ELSE 'offered' END AS status,
                CASE WHEN w.booking_id IS NULL THEN
                    (SELECT count(*) FROM waiting_places o
                     WHERE o.screening_id = w.screening_id AND o.booking_id IS NULL AND o.left_at IS NULL
                       AND o.number <= w.number)
                END AS position
         FROM waiting_places w JOIN screenings p USING (screening_id)
         LEFT JOIN bookings b ON b.booking_id = w.booking_id
         WHERE w.customer_id = $1 AND w.left_at IS NULL AND p.status = 'active' AND p.starts_at > $2::timestamptz
           AND (w.booking_id IS NULL OR b.status IN ('held', 'paying'))
         ORDER BY w.created_at DESC, w.place_id LIMIT $3",
    );
    let now = Moment::from(app.parts.edge.now());
    let rows = reading.all(select.bind(caller.user.0).bind(now).bind(PLACES_MAX)).await?;
    Ok(Json(Page::whole(rows.into_iter().map(WaitingPlace::from).collect())))
}
