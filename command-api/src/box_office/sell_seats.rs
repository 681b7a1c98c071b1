//! `POST /box-office/sales`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Fingerprint, Flaws, Money, PaymentId, PromotionId, ScreeningId, SeatName,
    UserId,
    account::{Account, is_address},
    booking::{BookingStatus, PaymentMethod, Ticket},
    counter::{Buyer, CounterSale, CounterSeat},
    hold::Reservation,
    pricing::TicketType,
    screening::{Command, Screening},
    tidy,
};
use ticketshow_http::{
    Body, Caller, Problem, RequestIds, StreamPosition, Trace, normalise_email,
    prices::{Bill, BillLine, TaxLine},
    schema,
};
use ticketshow_nats::{executor::outcome::Freshness, log::metadata::Metadata};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    box_office::{complete_sale::Sold, quote_sale::UseOf},
    machinery::{
        app::{App, carry_through},
        authority::StaffSomewhere,
    },
};

/// Payment method at the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CounterMethod {
    /// Into the caller's open till.
    Cash,
    /// On a card machine of the house.
    CardTerminal,
    /// By UPI, to a code of the house.
    Upi,
    /// Free of charge, with a reason.
    Complimentary,
}

impl From<CounterMethod> for PaymentMethod {
    fn from(method: CounterMethod) -> Self {
        match method {
            CounterMethod::Cash => Self::Cash,
            CounterMethod::CardTerminal => Self::CardTerminal,
            CounterMethod::Upi => Self::Upi,
            CounterMethod::Complimentary => Self::Complimentary,
        }
    }
}

/// Seats that are sold at the counter.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedSale {
    #[schema(value_type = Uuid)]
    screening_id: ScreeningId,
    /// 1 to 100, each once.
    seats: Vec<WantedCounterSeat>,
    method: CounterMethod,
    /// Required for complimentary tickets, 1 to 200 characters.
    #[schema(example = "Press")]
    reason: Option<String>,
    /// The buyer, as far as known. If the address has an account, the booking is in it.
    customer: Option<WantedBuyer>,
    /// The promotion of the quote (`POST /box-office/quotes`) that lowers the prices. Not for complimentary tickets.
    #[schema(value_type = Option<Uuid>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    promotion_id: Option<PromotionId>,
    /// The amount that the seller read, with `promotion_id`.
    #[schema(value_type = Option<schema::Money>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
}

/// A seat that is sold at the counter.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedCounterSeat {
    #[schema(value_type = String, example = "A-1")]
    seat: SeatName,
    /// `standard` or the only type of the seat, if it is left out.
    #[schema(value_type = Option<String>, example = "adult")]
    ticket_type: Option<TicketType>,
    /// The block that the seat is taken from, if the house keeps it back.
    block_id: Option<Uuid>,
}

impl From<WantedCounterSeat> for CounterSeat {
    fn from(WantedCounterSeat { seat, ticket_type, block_id: block }: WantedCounterSeat) -> Self {
        Self { seat, block, ticket_type }
    }
}

/// The buyer, as far as known.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedBuyer {
    #[schema(max_length = 100)]
    name: Option<String>,
    /// The tickets are mailed to it.
    email: Option<String>,
    #[schema(max_length = 30, example = "+91 98200 12345")]
    phone: Option<String>,
}

/// A booking that was sold at the counter.
#[derive(Serialize, ToSchema)]
pub struct SoldBooking {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    #[schema(value_type = String, example = "confirmed")]
    status: BookingStatus,
    screening_id: Uuid,
    #[schema(value_type = Vec<String>, example = json!(["A-1", "A-2"]))]
    seats: Vec<SeatName>,
    payment_id: Uuid,
    #[schema(value_type = schema::PaymentMethod)]
    method: PaymentMethod,
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
    /// Prices and fees; nothing for complimentary tickets.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// The session of the till that the sale belongs to; null if none was open.
    till_id: Option<Uuid>,
    /// One per seat.
    #[schema(value_type = Vec<schema::Ticket>)]
    tickets: Vec<Ticket>,
}

