//! `POST /auth/login`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use ticketshow_domain::{
    AccountKey,
    account::{Account, Profile},
};
use ticketshow_http::{Body, ClientAddress, Problem, StreamPosition, Trace, normalise_email, schema};
use ticketshow_nats::{
    executor::outcome::{AggregateState, Freshness},
    kv::sessions::Session,
};
use utoipa::ToSchema;

use crate::{
    accounts::{
        cookies::{
            device_cookie,
            refresh_cookie::{RefreshCookie, SESSION_SECONDS, check_origin},
        },
        second_factor::second_step::{Code, check_second_factor, is_answered},
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
    /// Not needed with a challenge.
    password: Option<String>,
    /// From the answer `second-factor-needed`.
    challenge: Option<String>,
    /// Six digits of the authenticator.
    #[schema(example = "012345")]
    otp: Option<String>,
    /// One of the recovery codes, in place of `otp`.
    recovery_code: Option<String>,
}

/// Signs in. The answer holds an access token, its cookie a refresh token.
///
/// # Errors
///
/// 401 `second-factor-needed` (with `challenge`) if the account has a second factor: the call is repeated with the challenge and
/// a code. 401 `bad-credentials`, the same for an unknown e-mail and a wrong password; 403 `account-disabled` after the right password;
/// 429 after repeated failures.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "Accounts",
    request_body = Credentials,
    responses(
        (status = 200, body = SignedIn, headers(("Set-Cookie" = String, description = "the refresh token"))),
        (status = 401, description = "`bad-credentials` or `second-factor-needed`", body = schema::Problem, content_type = "application/problem+json"),
        schema::ForeignOrigin,
        schema::AnyCall,
    )
)]
pub async fn log_in(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    trace: Trace,
    Body(Credentials { email, password, challenge, otp, recovery_code }): Body<Credentials>,
) -> Result<impl IntoResponse, Problem> {
    check_origin(&headers, &app.edge.origin)?;
    let account = app.account_of(&normalise_email(&email)).await?;
    let now = app.edge.now();
    let checked = if let Some(challenge) = challenge {
        let AggregateState { state: Account { profile, .. }, position, .. } =
            app.state(&account, Freshness::Fresh).await?;
        let answered = profile.filter(|profile| is_answered(&app, &account, profile, &challenge, now));
        answered.map(|profile| (profile, position))
    } else {
        let guess = Guess::at(&app, &account, address, &headers, now).await?;
        guess.check(&app, &account, password.unwrap_or_default()).await?
    };
    let (profile, position) = checked.ok_or_else(bad_credentials)?;
    let code = Code::of(otp, recovery_code);
    check_second_factor(&app, &account, &profile, code, (address, &headers), &trace).await?;
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

    let known = device_cookie::remember(headers, &app.edge, &account, &profile.password_hash);
    let (session, cookie) = begin(app, account, profile, headers, now).await?;
    app.sessions.create(&session).await.map_err(|failure| failed(&failure))?;

    let signed_in = SignedIn::new(app, &session.account, profile, session.id, now).await?;
    let cookies = AppendHeaders([cookie.set(headers, &app.edge.origin), known]);
    Ok((StreamPosition(position), cookies, Json(signed_in)))
}

async fn begin(
    app: &App,
    account: AccountKey,
    profile: &Profile,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(Session, RefreshCookie), Problem> {
    let id = (app.edge.new_id)();
    let cookie = RefreshCookie::new(account.clone(), id);
    let user_agent = match headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()) {
        Some(name) => {
            let name: String = name.chars().take(USER_AGENT_MAX).collect();
            Some(app.seal(profile.user, &name).await?)
        }
        None => None,
    };
    let session = Session {
        id,
        account,
        user: profile.user,
        token: cookie.token(),
        spent: None,
        created_at: now,
        used_at: now,
        expires_at: now + SignedDuration::from_secs(SESSION_SECONDS),
        user_agent,
        password: Some(password_digest(&profile.password_hash)),
        confirmed_at: None,
        rotations: 0,
    };
    Ok((session, cookie))
}

/// The problem for wrong credentials.
pub fn bad_credentials() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "bad-credentials", "No account has this e-mail and password")
}
