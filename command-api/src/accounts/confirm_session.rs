//! `POST /auth/confirm`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use ticketshow_http::{Body, Caller, Problem, schema};
use utoipa::ToSchema;

use crate::{
    accounts::throttle::Guess,
    machinery::{app::App, failures::failed},
};

/// The password of the caller's account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    password: String,
}

/// Proves again that the caller is the owner of the account: for five minutes this session may move money, change roles and
/// begin cascades.
///
/// # Errors
///
/// 422 for a wrong password; 429 after repeated failures.
#[utoipa::path(
    post,
    path = "/auth/confirm",
    tag = "Accounts",
    request_body = Confirmation,
    responses((status = 204), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn confirm_session(
    State(app): State<App>,
    caller: Caller,
    Body(Confirmation { password }): Body<Confirmation>,
) -> Result<StatusCode, Problem> {
    app.live_session(&caller).await?;
    let now = app.edge.now();
    let guess = Guess::by(&app.edge.limiters, &caller.account, caller.session, now)?;
    let checked = guess.check(&app, &caller.account, password).await?;
    checked.ok_or_else(|| Problem::invalid_value("/password", "is not the password of this account"))?;
    let confirmed = app.sessions.confirm(&caller.account, caller.session, now).await;
    confirmed.map_err(|failure| failed(&failure))?;
    Ok(StatusCode::NO_CONTENT)
}
