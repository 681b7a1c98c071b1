//! `POST /admin/screenings/{id}/holders/{user_id}/release`

use axum::{Json, extract::State};
use serde::Serialize;
use ticketshow_domain::{
    BookingId, ScreeningId, UserId,
    booking::{self, Booking, CancelledBy},
    screening::{self, ClaimStatus, Screening},
};
use ticketshow_http::{PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Freshness},
    log::metadata::Metadata,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    authority::Staff,
    failures::not_executed,
};

/// Seats that were taken back from a customer.
#[derive(Serialize, ToSchema)]
pub struct ReleasedHolds {
    screening_id: Uuid,
    user_id: Uuid,
    /// Bookings whose seats are free now.
    bookings: Vec<Uuid>,
}

/// Releases all unpaid seats that a customer holds of a screening. Payments under way are refunded when they arrive; paid
/// bookings stay. Each hold counts towards the customer's cool-down like one that lapsed.
///
/// # Errors
///
/// 404 if there is no such screening.
#[utoipa::path(
    post,
    path = "/admin/screenings/{id}/holders/{user_id}/release",
    tag = "Administration",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses(
        (status = 200, body = ReleasedHolds),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn release_holds(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId((screening, customer)): PathId<(ScreeningId, UserId)>,
) -> Result<(StreamPosition, Json<ReleasedHolds>), Problem> {
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    if seen.state.promise().is_none() {
        return Err(Problem::not_found());
    }
    let is_theirs =
        |claim: &screening::Claim| claim.customer == customer && claim.status == ClaimStatus::Held;
    let held: Vec<BookingId> =
        seen.state.active().filter(|(_, claim)| is_theirs(claim)).map(|(booking, _)| booking).collect();
    let metadata = app.sent_by(caller.user, &trace);
    let release = async move {
        let (mut position, mut bookings) = (seen.position, Vec::new());
        for booking in held {
            if let Some(released) = take_back(&app, screening, booking, &metadata).await? {
                position = position.max(released);
                bookings.push(booking.0);
            }
        }
        Ok((position, bookings))
    };
    let (position, bookings) = carry_through(release).await?;
    let released = ReleasedHolds { screening_id: screening.0, user_id: customer.0, bookings };
    Ok((StreamPosition(position), Json(released)))
}

/// Releases a hold, then cancels its booking if a payment had begun, or takes its discount off. `None` if it has been paid meanwhile.
async fn take_back(
    app: &App,
    screening: ScreeningId,
    booking: BookingId,
    metadata: &Metadata,
) -> Result<Option<u64>, Problem> {
    let command = screening::Command::TakeBackHold { booking };
    let released = app.executor.execute(&screening, command, metadata.clone(), |_: &Screening| ()).await;
    let released = match released {
        Ok(released) => released.position,
        Err(ExecuteError::Refused { refusal: screening::Refusal::AlreadySold(_), .. }) => return Ok(None),
        Err(error) => return Err(not_executed(error)),
    };
    let seen = app.state::<Booking>(&booking, Freshness::Fresh).await?;
    if seen.state.opened.is_none() && seen.state.discounted.is_none() {
        return Ok(Some(released));
    }
    let (by, reason, cascade) = (CancelledBy::House, None, None);
    let command = booking::Command::CancelBooking { by, reason, cascade, released: true };
    let cancelled = app.execute(&booking, command, metadata.clone(), |_: &Booking| ()).await?;
    Ok(Some(released.max(cancelled.position)))
}
