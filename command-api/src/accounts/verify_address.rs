//! `POST /auth/verify`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use ticketshow_domain::{
    AccountKey, UserId,
    account::{Account, Command, Refusal, Role},
};
use ticketshow_http::{Body, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Freshness},
    kv::pending::{PendingRequest, Purpose, Registration},
};
use utoipa::ToSchema;

use crate::machinery::{
    app::App,
    failures::{failed, not_executed},
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
}

/// Opens the account that was registered.
///
/// # Errors
///
/// 422 if the token or the code is wrong, has expired or was replaced by a newer mail, or after five wrong codes.
#[utoipa::path(
    post,
    path = "/auth/verify",
    tag = "Accounts",
    request_body = AddressProof,
    responses((status = 204), schema::AnyCall)
)]
pub async fn verify_address(
    State(app): State<App>,
    trace: Trace,
    Body(AddressProof { token, email, code }): Body<AddressProof>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let wrong =
        |pointer| move || Problem::invalid_value(pointer, "has expired or was replaced: register again");
    let now = app.edge.now();
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
            let account = app.edge.keys.account(&email);
            let pending = app.pending.count_try(Purpose::Registration, &account, now).await;
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
    let PendingRequest { nonce, registration, .. } = pending;
    let Registration { email, name, city, password_hash, fingerprint } =
        registration.ok_or_else(wrong(pointer))?;
    let (user, role) = (UserId(nonce), Role::Customer);
    // A request of an earlier version is in clear.
    if email.seal().is_some() && !app.persons.keep(user).await.map_err(|failure| failed(&failure))? {
        return Err(wrong(pointer)());
    }
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
