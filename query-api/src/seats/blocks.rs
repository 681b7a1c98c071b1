//! `GET /screenings/{id}/blocks`

use axum::Json;
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::ScreeningId;
use ticketshow_http::{Params, PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    authority::Staff,
    formatting::Moment,
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::CallForOne,
};

/// Seats that the house keeps back.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub struct Block {
    block_id: Uuid,
    #[schema(example = json!(["A-1", "A-2"]))]
    seats: Vec<String>,
    /// Seats that guests have, which are kept back once they are free.
    awaited: Vec<String>,
    /// True if the screen keeps them back in all its screenings.
    of_screen: bool,
    /// Purpose.
    #[schema(example = "Press")]
    reason: String,
    /// Moment from which on the seats are for sale again; null if they are released by hand.
    release_at: Option<Moment>,
    created_at: Moment,
    /// Person who blocked them.
    created_by: Uuid,
}

/// Lists the blocked seats of a screening, newest first.
///
/// # Errors
///
/// 404 if the screening does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/screenings/{id}/blocks",
    tag = "Catalogue",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<Block>), CallForOne, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn list_blocks(
    _admitted: Staff,
    PathId(screening): PathId<ScreeningId>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Block>>, Problem> {
    let select: Select<(Uuid,)> =
        sqlx::query_as("SELECT screening_id FROM screenings WHERE screening_id = $1");
    let (screening,) = reading.one(select.bind(screening.0)).await?;
    let (before, before_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Block> = sqlx::query_as(
        "SELECT block_id, seats, awaited, screen_block_id IS NOT NULL AS of_screen, reason, release_at, created_at, created_by
         FROM blocks
         WHERE screening_id = $1 AND released_at IS NULL
           AND ($2::timestamptz IS NULL OR (created_at, block_id) < ($2, $3::uuid))
         ORDER BY created_at DESC, block_id DESC LIMIT $4",
    );
    let blocks = reading.all(select.bind(screening).bind(before).bind(before_id).bind(paging.rows())).await?;
    Ok(Json(Page::new(blocks, &paging, |block| (block.created_at, block.block_id))))
}
