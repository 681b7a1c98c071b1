//! Refunds that take longer than they should, whatever they wait for.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use ticketshow_http::Problem;

use super::LISTED_MAX;
use crate::{
    machinery::reading::{Reading, Select},
    money::{any_payments::CustomersRefund, own_payments::select_payments, payment::Row},
};

/// Age from which an open refund is listed: a refund takes minutes, and hours only at a slow provider.
const OVERDUE: SignedDuration = SignedDuration::from_hours(1);

/// Lists the open refunds requested more than an hour before `now`.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn open_refunds(reading: &mut Reading, now: Timestamp) -> Result<Vec<CustomersRefund>, Problem> {
    let overdue = now.checked_sub(OVERDUE).map_err(|_| Problem::internal())?;
    let select: Select<Row> = sqlx::query_as(select_payments!(
        "WHERE t.refund_status <> 'completed' AND t.refund_requested_at < $1
         ORDER BY t.refund_requested_at, t.payment_id LIMIT $2"
    ));
    let rows = reading.all(select.bind(overdue.to_sqlx()).bind(LISTED_MAX)).await?;
    Ok(rows.into_iter().filter_map(CustomersRefund::new).collect())
}
