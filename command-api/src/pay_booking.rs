//! `POST /bookings/{id}/payment`: begins an attempt to pay and waits for what the payment saga makes of it.

mod card;

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, Fingerprint, Money, PaymentId, ScreeningId, UserId,
    booking::{
        self, Booking, BookingStatus, Command, Outcome, PaymentMethod, PricedSeat, Reservation, Ticket,
    },
    screening::{Claim, Screening},
};
use ticketshow_http::{Body, Caller, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::{ExecuteError, Executed, Freshness, Metadata, Seen};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App,
    failures::{at, not_executed},
    outcomes::{Settled, Told},
    refusals::payment_failed,
};

/// How long a wallet payment is waited for. Source: the REST surface.
const PATIENCE: Duration = Duration::from_secs(2);

/// How to pay.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedPayment {
    #[schema(value_type = schema::PaymentMethod)]
    method: PaymentMethod,
}

/// A paid booking, or one that is still being paid.
#[derive(Serialize, ToSchema)]
pub struct PaidBooking {
    booking_id: Uuid,
    #[schema(value_type = String, example = "confirmed")]
    status: BookingStatus,
    payment_id: Uuid,
    #[schema(value_type = schema::PaymentMethod)]
    method: PaymentMethod,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// One a seat; none as long as the payment is not settled.
    #[schema(value_type = Vec<schema::Ticket>)]
    tickets: Vec<Ticket>,
    /// Where to pay by card.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_url: Option<String>,
    /// Until when the seats wait for the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    held_until: Option<Timestamp>,
}