/// Sells seats at the counter, at once: there is no hold. Seats that the house keeps back are sold if their block is named.
/// Possible until the end of the screening. A promotion lowers the prices if the sale names it; its use returns when the booking ends.
///
/// # Errors
///
/// 404, `unknown-code`; 409 `seat-taken` (`seats`), `no-open-till` (cash), `screening-over`, `screening-cancelled`, `code-used-up`,
/// `code-not-valid`, `amount-changed`; 422 `unknown-seat`, `seat-count`, `duplicate-seat`, `ticket-type-missing`,
/// `unknown-ticket-type`, `ticket-type-limit`, or for a wrong value.
#[utoipa::path(
    post,
    path = "/box-office/sales",
    tag = "Box office",
    request_body = WantedSale,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = SoldBooking),
        schema::NotFound,
        (
            status = 409,
            description = "`seat-taken` (`seats`), `no-open-till`, `screening-over`, `screening-cancelled`, `code-used-up`, \
                           `code-not-valid`, `amount-changed`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn sell_seats(
    State(app): State<App>,
    seller: StaffSomewhere,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<WantedSale>,
) -> Result<(StatusCode, StreamPosition, Json<SoldBooking>), Problem> {
    body.check()?;
    let screening = body.screening_id;
    seller.check_screening(&app, screening).await?;
    let caller = seller.caller;
    let booking = BookingId(ids.scattered_id(caller.user, screening, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let metadata = app.sent_by(caller.user, &trace);
    let request = SaleRequest { app, caller, screening, booking, metadata };
    let (position, reservation, sale, tickets) =
        carry_through(async move { request.carry_out(body, fingerprint).await }).await?;
    let bill = Bill::new(reservation.seats.clone(), &reservation.charges, reservation.amount.currency);
    let sold = SoldBooking {
        booking_id: booking.0,
        reference: booking.reference(),
        status: BookingStatus::Confirmed,
        screening_id: screening.0,
        seats: reservation.seats.iter().map(|priced| priced.seat.clone()).collect(),
        lines: bill.lines,
        fees: bill.fees,
        discount: bill.discount,
        tax: bill.tax,
        payment_id: sale.payment.0,
        method: sale.method,
        amount: reservation.amount,
        till_id: sale.till.map(|till| till.0),
        tickets,
    };
    Ok((StatusCode::CREATED, StreamPosition(position), Json(sold)))
}

impl WantedSale {
    /// Reports what the domain does not check.
    fn check(&self) -> Result<(), Problem> {
        let mut flaws = Flaws::default();
        if let Some(WantedBuyer { name, email, phone }) = &self.customer {
            if let Some(name) = name.as_deref().and_then(tidy) {
                flaws.text(&name, 100, "/customer/name");
            }
            if let Some(email) = email.as_deref().and_then(tidy) {
                let valid = is_address(&normalise_email(&email));
                flaws.unless(valid, "/customer/email", "must be an e-mail address");
            }
            if let Some(phone) = phone.as_deref().and_then(tidy) {
                flaws.unless(is_phone(&phone), "/customer/phone", "must be a telephone number");
            }
        }
        let is_free = self.method == CounterMethod::Complimentary;
        let message = "does not go with complimentary tickets";
        flaws.unless(!is_free || self.promotion_id.is_none(), "/promotion_id", message);
        flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))
    }
}

/// Returns `true` for 5 to 30 digits, blanks and signs that telephone numbers are written with.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (5..=30).contains(&text.len())
        && digits >= 5
        && text.bytes().all(|b| b.is_ascii_digit() || b"+-/(). ".contains(&b))
}

struct SaleRequest {
    app: App,
    caller: Caller,
    screening: ScreeningId,
    booking: BookingId,
    metadata: Metadata,
}

