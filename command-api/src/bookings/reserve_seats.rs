//! `POST /bookings`: the hot path, so it does as little as possible: one command, one answer.

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Money, ScreeningId, SeatName,
    booking::{Booking, BookingStatus, Discounted},
    pricing::WantedSeat,
    screening::{Command, Screening},
};
use ticketshow_http::{
    Body, Caller, ClientAddress, Problem, RequestIds, StreamPosition, Trace, neighbourhood,
    prices::{BillLine, TaxLine},
    schema,
};
use ticketshow_nats::{executor::outcome::Freshness, log::metadata::Metadata};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::{
        live_holds::{LiveHold, count_hold},
        replaced_hold::discount_to_pass,
        seat_wish::SeatWish,
    },
    machinery::app::{App, carry_through},
    promotions::use_code::{Hold, RepricedBooking, UsedPromotion},
};

/// Seats of a screening.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedSeats {
    #[schema(value_type = Uuid)]
    screening_id: ScreeningId,
    /// 1 to 10, each once: names, or names with ticket types.
    #[schema(example = json!(["A-1", {"seat": "A-2", "ticket_type": "child"}]))]
    seats: Vec<SeatWish>,
    /// Unpaid booking of the same screening that these seats replace: in one step, or not at all. They may include seats of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    replaces: Option<BookingId>,
}

/// Seats held until they are paid.
#[derive(Serialize, ToSchema)]
pub struct HeldSeats {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    #[schema(value_type = String, example = "held")]
    status: BookingStatus,
    screening_id: Uuid,
    #[schema(value_type = Vec<String>, example = json!(["A-1", "A-2"]))]
    seats: Vec<SeatName>,
    /// Offer that lowers the prices; null without one.
    promotion: Option<UsedPromotion>,
    /// One per seat.
    lines: Vec<BillLine>,
    /// Fees of the house.
    #[schema(value_type = schema::Money)]
    fees: Money,
    /// Discount on the prices.
    #[schema(value_type = schema::Money)]
    discount: Money,
    /// Tax, which is included in the amount.
    tax: Vec<TaxLine>,
    /// Prices and fees less discount.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// End of the hold. Until then the seats are reserved for the caller.
    #[schema(value_type = String, format = DateTime)]
    held_until: Timestamp,
}

/// Holds seats for the caller.
///
/// With `replaces`, they replace those of another unpaid booking, which is cancelled. The new hold ends no later than that one
/// would have, and a code that it used stays in use. After a refusal, the other booking is as it was.
///
/// # Errors
///
/// 404 if there is no such screening, or booking to replace; 409 `seat-taken` (`seats`), `kept-for-wheelchairs` (`seats`, `until`), `single-seat-left` (`seats`),
/// `booking-closed`, `screening-cancelled`, `too-many-holds`, `cooling-down` (`until`), and of the booking to replace
/// `payment-in-progress`, `already-paid`, `hold-expired`, `booking-cancelled`; 422 `unknown-seat`, `seat-count`, `duplicate-seat`, `ticket-type-missing`,
/// `unknown-ticket-type`, `ticket-type-limit`.
#[utoipa::path(
    post,
    path = "/bookings",
    tag = "Booking and money",
    request_body = WantedSeats,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = HeldSeats),
        schema::NotFound,
        (
            status = 409,
            description = "`seat-taken` (`seats`), `kept-for-wheelchairs` (`seats`, `until`), `single-seat-left` (`seats`), `booking-closed`, \
                           `screening-cancelled`, `too-many-holds`, `cooling-down` (`until`); with `replaces` also `payment-in-progress`, \
                           `already-paid`, `hold-expired`, `booking-cancelled`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn reserve_seats(
    State(app): State<App>,
    caller: Caller,
    ClientAddress(address): ClientAddress,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<WantedSeats>,
) -> Result<(StatusCode, StreamPosition, Json<HeldSeats>), Problem> {
    let quota = &app.edge.limiters.holds_per_user;
    caller.take(quota, app.edge.now())?;
    let customer = caller.user;
    let booking = BookingId(ids.scattered_id(customer, body.screening_id, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let WantedSeats { screening_id: screening, seats, replaces } = body;
    let seats: Vec<WantedSeat> = seats.into_iter().map(Into::into).collect();
    let names: Vec<SeatName> = seats.iter().map(|wanted| wanted.seat.clone()).collect();
    let command = match replaces {
        Some(replaced) => Command::ChangeHold { booking, customer, seats, replaced, fingerprint },
        None => Command::ReserveSeats { booking, customer, seats, fingerprint },
    };

    let metadata = app.sent_by(customer, &trace);
    let hold = LiveHold {
        booking,
        screening,
        customer,
        network: neighbourhood(address),
        seats: u32::try_from(names.len()).unwrap_or(u32::MAX),
        replaces,
    };
    let discount = match replaces {
        Some(replaced) => {
            discount_to_pass(&app, &hold, replaced).await.inspect_err(|_| caller.give_back(quota))?
        }
        None => None,
    };
    let counted = count_hold(&app, &hold, metadata.time).await.inspect_err(|_| caller.give_back(quota))?;
    let screening_id = screening;
    let now = metadata.time;
    let promised = move |screening: &Screening| {
        let reserved_until = screening.claim(booking)?.reserved_until;
        Some((Hold::seen(screening, screening_id, booking, now)?, reserved_until))
    };
    let executed = app.execute(&screening, command, metadata.clone(), promised).await;
    app.live_holds.settle(&hold, executed.is_ok(), counted);
    // A customer who waits for seats that others hold leaves nothing in the log.
    let executed = executed.inspect_err(|_| caller.give_back(quota))?;

    let (hold, held_until) = executed.answer.ok_or_else(Problem::not_found)?;
    app.routing.remember(booking, screening);
    let pricing = Pricing { app, hold, discount, is_new: executed.changed, metadata };
    let (position, bill) = carry_through(async move { pricing.carry_out().await }).await?;
    let held = HeldSeats {
        booking_id: booking.0,
        reference: booking.reference(),
        status: BookingStatus::Held,
        screening_id: screening.0,
        seats: names,
        promotion: bill.promotion,
        lines: bill.lines,
        fees: bill.fees,
        discount: bill.discount,
        tax: bill.tax,
        amount: bill.amount,
        held_until,
    };
    Ok((StatusCode::CREATED, StreamPosition(executed.position.max(position)), Json(held)))
}

/// The prices of a hold.
struct Pricing {
    app: App,
    hold: Hold,
    /// Discount of the hold that this one replaces.
    discount: Option<Discounted>,
    /// `false` for a repeated request.
    is_new: bool,
    metadata: Metadata,
}

impl Pricing {
    /// Lowers the prices, unless that was done before: the customer may have used a code since.
    async fn carry_out(self) -> Result<(u64, RepricedBooking), Problem> {
        let Self { app, hold, discount, is_new, metadata } = self;
        let booking = hold.reservation.booking;
        if !is_new {
            let seen = app.state::<Booking>(&booking, Freshness::Fresh).await?;
            if seen.state.discounted.is_some() {
                return Ok((seen.position, RepricedBooking::new(&hold.reservation, &seen.state)));
            }
        }
        let full = RepricedBooking::new(&hold.reservation, &Booking::default());
        Ok(app.lower(hold, discount.as_ref(), &metadata).await?.unwrap_or((0, full)))
    }
}
