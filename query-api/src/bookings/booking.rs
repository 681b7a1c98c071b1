//! A booking, as customers and administrators see it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json};
use ticketshow_domain::{
    BookingId, BookingReference, Currency, Money,
    booking::{CancelledBy, PaymentMethod},
    hold::PricedSeat,
    pricing::{CancellationRule, Charges, Terms, refund_minor},
    seat_return::RefundWay,
};
use ticketshow_http::{
    PosterAddresses,
    prices::{Bill, BillLine, TaxLine},
    schema,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::{
        booked_promotion::{AppliedPromotion, BookedPromotion},
        booked_ticket::BookedTicket,
    },
    machinery::{
        formatting::{LocalTime, Moment, money},
        word::Word,
    },
    money::payment::{PaymentStatus, RefundStatus},
};

/// Status of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum BookingStatus {
    Held,
    Paying,
    Confirmed,
    Expired,
    Cancelled,
    Refunded,
}

/// Seats of one screening, booked together by one customer.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
pub struct Booking {
    booking_id: Uuid,
    /// Number of the booking, for people. Rarely, two bookings have the same.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    status: BookingStatus,
    show: BookedShow,
    venue: BookedVenue,
    screen: BookedScreen,
    screening: BookedScreening,
    #[schema(example = json!(["C-7", "C-8"]))]
    seats: Vec<String>,
    /// One per seat. None for a hold of an older version that nobody began to pay.
    lines: Vec<BillLine>,
    /// Fees of the house.
    #[schema(value_type = schema::Money)]
    fees: Money,
    /// Discount on the prices.
    #[schema(value_type = schema::Money)]
    discount: Money,
    /// Where the discount comes from; null without one.
    promotion: Option<BookedPromotion>,
    /// Tax, which is included in the amount.
    tax: Vec<TaxLine>,
    /// Prices of these seats and fees, less discount.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// End of the hold: payment is due by this time.
    held_until: Moment,
    /// The payment that confirmed the booking, else the open one, else the latest; null before the first attempt.
    payment: Option<BookedPayment>,
    /// The refund; null if there is none.
    refund: Option<BookedRefund>,
    /// Seats that were given back while the rest of the booking stayed, oldest first; without seats, the difference that a move to
    /// cheaper seats left.
    returns: Vec<ReturnedSeats>,
    /// The cancellation that ended the booking; null if there was none.
    cancelled: Option<CancellationMade>,
    /// Terms of a cancellation; null once the booking can no longer be cancelled.
    cancellation: Option<Cancellation>,
    /// Earlier times and screens of the screening that the customer was written about, oldest first.
    reschedulings: Vec<Rescheduled>,
    /// One ticket per seat, while the booking is confirmed.
    tickets: Vec<BookedTicket>,
    created_at: Moment,
}

/// The booked show.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedShow {
    show_id: Uuid,
    title: String,
    /// Address of the poster, at most 480 by 720 pixels; null if there is none.
    poster_url: Option<String>,
}

/// The venue of the screening.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedVenue {
    venue_id: Uuid,
    name: String,
    address: Option<String>,
    city: String,
}

/// The screen, as it was named when the screening was scheduled.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedScreen {
    screen_id: Uuid,
    name: String,
}

/// The screening, with times in the venue's time zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedScreening {
    screening_id: Uuid,
    starts_at: LocalTime,
    ends_at: LocalTime,
    #[schema(example = "Asia/Kolkata")]
    timezone: String,
}

/// A payment of the booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedPayment {
    payment_id: Uuid,
    #[schema(value_type = schema::PaymentMethod)]
    method: Word<PaymentMethod>,
    /// `pending`, `captured`, `failed`, `expired`, `refunding`, `refunded` or `review`.
    #[schema(value_type = String, example = "captured")]
    status: PaymentStatus,
    /// Address of the payment page, while the payment is pending.
    checkout_url: Option<String>,
}

/// The refund of the payment that confirmed the booking, else of another payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedRefund {
    /// `requested`, `attempted`, `submitted`, `failed`, `review` or `completed`.
    #[schema(value_type = String, example = "completed")]
    status: RefundStatus,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Destination of the money.
    #[schema(value_type = Option<schema::PaymentMethod>)]
    to: Option<Word<PaymentMethod>>,
}

/// Seats of the booking that were given back together.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnedSeats {
    /// Id of the return, and of its refund.
    return_id: Uuid,
    #[schema(example = json!(["C-7"]))]
    seats: Vec<String>,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// `customer` or `house`.
    #[schema(value_type = String, example = "customer")]
    by: CancelledBy,
    reason: Option<String>,
    returned_at: LocalTime,
    /// The refund of these seats; null if the house keeps their price.
    refund: Option<BookedRefund>,
}

/// Seats that were given back, as the table keeps them.
#[derive(Deserialize)]
struct Returned {
    id: Uuid,
    seats: Vec<String>,
    amount_minor: i64,
    by: CancelledBy,
    refund: RefundWay,
    reason: Option<String>,
    at: Timestamp,
    target: Option<PaymentMethod>,
}

