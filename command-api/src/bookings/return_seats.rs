//! `POST /bookings/{id}/cancellation`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Flaws, Money, PaymentId, Permission, ScreeningId, SeatName, UserId,
    booking::{self, Booking, BookingStatus, CancelledBy, PaymentMethod, opened::Opened},
    counter::CounterRefund,
    payment::RefundStatus,
    screening::{self, Screening},
    seat_return::{RefundWay, SeatReturn},
    tidy,
    till::{self, Till},
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
        refusals::{Refuse, move_in_progress, not_confirmed},
    },
};

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// Seats to give back.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedReturn {
    /// The seats; all of the booking if left out.
    #[schema(value_type = Option<Vec<String>>, min_items = 1, example = json!(["A-1"]))]
    seats: Option<Vec<SeatName>>,
    /// Destination of the money, for staff: by default, back to where it came from.
    refund: Option<RefundChoice>,
    /// Reason for the customer, for staff: one line of at most 500 characters.
    #[schema(example = "The customer fell ill.")]
    reason: Option<String>,
}

/// Destination of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundChoice {
    /// Back to where it came from.
    Original,
    /// To the customer's wallet.
    Wallet,
    /// In cash, from the open till of the caller, if a seller took the money.
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
    /// `confirmed` while it has seats left, else `cancelled` or `refunded`. A repeat gets the first answer.
    #[schema(value_type = String, example = "confirmed")]
    status: BookingStatus,
    /// Seats that this call gave back.
    #[schema(value_type = Vec<String>, example = json!(["A-1"]))]
    returned: Vec<SeatName>,
    /// Seats that the booking has left.
    #[schema(value_type = Vec<String>, example = json!(["A-2", "A-3"]))]
    seats: Vec<SeatName>,
    /// Price of the seats that are left, with their fees.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// The refund for the seats that were given back; null if there is none.
    refund: Option<SeatRefund>,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SeatRefund {
    /// `requested`, or `completed` if it was handed back in cash. Money of a sale at the counter that was not is waiting there.
    #[schema(value_type = String, example = "requested")]
    status: RefundStatus,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Destination of the money.
    #[schema(value_type = schema::PaymentMethod)]
    to: PaymentMethod,
}

/// Gives some or all seats of a booking back. Their tickets become void, and the rest of the booking stays as it is. Customers get
/// the prices of these seats, without fees and less what the screening's terms keep for a cancellation; staff return the fees of the
/// tickets, too, and with the last seats that of the booking. With the last seat, the booking is cancelled. Customers may until
/// the cut-off, staff until the screening is over; only staff may name a destination for the money and a reason.
///
/// # Errors
///
/// 403 if a customer names `refund` or `reason`, or staff for a booking of their own; 404; 409 `too-late-to-cancel` (`until`), `checked-in`, `void` for a seat that
/// was given back before, `not-confirmed`, `booking-cancelled`, `move-in-progress`, `screening-cancelled`, `screening-over`, `no-open-till`,
/// `sold-at-counter`, `not-sold-at-counter` (no cash for what a card or a wallet paid), `nothing-to-refund`; 422 `unknown-seat`, `duplicate-seat`,
/// and `ticket-type-limit` if a customer's tickets that are left would break the limits of a type.
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
                           `screening-cancelled`, `screening-over`, `no-open-till`, `sold-at-counter`, \
                           `not-sold-at-counter`, `nothing-to-refund`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        (
            status = 403,
            description = "`forbidden`: a refund and a reason are for staff to name, and not for their own bookings",
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
    if seats.as_ref().is_some_and(Vec::is_empty) {
        return Err(Problem::invalid_value("/seats", "must name a seat, or be left out"));
    }
    let refund = refund.map_or(RefundWay::Original, RefundWay::from);
    let counter = match refund {
        RefundWay::Cash => {
            let till = app.open_till_of(caller.user).await?;
            Some(CounterRefund { refund: id.0, till, by: caller.user })
        }
        RefundWay::Original | RefundWay::Wallet | RefundWay::None => None,
    };
    let (seats, reason) = (seats.unwrap_or_default(), checked(reason.as_deref())?);
    let returned = SeatReturn { id, seats, by, refund, reason, fingerprint, counter };

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
    if caller.user == customer {
        // Staff are customers of their own bookings: a colleague decides about exceptions.
        let is_exception = wanted.refund.is_some() || wanted.reason.is_some();
        return if is_exception { Err(Problem::forbidden()) } else { Ok(CancelledBy::Customer) };
    }
    let in_cash = wanted.refund == Some(RefundChoice::Cash);
    let permission = if in_cash { Permission::BoxOffice } else { Permission::Desk };
    // To others, the booking does not exist.
    let hidden =
        |problem: Problem| if problem.status().is_server_error() { problem } else { Problem::not_found() };
    app.check_staff(caller, permission, screening).await.map_err(hidden)?;
    Ok(CancelledBy::House)
}

impl From<RefundChoice> for RefundWay {
    fn from(wanted: RefundChoice) -> Self {
        match wanted {
            RefundChoice::Original => Self::Original,
            RefundChoice::Wallet => Self::Wallet,
            RefundChoice::None => Self::None,
            RefundChoice::Cash => Self::Cash,
        }
    }
}

