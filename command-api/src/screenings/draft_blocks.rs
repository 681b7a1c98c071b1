//! `POST /screens/{id}/drafts/{draft_id}/blocks`, `DELETE /screens/{id}/drafts/{draft_id}/blocks/{block_id}`

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_domain::{
    ScreenId, ScreeningId, SeatName,
    screen::{Command, Screen, WantedSeats},
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    machinery::{app::App, authority::Staff},
    screenings::screen_blocks::WantedScreenBlock,
};

/// Seats that the screening of a draft keeps back from its beginning.
#[derive(Serialize, ToSchema)]
pub struct BlockedDraftSeats {
    block_id: Uuid,
    draft_id: Uuid,
    #[schema(value_type = Vec<String>, example = json!(["A-1", "A-2"]))]
    seats: Vec<SeatName>,
    reason: String,
}

/// Keeps seats of a draft back. Its screening keeps them back from its beginning, until they are released.
///
/// # Errors
///
/// 404 if the screen has no such draft; 409 `already-published`, `seat-taken` (`seats`) if they are kept back already, `too-many-blocked`
/// (`max`); 422 for unknown seats.
#[utoipa::path(
    post,
    path = "/screens/{id}/drafts/{draft_id}/blocks",
    tag = "Catalogue",
    request_body = WantedScreenBlock,
    params(("id" = Uuid, Path), ("draft_id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = BlockedDraftSeats),
        schema::NotFound,
        (
            status = 409,
            description = "`already-published`, `seat-taken` (`seats`), `too-many-blocked` (`max`)",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn block_draft_seats(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId((screen, screening)): PathId<(ScreenId, ScreeningId)>,
    Body(body): Body<WantedScreenBlock>,
) -> Result<(StatusCode, StreamPosition, Json<BlockedDraftSeats>), Problem> {
    let block = ids.id(caller.user, screening, app.edge.new_id);
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let WantedScreenBlock { seats, reason } = body;
    let wanted = WantedSeats { seats, reason };
    let command = Command::BlockDraftSeats { screening, block, wanted, by: caller.user, fingerprint };
    let metadata = app.sent_by(caller.user, &trace);
    let kept =
        move |screen: &Screen| screen.drafts.get(&screening)?.block(block).map(|known| known.block.clone());
    let executed = app.execute(&screen, command, metadata, kept).await?;
    let kept = executed.answer.ok_or_else(Problem::not_found)?;
    let (seats, reason) = (kept.seats, kept.reason);
    let blocked = BlockedDraftSeats { block_id: block, draft_id: screening.0, seats, reason };
    Ok((StatusCode::CREATED, StreamPosition(executed.position), Json(blocked)))
}

/// Releases the seats of a draft's block.
///
/// # Errors
///
/// 404 if the screen has no such draft; 409 `already-published`.
#[utoipa::path(
    delete,
    path = "/screens/{id}/drafts/{draft_id}/blocks/{block_id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path), ("draft_id" = Uuid, Path), ("block_id" = Uuid, Path)),
    responses(
        (status = 204, description = "released, now or before"),
        schema::NotFound,
        (
            status = 409,
            description = "`already-published`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn release_draft_block(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId((screen, screening, block)): PathId<(ScreenId, ScreeningId, Uuid)>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let command = Command::ReleaseDraftBlock { screening, block, by: caller.user };
    let metadata = app.sent_by(caller.user, &trace);
    let executed = app.execute(&screen, command, metadata, |_: &Screen| ()).await?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(executed.position)))
}
