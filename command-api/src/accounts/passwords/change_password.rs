//! `POST /auth/password`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use serde::Deserialize;
use ticketshow_http::{Body, Caller, Problem, StreamPosition, Trace, schema};
use utoipa::ToSchema;

use crate::{
    accounts::{
        cookies::device_cookie,
        passwords::{
            new_password::set_password,
            password_rules::{Owner, check_new},
        },
        throttle::Guess,
    },
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
/// 422 if the current password is wrong or the new one too short, too long or too easy to guess; 429 after repeated failures.
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
    headers: HeaderMap,
    trace: Trace,
    Body(NewPassword { current_password, new_password }): Body<NewPassword>,
) -> Result<impl IntoResponse, Problem> {
    let wrong = || Problem::invalid_value("/current_password", "is not the password of this account");
    // By session: strangers cannot use up the guesses of a person who is signed in.
    let guess = Guess::by(&app.edge.limiters, &caller.account, caller.session, app.edge.now())?;
    let checked = guess.check(&app, &caller.account, current_password).await?;
    let (profile, _) = checked.ok_or_else(wrong)?;
    let person = app.person(&profile).await?;
    check_new(&new_password, Owner { email: &person.email, name: &person.name }, "/new_password")?;

    // Each change is mailed.
    caller.take(&app.edge.limiters.profile_changes_per_user, app.edge.now())?;
    let new = app.passwords.hash(new_password).await?;
    let new = app.seal(profile.user, &new).await?;
    let Caller { account, session, .. } = caller;
    let known = device_cookie::remember(&headers, &app.edge, &account, &new);
    let position = set_password(app, account, profile, new, Some(session), trace, wrong()).await?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(position), [known]))
}
