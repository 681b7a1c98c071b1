//! `POST /bookings/{id}/payment`: starts an attempt to pay and waits for the payment saga to complete it.

mod card;

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Fingerprint, Money, PaymentId, PromotionId, ScreeningId, UserId,
    booking::{self, Booking, BookingStatus, Command, FailureReason, PaymentMethod, Ticket, opened::Outcome},
    hold::Reservation,
    screening::Screening,
};
use ticketshow_http::{Body, Caller, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::{
    executor::outcome::{AggregateState, ExecuteError, Executed, Freshness},
    log::metadata::Metadata,
};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::App,
    failures::{at, not_executed},
    refusals::{payment_failed, too_small_for_a_card},
    waiting::wait_for,
};

/// Longest wait for a wallet payment. Source: the REST surface.
const PATIENCE: Duration = Duration::from_secs(2);

/// The payment method.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedPayment {
    method: OnlineMethod,
}

/// A payment method of customers.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OnlineMethod {
    Wallet,
    Card,
}

impl From<OnlineMethod> for PaymentMethod {
    fn from(method: OnlineMethod) -> Self {
        match method {
            OnlineMethod::Wallet => Self::Wallet,
            OnlineMethod::Card => Self::Card,
        }
    }
}

/// A paid booking, or one that is still being paid.
#[derive(Serialize, ToSchema)]
pub struct PaidBooking {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    #[schema(value_type = String, example = "confirmed")]
    status: BookingStatus,
    payment_id: Uuid,
    #[schema(value_type = schema::PaymentMethod)]
    method: PaymentMethod,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// One per seat; empty until the payment is complete.
    #[schema(value_type = Vec<schema::Ticket>)]
    tickets: Vec<Ticket>,
    /// Address of the page to pay by card.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_url: Option<String>,
    /// The seats are held for the card payment until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    held_until: Option<Timestamp>,
}

