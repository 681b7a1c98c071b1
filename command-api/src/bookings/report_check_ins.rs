//! `POST /screenings/{id}/door/check-ins`

use axum::{Json, extract::State};
use jiff::{Timestamp, fmt::temporal::Pieces};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Flaws, ScreeningId, SeatName, UserId,
    screening::{Admission, Command, OfflineCheckIn, Screening, TicketUse},
    tidy_line,
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, note_no_change, schema};
use ticketshow_tickets::TicketFacts;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::{
        check_in::{self, CheckedInScreening, promise_of},
        undo_check_in::CheckInName,
    },
    machinery::{app::App, authority::Staff},
};

/// Most characters of the name of a device.
const DEVICE_MAX: usize = 60;

/// Check-ins that a door made without a network.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Name of the device, for other staff: `Door 2`. 1 to 60 characters.
    device: String,
    /// 1 to 200, in the order in which they were made.
    #[schema(min_items = 1)]
    check_ins: Vec<ReportedCheckIn>,
}

/// A check-in made without a network.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportedCheckIn {
    /// Minted by the device. A report that is sent again has the same one; a call of `POST /check-ins` whose answer was lost has it
    /// as its Idempotency-Key.
    id: Uuid,
    /// The code, as it was scanned. Either this, or `booking_id` and `seat`.
    code: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    booking_id: Option<BookingId>,
    #[schema(value_type = Option<String>, example = "C-7")]
    seat: Option<SeatName>,
    /// Time at the door.
    #[schema(value_type = String, format = DateTime)]
    checked_in_at: DoorTime,
}

/// A time as a device sent it. One that is out of range is the device's mistake about one guest: the others are reported all the same.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct DoorTime(String);

impl TryFrom<String> for DoorTime {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        match text.parse::<Timestamp>() {
            Ok(_) => Ok(Self(text)),
            // Well formed, but later or earlier than any time.
            Err(error) => match Pieces::parse(&text) {
                Ok(pieces) if pieces.offset().is_some() && pieces.time().is_some() => Ok(Self(text)),
                Ok(_) | Err(_) => Err(error),
            },
        }
    }
}

/// Outcomes of the check-ins.
#[derive(Serialize, ToSchema)]
pub struct Reported {
    /// In the order of the report.
    items: Vec<ReportedItem>,
    /// Time of this answer, by which a device corrects its clock.
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
}

/// Outcome of one check-in.
#[derive(Serialize, ToSchema)]
pub struct ReportedItem {
    id: Uuid,
    outcome: Outcome,
    booking_id: Option<Uuid>,
    /// Number of the booking, for people.
    #[schema(value_type = Option<String>, example = "K7QM-3XRP")]
    reference: Option<BookingReference>,
    #[schema(value_type = Option<String>, example = "C-7")]
    seat: Option<SeatName>,
    /// Time at the door, as it was sent.
    #[schema(value_type = String, format = DateTime)]
    checked_in_at: DoorTime,
    /// Names the check-in, to undo it; null if it did not count or was undone.
    check_in_id: Option<String>,
    /// For `already-used`: the first use of the ticket.
    used: Option<FirstUse>,
    /// For `other-screening`.
    screening: Option<CheckedInScreening>,
}

/// Outcome of a check-in: `done`, now or by an earlier report; `already-used`, `void`: the guest should not have been admitted,
/// and the house sees that; `wrong-time`: nothing was recorded, send it again once the clock of the device is right.
#[derive(Serialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Done,
    AlreadyUsed,
    Void,
    OtherScreening,
    Unknown,
    WrongTime,
}

/// The first use of a ticket.
#[derive(Serialize, ToSchema)]
pub struct FirstUse {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Member of staff.
    by: Uuid,
    /// Their name, if it is known.
    name: Option<String>,
    /// Device of a check-in made without a network.
    device: Option<String>,
}

impl FirstUse {
    async fn of(app: &App, TicketUse { at, by, device }: TicketUse) -> Self {
        Self { at, by: by.0, name: app.routing.name_of(by).await, device }
    }
}

/// Ticket that a reported check-in names.
enum Named {
    /// One of this screening.
    Here(OfflineCheckIn),
    Elsewhere(ScreeningId),
    /// A ticket, at a time that no clock shows.
    Beyond(BookingId, SeatName),
    /// No ticket of ours.
    Nothing,
}

impl ReportedCheckIn {
    fn named(&self, app: &App, screening: ScreeningId, by: UserId) -> Named {
        let (booking, seat) = match (&self.code, self.booking_id, &self.seat) {
            (Some(code), ..) => match app.tickets.verify(code.trim()) {
                Ok(facts) if facts.screening != screening => return Named::Elsewhere(facts.screening),
                Ok(TicketFacts { booking, seat, .. }) => (booking, seat),
                Err(_) => return Named::Nothing,
            },
            (None, Some(booking), Some(seat)) => (booking, seat.clone()),
            (None, ..) => return Named::Nothing,
        };
        let Ok(at) = self.checked_in_at.0.parse() else {
            return Named::Beyond(booking, seat);
        };
        let online = |target: String| RequestIds::id_of(by, check_in::ROUTE, target, self.id);
        // Earlier versions derived the id from the ticket.
        let online = [online(screening.to_string()), online(format!("{booking} {seat}"))];
        Named::Here(OfflineCheckIn { check_in: self.id, online, booking, seat, at })
    }
}

