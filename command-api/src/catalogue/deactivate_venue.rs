//! `DELETE /venues/{id}`

use axum::extract::State;
use ticketshow_domain::{
    VenueId,
    venue::{Command, Venue},
};
use ticketshow_http::{Body, PathId, Problem, Trace, schema};

use crate::machinery::{
    app::App,
    authority::FreshStaff,
    cascades::{Begun, BegunCascade, CancellationReason},
};

/// Closes a venue until it is reactivated. Its future screenings are cancelled, their bookings refunded, and their
/// customers notified.
///
/// # Errors
///
/// 404; 422 if the reason is too long.
#[utoipa::path(
    delete,
    path = "/venues/{id}",
    tag = "Catalogue",
    request_body = Option<CancellationReason>,
    params(("id" = Uuid, Path)),
    responses(
        (status = 202, body = BegunCascade),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn deactivate_venue(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId(venue): PathId<VenueId>,
    body: Option<Body<CancellationReason>>,
) -> Result<Begun, Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let command = |cascade, reason| Command::DeactivateVenue { cascade, reason };
    app.begin_cascade(&venue, metadata, body, "inactive", command, |venue: &Venue| venue.inactive).await
}
