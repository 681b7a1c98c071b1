//! `POST /venues/{id}/reactivation`

use axum::{Json, extract::State};
use serde::Serialize;
use ticketshow_domain::{
    VenueId,
    venue::{Command, Venue},
};
use ticketshow_http::{PathId, Problem, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// An active venue.
#[derive(Serialize, ToSchema)]
pub struct OpenVenue {
    venue_id: Uuid,
    #[schema(example = "active")]
    status: &'static str,
}

/// Reactivates a venue. Screenings cancelled when it closed stay cancelled.
///
/// # Errors
///
/// 404.
#[utoipa::path(
    post,
    path = "/venues/{id}/reactivation",
    tag = "Catalogue",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = OpenVenue),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn reactivate_venue(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(venue): PathId<VenueId>,
) -> Result<(StreamPosition, Json<OpenVenue>), Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Venue>(&venue, Command::ReactivateVenue, metadata).await?;
    Ok((position, Json(OpenVenue { venue_id: venue.0, status: "active" })))
}
