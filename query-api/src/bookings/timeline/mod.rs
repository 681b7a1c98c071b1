//! `GET /bookings/{id}/history`, and the same for the desk. Read from the log: a booking lives in its screening's stream until the first payment
//! attempt, and its card payments have streams of their own. Of the screening's stream, which may be long, only the commits
//! that concern the booking are read; the read models know their positions.

mod course;
mod move_words;
mod payment_words;
mod plain_words;
mod reader;

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::{
    AnyEvent, BookingId, Decider, PaymentId, WireError, WireEvent,
    booking::{self, Booking, PaymentMethod},
    payment::Payment,
    screening::Screening,
};
use ticketshow_http::{Caller, PathId, Problem, schema};
use ticketshow_nats::log::envelope::Commit;
use utoipa::ToSchema;
use uuid::Uuid;

use self::{plain_words::Narrator, reader::Reader};
use crate::machinery::{
    app::App,
    authority::Staff,
    event_history::{self, Fold},
    formatting::{Moment, zone},
    page::Page,
    reading::{Reading, Select},
    responses::CallForOne,
};

/// An event of a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct Happened {
    /// Log position of the commit.
    position: u64,
    /// Time of the decision.
    time: Moment,
    /// Event type in the log.
    #[schema(example = "seats_reserved")]
    event: &'static str,
    /// The event in plain English, with times in the venue's time zone.
    #[schema(example = "Seats C-7 and C-8 are held until 18:38 on 27 November 2026, for ₹500.00.")]
    text: String,
}

/// Places of the booking's events in the log.
#[derive(FromRow)]
struct Places {
    /// Commits of its screenings that concern the booking.
    claim_positions: Vec<i64>,
    /// The commit that cancelled the screening.
    cancelled_position: Option<i64>,
    timezone: String,
    customer_id: Uuid,
    /// Duplicate captures of the booking's payments; each is a payment of its own.
    duplicates: Vec<Uuid>,
}

/// Lists every event of one of the caller's bookings, oldest first.
///
/// # Errors
///
/// 404 if the booking does not exist or belongs to another customer.
#[utoipa::path(
    get,
    path = "/bookings/{id}/history",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<Happened>), CallForOne, schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn get_booking_history(
    State(app): State<App>,
    caller: Caller,
    PathId(booking): PathId<BookingId>,
    reading: Reading,
) -> Result<Json<Page<Happened>>, Problem> {
    let owns = |places: &Places| places.customer_id == caller.user.0;
    history(&app, booking, reading, Reader::Customer, owns).await
}

/// Lists every event of any booking, oldest first, in words about its customer.
///
/// # Errors
///
/// 404 if the booking does not exist.
#[utoipa::path(
    get,
    path = "/admin/bookings/{id}/history",
    tag = "Administration",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<Happened>), CallForOne, schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn get_any_booking_history(
    State(app): State<App>,
    _admitted: Staff,
    PathId(booking): PathId<BookingId>,
    reading: Reading,
) -> Result<Json<Page<Happened>>, Problem> {
    history(&app, booking, reading, Reader::Staff, |_| true).await
}

/// Reads the history of a booking that the reader may see. To others, it does not exist.
async fn history(
    app: &App,
    booking: BookingId,
    mut reading: Reading,
    reader: Reader,
    may_see: impl FnOnce(&Places) -> bool,
) -> Result<Json<Page<Happened>>, Problem> {
    let select: Select<Places> = sqlx::query_as(
        "SELECT b.claim_positions, p.cancelled_position, p.timezone, b.customer_id,
                ARRAY(SELECT s.payment_id FROM payments s JOIN payments t ON t.payment_id = s.stray_of
                      WHERE t.booking_id = b.booking_id ORDER BY s.payment_id) AS duplicates
         FROM bookings b JOIN screenings p ON p.screening_id = b.screening_id
         WHERE b.booking_id = $1",
    );
    let places = reading.one(select.bind(booking.0)).await?;
    if !may_see(&places) {
        return Err(Problem::not_found());
    }
    // Reading the log may take a while: return the connection to the pool first.
    drop(reading);
    let _permit = app.booking_histories.take().await?;
    let timeline = Timeline {
        booking_id: booking.to_string(),
        narrator: Narrator::new(booking, zone(&places.timezone), reader),
        events: Vec::new(),
        card_payments: places.duplicates.into_iter().map(PaymentId).collect(),
    };
    let mut positions: Vec<i64> =
        places.claim_positions.into_iter().chain(places.cancelled_position).collect();
    positions.sort_unstable();
    positions.dedup();
    let positions = positions.into_iter().map(i64::cast_unsigned);
    let timeline = event_history::fold_at(app, Screening::TYPE, positions, timeline).await?;
    let mut timeline = event_history::fold(app, Booking::TYPE, &booking.to_string(), timeline).await?;
    for payment in std::mem::take(&mut timeline.card_payments) {
        timeline = event_history::fold(app, Payment::TYPE, &payment.to_string(), timeline).await?;
    }
    timeline.events.sort_by_key(|event| event.position);
    Ok(Json(Page::whole(timeline.events)))
}

/// The events of one booking, collected from several streams.
struct Timeline {
    /// As written in events.
    booking_id: String,
    narrator: Narrator,
    events: Vec<Happened>,
    /// Payments with streams of their own, still to be read.
    card_payments: Vec<PaymentId>,
}

impl Timeline {
    fn note_card_payment(&mut self, event: &booking::Event) {
        if let booking::Event::PaymentAttemptStarted { payment, method: PaymentMethod::Card, .. } = event {
            self.card_payments.push(*payment);
        }
    }
}

impl Fold for Timeline {
    fn add(&mut self, commit: &Commit) -> Result<bool, WireError> {
        for (_, metadata, raw) in event_history::events(commit) {
            // Most events of a commit concern other bookings: skip them without decoding.
            let of_screening = *commit.aggregate == *Screening::TYPE;
            let concerns_us =
                raw.get().contains(&self.booking_id) || raw.get().contains("screening_cancelled");
            if of_screening && !concerns_us {
                continue;
            }
            let (event, text) = match &AnyEvent::decode(&commit.aggregate, raw)? {
                AnyEvent::Screening(event) => (event.wire_type(), self.narrator.screening_event(event)),
                AnyEvent::Booking(event) => {
                    self.note_card_payment(event);
                    (event.wire_type(), self.narrator.booking_event(event))
                }
                AnyEvent::Payment(event) => (event.wire_type(), self.narrator.payment_event(event)),
                AnyEvent::Account(_)
                | AnyEvent::Show(_)
                | AnyEvent::Venue(_)
                | AnyEvent::Screen(_)
                | AnyEvent::Wallet(_)
                | AnyEvent::Till(_)
                | AnyEvent::Promotion(_)
                | AnyEvent::Invoices(_) => continue,
            };
            let (position, time) = (commit.position, metadata.time.into());
            self.events.extend(text.map(|text| Happened { position, time, event, text }));
        }
        Ok(true)
    }
}
