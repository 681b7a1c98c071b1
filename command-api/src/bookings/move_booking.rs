//! `POST /bookings/{id}/move`: asks for other seats and waits for the saga that exchanges them.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Context, Decider, Flaws, Money, PaymentId, Permission, ScreeningId,
    SeatName, UserId,
    booking::{
        self, Booking, BookingStatus, CancelledBy, PaymentMethod, Ticket, moving::KnownMove, opened::Opened,
    },
    payment::RefundStatus,
    pricing::WantedSeat,
    screening::{self, MovedSeats, Screening},
    seat_move::{MoveOutcome, MoveTarget, SeatMove, Settlement, WantedMove},
    tidy,
};
use ticketshow_http::{Body, Caller, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::{
    executor::outcome::{AggregateState, Freshness},
    log::metadata::Metadata,
};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::{cancel_booking::customer_of, seat_wish::SeatWish},
    machinery::{
        app::App,
        checkouts::{Checkout, count_checkout, wait_for_page},
        failures::at,
        refusals::{Refuse, move_refused, not_confirmed, provider_unavailable, too_small_for_a_card},
        waiting::wait_for,
    },
};

/// Longest wait for a move. Source: the REST surface, which has it answer like a payment.
const PATIENCE: Duration = Duration::from_secs(2);

/// Longest reason, in characters.
const REASON_MAX: usize = 200;

/// Seats to move to.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveRequest {
    /// Another screening of the same show; the one of the booking if left out.
    #[schema(value_type = Option<Uuid>)]
    screening_id: Option<ScreeningId>,
    /// One seat for each that the booking has, as for a new booking, but without ticket types: these stay. They may include seats that it has.
    #[schema(example = json!(["C-7", {"seat": "C-8", "wheelchair": true}]))]
    seats: Vec<SeatWish>,
    /// Treatment of a price difference: by default, `refund`.
    settle: Option<SettlementChoice>,
    /// Method of paying a difference: by default, the one that paid the booking. A booking that the wallet paid takes no card.
    method: Option<DifferenceMethod>,
    /// Reason for the customer, for staff: one line of at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "The seat was broken.")]
    reason: Option<String>,
}

/// Treatment of a price difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettlementChoice {
    /// A higher price is paid, and a lower price is refunded.
    Pay,
    /// A lower price is refunded. A higher price is refused.
    Refund,
    /// The difference is neither paid nor returned. Only for staff.
    Waive,
}

/// Method of paying a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceMethod {
    Wallet,
    Card,
}

impl From<DifferenceMethod> for PaymentMethod {
    fn from(method: DifferenceMethod) -> Self {
        match method {
            DifferenceMethod::Wallet => Self::Wallet,
            DifferenceMethod::Card => Self::Card,
        }
    }
}

impl From<SettlementChoice> for Settlement {
    fn from(choice: SettlementChoice) -> Self {
        match choice {
            SettlementChoice::Pay => Self::Pay,
            SettlementChoice::Refund => Self::Refund,
            SettlementChoice::Waive => Self::Waive,
        }
    }
}