impl SaleRequest {
    /// Sells the seats, and returns the sale: of the first call, if this repeats it.
    async fn carry_out(
        self,
        body: WantedSale,
        fingerprint: Option<Fingerprint>,
    ) -> Result<(u64, Reservation, CounterSale, Vec<Ticket>), Problem> {
        let Self { app, screening, booking, metadata, .. } = &self;
        let (screening, booking) = (*screening, *booking);
        let WantedSale { seats, method, reason, customer, promotion_id: promotion, amount, .. } = body;
        let (customer, sale) = self.sale(method.into(), reason, customer).await?;
        let seats: Vec<CounterSeat> = seats.into_iter().map(Into::into).collect();
        let discount = match promotion {
            Some(promotion) => {
                let of = UseOf { booking, customer, now: metadata.time };
                app.take_use_for_sale(promotion, screening, &seats, of, amount, metadata).await?
            }
            None => None,
        };
        let taken = promotion.filter(|_| discount.is_some());
        let command = match discount {
            Some(discount) => {
                Command::SellDiscounted { booking, customer, seats, sale, fingerprint, discount }
            }
            None => Command::SellAtCounter { booking, customer, seats, sale, fingerprint },
        };
        let sold = move |state: &Screening| Sold::of(state, screening, booking);
        let executed = match app.execute(&screening, command, metadata.clone(), sold).await {
            Ok(executed) => executed,
            Err(problem) => {
                // A sale whose answer was lost keeps its use, until that lapses or is counted.
                if let Some(promotion) = taken.filter(|_| problem.status().is_client_error())
                    && let Err(failure) = self.return_unsold_use(promotion).await
                {
                    tracing::warn!(?failure, %promotion, %booking, "a use was not returned: it lapses");
                }
                return Err(problem);
            }
        };
        let sold = executed.answer.ok_or_else(Problem::internal)?.lowered_by(promotion);
        app.routing.remember(booking, screening);
        let sale = sold.sale.clone();
        let (reservation, tickets, position) = app.complete_sale(sold, metadata).await?;
        Ok((position.max(executed.position), reservation, sale, tickets))
    }

    /// Returns the use that was taken for a sale, unless the booking was sold by another request with the same key: the use is then
    /// that of the other one.
    async fn return_unsold_use(&self, promotion: PromotionId) -> Result<(), Problem> {
        let Self { app, screening, booking, metadata, .. } = self;
        let seen = app.state::<Screening>(screening, Freshness::Fresh).await?;
        if seen.state.counter_sale(*booking).is_none() {
            app.return_use(promotion, *booking, metadata).await?;
        }
        Ok(())
    }

    /// Returns the customer and the facts of the sale.
    async fn sale(
        &self,
        method: PaymentMethod,
        reason: Option<String>,
        buyer: Option<WantedBuyer>,
    ) -> Result<(UserId, CounterSale), Problem> {
        let till = self.app.open_till_of(self.caller.user).await?;
        let payment = PaymentId((self.app.edge.new_id)());
        let (customer, buyer) = self.buyer(buyer).await?;
        Ok((customer, CounterSale { payment, method, till, by: self.caller.user, reason, buyer }))
    }

    /// Returns the account with the buyer's address, else a person of their own, and what the buyer said, sealed with the key of
    /// that person.
    async fn buyer(&self, wanted: Option<WantedBuyer>) -> Result<(UserId, Buyer), Problem> {
        let app = &self.app;
        // The id of the booking names a walk-in too, so that a repeat that failed leaves no second key.
        let walk_in = UserId(self.booking.0);
        let Some(WantedBuyer { name, email, phone }) = wanted else { return Ok((walk_in, Buyer::default())) };
        // A repeat changes nothing, and the key of the buyer may be destroyed by now.
        let seen = app.state::<Screening>(&self.screening, Freshness::Fresh).await?;
        if seen.state.counter_sale(self.booking).is_some() {
            return Ok((walk_in, Buyer::default()));
        }
        let email = email.as_deref().and_then(tidy).map(|email| normalise_email(&email));
        let customer = match &email {
            Some(email) => {
                let account = app.account_of(email).await?;
                let seen = app.state::<Account>(&account, Freshness::Fresh).await?;
                seen.state.profile.map_or(walk_in, |profile| profile.user)
            }
            None => walk_in,
        };
        let sealed = async |text: Option<String>| match text {
            Some(text) => app.seal(customer, &text).await.map(Some),
            None => Ok(None),
        };
        let tidied = |text: Option<String>| text.as_deref().and_then(tidy);
        let buyer = Buyer {
            name: sealed(tidied(name)).await?,
            email: sealed(email).await?,
            phone: sealed(tidied(phone)).await?,
        };
        Ok((customer, buyer))
    }
}
