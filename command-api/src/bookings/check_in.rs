//! `POST /check-ins`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, ScreeningId, SeatName,
    pricing::TicketType,
    promise::Promise,
    screen::Screen,
    screening::{Command, Refusal, Screening},
    show::Show,
    venue::Venue,
};
use ticketshow_http::{Body, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::{ExecuteError, Freshness};
use ticketshow_tickets::TicketFacts;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::undo_check_in::CheckInName,
    machinery::{app::App, authority::StaffSomewhere, failures::not_executed},
};

/// Route of this call, which ids of check-ins are derived from.
pub const ROUTE: &str = "/api/v1/check-ins";

/// A ticket presented at the door, or the number of a booking.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownTicket {
    /// The code, scanned or typed. Either this or `reference`.
    code: Option<String>,
    /// Number of the booking, typed in any letter case, with or without dashes and blanks. Needs `screening_id`.
    #[schema(value_type = Option<String>, example = "K7QM-3XRP")]
    reference: Option<BookingReference>,
    /// Seats of the booking to admit, with `reference`. Without it, all guests who are not in yet are admitted.
    #[schema(value_type = Option<Vec<String>>, min_items = 1, example = json!(["C-7"]))]
    seats: Option<Vec<SeatName>>,
    /// The screening behind the door: tickets of others are refused.
    #[schema(value_type = Option<Uuid>)]
    screening_id: Option<ScreeningId>,
}

/// Visitors who may enter.
#[derive(Serialize, ToSchema)]
pub struct CheckedIn {
    /// Names the check-in of `seat`, to undo it.
    check_in_id: String,
    /// The first of the admitted seats.
    #[schema(value_type = String, example = "C-7")]
    seat: SeatName,
    /// All seats admitted.
    admitted: Vec<Admitted>,
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    show: CheckedInShow,
    screening: CheckedInScreening,
}

