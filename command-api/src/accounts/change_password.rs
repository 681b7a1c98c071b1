//! `POST /auth/password`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use ticketshow_domain::account::{Account, Command};
use ticketshow_http::{Body, Caller, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::{
    accounts::passwords::check_length,
    machinery::{
        app::{App, carry_through},
        failures::failed,
    },
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
    let seen = app.state::<Account>(&caller.account, Freshness::Fresh).await?;
    let hash = seen.state.profile.as_ref().map(|profile| profile.password_hash.as_str());
    if !app.passwords.check(current_password, hash).await? {
        return Err(Problem::invalid_value("/current_password", "is not the password of this account"));
    }
    failures.give_back(&caller.account);

    let password_hash = app.passwords.hash(new_password).await?;
    let command = Command::ChangePassword { password_hash };
    let metadata = app.sent_by(caller.user, &trace);
    let position = carry_through(async move {
        let executed = app.execute(&caller.account, command, metadata, |_: &Account| ()).await?;
        let others = app.sessions.end_all_but(&caller.account, Some(caller.session)).await;
        others.map_err(|failure| failed(&failure))?;
        Ok(executed.position)
    })
    .await?;

    Ok((StatusCode::NO_CONTENT, StreamPosition(position)))
}