/// Pays a booking from the wallet, or opens a page where it can be paid by card.
///
/// # Errors
///
/// 402 `insufficient-funds`; 404; 409 `hold-expired`, `already-paid`, `booking-cancelled`, `screening-cancelled`,
/// `booking-closed`, `payment-in-progress`; 503 `payment-provider-unavailable`.
#[utoipa::path(
    post,
    path = "/bookings/{id}/payment",
    tag = "Booking and money",
    request_body = WantedPayment,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = PaidBooking),
        (status = 201, description = "a page to pay by card is open", body = PaidBooking),
        (
            status = 202,
            description = "not settled within 2 s, or no page to pay by card within 10 s",
            body = PaidBooking
        ),
        (status = 402, description = "`insufficient-funds`", body = schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = schema::Problem, content_type = "application/problem+json"),
        (
            status = 409,
            description = "`hold-expired`, `already-paid`, `booking-cancelled`, `screening-cancelled`, \
                           `booking-closed`, `payment-in-progress`",
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
    let method = body.method;
    let payment = PaymentId(ids.id(caller.user, booking, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let metadata = app.sent_by(caller.user, &trace);
    let screening = app.routing.screening_of(booking).await?;
    let wanted = Wanted {
        app: &app,
        booking,
        screening,
        customer: caller.user,
        payment,
        method,
        fingerprint,
        metadata,
    };

    match method {
        PaymentMethod::Wallet => wanted.pay_from_wallet().await,
        PaymentMethod::Card => wanted.open_checkout().await,
    }
}

type Answer = (StatusCode, StreamPosition, Json<PaidBooking>);

struct Wanted<'a> {
    app: &'a App,
    booking: BookingId,
    screening: ScreeningId,
    customer: UserId,
    payment: PaymentId,
    method: PaymentMethod,
    fingerprint: Option<Fingerprint>,
    metadata: Metadata,
}

/// Where the attempt stands, and the tickets if it won.
type Standing = Option<(Outcome, Vec<Ticket>)>;

impl Wanted<'_> {
    async fn pay_from_wallet(&self) -> Result<Answer, Problem> {
        let Self { app, payment, .. } = *self;
        // Listening begins before there can be anything to hear.
        let mut outcome = app.outcomes.listen(payment);
        let (amount, requested) = self.request(stands).await?;
        let told = match settled(requested.answer, requested.position) {
            Some(told) => Some(told),
            None => match outcome.wait(PATIENCE).await {
                Some(told) => Some(told),
                None => self.look().await?,
            },
        };
        match told {
            None => {
                let answer = self.answer(payment, BookingStatus::Paying, amount);
                Ok((StatusCode::ACCEPTED, StreamPosition(requested.position), Json(answer)))
            }
            Some(Told { settled: Settled::Confirmed(tickets), position }) => {
                let answer = self.answer(payment, BookingStatus::Confirmed, amount);
                Ok((StatusCode::OK, StreamPosition(position), Json(PaidBooking { tickets, ..answer })))
            }
            Some(Told { settled: Settled::Failed(reason), position }) => {
                let problem = payment_failed(reason).with("payment_id", payment).with("amount", amount);
                Err(at(problem, position))
            }
        }
    }

    fn answer(&self, payment: PaymentId, status: BookingStatus, amount: Money) -> PaidBooking {
        PaidBooking {
            booking_id: self.booking.0,
            status,
            payment_id: payment.0,
            method: self.method,
            amount,
            tickets: Vec::new(),
            checkout_url: None,
            held_until: None,
        }
    }

    /// Asks for the payment of what the screening holds for the customer. Its memory may be old: nobody is refused
    /// because of it.
    async fn request<R: Send + 'static>(
        &self,
        answer: fn(&Booking, PaymentId) -> R,
    ) -> Result<(Money, Executed<R>), Problem> {
        if let Some((amount, requested)) = self.try_request(Freshness::Cached, answer).await?
            && !matches!(requested, Err(ExecuteError::Refused { .. }))
        {
            return Ok((amount, requested.map_err(not_executed)?));
        }
        let tried = self.try_request(Freshness::Fresh, answer).await?;
        let (amount, requested) = tried.ok_or_else(Problem::not_found)?;
        Ok((amount, requested.map_err(not_executed)?))
    }

    /// `None` if the screening knows of no such booking of the customer.
    async fn try_request<R: Send + 'static>(
        &self,
        freshness: Freshness,
        answer: fn(&Booking, PaymentId) -> R,
    ) -> Result<Option<(Money, Result<Executed<R>, ExecuteError<booking::Refusal>>)>, Problem> {
        let Self { app, booking, payment, method, .. } = *self;
        let Seen { state: screening, .. } = app.state::<Screening>(&self.screening, freshness).await?;
        let claim = screening.claim(booking).filter(|claim| claim.customer == self.customer);
        let standing = screening.standing(booking, self.metadata.time);
        let reservation = claim.and_then(|claim| self.reservation(&screening, claim));
        let (Some(standing), Some(reservation)) = (standing, reservation) else { return Ok(None) };

        let amount = reservation.amount;
        let fingerprint = self.fingerprint.clone();
        let command = Command::PayBooking { reservation, standing, payment, method, fingerprint };
        let attempt = move |booking: &Booking| answer(booking, payment);
        let requested = app.executor.execute(&booking, command, self.metadata.clone(), attempt).await;
        Ok(Some((amount, requested)))
    }

    /// The facts of a hold, as the booking copies them.
    fn reservation(&self, screening: &Screening, claim: &Claim) -> Option<Reservation> {
        let promise = screening.promise()?;
        let priced = |index: &u32| {
            let (row, _) = promise.layout.row_of(*index)?;
            let (seat, category) = (promise.layout.name(*index)?, row.category.clone());
            let price_minor = *promise.prices.get(&category)?;
            Some(PricedSeat { seat, category, price_minor })
        };
        Some(Reservation {
            booking: self.booking,
            customer: claim.customer,
            screening: self.screening,
            seats: claim.seats.iter().map(priced).collect::<Option<_>>()?,
            amount: claim.amount,
            starts_at: promise.starts_at,
            cancel_until: promise.cancel_until,
        })
    }

    /// Looks once more after having waited in vain: the reader of the log may be away.
    async fn look(&self) -> Result<Option<Told>, Problem> {
        let seen = self.app.state::<Booking>(&self.booking, Freshness::Fresh).await?;
        Ok(settled(stands(&seen.state, self.payment), seen.position))
    }
}

fn stands(booking: &Booking, payment: PaymentId) -> Standing {
    let opened = booking.opened.as_ref()?;
    let outcome = opened.attempt(payment)?.outcome;
    let tickets = if outcome == Outcome::Confirmed { opened.tickets.clone() } else { Vec::new() };
    Some((outcome, tickets))
}

fn settled(standing: Standing, position: u64) -> Option<Told> {
    let (outcome, tickets) = standing?;
    let settled = match outcome {
        Outcome::Open => return None,
        Outcome::Confirmed => Settled::Confirmed(tickets),
        Outcome::Failed(reason) => Settled::Failed(reason),
    };
    Some(Told { settled, position })
}
