//! `GET /admin/sales`: sales and refunds by show, venue, day, hour, category, ticket type and payment method. Days
//! are calendar days at the venue. A sale counts on the day its booking was confirmed, a refund on the day it was
//! completed.

mod csv;
mod groups;

use std::collections::BTreeMap;

use axum::{
    Json,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use jiff::{
    Span, ToSpan,
    civil::{Date, date},
};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money, VenueId};
use ticketshow_http::{Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    authority::Staff,
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
    /// `show`, `venue`, `day`, `hour`, `category`, `ticket_type`, `method`, or several of them separated by commas. Default: one
    /// grand total. By category or ticket type, a booking counts in each of its groups.
    #[param(value_type = Option<String>, example = "show,day")]
    #[serde(default)]
    group_by: Groups,
    /// `previous`: each sum with that of the period of the same length before. Needs `from` and `to`.
    #[param(inline)]
    compare: Option<Compare>,
    /// Only this venue.
    #[param(value_type = Option<Uuid>)]
    venue_id: Option<VenueId>,
}

/// Period that sums are compared with.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    Previous,
}

/// Sales of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sales {
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// The period before, if it was asked for.
    previous: Option<Period>,
    /// One sum per group and currency, sorted by day, hour, show, venue, category, ticket type and payment method. Days of the
    /// previous period stand at the days that they are compared with.
    items: Vec<SalesSum>,
    /// One sum per currency.
    totals: Vec<SalesSum>,
}

/// A period, with its first and last day.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Period {
    #[schema(value_type = String, format = Date)]
    from: Date,
    #[schema(value_type = String, format = Date)]
    to: Date,
}

/// Sales and refunds of one group, in one currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SalesSum {
    #[serde(flatten)]
    group: Group,
    #[serde(flatten)]
    figures: Figures,
    /// The same of the period before; null unless it was asked for.
    previous: Option<Figures>,
}

/// Group of a sum. A field is null in a sum over all of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Group {
    /// Calendar day at the venue.
    #[schema(value_type = Option<String>, format = Date)]
    day: Option<Date>,
    /// Hour of the day at the venue, 0 to 23.
    hour: Option<i16>,
    show_title: Option<String>,
    show_id: Option<Uuid>,
    venue_name: Option<String>,
    venue_id: Option<Uuid>,
    category: Option<String>,
    ticket_type: Option<String>,
    /// Payment method. The difference of a move counts under the method that paid it.
    #[schema(example = "card")]
    method: Option<String>,
}

/// Numbers of one sum.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Figures {
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

impl Figures {
    fn add(&mut self, other: &Self) {
        let sum = |amount: Money, other: Money| Money {
            amount_minor: amount.amount_minor.saturating_add(other.amount_minor),
            ..amount
        };
        self.bookings += other.bookings;
        self.seats += other.seats;
        self.sold = sum(self.sold, other.sold);
        self.bookings_refunded += other.bookings_refunded;
        self.seats_refunded += other.seats_refunded;
        self.refunded = sum(self.refunded, other.refunded);
        self.net = sum(self.net, other.net);
    }

    fn zero(currency: Currency) -> Self {
        let nothing = money(0, currency);
        Self {
            bookings: 0,
            seats: 0,
            sold: nothing,
            bookings_refunded: 0,
            seats_refunded: 0,
            refunded: nothing,
            net: nothing,
        }
    }
}

#[derive(FromRow)]
struct Row {
    day: Option<jiff_sqlx::Date>,
    hour: Option<i16>,
    show_title: Option<String>,
    show_id: Option<Uuid>,
    venue_name: Option<String>,
    venue_id: Option<Uuid>,
    category: Option<String>,
    ticket_type: Option<String>,
    method: Option<String>,
    #[sqlx(try_from = "String")]
    currency: Currency,
    bookings: i64,
    seats: i64,
    sold_minor: i64,
    bookings_refunded: i64,
    seats_refunded: i64,
    refunded_minor: i64,
}

impl Row {
    fn group(&self) -> Group {
        Group {
            day: self.day.map(jiff_sqlx::Date::to_jiff),
            hour: self.hour,
            show_title: self.show_title.clone(),
            show_id: self.show_id,
            venue_name: self.venue_name.clone(),
            venue_id: self.venue_id,
            category: self.category.clone(),
            ticket_type: self.ticket_type.clone(),
            method: self.method.clone(),
        }
    }

