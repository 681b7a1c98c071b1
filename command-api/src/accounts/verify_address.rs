//! `POST /auth/verify`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use ticketshow_domain::{
    AccountKey, Personal, UserId,
    account::{Account, Command, Refusal, Role},
};
use ticketshow_http::{Body, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Freshness},
    kv::pending::{Guesser, PendingRequest, Purpose, Registration},
};
use utoipa::ToSchema;

use crate::{
    accounts::{
        cookies::{browser_cookie::BrowserMark, refresh_cookie::is_from_a_page},
        passwords::password_rules::{Owner, check_new},
    },
    machinery::{
        app::App,
        failures::{failed, not_executed},
    },
};

/// The proof from the mail: the token of its link, or the address and the code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressProof {
    token: Option<String>,
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// Six digits.
    #[schema(example = "012345")]
    code: Option<String>,
    /// 8 to 128 characters. The password of the account, in place of the registration's. A page needs it in a browser that did not
    /// register the address: a stranger may have done so, with a password that the owner does not know.
    #[schema(min_length = 8, max_length = 128, write_only)]
    password: Option<String>,
}

/// Opens the account that was registered.
///
/// # Errors
///
/// 422 if the token or the code is wrong, has expired or was replaced by a newer mail, or after five wrong codes; with the pointer
/// `/password` if it is needed, or too short, too long or too easy to guess. Nothing is used up then.
#[utoipa::path(
    post,
    path = "/auth/verify",
    tag = "Accounts",
    request_body = AddressProof,
    responses((status = 204), schema::AnyCall)
)]
pub async fn verify_address(
    State(app): State<App>,
    headers: HeaderMap,
    trace: Trace,
    Body(AddressProof { token, email, code, password }): Body<AddressProof>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let wrong =
        |pointer| move || Problem::invalid_value(pointer, "has expired or was replaced: register again");
    let now = app.edge.now();
    let browser = BrowserMark::read(&headers, &app.edge.origin).map(BrowserMark::hash);
    let (account, pending, pointer) = match (token, email, code) {
        (Some(token), None, None) => {
            let (account, nonce) = app.edge.mailed_proofs.check(&token).ok_or_else(wrong("/token"))?;
            let pending = app.pending.get(Purpose::Registration, &account, now).await;
            let pending = pending.map_err(|failure| failed(&failure))?;
            let Some(pending) = pending.filter(|pending| pending.nonce == nonce) else {
                return opened_before(&app, &account, UserId(nonce)).await?.ok_or_else(wrong("/token"));
            };
            (account, pending, "/token")
        }
        (None, Some(email), Some(code)) => {
            let account = app.account_of(&email).await?;
            let guesser = Guesser { browser, is_known: false };
            let pending = app.pending.count_try(Purpose::Registration, &account, guesser, now).await;
            let pending = pending.map_err(|failure| failed(&failure))?.ok_or_else(wrong("/code"))?;
            if app.edge.mailed_proofs.code(&account, pending.nonce) != code {
                return Err(Problem::invalid_value("/code", "is not the code of the mail"));
            }
            (account, pending, "/code")
        }
        _ => {
            return Err(Problem::invalid_value("", "needs either a token, or an email and a code"));
        }
    };
    let is_same_browser = pending.was_asked_by(browser);
    let PendingRequest { nonce, registration, .. } = pending;
    let Registration { email, name, city, password_hash, fingerprint } =
        registration.ok_or_else(wrong(pointer))?;
    let (user, role) = (UserId(nonce), Role::Customer);
    // A request of an earlier version is in clear.
    if email.seal().is_some() && !app.persons.keep(user).await.map_err(|failure| failed(&failure))? {
        return Err(wrong(pointer)());
    }
    let password_hash = match password {
        Some(password) => hashed(&app, user, password, &email, &name).await?,
        None if is_same_browser || !is_from_a_page(&headers) => password_hash,
        None => return Err(Problem::invalid_value("/password", "is needed: choose the one of your account")),
    };
    let command = Command::RegisterAccount { user, email, name, city, password_hash, role, fingerprint };
    let metadata = app.sent_by(user, &trace);
    let position = match app.executor.execute(&account, command, metadata, |_: &Account| ()).await {
        Ok(executed) => executed.position,
        // Opened meanwhile by a code to sign in, or by an administrator; or the person was erased since.
        Err(ExecuteError::Refused { refusal: Refusal::EmailTaken | Refusal::Erased, .. }) => {
            return Err(wrong(pointer)());
        }
        Err(error) => return Err(not_executed(error)),
    };
    app.pending.remove(Purpose::Registration, &account).await.map_err(|failure| failed(&failure))?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(position)))
}

/// Checks the password that a person chooses in place of the registration's, and returns its hash, sealed.
async fn hashed(
    app: &App,
    user: UserId,
    password: String,
    email: &Personal,
    name: &Personal,
) -> Result<Personal, Problem> {
    let shown = async |text| app.persons.shown(text).await.map_err(|failure| failed(&failure));
    let (email, name) = (shown(email).await?, shown(name).await?);
    check_new(&password, Owner { email: &email, name: &name }, "/password")?;
    let hash = app.passwords.hash(password).await?;
    app.seal(user, &hash).await
}

/// Returns the answer to a link that has opened its account already.
async fn opened_before(
    app: &App,
    account: &AccountKey,
    user: UserId,
) -> Result<Option<(StatusCode, StreamPosition)>, Problem> {
    let seen = app.state::<Account>(account, Freshness::Fresh).await?;
    let opened = seen.state.profile.filter(|profile| profile.user == user);
    Ok(opened.map(|_| (StatusCode::NO_CONTENT, StreamPosition(seen.position))))
}
