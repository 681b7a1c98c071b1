//! `GET /screenings/{id}/seats`

mod cache;
mod map;

use axum::{extract::State, response::Response};
use serde::Serialize;
use ticketshow_domain::ScreeningId;
use ticketshow_http::{Caller, IfNoneMatch, MinPosition, PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

pub use cache::SeatMaps;

use crate::{
    App,
    catalogue::{CallForOne, KeptCall, json_bytes},
};

/// The seats of a screening. For the document only: the JSON is drawn in `map.rs`.
#[derive(Serialize, ToSchema)]
struct SeatMap {
    screening_id: Uuid,
    /// Of the last commit that changed the map.
    position: u64,
    /// Front first.
    rows: Vec<SeatRow>,
}

/// A row of seats, left to right.
#[derive(Serialize, ToSchema)]
struct SeatRow {
    #[schema(example = "A")]
    label: String,
    /// The price category.
    #[schema(example = "gold")]
    category: String,
    /// An aisle runs to the right of each of these seats.
    #[schema(example = json!([4, 8]))]
    aisles_after: Vec<u16>,
    seats: Vec<Seat>,
}

/// One seat.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as the REST surface names them")]
struct Seat {
    #[schema(example = "A-1")]
    seat: String,
    status: SeatStatus,
    /// Can be reached by wheelchair.
    accessible: bool,
    #[schema(value_type = schema::Money)]
    price: (),
    /// Is in a booking of the caller that waits for payment. Left out otherwise.
    #[schema(required = false)]
    held_by_me: bool,
    /// Is in a paid booking of the caller. Left out otherwise.
    #[schema(required = false)]
    sold_to_me: bool,
}

/// Whether a seat can be booked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "for the document only")]
enum SeatStatus {
    /// Yes.
    Free,
    /// Waits for somebody's payment.
    Held,
    /// Paid.
    Sold,
}

/// The seat map. Who is signed in finds their own seats flagged.
///
/// # Errors
///
/// 404 if there is no such screening.
#[utoipa::path(
    get,
    path = "/screenings/{id}/seats",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = SeatMap), KeptCall, CallForOne, schema::AnyCall),
    security((), ("bearer" = []))
)]
pub async fn get_seats(
    State(app): State<App>,
    PathId(screening): PathId<ScreeningId>,
    caller: Option<Caller>,
    MinPosition(wanted): MinPosition,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    if let Some(wanted) = wanted {
        app.tables.wait_for(wanted).await?;
    }
    let seen = match caller {
        None => app.seat_maps.current(&app.tables, screening).await?,
        Some(caller) => app.seat_maps.personal(&app.tables, screening, caller.user).await?,
    };
    if wanted.is_some_and(|wanted| seen.reached < wanted) {
        return Err(Problem::read_model_behind());
    }
    if seen.mine.is_empty() {
        return Ok(seen.map.tag.answer(&known, || json_bytes(seen.map.json.clone())));
    }
    Ok(seen.map.tag_for(&seen.mine).answer(&known, || json_bytes(seen.map.json_for(&seen.mine))))
}