    fn figures(&self) -> Figures {
        let amount = |minor| money(minor, self.currency);
        Figures {
            bookings: self.bookings,
            seats: self.seats,
            sold: amount(self.sold_minor),
            bookings_refunded: self.bookings_refunded,
            seats_refunded: self.seats_refunded,
            refunded: amount(self.refunded_minor),
            net: amount(self.sold_minor.saturating_sub(self.refunded_minor)),
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
                 WHERE ($8::uuid IS NULL OR venue_id = $8) AND (span = 'ever' AND $7
                        OR span = 'month' AND day >= $5 AND day < $6
                        OR span = 'day' AND NOT $7 AND (day < $5 OR day >= $6)
                           AND ($1::date IS NULL OR day >= $1) AND ($2::date IS NULL OR day <= $2)) AND ",
            $level,
            " GROUP BY 1, 2, 3, 4 LIMIT $4)
             SELECT sums.*, s.title AS show_title, v.name AS venue_name, NULL::smallint AS hour, NULL::text AS category,
                    NULL::text AS ticket_type, NULL::text AS method
             FROM sums LEFT JOIN shows s USING (show_id) LEFT JOIN venues v USING (venue_id)
             ORDER BY day, show_title, show_id, venue_name, venue_id, currency"
        )
    };
}

/// Adds up the lines of hours, categories and payment methods.
const SELECT_LINES: &str = "
    WITH sums AS (
        SELECT CASE WHEN $3 THEN day END AS day, CASE WHEN $5 THEN hour END AS hour, CASE WHEN $6 THEN show_id END AS show_id,
               CASE WHEN $7 THEN venue_id END AS venue_id, CASE WHEN $8 THEN category END AS category,
               CASE WHEN $9 THEN ticket_type END AS ticket_type, CASE WHEN $10 THEN method END AS method, currency,
               sum(bookings)::bigint AS bookings, sum(seats)::bigint AS seats,
               sum(sold_minor)::bigint AS sold_minor, sum(bookings_refunded)::bigint AS bookings_refunded,
               sum(seats_refunded)::bigint AS seats_refunded, sum(refunded_minor)::bigint AS refunded_minor
        FROM sales_lines
        WHERE ($1::date IS NULL OR day >= $1) AND ($2::date IS NULL OR day <= $2)
          AND ($12::uuid IS NULL OR venue_id = $12) AND (category <> '') = $11
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 LIMIT $4)
    SELECT sums.*, s.title AS show_title, v.name AS venue_name
    FROM sums LEFT JOIN shows s USING (show_id) LEFT JOIN venues v USING (venue_id)
    ORDER BY day, hour, show_title, show_id, venue_name, venue_id, sums.category COLLATE public.as_people_sort, ticket_type,
             method, currency";

/// Returns the statement for the level of these groups, so that no report reads finer lines than it needs.
fn select(groups: Groups, of_venue: bool) -> &'static str {
    match (groups.show, groups.venue || of_venue) {
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

/// Returns sales and refunds by group, with totals, and if wanted with those of the period before. `Accept: text/csv` returns CSV with
/// amounts in units of the currency.
///
/// # Errors
///
/// 403 if the caller may not read them; 422 if the report exceeds 10,000 lines, or to compare a period without an end.
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
    _admitted: Staff,
    Params(filter): Params<SalesFilter>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let SalesFilter { from, to, group_by, compare, venue_id } = filter;
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(Problem::invalid_value("/to", "is before from"));
    }
    let previous = compare.map(|Compare::Previous| before(from, to)).transpose()?;
    let mut sums = Sums::default();
    sums.read(&mut reading, (from, to), previous, group_by, venue_id).await?;
    // The seats of a booking are in several groups: its total is not their sum.
    let totals = if group_by.is_of_seats() {
        let mut totals = Sums::default();
        totals.read(&mut reading, (from, to), previous, Groups::default(), venue_id).await?;
        totals
    } else {
        sums.totals()
    };
    let (items, totals) = (sums.into_list(previous.is_some()), totals.into_list(previous.is_some()));
    if items.len() > LINES_MAX {
        return Err(too_long());
    }
    let sales = Sales { from, to, previous, items, totals };
    let mut answer =
        if is_accepted(&headers) { csv_answer(csv::encode(&sales)) } else { Json(sales).into_response() };
    vary(&mut answer);
    Ok(answer)
}