/// A booking that moved, or is about to.
#[derive(Serialize, ToSchema)]
pub struct MovedBooking {
    booking_id: Uuid,
    /// Number of the booking, which stays the same.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    #[schema(value_type = String, example = "confirmed")]
    status: BookingStatus,
    /// Id of the move, and of the payment or refund of a difference.
    move_id: Uuid,
    screening_id: Uuid,
    /// Seats of the booking: the new ones once it has moved.
    #[schema(value_type = Vec<String>, example = json!(["C-7", "C-8"]))]
    seats: Vec<SeatName>,
    /// Amount that counts as paid for the seats.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Difference that was paid, or is being paid; null if there is none.
    #[schema(value_type = Option<schema::Money>)]
    paid: Option<Money>,
    /// Method of the difference; null if there is none to pay.
    #[schema(value_type = Option<schema::PaymentMethod>)]
    method: Option<PaymentMethod>,
    /// Payment of the difference; null if there is none to pay.
    payment_id: Option<Uuid>,
    /// Address of the page where the difference is paid by card, while it is open.
    checkout_url: Option<String>,
    /// The new seats are kept until then for a payment by card; null otherwise.
    #[schema(value_type = Option<String>, format = DateTime)]
    pay_until: Option<Timestamp>,
    /// Refund of the difference; null if there is none.
    refund: Option<DifferenceRefund>,
    /// One per seat.
    #[schema(value_type = Vec<schema::Ticket>)]
    tickets: Vec<Ticket>,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DifferenceRefund {
    /// `requested` or `completed`.
    #[schema(value_type = String, example = "requested")]
    status: RefundStatus,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Destination of the money.
    #[schema(value_type = schema::PaymentMethod)]
    to: PaymentMethod,
}

/// Moves a paid booking to other seats, of its screening or of another screening of the show. It keeps its number and its
/// payment, and gets new tickets of the same types; the old ones are void. Customers may until the cut-off, staff until the old screening is over.
/// A difference to pay by card has a payment page: the new seats are kept, and the booking moves once the difference is paid.
///
/// # Errors
///
/// 402 `insufficient-funds`, `difference-not-paid`; 403 if a customer waives a difference or names a reason, or staff for a booking of their own; 404; 409 `seat-taken` (`seats`), `kept-for-wheelchairs` (`seats`, `until`), `difference-to-pay` (`amount`),
/// `difference-from-wallet-only` (`amount`), `sold-at-counter`, `too-late-to-cancel` (`until`), `checked-in`, `move-in-progress`,
/// `booking-closed`, `screening-cancelled`, `screening-over`, `booking-cancelled`, `not-confirmed`, `other-show`, `same-seats`,
/// `seats-changed`, `too-many-holds`, `too-many-moves`, `too-many-checkouts`, `move-given-up`, `time-changed`; 503 `payment-provider-unavailable`; 422 `unknown-seat`, `duplicate-seat`, `seat-count`, `unknown-ticket-type` if a new seat does not
/// have the ticket type of the one that it replaces, `ticket-type-limit`, `invalid` with a `ticket_type`.
#[utoipa::path(
    post,
    path = "/bookings/{id}/move",
    tag = "Booking and money",
    request_body = MoveRequest,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, description = "moved", body = MovedBooking),
        (
            status = 202,
            description = "the difference is to be paid on the page, or the move did not complete within 2 s",
            body = MovedBooking
        ),
        (status = 402, description = "`insufficient-funds`, `difference-not-paid`", body = schema::Problem, content_type = "application/problem+json"),
        schema::NotFound,
        (
            status = 409,
            description = "`seat-taken` (`seats`), `kept-for-wheelchairs` (`seats`, `until`), `difference-to-pay` (`amount`), \
                           `difference-from-wallet-only` (`amount`), \
                           `sold-at-counter`, `too-late-to-cancel` (`until`), `checked-in`, `move-in-progress`, `booking-closed`, \
                           `screening-cancelled`, `screening-over`, `booking-cancelled`, `not-confirmed`, `other-show`, \
                           `same-seats`, `seats-changed`, `too-many-holds`, `too-many-moves`, `too-many-checkouts`, \
                           `move-given-up`, `time-changed`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn move_booking(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    ids: RequestIds,
    PathId(booking): PathId<BookingId>,
    Body(body): Body<MoveRequest>,
) -> Result<(StatusCode, StreamPosition, Json<MovedBooking>), Problem> {
    caller.take(&app.edge.limiters.cancellations_per_user, app.edge.now())?;
    let seen = app.state::<Booking>(&booking, Freshness::Fresh).await?;
    let Some(opened) = seen.state.opened else {
        // Without an attempt to pay, only the screening knows it.
        let screening = app.routing.screening_of(booking).await?;
        let is_owner = customer_of(&app, screening, booking).await? == Some(caller.user);
        return Err(if is_owner { not_confirmed() } else { Problem::not_found() });
    };
    let (id, fingerprint) =
        (PaymentId(ids.id(caller.user, booking, app.edge.new_id)), ids.fingerprint(&app.edge.keys, &body));
    let MoveRequest { screening_id, seats, settle, method, reason } = body;
    let settle = settle.map_or(Settlement::Refund, Settlement::from);
    let target = screening_id.unwrap_or(opened.screening);
    let is_exception = settle == Settlement::Waive || reason.is_some();
    let by = author(&app, &caller, &opened, target, is_exception).await?;
    let reason = checked(reason.as_deref())?;
    let metadata = app.sent_by(caller.user, &trace);
    let to = if let Some(known) = opened.known_move(id) {
        known.wanted.to.clone()
    } else {
        target_of(&app, &opened, target, seats).await?
    };
    let method = method.map(PaymentMethod::from);
    let wanted = WantedMove { id, to, settle, method, by, reason, fingerprint };
    let request = Request { app: &app, booking, wanted, metadata };
    request.carry_out(&opened).await
}

