//! `GET /box-office/refunds`

use axum::Json;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{BookingId, BookingReference, Currency, Money, booking::PaymentMethod};
use ticketshow_http::{Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    authority::Staff,
    formatting::{LocalTime, Moment, money},
    page::{Page, Paging},
    reading::{Reading, Select},
    word::Word,
};

/// Money of a cancelled booking that waits at the counter for its owner.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwedRefund {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Method of the sale.
    #[schema(value_type = schema::PaymentMethod)]
    method: Word<PaymentMethod>,
    /// Name that the buyer gave; null if none.
    name: Option<String>,
    show: String,
    venue: String,
    starts_at: LocalTime,
    #[schema(example = json!(["C-7", "C-8"]))]
    seats: Vec<String>,
    requested_at: Moment,
}

#[derive(FromRow)]
struct Row {
    booking_id: Uuid,
    payment_id: Uuid,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    method: Word<PaymentMethod>,
    name: Option<String>,
    show_title: String,
    venue_name: String,
    starts_at: Moment,
    timezone: String,
    seats: Vec<String>,
    refund_requested_at: Moment,
}

impl From<Row> for OwedRefund {
    fn from(row: Row) -> Self {
        Self {
            booking_id: row.booking_id,
            reference: BookingId(row.booking_id).reference(),
            amount: money(row.amount_minor, row.currency),
            method: row.method,
            name: row.name,
            show: row.show_title,
            venue: row.venue_name,
            starts_at: LocalTime::new(row.starts_at, &row.timezone),
            seats: row.seats,
            requested_at: row.refund_requested_at,
        }
    }
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwedFilter {
    /// Bookings at this venue. Staff of some venues only have to name one of theirs.
    venue_id: Option<Uuid>,
}

/// Lists the money that waits at the counter, oldest first: of bookings that were sold there and cancelled since. It is handed
/// back by `POST /box-office/refunds`.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/box-office/refunds",
    tag = "Box office",
    params(OwedFilter, Paging),
    responses((status = 200, body = Page<OwedRefund>), schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn list_owed(
    _admitted: Staff,
    Params(OwedFilter { venue_id }): Params<OwedFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<OwedRefund>>, Problem> {
    let (after, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(
        "SELECT b.booking_id, t.payment_id, t.amount_minor - t.split_minor AS amount_minor, t.currency, t.method, COALESCE(a.name, w.name) AS name,
                p.show_title, p.venue_name, p.starts_at, p.timezone, b.seats, t.refund_requested_at
         FROM payments t JOIN bookings b ON b.booking_id = t.booking_id
         JOIN screenings p ON p.screening_id = b.screening_id
         LEFT JOIN accounts a ON a.user_id = b.customer_id LEFT JOIN buyers w ON w.user_id = b.customer_id
         WHERE t.refund_status <> 'completed' AND t.refund_target IN ('cash', 'card_terminal', 'upi')
           AND ($1::timestamptz IS NULL OR (t.refund_requested_at, t.payment_id) > ($1, $2::uuid))
           AND ($4::uuid IS NULL OR p.venue_id = $4)
         ORDER BY t.refund_requested_at, t.payment_id LIMIT $3",
    );
    let rows = reading.all(select.bind(after).bind(after_id).bind(paging.rows()).bind(venue_id)).await?;
    let page = Page::new(rows, &paging, |row| (row.refund_requested_at, row.payment_id));
    Ok(Json(page.map(OwedRefund::from)))
}
