//! `GET /bookings/{id}/shares`

use axum::{Json, extract::State};
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::BookingId;
use ticketshow_http::{Caller, PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::App,
    formatting::Moment,
    page::Page,
    reading::{Reading, Select},
    responses::CallForOne,
};

/// A link that shows one ticket of the booking. Its address is in the answer that made it only: the token is stored nowhere.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub struct TicketShare {
    share_id: Uuid,
    #[schema(example = "C-7")]
    seat: String,
    created_at: Moment,
}

/// Lists the links to tickets of one of the caller's bookings, oldest first: those that show a ticket now. A booking has at most 100.
///
/// # Errors
///
/// 404 if the booking does not exist or belongs to another customer.
#[utoipa::path(
    get,
    path = "/bookings/{id}/shares",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<TicketShare>), CallForOne, schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn list_shares(
    State(app): State<App>,
    caller: Caller,
    PathId(booking): PathId<BookingId>,
    mut reading: Reading,
) -> Result<Json<Page<TicketShare>>, Problem> {
    let owned: Select<(Uuid,)> =
        sqlx::query_as("SELECT booking_id FROM bookings WHERE booking_id = $1 AND customer_id = $2");
    reading.one(owned.bind(booking.0).bind(caller.user.0)).await?;
    let select: Select<TicketShare> = sqlx::query_as(
        "SELECT t.share_id, t.seat, t.created_at
         FROM ticket_shares t JOIN bookings b USING (booking_id) JOIN screenings s USING (screening_id)
         WHERE t.booking_id = $1 AND t.ended_at IS NULL AND b.status = 'confirmed' AND t.seat = ANY(b.seats)
           AND s.ends_at > $2::timestamptz
         ORDER BY t.created_at, t.share_id",
    );
    let now = Moment::from(app.parts.edge.now());
    Ok(Json(Page::whole(reading.all(select.bind(booking.0).bind(now)).await?)))
}