/// Returns the period of the same length before.
fn before(from: Option<Date>, to: Option<Date>) -> Result<Period, Problem> {
    let needed = || Problem::invalid_value("/compare", "needs from and to");
    let (from, to) = from.zip(to).ok_or_else(needed)?;
    let length = from.until(to).map_or(0, |span| span.get_days()) + 1;
    Ok(Period { from: from.saturating_sub(length.days()), to: from.saturating_sub(1.day()) })
}

fn too_long() -> Problem {
    let message = format!("the report exceeds {LINES_MAX} lines: choose fewer days or groups");
    Problem::invalid_value("/group_by", message)
}

/// Selects the sums of a period.
async fn rows(
    reading: &mut Reading,
    (from, to): (Option<Date>, Option<Date>),
    groups: Groups,
    venue: Option<VenueId>,
) -> Result<Vec<Row>, Problem> {
    let most = i64::try_from(LINES_MAX + 1).unwrap_or(i64::MAX);
    let (first, last) = (from.map(ToSqlx::to_sqlx), to.map(ToSqlx::to_sqlx));
    let venue = venue.map(|venue| venue.0);
    let select: Select<Row> = if groups.is_fine() {
        let select = sqlx::query_as(SELECT_LINES).bind(first).bind(last).bind(groups.day).bind(most);
        let select = select.bind(groups.hour).bind(groups.show).bind(groups.venue).bind(groups.category);
        select.bind(groups.ticket_type).bind(groups.method).bind(groups.is_of_seats()).bind(venue)
    } else {
        let ever = from.is_none() && to.is_none() && !groups.day;
        let (first_month, end_of_months) =
            if groups.day || ever { (LATEST, LATEST) } else { whole_months(from, to) };
        let select = sqlx::query_as(select(groups, venue.is_some())).bind(first).bind(last).bind(groups.day);
        let select = select.bind(most).bind(first_month.to_sqlx()).bind(end_of_months.to_sqlx());
        select.bind(ever).bind(venue)
    };
    // Planned for these days: a plan for any days would read all of them.
    let mut rows = reading.all(select.persistent(false)).await?;
    if rows.len() > LINES_MAX {
        return Err(too_long());
    }
    if !groups.venue && venue.is_some() {
        for row in &mut rows {
            (row.venue_id, row.venue_name) = (None, None);
        }
    }
    Ok(rows)
}

/// Sums by group and currency, each of the period and of the one before.
#[derive(Default)]
struct Sums(BTreeMap<(Group, String), [Option<Figures>; 2]>);

impl Sums {
    /// Reads the sums of a period and of the one before, whose days are moved to those that they are compared with.
    async fn read(
        &mut self,
        reading: &mut Reading,
        (from, to): (Option<Date>, Option<Date>),
        previous: Option<Period>,
        groups: Groups,
        venue: Option<VenueId>,
    ) -> Result<(), Problem> {
        for row in rows(reading, (from, to), groups, venue).await? {
            self.entry(&row, 0.days())[0] = Some(row.figures());
        }
        let Some(Period { from: first, to: last }) = previous else { return Ok(()) };
        let length = first.until(last).map(|span| span.get_days()).unwrap_or_default() + 1;
        for row in rows(reading, (Some(first), Some(last)), groups, venue).await? {
            self.entry(&row, length.days())[1] = Some(row.figures());
        }
        Ok(())
    }

    fn entry(&mut self, row: &Row, moved: Span) -> &mut [Option<Figures>; 2] {
        let mut group = row.group();
        group.day = group.day.map(|day| day.saturating_add(moved));
        self.0.entry((group, row.currency.code().to_owned())).or_default()
    }

    fn totals(&self) -> Self {
        let mut totals = Self::default();
        for ((_, currency), parts) in &self.0 {
            let sums = totals.0.entry((Group::default(), currency.clone())).or_default();
            for (sum, part) in sums.iter_mut().zip(parts) {
                if let Some(part) = part {
                    sum.get_or_insert_with(|| Figures::zero(part.net.currency)).add(part);
                }
            }
        }
        totals
    }

    /// Returns the sums in order; a group that one period lacks is zero.
    fn into_list(self, is_compared: bool) -> Vec<SalesSum> {
        let sum = |((group, _), [current, previous]): ((Group, String), [Option<Figures>; 2])| {
            let zero = Figures::zero(current.or(previous)?.net.currency);
            let previous = is_compared.then_some(previous.unwrap_or(zero));
            Some(SalesSum { group, figures: current.unwrap_or(zero), previous })
        };
        self.0.into_iter().filter_map(sum).collect()
    }
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
