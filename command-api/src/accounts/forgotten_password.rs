//! `POST /auth/forgotten`

use axum::{extract::State, http::StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use ticketshow_domain::{AccountKey, account::Account, mail::MailKind};
use ticketshow_http::{Body, ClientAddress, Problem, RESET_SECONDS, Trace, schema};
use ticketshow_nats::{consumers::mail::Mail, executor::outcome::Freshness, failure::Failure};
use tracing::Instrument;
use utoipa::ToSchema;

use crate::machinery::app::App;

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
    let limiters = &app.edge.limiters;
    limiters.reset_mails_per_address.take(address, now).map_err(Problem::too_many_requests)?;
    let account = app.edge.keys.account(&email);
    // By network too: others must not use up the mails of the account's owner.
    if limiters.reset_mails_per_email.take((&account, neighbourhood(address)), now).is_ok()
        && limiters.reset_mails_per_account.take(&account, now).is_ok()
    {
        // In the background, because the time it takes would reveal whether the account exists.
        let remind = async move {
            if let Err(failure) = remind(&app, account, now, trace).await {
                tracing::warn!(
                    error = &failure as &dyn std::error::Error,
                    "the mail to reset a password could not be queued"
                );
            }
        };
        tokio::spawn(remind.in_current_span());
    }
    Ok(StatusCode::ACCEPTED)
}

async fn remind(app: &App, account: AccountKey, now: Timestamp, trace: Trace) -> Result<(), Failure> {
    let seen = app.executor.state::<Account>(&account, Freshness::Fresh).await?;
    let Some(profile) = seen.state.profile else { return Ok(()) };
    let expires_at = now + SignedDuration::from_secs(RESET_SECONDS);
    let mail = Mail {
        id: (app.edge.new_id)(),
        recipient: profile.user,
        matter: MailKind::PasswordReset { account, expires_at },
        wanted_at: now,
        correlation: trace.correlation,
        trace: trace.traceparent,
        repeats: None,
        cascade: None,
    };
    app.mails.want(&mail).await
}
