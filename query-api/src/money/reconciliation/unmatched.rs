//! Money without a counterpart, or with one of a different amount.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::Money;
use ticketshow_http::{Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    formatting::{Moment, money},
    reading::{Reading, Select},
};

/// Kind of a mismatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// A captured payment neither pays a booking nor is being refunded.
    CaptureUnused,
    /// A booking is confirmed by a payment that captured nothing.
    ConfirmedUnpaid,
    /// A wallet payment differs from the wallet's ledger.
    DebitDiffers,
    /// A top-up differs from the wallet's ledger.
    TopUpDiffers,
    /// A refund to a wallet differs from its ledger.
    RefundDiffers,
    /// The balance of a wallet differs from the sum of its ledger.
    BalanceDiffers,
    /// A capture differs from the provider's report.
    ProviderCaptureDiffers,
    /// A refund differs from the provider's report.
    ProviderRefundDiffers,
    /// The customer's bank has disputed a payment and awaits a response.
    DisputeOpen,
    /// The bank took the money back, and the booking is still valid. Listed for 30 days.
    ChargedBack,
}

/// A mismatch.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unmatched {
    kind: Kind,
    /// Null if none of our payments is concerned.
    payment_id: Option<Uuid>,
    booking_id: Option<Uuid>,
    customer_id: Option<Uuid>,
    /// The provider's id of the capture, refund or dispute.
    provider_id: Option<String>,
    /// Amount according to our payments; null if there should be none.
    #[schema(value_type = Option<schema::Money>)]
    expected: Option<Money>,
    /// Amount according to the ledger or the provider, or the disputed one; null if there is none.
    #[schema(value_type = Option<schema::Money>)]
    found: Option<Money>,
    since: Option<Moment>,
}

#[derive(FromRow)]
struct Row {
    kind: Kind,
    payment_id: Option<Uuid>,
    booking_id: Option<Uuid>,
    customer_id: Option<Uuid>,
    provider_id: Option<String>,
    expected_minor: Option<i64>,
    expected_currency: Option<String>,
    found_minor: Option<i64>,
    found_currency: Option<String>,
    since: Option<Moment>,
}

/// Payments, bookings and wallets that do not match each other. The projections find them as they write, so that no
/// request compares everything.
pub const OURS: &str = "
    SELECT t.difference AS kind, t.payment_id, t.booking_id, t.customer_id, t.provider_payment AS provider_id,
           CASE WHEN t.difference = 'debit_differs' AND t.method = 'wallet'
                  OR t.difference = 'top_up_differs' AND t.status = 'captured'
                  OR t.difference = 'refund_differs' AND t.refund_status = 'completed' AND t.refund_target = 'wallet'
                THEN NULLIF(t.captured_minor - CASE t.difference WHEN 'refund_differs' THEN t.split_minor ELSE 0 END, 0)
                WHEN t.difference = 'confirmed_unpaid' THEN t.confirmed_minor END AS expected_minor,
           COALESCE(t.captured_currency, t.currency) AS expected_currency,
           CASE t.difference WHEN 'debit_differs' THEN NULLIF(t.debited_minor, 0)
                WHEN 'top_up_differs' THEN NULLIF(t.topped_up_minor, 0)
                WHEN 'refund_differs' THEN NULLIF(t.credited_minor, 0)
                WHEN 'capture_unused' THEN t.captured_minor END AS found_minor,
           COALESCE(t.captured_currency, t.currency) AS found_currency, t.differs_since AS since
    FROM payments t WHERE t.difference IS NOT NULL AND t.differs_since < $1
    UNION ALL
    SELECT 'balance_differs', NULL, NULL, w.customer_id, NULL, w.ledger_minor, w.currency, w.balance_minor, w.currency, NULL
    FROM wallets w WHERE w.differs
    ORDER BY since, payment_id LIMIT $2";

