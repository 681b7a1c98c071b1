//! `DELETE /screenings/{id}/waiting-list`, `DELETE /me/waiting-list/{place_id}`

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::{
    ScreeningId,
    screening::{Command, PlaceState, Screening},
};
use ticketshow_http::{Caller, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use uuid::Uuid;

use crate::{
    bookings::cancel_booking::CancelRequest,
    machinery::app::{App, carry_through},
};

/// Takes the caller off the waiting list of a screening. Seats that are offered and not paid go to the next in line. Repeating the
/// call changes nothing.
///
/// # Errors
///
/// 404 if the caller is not on the list.
#[utoipa::path(
    delete,
    path = "/screenings/{id}/waiting-list",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "left, now or before"),
        schema::NotFound,
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn leave_waiting_list(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    PathId(screening): PathId<ScreeningId>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    let (place, _) = seen.state.place_of(caller.user).ok_or_else(Problem::not_found)?;
    leave(app, caller, trace, screening, place).await
}

/// Gives up a place of the caller on a waiting list, like `DELETE /screenings/{id}/waiting-list`.
///
/// # Errors
///
/// 404 if the caller has no such place.
#[utoipa::path(
    delete,
    path = "/me/waiting-list/{place_id}",
    tag = "Booking and money",
    params(("place_id" = Uuid, Path)),
    responses(
        (status = 204, description = "left, now or before"),
        schema::NotFound,
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn give_up_place(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    PathId(place): PathId<Uuid>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let screening = app.routing.screening_of_place(place).await?;
    leave(app, caller, trace, screening, place).await
}

/// The offer of a place is a booking: one that is not paid is cancelled like any other.
async fn leave(
    app: App,
    caller: Caller,
    trace: Trace,
    screening: ScreeningId,
    place: Uuid,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let left = async move {
        let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
        let is_mine = seen.state.place(place).is_some_and(|known| known.customer == caller.user);
        if !is_mine {
            return Err(Problem::not_found());
        }
        let command = Command::LeaveWaitingList { place };
        let offered = move |state: &Screening| state.place(place).map(|place| place.state);
        let executed = app.execute(&screening, command, metadata.clone(), offered).await?;
        let Some(PlaceState::Offered(booking)) = executed.answer else { return Ok(executed.position) };
        let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
        if !seen.state.has_open_offer(booking, metadata.time) {
            return Ok(executed.position);
        }
        let (position, _) = CancelRequest { app, booking, screening, metadata }.cancel().await?;
        Ok(position.max(executed.position))
    };
    Ok((StatusCode::NO_CONTENT, StreamPosition(carry_through(left).await?)))
}
