//! `POST /bookings/{id}/shares`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, SeatName,
    booking::{Booking, Command},
};
use ticketshow_http::{Body, Caller, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{bookings::paid_booking_of, machinery::app::App};

/// A ticket to show by a link.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShare {
    #[schema(value_type = String, example = "C-7")]
    seat: SeatName,
}

/// A link that shows one ticket.
#[derive(Serialize, ToSchema)]
pub struct MadeShare {
    share_id: Uuid,
    /// Address of a page that shows this ticket to anyone who has the link. Its part after `#` is a secret.
    #[schema(example = "https://tickets.example.org/shared#token=…")]
    link: String,
    #[schema(value_type = String, example = "C-7")]
    seat: SeatName,
}

/// Makes a link that shows the ticket of one seat, without signing in, until the screening is over. It shows nothing else of the
/// booking. It ends before if the customer ends it, gives the seat back or cancels the booking.
///
/// # Errors
///
/// 404; 409 `not-confirmed`, `booking-cancelled`, `too-many-shares`; 422 `unknown-seat`.
#[utoipa::path(
    post,
    path = "/bookings/{id}/shares",
    tag = "Booking and money",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewShare,
    responses(
        (status = 201, body = MadeShare),
        schema::NotFound,
        (
            status = 409,
            description = "`not-confirmed`, `booking-cancelled`, `too-many-shares`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn share_ticket(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    ids: RequestIds,
    PathId(booking): PathId<BookingId>,
    Body(body): Body<NewShare>,
) -> Result<(StatusCode, StreamPosition, Json<MadeShare>), Problem> {
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    paid_booking_of(&app, &caller, booking).await?;
    let NewShare { seat } = body;
    let share = ids.id(caller.user, booking, app.edge.new_id);
    let command = Command::ShareTicket { share, seat: seat.clone(), fingerprint };
    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Booking>(&booking, command, metadata).await?;
    let link = app.edge.share_tokens.link(&app.edge.origin, booking, share);
    let made = MadeShare { share_id: share, link, seat };
    Ok((StatusCode::CREATED, position, Json(made)))
}
