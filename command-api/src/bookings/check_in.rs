//! `POST /check-ins`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    ScreeningId, SeatName,
    promise::Promise,
    screen::Screen,
    screening::{Command, Screening},
    show::Show,
    venue::Venue,
};
use ticketshow_http::{Body, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use ticketshow_tickets::TicketFacts;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::undo_check_in::CheckInName,
    machinery::{app::App, authority::Staff},
};

/// A ticket presented at the door.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownTicket {
    /// The code, scanned or typed.
    code: String,
    /// The screening behind the door: tickets of others are refused.
    #[schema(value_type = Option<Uuid>)]
    screening_id: Option<ScreeningId>,
}

/// A visitor who may enter.
#[derive(Serialize, ToSchema)]
pub struct CheckedIn {
    /// Names the check-in, to undo it.
    check_in_id: String,
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

impl CheckedInScreening {
    fn new(screening: ScreeningId, promise: &Promise) -> Self {
        let Promise { venue_name, screen_name, starts_at, timezone, .. } = promise;
        let offset = timezone.zone().to_offset(*starts_at);
        Self {
            screening_id: screening.0,
            venue: venue_name.clone(),
            screen: screen_name.clone(),
            starts_at: starts_at.display_with_offset(offset).to_string(),
        }
    }
}

/// Checks a ticket in. Each ticket admits once; a repeat with the same Idempotency-Key gets the same answer.
///
/// # Errors
///
/// 404 for a code we did not issue; 409 `already-used` (`used_at`), `void`, `other-screening` (`screening`), `too-early`
/// (`from`).
#[utoipa::path(
    post,
    path = "/check-ins",
    tag = "Booking and money",
    request_body = ShownTicket,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = CheckedIn),
        schema::NotFound,
        (
            status = 409,
            description = "`already-used` (`used_at`), `void`, `other-screening` (`screening`), `too-early` (`from`)",
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
    ids: RequestIds,
    Body(ShownTicket { code, screening_id }): Body<ShownTicket>,
) -> Result<(StreamPosition, Json<CheckedIn>), Problem> {
    let TicketFacts { screening, booking, seat } =
        app.tickets.verify(code.trim()).map_err(|error| Problem::not_found().detail(error.to_string()))?;
    if screening_id.is_some_and(|wanted| wanted != screening) {
        let seen = app.state::<Screening>(&screening, Freshness::Cached).await?;
        let promise = seen.state.promise().ok_or_else(Problem::not_found)?;
        let other =
            Problem::new(StatusCode::CONFLICT, "other-screening", "The ticket is for another screening");
        let promise = renamed(&app, promise).await?;
        return Err(other.with("screening", CheckedInScreening::new(screening, &promise)));
    }
    // One call per ticket, whatever its key was used for before.
    let check_in = ids.id(caller.user, format!("{booking} {seat}"), app.edge.new_id);
    let command = Command::CheckInTicket { booking, seat: seat.clone(), by: caller.user, check_in };
    let metadata = app.sent_by(caller.user, &trace);
    let promise = |screening: &Screening| screening.promise().cloned();
    let executed = app.execute(&screening, command, metadata, promise).await?;

    let promise = renamed(&app, &*executed.answer.ok_or_else(Problem::not_found)?).await?;
    let checked_in = CheckedIn {
        check_in_id: CheckInName { screening, check_in, seat: seat.clone() }.to_string(),
        seat,
        booking_id: booking.0,
        show: CheckedInShow { show_id: promise.show.0, title: promise.show_title.clone() },
        screening: CheckedInScreening::new(screening, &promise),
    };
    Ok((StreamPosition(executed.position), Json(checked_in)))
}

/// Returns a promise with the current names of its show, venue and screen.
async fn renamed(app: &App, promise: &Promise) -> Result<Promise, Problem> {
    let (show, venue, screen) = tokio::try_join!(
        app.state::<Show>(&promise.show, Freshness::Fresh),
        app.state::<Venue>(&promise.venue, Freshness::Fresh),
        app.state::<Screen>(&promise.screen, Freshness::Fresh),
    )?;
    Ok(promise.renamed(&show.state, &venue.state, &screen.state))
}
