//! `POST /auth/forgotten`

use axum::{extract::State, http::StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;
use ticketshow_domain::{account::Account, mail::MailKind};
use ticketshow_http::{Body, ClientAddress, Problem, RESET_SECONDS, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::{
    accounts::mail_quota,
    machinery::app::{App, in_background},
};

/// The account whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgetful {
    #[schema(example = "ada@example.org")]
    email: String,
}

/// Mails a link to choose a new password, valid once and for 30 minutes. The answer and its timing are the same whether
/// or not the account exists, and whether or not it has reached its limit of mails.
///
/// # Errors
///
/// 429 after many calls from one address.
#[utoipa::path(
    post,
    path = "/auth/forgotten",
    tag = "Accounts",
    request_body = Forgetful,
    responses((status = 202, description = "mailed, if the account exists"), schema::AnyCall)
)]
pub async fn forgotten_password(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    trace: Trace,
    Body(Forgetful { email }): Body<Forgetful>,
) -> Result<StatusCode, Problem> {
    let now = app.edge.now();
    let mails = &app.edge.limiters.reset_mails_per_address;
    mails.take(address, now).map_err(Problem::too_many_requests)?;
    let account = app.account_of(&email).await?;
    if mail_quota::allows(&app, "reset", &account, address, now) {
        // In the background, because the time it takes would reveal whether the account exists.
        in_background("mailing a link to choose a password", async move {
            let seen = app.executor.state::<Account>(&account, Freshness::Fresh).await?;
            let Some(profile) = seen.state.profile else { return Ok(()) };
            let expires_at = now + SignedDuration::from_secs(RESET_SECONDS);
            app.want_mail(profile.user, MailKind::PasswordReset { account, expires_at }, &trace).await
        });
    }
    Ok(StatusCode::ACCEPTED)
}
