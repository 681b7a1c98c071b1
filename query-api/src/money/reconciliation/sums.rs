//! Sums of money by kind and currency. The projections and the sagas keep them; only small sets are added up here.

use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money};
use ticketshow_http::{Problem, schema};
use utoipa::ToSchema;

use crate::machinery::{
    formatting::money,
    reading::{Reading, Select},
};

/// A sum of money in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sum {
    /// Group: a payment method, a refund destination or a kind of transaction.
    #[schema(example = "card")]
    of: String,
    /// Number of payments or transactions.
    count: i64,
    #[schema(value_type = schema::Money)]
    amount: Money,
}

#[derive(FromRow)]
struct Row {
    of: String,
    count: i64,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
}

/// The kept sums of one total. One that exceeds the largest amount is shown as that.
macro_rules! kept {
    ($total:literal) => {
        concat!(
            "SELECT part AS of, count,
             GREATEST(-9223372036854775807, LEAST(9223372036854775807, amount_minor))::bigint AS amount_minor, currency
             FROM money_sums WHERE total = '",
            $total,
            "' AND count <> 0 ORDER BY part, currency"
        )
    };
}

/// Everything ever captured, including money refunded since.
pub const CAPTURED: &str = kept!("captured");

pub const REFUNDED: &str = kept!("refunded");

/// Few payments are in this state, and an index has only these.
pub const REFUNDING: &str = "
    SELECT refund_target AS of, count(*), sum(COALESCE(captured_minor, 0) - split_minor)::bigint AS amount_minor,
           COALESCE(captured_currency, currency) AS currency
    FROM payments WHERE refund_status <> 'completed' GROUP BY 1, 4 ORDER BY 1, 4";

/// As above.
pub const IN_REVIEW: &str = "
    SELECT method AS of, count(*), sum(COALESCE(captured_minor, 0))::bigint AS amount_minor,
           COALESCE(captured_currency, currency) AS currency
    FROM payments WHERE status = 'review' GROUP BY 1, 4 ORDER BY 1, 4";

pub const WALLET_MOVEMENTS: &str = kept!("wallet_movements");

pub const WALLET_BALANCE: &str = kept!("wallet_balance");

pub const PROVIDER: &str = "
    SELECT kind AS of, count, amount_minor, currency FROM sagas.provider_sums ORDER BY kind, currency";

/// Runs one of the statements above.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn sums(reading: &mut Reading, select: &'static str) -> Result<Vec<Sum>, Problem> {
    let select: Select<Row> = sqlx::query_as(select);
    let sum = |row: Row| Sum { of: row.of, count: row.count, amount: money(row.amount_minor, row.currency) };
    Ok(reading.all(select).await?.into_iter().map(sum).collect())
}
