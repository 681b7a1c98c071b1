//! `GET /admin/payments`, `GET /admin/refunds`

use axum::Json;
use serde::{Deserialize, Serialize};
use ticketshow_domain::booking::PaymentMethod;
use ticketshow_http::{Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    bookings::booking::Customer,
    machinery::{
        authority::Staff,
        formatting::Moment,
        page::{Page, Paging},
        reading::{Reading, Select},
        word::Word,
    },
    money::{
        own_payments::{PaymentFilter, select_payments},
        payment::{Payment, Refund, RefundStatus, Row},
    },
};

/// A payment with its customer and provider id.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomersPayment {
    #[serde(flatten)]
    payment: Payment,
    /// The provider's id of the payment; null for a wallet payment.
    provider_payment: Option<String>,
    customer: Customer,
}

impl From<Row> for CustomersPayment {
    fn from(row: Row) -> Self {
        let (customer, provider_payment) = (row.customer(), row.provider_payment.clone());
        Self { payment: row.into(), provider_payment, customer }
    }
}

/// Lists the payments of all customers, newest first.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/payments",
    tag = "Administration",
    params(PaymentFilter, Paging),
    responses((status = 200, body = Page<CustomersPayment>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_any_payments(
    _admitted: Staff,
    Params(filter): Params<PaymentFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<CustomersPayment>>, Problem> {
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(select_payments!(
        "WHERE ($1::text IS NULL OR t.status = $1)
           AND ($2::timestamptz IS NULL OR t.created_at <= $2 AND (t.created_at < $2 OR t.payment_id > $3::uuid))
         ORDER BY t.created_at DESC, t.payment_id LIMIT $4"
    ));
    let select = select.bind(filter.status).bind(before).bind(after_id).bind(paging.rows());
    let rows = reading.all(select).await?;
    Ok(Json(Page::new(rows, &paging, |row| (row.created_at, row.payment_id)).map(CustomersPayment::from)))
}

/// A refund with its payment and customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomersRefund {
    payment_id: Uuid,
    /// The booking that was paid for; null for a top-up.
    booking_id: Option<Uuid>,
    /// Method of the payment.
    #[schema(value_type = schema::PaymentMethod)]
    method: Word<PaymentMethod>,
    #[serde(flatten)]
    refund: Refund,
    /// Reason why the refund failed or is in review.
    failure: Option<String>,
    /// The provider's id of the payment; null for a wallet payment.
    provider_payment: Option<String>,
    /// The provider's id of the refund; null for a refund to the wallet.
    provider_refund: Option<String>,
    customer: Customer,
}

impl CustomersRefund {
    /// Returns `None` if the payment has no refund.
    pub fn new(row: Row) -> Option<Self> {
        Some(Self {
            refund: row.refund()?,
            customer: row.customer(),
            payment_id: row.payment_id,
            booking_id: row.booking_id,
            method: row.method,
            failure: row.refund_failure,
            provider_payment: row.provider_payment,
            provider_refund: row.provider_refund,
        })
    }
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RefundFilter {
    /// Only refunds with this status.
    #[param(inline)]
    status: Option<RefundStatus>,
}

/// Lists the refunds of all customers, the latest requested first.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/refunds",
    tag = "Administration",
    params(RefundFilter, Paging),
    responses((status = 200, body = Page<CustomersRefund>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_any_refunds(
    _admitted: Staff,
    Params(filter): Params<RefundFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<CustomersRefund>>, Problem> {
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(select_payments!(
        "WHERE t.refund_requested_at IS NOT NULL AND ($1::text IS NULL OR t.refund_status = $1)
           AND ($2::timestamptz IS NULL
                OR t.refund_requested_at <= $2 AND (t.refund_requested_at < $2 OR t.payment_id > $3::uuid))
         ORDER BY t.refund_requested_at DESC, t.payment_id LIMIT $4"
    ));
    let select = select.bind(filter.status).bind(before).bind(after_id).bind(paging.rows());
    let rows = reading.all(select).await?;
    let page = Page::new(rows, &paging, |row| (row.refund_requested_at, row.payment_id));
    let Page { items, next_cursor } = page;
    let items = items.into_iter().filter_map(CustomersRefund::new).collect();
    Ok(Json(Page { items, next_cursor }))
}
