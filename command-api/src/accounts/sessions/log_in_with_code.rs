//! `POST /auth/code/login`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use serde::Deserialize;
use ticketshow_domain::{
    AccountKey, UserId,
    account::{Account, Command, Profile, Role},
};
use ticketshow_http::{Body, ClientAddress, Problem, Trace, normalise_email, schema};
use ticketshow_nats::{
    executor::outcome::Freshness,
    kv::pending::{Guesser, Purpose},
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    accounts::{
        cookies::{browser_cookie::BrowserMark, device_cookie, refresh_cookie::check_origin},
        second_factor::second_step::{Code, check_second_factor, is_answered},
        sessions::log_in::{bad_credentials, begin_session},
    },
    machinery::{app::App, failures::failed, signed_in::SignedIn},
};

/// E-mail and the code that was mailed to it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailedCode {
    #[schema(example = "ada@example.org")]
    email: String,
    /// Six digits. Not needed with a challenge.
    #[schema(example = "012345")]
    code: Option<String>,
    /// From the answer `second-factor-needed`.
    challenge: Option<String>,
    /// Six digits of the authenticator.
    #[schema(example = "012345")]
    otp: Option<String>,
    /// One of the recovery codes, in place of `otp`.
    recovery_code: Option<String>,
}

/// Signs in with a mailed code, and opens an account if the address has none.
///
/// # Errors
///
/// 401 `second-factor-needed` as at a sign-in with a password; 401 `bad-credentials` for a wrong or old code, and after five tries of
/// this browser or as many of all others; 403 `account-disabled`, and `second-factor-missing` for staff and administrators without one
/// where it is demanded.
#[utoipa::path(
    post,
    path = "/auth/code/login",
    tag = "Accounts",
    request_body = MailedCode,
    responses(
        (status = 200, body = SignedIn, headers(("Set-Cookie" = String, description = "the refresh token"))),
        (status = 401, description = "`bad-credentials` or `second-factor-needed`", body = schema::Problem, content_type = "application/problem+json"),
        schema::ForeignOrigin,
        schema::AnyCall,
    )
)]
pub async fn log_in_with_code(
    State(app): State<App>,
    headers: HeaderMap,
    ClientAddress(address): ClientAddress,
    trace: Trace,
    Body(MailedCode { email, code, challenge, otp, recovery_code }): Body<MailedCode>,
) -> Result<impl IntoResponse, Problem> {
    check_origin(&headers, &app.edge.origin)?;
    let (email, now) = (normalise_email(&email), app.edge.now());
    let account = app.account_of(&email).await?;
    let nonce = match (&challenge, code) {
        (Some(_), _) => None,
        (None, code) => Some(take_code(&app, &account, &headers, &code.unwrap_or_default()).await?),
    };
    let seen = app.state::<Account>(&account, Freshness::Fresh).await?;
    let (profile, position) = match (seen.state.profile, nonce) {
        (Some(profile), _) => (profile, seen.position),
        (None, Some(nonce)) => open(&app, &account, email, UserId(nonce), &trace).await?,
        (None, None) => return Err(bad_credentials()),
    };
    if challenge.is_some_and(|challenge| !is_answered(&app, &account, &profile, &challenge, now)) {
        return Err(bad_credentials());
    }
    check_code_is_enough(&app, &profile)?;
    let second = Code::of(otp, recovery_code);
    check_second_factor(&app, &account, &profile, second, (address, &headers), &trace).await?;
    begin_session(&app, account, &profile, position, &headers, now).await
}

/// Uses up a mailed code, and returns its nonce.
///
/// # Errors
///
/// 401 `bad-credentials`.
pub async fn take_code(
    app: &App,
    account: &AccountKey,
    headers: &HeaderMap,
    code: &str,
) -> Result<Uuid, Problem> {
    let guesser = Guesser {
        browser: BrowserMark::read(headers, &app.edge.origin).map(BrowserMark::hash),
        is_known: device_cookie::known(app, headers, account).await?.is_some(),
    };
    let pending = app.pending.count_try(Purpose::SignIn, account, guesser, app.edge.now()).await;
    let pending = pending.map_err(|failure| failed(&failure))?.ok_or_else(bad_credentials)?;
    if app.edge.mailed_proofs.code(account, pending.nonce) != code {
        return Err(bad_credentials());
    }
    app.pending.remove(Purpose::SignIn, account).await.map_err(|failure| failed(&failure))?;
    Ok(pending.nonce)
}

/// Refuses staff and administrators without a second factor where one is demanded: six digits alone must not be enough.
fn check_code_is_enough(app: &App, profile: &Profile) -> Result<(), Problem> {
    let is_alone = profile.second_factor.is_none() && app.staff_sessions.second_factor;
    if is_alone && profile.disabled.is_none() && profile.role.is_staff() {
        let title = "Please sign in with your password, and set up a second factor";
        return Err(Problem::new(StatusCode::FORBIDDEN, "second-factor-missing", title));
    }
    Ok(())
}

/// Opens an account with a random password. Its owner may choose one by the mail for a forgotten password.
async fn open(
    app: &App,
    account: &AccountKey,
    email: String,
    user: UserId,
    trace: &Trace,
) -> Result<(Profile, u64), Problem> {
    let unknown = Uuid::from_bytes(rand::random()).to_string();
    let password_hash = app.passwords.hash(unknown).await?;
    let name = email.split('@').next().unwrap_or_default().to_owned();
    let (role, city, fingerprint) = (Role::Customer, None, None);
    let command = Command::RegisterAccount {
        user,
        email: app.seal(user, &email).await?,
        name: app.seal(user, &name).await?,
        city,
        password_hash: app.seal(user, &password_hash).await?,
        role,
        fingerprint,
    };
    let profile = |account: &Account| account.profile.clone();
    let executed = app.execute(account, command, app.sent_by(user, trace), profile).await?;
    Ok((executed.answer.ok_or_else(Problem::not_found)?, executed.position))
}
