//! The SQL of `payments`.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;
use ticketshow_domain::{
    Currency, PaymentId,
    booking::PaymentMethod,
    payment::{PaymentStatus, RefundReason, RefundStatus, RefundTarget},
};
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
    rows::{Rows, column},
    words::Word,
};

const SELECT: &str = "SELECT * FROM payments WHERE payment_id = ANY($1)";

const UPSERT: &str = "
    INSERT INTO payments (payment_id, booking_id, stray_of, customer_id, method, status, failure_reason, amount_minor,
                          currency, checkout_url, checkout_until, captured_minor, captured_currency, captured_at, provider_payment,
                          refund_status, refund_target, refund_reason, refund_failure, provider_refund,
                          refund_requested_at, refunded_at, created_at, position)
    SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                         $8::bigint[], $9::text[], $10::text[], $11::timestamptz[], $12::bigint[], $13::text[],
                         $14::timestamptz[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                         $20::text[], $21::timestamptz[], $22::timestamptz[], $23::timestamptz[], $24::bigint[])
    ON CONFLICT (payment_id) DO UPDATE SET
        status = EXCLUDED.status, failure_reason = EXCLUDED.failure_reason, checkout_url = EXCLUDED.checkout_url,
        checkout_until = EXCLUDED.checkout_until, captured_minor = EXCLUDED.captured_minor,
        captured_currency = EXCLUDED.captured_currency, captured_at = EXCLUDED.captured_at,
        provider_payment = EXCLUDED.provider_payment, refund_status = EXCLUDED.refund_status,
        refund_target = EXCLUDED.refund_target, refund_reason = EXCLUDED.refund_reason,
        refund_failure = EXCLUDED.refund_failure, provider_refund = EXCLUDED.provider_refund,
        refund_requested_at = EXCLUDED.refund_requested_at, refunded_at = EXCLUDED.refunded_at,
        position = EXCLUDED.position";

#[derive(sqlx::FromRow)]
pub(super) struct Payment {
    pub payment_id: Uuid,
    pub booking_id: Option<Uuid>,
    pub stray_of: Option<Uuid>,
    pub customer_id: Uuid,
    pub method: Word<PaymentMethod>,
    pub status: Word<PaymentStatus>,
    pub failure_reason: Option<String>,
    pub amount_minor: i64,
    pub currency: Word<Currency>,
    pub checkout_url: Option<String>,
    pub checkout_until: Option<Timestamp>,
    pub captured_minor: Option<i64>,
    pub captured_currency: Option<Word<Currency>>,
    pub captured_at: Option<Timestamp>,
    pub provider_payment: Option<String>,
    pub refund_status: Option<Word<RefundStatus>>,
    pub refund_target: Option<Word<RefundTarget>>,
    pub refund_reason: Option<Word<RefundReason>>,
    pub refund_failure: Option<String>,
    pub provider_refund: Option<String>,
    pub refund_requested_at: Option<Timestamp>,
    pub refunded_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub position: i64,
}

pub(super) async fn flush(
    payments: &mut Rows<PaymentId, Payment>,
    connection: &mut PgConnection,
) -> Result<(), ProjectError> {
    payments.load(connection, SELECT, |payment| payment.0, |row| PaymentId(row.payment_id)).await?;
    let rows = payments.changed();
    if !rows.is_empty() {
        sqlx::query(UPSERT)
            .bind(column(&rows, |payment, _| payment.0))
            .bind(column(&rows, |_, row| row.booking_id))
            .bind(column(&rows, |_, row| row.stray_of))
            .bind(column(&rows, |_, row| row.customer_id))
            .bind(column(&rows, |_, row| row.method))
            .bind(column(&rows, |_, row| row.status))
            .bind(column(&rows, |_, row| row.failure_reason.as_deref()))
            .bind(column(&rows, |_, row| row.amount_minor))
            .bind(column(&rows, |_, row| row.currency))
            .bind(column(&rows, |_, row| row.checkout_url.as_deref()))
            .bind(column(&rows, |_, row| row.checkout_until))
            .bind(column(&rows, |_, row| row.captured_minor))
            .bind(column(&rows, |_, row| row.captured_currency))
            .bind(column(&rows, |_, row| row.captured_at))
            .bind(column(&rows, |_, row| row.provider_payment.as_deref()))
            .bind(column(&rows, |_, row| row.refund_status))
            .bind(column(&rows, |_, row| row.refund_target))
            .bind(column(&rows, |_, row| row.refund_reason))
            .bind(column(&rows, |_, row| row.refund_failure.as_deref()))
            .bind(column(&rows, |_, row| row.provider_refund.as_deref()))
            .bind(column(&rows, |_, row| row.refund_requested_at))
            .bind(column(&rows, |_, row| row.refunded_at))
            .bind(column(&rows, |_, row| row.created_at))
            .bind(column(&rows, |_, row| row.position))
            .execute(connection)
            .await
            .map_err(database("writing payments"))?;
    }
    payments.written();
    Ok(())
}
