//! `GET /bookings`, `GET /bookings/{id}`

use axum::Json;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{BookingId, Currency, Money};
use ticketshow_http::{Caller, Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    catalogue::CallForOne,
    page::{Page, Paging},
    reading::{Reading, Select},
    told::{LocalTime, Moment, money},
};

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
    /// The attempt that paid, else the latest; null before the first.
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
    #[schema(value_type = Option<schema::PaymentMethod>)]
    method: Option<String>,
    /// `pending`, `captured`, `failed`, `expired`, `refunding`, `refunded` or `review`.
    #[schema(value_type = Option<String>, example = "captured")]
    status: Option<String>,
}

/// How the money goes back.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedRefund {
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
    /// In the venue's time.
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

#[derive(FromRow)]
struct Row {
    booking_id: Uuid,
    status: BookingStatus,
    seats: Vec<String>,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    held_until: Moment,
    payment_id: Option<Uuid>,
    payment_method: Option<String>,
    payment_status: Option<String>,
    ticket_codes: Vec<String>,
    refund_target: Option<String>,
    refund_status: Option<String>,
    created_at: Moment,
    show_id: Uuid,
    show_title: String,
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

impl From<Row> for Booking {
    fn from(row: Row) -> Self {
        let amount = money(row.amount_minor, row.currency);
        let cancellation = row.status.can_be_cancelled().then(|| Cancellation {
            until: LocalTime::new(row.cancel_until, &row.timezone),
            refund: amount,
            to: row.payment_method.clone(),
        });
        // The codes stay in the table, but once the booking is not confirmed they are void.
        let codes = if row.status == BookingStatus::Confirmed { row.ticket_codes } else { Vec::new() };
        let tickets = row.seats.iter().cloned().zip(codes);
        Self {
            booking_id: row.booking_id,
            status: row.status,
            show: BookedShow { show_id: row.show_id, title: row.show_title },
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
            amount,
            held_until: row.held_until,
            payment: row.payment_id.map(|payment_id| BookedPayment {
                payment_id,
                method: row.payment_method,
                status: row.payment_status,
            }),
            refund: row.refund_status.map(|status| BookedRefund { status, amount, to: row.refund_target }),
            cancellation,
            created_at: row.created_at,
        }
    }
}

impl BookingStatus {
    fn can_be_cancelled(self) -> bool {
        match self {
            Self::Held | Self::Paying | Self::Confirmed => true,
            Self::Expired | Self::Cancelled | Self::Refunded => false,
        }
    }
}

/// Which bookings.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BookingFilter {
    /// Those that stand there.
    #[param(inline)]
    status: Option<BookingStatus>,
}

/// Names are those of the promise; the address is that of today.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT b.booking_id, b.status, b.seats, b.amount_minor, b.currency, b.held_until, b.payment_id,
                    b.payment_method, b.payment_status, b.ticket_codes, b.refund_target, b.refund_status, b.created_at,
                    p.show_id, p.show_title, p.venue_id, p.venue_name, v.address, p.city, p.screen_id, p.screen_name,
                    p.screening_id, p.starts_at, p.ends_at, p.cancel_until, p.timezone
             FROM bookings b JOIN screenings p ON p.screening_id = b.screening_id
             LEFT JOIN venues v ON v.venue_id = p.venue_id ",
            $rest
        )
    };
}

/// The caller's bookings, newest first.
///
/// # Errors
///
/// 401 without a token.
#[utoipa::path(
    get,
    path = "/bookings",
    tag = "Booking and money",
    params(BookingFilter, Paging),
    responses((status = 200, body = Page<Booking>), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn list_bookings(
    caller: Caller,
    Params(filter): Params<BookingFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Booking>>, Problem> {
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(select!(
        "WHERE b.customer_id = $1
           AND ($2::text IS NULL OR b.status = $2)
           AND ($3::timestamptz IS NULL OR b.created_at <= $3 AND (b.created_at < $3 OR b.booking_id > $4::uuid))
         ORDER BY b.created_at DESC, b.booking_id LIMIT $5"
    ));
    let select =
        select.bind(caller.user.0).bind(filter.status).bind(before).bind(after_id).bind(paging.rows());
    let rows = reading.all(select).await?;
    Ok(Json(Page::new(rows, &paging, |row| (row.created_at, row.booking_id)).map(Booking::from)))
}

/// One of the caller's bookings.
///
/// # Errors
///
/// 404 if there is no such booking, or it is somebody else's.
#[utoipa::path(
    get,
    path = "/bookings/{id}",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Booking), CallForOne, schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn get_booking(
    caller: Caller,
    PathId(booking): PathId<BookingId>,
    mut reading: Reading,
) -> Result<Json<Booking>, Problem> {
    let select: Select<Row> = sqlx::query_as(select!("WHERE b.booking_id = $1 AND b.customer_id = $2"));
    Ok(Json(reading.one(select.bind(booking.0).bind(caller.user.0)).await?.into()))
}