/// Time and screen before the house changed the screening.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rescheduled {
    /// Id of the change.
    change_id: Uuid,
    /// Start before the change.
    starts_at: LocalTime,
    /// Name of the screen before the change.
    #[schema(example = "Screen 2")]
    screen: String,
    changed_at: LocalTime,
}

/// A change of the screening, as the table keeps it.
#[derive(Deserialize)]
struct Before {
    change: Uuid,
    starts_at: Timestamp,
    screen: String,
    at: Timestamp,
}

/// A cancellation that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancellationMade {
    /// `customer` or `house`.
    #[schema(value_type = String, example = "house")]
    by: Word<CancelledBy>,
    /// Reason that staff gave to the customer.
    reason: Option<String>,
}

/// The terms of a cancellation by the customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cancellation {
    /// True if the customer can cancel now. An unpaid booking can always be cancelled.
    possible: bool,
    /// Deadline for cancelling a paid booking, in the venue's time zone. Once a ticket was used, the booking cannot be
    /// cancelled.
    until: LocalTime,
    /// Amount refunded for a paid booking: the prices of its seats, without fees and less `fee`.
    #[schema(value_type = schema::Money)]
    refund: Money,
    /// What the house keeps for the cancellation.
    #[schema(value_type = schema::Money)]
    fee: Money,
    /// Destination of the refund; null before the booking is paid.
    #[schema(value_type = Option<schema::PaymentMethod>)]
    to: Option<Word<PaymentMethod>>,
}

/// A row of `select_bookings!`, with its show, screening, latest payment and refund.
#[derive(FromRow)]
pub struct Row {
    pub booking_id: Uuid,
    status: BookingStatus,
    seats: Vec<String>,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    held_until: Moment,
    payment_id: Option<Uuid>,
    payment_method: Option<Word<PaymentMethod>>,
    payment_status: Option<PaymentStatus>,
    checkout_url: Option<String>,
    ticket_codes: Vec<String>,
    checked_in: i32,
    returns: Json<Vec<Returned>>,
    reschedulings: Json<Vec<Before>>,
    cancelled_by: Option<Word<CancelledBy>>,
    cancel_reason: Option<String>,
    refund_target: Option<Word<PaymentMethod>>,
    refund_status: Option<RefundStatus>,
    refund_minor: Option<i64>,
    refund_currency: Option<String>,
    pub created_at: Moment,
    customer_id: Uuid,
    email: Option<String>,
    customer_name: Option<String>,
    show_id: Uuid,
    show_title: String,
    poster_card: Option<String>,
    venue_id: Uuid,
    venue_name: String,
    address: Option<String>,
    city: String,
    screen_id: Uuid,
    screen_name: String,
    screening_id: Uuid,
    starts_at: Moment,
    ends_at: Moment,
    cancel_until: Moment,
    free_until: Option<Moment>,
    timezone: String,
    terms: Json<Terms>,
    lines: Option<Json<Vec<PricedSeat>>>,
    charges: Option<Json<Charges>>,
    promotion: Option<Json<AppliedPromotion>>,
    promotion_name: Option<String>,
    /// Levels of the rows of the seats, in a room with more than one.
    levels: Option<Json<BTreeMap<String, String>>>,
}

impl Row {
    fn tickets(&self) -> Vec<BookedTicket> {
        // The table keeps the codes of bookings that are no longer confirmed, but they are void.
        let codes: &[String] = if self.status == BookingStatus::Confirmed { &self.ticket_codes } else { &[] };
        BookedTicket::list(&self.seats, codes, self.levels.as_ref().map(|levels| &levels.0))
    }

    /// Takes the customer out of the row.
    pub fn customer(&mut self) -> Customer {
        Customer::new(self.customer_id, self.email.take(), self.customer_name.take())
    }

    fn payment(&self) -> Option<BookedPayment> {
        Some(BookedPayment {
            payment_id: self.payment_id?,
            method: self.payment_method?,
            status: self.payment_status?,
            checkout_url: self.checkout_url.clone(),
        })
    }

    fn refund(&self) -> Option<BookedRefund> {
        let currency = self.refund_currency.as_ref().and_then(|code| code.parse().ok());
        Some(BookedRefund {
            status: self.refund_status?,
            amount: money(self.refund_minor?, currency.unwrap_or(self.currency)),
            to: self.refund_target,
        })
    }

    fn returns(&self) -> Vec<ReturnedSeats> {
        let method = self.payment_method.map_or(PaymentMethod::Wallet, |Word(method)| method);
        let view = |returned: &Returned| {
            let amount = money(returned.amount_minor, self.currency);
            let status =
                if returned.target.is_some() { RefundStatus::Completed } else { RefundStatus::Requested };
            let refund = returned.refund.destination(method).map(|due| BookedRefund {
                status,
                amount,
                to: Some(Word(returned.target.unwrap_or(due))),
            });
            ReturnedSeats {
                return_id: returned.id,
                seats: returned.seats.clone(),
                amount,
                by: returned.by,
                reason: returned.reason.clone(),
                returned_at: LocalTime::new(Moment::from(returned.at), &self.timezone),
                refund,
            }
        };
        self.returns.iter().map(view).collect()
    }

