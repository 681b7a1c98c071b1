//! `DELETE /bookings/{id}/move`

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::{
    BookingId, Permission,
    booking::{Booking, Command},
    seat_move::{MoveRefusal, SeatMove},
};
use ticketshow_http::{Caller, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;

use crate::machinery::app::App;

/// Gives up a move whose difference is being paid by card: the booking stays as it is, and the new seats are free. Money that is paid
/// later goes back. Repeating the call changes nothing.
///
/// # Errors
///
/// 404 if the caller has no such paid booking; 409 `move-in-progress` if the difference is paid, or needs no payment page.
#[utoipa::path(
    delete,
    path = "/bookings/{id}/move",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "given up, now or before, or no move is open"),
        schema::NotFound,
        (
            status = 409,
            description = "`move-in-progress`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn give_up_move(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    PathId(booking): PathId<BookingId>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    caller.take(&app.edge.limiters.cancellations_per_user, app.edge.now())?;
    let seen = app.state::<Booking>(&booking, Freshness::Fresh).await?;
    let opened = seen.state.opened.ok_or_else(Problem::not_found)?;
    let open = opened.open_move();
    if opened.reservation.customer != caller.user {
        if !caller.role.may(Permission::Desk) {
            return Err(Problem::not_found());
        }
        app.check_staff(&caller, Permission::Desk, opened.screening).await?;
        // Staff act at both venues, as for the move itself.
        if let Some(open) = open.filter(|open| !open.stays()) {
            app.check_staff(&caller, Permission::Desk, open.to.screening).await?;
        }
    }
    let Some(&SeatMove { id, .. }) = open else {
        return Ok((StatusCode::NO_CONTENT, StreamPosition(seen.position)));
    };
    let metadata = app.sent_by(caller.user, &trace);
    let command = Command::RefuseMove { id, reason: MoveRefusal::GivenUp, seats: Vec::new() };
    let position = app.send::<Booking>(&booking, command, metadata).await?;
    Ok((StatusCode::NO_CONTENT, position))
}
