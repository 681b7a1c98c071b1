//! `POST /auth/reset`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use serde::Deserialize;
use ticketshow_domain::account::Account;
use ticketshow_http::{Body, ClientAddress, Problem, ResetToken, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::{
    accounts::{
        cookies::device_cookie,
        passwords::{
            new_password::set_password,
            password_rules::{Owner, check_new},
        },
        throttle::forgive,
    },
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

/// Sets a new password after the old one was forgotten, and ends all sessions of the account. The new password works at once
/// in this browser, however many wrong ones were tried; browsers that signed in with the old one are strangers from now on.
///
/// # Errors
///
/// 422 if the token has expired, was used or was not issued by us, or if the password is too short, too long or too easy to guess.
#[utoipa::path(
    post,
    path = "/auth/reset",
    tag = "Accounts",
    request_body = ChosenPassword,
    responses((status = 204), schema::AnyCall)
)]
pub async fn reset_password(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    trace: Trace,
    Body(ChosenPassword { token, new_password }): Body<ChosenPassword>,
) -> Result<impl IntoResponse, Problem> {
    let invalid = || Problem::invalid_value("/token", "has expired or was used: request another mail");
    let token = ResetToken::read(&token).ok_or_else(invalid)?;
    let seen = app.state::<Account>(&token.account, Freshness::Fresh).await?;
    let profile = seen.state.profile.ok_or_else(invalid)?;
    if !app.edge.reset_tokens.check(&token, profile.password_hash.as_stored(), app.edge.now()) {
        return Err(invalid());
    }
    let person = app.person(&profile).await?;
    check_new(&new_password, Owner { email: &person.email, name: &person.name }, "/new_password")?;
    let new = app.passwords.hash(new_password).await?;
    let new = app.seal(profile.user, &new).await?;
    let account = token.account;
    let known = device_cookie::remember(&headers, &app.edge, &account, &new);
    let position = set_password(app.clone(), account.clone(), profile, new, None, trace, invalid()).await?;
    forgive(&app.edge.limiters, &account, address);
    Ok((StatusCode::NO_CONTENT, StreamPosition(position), [known]))
}
