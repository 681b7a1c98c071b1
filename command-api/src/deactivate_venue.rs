//! `DELETE /venues/{id}`

use axum::{Json, extract::State, http::StatusCode};
use ticketshow_domain::{
    VenueId,
    venue::{Command, Venue},
};
use ticketshow_http::{Administrator, Body, PathId, Problem, StreamPosition, Trace, schema};

use crate::{
    App,
    cascades::{BegunCascade, CancellationReason, begun, reason_of},
};

/// Closes a venue until further notice. Its future screenings are cancelled, their bookings refunded, and their
/// customers told.
///
/// # Errors
///
/// 404; 422 for a reason that is too long.
#[utoipa::path(
    delete,
    path = "/venues/{id}",
    tag = "Catalogue",
    request_body = Option<CancellationReason>,
    params(("id" = Uuid, Path)),
    responses(
        (status = 202, body = BegunCascade),
        (status = 404, description = "`not-found`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn deactivate_venue(
    State(app): State<App>,
    Administrator(caller): Administrator,
    trace: Trace,
    PathId(venue): PathId<VenueId>,
    body: Option<Body<CancellationReason>>,
) -> Result<(StatusCode, StreamPosition, Json<BegunCascade>), Problem> {
    let (cascade, reason) = ((app.edge.new_id)(), reason_of(body));
    let metadata = app.sent_by(caller.user, &trace);
    let command = Command::DeactivateVenue { cascade, reason };
    let executed = app.execute(&venue, command, metadata, |venue: &Venue| venue.inactive).await?;
    begun(&executed, "inactive")
}