    /// The prices of the seats that were not given back.
    fn lines(&self) -> Vec<PricedSeat> {
        let is_left = |line: &&PricedSeat| self.seats.contains(&line.seat.0);
        self.lines.iter().flat_map(|lines| lines.iter()).filter(is_left).cloned().collect()
    }

    fn reschedulings(&self) -> Vec<Rescheduled> {
        let time = |moment: Timestamp| LocalTime::new(Moment::from(moment), &self.timezone);
        let view = |before: &Before| Rescheduled {
            change_id: before.change,
            starts_at: time(before.starts_at),
            screen: before.screen.clone(),
            changed_at: time(before.at),
        };
        self.reschedulings.iter().map(view).collect()
    }

    fn cancellation(&self, now: Timestamp) -> Option<Cancellation> {
        let lines = self.lines();
        let is_free = self.free_until.is_some_and(|free_until| now < free_until.timestamp());
        let (fee_minor, refund_minor) = if is_free {
            (0, self.amount_minor)
        } else {
            let fee_minor = self.terms.cancellation.map_or(0, CancellationRule::fee_minor);
            let priced = (!lines.is_empty()).then(|| refund_minor(&lines, fee_minor));
            (fee_minor, priced.unwrap_or(self.amount_minor))
        };
        let terms = |possible, to| Cancellation {
            possible,
            until: LocalTime::new(self.cancel_until, &self.timezone),
            refund: money(refund_minor, self.currency),
            fee: money(fee_minor, self.currency),
            to,
        };
        match self.status {
            BookingStatus::Held | BookingStatus::Paying => Some(terms(true, None)),
            BookingStatus::Confirmed => {
                let possible = now < self.cancel_until.timestamp() && self.checked_in == 0;
                Some(terms(possible, self.payment_method))
            }
            BookingStatus::Expired | BookingStatus::Cancelled | BookingStatus::Refunded => None,
        }
    }
}

impl Booking {
    /// Builds the booking as of `now`, which decides if it can still be cancelled.
    pub fn new(row: Row, now: Timestamp, posters: &PosterAddresses) -> Self {
        let (payment, refund, cancellation) = (row.payment(), row.refund(), row.cancellation(now));
        let charges = row.charges.as_ref().map(|charges| charges.0.clone()).unwrap_or_default();
        let bill = Bill::new(row.lines(), &charges, row.currency);
        let (returns, reschedulings, tickets) = (row.returns(), row.reschedulings(), row.tickets());
        let reason = row.cancel_reason;
        let cancelled = row.cancelled_by.map(|by| CancellationMade { by, reason });
        Self {
            booking_id: row.booking_id,
            reference: BookingId(row.booking_id).reference(),
            status: row.status,
            show: BookedShow {
                show_id: row.show_id,
                title: row.show_title,
                poster_url: posters.of(row.poster_card.as_deref()),
            },
            venue: BookedVenue {
                venue_id: row.venue_id,
                name: row.venue_name,
                address: row.address,
                city: row.city,
            },
            screen: BookedScreen { screen_id: row.screen_id, name: row.screen_name },
            screening: BookedScreening {
                screening_id: row.screening_id,
                starts_at: LocalTime::new(row.starts_at, &row.timezone),
                ends_at: LocalTime::new(row.ends_at, &row.timezone),
                timezone: row.timezone,
            },
            tickets,
            seats: row.seats,
            lines: bill.lines,
            fees: bill.fees,
            discount: bill.discount,
            promotion: row.promotion.map(|Json(used)| used.named(row.promotion_name)),
            tax: bill.tax,
            amount: money(row.amount_minor, row.currency),
            held_until: row.held_until,
            payment,
            refund,
            returns,
            reschedulings,
            cancelled,
            cancellation,
            created_at: row.created_at,
        }
    }
}

/// A customer, as administrators see them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Customer {
    user_id: Uuid,
    /// Null if the customer has no account, as in load tests.
    email: Option<String>,
    name: Option<String>,
}

impl Customer {
    pub fn new(user_id: Uuid, email: Option<String>, name: Option<String>) -> Self {
        Self { user_id, email, name }
    }
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::booking::BookingStatus as DomainStatus;

    use super::*;

    fn published(status: DomainStatus) -> BookingStatus {
        match status {
            DomainStatus::Held => BookingStatus::Held,
            DomainStatus::Paying => BookingStatus::Paying,
            DomainStatus::Confirmed => BookingStatus::Confirmed,
            DomainStatus::Expired => BookingStatus::Expired,
            DomainStatus::Cancelled => BookingStatus::Cancelled,
            DomainStatus::Refunded => BookingStatus::Refunded,
        }
    }

    #[test]
    fn the_api_spells_statuses_as_the_domain_does() {
        use DomainStatus::{Cancelled, Confirmed, Expired, Held, Paying, Refunded};
        for status in [Held, Paying, Confirmed, Expired, Cancelled, Refunded] {
            let (ours, theirs) = (serde_json::to_value(published(status)), serde_json::to_value(status));
            assert_eq!(ours.unwrap(), theirs.unwrap());
        }
    }
}