/// Checks the destination of the money against its origin. Money that a card or a wallet paid never leaves a till: it goes back
/// where it came from.
fn check_way(method: PaymentMethod, returned: &SeatReturn) -> Result<(), Problem> {
    let is_whole = returned.seats.is_empty();
    let has_till = returned.counter.is_some_and(|counter| counter.till.is_some());
    match (method.is_of_counter(), returned.refund) {
        (true, RefundWay::Cash) if method == PaymentMethod::Complimentary => {
            Err(booking::Refusal::NothingPaid.problem())
        }
        (false, RefundWay::Cash) if has_till => Err(booking::Refusal::NotSoldAtCounter.problem()),
        (false, RefundWay::Cash) => Err(booking::Refusal::NoOpenTill.problem()),
        (true, RefundWay::Wallet) => Err(sold_at_counter()),
        (true, RefundWay::Original) if !is_whole => Err(sold_at_counter()),
        (true, RefundWay::Original | RefundWay::None | RefundWay::Cash)
        | (false, RefundWay::Original | RefundWay::Wallet | RefundWay::None) => Ok(()),
    }
}

/// 409: money of single seats that a seller took is handed back in cash, and never goes to a wallet.
fn sold_at_counter() -> Problem {
    let title = "The booking was sold at the counter: hand the money of single seats back in cash, or cancel all of it";
    Problem::new(StatusCode::CONFLICT, "sold-at-counter", title)
}

fn checked(reason: Option<&str>) -> Result<Option<String>, Problem> {
    let reason = reason.and_then(tidy);
    let mut flaws = Flaws::default();
    if let Some(reason) = &reason {
        flaws.text(reason, REASON_MAX, "/reason");
    }
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))?;
    Ok(reason)
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
        if let Some(winner) = seen.as_ref().and_then(Opened::winner) {
            check_way(winner.method, &self.returned)?;
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
            return Ok((seen.position, self.ended(&opened, opened.status, Vec::new())));
        };
        let returned = SeatReturn { seats: seats.clone(), ..self.returned.clone() };
        let command = booking::Command::ReturnSeats { returned };
        let opened = |booking: &Booking| booking.opened.clone();
        let executed = self.app.execute(&booking, command, self.metadata.clone(), opened).await?;
        let opened = executed.answer.ok_or_else(Problem::not_found)?;
        let entered = self.enter_cash(&opened).await?;
        Ok((position.max(executed.position).max(entered), self.answer(&opened, seats)))
    }

    /// Enters cash that this return handed back in the till, as the booking recorded it. A repeat enters it in the session of the
    /// first call; if this process dies before, a saga enters it.
    async fn enter_cash(&self, opened: &Opened) -> Result<u64, Problem> {
        let id = self.returned.id;
        let own = opened.returns.iter().find(|known| known.id == id);
        let whole =
            opened.refund_due.zip(opened.counter_refund).filter(|(_, counter)| counter.refund == id.0);
        let cash = match own {
            Some(own) => own.counter.map(|counter| (counter, id, own.amount)),
            None => whole.map(|(due, counter)| (counter, due.payment, due.amount)),
        };
        let Some((CounterRefund { till: Some(till), by, .. }, payment, amount)) = cash else { return Ok(0) };
        let command = till::Command::ReturnCash { till, booking: self.booking, payment, amount };
        let entered = self.app.execute(&by, command, self.metadata.clone(), |_: &Till| ()).await?;
        Ok(entered.position)
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

    /// Answers as the first call did, however often it is repeated and however the booking has changed since.
    fn answer(&self, opened: &Opened, returned: Vec<SeatName>) -> ReturnedBooking {
        let id = self.returned.id;
        let Some(own) = opened.returns.iter().find(|known| known.id == id) else {
            let status =
                if self.hands_back(opened) { BookingStatus::Refunded } else { BookingStatus::Cancelled };
            return self.ended(opened, status, returned);
        };
        let completed = own.counter.is_some();
        let refund = opened.winner().and_then(|winner| own.refund.destination(winner.method));
        ReturnedBooking {
            booking_id: self.booking.0,
            reference: self.booking.reference(),
            status: BookingStatus::Confirmed,
            returned,
            seats: own.left.iter().map(|priced| priced.seat.clone()).collect(),
            amount: own.paid,
            refund: refund.map(|to| SeatRefund {
                status: status_of(completed),
                amount: with_contributions(opened, id.0, own.amount),
                to,
            }),
        }
    }

    /// Returns `true` if this return handed the money of all that was left back in cash.
    fn hands_back(&self, opened: &Opened) -> bool {
        opened.counter_refund.is_some_and(|counter| counter.refund == self.returned.id.0)
    }

    /// The answer for a booking that has no seats left.
    fn ended(&self, opened: &Opened, status: BookingStatus, returned: Vec<SeatName>) -> ReturnedBooking {
        let refund = opened.refund_due.map(|due| SeatRefund {
            status: status_of(status == BookingStatus::Refunded),
            amount: with_contributions(opened, self.booking.0, due.amount),
            to: if self.hands_back(opened) { PaymentMethod::Cash } else { due.to },
        });
        ReturnedBooking {
            booking_id: self.booking.0,
            reference: self.booking.reference(),
            status,
            returned,
            seats: Vec::new(),
            amount: Money { amount_minor: 0, ..opened.reservation.amount },
            refund,
        }
    }
}

/// Adds the contributions of the payments of differences to a refund.
fn with_contributions(opened: &Opened, occasion: Uuid, amount: Money) -> Money {
    Money { amount_minor: amount.amount_minor + opened.contributed_minor(occasion), ..amount }
}

fn status_of(completed: bool) -> RefundStatus {
    if completed { RefundStatus::Completed } else { RefundStatus::Requested }
}
