//! A booking, as customers and administrators see it.

mod open_move;
mod refund_parts;
mod row;

use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingReference, Money,
    booking::{CancelledBy, PaymentMethod},
};
use ticketshow_http::{
    prices::{BillLine, TaxLine},
    schema,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::{booked_promotion::BookedPromotion, booked_ticket::BookedTicket},
    machinery::{
        formatting::{LocalTime, Moment},
        word::Word,
    },
    money::payment::{PaymentStatus, RefundStatus},
};
pub use open_move::OpenMove;
pub use refund_parts::RefundPart;
pub use row::Row;

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
    /// Source of the discount; null without one.
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
    /// The move that waits for a payment by card; null if there is none.
    open_move: Option<OpenMove>,
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
    /// Charge for the cancellation, which the house keeps.
    #[schema(value_type = schema::Money)]
    fee: Money,
    /// Destination of the refund, or of its first part; null before the booking is paid.
    #[schema(value_type = Option<schema::PaymentMethod>)]
    to: Option<Word<PaymentMethod>>,
    /// Shares of the payments in the refund, that which bought the booking first; left out if only one payment has money in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<RefundPart>,
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
