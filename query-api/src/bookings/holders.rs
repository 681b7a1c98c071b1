//! `GET /admin/screenings/{id}/holders`

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::ScreeningId;
use ticketshow_http::{PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::booking::Customer,
    machinery::{
        app::App,
        authority::Staff,
        formatting::Moment,
        reading::{Reading, Select},
        responses::CallForOne,
    },
};

/// Most customers in the list.
const HOLDERS_MAX: i64 = 100;

/// The customers with the most unpaid seats of a screening.
#[derive(Debug, Serialize, ToSchema)]
pub struct Holders {
    screening_id: Uuid,
    /// At most 100, the one with the most seats first.
    items: Vec<Holder>,
}

/// A customer with unpaid seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct Holder {
    customer: Customer,
    /// Unpaid seats.
    seats: i64,
    /// Bookings of these seats.
    holds: i64,
    /// Those with a payment under way.
    paying: i64,
    /// Unpaid holds of this screening that lapsed so far.
    lapsed: i64,
    /// End of the first of these holds.
    #[schema(value_type = String, format = DateTime)]
    held_until: Moment,
}

#[derive(FromRow)]
struct Row {
    customer_id: Uuid,
    email: Option<String>,
    name: Option<String>,
    seats: i64,
    holds: i64,
    paying: i64,
    lapsed: i64,
    held_until: Moment,
}

/// Lists the customers with the most unpaid seats of a screening. Their holds can be released.
///
/// # Errors
///
/// 404 if the screening does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/screenings/{id}/holders",
    tag = "Administration",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Holders), CallForOne, schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_holders(
    State(app): State<App>,
    _admitted: Staff,
    PathId(screening): PathId<ScreeningId>,
    mut reading: Reading,
) -> Result<Json<Holders>, Problem> {
    let select: Select<(Uuid,)> =
        sqlx::query_as("SELECT screening_id FROM screenings WHERE screening_id = $1");
    let (screening_id,) = reading.one(select.bind(screening.0)).await?;
    let select: Select<Row> = sqlx::query_as(
        "SELECT h.customer_id, a.email, a.name, h.seats, h.holds, h.paying, h.lapsed, h.held_until
         FROM (SELECT customer_id,
                      sum(cardinality(seats)) FILTER (WHERE live) AS seats, count(*) FILTER (WHERE live) AS holds,
                      count(*) FILTER (WHERE live AND status = 'paying') AS paying,
                      count(*) FILTER (WHERE status = 'expired') AS lapsed,
                      min(held_until) FILTER (WHERE live) AS held_until
               FROM (SELECT *, claim = 'held' AND held_until > $2::timestamptz AS live
                     FROM bookings WHERE screening_id = $1) b
               GROUP BY customer_id HAVING bool_or(live)
               ORDER BY seats DESC, customer_id LIMIT $3) h
         LEFT JOIN accounts a ON a.user_id = h.customer_id
         ORDER BY h.seats DESC, h.customer_id",
    );
    let now = app.parts.edge.now().to_string();
    let rows = reading.all(select.bind(screening.0).bind(now).bind(HOLDERS_MAX)).await?;
    let holder = |row: Row| {
        let Row { customer_id, email, name, seats, holds, paying, lapsed, held_until } = row;
        let customer = Customer::new(customer_id, email, name);
        Holder { customer, seats, holds, paying, lapsed, held_until }
    };
    Ok(Json(Holders { screening_id, items: rows.into_iter().map(holder).collect() }))
}
