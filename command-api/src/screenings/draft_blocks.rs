//! `POST /screens/{id}/drafts/{draft_id}/blocks`, `DELETE /screens/{id}/drafts/{draft_id}/blocks/{block_id}`

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    ScreenId, ScreeningId, SeatName,
    screen::{Command, Screen},
    screening::WantedBlock,
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// Seats of a draft to keep back from sale.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedDraftBlock {
    /// At most 500, together with those of all blocks of the draft and its screen.
    #[schema(value_type = Vec<String>, example = json!(["A-1", "A-2"]))]
    seats: Vec<SeatName>,
    /// Purpose, for staff.
    #[schema(max_length = 200, example = "Press")]
    reason: String,
    /// Moment from which on the seats are for sale again, before the start of the screening. Without it, they are released by hand. If it has
    /// passed when the draft is published, the screening does not keep the seats back.
    // Left out, so that requests without it have the fingerprint that they always had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    release_at: Option<Timestamp>,
}

/// Seats that the screening of a draft keeps back from its beginning.
#[derive(Serialize, ToSchema)]
pub struct BlockedDraftSeats {
    block_id: Uuid,
    draft_id: Uuid,
    #[schema(value_type = Vec<String>, example = json!(["A-1", "A-2"]))]
    seats: Vec<SeatName>,
    reason: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    release_at: Option<Timestamp>,
}

/// Keeps seats of a draft back. Its screening keeps them back from its beginning, until they are released by hand or at the time given.
///
/// # Errors
///
/// 404 if the screen has no such draft; 409 `already-published`, `seat-taken` (`seats`) if they are kept back already, `too-many-blocked`
/// (`max`); 422 for unknown seats, and for a time that is past or not before the start.
#[utoipa::path(
    post,
    path = "/screens/{id}/drafts/{draft_id}/blocks",
    tag = "Catalogue",
    request_body = WantedDraftBlock,
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
    Body(body): Body<WantedDraftBlock>,
) -> Result<(StatusCode, StreamPosition, Json<BlockedDraftSeats>), Problem> {
    let block = ids.id(caller.user, screening, app.edge.new_id);
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let WantedDraftBlock { seats, reason, release_at } = body;
    let wanted = WantedBlock { seats, reason, release_at };
    let command = Command::BlockDraftSeats { screening, block, wanted, by: caller.user, fingerprint };
    let metadata = app.sent_by(caller.user, &trace);
    let kept =
        move |screen: &Screen| screen.drafts.get(&screening)?.block(block).map(|known| known.block.clone());
    let executed = app.execute(&screen, command, metadata, kept).await?;
    let kept = executed.answer.ok_or_else(Problem::not_found)?;
    let (seats, reason, release_at) = (kept.seats, kept.reason, kept.release_at);
    let blocked = BlockedDraftSeats { block_id: block, draft_id: screening.0, seats, reason, release_at };
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
    let position = app.send::<Screen>(&screen, command, metadata).await?;
    Ok((StatusCode::NO_CONTENT, position))
}
