//! `POST /auth/reset`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use ticketshow_domain::account::Account;
use ticketshow_http::{Body, Problem, ResetToken, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::{
    accounts::{new_password::set_password, passwords::check_length},
    machinery::app::App,
};

/// A new password and the token that permits it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenPassword {
    /// From the link in the mail.
    token: String,
    /// 8 to 128 characters.
    #[schema(min_length = 8, max_length = 128)]
    new_password: String,
}

/// Sets a new password after the old one was forgotten, and ends all sessions of the account.
///
/// # Errors
///
/// 422 if the token has expired, was used or was not issued by us, or if the password is too short or too long.
#[utoipa::path(
    post,
    path = "/auth/reset",
    tag = "Accounts",
    request_body = ChosenPassword,
    responses((status = 204), schema::AnyCall)
)]
pub async fn reset_password(
    State(app): State<App>,
    trace: Trace,
    Body(ChosenPassword { token, new_password }): Body<ChosenPassword>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    check_length(&new_password, "/new_password")?;
    let invalid = || Problem::invalid_value("/token", "has expired or was used: request another mail");
    let token = ResetToken::read(&token).ok_or_else(invalid)?;
    let seen = app.state::<Account>(&token.account, Freshness::Fresh).await?;
    let profile = seen.state.profile.ok_or_else(invalid)?;
    if !app.edge.reset_tokens.check(&token, &profile.password_hash, app.edge.now()) {
        return Err(invalid());
    }
    let (current, new) = (profile.password_hash, app.passwords.hash(new_password).await?);
    let metadata = app.sent_by(profile.user, &trace);
    let position = set_password(app, token.account, current, new, None, metadata, invalid()).await?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(position)))
}
