//! `POST /shares/open`. It changes nothing, but is not a `GET`, because a token in an address would be logged by proxies.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{SeatName, booking::Booking, screening::Screening, venue::Venue};
use ticketshow_http::{Body, Problem, schema};
use ticketshow_nats::executor::outcome::Freshness;
use ticketshow_tickets::Qr;
use utoipa::ToSchema;

use crate::{bookings::check_in::renamed, machinery::app::App};

/// The secret of a link to a ticket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareProof {
    /// The part of the link after `#token=`.
    token: String,
}

/// One ticket, for a guest.
#[derive(Serialize, ToSchema)]
pub struct SharedTicket {
    #[schema(example = "Dune")]
    show_title: String,
    venue_name: String,
    address: Option<String>,
    city: String,
    screen_name: String,
    /// Local time with the venue's offset.
    #[schema(format = DateTime, example = "2026-11-27T18:30:00+05:30")]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    #[schema(example = "Asia/Kolkata")]
    timezone: String,
    #[schema(value_type = String, example = "C-7")]
    seat: SeatName,
    /// Level of the seat, such as the balcony; left out in a room with one level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Balcony")]
    level: Option<String>,
    /// Price category of the seat.
    #[schema(example = "gold")]
    category: String,
    /// Signed code of the ticket.
    code: String,
    /// The code as a QR code: an SVG document.
    qr_svg: String,
}

/// Returns the ticket that a link shows. Needs no account.
///
/// # Errors
///
/// 404 for a wrong token, and once the link was ended, the seat was given back, the booking was cancelled or the screening is over.
#[utoipa::path(
    post,
    path = "/shares/open",
    tag = "Booking and money",
    request_body = ShareProof,
    responses((status = 200, body = SharedTicket), schema::NotFound, schema::AnyCall)
)]
pub async fn open_share(
    State(app): State<App>,
    Body(ShareProof { token }): Body<ShareProof>,
) -> Result<Json<SharedTicket>, Problem> {
    // Nothing is loaded for a forged token.
    let (booking, share) = app.edge.share_tokens.check(&token).ok_or_else(Problem::not_found)?;
    let booking = app.state::<Booking>(&booking, Freshness::Fresh).await?.state;
    let ticket = booking.shared_ticket(share).cloned().ok_or_else(Problem::not_found)?;
    let opened = booking.opened.ok_or_else(Problem::not_found)?;
    let screening = app.state::<Screening>(&opened.screening, Freshness::Fresh).await?.state;
    let promise = screening.promise().filter(|promise| app.edge.now() < promise.ends_at);
    let promise = promise.filter(|_| screening.cancelled().is_none()).ok_or_else(Problem::not_found)?;
    let promise = renamed(&app, promise).await?;
    let venue = app.state::<Venue>(&promise.venue, Freshness::Cached).await?.state;
    let category = promise.layout.find(&ticket.seat).map(|(_, row)| row.category.clone());
    let level = promise.layout.level_of(&ticket.seat).map(str::to_owned);
    let qr_svg = Qr::new(&ticket.code).map_err(|_| Problem::internal())?.svg();
    let local = |at| promise.timezone.zone().to_offset(at);
    Ok(Json(SharedTicket {
        starts_at: promise.starts_at.display_with_offset(local(promise.starts_at)).to_string(),
        ends_at: promise.ends_at.display_with_offset(local(promise.ends_at)).to_string(),
        timezone: promise.timezone.to_string(),
        show_title: promise.show_title,
        venue_name: promise.venue_name,
        address: venue.details.map(|details| details.address),
        city: promise.city,
        screen_name: promise.screen_name,
        seat: ticket.seat,
        level,
        category: category.unwrap_or_default(),
        code: ticket.code,
        qr_svg,
    }))
}
