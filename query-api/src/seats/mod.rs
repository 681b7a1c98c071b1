//! `GET /screenings/{id}/seats`

pub mod blocks;
pub mod cache;
mod map;
pub mod past;
pub mod screen_blocks;

use axum::{extract::State, response::Response};
use serde::Serialize;
use ticketshow_domain::ScreeningId;
use ticketshow_http::{Caller, IfNoneMatch, MinPosition, PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::App,
    responses::{CachedCall, CallForOne, json_bytes},
};

/// The seats of a screening.
// For the document only: the JSON is drawn in `map.rs`.
#[derive(Serialize, ToSchema)]
struct SeatMap {
    screening_id: Uuid,
    /// Log position of the last commit that changed the map.
    position: u64,
    /// Rows, front first.
    rows: Vec<SeatRow>,
}

/// A row of seats, left to right.
#[derive(Serialize, ToSchema)]
struct SeatRow {
    #[schema(example = "A")]
    label: String,
    /// Price category.
    #[schema(example = "gold")]
    category: String,
    /// An aisle runs to the right of each of these seats.
    #[schema(example = json!([4, 8]))]
    aisles_after: Vec<u16>,
    /// Spaces where seats are missing; left out without any.
    #[schema(required = false)]
    gaps: Vec<schema::Gap>,
    /// Distance by which the ends of the widest row would lie in front of its middle, in seats; left out for a straight row.
    #[schema(required = false, example = 4)]
    curve: u16,
    /// Level of the house; left out where it has no name.
    #[schema(required = false, example = "Balcony")]
    level: String,
    /// True for a standing area, whose places have no position; left out otherwise.
    #[schema(required = false)]
    standing: bool,
    /// Prices by ticket type; left out where all tickets are `standard`.
    #[schema(required = false, value_type = BTreeMap<String, schema::Money>)]
    prices: (),
    seats: Vec<Seat>,
}

/// One seat.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    clippy::struct_excessive_bools,
    reason = "named as the REST surface names them"
)]
struct Seat {
    #[schema(example = "A-1")]
    seat: String,
    status: SeatStatus,
    /// True if the seat can be reached by wheelchair.
    accessible: bool,
    /// True if the seat is for the companion of a wheelchair user; left out otherwise.
    #[schema(required = false)]
    companion: bool,
    /// Price; of several ticket types, that of `standard`, else the highest.
    #[schema(value_type = schema::Money)]
    price: (),
    /// True if the seat is in an unpaid booking of the caller; left out otherwise.
    #[schema(required = false)]
    held_by_me: bool,
    /// True if the seat is in a paid booking of the caller; left out otherwise.
    #[schema(required = false)]
    sold_to_me: bool,
}

/// Availability of a seat.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeatStatus {
    /// Can be booked.
    Free,
    /// In an unpaid booking.
    Held,
    /// In a paid booking.
    Sold,
    /// Not for sale: the house keeps it back.
    Blocked,
}

/// Returns the seat map of a screening. For a signed-in caller, their own seats are marked.
///
/// # Errors
///
/// 404 if the screening does not exist.
#[utoipa::path(
    get,
    path = "/screenings/{id}/seats",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = SeatMap), CachedCall, CallForOne, schema::AnyCall),
    security((), ("bearer" = []))
)]
pub async fn get_seats(
    State(app): State<App>,
    PathId(screening): PathId<ScreeningId>,
    caller: Option<Caller>,
    MinPosition(min_position): MinPosition,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    if let Some(min_position) = min_position {
        app.tables.wait_for(min_position).await?;
    }
    let view = match caller {
        None => app.seat_maps.current(&app.tables, screening).await?,
        Some(caller) => app.seat_maps.personal(&app.tables, screening, caller.user).await?,
    };
    if min_position.is_some_and(|position| view.reached < position) {
        return Err(Problem::read_model_behind());
    }
    if view.own.is_empty() {
        return Ok(view.map.tag.answer(&known, || json_bytes(view.map.json.clone())));
    }
    Ok(view.map.tag_for(&view.own).answer(&known, || json_bytes(view.map.json_for(&view.own))))
}