/// Checks the form of a report, and returns the name of the device.
fn check(app: &App, report: &Report) -> Result<String, Problem> {
    let (device, max) = (tidy_line(&report.device), app.executor.policy().door_batch_max);
    let mut flaws = Flaws::default();
    flaws.text(&device, DEVICE_MAX, "/device");
    let count = report.check_ins.len();
    flaws.unless((1..=max).contains(&count), "/check_ins", format!("must have 1 to {max} items"));
    for (index, item) in report.check_ins.iter().enumerate() {
        let is_named = item.code.is_some() != (item.booking_id.is_some() && item.seat.is_some());
        let pointer = format!("/check_ins/{index}");
        flaws.unless(is_named, pointer, "must have either code, or booking_id and seat");
    }
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))?;
    Ok(device)
}

/// Records check-ins that a door made without a network, with their times. A report can be sent again. The order in which reports
/// arrive decides which of two admissions on one ticket counts; the other one is kept as a conflict, with its own time.
///
/// # Errors
///
/// 404 if the screening does not exist; 422 for a report that is too long or names no tickets.
#[utoipa::path(
    post,
    path = "/screenings/{id}/door/check-ins",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    request_body = Report,
    responses((status = 200, body = Reported), schema::NotFound, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn report_check_ins(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(screening): PathId<ScreeningId>,
    Body(report): Body<Report>,
) -> Result<(StreamPosition, Json<Reported>), Problem> {
    let device = check(&app, &report)?;
    let named: Vec<Named> =
        report.check_ins.iter().map(|item| item.named(&app, screening, caller.user)).collect();
    let check_ins: Vec<OfflineCheckIn> = named.iter().filter_map(Named::here).cloned().collect();
    let asked = check_ins.clone();
    let ids: Vec<Uuid> = check_ins.iter().map(|check_in| check_in.check_in).collect();
    let answer = move |screening: &Screening| -> Vec<(Admission, Option<Uuid>)> {
        let of = |check_in| (screening.admission(check_in), screening.standing_check_in(check_in));
        asked.iter().map(of).collect()
    };
    let command = Command::ReportCheckIns { check_ins, by: caller.user, device };
    let metadata = app.sent_by(caller.user, &trace);
    let executed = app.execute(&screening, command, metadata, answer).await?;
    if !executed.changed {
        // A door sends a report again until it is answered.
        note_no_change(&ids);
    }

    let mut admissions = executed.answer.into_iter();
    let mut items = Vec::with_capacity(named.len());
    for (item, named) in report.check_ins.iter().zip(named) {
        items.push(match named {
            Named::Here(check_in) => {
                let (admission, standing) = admissions.next().ok_or_else(Problem::internal)?;
                let seat = check_in.seat.clone();
                let name = |check_in| CheckInName { screening, check_in, seat }.to_string();
                let check_in_id = standing.map(name);
                ReportedItem { check_in_id, ..admitted(&app, item, check_in, admission).await }
            }
            Named::Elsewhere(other) => {
                let promise = promise_of(&app, other).await.ok();
                let screening = promise.map(|promise| CheckedInScreening::new(other, &promise));
                ReportedItem { screening, ..without_ticket(item, Outcome::OtherScreening) }
            }
            Named::Beyond(booking, seat) => ReportedItem {
                booking_id: Some(booking.0),
                reference: Some(booking.reference()),
                seat: Some(seat),
                ..without_ticket(item, Outcome::WrongTime)
            },
            Named::Nothing => without_ticket(item, Outcome::Unknown),
        });
    }
    let reported = Reported { items, server_time: app.edge.now() };
    Ok((StreamPosition(executed.position), Json(reported)))
}

impl Named {
    fn here(&self) -> Option<&OfflineCheckIn> {
        match self {
            Self::Here(check_in) => Some(check_in),
            Self::Elsewhere(_) | Self::Beyond(..) | Self::Nothing => None,
        }
    }
}

async fn admitted(
    app: &App,
    item: &ReportedCheckIn,
    OfflineCheckIn { booking, seat, .. }: OfflineCheckIn,
    admission: Admission,
) -> ReportedItem {
    let (outcome, used) = match admission {
        Admission::Admitted => (Outcome::Done, None),
        Admission::AlreadyUsed(used) => (Outcome::AlreadyUsed, Some(FirstUse::of(app, used).await)),
        Admission::Void => (Outcome::Void, None),
        Admission::Unknown => (Outcome::Unknown, None),
        Admission::WrongTime => (Outcome::WrongTime, None),
    };
    ReportedItem {
        booking_id: Some(booking.0),
        reference: Some(booking.reference()),
        seat: Some(seat),
        used,
        ..without_ticket(item, outcome)
    }
}

fn without_ticket(item: &ReportedCheckIn, outcome: Outcome) -> ReportedItem {
    ReportedItem {
        id: item.id,
        outcome,
        booking_id: item.booking_id.map(|booking| booking.0),
        reference: item.booking_id.map(BookingId::reference),
        seat: item.seat.clone(),
        checked_in_at: item.checked_in_at.clone(),
        check_in_id: None,
        used: None,
        screening: None,
    }
}
