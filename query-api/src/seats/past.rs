//! `GET /admin/screenings/{id}/seats`: the seat map as it was, with the owners of its seats.

use std::collections::{BTreeSet, HashMap};

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{
    BookingId, Gap, Money, ScreeningId,
    screening::{Screening, Seat},
};
use ticketshow_http::{Params, PathId, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::SeatStatus;
use crate::{
    bookings::booking::Customer,
    machinery::{
        app::App,
        authority::Staff,
        formatting::{Moment, money},
        reading::{Reading, Select},
        responses::CallForOne,
    },
    operations::aggregate_history::{Until, state_at},
};

/// The moment of the map.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PastMoment {
    /// Last log position or time (RFC 3339) to include. Default: everything.
    #[param(value_type = Option<String>, example = "2026-11-27T19:03:07Z")]
    at: Option<Until>,
}

/// The seats of a screening at a moment, with their owners.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastSeatMap {
    screening_id: Uuid,
    /// Log position of the last commit of the screening up to that moment.
    position: u64,
    /// Rows, front first.
    rows: Vec<PastRow>,
}

/// A row of seats, left to right.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastRow {
    #[schema(example = "A")]
    label: String,
    /// Price category.
    #[schema(example = "gold")]
    category: String,
    /// An aisle runs to the right of each of these seats.
    #[schema(example = json!([4, 8]))]
    aisles_after: Vec<u16>,
    /// Spaces where seats are missing; left out without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, value_type = Vec<schema::Gap>)]
    gaps: Vec<Gap>,
    /// Distance by which the ends of the widest row would lie in front of its middle, in seats; left out for a straight row.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = u16)]
    curve: Option<u16>,
    /// Level of the house; left out where it has no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String)]
    level: Option<String>,
    /// True for a standing area, whose places have no position; left out otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    standing: bool,
    seats: Vec<PastSeat>,
}

/// One seat at that moment.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastSeat {
    #[schema(example = "A-1")]
    seat: String,
    status: SeatStatus,
    /// True if the seat can be reached by wheelchair.
    accessible: bool,
    /// True if the seat is for the companion of a wheelchair user; left out otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    companion: bool,
    #[schema(value_type = schema::Money)]
    price: Money,
    /// The booking that had the seat; left out for a free one.
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<Uuid>,
    /// The customer of that booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Customer>,
    /// Time at which its ticket was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_in_at: Option<Moment>,
}

#[derive(FromRow)]
struct Known {
    user_id: Uuid,
    email: String,
    name: String,
}

/// Returns the seat map of a screening as it was at a log position or time, with the bookings and customers of its seats.
///
/// # Errors
///
/// 404 if the screening did not exist at that moment; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/screenings/{id}/seats",
    tag = "Administration",
    params(("id" = Uuid, Path), PastMoment),
    responses((status = 200, body = PastSeatMap), CallForOne, schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn get_past_seats(
    State(app): State<App>,
    _admitted: Staff,
    PathId(id): PathId<ScreeningId>,
    Params(PastMoment { at }): Params<PastMoment>,
    mut reading: Reading,
) -> Result<Json<PastSeatMap>, Problem> {
    let (screening, position) = state_at::<Screening>(&app, id.to_string(), at).await?;
    let customers: BTreeSet<Uuid> = screening.active().map(|(_, claim)| claim.customer.0).collect();
    let select: Select<Known> =
        sqlx::query_as("SELECT user_id, email, name FROM accounts WHERE user_id = ANY($1)");
    let known = reading.all(select.bind(customers.into_iter().collect::<Vec<_>>())).await?;
    let known: HashMap<Uuid, Known> = known.into_iter().map(|known| (known.user_id, known)).collect();
    let rows = rows(&screening, &known).ok_or_else(Problem::not_found)?;
    Ok(Json(PastSeatMap { screening_id: id.0, position, rows }))
}

/// `None` if the screening was not open yet.
fn rows(screening: &Screening, known: &HashMap<Uuid, Known>) -> Option<Vec<PastRow>> {
    let promise = screening.promise()?;
    let customer = |booking: BookingId| {
        let user = screening.claim(booking)?.customer.0;
        let account = known.get(&user);
        let text = |field: fn(&Known) -> &String| account.map(|known| field(known).clone());
        Some(Customer::new(user, text(|known| &known.email), text(|known| &known.name)))
    };
    let mut owners = (0..).zip(screening.seats());
    let mut rows = Vec::with_capacity(promise.layout.rows.len());
    for row in &promise.layout.rows {
        let price = money(promise.prices.get(&row.category).copied().unwrap_or_default(), promise.currency);
        let seats = row.seat_numbers().zip(owners.by_ref()).map(|(number, (index, owner))| PastSeat {
            seat: format!("{}-{number}", row.label),
            status: status(owner),
            accessible: row.accessible.contains(&number),
            companion: row.companions.contains(&number),
            price,
            booking_id: owner.booking().map(|booking| booking.0),
            customer: owner.booking().and_then(customer),
            checked_in_at: screening.checked_in_at(index).map(Moment::from),
        });
        rows.push(PastRow {
            label: row.label.clone(),
            category: row.category.clone(),
            seats: seats.collect(),
            aisles_after: row.aisles_after.clone(),
            gaps: row.gaps.clone(),
            curve: Some(row.curve).filter(|curve| *curve > 0),
            level: row.level.clone(),
            standing: row.standing,
        });
    }
    Some(rows)
}

fn status(owner: Seat) -> SeatStatus {
    match owner {
        Seat::Free => SeatStatus::Free,
        Seat::Held(_) => SeatStatus::Held,
        Seat::Sold(_) => SeatStatus::Sold,
        Seat::Blocked(_) => SeatStatus::Blocked,
    }
}
