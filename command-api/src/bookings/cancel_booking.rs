//! `DELETE /bookings/{id}`

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_domain::{
    BookingId, BookingReference, Money, ScreeningId, UserId,
    booking::{self, Booking, BookingStatus, CancelledBy, PaymentMethod},
    payment::RefundStatus,
    screening::{self, ReleaseReason, Screening},
};
use ticketshow_http::{Caller, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Executed, Freshness},
    log::metadata::Metadata,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    failures::not_executed,
};

/// A cancelled booking.
#[derive(Serialize, ToSchema)]
pub struct CancelledBooking {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    #[schema(value_type = String, example = "cancelled")]
    status: BookingStatus,
    /// The refund; null for a booking that was not paid, and if staff cancelled it before without a refund. Money of a sale at the
    /// counter waits there.
    refund: Option<DueRefund>,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DueRefund {
    /// `requested` or `completed`.
    #[schema(value_type = String, example = "requested")]
    pub status: RefundStatus,
    #[schema(value_type = schema::Money)]
    pub amount: Money,
    /// Destination of the money.
    #[schema(value_type = schema::PaymentMethod)]
    pub to: PaymentMethod,
}

/// Cancels a booking: releases its seats and refunds a confirmed one. A payment that arrives later is refunded too.
///
/// # Errors
///
/// 404; 409 `hold-expired`, `too-late-to-cancel` (`until`), `checked-in`, `move-in-progress`.
#[utoipa::path(
    delete,
    path = "/bookings/{id}",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "cancelled; it was not paid", body = CancelledBooking),
        (status = 202, description = "cancelled; the refund is on its way", body = CancelledBooking),
        schema::NotFound,
        (
            status = 409,
            description = "`hold-expired`, `too-late-to-cancel` (`until`), `checked-in`, `move-in-progress`",
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
) -> Result<(StatusCode, StreamPosition, Json<CancelledBooking>), Problem> {
    caller.take(&app.edge.limiters.cancellations_per_user, app.edge.now())?;
    let screening = app.screening_of(booking).await?;
    if customer_of(&app, screening, booking).await? != Some(caller.user) {
        return Err(Problem::not_found());
    }
    let metadata = app.sent_by(caller.user, &trace);

    let cancel = async move { CancelRequest { app, booking, screening, metadata }.cancel().await };
    let (position, refund) = carry_through(cancel).await?;

    let status = if refund.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    let cancelled = CancelledBooking {
        booking_id: booking.0,
        reference: booking.reference(),
        status: BookingStatus::Cancelled,
        refund,
    };
    Ok((status, StreamPosition(position), Json(cancelled)))
}

/// Returns the customer of a booking. Its screening forgets seats that were given back long ago; a booking remembers them.
pub(super) async fn customer_of(
    app: &App,
    screening: ScreeningId,
    booking: BookingId,
) -> Result<Option<UserId>, Problem> {
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    if let Some(claim) = seen.state.claim(booking) {
        return Ok(Some(claim.customer));
    }
    let seen = app.state::<Booking>(&booking, Freshness::Fresh).await?;
    Ok(seen.state.opened.map(|opened| opened.reservation.customer))
}

/// A request to cancel a booking.
pub struct CancelRequest {
    pub app: App,
    pub booking: BookingId,
    pub screening: ScreeningId,
    pub metadata: Metadata,
}

impl CancelRequest {
    /// Until a payment starts, the screening alone decides; after that the booking does, and its seats follow. A
    /// payment that starts in between either finds the hold cancelled, or has opened the booking, which then decides.
    pub async fn cancel(&self) -> Result<(u64, Option<DueRefund>), Problem> {
        let mut position = 0;
        if !self.is_opened().await? {
            position = self.cancel_hold().await?.unwrap_or_default();
        }
        if self.is_opened().await? { self.cancel_opened().await } else { Ok((position, None)) }
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
            Err(ExecuteError::Refused { refusal: screening::Refusal::AlreadySold(_), .. }) => {
                // Perhaps at the counter a moment ago.
                self.app.complete_sale_of(self.screening, self.booking, &self.metadata).await?;
                Ok(None)
            }
            Err(error) => Err(not_executed(error)),
        }
    }

    /// Cancels the booking, then releases its seats. With tickets it is the other way round: the screening decides if one
    /// was used. If this process dies in between, a saga takes the other step; if the operator cancelled first, the cascade
    /// does.
    async fn cancel_opened(&self) -> Result<(u64, Option<DueRefund>), Problem> {
        let cancelled = match self.cancel_booking(false).await {
            Err(ExecuteError::Refused { refusal: booking::Refusal::SeatsNotReleased, .. }) => {
                self.release_seats().await?;
                return Ok(position_and_refund(self.cancel_booking(true).await.map_err(not_executed)?));
            }
            cancelled => cancelled.map_err(not_executed)?,
        };
        let released = if cancelled.changed { self.release_seats().await? } else { 0 };
        let (position, refund) = position_and_refund(cancelled);
        Ok((position.max(released), refund))
    }

    async fn cancel_booking(
        &self,
        released: bool,
    ) -> Result<Executed<Option<DueRefund>>, ExecuteError<booking::Refusal>> {
        let (by, reason, cascade) = (CancelledBy::Customer, None, None);
        let command = booking::Command::CancelBooking { by, reason, cascade, released };
        self.app.executor.execute(&self.booking, command, self.metadata.clone(), due).await
    }

    async fn release_seats(&self) -> Result<u64, Problem> {
        let reason = ReleaseReason::CancelledByCustomer;
        let command = screening::Command::ReleaseSeats { booking: self.booking, reason };
        let metadata = self.metadata.clone();
        Ok(self.app.execute(&self.screening, command, metadata, |_: &Screening| ()).await?.position)
    }
}

fn position_and_refund(cancelled: Executed<Option<DueRefund>>) -> (u64, Option<DueRefund>) {
    (cancelled.position, cancelled.answer)
}

/// The refund of a cancelled booking, if one is due.
fn due(booking: &Booking) -> Option<DueRefund> {
    let opened = booking.opened.as_ref()?;
    let due = opened.refund_due?;
    let status = match opened.status {
        BookingStatus::Refunded => RefundStatus::Completed,
        BookingStatus::Held
        | BookingStatus::Paying
        | BookingStatus::Confirmed
        | BookingStatus::Expired
        | BookingStatus::Cancelled => RefundStatus::Requested,
    };
    // Payments of differences contribute.
    let amount_minor = due.amount.amount_minor + opened.contributed_minor(opened.reservation.booking.0);
    Some(DueRefund { status, amount: Money { amount_minor, ..due.amount }, to: due.to })
}
