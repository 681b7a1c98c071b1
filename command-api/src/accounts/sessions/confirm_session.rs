//! `POST /auth/confirm`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use ticketshow_domain::account::Account;
use ticketshow_http::{Body, Caller, Problem, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::{
    accounts::{
        second_factor::second_step::{Code, use_code},
        throttle::Guess,
    },
    machinery::{app::App, failures::failed},
};

/// The password of the caller's account, or a code of its second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    password: Option<String>,
    /// Six digits of the authenticator.
    #[schema(example = "012345")]
    otp: Option<String>,
}

/// Proves again that the caller is the owner of the account: for five minutes this session may move money, change roles and
/// begin cascades.
///
/// # Errors
///
/// 422 for a wrong password or code; 429 after repeated failures.
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
    trace: Trace,
    Body(Confirmation { password, otp }): Body<Confirmation>,
) -> Result<StatusCode, Problem> {
    app.live_session(&caller).await?;
    let now = app.edge.now();
    let guess = Guess::by(&app.edge.limiters, &caller.account, caller.session, now)?;
    if let Some(otp) = otp {
        let wrong = || Problem::invalid_value("/otp", "is not a code of your second factor");
        let seen = app.state::<Account>(&caller.account, Freshness::Fresh).await?;
        let profile = seen.state.profile.ok_or_else(wrong)?;
        let factor = profile.second_factor.as_ref().ok_or_else(wrong)?;
        let right = use_code(&app, &caller.account, &profile, factor, Code::Otp(otp), &trace).await;
        guess.settle(right)?.then_some(()).ok_or_else(wrong)?;
    } else {
        let checked = guess.check(&app, &caller.account, password.unwrap_or_default()).await?;
        checked.ok_or_else(|| Problem::invalid_value("/password", "is not the password of this account"))?;
    }
    let confirmed = app.sessions.confirm(&caller.account, caller.session, now).await;
    confirmed.map_err(|failure| failed(&failure))?;
    Ok(StatusCode::NO_CONTENT)
}
