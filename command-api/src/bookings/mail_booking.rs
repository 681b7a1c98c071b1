//! `POST /bookings/{id}/mail`

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::{BookingId, mail::MailKind};
use ticketshow_http::{Caller, PathId, Problem, RequestIds, Trace, schema};
use ticketshow_nats::consumers::mail::Mail;

use crate::{
    bookings::paid_booking_of,
    machinery::{app::App, failures::failed},
};

/// Mails the confirmation of a booking, with its tickets, again.
///
/// # Errors
///
/// 404; 409 `not-confirmed`, `booking-cancelled`; 429 after repeated calls.
#[utoipa::path(
    post,
    path = "/bookings/{id}/mail",
    tag = "Booking and money",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 202, description = "queued"),
        schema::NotFound,
        (
            status = 409,
            description = "`not-confirmed`, `booking-cancelled`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn mail_booking(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    ids: RequestIds,
    PathId(booking): PathId<BookingId>,
) -> Result<StatusCode, Problem> {
    paid_booking_of(&app, &caller, booking).await?;
    let now = app.edge.now();
    caller.take(&app.edge.limiters.mails_per_user, now)?;
    app.edge.limiters.mails_per_booking.take(booking, now).map_err(Problem::too_many_requests)?;
    let mail = Mail {
        id: ids.id(caller.user, booking, app.edge.new_id),
        recipient: caller.user,
        matter: MailKind::BookingConfirmed { booking },
        wanted_at: now,
        correlation: trace.correlation,
        trace: trace.traceparent.clone(),
        repeats: None,
        cascade: None,
        address: None,
    };
    app.mails.want(&mail).await.map_err(|failure| failed(&failure))?;
    Ok(StatusCode::ACCEPTED)
}
