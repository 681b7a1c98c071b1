//! `POST /bookings/{id}/notes`

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, Flaws, UserId,
    booking::{Booking, Command},
    screening::Screening,
    tidy_prose,
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// Most characters of a note.
const TEXT_MAX: usize = 2_000;

/// A note about a booking.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// 1 to 2,000 characters; may have lines.
    #[schema(example = "Rang: comes in a wheelchair.")]
    text: String,
}

/// A note that was added.
#[derive(Serialize, ToSchema)]
pub struct AddedNote {
    note_id: Uuid,
    booking_id: Uuid,
    text: String,
    /// The member of staff.
    by: Uuid,
    /// Time of the first call, if this repeats it.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// Adds a note to a booking, for staff only. It is sealed with the key of the customer, and erased with the account.
///
/// # Errors
///
/// 404 if there is no such booking; 409 `too-many-notes`, or `account-erased` if the customer was erased; 422 for an empty text.
#[utoipa::path(
    post,
    path = "/bookings/{id}/notes",
    tag = "Administration",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewNote,
    responses(
        (status = 201, body = AddedNote),
        schema::NotFound,
        (
            status = 409,
            description = "`too-many-notes`, `account-erased`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn add_note(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(booking): PathId<BookingId>,
    Body(body): Body<NewNote>,
) -> Result<(StatusCode, StreamPosition, Json<AddedNote>), Problem> {
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let text = tidy_prose(&body.text);
    let mut flaws = Flaws::default();
    flaws.unless(!text.is_empty(), "/text", "must not be empty");
    flaws.prose(&text, TEXT_MAX, "/text");
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))?;

    let customer = customer_of(&app, booking).await?;
    // A buyer at the counter without an account has the id of the booking.
    if customer.0 != booking.0 {
        app.routing.account_of(customer).await.map_err(|problem| match problem.status() {
            StatusCode::NOT_FOUND => erased(),
            _ => problem,
        })?;
    }
    let note = ids.id(caller.user, booking, app.edge.new_id);
    let sealed = app.seal(customer, &text).await?;
    let command = Command::AddNote { booking, customer, note, text: sealed, by: caller.user, fingerprint };
    let metadata = app.sent_by(caller.user, &trace);
    let now = metadata.time;
    let noted_at = move |booking: &Booking| booking.notes.get(&note)?.at;
    let executed = app.execute(&booking, command, metadata, noted_at).await?;
    let created_at = executed.answer.unwrap_or(now);
    let added = AddedNote { note_id: note, booking_id: booking.0, text, by: caller.user.0, created_at };
    Ok((StatusCode::CREATED, StreamPosition(executed.position), Json(added)))
}

fn erased() -> Problem {
    Problem::new(StatusCode::CONFLICT, "account-erased", "The customer was erased")
}

/// Finds the customer of a booking, paid or not. Read from the log, because the texts of a buyer who was erased are not sealed again.
async fn customer_of(app: &App, booking: BookingId) -> Result<UserId, Problem> {
    let seen = app.state::<Booking>(&booking, Freshness::Fresh).await?;
    if seen.state.buyer_erased {
        return Err(erased());
    }
    if let Some(opened) = &seen.state.opened {
        return Ok(opened.reservation.customer);
    }
    let screening = app.routing.screening_of(booking).await?;
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    seen.state.claim(booking).map(|claim| claim.customer).ok_or_else(Problem::not_found)
}
