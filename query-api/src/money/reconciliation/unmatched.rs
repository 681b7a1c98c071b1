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
    /// The customer's bank demands the money of a payment back, and waits for an answer.
    DisputeOpen,
    /// The bank took the money back, and what it bought is still in use. Listed for 30 days.
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

/// Compares payments, bookings and wallets with each other. A ledger entry is matched by its reference, `kind:payment`.
pub const OURS: &str = "
    WITH entries AS (
        SELECT customer_id, reference, sum(abs(amount_minor))::bigint AS minor, min(currency) AS currency,
               max(created_at) AS since
        FROM wallet_entries WHERE kind <> 'credit' GROUP BY 1, 2
    ), expected AS (
        SELECT 'debit_differs' AS kind, 'payment:' || payment_id AS reference, payment_id, booking_id, customer_id,
               captured_minor AS minor, captured_currency AS currency, captured_at AS since
        FROM payments WHERE method = 'wallet' AND captured_minor > 0
        UNION ALL
        SELECT 'top_up_differs', 'top_up:' || payment_id, payment_id, booking_id, customer_id, captured_minor,
               captured_currency, captured_at
        FROM payments WHERE booking_id IS NULL AND stray_of IS NULL AND status = 'captured'
        UNION ALL
        SELECT 'refund_differs', 'refund:' || payment_id, payment_id, booking_id, customer_id, captured_minor,
               captured_currency, refunded_at
        FROM payments WHERE refund_status = 'completed' AND refund_target = 'wallet' AND captured_minor > 0
    ), found AS (
        SELECT COALESCE(x.kind, CASE split_part(e.reference, ':', 1) WHEN 'payment' THEN 'debit_differs'
                                    WHEN 'top_up' THEN 'top_up_differs' ELSE 'refund_differs' END) AS kind,
               x.payment_id, x.booking_id, COALESCE(x.customer_id, e.customer_id) AS customer_id,
               NULL::text AS provider_id, x.minor AS expected_minor, x.currency AS expected_currency,
               e.minor AS found_minor, e.currency AS found_currency, COALESCE(x.since, e.since) AS since
        FROM expected x FULL JOIN entries e ON e.reference = x.reference AND e.customer_id = x.customer_id
        WHERE (x.minor, x.currency) IS DISTINCT FROM (e.minor, e.currency) AND NOT (x.kind IS NULL AND e.minor = 0)
        UNION ALL
        SELECT 'capture_unused', t.payment_id, t.booking_id, t.customer_id, t.provider_payment, NULL, NULL,
               t.captured_minor, t.captured_currency, t.captured_at
        FROM payments t LEFT JOIN bookings b USING (booking_id)
        WHERE t.status = 'captured' AND t.captured_minor > 0 AND b.payment_id IS DISTINCT FROM t.payment_id
          AND (t.booking_id IS NOT NULL OR t.stray_of IS NOT NULL)
        UNION ALL
        SELECT 'confirmed_unpaid', b.payment_id, b.booking_id, b.customer_id, NULL, b.amount_minor, b.currency,
               t.captured_minor, t.captured_currency, b.confirmed_at
        FROM bookings b LEFT JOIN payments t USING (payment_id)
        WHERE b.confirmed_at IS NOT NULL AND b.amount_minor > 0 AND t.captured_minor IS NULL
        UNION ALL
        SELECT 'balance_differs', NULL, NULL, w.customer_id, NULL, e.minor, w.currency, w.balance_minor, w.currency, NULL
        FROM wallets w LEFT JOIN (SELECT customer_id, sum(amount_minor)::bigint AS minor FROM wallet_entries GROUP BY 1) e
             USING (customer_id)
        WHERE w.balance_minor IS DISTINCT FROM COALESCE(e.minor, 0))
    SELECT * FROM found WHERE since IS NULL OR since < $1 ORDER BY since, payment_id LIMIT $2";

/// Compares card payments with the provider's reports. Amounts are compared only if the report names one. Disputes, and money
/// of a payment that we do not know, have nothing to settle first.
pub const PROVIDER: &str = "
    WITH expected AS (
        SELECT 'capture' AS kind, provider_payment AS provider_id, payment_id, booking_id, customer_id,
               captured_minor AS minor, captured_currency AS currency, captured_at AS since
        FROM payments WHERE provider_payment IS NOT NULL
        UNION ALL
        SELECT 'refund', provider_refund, payment_id, booking_id, customer_id, captured_minor, captured_currency,
               refunded_at
        FROM payments WHERE refund_status = 'completed' AND refund_target = 'card' AND captured_minor > 0
          AND (provider_refund IS NOT NULL OR dispute_status IS DISTINCT FROM 'lost')
    ), reported AS (
        SELECT m.kind, m.provider_id, COALESCE(m.payment_id, c.payment_id) AS payment_id, m.amount_minor AS minor, m.currency,
               m.occurred_at AS since
        FROM sagas.provider_movements m
        LEFT JOIN sagas.provider_movements c ON c.provider_id = m.provider_payment_id AND c.kind = 'capture'
    ), found AS (
        SELECT CASE COALESCE(x.kind, r.kind) WHEN 'capture' THEN 'provider_capture_differs'
                    ELSE 'provider_refund_differs' END AS kind,
               COALESCE(x.payment_id, r.payment_id) AS payment_id, COALESCE(x.booking_id, t.booking_id) AS booking_id,
               COALESCE(x.customer_id, t.customer_id) AS customer_id,
               COALESCE(x.provider_id, r.provider_id) AS provider_id, x.minor AS expected_minor,
               x.currency AS expected_currency, r.minor AS found_minor, r.currency AS found_currency,
               COALESCE(x.since, r.since) AS since, t.payment_id IS NULL AS unknown
        FROM expected x FULL JOIN reported r ON r.kind = x.kind AND r.provider_id = x.provider_id
        LEFT JOIN payments t ON t.payment_id = COALESCE(x.payment_id, r.payment_id)
        WHERE x.provider_id IS NULL OR r.provider_id IS NULL
           OR (r.minor IS NOT NULL AND (x.minor, x.currency) IS DISTINCT FROM (r.minor, r.currency))
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
