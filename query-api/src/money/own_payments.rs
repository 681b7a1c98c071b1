//! `GET /payments`, `GET /payments/{id}`

use axum::Json;
use serde::Deserialize;
use ticketshow_domain::PaymentId;
use ticketshow_http::{Caller, Params, PathId, Problem, schema};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    machinery::{
        formatting::Moment,
        page::{Page, Paging},
        reading::{Reading, Select},
        responses::CallForOne,
    },
    money::payment::{Payment, PaymentStatus, Row},
};

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentFilter {
    /// Only payments with this status.
    #[param(inline)]
    pub status: Option<PaymentStatus>,
}

/// Payments with their customers.
macro_rules! select_payments {
    ($rest:literal) => {
        concat!(
            "SELECT t.payment_id, t.booking_id, t.stray_of, t.part_of, t.split_minor, t.method, t.status, t.failure_reason, t.amount_minor, t.currency,
                    t.checkout_url, t.checkout_until, t.captured_minor, t.captured_currency, t.captured_at,
                    t.provider_payment, t.refund_status, t.refund_target, t.refund_reason, t.refund_failure,
                    t.provider_refund, t.refund_requested_at, t.refunded_at, t.created_at, t.customer_id,
                    a.email, a.name AS customer_name
             FROM payments t LEFT JOIN accounts a ON a.user_id = t.customer_id ",
            $rest
        )
    };
}
pub(crate) use select_payments;

/// Lists the caller's payments for bookings and top-ups, newest first. Refunds of seats that were given back are listed with the
/// booking.
///
/// # Errors
///
/// 401 without a token.
#[utoipa::path(
    get,
    path = "/payments",
    tag = "Booking and money",
    params(PaymentFilter, Paging),
    responses((status = 200, body = Page<Payment>), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn list_payments(
    caller: Caller,
    Params(filter): Params<PaymentFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Payment>>, Problem> {
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(select_payments!(
        "WHERE t.customer_id = $1 AND t.part_of IS NULL
           AND ($2::text IS NULL OR t.status = $2)
           AND ($3::timestamptz IS NULL OR t.created_at <= $3 AND (t.created_at < $3 OR t.payment_id > $4::uuid))
         ORDER BY t.created_at DESC, t.payment_id LIMIT $5"
    ));
    let select =
        select.bind(caller.user.0).bind(filter.status).bind(before).bind(after_id).bind(paging.rows());
    let rows = reading.all(select).await?;
    Ok(Json(Page::new(rows, &paging, |row| (row.created_at, row.payment_id)).map(Payment::from)))
}

/// Returns one of the caller's payments.
///
/// # Errors
///
/// 404 if the payment does not exist or belongs to another customer.
#[utoipa::path(
    get,
    path = "/payments/{id}",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Payment), CallForOne, schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn get_payment(
    caller: Caller,
    PathId(payment): PathId<PaymentId>,
    mut reading: Reading,
) -> Result<Json<Payment>, Problem> {
    let select: Select<Row> =
        sqlx::query_as(select_payments!("WHERE t.payment_id = $1 AND t.customer_id = $2"));
    Ok(Json(reading.one(select.bind(payment.0).bind(caller.user.0)).await?.into()))
}