/// Returns the party that moves a booking: the customer, or staff for the house. Staff may act at both venues.
async fn author(
    app: &App,
    caller: &Caller,
    opened: &Opened,
    target: ScreeningId,
    is_exception: bool,
) -> Result<CancelledBy, Problem> {
    if caller.user == opened.reservation.customer {
        // Staff are customers of their own bookings: a colleague decides about exceptions.
        return if is_exception { Err(Problem::forbidden()) } else { Ok(CancelledBy::Customer) };
    }
    if !caller.role.may(Permission::Desk) {
        // To others, the booking does not exist.
        return Err(Problem::not_found());
    }
    app.check_staff(caller, Permission::Desk, opened.screening).await?;
    if target != opened.screening {
        app.check_staff(caller, Permission::Desk, target).await?;
    }
    Ok(CancelledBy::House)
}

/// Checks a reason; `None` if only blanks are given.
fn checked(reason: Option<&str>) -> Result<Option<String>, Problem> {
    let reason = reason.and_then(tidy);
    let mut flaws = Flaws::default();
    if let Some(reason) = &reason {
        flaws.text(reason, REASON_MAX, "/reason");
    }
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))?;
    Ok(reason)
}

/// Looks up the seats, in a screening of the same show.
async fn target_of(
    app: &App,
    opened: &Opened,
    target: ScreeningId,
    seats: Vec<SeatWish>,
) -> Result<MoveTarget, Problem> {
    let wanted: Vec<WantedSeat> = seats.into_iter().map(WantedSeat::from).collect();
    if let Some(number) = wanted.iter().position(|wanted| wanted.ticket_type.is_some()) {
        let pointer = format!("/seats/{number}/ticket_type");
        return Err(Problem::invalid_value(pointer, "is that of the ticket that this seat replaces"));
    }
    let new = app.state::<Screening>(&target, Freshness::Fresh).await?.state;
    if target != opened.screening {
        let old = app.state::<Screening>(&opened.screening, Freshness::Cached).await?.state;
        let show = |screening: &Screening| screening.promise().map(|promise| promise.show);
        if show(&new).is_some() && show(&new) != show(&old) {
            let title = "The screening is of another show";
            return Err(Problem::new(StatusCode::CONFLICT, "other-show", title));
        }
    }
    let names: Vec<SeatName> = wanted.iter().map(|wanted| wanted.seat.clone()).collect();
    let mut typed = opened.typed(target, &names);
    for (typed, wanted) in typed.iter_mut().zip(&wanted) {
        typed.wheelchair = wanted.wheelchair;
    }
    new.move_target(target, &typed).map_err(Refuse::problem)
}

struct Request<'a> {
    app: &'a App,
    booking: BookingId,
    wanted: WantedMove,
    metadata: Metadata,
}

/// State of a booking with one of its moves.
type Seen = (Opened, KnownMove);