/// A visitor who may enter.
#[derive(Serialize, ToSchema)]
pub struct Admitted {
    #[schema(value_type = String, example = "C-7")]
    seat: SeatName,
    /// Type of the ticket.
    #[schema(value_type = String, example = "adult")]
    ticket_type: TicketType,
    /// Names the check-in, to undo it.
    check_in_id: String,
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
    pub fn new(screening: ScreeningId, promise: &Promise) -> Self {
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

/// Guests of one booking at the door.
struct Guests {
    screening: ScreeningId,
    booking: BookingId,
    /// Empty: all who are not in yet.
    seats: Vec<SeatName>,
}

impl Guests {
    /// Finds the booking of a ticket or a number.
    async fn of(app: &App, shown: ShownTicket) -> Result<Self, Problem> {
        let ShownTicket { code, reference, seats, screening_id } = shown;
        match (code, reference) {
            (Some(code), None) if seats.is_none() => {
                let facts = app.tickets.verify(code.trim());
                let TicketFacts { screening, booking, seat } =
                    facts.map_err(|error| Problem::not_found().detail(error.to_string()))?;
                if screening_id.is_some_and(|wanted| wanted != screening) {
                    return Err(other_screening(app, screening).await?);
                }
                Ok(Self { screening, booking, seats: vec![seat] })
            }
            (Some(_), None) => {
                Err(Problem::invalid_value("/seats", "belongs to reference: a code names its seat"))
            }
            (Some(_), Some(_)) => Err(Problem::invalid_value("/reference", "must not be sent with code")),
            (None, None) => Err(Problem::invalid_value("/code", "code or reference is required")),
            (None, Some(reference)) => {
                let screening = screening_id
                    .ok_or_else(|| Problem::invalid_value("/screening_id", "is required with reference"))?;
                if seats.as_ref().is_some_and(Vec::is_empty) {
                    return Err(Problem::invalid_value("/seats", "must name a seat, or be left out"));
                }
                let booking = booking_of(app, screening, reference).await?;
                Ok(Self { screening, booking, seats: seats.unwrap_or_default() })
            }
        }
    }
}

/// Finds the booking with a number among those of a screening.
async fn booking_of(
    app: &App,
    screening: ScreeningId,
    reference: BookingReference,
) -> Result<BookingId, Problem> {
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    match *seen.state.bookings_of(reference) {
        [booking] => Ok(booking),
        [] => Err(match app.routing.paid_elsewhere(reference).await {
            Some(other) => other_screening(app, other).await?,
            None => Problem::not_found().detail(format!("this screening has no booking {reference}")),
        }),
        [..] => {
            let title = "Several bookings of the screening have this number: scan a ticket";
            Err(Problem::new(StatusCode::CONFLICT, "several-bookings", title))
        }
    }
}

/// 409: the ticket is for another screening, which is named.
async fn other_screening(app: &App, screening: ScreeningId) -> Result<Problem, Problem> {
    let promise = promise_of(app, screening).await?;
    let other = Problem::new(StatusCode::CONFLICT, "other-screening", "The ticket is for another screening");
    let show = CheckedInShow { show_id: promise.show.0, title: promise.show_title.clone() };
    let named = other.with("screening", CheckedInScreening::new(screening, &promise)).with("show", show);
    Ok(named.detail(in_words(&promise)))
}

/// Returns the promise of a screening with its current names.
///
/// # Errors
///
/// 404 if there is no such screening.
pub async fn promise_of(app: &App, screening: ScreeningId) -> Result<Promise, Problem> {
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    renamed(app, seen.state.promise().ok_or_else(Problem::not_found)?).await
}

/// Says what a ticket is for: `This is for Monsoon, Mon 30 Nov, 3:00 pm, Screen 2, Regal.`
fn in_words(promise: &Promise) -> String {
    let Promise { show_title, screen_name, venue_name, starts_at, timezone, .. } = promise;
    let starts = starts_at.to_zoned(timezone.zone()).strftime("%a %-d %b, %-I:%M %P").to_string();
    format!("This is for {show_title}, {starts}, {screen_name}, {venue_name}.")
}

/// Checks tickets in, until the end of the screening. Each ticket admits once; a repeat with the same Idempotency-Key gets the same
/// answer, also if the check-in was undone since. A ticket is shown
/// by its code; guests without one are admitted by the number of their booking.
///
/// # Errors
///
/// 404 for a code we did not issue, or a number that no booking of the screening has; 409 `already-used` (`used_at`, `used_by`,
/// `used_by_name`), `void`, `other-screening` (`screening`), `too-early` (`from`), `screening-over`, `several-bookings`, `move-in-progress`; 422 `unknown-seat`,
/// `duplicate-seat`.
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
            description = "`already-used` (`used_at`, `used_by`, `used_by_name`), `void`, `other-screening` (`screening`), `too-early` (`from`), \
                           `screening-over`, `several-bookings`, `move-in-progress`",
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
    staff: StaffSomewhere,
    trace: Trace,
    ids: RequestIds,
    Body(shown): Body<ShownTicket>,
) -> Result<(StreamPosition, Json<CheckedIn>), Problem> {
    let fingerprint = ids.fingerprint(&app.edge.keys, &shown);
    let Guests { screening, booking, seats } = Guests::of(&app, shown).await?;
    staff.check_screening(&app, screening).await?;
    let caller = staff.caller;
    let check_in = ids.id(caller.user, screening, app.edge.new_id);
    let command = Command::CheckInTickets { booking, seats, by: caller.user, check_in, fingerprint };
    let metadata = app.sent_by(caller.user, &trace);
    let admitted = move |screening: &Screening| {
        let admitted = screening.admitted_by(check_in);
        let types = screening.ticket_types(booking, &admitted);
        Some((screening.promise().cloned()?, admitted, types))
    };
    let executed = app.executor.execute(&screening, command, metadata, admitted).await;
    let executed = match executed {
        Ok(executed) => executed,
        Err(error) => return Err(refused(&app, error).await),
    };

    let (promise, seats, types) = executed.answer.ok_or_else(Problem::not_found)?;
    let promise = renamed(&app, &promise).await?;
    let name = |seat: &SeatName| CheckInName { screening, check_in, seat: seat.clone() }.to_string();
    let first = seats.first().ok_or_else(Problem::internal)?;
    let checked_in = CheckedIn {
        check_in_id: name(first),
        seat: first.clone(),
        booking_id: booking.0,
        reference: booking.reference(),
        show: CheckedInShow { show_id: promise.show.0, title: promise.show_title.clone() },
        screening: CheckedInScreening::new(screening, &promise),
        admitted: seats
            .iter()
            .zip(types)
            .map(|(seat, ticket_type)| Admitted { seat: seat.clone(), ticket_type, check_in_id: name(seat) })
            .collect(),
    };
    Ok((StreamPosition(executed.position), Json(checked_in)))
}

/// The problem for a check-in that was refused. For a used ticket it names the person who admitted the guest.
async fn refused(app: &App, error: ExecuteError<Refusal>) -> Problem {
    let by = match &error {
        ExecuteError::Refused { refusal: Refusal::AlreadyCheckedIn(used), .. } => Some(used.by),
        ExecuteError::Refused { .. }
        | ExecuteError::Overloaded { .. }
        | ExecuteError::Unavailable(_)
        | ExecuteError::LogDiverged => None,
    };
    let problem = not_executed(error);
    match by {
        Some(by) => problem.with("used_by_name", app.routing.name_of(by).await),
        None => problem,
    }
}

/// Returns a promise with the current names of its show, venue and screen.
pub async fn renamed(app: &App, promise: &Promise) -> Result<Promise, Problem> {
    let (show, venue, screen) = tokio::try_join!(
        app.state::<Show>(&promise.show, Freshness::Fresh),
        app.state::<Venue>(&promise.venue, Freshness::Fresh),
        app.state::<Screen>(&promise.screen, Freshness::Fresh),
    )?;
    Ok(promise.renamed(&show.state, &venue.state, &screen.state))
}
