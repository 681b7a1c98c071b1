//! `POST /auth/login`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use ticketshow_domain::{AccountKey, account::Profile};
use ticketshow_http::{Body, ClientAddress, Problem, StreamPosition, normalise_email, schema};
use ticketshow_nats::kv::sessions::Session;
use utoipa::ToSchema;

use crate::{
    accounts::{
        device_cookie,
        refresh_cookie::{RefreshCookie, SESSION_SECONDS, check_origin},
        throttle::Guess,
    },
    machinery::{
        app::App,
        failures::failed,
        signed_in::{SignedIn, check_enabled, password_digest},
    },
};

/// Most characters kept of a User-Agent.
const USER_AGENT_MAX: usize = 200;

/// E-mail and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    #[schema(example = "ada@example.org")]
    email: String,
    password: String,
}

/// Signs in. The answer holds an access token, its cookie a refresh token.
///
/// # Errors
///
/// 401 `bad-credentials`, the same for an unknown e-mail and a wrong password; 403 `account-disabled` after the right password;
/// 429 after repeated failures.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "Accounts",
    request_body = Credentials,
    responses(
        (status = 200, body = SignedIn, headers(("Set-Cookie" = String, description = "the refresh token"))),
        (status = 401, description = "`bad-credentials`", body = schema::Problem, content_type = "application/problem+json"),
        schema::ForeignOrigin,
        schema::AnyCall,
    )
)]
pub async fn log_in(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Body(Credentials { email, password }): Body<Credentials>,
) -> Result<impl IntoResponse, Problem> {
    check_origin(&headers, &app.edge.origin)?;
    let account = app.edge.keys.account(&normalise_email(&email));
    let now = app.edge.now();
    let guess = Guess::at(&app, &account, address, &headers, now)?;
    let checked = guess.check(&app, &account, password).await?;
    let (profile, position) = checked.ok_or_else(bad_credentials)?;
    begin_session(&app, account, &profile, position, &headers, now).await
}

/// Signs a browser in to an account whose owner has proved who they are.
///
/// # Errors
///
/// 403 `account-disabled`; 429 after many sign-ins.
pub async fn begin_session(
    app: &App,
    account: AccountKey,
    profile: &Profile,
    position: u64,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<impl IntoResponse + use<>, Problem> {
    app.edge.limiters.logins_per_account.take(&account, now).map_err(Problem::too_many_requests)?;
    check_enabled(profile)?;

    let device = device_cookie::read(headers, &app.edge.keys, &account).unwrap_or_else(app.edge.new_id);
    let known = device_cookie::set(headers, &app.edge, &account, device);
    let (session, cookie) = begin(app, account, profile, headers, now);
    app.sessions.create(&session).await.map_err(|failure| failed(&failure))?;

    let signed_in = SignedIn::new(app, &session.account, profile, session.id, now);
    let cookies = AppendHeaders([cookie.set(headers, &app.edge.origin), known]);
    Ok((StreamPosition(position), cookies, Json(signed_in)))
}

fn begin(
    app: &App,
    account: AccountKey,
    profile: &Profile,
    headers: &HeaderMap,
    now: Timestamp,
) -> (Session, RefreshCookie) {
    let id = (app.edge.new_id)();
    let cookie = RefreshCookie::new(account.clone(), id);
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let session = Session {
        id,
        account,
        user: profile.user,
        token: cookie.token(),
        spent: None,
        created_at: now,
        used_at: now,
        expires_at: now + SignedDuration::from_secs(SESSION_SECONDS),
        user_agent: user_agent.map(|name| name.chars().take(USER_AGENT_MAX).collect()),
        password: Some(password_digest(&profile.password_hash)),
        confirmed_at: None,
        rotations: 0,
    };
    (session, cookie)
}

/// The problem for credentials that do not fit.
pub fn bad_credentials() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "bad-credentials", "No account has this e-mail and password")
}
