//! `DELETE /me/sessions/{id}`

use axum::{extract::State, http::StatusCode};
use ticketshow_http::{Caller, PathId, Problem, schema};
use uuid::Uuid;

use crate::machinery::{app::App, failures::failed};

/// Signs one of the caller's browsers out. Its access token is refused from then on.
///
/// # Errors
///
/// 404 if the caller has no such session.
#[utoipa::path(
    delete,
    path = "/me/sessions/{id}",
    tag = "Accounts",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204),
        schema::NotFound,
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn end_session(
    State(app): State<App>,
    caller: Caller,
    PathId(session): PathId<Uuid>,
) -> Result<StatusCode, Problem> {
    let live = app.sessions.get(&caller.account, session, app.edge.now()).await;
    live.map_err(|failure| failed(&failure))?.ok_or_else(Problem::not_found)?;
    app.end_session(&caller.account, session).await.map_err(|failure| failed(&failure))?;
    Ok(StatusCode::NO_CONTENT)
}