/// Card payments that do not match the provider's reports. The sagas mark a report that matches, so that only the others are
/// looked at here; a report that never came is looked for in the last days. Amounts are compared only if the report names
/// one. Disputes, and money of a payment that we do not know, have nothing to settle first; the latter is not listed once
/// all of it was refunded.
pub const PROVIDER: &str = "
    WITH reported AS (
        SELECT m.kind, m.provider_id, m.provider_payment_id, m.amount_minor AS minor, m.currency, m.occurred_at AS since,
               COALESCE(m.payment_id, c.payment_id) AS payment_id
        FROM sagas.provider_movements m
        LEFT JOIN sagas.provider_movements c ON c.provider_id = m.provider_payment_id AND c.kind = 'capture'
        WHERE NOT m.matched
    ), found AS (
        SELECT CASE r.kind WHEN 'capture' THEN 'provider_capture_differs' ELSE 'provider_refund_differs' END AS kind,
               r.payment_id, t.booking_id, t.customer_id, r.provider_id,
               CASE WHEN r.kind = 'capture' AND t.provider_payment = r.provider_id
                      OR t.provider_refund = r.provider_id AND t.refund_status = 'completed' AND t.refund_target = 'card'
                    THEN t.captured_minor - CASE r.kind WHEN 'capture' THEN 0 ELSE t.split_minor END END AS expected_minor,
               t.captured_currency AS expected_currency, r.minor AS found_minor, r.currency AS found_currency, r.since,
               t.payment_id IS NULL AS unknown
        FROM reported r LEFT JOIN payments t USING (payment_id)
        WHERE (CASE r.kind WHEN 'capture' THEN t.provider_payment = r.provider_id
                           ELSE t.provider_refund = r.provider_id AND t.refund_status = 'completed'
                                AND t.refund_target = 'card' END
               AND (r.minor IS NULL OR (t.captured_minor - CASE r.kind WHEN 'capture' THEN 0 ELSE t.split_minor END,
                                        t.captured_currency) = (r.minor, r.currency))) IS NOT TRUE
          AND (t.payment_id IS NOT NULL OR NOT EXISTS (
                   SELECT FROM sagas.provider_movements c
                   JOIN sagas.provider_movements b ON b.provider_payment_id = c.provider_id AND b.kind = 'refund'
                   WHERE c.provider_id = r.provider_payment_id AND c.kind = 'capture'
                     AND (b.amount_minor, b.currency) = (c.amount_minor, c.currency)))
        UNION ALL
        SELECT 'provider_capture_differs', t.payment_id, t.booking_id, t.customer_id, t.provider_payment, t.captured_minor,
               t.captured_currency, NULL, NULL, t.captured_at, false
        FROM payments t
        WHERE t.provider_payment IS NOT NULL AND t.captured_at > $1 - interval '7 days'
          AND NOT EXISTS (SELECT FROM sagas.provider_movements m WHERE m.provider_id = t.provider_payment)
        UNION ALL
        SELECT 'provider_refund_differs', t.payment_id, t.booking_id, t.customer_id, t.provider_refund,
               t.captured_minor - t.split_minor, t.captured_currency, NULL, NULL, t.refunded_at, false
        FROM payments t
        WHERE t.refund_target = 'card' AND t.refund_status = 'completed' AND t.captured_minor > t.split_minor
          AND t.refunded_at > $1 - interval '7 days'
          AND (t.provider_refund IS NOT NULL OR t.dispute_status IS DISTINCT FROM 'lost')
          AND NOT EXISTS (SELECT FROM sagas.provider_movements m WHERE m.provider_id = t.provider_refund)
        UNION ALL
        SELECT CASE d.status WHEN 'open' THEN 'dispute_open' ELSE 'charged_back' END, t.payment_id, t.booking_id,
               t.customer_id, d.dispute_id, t.captured_minor, t.captured_currency, d.amount_minor, d.currency, d.opened_at, true
        FROM sagas.provider_disputes d LEFT JOIN payments t USING (payment_id)
        WHERE d.status = 'open' OR d.status = 'lost' AND t.status <> 'refunded' AND d.changed_at > $1 - interval '30 days')
    SELECT * FROM found WHERE unknown OR since < $1 ORDER BY since, payment_id LIMIT $2";

/// Runs one of the statements above on everything that has settled.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn unmatched(
    reading: &mut Reading,
    select: &'static str,
    settled_before: Timestamp,
    listed_max: i64,
) -> Result<Vec<Unmatched>, Problem> {
    let select: Select<Row> = sqlx::query_as(select);
    let rows = reading.all(select.bind(settled_before.to_sqlx()).bind(listed_max)).await?;
    Ok(rows.into_iter().map(Unmatched::from).collect())
}

impl From<Row> for Unmatched {
    fn from(row: Row) -> Self {
        let amount = |minor: Option<i64>, currency: Option<String>| {
            Some(money(minor?, currency.and_then(|code| code.parse().ok())?))
        };
        Self {
            kind: row.kind,
            payment_id: row.payment_id,
            booking_id: row.booking_id,
            customer_id: row.customer_id,
            provider_id: row.provider_id,
            expected: amount(row.expected_minor, row.expected_currency),
            found: amount(row.found_minor, row.found_currency),
            since: row.since,
        }
    }
}
