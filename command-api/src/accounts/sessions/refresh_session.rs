//! `POST /auth/refresh`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use ticketshow_domain::{account::Account, mail::AccountChange};
use ticketshow_http::{ClientAddress, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::{executor::outcome::Freshness, kv::sessions::Rotation};

use crate::{
    accounts::cookies::refresh_cookie::{RefreshCookie, check_origin},
    machinery::{
        app::App,
        failures::failed,
        signed_in::{SignedIn, check_enabled, password_digest},
    },
};

/// Exchanges the refresh token for a new one and for an access token with the current role. A token that was stolen ends its session,
/// and a mail reports it to the owner.
///
/// # Errors
///
/// 401 `session-ended`: no cookie, one that was used over ten seconds ago, or one of a session that has ended. 403
/// `account-disabled`.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "Accounts",
    responses(
        (status = 200, body = SignedIn, headers(("Set-Cookie" = String, description = "the refresh token"))),
        (status = 401, description = "`session-ended`", body = schema::Problem, content_type = "application/problem+json"),
        schema::ForeignOrigin,
        schema::AnyCall,
    )
)]
pub async fn refresh_session(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    trace: Trace,
) -> Result<impl IntoResponse, Problem> {
    check_origin(&headers, &app.edge.origin)?;
    let cookie = RefreshCookie::read(&headers, &app.edge.origin).ok_or_else(session_ended)?;
    let ended = || {
        let (name, value) = RefreshCookie::clear(&headers, &app.edge.origin);
        session_ended().header(name, value)
    };
    let now = app.edge.now();
    let RefreshCookie { account, session, .. } = &cookie;
    let live = app.sessions.get(account, *session, now).await.map_err(|failure| failed(&failure))?;
    let live = live.ok_or_else(ended)?;
    // Loaded before the token is spent, so that the client can retry after an outage.
    let seen = app.state::<Account>(account, Freshness::Fresh).await?;
    let profile = seen.state.profile.ok_or_else(ended)?;
    check_enabled(&profile)?;
    let password = password_digest(&profile.password_hash);
    let over = app.staff_sessions.has_ended(&live, profile.role, now);
    if over || live.password.as_ref().is_some_and(|bound| *bound != password) {
        app.end_session(account, *session).await.map_err(|failure| failed(&failure))?;
        return Err(ended());
    }

    let fresh = cookie.refreshed(&app.edge.keys);
    let (shown, fresh_token) = (cookie.token(), fresh.token());
    let rotation = app.sessions.rotate(account, *session, shown, fresh_token, &password, now).await;
    match rotation.map_err(|failure| failed(&failure))? {
        // Repeated: the answer to this refresh was lost, or another tab has just refreshed as well.
        Rotation::Rotated(_) | Rotation::Repeated => {}
        // A replica of an older version has just exchanged it for another token.
        Rotation::JustSpent => return Err(session_ended()),
        Rotation::Unknown => {
            // Comparing with all tokens of the session costs time, so a stranger's wrong ones are limited like passwords.
            let wrong = &app.edge.limiters.failed_logins_per_address;
            wrong.take(address, now).map_err(Problem::too_many_requests)?;
            // Two browsers hold tokens of one session, so one of them stole it.
            if cookie.precedes(&live, &app.edge.keys) {
                app.end_session(account, *session).await.map_err(|failure| failed(&failure))?;
                app.report(profile.user, account.clone(), AccountChange::SessionStolen, trace);
            }
            return Err(ended());
        }
        Rotation::Stolen => {
            app.report(profile.user, account.clone(), AccountChange::SessionStolen, trace);
            return Err(ended());
        }
    }

    let signed_in = SignedIn::new(&app, account, &profile, *session, now).await?;
    Ok((StreamPosition(seen.position), [fresh.set(&headers, &app.edge.origin)], Json(signed_in)))
}

fn session_ended() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "session-ended", "Please sign in again")
}
