//! `DELETE /screenings/{id}/blocks/{block_id}`

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::{
    ScreeningId,
    screening::{Command, Screening},
};
use ticketshow_http::{PathId, Problem, StreamPosition, Trace, schema};
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// Puts the seats of a block on sale again.
///
/// # Errors
///
/// 404 if the screening has no such block.
#[utoipa::path(
    delete,
    path = "/screenings/{id}/blocks/{block_id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path), ("block_id" = Uuid, Path)),
    responses(
        (status = 204, description = "released, now or before"),
        schema::NotFound,
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn release_block(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId((screening, block)): PathId<(ScreeningId, Uuid)>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let command = Command::ReleaseBlock { block, by: caller.user };
    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Screening>(&screening, command, metadata).await?;
    Ok((StatusCode::NO_CONTENT, position))
}
