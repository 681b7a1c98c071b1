//! `POST /bookings`: the hot path. One token, one body, one command, one answer.

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Money, ScreeningId, SeatName,
    booking::{Booking, BookingStatus},
    pricing::WantedSeat,
    screening::{Command, Screening},
};
use ticketshow_http::{
    Body, Caller, ClientAddress, Problem, RequestIds, StreamPosition, Trace, neighbourhood,
    prices::{BillLine, TaxLine},
    schema,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::{
        live_holds::{LiveHold, count_hold},
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
/// # Errors
///
/// 404 if there is no such screening; 409 `seat-taken` (`seats`), `booking-closed`, `screening-cancelled`,
/// `too-many-holds`, `cooling-down` (`until`); 422 `unknown-seat`, `seat-count`, `duplicate-seat`, `ticket-type-missing`,
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
            description = "`seat-taken` (`seats`), `booking-closed`, `screening-cancelled`, `too-many-holds`, \
                           `cooling-down` (`until`)",
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
    let WantedSeats { screening_id: screening, seats } = body;
    let seats: Vec<WantedSeat> = seats.into_iter().map(Into::into).collect();
    let names: Vec<SeatName> = seats.iter().map(|wanted| wanted.seat.clone()).collect();
    let command = Command::ReserveSeats { booking, customer, seats, fingerprint };

    let metadata = app.sent_by(customer, &trace);
    let hold = LiveHold {
        booking,
        screening,
        customer,
        network: neighbourhood(address),
        seats: u32::try_from(names.len()).unwrap_or(u32::MAX),
    };
    count_hold(&app, &hold, metadata.time).await.inspect_err(|_| caller.give_back(quota))?;
    let screening_id = screening;
    let now = metadata.time;
    let promised = move |screening: &Screening| {
        let reserved_until = screening.claim(booking)?.reserved_until;
        Some((Hold::seen(screening, screening_id, booking, now)?, reserved_until))
    };
    let executed = app.execute(&screening, command, metadata.clone(), promised).await;
    app.live_holds.settle(&hold, executed.is_ok());
    // A customer who waits for seats that others hold leaves nothing in the log.
    let executed = executed.inspect_err(|_| caller.give_back(quota))?;

    let (hold, held_until) = executed.answer.ok_or_else(Problem::not_found)?;
    app.routing.remember(booking, screening);
    let full = RepricedBooking::new(&hold.reservation, &Booking::default());
    let lowered = carry_through(async move { Ok(app.lower(hold, &metadata).await) }).await?;
    let (position, bill) = lowered.unwrap_or((0, full));
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
