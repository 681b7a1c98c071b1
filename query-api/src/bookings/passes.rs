//! `GET /bookings/{id}/tickets/{seat}/pass.pkpass`, `GET /bookings/{id}/tickets/{seat}/google-wallet`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::Serialize;
use ticketshow_domain::{BookingId, SeatName};
use ticketshow_http::{PathId, Problem, schema};
use ticketshow_tickets::{ApplePasses, GooglePasses};
use utoipa::ToSchema;

use crate::{
    bookings::tickets::{NoTickets, Reader, bug, confirmed, issued},
    machinery::{accepted_language::accepted_language, app::App, reading::Reading, responses::CallForOne},
};

/// Makers of passes for wallet apps; without one, no tickets can be added to that app.
#[derive(Debug, Default)]
pub struct Passes {
    /// Of Apple Wallet.
    pub apple: Option<ApplePasses>,
    /// Of Google Wallet.
    pub google: Option<GooglePasses>,
}

impl Passes {
    /// Apps to which tickets can be added now.
    pub(crate) fn kinds(&self, now: Timestamp) -> Vec<&'static str> {
        let apple = self.apple_at(now).map(|_| "apple");
        apple.into_iter().chain(self.google.as_ref().map(|_| "google")).collect()
    }

    /// A certificate that has expired makes no passes that telephones accept.
    fn apple_at(&self, now: Timestamp) -> Option<&ApplePasses> {
        self.apple.as_ref().filter(|apple| now < apple.expires_at())
    }
}

/// Returns the ticket of one seat as a pass of Apple Wallet, in a language that the caller accepts. Once the booking is cancelled, the pass
/// is void; added again, it replaces the first one.
///
/// # Errors
///
/// 404 if the booking does not exist, belongs to another customer, or does not include the seat, and in a house without passes of Apple
/// Wallet (`pass_kinds` of `GET /policy`); 409 `not-confirmed` before payment.
#[utoipa::path(
    get,
    path = "/bookings/{id}/tickets/{seat}/pass.pkpass",
    tag = "Booking and money",
    params(
        ("id" = Uuid, Path),
        ("seat" = String, Path, example = "C-7"),
        ("Accept-Language" = Option<String>, Header),
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/vnd.apple.pkpass"),
        CallForOne,
        NoTickets,
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn get_apple_pass(
    State(app): State<App>,
    Reader(caller): Reader,
    PathId((booking, seat)): PathId<(BookingId, SeatName)>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let now = app.parts.edge.now();
    if app.parts.passes.apple_at(now).is_none() {
        return Err(Problem::not_found());
    }
    let ticket = issued(&mut reading, &caller, booking).await?.pass(&seat, accepted_language(&headers))?;
    // Signing takes some CPU time, and no connection to Postgres meanwhile.
    drop(reading);
    let _permit = app.prints.take().await?;
    let making = app.clone();
    let made = tokio::task::spawn_blocking(move || {
        making.parts.passes.apple_at(now).map(|apple| apple.pass(&ticket, now))
    });
    let made = made.await.map_err(|_| Problem::internal())?.ok_or_else(Problem::not_found)?;
    let pass = made.map_err(|error| bug(&error))?;
    let name = format!("attachment; filename=\"ticket-{}.pkpass\"", booking.reference());
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.apple.pkpass"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::CONTENT_DISPOSITION, name.as_str()),
    ];
    Ok((headers, pass).into_response())
}

/// A link that adds a ticket to Google Wallet.
#[derive(Debug, Serialize, ToSchema)]
pub struct WalletLink {
    #[schema(example = "https://pay.google.com/gp/v/save/…")]
    url: String,
}

/// Returns the link that adds the ticket of one seat to Google Wallet, in a language that the caller accepts.
///
/// # Errors
///
/// 404 if the booking does not exist, belongs to another customer, or does not include the seat, and in a house without passes of Google
/// Wallet (`pass_kinds` of `GET /policy`); 409 `booking-cancelled`, or `not-confirmed` before payment.
#[utoipa::path(
    get,
    path = "/bookings/{id}/tickets/{seat}/google-wallet",
    tag = "Booking and money",
    params(
        ("id" = Uuid, Path),
        ("seat" = String, Path, example = "C-7"),
        ("Accept-Language" = Option<String>, Header),
    ),
    responses(
        (status = 200, body = WalletLink),
        CallForOne,
        NoTickets,
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn get_google_link(
    State(app): State<App>,
    Reader(caller): Reader,
    PathId((booking, seat)): PathId<(BookingId, SeatName)>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    if app.parts.passes.google.is_none() {
        return Err(Problem::not_found());
    }
    let ticket = confirmed(&mut reading, &caller, booking).await?.pass(&seat, accepted_language(&headers))?;
    drop(reading);
    let _permit = app.prints.take().await?;
    let (making, now) = (app.clone(), app.parts.edge.now());
    let made = tokio::task::spawn_blocking(move || {
        making.parts.passes.google.as_ref().map(|google| google.link(&ticket, now))
    });
    let made = made.await.map_err(|_| Problem::internal())?.ok_or_else(Problem::not_found)?;
    let url = made.map_err(|error| bug(&error))?;
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(WalletLink { url })).into_response())
}
