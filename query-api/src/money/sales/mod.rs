//! `GET /admin/sales`: sales and refunds by show, venue and day. Days are calendar days at the venue. A sale counts on
//! the day its booking was confirmed, a refund on the day it was completed.

mod csv;
mod groups;

use axum::{
    Json,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use jiff::{
    ToSpan,
    civil::{Date, date},
};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money};
use ticketshow_http::{Administrator, Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    csv::{answer as csv_answer, is_accepted, vary},
    formatting::money,
    reading::{Reading, Select},
};
use groups::Groups;

/// Maximum number of lines per answer; longer reports are rejected.
const LINES_MAX: usize = 10_000;

/// Period and grouping.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SalesFilter {
    /// First day, at the venue. Default: no lower bound.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-01")]
    from: Option<Date>,
    /// Last day, at the venue, inclusive. Default: no upper bound.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-30")]
    to: Option<Date>,
    /// `show`, `venue`, `day`, or several of them separated by commas. Default: one grand total.
    #[param(value_type = Option<String>, example = "show,day")]
    #[serde(default)]
    group_by: Groups,
}

/// Sales of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sales {
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// One sum per group and currency, sorted by day, show and venue.
    items: Vec<SalesSum>,
}

/// Sales and refunds of one group, in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct SalesSum {
    /// Calendar day at the venue; null unless grouped by day.
    #[schema(value_type = Option<String>, format = Date)]
    day: Option<Date>,
    show_id: Option<Uuid>,
    show_title: Option<String>,
    venue_id: Option<Uuid>,
    venue_name: Option<String>,
    /// Bookings confirmed.
    bookings: i64,
    /// Seats of the confirmed bookings.
    seats: i64,
    #[schema(value_type = schema::Money)]
    sold: Money,
    /// Bookings refunded.
    bookings_refunded: i64,
    /// Seats of the refunded bookings.
    seats_refunded: i64,
    #[schema(value_type = schema::Money)]
    refunded: Money,
    /// Sold minus refunded.
    #[schema(value_type = schema::Money)]
    net: Money,
}

#[derive(FromRow)]
struct Row {
    day: Option<jiff_sqlx::Date>,
    show_id: Option<Uuid>,
    show_title: Option<String>,
    venue_id: Option<Uuid>,
    venue_name: Option<String>,
    #[sqlx(try_from = "String")]
    currency: Currency,
    bookings: i64,
    seats: i64,
    sold_minor: i64,
    bookings_refunded: i64,
    seats_refunded: i64,
    refunded_minor: i64,
}

impl From<Row> for SalesSum {
    fn from(row: Row) -> Self {
        let amount = |minor| money(minor, row.currency);
        Self {
            day: row.day.map(jiff_sqlx::Date::to_jiff),
            show_id: row.show_id,
            show_title: row.show_title,
            venue_id: row.venue_id,
            venue_name: row.venue_name,
            bookings: row.bookings,
            seats: row.seats,
            sold: amount(row.sold_minor),
            bookings_refunded: row.bookings_refunded,
            seats_refunded: row.seats_refunded,
            refunded: amount(row.refunded_minor),
            net: amount(row.sold_minor.saturating_sub(row.refunded_minor)),
        }
    }
}

/// Adds up the kept lines of one level, before it looks up their names: a report that is too long is refused quickly. The nil UUID stands for all shows or venues. Names of shows and venues are current.
macro_rules! select_sales {
    ($level:literal) => {
        concat!(
            "WITH sums AS (
                 SELECT CASE WHEN $3 THEN day END AS day,
                        NULLIF(show_id, '00000000-0000-0000-0000-000000000000') AS show_id,
                        NULLIF(venue_id, '00000000-0000-0000-0000-000000000000') AS venue_id, currency,
                        sum(bookings)::bigint AS bookings, sum(seats)::bigint AS seats,
                        sum(sold_minor)::bigint AS sold_minor, sum(bookings_refunded)::bigint AS bookings_refunded,
                        sum(seats_refunded)::bigint AS seats_refunded, sum(refunded_minor)::bigint AS refunded_minor
                 FROM sales
                 WHERE (span = 'ever' AND $7
                        OR span = 'month' AND day >= $5 AND day < $6
                        OR span = 'day' AND NOT $7 AND (day < $5 OR day >= $6)
                           AND ($1::date IS NULL OR day >= $1) AND ($2::date IS NULL OR day <= $2)) AND ",
            $level,
            " GROUP BY 1, 2, 3, 4 LIMIT $4)
             SELECT sums.*, s.title AS show_title, v.name AS venue_name
             FROM sums LEFT JOIN shows s USING (show_id) LEFT JOIN venues v USING (venue_id)
             ORDER BY day, show_title, show_id, venue_name, venue_id, currency"
        )
    };
}

