//! `GET /screens/{id}/blocks`

use std::collections::HashMap;

use axum::{Json, extract::State};
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::{BookingId, ScreenId};
use ticketshow_http::{Params, PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::App,
    authority::Staff,
    formatting::{LocalTime, Moment},
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::CallForOne,
};

/// Most bookings that are named for a page of blocks: staff help them one by one.
const GUESTS_MAX: i64 = 500;

/// Seats that all screenings of a screen keep back.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScreenBlock {
    block_id: Uuid,
    #[schema(example = json!(["C-7"]))]
    seats: Vec<String>,
    /// Purpose.
    #[schema(example = "Broken seat")]
    reason: String,
    created_at: Moment,
    /// Person who blocked them.
    created_by: Uuid,
    /// Bookings to come that have some of the seats, by start. Their seats are kept back once they are given back.
    guests: Vec<GuestOnBlock>,
}

/// A booking that has blocked seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuestOnBlock {
    booking_id: Uuid,
    #[schema(example = "K7QM-3XRP")]
    reference: String,
    screening_id: Uuid,
    show_title: String,
    starts_at: LocalTime,
    #[schema(example = json!(["C-7"]))]
    seats: Vec<String>,
    /// `false` while the booking is not paid.
    paid: bool,
}

#[derive(FromRow)]
struct Row {
    block_id: Uuid,
    seats: Vec<String>,
    reason: String,
    created_at: Moment,
    created_by: Uuid,
}

#[derive(FromRow)]
struct GuestRow {
    screen_block_id: Uuid,
    booking_id: Uuid,
    screening_id: Uuid,
    show_title: String,
    timezone: String,
    starts_at: Moment,
    seats: Vec<String>,
    paid: bool,
}

impl From<GuestRow> for GuestOnBlock {
    fn from(row: GuestRow) -> Self {
        Self {
            booking_id: row.booking_id,
            reference: BookingId(row.booking_id).reference().to_string(),
            screening_id: row.screening_id,
            show_title: row.show_title,
            starts_at: LocalTime::new(row.starts_at, &row.timezone),
            seats: row.seats,
            paid: row.paid,
        }
    }
}

const SELECT_GUESTS: &str = "
    SELECT blocks.screen_block_id, bookings.booking_id, screenings.screening_id, screenings.show_title, screenings.timezone,
           screenings.starts_at, bookings.claim = 'sold' AS paid,
           ARRAY(SELECT unnest(bookings.seats) INTERSECT SELECT unnest(blocks.awaited) ORDER BY 1) AS seats
    FROM blocks
    JOIN screenings USING (screening_id)
    JOIN bookings ON bookings.screening_id = blocks.screening_id AND bookings.claim IN ('held', 'sold')
                 AND bookings.seats && blocks.awaited
    WHERE blocks.screen_block_id = ANY($1) AND blocks.released_at IS NULL
      AND screenings.status = 'active' AND screenings.starts_at > $2
    ORDER BY screenings.starts_at, bookings.booking_id LIMIT $3";

/// Lists the seats that a screen keeps back in all its screenings, newest first, with the bookings that have some of them already.
///
/// # Errors
///
/// 404 if the screen does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/screens/{id}/blocks",
    tag = "Catalogue",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<ScreenBlock>), CallForOne, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn list_screen_blocks(
    State(app): State<App>,
    _admitted: Staff,
    PathId(screen): PathId<ScreenId>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<ScreenBlock>>, Problem> {
    let select: Select<(Uuid,)> = sqlx::query_as("SELECT screen_id FROM screens WHERE screen_id = $1");
    let (screen,) = reading.one(select.bind(screen.0)).await?;
    let (before, before_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(
        "SELECT block_id, seats, reason, created_at, created_by FROM screen_blocks
         WHERE screen_id = $1 AND released_at IS NULL
           AND ($2::timestamptz IS NULL OR (created_at, block_id) < ($2, $3::uuid))
         ORDER BY created_at DESC, block_id DESC LIMIT $4",
    );
    let rows = reading.all(select.bind(screen).bind(before).bind(before_id).bind(paging.rows())).await?;
    let page = Page::new(rows, &paging, |row| (row.created_at, row.block_id));
    let blocks: Vec<Uuid> = page.items.iter().map(|row| row.block_id).collect();
    let select: Select<GuestRow> = sqlx::query_as(SELECT_GUESTS);
    let now = app.parts.edge.now().to_sqlx();
    let mut guests = HashMap::<Uuid, Vec<GuestOnBlock>>::new();
    for row in reading.all(select.bind(blocks).bind(now).bind(GUESTS_MAX)).await? {
        guests.entry(row.screen_block_id).or_default().push(row.into());
    }
    Ok(Json(page.map(|row| {
        let Row { block_id, seats, reason, created_at, created_by } = row;
        let guests = guests.remove(&block_id).unwrap_or_default();
        ScreenBlock { block_id, seats, reason, created_at, created_by, guests }
    })))
}
