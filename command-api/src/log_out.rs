//! `POST /auth/logout`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use ticketshow_http::{Problem, schema};

use crate::{
    App,
    failures::failed,
    refresh_cookie::{RefreshCookie, check_origin},
};

/// Ends the session of the refresh cookie, if there is one.
///
/// # Errors
///
/// 403 if another site's page sent it.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "Accounts",
    responses(
        (status = 204),
        (status = 403, description = "`foreign-origin`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
    )
)]
pub async fn log_out(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    check_origin(&headers)?;
    if let Some(shown) = RefreshCookie::read(&headers) {
        let RefreshCookie { account, session, .. } = &shown;
        let living = app.sessions.get(account, *session, app.edge.now()).await;
        let token = shown.token();
        // A session's name alone must not end it.
        let own = living.map_err(|failure| failed(&failure))?.is_some_and(|living| {
            living.token == token || living.spent.is_some_and(|(spent, _)| spent == token)
        });
        if own {
            app.sessions.end(account, *session).await.map_err(|failure| failed(&failure))?;
        }
    }
    Ok((StatusCode::NO_CONTENT, [RefreshCookie::clear(&headers)]))
}
