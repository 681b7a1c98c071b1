//! `POST /screenings/{id}/blocks`

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    ScreeningId, SeatName,
    screening::{Command, Screening, WantedBlock},
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// Seats to keep back from sale.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedSeatsOfHouse {
    #[schema(value_type = Vec<String>, example = json!(["A-1", "A-2"]))]
    seats: Vec<SeatName>,
    /// Purpose, for staff.
    #[schema(max_length = 200, example = "Press")]
    reason: String,
    /// Moment from which on the seats are for sale again, before the start of the screening. Without it, they are released by hand.
    #[schema(value_type = Option<String>, format = DateTime)]
    release_at: Option<Timestamp>,
}

/// Seats that are kept back from sale.
#[derive(Serialize, ToSchema)]
pub struct BlockedSeats {
    block_id: Uuid,
    screening_id: Uuid,
    #[schema(value_type = Vec<String>, example = json!(["A-1", "A-2"]))]
    seats: Vec<SeatName>,
    reason: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    release_at: Option<Timestamp>,
}

/// Keeps seats of a screening back from sale. Customers cannot book them; staff see why.
///
/// # Errors
///
/// 404; 409 `seat-taken` (`seats`), `booking-closed`, `screening-cancelled`; 422 `unknown-seat`, `seat-count`, `duplicate-seat`.
#[utoipa::path(
    post,
    path = "/screenings/{id}/blocks",
    tag = "Catalogue",
    request_body = WantedSeatsOfHouse,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = BlockedSeats),
        schema::NotFound,
        (
            status = 409,
            description = "`seat-taken` (`seats`), `booking-closed`, `screening-cancelled`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn block_seats(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(screening): PathId<ScreeningId>,
    Body(body): Body<WantedSeatsOfHouse>,
) -> Result<(StatusCode, StreamPosition, Json<BlockedSeats>), Problem> {
    let block = ids.id(caller.user, screening, app.edge.new_id);
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let WantedSeatsOfHouse { seats, reason, release_at } = body;
    let wanted = WantedBlock { seats: seats.clone(), reason, release_at };
    let command = Command::BlockSeats { block, wanted, by: caller.user, fingerprint };
    let metadata = app.sent_by(caller.user, &trace);
    let reason_of = move |screening: &Screening| screening.block(block).map(|block| block.reason.clone());
    let executed = app.execute(&screening, command, metadata, reason_of).await?;
    let reason = executed.answer.ok_or_else(Problem::internal)?;
    let blocked = BlockedSeats { block_id: block, screening_id: screening.0, seats, reason, release_at };
    Ok((StatusCode::CREATED, StreamPosition(executed.position), Json(blocked)))
}
