//! `DELETE /bookings/{id}`: for bookings that are held or being paid.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_domain::{
    BookingId, ScreeningId,
    booking::{self, Booking, BookingStatus, CancelledBy},
    screening::{self, ReleaseReason, Screening},
};
use ticketshow_http::{Caller, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::{ExecuteError, Freshness, Metadata};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    app::carry_through,
    failures::{at, not_executed},
};

/// A booking that is over.
#[derive(Serialize, ToSchema)]
pub struct CancelledBooking {
    booking_id: Uuid,
    #[schema(value_type = String, example = "cancelled")]
    status: BookingStatus,
}

/// Gives the seats of a booking back. Money that comes later is returned.
///
/// # Errors
///
/// 404; 409 `hold-expired`, `cancellation-not-offered` for a confirmed booking.
#[utoipa::path(
    delete,
    path = "/bookings/{id}",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = CancelledBooking),
        (status = 404, description = "`not-found`", body = schema::Problem, content_type = "application/problem+json"),
        (
            status = 409,
            description = "`hold-expired`, `cancellation-not-offered`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn cancel_booking(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    PathId(booking): PathId<BookingId>,
) -> Result<(StreamPosition, Json<CancelledBooking>), Problem> {
    let screening = app.routing.screening_of(booking).await?;
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    seen.state.claim(booking).filter(|claim| claim.customer == caller.user).ok_or_else(Problem::not_found)?;
    let metadata = app.sent_by(caller.user, &trace);

    let cancel = async move { Wanted { app, booking, screening, metadata }.cancel().await };
    let position = carry_through(cancel).await?;

    let cancelled = CancelledBooking { booking_id: booking.0, status: BookingStatus::Cancelled };
    Ok((StreamPosition(position), Json(cancelled)))
}

struct Wanted {
    app: App,
    booking: BookingId,
    screening: ScreeningId,
    metadata: Metadata,
}

impl Wanted {
    /// As long as nobody began to pay, the screening alone decides; then the booking does, and its seats follow. A payment
    /// that begins in between finds the hold cancelled, or has sold the seats and made a booking that can be asked.
    async fn cancel(&self) -> Result<u64, Problem> {
        let mut position = 0;
        if !self.is_opened().await? {
            position = self.cancel_hold().await?.unwrap_or_default();
        }
        if self.is_opened().await? {
            position = self.cancel_opened().await?;
        }
        Ok(position)
    }

    async fn is_opened(&self) -> Result<bool, Problem> {
        let seen = self.app.state::<Booking>(&self.booking, Freshness::Fresh).await?;
        Ok(seen.state.opened.is_some())
    }

    /// `None` if the seats are sold.
    async fn cancel_hold(&self) -> Result<Option<u64>, Problem> {
        let command = screening::Command::CancelHold { booking: self.booking };
        let metadata = self.metadata.clone();
        match self.app.executor.execute(&self.screening, command, metadata, |_: &Screening| ()).await {
            Ok(executed) => Ok(Some(executed.position)),
            Err(ExecuteError::Refused { refusal: screening::Refusal::AlreadySold(_), .. }) => Ok(None),
            Err(error) => Err(not_executed(error)),
        }
    }

    async fn cancel_opened(&self) -> Result<u64, Problem> {
        let Self { app, booking, screening, metadata } = self;
        // Confirmed bookings cannot be cancelled by customers yet. `checked_in` makes the booking itself refuse that, in
        // the same breath, and changes nothing for one that is not confirmed.
        let (by, checked_in) = (CancelledBy::Customer, true);
        let command = booking::Command::CancelBooking { by, reason: None, cascade: None, checked_in };
        let cancelled = app.executor.execute(booking, command, metadata.clone(), |_: &Booking| ()).await;
        if let Err(ExecuteError::Refused { refusal: booking::Refusal::CheckedIn, position }) = cancelled {
            return Err(at(cancellation_not_offered(), position));
        }
        let cancelled = cancelled.map_err(not_executed)?;
        let reason = ReleaseReason::CancelledByCustomer;
        let command = screening::Command::ReleaseSeats { booking: *booking, reason };
        let released = app.execute(screening, command, metadata.clone(), |_: &Screening| ()).await?;
        Ok(cancelled.position.max(released.position))
    }
}

fn cancellation_not_offered() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "cancellation-not-offered",
        "Paid bookings cannot be cancelled here yet",
    )
}
