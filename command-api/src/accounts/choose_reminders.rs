//! `PUT /reminders`, `POST /reminders/unsubscribe`: turn reminders on or off without signing in, by the link in a reminder.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use ticketshow_domain::account::{Account, Command};
use ticketshow_http::{Body, Params, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::{executor::outcome::Freshness, log::metadata::Actor};
use utoipa::{IntoParams, ToSchema};

use crate::machinery::app::App;

/// The choice of a person who got a reminder.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReminderWish {
    /// The part of the link after `#token=`.
    token: String,
    /// `false` turns reminders off.
    wanted: bool,
}

/// The link of a reminder, as mail programs call it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Unsubscription {
    #[serde(default)]
    token: String,
}

/// Turns reminders on or off for the address that a reminder was sent to, whether or not it has an account.
///
/// # Errors
///
/// 404 for a wrong token.
#[utoipa::path(
    put,
    path = "/reminders",
    tag = "Accounts",
    request_body = ReminderWish,
    responses((status = 204), schema::NotFound, schema::AnyCall)
)]
pub async fn choose_reminders(
    State(app): State<App>,
    trace: Trace,
    Body(ReminderWish { token, wanted }): Body<ReminderWish>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    choose(&app, &trace, &token, Command::ChooseReminders { wanted }).await
}

/// Turns reminders off: the address in the header `List-Unsubscribe` of a reminder, called by a mail program (RFC 8058). The body,
/// `List-Unsubscribe=One-Click`, is not read. Other clients call `PUT /reminders`, which keeps the token out of addresses.
///
/// # Errors
///
/// 404 for a wrong token.
#[utoipa::path(
    post,
    path = "/reminders/unsubscribe",
    tag = "Accounts",
    params(Unsubscription),
    responses((status = 204), schema::NotFound, schema::AnyCall)
)]
pub async fn unsubscribe(
    State(app): State<App>,
    trace: Trace,
    Params(Unsubscription { token }): Params<Unsubscription>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    choose(&app, &trace, &token, Command::ChooseReminders { wanted: false }).await
}

async fn choose(
    app: &App,
    trace: &Trace,
    token: &str,
    command: Command,
) -> Result<(StatusCode, StreamPosition), Problem> {
    // Nothing is loaded for a forged token.
    let account = app.edge.reminder_tokens.check(token).ok_or_else(Problem::not_found)?;
    // Links may be forwarded, and each change is an event in the log.
    let choices = &app.edge.limiters.reminder_choices_per_account;
    choices.take(&account, app.edge.now()).map_err(Problem::too_many_requests)?;
    let seen = app.state::<Account>(&account, Freshness::Fresh).await?.state;
    let actor = seen.profile.map_or(Actor::System, |profile| Actor::User(profile.user));
    let position = app.send::<Account>(&account, command, app.sent_as(actor, trace)).await?;
    Ok((StatusCode::NO_CONTENT, position))
}
