//! `GET /box-office/tills`, `GET /box-office/tills/{id}`

use axum::Json;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money, TillId, UserId, booking::PaymentMethod};
use ticketshow_http::{Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::machinery::{
    authority::Staff,
    formatting::{Moment, money},
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::CallForOne,
    word::Word,
};

/// A session of a seller's till, with what was sold in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Till {
    till_id: Uuid,
    /// The seller.
    opened_by: Uuid,
    opened_by_name: Option<String>,
    opened_at: Moment,
    /// Null while the session is open.
    closed_at: Option<Moment>,
    #[schema(value_type = schema::Money)]
    float: Money,
    /// Sales of the session by method, without those of this seller outside of a session.
    sales: Vec<Takings>,
    /// Refunds that were handed back, by method.
    refunds: Vec<Takings>,
    /// Cash that should be in the drawer: the float with the cash taken, less the cash handed back.
    #[schema(value_type = schema::Money)]
    expected: Money,
    /// Cash that was counted; null while the session is open.
    #[schema(value_type = Option<schema::Money>)]
    counted: Option<Money>,
    /// Counted less expected: negative if cash is missing. Null while the session is open.
    #[schema(value_type = Option<schema::Money>)]
    difference: Option<Money>,
}

/// Sales or refunds by one method.
#[derive(Debug, Serialize, ToSchema)]
pub struct Takings {
    #[schema(value_type = schema::PaymentMethod)]
    method: Word<PaymentMethod>,
    /// Number of bookings.
    count: i64,
    #[schema(value_type = schema::Money)]
    amount: Money,
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TillFilter {
    /// Only sessions of this seller.
    #[param(value_type = Option<Uuid>)]
    seller_id: Option<UserId>,
    /// `true`: only open sessions; `false`: only closed ones.
    open: Option<bool>,
}

#[derive(FromRow)]
struct Row {
    till_id: Uuid,
    seller_id: Uuid,
    name: Option<String>,
    float_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    taken_minor: i64,
    returned_minor: i64,
    counted_minor: Option<i64>,
    opened_at: Moment,
    closed_at: Option<Moment>,
}

/// A line of a report.
#[derive(FromRow)]
struct Line {
    till_id: Uuid,
    is_refund: bool,
    method: Word<PaymentMethod>,
    count: i64,
    amount_minor: i64,
}

macro_rules! select_tills {
    ($rest:literal) => {
        concat!(
            "SELECT t.till_id, t.seller_id, a.name, t.float_minor, t.currency, t.taken_minor, t.returned_minor,
                    t.counted_minor, t.opened_at, t.closed_at
             FROM tills t LEFT JOIN accounts a ON a.user_id = t.seller_id ",
            $rest
        )
    };
}

const LINES: &str = "
    SELECT till_id, false AS is_refund, method, count(*), sum(amount_minor)::bigint AS amount_minor
    FROM counter_sales WHERE till_id = ANY($1) GROUP BY till_id, method
    UNION ALL
    SELECT till_id, true, method, count(DISTINCT booking_id), sum(amount_minor)::bigint
    FROM (SELECT refund_till AS till_id, refund_method AS method, booking_id, amount_minor - returned_minor AS amount_minor
          FROM counter_sales WHERE refund_till = ANY($1)
          UNION ALL
          SELECT till_id, 'cash', booking_id, amount_minor FROM counter_returns WHERE till_id = ANY($1)) AS refunds
    GROUP BY till_id, method
    ORDER BY till_id, is_refund, method";

impl Till {
    fn new(row: Row, lines: &[Line]) -> Self {
        let money = |minor| money(minor, row.currency);
        let expected_minor = row.float_minor + row.taken_minor - row.returned_minor;
        let takings = |is_refund: bool| {
            let own = lines.iter().filter(|line| line.till_id == row.till_id && line.is_refund == is_refund);
            let taking = |line: &Line| Takings {
                method: line.method,
                count: line.count,
                amount: money(line.amount_minor),
            };
            own.map(taking).collect()
        };
        Self {
            sales: takings(false),
            refunds: takings(true),
            till_id: row.till_id,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            float: money(row.float_minor),
            expected: money(expected_minor),
            counted: row.counted_minor.map(money),
            difference: row.counted_minor.map(|counted| money(counted - expected_minor)),
            opened_by: row.seller_id,
            opened_by_name: row.name,
        }
    }
}

async fn lines_of(reading: &mut Reading, rows: &[Row]) -> Result<Vec<Line>, Problem> {
    let tills: Vec<Uuid> = rows.iter().map(|row| row.till_id).collect();
    let select: Select<Line> = sqlx::query_as(LINES);
    reading.all(select.bind(tills)).await
}

/// The seller whose tills are shown, if not those of all: a till has no venue, so a role for some venues sees its own.
fn own_only(staff: &Staff) -> Option<Uuid> {
    staff.venues.as_ref().map(|_| staff.user.0)
}

/// Lists the sessions of all tills, newest first, each with its report. With a role for some venues, those of the caller.
///
/// # Errors
///
/// 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/box-office/tills",
    tag = "Box office",
    params(TillFilter, Paging),
    responses((status = 200, body = Page<Till>), schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn list_tills(
    staff: Staff,
    Params(TillFilter { seller_id, open }): Params<TillFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Till>>, Problem> {
    let (before, before_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(select_tills!(
        "WHERE ($1::uuid IS NULL OR t.seller_id = $1) AND ($2::boolean IS NULL OR (t.closed_at IS NULL) = $2)
           AND ($4::timestamptz IS NULL OR (t.opened_at, t.till_id) < ($4, $5::uuid))
           AND ($3::uuid IS NULL OR t.seller_id = $3)
         ORDER BY t.opened_at DESC, t.till_id DESC LIMIT $6"
    ));
    let select = select.bind(seller_id.map(|seller| seller.0)).bind(open).bind(own_only(&staff));
    let rows = reading.planned(select.bind(before).bind(before_id).bind(paging.rows())).await?;
    let page = Page::new(rows, &paging, |row| (row.opened_at, row.till_id));
    let lines = lines_of(&mut reading, &page.items).await?;
    Ok(Json(page.map(|row| Till::new(row, &lines))))
}

/// Returns one session with its report.
///
/// # Errors
///
/// 404 if the session does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/box-office/tills/{id}",
    tag = "Box office",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Till), CallForOne, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn get_till(
    staff: Staff,
    PathId(till): PathId<TillId>,
    mut reading: Reading,
) -> Result<Json<Till>, Problem> {
    let select: Select<Row> =
        sqlx::query_as(select_tills!("WHERE t.till_id = $1 AND ($2::uuid IS NULL OR t.seller_id = $2)"));
    let row = reading.one(select.bind(till.0).bind(own_only(&staff))).await?;
    let lines = lines_of(&mut reading, std::slice::from_ref(&row)).await?;
    Ok(Json(Till::new(row, &lines)))
}