impl Request<'_> {
    async fn carry_out(
        &self,
        opened: &Opened,
    ) -> Result<(StatusCode, StreamPosition, Json<MovedBooking>), Problem> {
        let (app, id) = (self.app, self.wanted.id);
        let counted = match opened.known_move(id) {
            None => self.try_out(opened).await?,
            Some(_) => false,
        };
        let command = booking::Command::RequestMove { wanted: self.wanted.clone() };
        let with_move = move |booking: &Booking| seen_of(booking, id);
        let requested = app.execute(&self.booking, command, self.metadata.clone(), with_move).await;
        match &requested {
            Ok(_) if counted => app.open_checkouts.confirm(id),
            Err(_) if counted => app.open_checkouts.remove(id),
            Ok(_) | Err(_) => {}
        }
        let requested = requested?;
        let seen = requested.answer.ok_or_else(Problem::internal)?;
        let settled = move |seen: &AggregateState<Booking>| {
            let (opened, known) = seen_of(&seen.state, id)?;
            (known.outcome != MoveOutcome::Open).then_some((opened, known, seen.position))
        };
        let mut page = None;
        if seen.1.wanted.is_paid_by_card() && !seen.1.paid && seen.1.outcome == MoveOutcome::Open {
            // Without a page, the booking knows why.
            page = wait_for_page(app, id, requested.position).await.ok();
        }
        let (opened, known, position) = match (&seen.1.outcome, &page) {
            (MoveOutcome::Open, Some(Checkout { url: Some(_), position })) => (seen.0, seen.1, *position),
            (MoveOutcome::Open, _) => {
                let waited = wait_for(app, &self.booking, settled, Instant::now() + PATIENCE).await?;
                waited.unwrap_or((seen.0, seen.1, requested.position))
            }
            (MoveOutcome::Moved | MoveOutcome::Refused(..), _) => (seen.0, seen.1, requested.position),
        };
        let status = match &known.outcome {
            MoveOutcome::Open => StatusCode::ACCEPTED,
            MoveOutcome::Moved => StatusCode::OK,
            MoveOutcome::Refused(reason, seats) => {
                let problem = move_refused(*reason, seats).with("move_id", id);
                let problem = match known.wanted.to_pay {
                    Some(to_pay) => problem.with("amount", to_pay),
                    None => problem,
                };
                return Err(at(problem, position));
            }
        };
        let url = page.and_then(|page| page.url);
        let checkout_url = url.filter(|_| known.outcome == MoveOutcome::Open);
        let answer = MovedBooking { checkout_url, ..self.answer(&opened, &known.wanted) };
        Ok((status, StreamPosition(position), Json(answer)))
    }

    /// Checks the decisions of booking and screenings in advance, so that a mistaken request leaves nothing in the
    /// log. The saga asks them again. Returns
    /// `true` if a payment page was counted.
    async fn try_out(&self, opened: &Opened) -> Result<bool, Problem> {
        let (app, wanted, booking) = (self.app, &self.wanted, self.booking);
        let context = Context { now: self.metadata.time, policy: *app.executor.policy() };
        let state = Booking { opened: Some(opened.clone()), ..Booking::default() };
        let request = booking::Command::RequestMove { wanted: wanted.clone() };
        let events = state.decide(&request, &context).map_err(Refuse::problem)?;
        let Some(booking::Event::MoveRequested { customer, wanted, .. }) = events.into_iter().next() else {
            return Ok(false);
        };
        let old = app.state::<Screening>(&wanted.from, Freshness::Fresh).await?.state;
        let SeatMove { id, payment, ref given, ref to, by, .. } = wanted;
        let (seats, amount, quote) = (wanted.new_seats(), to.amount(), to.quote());
        let is_same = wanted.stays();
        let (given, wheelchairs, starts_at) = (given.clone(), to.wheelchairs.clone(), to.starts_at);
        let moved = |given| MovedSeats {
            booking,
            customer,
            payment,
            id,
            seats,
            wheelchairs,
            given,
            starts_at,
            amount,
            quote,
            by,
        };
        if is_same {
            let exchange = screening::Command::MoveIn(moved(Some(given)));
            old.decide(&exchange, &context).map_err(Refuse::problem)?;
            return self.count_page(&wanted, customer).await;
        }
        let begin = screening::Command::BeginMove { booking, id, seats: given };
        old.decide(&begin, &context).map_err(Refuse::problem)?;
        let new = app.state::<Screening>(&to.screening, Freshness::Fresh).await?.state;
        let enter = screening::Command::MoveIn(moved(None));
        new.decide(&enter, &context).map_err(Refuse::problem)?;
        self.count_page(&wanted, customer).await
    }

    /// Counts the payment page of a difference to pay by card. Returns `false` if there is none.
    async fn count_page(&self, wanted: &SeatMove, customer: UserId) -> Result<bool, Problem> {
        let app = self.app;
        let Some(to_pay) = wanted.to_pay.filter(|_| wanted.is_paid_by_card()) else { return Ok(false) };
        app.notices.as_ref().ok_or_else(provider_unavailable)?;
        let least = Money { amount_minor: app.executor.policy().card_min_minor, ..to_pay };
        if to_pay.amount_minor < least.amount_minor {
            return Err(too_small_for_a_card(to_pay, least));
        }
        count_checkout(app, customer, wanted.id, self.metadata.time).await?;
        Ok(true)
    }

    fn answer(&self, opened: &Opened, wanted: &SeatMove) -> MovedBooking {
        let back = opened.returns.iter().find(|back| back.id == wanted.id);
        let (to, more) = (wanted.method, opened.contributed_minor(wanted.id.0));
        let left = back.map_or(0, |back| back.amount.amount_minor) + more;
        let refunded = back.is_some_and(|back| back.refunded);
        let refund = (left > 0).then(|| DifferenceRefund {
            status: if refunded { RefundStatus::Completed } else { RefundStatus::Requested },
            amount: Money { amount_minor: left, ..opened.amount() },
            to,
        });
        MovedBooking {
            booking_id: self.booking.0,
            reference: self.booking.reference(),
            status: opened.status,
            move_id: wanted.id.0,
            screening_id: opened.screening.0,
            seats: opened.seats().map(|priced| priced.seat.clone()).collect(),
            amount: opened.amount(),
            paid: wanted.to_pay,
            method: wanted.to_pay.map(|_| wanted.difference_method()),
            payment_id: wanted.to_pay.map(|_| wanted.id.0),
            checkout_url: None,
            pay_until: wanted.pay_until,
            refund,
            tickets: opened.tickets.clone(),
        }
    }
}

fn seen_of(booking: &Booking, id: PaymentId) -> Option<Seen> {
    let opened = booking.opened.as_ref()?;
    Some((opened.clone(), opened.known_move(id)?.clone()))
}
