//! `POST /check-ins`

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    SeatName,
    promise::Promise,
    screening::{Command, Screening},
};
use ticketshow_http::{Body, Problem, Staff, StreamPosition, Trace, schema};
use ticketshow_tickets::TicketFacts;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::app::App;

/// A ticket presented at the door.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownTicket {
    /// The code, scanned or typed.
    code: String,
}

/// A visitor who may enter.
#[derive(Serialize, ToSchema)]
pub struct CheckedIn {
    #[schema(value_type = String, example = "C-7")]
    seat: SeatName,
    booking_id: Uuid,
    show: CheckedInShow,
    screening: CheckedInScreening,
}

/// The show the ticket is for.
#[derive(Serialize, ToSchema)]
pub struct CheckedInShow {
    show_id: Uuid,
    title: String,
}

/// The screening the ticket is for.
#[derive(Serialize, ToSchema)]
pub struct CheckedInScreening {
    screening_id: Uuid,
    venue: String,
    screen: String,
    /// Local time with the venue's offset.
    #[schema(format = DateTime)]
    starts_at: String,
}

/// Checks a ticket in. Each ticket admits once.
///
/// # Errors
///
/// 404 for a code we did not issue; 409 `already-used` (`used_at`), `void`.
#[utoipa::path(
    post,
    path = "/check-ins",
    tag = "Booking and money",
    request_body = ShownTicket,
    responses(
        (status = 200, body = CheckedIn),
        schema::NotFound,
        (
            status = 409,
            description = "`already-used` (`used_at`), `void`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn check_in(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    Body(ShownTicket { code }): Body<ShownTicket>,
) -> Result<(StreamPosition, Json<CheckedIn>), Problem> {
    let TicketFacts { screening, booking, seat } =
        app.tickets.verify(code.trim()).map_err(|error| Problem::not_found().detail(error.to_string()))?;
    let command = Command::CheckInTicket { booking, seat: seat.clone(), by: caller.user };
    let metadata = app.sent_by(caller.user, &trace);
    let promise = |screening: &Screening| screening.promise().cloned();
    let executed = app.execute(&screening, command, metadata, promise).await?;

    let promise = executed.answer.ok_or_else(Problem::not_found)?;
    let Promise { show, show_title, venue_name, screen_name, starts_at, timezone, .. } = promise.as_ref();
    let zone = timezone.zone();
    let local = |moment: Timestamp| moment.display_with_offset(zone.to_offset(moment)).to_string();
    let checked_in = CheckedIn {
        seat,
        booking_id: booking.0,
        show: CheckedInShow { show_id: show.0, title: show_title.clone() },
        screening: CheckedInScreening {
            screening_id: screening.0,
            venue: venue_name.clone(),
            screen: screen_name.clone(),
            starts_at: local(*starts_at),
        },
    };
    Ok((StreamPosition(executed.position), Json(checked_in)))
}
