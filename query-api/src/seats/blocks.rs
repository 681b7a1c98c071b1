//! `GET /screenings/{id}/blocks`

use std::collections::HashMap;

use axum::Json;
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::{BookingId, ScreeningId};
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

/// Most bookings with seats of the listed blocks.
const GUESTS_MAX: i64 = 500;

/// Seats that the house keeps back.
#[derive(Debug, Serialize, ToSchema)]
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
    /// Bookings that have awaited seats.
    guests: Vec<GuestWithSeats>,
}

/// A booking that has seats which the house awaits.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuestWithSeats {
    booking_id: Uuid,
    #[schema(example = "K7QM-3XRP")]
    reference: String,
    #[schema(example = json!(["A-1"]))]
    seats: Vec<String>,
    /// `false` while the booking is not paid.
    paid: bool,
}

#[derive(FromRow)]
struct Row {
    block_id: Uuid,
    seats: Vec<String>,
    awaited: Vec<String>,
    of_screen: bool,
    reason: String,
    release_at: Option<Moment>,
    created_at: Moment,
    created_by: Uuid,
}

impl Row {
    fn with(self, guests: Vec<GuestWithSeats>) -> Block {
        let Self { block_id, seats, awaited, of_screen, reason, release_at, created_at, created_by } = self;
        Block { block_id, seats, awaited, of_screen, reason, release_at, created_at, created_by, guests }
    }
}

#[derive(FromRow)]
struct GuestRow {
    block_id: Uuid,
    booking_id: Uuid,
    seats: Vec<String>,
    paid: bool,
}

const SELECT_GUESTS: &str = "
    SELECT blocks.block_id, bookings.booking_id, bookings.claim = 'sold' AS paid,
           ARRAY(SELECT unnest(bookings.seats) INTERSECT SELECT unnest(blocks.awaited) ORDER BY 1) AS seats
    FROM blocks
    JOIN bookings ON bookings.screening_id = blocks.screening_id AND bookings.claim IN ('held', 'sold')
                 AND bookings.seats && blocks.awaited
    WHERE blocks.block_id = ANY($1)
    ORDER BY bookings.booking_id LIMIT $2";

/// Lists the blocked seats of a screening, newest first, with the bookings that have some of them still.
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
    let select: Select<Row> = sqlx::query_as(
        "SELECT block_id, seats, awaited, screen_block_id IS NOT NULL AS of_screen, reason, release_at, created_at, created_by
         FROM blocks
         WHERE screening_id = $1 AND released_at IS NULL
           AND ($2::timestamptz IS NULL OR (created_at, block_id) < ($2, $3::uuid))
         ORDER BY created_at DESC, block_id DESC LIMIT $4",
    );
    let rows = reading.all(select.bind(screening).bind(before).bind(before_id).bind(paging.rows())).await?;
    let page = Page::new(rows, &paging, |row| (row.created_at, row.block_id));
    let awaiting = page.items.iter().filter(|row| !row.awaited.is_empty());
    let awaiting: Vec<Uuid> = awaiting.map(|row| row.block_id).collect();
    let select: Select<GuestRow> = sqlx::query_as(SELECT_GUESTS);
    let mut guests = HashMap::<Uuid, Vec<GuestWithSeats>>::new();
    for GuestRow { block_id, booking_id, seats, paid } in
        reading.all(select.bind(awaiting).bind(GUESTS_MAX)).await?
    {
        let reference = BookingId(booking_id).reference().to_string();
        guests.entry(block_id).or_default().push(GuestWithSeats { booking_id, reference, seats, paid });
    }
    Ok(Json(page.map(|row| {
        let guests = guests.remove(&row.block_id).unwrap_or_default();
        row.with(guests)
    })))
}
