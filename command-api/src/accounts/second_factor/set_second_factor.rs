//! `POST /me/second-factor/confirm`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use ticketshow_domain::{
    account::{Account, Command},
    mail::AccountChange,
};
use ticketshow_http::{Body, Caller, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::kv::pending::{Guesser, Purpose};
use utoipa::ToSchema;

use crate::machinery::{
    app::{App, carry_through},
    failures::failed,
};

/// A code of the authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstCode {
    /// Six digits.
    #[schema(example = "012345")]
    otp: String,
}

/// Demands the second factor from now on. It has been proved that the authenticator works. All other sessions end.
///
/// # Errors
///
/// 422 for a wrong code, after five of them, or 15 minutes after the second factor was offered.
#[utoipa::path(
    post,
    path = "/me/second-factor/confirm",
    tag = "Accounts",
    request_body = FirstCode,
    responses((status = 204), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn set_second_factor(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    Body(FirstCode { otp }): Body<FirstCode>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    app.live_session(&caller).await?;
    let (now, account) = (app.edge.now(), &caller.account);
    let wrong = || Problem::invalid_value("/otp", "is not a code of this second factor");
    let offered = app.pending.count_try(Purpose::SecondFactor, account, Guesser::SIGNED_IN, now).await;
    let nonce = offered.map_err(|failure| failed(&failure))?.ok_or_else(wrong)?.nonce;
    let step = app.edge.second_factors.step(nonce, otp.trim(), now).ok_or_else(wrong)?;

    // Each change is mailed.
    caller.take(&app.edge.limiters.profile_changes_per_user, now)?;
    let metadata = app.sent_by(caller.user, &trace);
    let Caller { user, account, session, .. } = caller;
    let position = carry_through(async move {
        let command = Command::SetSecondFactor { nonce, step };
        let executed = app.execute(&account, command, metadata, |_: &Account| ()).await?;
        app.end_sessions(&account, Some(session)).await.map_err(|failure| failed(&failure))?;
        app.pending.remove(Purpose::SecondFactor, &account).await.map_err(|failure| failed(&failure))?;
        app.report(user, account, AccountChange::SecondFactorSet, trace);
        Ok(executed.position)
    })
    .await?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(position)))
}
