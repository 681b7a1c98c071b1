//! `POST /auth/password`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use ticketshow_domain::account::Account;
use ticketshow_http::{Body, Caller, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::{
    accounts::{new_password::set_password, passwords::check_length},
    machinery::app::App,
};

/// The current password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    current_password: String,
    /// 8 to 128 characters.
    #[schema(min_length = 8, max_length = 128)]
    new_password: String,
}

/// Changes the password and ends all other sessions of the account.
///
/// # Errors
///
/// 422 if the current password is wrong or the new one too short or too long; 429 after repeated failures.
#[utoipa::path(
    post,
    path = "/auth/password",
    tag = "Accounts",
    request_body = NewPassword,
    responses((status = 204), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn change_password(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    Body(NewPassword { current_password, new_password }): Body<NewPassword>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    check_length(&new_password, "/new_password")?;
    let failures = &app.edge.limiters.failed_logins_per_email;
    failures.take(&caller.account, app.edge.now()).map_err(Problem::too_many_requests)?;
    let wrong = || Problem::invalid_value("/current_password", "is not the password of this account");
    let seen = app.state::<Account>(&caller.account, Freshness::Fresh).await?;
    let profile = seen.state.profile.ok_or_else(wrong)?;
    if !app.passwords.check(current_password, Some(&profile.password_hash)).await? {
        return Err(wrong());
    }
    failures.give_back(&caller.account);

    let (current, new) = (profile.password_hash, app.passwords.hash(new_password).await?);
    let metadata = app.sent_by(caller.user, &trace);
    let Caller { account, session, .. } = caller;
    let position = set_password(app, account, current, new, Some(session), metadata, wrong()).await?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(position)))
}