/// Returns the statement for the level of these groups, so that no report reads finer lines than it needs.
fn select(groups: Groups) -> &'static str {
    match (groups.show, groups.venue) {
        (false, false) => select_sales!(
            "show_id = '00000000-0000-0000-0000-000000000000' AND venue_id = '00000000-0000-0000-0000-000000000000'"
        ),
        (true, false) => select_sales!(
            "show_id <> '00000000-0000-0000-0000-000000000000' AND venue_id = '00000000-0000-0000-0000-000000000000'"
        ),
        (false, true) => select_sales!(
            "show_id = '00000000-0000-0000-0000-000000000000' AND venue_id <> '00000000-0000-0000-0000-000000000000'"
        ),
        (true, true) => select_sales!(
            "show_id <> '00000000-0000-0000-0000-000000000000' AND venue_id <> '00000000-0000-0000-0000-000000000000'"
        ),
    }
}

/// Days before and after all sales.
const EARLIEST: Date = date(1, 1, 1);
const LATEST: Date = date(9999, 12, 31);

/// Returns the first day of the whole months in a period, and the first day after them: these are added up by month.
fn whole_months(from: Option<Date>, to: Option<Date>) -> (Date, Date) {
    let first = from.map_or(EARLIEST, |from| match from.day() {
        1 => from,
        _ => from.first_of_month().saturating_add(1.month()),
    });
    let end = to.map_or(LATEST, |to| to.saturating_add(1.day()).first_of_month());
    if first < end { (first, end) } else { (LATEST, LATEST) }
}

/// Returns sales and refunds by show, venue and day. `Accept: text/csv` returns CSV.
///
/// # Errors
///
/// 403 if the caller is not an administrator; 422 if the report exceeds 10,000 lines.
#[utoipa::path(
    get,
    path = "/admin/sales",
    tag = "Administration",
    params(SalesFilter),
    responses(
        (status = 200, content((Sales = "application/json"), (String = "text/csv"))),
        schema::AnyCall,
        schema::AdministratorCall
    ),
    security(("bearer" = []))
)]
pub async fn get_sales(
    _admitted: Administrator,
    Params(filter): Params<SalesFilter>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let SalesFilter { from, to, group_by } = filter;
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(Problem::invalid_value("/to", "is before from"));
    }
    let ever = from.is_none() && to.is_none() && !group_by.day;
    let (first_month, end_of_months) =
        if group_by.day || ever { (LATEST, LATEST) } else { whole_months(from, to) };
    let select: Select<Row> = sqlx::query_as(select(group_by));
    let select = select
        // Planned for these days: a plan for any days would read all of them.
        .persistent(false)
        .bind(from.map(ToSqlx::to_sqlx))
        .bind(to.map(ToSqlx::to_sqlx))
        .bind(group_by.day)
        .bind(i64::try_from(LINES_MAX + 1).unwrap_or(i64::MAX))
        .bind(first_month.to_sqlx())
        .bind(end_of_months.to_sqlx())
        .bind(ever);
    let rows = reading.all(select).await?;
    if rows.len() > LINES_MAX {
        let message = format!("the report exceeds {LINES_MAX} lines: choose fewer days or groups");
        return Err(Problem::invalid_value("/group_by", message));
    }
    let items: Vec<SalesSum> = rows.into_iter().map(SalesSum::from).collect();
    let mut answer = if is_accepted(&headers) {
        csv_answer(csv::encode(&items))
    } else {
        Json(Sales { from, to, items }).into_response()
    };
    vary(&mut answer);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_added_up_by_its_whole_months() {
        let months = |from: Date, to: Date| whole_months(Some(from), Some(to));
        assert_eq!(months(date(2026, 1, 1), date(2026, 2, 28)), (date(2026, 1, 1), date(2026, 3, 1)));
        assert_eq!(months(date(2026, 1, 2), date(2026, 3, 30)), (date(2026, 2, 1), date(2026, 3, 1)));
        assert_eq!(months(date(2026, 1, 2), date(2026, 1, 31)), (LATEST, LATEST), "no whole month");
        assert_eq!(whole_months(Some(EARLIEST), None), (EARLIEST, LATEST));
        assert_eq!(whole_months(None, Some(date(2026, 1, 30))), (EARLIEST, date(2026, 1, 1)));
    }
}
