//! `DELETE /admin/accounts/{user_id}/sessions`

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::UserId;
use ticketshow_http::{PathId, Problem, schema};

use crate::machinery::{app::App, authority::Staff, failures::failed};

/// Signs a person out everywhere. Access tokens of these sessions are refused from then on.
///
/// # Errors
///
/// 404 if there is no such account.
#[utoipa::path(
    delete,
    path = "/admin/accounts/{user_id}/sessions",
    tag = "Administration",
    params(("user_id" = uuid::Uuid, Path)),
    responses(
        (status = 204),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn end_sessions(
    State(app): State<App>,
    Staff(caller): Staff,
    PathId(user): PathId<UserId>,
) -> Result<StatusCode, Problem> {
    let account = app.routing.account_of(user).await?;
    app.end_sessions(&account, None).await.map_err(|failure| failed(&failure))?;
    tracing::info!(%user, by = %caller.user, "the sessions of an account were ended");
    Ok(StatusCode::NO_CONTENT)
}
