//! A booking as its customer, and an administrator, is told of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money};
use ticketshow_http::{PosterAddresses, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::told::{LocalTime, Moment, money};

/// Where a booking stands.
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

/// Seats of one screening, and what became of them.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
pub struct Booking {
    booking_id: Uuid,
    status: BookingStatus,
    show: BookedShow,
    venue: BookedVenue,
    screen: BookedScreen,
    screening: BookedScreening,
    #[schema(example = json!(["C-7", "C-8"]))]
    seats: Vec<String>,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// The seats wait for payment until then.
    held_until: Moment,
    /// The attempt that paid, else one that is open, else the latest; null before the first.
    payment: Option<BookedPayment>,
    /// Money that goes back; null if none does.
    refund: Option<BookedRefund>,
    /// What cancelling brings; null once there is nothing left to cancel.
    cancellation: Option<Cancellation>,
    /// One a seat, while the booking is confirmed.
    #[schema(value_type = Vec<schema::Ticket>)]
    tickets: Vec<BookedTicket>,
    created_at: Moment,
}

/// What is booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedShow {
    show_id: Uuid,
    title: String,
    /// Where browsers fetch its poster, at most 480 by 720 pixels; null if there is none.
    poster_url: Option<String>,
}

/// Where.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedVenue {
    venue_id: Uuid,
    name: String,
    address: Option<String>,
    city: String,
}

/// In which room.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedScreen {
    screen_id: Uuid,
    name: String,
}

/// When, in the venue's time.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedScreening {
    screening_id: Uuid,
    starts_at: LocalTime,
    ends_at: LocalTime,
    #[schema(example = "Asia/Kolkata")]
    timezone: String,
}

/// How it is paid.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedPayment {
    payment_id: Uuid,
    #[schema(value_type = schema::PaymentMethod)]
    method: String,
    /// `pending`, `captured`, `failed`, `expired`, `refunding`, `refunded` or `review`.
    #[schema(example = "captured")]
    status: String,
    /// Where it can be paid, while that waits for the customer.
    checkout_url: Option<String>,
}

/// How the money goes back: that of the payment that confirmed the booking, else of another one.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedRefund {
    /// `requested`, `attempted`, `submitted`, `failed`, `review` or `completed`.
    #[schema(example = "completed")]
    status: String,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Where it goes.
    #[schema(value_type = Option<schema::PaymentMethod>)]
    to: Option<String>,
}

/// The terms of a cancellation by the customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cancellation {
    /// Whether it would be carried out now. What is not paid yet can always be cancelled.
    possible: bool,
    /// When a paid booking ceases to be cancelled, in the venue's time; one of which a ticket was used ceases at once.
    until: LocalTime,
    /// What a paid booking gets back.
    #[schema(value_type = schema::Money)]
    refund: Money,
    /// Where it goes; null before anything is paid.
    #[schema(value_type = Option<schema::PaymentMethod>)]
    to: Option<String>,
}

/// A seat's ticket.
#[derive(Debug, Serialize)]
struct BookedTicket {
    seat: String,
    code: String,
}

/// What the tables hold of it. See `select!` of the module above.
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
    payment_method: Option<String>,
    payment_status: Option<String>,
    checkout_url: Option<String>,
    ticket_codes: Vec<String>,
    checked_in: i32,
    refund_target: Option<String>,
    refund_status: Option<String>,
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
    timezone: String,
}

impl Row {
    /// Whose it is.
    pub fn customer(&mut self) -> Customer {
        Customer::new(self.customer_id, self.email.take(), self.customer_name.take())
    }

    fn payment(&self) -> Option<BookedPayment> {
        Some(BookedPayment {
            payment_id: self.payment_id?,
            method: self.payment_method.clone()?,
            status: self.payment_status.clone()?,
            checkout_url: self.checkout_url.clone(),
        })
    }

    fn refund(&self) -> Option<BookedRefund> {
        let currency = self.refund_currency.as_ref().and_then(|code| code.parse().ok());
        Some(BookedRefund {
            status: self.refund_status.clone()?,
            amount: money(self.refund_minor?, currency.unwrap_or(self.currency)),
            to: self.refund_target.clone(),
        })
    }

    fn cancellation(&self, now: Timestamp) -> Option<Cancellation> {
        let terms = |possible, to| Cancellation {
            possible,
            until: LocalTime::new(self.cancel_until, &self.timezone),
            refund: money(self.amount_minor, self.currency),
            to,
        };
        match self.status {
            BookingStatus::Held | BookingStatus::Paying => Some(terms(true, None)),
            BookingStatus::Confirmed => {
                let possible = now < self.cancel_until.at() && self.checked_in == 0;
                Some(terms(possible, self.payment_method.clone()))
            }
            BookingStatus::Expired | BookingStatus::Cancelled | BookingStatus::Refunded => None,
        }
    }
}

impl Booking {
    /// As it is told at `now`.
    pub fn new(row: Row, now: Timestamp, posters: &PosterAddresses) -> Self {
        let (payment, refund, cancellation) = (row.payment(), row.refund(), row.cancellation(now));
        // The codes stay in the table, but once the booking is not confirmed they are void.
        let codes = if row.status == BookingStatus::Confirmed { row.ticket_codes } else { Vec::new() };
        let tickets = row.seats.iter().cloned().zip(codes);
        Self {
            booking_id: row.booking_id,
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
            tickets: tickets.map(|(seat, code)| BookedTicket { seat, code }).collect(),
            seats: row.seats,
            amount: money(row.amount_minor, row.currency),
            held_until: row.held_until,
            payment,
            refund,
            cancellation,
            created_at: row.created_at,
        }
    }
}

/// A customer, as an administrator is told of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Customer {
    user_id: Uuid,
    /// Null for one without an account: load tools make such.
    email: Option<String>,
    name: Option<String>,
}

impl Customer {
    /// Who has that id, and what their account says.
    pub fn new(user_id: Uuid, email: Option<String>, name: Option<String>) -> Self {
        Self { user_id, email, name }
    }
}
