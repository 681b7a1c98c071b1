//! `DELETE /bookings/{id}/shares/{share_id}`

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::{
    BookingId,
    booking::{Booking, Command},
};
use ticketshow_http::{Caller, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use uuid::Uuid;

use crate::machinery::app::App;

/// Ends a link to a ticket: it shows nothing from now on. Repeating the call changes nothing.
///
/// # Errors
///
/// 404 if the caller has no such booking, or the booking no such link.
#[utoipa::path(
    delete,
    path = "/bookings/{id}/shares/{share_id}",
    tag = "Booking and money",
    params(("id" = Uuid, Path), ("share_id" = Uuid, Path)),
    responses(
        (status = 204, description = "ended, now or before"),
        schema::NotFound,
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn end_share(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    PathId((booking, share)): PathId<(BookingId, Uuid)>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let seen = app.state::<Booking>(&booking, Freshness::Cached).await?;
    // The owner of a booking never changes, and a link needs an opened booking.
    if seen.state.opened.is_none_or(|opened| opened.reservation.customer != caller.user) {
        return Err(Problem::not_found());
    }
    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Booking>(&booking, Command::EndShare { booking, share }, metadata).await?;
    Ok((StatusCode::NO_CONTENT, position))
}
