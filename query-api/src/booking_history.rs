//! `GET /bookings/{id}/history`: from the log, because a booking lives in its screening until somebody begins to pay, and
//! its card payments in streams of their own.

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
use ticketshow_nats::Commit;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    catalogue::CallForOne,
    page::Page,
    past::{self, Reader},
    plain_words::Teller,
    reading::{Reading, Select},
    told::{Moment, zone},
};

/// Something that happened to a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct Happened {
    /// Of the commit in the log.
    position: u64,
    /// When it was decided.
    time: Moment,
    /// Its type in the log.
    #[schema(example = "seats_reserved")]
    event: &'static str,
    /// In plain words; times are the venue's.
    #[schema(example = "Seats C-7 and C-8 are held until 18:38 on 27 November 2026, for ₹500.00.")]
    text: String,
}

#[derive(FromRow)]
struct Way {
    screening_id: Uuid,
    timezone: String,
    /// Payments that the provider took a second time for one of the booking's.
    strays: Vec<Uuid>,
}

/// Every event of one of the caller's bookings, oldest first.
///
/// # Errors
///
/// 404 if there is no such booking, or it is somebody else's.
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
    mut reading: Reading,
) -> Result<Json<Page<Happened>>, Problem> {
    let select: Select<Way> = sqlx::query_as(
        "SELECT b.screening_id, p.timezone,
                ARRAY(SELECT s.payment_id FROM payments s JOIN payments t ON t.payment_id = s.stray_of
                      WHERE t.booking_id = b.booking_id ORDER BY s.payment_id) AS strays
         FROM bookings b JOIN screenings p ON p.screening_id = b.screening_id
         WHERE b.booking_id = $1 AND b.customer_id = $2",
    );
    let way = reading.one(select.bind(booking.0).bind(caller.user.0)).await?;
    // The log may take a while; the connection is for others meanwhile.
    drop(reading);
    let story = Story {
        about: booking.to_string(),
        teller: Teller::new(booking, zone(&way.timezone)),
        told: Vec::new(),
        by_card: way.strays.into_iter().map(PaymentId).collect(),
    };
    let story = past::read(&app, Screening::TYPE, &way.screening_id.to_string(), story).await?;
    let mut story = past::read(&app, Booking::TYPE, &booking.to_string(), story).await?;
    for payment in std::mem::take(&mut story.by_card) {
        story = past::read(&app, Payment::TYPE, &payment.to_string(), story).await?;
    }
    story.told.sort_by_key(|happened| happened.position);
    Ok(Json(Page::whole(story.told)))
}

/// What the log tells of one booking.
struct Story {
    /// The booking's id as it is written in events.
    about: String,
    teller: Teller,
    told: Vec<Happened>,
    /// The payments that have streams of their own.
    by_card: Vec<PaymentId>,
}

impl Story {
    fn remember(&mut self, event: &booking::Event) {
        if let booking::Event::PaymentRequested { payment, method: PaymentMethod::Card, .. } = event {
            self.by_card.push(*payment);
        }
    }
}

impl Reader for Story {
    fn take(&mut self, commit: &Commit) -> Result<bool, WireError> {
        for (_, metadata, raw) in past::events(commit) {
            // Most events of a screening are about others: not worth decoding.
            let of_screening = *commit.aggregate == *Screening::TYPE;
            if of_screening && !raw.get().contains(&self.about) && !raw.get().contains("screening_cancelled")
            {
                continue;
            }
            let (event, text) = match &AnyEvent::decode(&commit.aggregate, raw)? {
                AnyEvent::Screening(event) => (event.wire_type(), self.teller.of_screening(event)),
                AnyEvent::Booking(event) => {
                    self.remember(event);
                    (event.wire_type(), Some(Teller::of_booking(event)))
                }
                AnyEvent::Payment(event) => (event.wire_type(), self.teller.of_payment(event)),
                AnyEvent::Account(_)
                | AnyEvent::Show(_)
                | AnyEvent::Venue(_)
                | AnyEvent::Screen(_)
                | AnyEvent::Wallet(_) => continue,
            };
            let (position, time) = (commit.position, metadata.time.into());
            self.told.extend(text.map(|text| Happened { position, time, event, text }));
        }
        Ok(true)
    }
}
