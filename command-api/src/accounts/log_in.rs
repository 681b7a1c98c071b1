//! `POST /auth/login`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use ticketshow_domain::{
    AccountKey,
    account::{Account, Profile},
};
use ticketshow_http::{Body, ClientAddress, Problem, StreamPosition, normalise_email, schema};
use ticketshow_nats::{
    executor::outcome::{AggregateState, Freshness},
    kv::sessions::Session,
};
use utoipa::ToSchema;

use crate::{
    accounts::refresh_cookie::{RefreshCookie, SESSION_SECONDS, check_origin},
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
    // Taken before the password is checked, so that concurrent guesses count too; returned if the password is right.
    let by_email = &app.edge.limiters.failed_logins_per_email;
    let by_address = &app.edge.limiters.failed_logins_per_address;
    by_email.take(&account, now).map_err(Problem::too_many_requests)?;
    if let Err(wait) = by_address.take(address, now) {
        by_email.give_back(&account);
        return Err(Problem::too_many_requests(wait));
    }

    let AggregateState { state: Account { profile }, position, .. } =
        app.state(&account, Freshness::Fresh).await?;
    let hash = profile.as_ref().map(|profile| profile.password_hash.as_str());
    let matches = app.passwords.check(password, hash).await?;
    let Some(profile) = profile.filter(|_| matches) else { return Err(bad_credentials()) };
    by_email.give_back(&account);
    by_address.give_back(address);
    check_enabled(&profile)?;

    let (session, cookie) = begin(&app, account, &profile, &headers, now);
    app.sessions.create(&session).await.map_err(|failure| failed(&failure))?;

    let signed_in = SignedIn::new(&app, &session.account, &profile, session.id, now);
    Ok((StreamPosition(position), [cookie.set(&headers, &app.edge.origin)], Json(signed_in)))
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
        rotations: 0,
    };
    (session, cookie)
}

fn bad_credentials() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "bad-credentials", "No account has this e-mail and password")
}
