//! `POST /bookings/{id}/cancellation`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Money, PaymentId, ScreeningId, SeatName, UserId,
    booking::{self, Booking, BookingStatus, CancelledBy, PaymentMethod, opened::Opened},
    payment::RefundStatus,
    screening::{self, Screening},
    seat_return::{RefundWay, SeatReturn},
};
use ticketshow_http::{Body, Caller, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::{
    executor::outcome::{AggregateState, ExecuteError, Freshness},
    log::metadata::Metadata,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::cancel_booking::{CancelRequest, customer_of},
    machinery::{
        app::{App, carry_through},
        failures::not_executed,
        refusals::{move_in_progress, not_confirmed, sold_at_counter},
    },
};

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// Seats to give back.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedReturn {
    /// The seats; all of the booking if left out.
    #[schema(value_type = Option<Vec<String>>, example = json!(["A-1"]))]
    seats: Option<Vec<SeatName>>,
    /// Way of the money, for staff: by default, back to where it came from.
    refund: Option<RefundChoice>,
    /// Reason for the customer, for staff: one line of at most 500 characters.
    #[schema(example = "The customer fell ill.")]
    reason: Option<String>,
}

/// Way of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundChoice {
    /// Back to where it came from.
    Original,
    /// To the customer's wallet.
    Wallet,
    /// In cash, from the till of the caller.
    Cash,
    /// No refund.
    None,
}

