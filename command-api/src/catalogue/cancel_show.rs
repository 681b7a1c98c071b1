//! `DELETE /shows/{id}`

use axum::extract::State;
use ticketshow_domain::{
    ShowId,
    show::{Command, Show},
};
use ticketshow_http::{Body, PathId, Problem, Trace, schema};

use crate::machinery::{
    app::App,
    authority::FreshStaff,
    cascades::{Begun, BegunCascade, CancellationReason},
};

/// Cancels a show for good. Its future screenings are cancelled, their bookings refunded, and their customers notified.
///
/// # Errors
///
/// 404; 422 if the reason is too long.
#[utoipa::path(
    delete,
    path = "/shows/{id}",
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
pub async fn cancel_show(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId(show): PathId<ShowId>,
    body: Option<Body<CancellationReason>>,
) -> Result<Begun, Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let command = |cascade, reason| Command::CancelShow { cascade, reason };
    app.begin_cascade(&show, metadata, body, "cancelled", command, |show: &Show| show.cancelled).await
}
