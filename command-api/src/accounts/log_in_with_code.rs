//! `POST /auth/code/login`

use axum::{extract::State, http::HeaderMap, response::IntoResponse};
use serde::Deserialize;
use ticketshow_domain::{
    AccountKey, UserId,
    account::{Account, Command, Profile, Role},
};
use ticketshow_http::{Body, Problem, Trace, normalise_email, schema};
use ticketshow_nats::{executor::outcome::Freshness, kv::pending::Purpose};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    accounts::{
        log_in::{bad_credentials, begin_session},
        refresh_cookie::check_origin,
    },
    machinery::{app::App, failures::failed, signed_in::SignedIn},
};

/// E-mail and the code that was mailed to it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailedCode {
    #[schema(example = "ada@example.org")]
    email: String,
    /// Six digits.
    #[schema(example = "012345")]
    code: String,
}

/// Signs in with a mailed code, and opens an account if the address has none.
///
/// # Errors
///
/// 401 `bad-credentials` for a wrong or old code, and after five tries; 403 `account-disabled`.
#[utoipa::path(
    post,
    path = "/auth/code/login",
    tag = "Accounts",
    request_body = MailedCode,
    responses(
        (status = 200, body = SignedIn, headers(("Set-Cookie" = String, description = "the refresh token"))),
        (status = 401, description = "`bad-credentials`", body = schema::Problem, content_type = "application/problem+json"),
        schema::ForeignOrigin,
        schema::AnyCall,
    )
)]
pub async fn log_in_with_code(
    State(app): State<App>,
    headers: HeaderMap,
    trace: Trace,
    Body(MailedCode { email, code }): Body<MailedCode>,
) -> Result<impl IntoResponse, Problem> {
    check_origin(&headers, &app.edge.origin)?;
    let (email, now) = (normalise_email(&email), app.edge.now());
    let account = app.edge.keys.account(&email);
    let pending = app.pending.count_try(Purpose::SignIn, &account, now).await;
    let pending = pending.map_err(|failure| failed(&failure))?.ok_or_else(bad_credentials)?;
    if app.edge.mailed_proofs.code(&account, pending.nonce) != code {
        return Err(bad_credentials());
    }
    app.pending.remove(Purpose::SignIn, &account).await.map_err(|failure| failed(&failure))?;

    let seen = app.state::<Account>(&account, Freshness::Fresh).await?;
    let (profile, position) = match seen.state.profile {
        Some(profile) => (profile, seen.position),
        None => open(&app, &account, email, UserId(pending.nonce), &trace).await?,
    };
    begin_session(&app, account, &profile, position, &headers, now).await
}

/// Opens an account that has a password nobody knows. Its owner may choose one by the mail for a forgotten password.
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
    let command = Command::RegisterAccount { user, email, name, city, password_hash, role, fingerprint };
    let profile = |account: &Account| account.profile.clone();
    let executed = app.execute(account, command, app.sent_by(user, trace), profile).await?;
    Ok((executed.answer.ok_or_else(Problem::not_found)?, executed.position))
}