/// A booking that gave seats back.
#[derive(Serialize, ToSchema)]
pub struct ReturnedBooking {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    /// `confirmed` while it has seats left, else `cancelled` or `refunded`.
    #[schema(value_type = String, example = "confirmed")]
    status: BookingStatus,
    /// Seats that this call gave back.
    #[schema(value_type = Vec<String>, example = json!(["A-1"]))]
    returned: Vec<SeatName>,
    /// Seats that the booking has left.
    #[schema(value_type = Vec<String>, example = json!(["A-2", "A-3"]))]
    seats: Vec<SeatName>,
    /// Price of the seats that are left.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// The refund for the seats that were given back; null if there is none.
    refund: Option<SeatRefund>,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SeatRefund {
    /// `requested` or `completed`.
    #[schema(value_type = String, example = "requested")]
    status: RefundStatus,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Destination of the money.
    #[schema(value_type = schema::PaymentMethod)]
    to: PaymentMethod,
}

/// Gives some or all seats of a booking back. Their tickets become void, the rest of the booking stays as it is, and exactly
/// the price of these seats is refunded. With the last seat, the booking is cancelled. Customers may until the cut-off, staff
/// until the screening is over; only staff may name a way for the money and a reason.
///
/// # Errors
///
/// 403 if a customer names `refund` or `reason`; 404; 409 `too-late-to-cancel` (`until`), `checked-in`, `void` for a seat that
/// was given back before, `not-confirmed`, `booking-cancelled`, `move-in-progress`, `screening-cancelled`, `screening-over`, `no-open-till`, `sold-at-counter`;
/// 422
/// `unknown-seat`, `duplicate-seat`.
#[utoipa::path(
    post,
    path = "/bookings/{id}/cancellation",
    tag = "Booking and money",
    request_body = Option<WantedReturn>,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 202, description = "given back; a refund is on its way", body = ReturnedBooking),
        schema::NotFound,
        (
            status = 409,
            description = "`too-late-to-cancel` (`until`), `checked-in`, `void`, `not-confirmed`, `booking-cancelled`, `move-in-progress`, \
                           `screening-cancelled`, `screening-over`, `no-open-till`, `sold-at-counter`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn return_seats(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    ids: RequestIds,
    PathId(booking): PathId<BookingId>,
    body: Option<Body<WantedReturn>>,
) -> Result<(StatusCode, StreamPosition, Json<ReturnedBooking>), Problem> {
    caller.take(&app.edge.limiters.cancellations_per_user, app.edge.now())?;
    let wanted = body.map(|Body(wanted)| wanted).unwrap_or_default();
    let screening = app.screening_of(booking).await?;
    let customer = customer_of(&app, screening, booking).await?.ok_or_else(Problem::not_found)?;
    let by = author(&app, &caller, (screening, customer), &wanted).await?;
    let id = PaymentId(ids.id(caller.user, booking, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &wanted);
    let WantedReturn { seats, refund, reason } = wanted;
    let returned = SeatReturn {
        id,
        seats: seats.unwrap_or_default(),
        by,
        refund: refund.map_or(Ok(RefundWay::Original), way)?,
        reason: checked(reason)?,
        fingerprint,
    };

    let metadata = app.sent_by(caller.user, &trace);
    let request = ReturnRequest { app, booking, screening, returned, metadata };
    let (position, answer) = carry_through(async move { request.carry_out().await }).await?;
    Ok((StatusCode::ACCEPTED, StreamPosition(position), Json(answer)))
}

/// Returns the party that gives seats back: the customer, or staff for the house.
async fn author(
    app: &App,
    caller: &Caller,
    (screening, customer): (ScreeningId, UserId),
    wanted: &WantedReturn,
) -> Result<CancelledBy, Problem> {
    let is_owner = caller.user == customer;
    if is_owner && wanted.refund.is_none() && wanted.reason.is_none() {
        return Ok(CancelledBy::Customer);
    }
    let staff = app.check_desk(caller, screening).await;
    // To others, the booking does not exist.
    staff.map_err(|problem| if is_owner { problem } else { Problem::not_found() })?;
    Ok(CancelledBy::House)
}

fn way(wanted: RefundChoice) -> Result<RefundWay, Problem> {
    match wanted {
        RefundChoice::Original => Ok(RefundWay::Original),
        RefundChoice::Wallet => Ok(RefundWay::Wallet),
        RefundChoice::None => Ok(RefundWay::None),
        RefundChoice::Cash => in_cash(),
    }
}

/// Returns the way of a refund in cash, which needs a till.
fn in_cash() -> Result<RefundWay, Problem> {
    let title = "Cash is refunded from an open till only";
    Err(Problem::new(StatusCode::CONFLICT, "no-open-till", title))
}

fn checked(reason: Option<String>) -> Result<Option<String>, Problem> {
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let is_line =
        |reason: &String| reason.chars().count() <= REASON_MAX && !reason.chars().any(char::is_control);
    match reason {
        Some(reason) if !is_line(&reason) => Err(Problem::invalid_value(
            "/reason",
            format!("must be one line of at most {REASON_MAX} characters"),
        )),
        reason => Ok(reason),
    }
}

struct ReturnRequest {
    app: App,
    booking: BookingId,
    screening: ScreeningId,
    returned: SeatReturn,
    metadata: Metadata,
}

impl ReturnRequest {
    /// The screening takes the seats back, because it knows if a ticket was used, and then the booking gives them back. If this
    /// process dies in between, a saga takes the second step.
    async fn carry_out(self) -> Result<(u64, ReturnedBooking), Problem> {
        let AggregateState { state, position, .. } =
            self.app.state::<Booking>(&self.booking, Freshness::Fresh).await?;
        let seen = state.opened;
        if seen.as_ref().is_some_and(|opened| opened.open_move().is_some()) {
            return Err(move_in_progress());
        }
        // The screening that it has moved to since does not know the return.
        if let Some(opened) = seen.as_ref().filter(|opened| !opened.moves.is_empty())
            && let Some(known) = opened.returns.iter().find(|known| known.id == self.returned.id)
        {
            return Ok((position, self.answer(opened, known.seats.clone())));
        }
        let (is_whole, by) = (self.returned.seats.is_empty(), self.returned.by);
        let method = seen.as_ref().and_then(Opened::winner).map(|winner| winner.method);
        let is_of_counter = method.is_some_and(PaymentMethod::is_of_counter);
        if is_of_counter && (!is_whole || self.returned.refund == RefundWay::Wallet) {
            return Err(sold_at_counter());
        }
        // A booking without an attempt to pay has no stream.
        match seen.map_or(BookingStatus::Held, |opened| opened.status) {
            BookingStatus::Confirmed | BookingStatus::Cancelled | BookingStatus::Refunded => {}
            BookingStatus::Held | BookingStatus::Paying | BookingStatus::Expired => {
                return if is_whole && by == CancelledBy::Customer {
                    self.cancel().await
                } else {
                    Err(not_confirmed())
                };
            }
        }
        let booking = self.booking;
        let Some((position, seats)) = self.take_back().await? else {
            // It was cancelled as a whole before.
            let seen = self.app.state::<Booking>(&booking, Freshness::Fresh).await?;
            let opened = seen.state.opened.ok_or_else(Problem::not_found)?;
            return Ok((seen.position, self.answer(&opened, Vec::new())));
        };
        let returned = SeatReturn { seats: seats.clone(), ..self.returned.clone() };
        let command = booking::Command::ReturnSeats { returned };
        let opened = |booking: &Booking| booking.opened.clone();
        let executed = self.app.execute(&booking, command, self.metadata.clone(), opened).await?;
        let opened = executed.answer.ok_or_else(Problem::not_found)?;
        Ok((position.max(executed.position), self.answer(&opened, seats)))
    }

    /// Returns the seats that this return took back, now or before; `None` if all were given back before by another.
    async fn take_back(&self) -> Result<Option<(u64, Vec<SeatName>)>, Problem> {
        let (booking, id) = (self.booking, self.returned.id);
        let command = screening::Command::TakeBackSeats { booking, returned: self.returned.clone() };
        let taken = move |screening: &Screening| {
            let returns = screening.claim(booking).map(|claim| &claim.returns)?;
            returns.iter().find(|known| known.id == id).map(|known| screening.names(&known.seats))
        };
        let metadata = self.metadata.clone();
        match self.app.executor.execute(&self.screening, command, metadata, taken).await {
            Ok(executed) => {
                let seats = executed.answer.ok_or_else(Problem::internal)?;
                Ok(Some((executed.position, seats)))
            }
            Err(ExecuteError::Refused {
                refusal: screening::Refusal::BookingCancelled | screening::Refusal::UnknownBooking,
                ..
            }) if self.returned.seats.is_empty() => Ok(None),
            Err(error) => Err(not_executed(error)),
        }
    }

    /// Cancels a booking that is not paid.
    async fn cancel(self) -> Result<(u64, ReturnedBooking), Problem> {
        let Self { app, booking, screening, metadata, .. } = self;
        let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
        let reservation = seen.state.reservation(screening, booking).ok_or_else(Problem::not_found)?;
        let request = CancelRequest { app, booking, screening, metadata };
        let (position, refund) = request.cancel().await?;
        let refund =
            refund.map(|refund| SeatRefund { status: refund.status, amount: refund.amount, to: refund.to });
        let answer = ReturnedBooking {
            booking_id: booking.0,
            reference: booking.reference(),
            status: BookingStatus::Cancelled,
            returned: reservation.seats.into_iter().map(|priced| priced.seat).collect(),
            seats: Vec::new(),
            amount: Money { amount_minor: 0, ..reservation.amount },
            refund,
        };
        Ok((position, answer))
    }

    fn answer(&self, opened: &Opened, returned: Vec<SeatName>) -> ReturnedBooking {
        let is_over = opened.status != BookingStatus::Confirmed;
        let left =
            if is_over { Vec::new() } else { opened.seats().map(|priced| priced.seat.clone()).collect() };
        let amount_minor = if is_over { 0 } else { opened.amount().amount_minor };
        ReturnedBooking {
            booking_id: self.booking.0,
            reference: self.booking.reference(),
            status: opened.status,
            returned,
            seats: left,
            amount: Money { amount_minor, ..opened.reservation.amount },
            refund: refund_of(opened, &self.returned),
        }
    }
}

/// Returns the refund of a return: its own, or, if the return cancelled the booking, that of all that was left.
fn refund_of(opened: &Opened, returned: &SeatReturn) -> Option<SeatRefund> {
    let known = opened.returns.iter().find(|known| known.id == returned.id);
    let (refund, amount, completed) = match known {
        Some(known) => (known.refund, known.amount, known.refunded),
        None => (returned.refund, opened.amount(), opened.status == BookingStatus::Refunded),
    };
    let to = refund.target(opened.winner()?.method)?.into();
    let status = if completed { RefundStatus::Completed } else { RefundStatus::Requested };
    Some(SeatRefund { status, amount, to })
}
