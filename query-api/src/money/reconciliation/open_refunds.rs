//! Refunds that take longer than they should, for any reason.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use ticketshow_http::Problem;
use ticketshow_nats::clock;
use tokio_util::sync::CancellationToken;

use super::LISTED_MAX;
use crate::{
    machinery::reading::{Reading, Select},
    money::{any_payments::CustomersRefund, own_payments::select_payments, payment::Row},
};

/// Age from which an open refund is listed: a refund takes minutes, and hours only at a slow provider.
const OVERDUE: SignedDuration = SignedDuration::from_hours(1);

/// Interval of [`measure`]: that of a usual scrape.
const MEASURED_EVERY: Duration = Duration::from_secs(15);

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

/// Publishes the number of open refunds, and of those requested more than an hour ago, until `stop`.
pub async fn measure(pool: PgPool, stop: CancellationToken) {
    let measuring = async {
        loop {
            match count(&pool, clock::now()).await {
                Ok((open, overdue)) => {
                    metrics::gauge!("ticketshow_refunds_open").set(open);
                    metrics::gauge!("ticketshow_refunds_overdue").set(overdue);
                }
                Err(error) => tracing::debug!(%error, "open refunds not counted"),
            }
            tokio::time::sleep(MEASURED_EVERY).await;
        }
    };
    stop.run_until_cancelled(measuring).await;
}

async fn count(pool: &PgPool, now: Timestamp) -> Result<(f64, f64), sqlx::Error> {
    let overdue = now - OVERDUE;
    let select = sqlx::query_as(
        "SELECT count(*)::float8, (count(*) FILTER (WHERE refund_requested_at < $1))::float8
         FROM payments WHERE refund_status <> 'completed'",
    );
    select.bind(overdue.to_sqlx()).fetch_one(pool).await
}
