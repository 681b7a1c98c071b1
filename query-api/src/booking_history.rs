//! `GET /bookings/{id}/history`: from the log, because a booking lives in its screening until somebody begins to pay.

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::{AnyEvent, BookingId, Decider, WireEvent, booking, screening};
use ticketshow_http::{Caller, PathId, Problem, schema};
use ticketshow_nats::{Commit, Failure, Recorded};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    catalogue::CallForOne,
    failures::no_log,
    page::Page,
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
    #[schema(example = "Seats C-7 and C-8 are held until 18:38 on 27 November 2026, for 500.00 INR.")]
    text: String,
}

#[derive(FromRow)]
struct Way {
    screening_id: Uuid,
    timezone: String,
}

/// Every event of one of the caller's bookings, oldest first.
///
/// # Errors
///
/// 404 if there is no such booking, or it is somebody else's.
#[utoipa::path(
    get,
    path = "/bookings/{booking_id}/history",
    tag = "Booking and money",
    params(("booking_id" = Uuid, Path)),
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
        "SELECT b.screening_id, p.timezone FROM bookings b JOIN screenings p ON p.screening_id = b.screening_id
         WHERE b.booking_id = $1 AND b.customer_id = $2",
    );
    let way = reading.one(select.bind(booking.0).bind(caller.user.0)).await?;
    // The log may take a while; the connection is for others meanwhile.
    drop(reading);
    let _turn = app.histories.acquire().await.map_err(|_| Problem::internal())?;
    let (screening, own) = (way.screening_id.to_string(), booking.to_string());
    let (screening, own) = tokio::try_join!(
        app.log.history(screening::Screening::TYPE, &screening),
        app.log.history(booking::Booking::TYPE, &own),
    )
    .map_err(|failure| no_log(&failure))?;

    let told = tokio::task::spawn_blocking(move || {
        let mut told = told(booking, &screening, &way.timezone)?;
        told.extend(self::told(booking, &own, &way.timezone)?);
        told.sort_by_key(|happened| happened.position);
        Ok::<_, Failure>(told)
    });
    let told = told.await.map_err(|_| Problem::internal())?.map_err(|failure| no_log(&failure))?;
    Ok(Json(Page::whole(told)))
}

/// What one stream tells of a booking.
fn told(booking: BookingId, commits: &[Commit], timezone: &str) -> Result<Vec<Happened>, Failure> {
    let mut teller = Teller::new(booking, zone(timezone));
    let mut told = Vec::new();
    for commit in commits {
        for Recorded { position, metadata, event, .. } in commit.events()? {
            let (name, text) = match &event {
                AnyEvent::Screening(event) => (event.wire_type(), teller.of_screening(event)),
                AnyEvent::Booking(event) => (event.wire_type(), Some(teller.of_booking(event))),
                AnyEvent::Account(_)
                | AnyEvent::Show(_)
                | AnyEvent::Venue(_)
                | AnyEvent::Screen(_)
                | AnyEvent::Payment(_)
                | AnyEvent::Wallet(_) => continue,
            };
            let Some(text) = text else { continue };
            told.push(Happened { position, time: metadata.time.into(), event: name, text });
        }
    }
    Ok(told)
}
