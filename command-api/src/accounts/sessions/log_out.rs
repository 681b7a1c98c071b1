//! `POST /auth/logout`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use ticketshow_http::{Problem, schema};

use crate::{
    accounts::cookies::refresh_cookie::{RefreshCookie, check_origin},
    machinery::{app::App, failures::failed},
};

/// Ends the session of the refresh cookie, if there is one.
///
/// # Errors
///
/// 403 `foreign-origin` if a page of another site sent it.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "Accounts",
    responses(
        (status = 204),
        schema::ForeignOrigin,
        schema::AnyCall,
    )
)]
pub async fn log_out(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    check_origin(&headers, &app.edge.origin)?;
    if let Some(cookie) = RefreshCookie::read(&headers, &app.edge.origin) {
        let RefreshCookie { account, session, .. } = &cookie;
        let live = app.sessions.get(account, *session, app.edge.now()).await;
        let token = cookie.token();
        // The session id alone must not end the session.
        let own = live
            .map_err(|failure| failed(&failure))?
            .is_some_and(|live| live.token == token || live.spent.is_some_and(|(spent, _)| spent == token));
        if own {
            app.end_session(account, *session).await.map_err(|failure| failed(&failure))?;
        }
    }
    Ok((StatusCode::NO_CONTENT, [RefreshCookie::clear(&headers, &app.edge.origin)]))
}
