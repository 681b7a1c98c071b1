//! `POST /screenings/{id}/waiting-list`

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    ScreeningId,
    screening::{Command, Screening, Wish},
};
use ticketshow_http::{Body, Caller, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, refusals::too_many_places};

/// Seats to wait for.
#[derive(Deserialize, Serialize, ToSchema)]
#[schema(as = WantedPlace)]
#[serde(deny_unknown_fields)]
pub struct WantedSeats {
    /// Number of seats. They are offered together.
    #[schema(minimum = 1, example = 2)]
    seats: u32,
    /// Price categories; any if absent.
    #[serde(default)]
    #[schema(example = json!(["gold"]))]
    categories: Option<Vec<String>>,
    /// One of the seats must be a wheelchair place, with a seat beside it if there are more. Others are never offered
    /// such places.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    wheelchair: bool,
}

/// A place on the waiting list.
#[derive(Serialize, ToSchema)]
#[schema(as = NewWaitingPlace)]
pub struct PlaceInLine {
    place_id: Uuid,
    screening_id: Uuid,
    /// `waiting`. After the seats were offered, a repeat of the request answers `offered`, or `left`.
    #[schema(example = "waiting")]
    status: &'static str,
    seats: u32,
    categories: Vec<String>,
    /// One of the seats is a wheelchair place.
    wheelchair: bool,
    /// Place in line, from 1; null if it no longer waits.
    #[schema(example = 3)]
    position: Option<usize>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl PlaceInLine {
    fn of(screening: ScreeningId, place: Uuid, state: &Screening) -> Option<Self> {
        let known = state.place(place)?;
        Some(Self {
            place_id: place,
            screening_id: screening.0,
            status: known.state.name(),
            seats: known.wish.seats,
            categories: known.wish.categories.clone(),
            wheelchair: known.wish.wheelchair,
            position: state.position_in_line(place),
            created_at: known.at,
        })
    }
}

/// Puts the caller on the waiting list of a sold-out screening. Seats that become free are offered to the first in
/// line for whom they are enough, by mail and in `GET /me/waiting-list`: as an unpaid booking that holds them for
/// some minutes (`offer_seconds` of `GET /policy`). If it is not paid in time, the next in line gets them, and this
/// place is lost.
///
/// # Errors
///
/// 404; 409 `seats-available` if the seats can be booked now, `already-waiting` (`place_id`), `waiting-list-full`, `too-many-places` if the
/// caller waits for too many screenings, `too-many-holds`, `cooling-down`, `booking-closed`, `screening-cancelled`; 422 `seat-count`, or
/// `invalid` for an unknown category, where the room has no wheelchair place with so many seats, or without `wheelchair` for categories that have
/// only wheelchair places.
#[utoipa::path(
    post,
    path = "/screenings/{id}/waiting-list",
    tag = "Booking and money",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = WantedSeats,
    responses(
        (status = 201, body = PlaceInLine),
        schema::NotFound,
        (
            status = 409,
            description = "`seats-available`, `already-waiting` (`place_id`), `waiting-list-full` (`max`), `too-many-places` (`max`), `too-many-holds`, `cooling-down` (`until`), `booking-closed`, `screening-cancelled`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn join_waiting_list(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    ids: RequestIds,
    PathId(screening): PathId<ScreeningId>,
    Body(body): Body<WantedSeats>,
) -> Result<(StatusCode, StreamPosition, Json<PlaceInLine>), Problem> {
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let place = ids.id(caller.user, screening, app.edge.new_id);
    let metadata = app.sent_by(caller.user, &trace);
    caller.take(&app.edge.limiters.holds_per_user, metadata.time)?;
    check_places(&app, &caller, screening, place).await?;
    let WantedSeats { seats, categories, wheelchair } = body;
    let wish = Wish { seats, categories: categories.unwrap_or_default(), wheelchair };
    let command = Command::JoinWaitingList { place, customer: caller.user, wish, fingerprint };
    let answer = move |state: &Screening| PlaceInLine::of(screening, place, state);
    let executed = app.execute(&screening, command, metadata, answer).await?;
    let joined = executed.answer.ok_or_else(Problem::not_found)?;
    Ok((StatusCode::CREATED, StreamPosition(executed.position), Json(joined)))
}

/// Checks that the customer does not wait for too many screenings. A repeated request is no further place.
async fn check_places(
    app: &App,
    caller: &Caller,
    screening: ScreeningId,
    place: Uuid,
) -> Result<(), Problem> {
    let max = app.edge.limits.waiting_places_per_user;
    if max == 0 {
        return Ok(());
    }
    let open = app.routing.waiting_places(caller.user, app.edge.now()).await?;
    if open.len() < usize::try_from(max).unwrap_or(usize::MAX) {
        return Ok(());
    }
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    if seen.state.place(place).is_some() { Ok(()) } else { Err(too_many_places(max)) }
}