/// Pays for a booking from the wallet, or opens a checkout page to pay by card.
///
/// # Errors
///
/// 402 `insufficient-funds`; 404; 409 `hold-expired`, `already-paid`, `booking-cancelled`, `screening-cancelled`,
/// `booking-closed`, `payment-in-progress`, `too-many-checkouts`, `code-used-up`, `promotion-changed`; 422 `too-small-for-card` (`least`), `nothing-to-pay`;
/// 503 `payment-provider-unavailable`.
#[utoipa::path(
    post,
    path = "/bookings/{id}/payment",
    tag = "Booking and money",
    request_body = WantedPayment,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = PaidBooking),
        (status = 201, description = "the checkout page to pay by card is open", body = PaidBooking),
        (
            status = 202,
            description = "the payment did not complete within 2 s, or no checkout page opened within 10 s",
            body = PaidBooking
        ),
        (status = 402, description = "`insufficient-funds`", body = schema::Problem, content_type = "application/problem+json"),
        schema::NotFound,
        (
            status = 409,
            description = "`hold-expired`, `already-paid`, `booking-cancelled`, `screening-cancelled`, \
                           `booking-closed`, `payment-in-progress`, `too-many-checkouts`, `code-used-up`, \
                           `promotion-changed`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn pay_booking(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    ids: RequestIds,
    PathId(booking): PathId<BookingId>,
    Body(body): Body<WantedPayment>,
) -> Result<Answer, Problem> {
    caller.take(&app.edge.limiters.payments_per_user, app.edge.now())?;
    let method = body.method;
    let payment = PaymentId(ids.id(caller.user, booking, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let metadata = app.sent_by(caller.user, &trace);
    let screening = app.routing.screening_of(booking).await?;
    let request = PaymentRequest {
        app: &app,
        booking,
        screening,
        customer: caller.user,
        payment,
        method: method.into(),
        fingerprint,
        metadata,
    };

    match method {
        OnlineMethod::Wallet => request.pay_from_wallet().await,
        OnlineMethod::Card => request.open_checkout().await,
    }
}

type Answer = (StatusCode, StreamPosition, Json<PaidBooking>);

struct PaymentRequest<'a> {
    app: &'a App,
    booking: BookingId,
    screening: ScreeningId,
    customer: UserId,
    payment: PaymentId,
    method: PaymentMethod,
    fingerprint: Option<Fingerprint>,
    metadata: Metadata,
}

/// The outcome of an attempt to pay.
#[derive(Debug, Clone)]
struct AttemptOutcome {
    /// The tickets of a paid booking, or the reason of the failure.
    result: Result<Vec<Ticket>, FailureReason>,
    /// Position of its commit.
    position: u64,
}

/// The amount, and the answer of the booking.
type Requested<R> = Result<(Money, Executed<R>), ExecuteError<booking::Refusal>>;

/// Progress of an attempt, with the tickets if it succeeded.
type Progress = Option<(Outcome, Vec<Ticket>)>;

impl PaymentRequest<'_> {
    async fn pay_from_wallet(&self) -> Result<Answer, Problem> {
        let payment = self.payment;
        let (amount, requested) = self.request(progress_of).await?;
        let outcome = match outcome_of(requested.answer, requested.position) {
            Some(outcome) => Some(outcome),
            None => self.wait_for_outcome(payment).await?,
        };
        match outcome {
            None => {
                let answer = self.answer(payment, BookingStatus::Paying, amount);
                Ok((StatusCode::ACCEPTED, StreamPosition(requested.position), Json(answer)))
            }
            Some(AttemptOutcome { result: Ok(tickets), position }) => {
                let answer = self.answer(payment, BookingStatus::Confirmed, amount);
                Ok((StatusCode::OK, StreamPosition(position), Json(PaidBooking { tickets, ..answer })))
            }
            Some(AttemptOutcome { result: Err(reason), position }) => {
                let problem = payment_failed(reason).with("payment_id", payment).with("amount", amount);
                Err(at(problem, position))
            }
        }
    }

    /// Waits up to 2 s.
    async fn wait_for_outcome(&self, payment: PaymentId) -> Result<Option<AttemptOutcome>, Problem> {
        let outcome = move |seen: &AggregateState<Booking>| {
            outcome_of(progress_of(&seen.state, payment), seen.position)
        };
        wait_for(self.app, &self.booking, outcome, Instant::now() + PATIENCE).await
    }

    fn answer(&self, payment: PaymentId, status: BookingStatus, amount: Money) -> PaidBooking {
        PaidBooking {
            booking_id: self.booking.0,
            reference: self.booking.reference(),
            status,
            payment_id: payment.0,
            method: self.method,
            amount,
            tickets: Vec::new(),
            checkout_url: None,
            held_until: None,
        }
    }

    /// Requests payment for the seats that the screening holds for the customer. A refusal based on a cached screening
    /// is checked against a fresh one.
    async fn request<R: Send + 'static>(
        &self,
        answer: fn(&Booking, PaymentId) -> R,
    ) -> Result<(Money, Executed<R>), Problem> {
        let requested = match self.request_with(None, answer).await? {
            Err(ExecuteError::Refused {
                refusal: booking::Refusal::OtherPromotion(Some(promotion)), ..
            }) => {
                self.app.keep_use(promotion, self.booking, &self.metadata).await?;
                self.request_with(Some(promotion), answer).await?
            }
            requested => requested,
        };
        requested.map_err(not_executed)
    }

    /// Requests payment with the discount of a promotion, whose use is kept.
    async fn request_with<R: Send + 'static>(
        &self,
        promotion: Option<PromotionId>,
        answer: fn(&Booking, PaymentId) -> R,
    ) -> Result<Requested<R>, Problem> {
        let tried = self.try_request(Freshness::Cached, promotion, answer).await?;
        if let Some(requested) = tried
            && !matches!(requested, Err(ExecuteError::Refused { .. }))
        {
            return Ok(requested);
        }
        let tried = self.try_request(Freshness::Fresh, promotion, answer).await?;
        tried.ok_or_else(Problem::not_found)
    }

    /// `None` if the screening has no such booking of this customer.
    async fn try_request<R: Send + 'static>(
        &self,
        freshness: Freshness,
        promotion: Option<PromotionId>,
        answer: fn(&Booking, PaymentId) -> R,
    ) -> Result<Option<Requested<R>>, Problem> {
        let Self { app, booking, payment, method, .. } = *self;
        let AggregateState { state: screening, .. } =
            app.state::<Screening>(&self.screening, freshness).await?;
        let standing = screening.standing(booking, self.metadata.time);
        let reservation = screening.reservation(self.screening, booking);
        let reservation = reservation.filter(|reservation| reservation.customer == self.customer);
        let (Some(standing), Some(reservation)) = (standing, reservation) else { return Ok(None) };

        let reservation = self.reduced(reservation, promotion).await?;
        let amount = reservation.amount;
        let least = Money { amount_minor: app.executor.policy().card_min_minor, ..amount };
        if method == PaymentMethod::Card && amount.amount_minor < least.amount_minor {
            return Err(too_small_for_a_card(amount, least));
        }
        let fingerprint = self.fingerprint.clone();
        let command = Command::PayBooking { reservation, standing, payment, method, fingerprint };
        // For a repeated call, the first attempt has fixed the amount.
        let attempt = move |booking: &Booking| {
            let fixed = booking.opened.as_ref().map(|opened| opened.reservation.amount);
            (answer(booking, payment), fixed.unwrap_or(amount))
        };
        let requested = app.executor.execute_first(&booking, command, self.metadata.clone(), attempt).await;
        Ok(Some(requested.map(|Executed { answer: (answer, amount), position, changed }| {
            (amount, Executed { answer, position, changed })
        })))
    }

    /// Returns the amount of the seats: with the discount of the promotion, or as fixed by the first attempt to pay.
    /// A payment from the wallet without a promotion need not read the booking.
    async fn reduced(
        &self,
        reservation: Reservation,
        promotion: Option<PromotionId>,
    ) -> Result<Reservation, Problem> {
        if promotion.is_none() && self.method == PaymentMethod::Wallet {
            return Ok(reservation);
        }
        let seen = self.app.state::<Booking>(&self.booking, Freshness::Fresh).await?;
        let reduced = seen.state.reduced(&reservation);
        let fixed = seen.state.opened.map(|opened| opened.reservation);
        Ok(fixed.unwrap_or(Reservation { promotion, ..reduced }))
    }
}

fn progress_of(booking: &Booking, payment: PaymentId) -> Progress {
    let opened = booking.opened.as_ref()?;
    let outcome = opened.attempt(payment)?.outcome;
    let tickets = if outcome == Outcome::Confirmed { opened.tickets.clone() } else { Vec::new() };
    Some((outcome, tickets))
}

fn outcome_of(progress: Progress, position: u64) -> Option<AttemptOutcome> {
    let (outcome, tickets) = progress?;
    let result = match outcome {
        Outcome::Open => return None,
        Outcome::Confirmed => Ok(tickets),
        Outcome::Failed(reason) => Err(reason),
    };
    Some(AttemptOutcome { result, position })
}
