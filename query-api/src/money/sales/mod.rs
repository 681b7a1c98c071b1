//! `GET /admin/sales`: sales and refunds by show, venue and day. Days are calendar days at the venue. A sale counts on
//! the day its booking was confirmed, a refund on the day it was completed.

mod csv;
mod groups;

use axum::{
    Json,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money};
use ticketshow_http::{Administrator, Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
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

/// Names of shows and venues are current.
const SELECT: &str = "
    WITH moved AS (
        SELECT p.show_id, p.venue_id, (b.confirmed_at AT TIME ZONE p.timezone)::date AS day, b.currency,
               1 AS bookings, cardinality(b.seats) AS seats, b.amount_minor AS sold_minor,
               0 AS bookings_refunded, 0 AS seats_refunded, 0::bigint AS refunded_minor
        FROM bookings b JOIN screenings p USING (screening_id) WHERE b.confirmed_at IS NOT NULL
        UNION ALL
        SELECT p.show_id, p.venue_id, (t.refunded_at AT TIME ZONE p.timezone)::date, t.captured_currency,
               0, 0, 0, 1, cardinality(b.seats), t.captured_minor
        FROM bookings b JOIN screenings p USING (screening_id) JOIN payments t USING (payment_id)
        WHERE t.refunded_at IS NOT NULL AND t.captured_minor IS NOT NULL
    ), sums AS (
        SELECT CASE WHEN $3 THEN day END AS day, CASE WHEN $4 THEN show_id END AS show_id,
               CASE WHEN $5 THEN venue_id END AS venue_id, currency, sum(bookings)::bigint AS bookings,
               sum(seats)::bigint AS seats, sum(sold_minor)::bigint AS sold_minor,
               sum(bookings_refunded)::bigint AS bookings_refunded, sum(seats_refunded)::bigint AS seats_refunded,
               sum(refunded_minor)::bigint AS refunded_minor
        FROM moved
        WHERE ($1::date IS NULL OR day >= $1) AND ($2::date IS NULL OR day <= $2)
        GROUP BY 1, 2, 3, 4)
    SELECT sums.*, s.title AS show_title, v.name AS venue_name
    FROM sums LEFT JOIN shows s USING (show_id) LEFT JOIN venues v USING (venue_id)
    ORDER BY day, show_title, show_id, venue_name, venue_id, currency LIMIT $6";

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
    let select: Select<Row> = sqlx::query_as(SELECT);
    let select = select
        .bind(from.map(ToSqlx::to_sqlx))
        .bind(to.map(ToSqlx::to_sqlx))
        .bind(group_by.day)
        .bind(group_by.show)
        .bind(group_by.venue)
        .bind(i64::try_from(LINES_MAX + 1).unwrap_or(i64::MAX));
    let rows = reading.all(select).await?;
    if rows.len() > LINES_MAX {
        let message = format!("the report exceeds {LINES_MAX} lines: choose fewer days or groups");
        return Err(Problem::invalid_value("/group_by", message));
    }
    let items: Vec<SalesSum> = rows.into_iter().map(SalesSum::from).collect();
    let mut answer = if csv::is_accepted(&headers) {
        ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv::encode(&items)).into_response()
    } else {
        Json(Sales { from, to, items }).into_response()
    };
    answer.headers_mut().insert(header::VARY, header::HeaderValue::from_static("accept"));
    Ok(answer)
}
