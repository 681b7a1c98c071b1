//! `PUT /admin/accounts/{user_id}/state`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use ticketshow_domain::{
    Personal, UserId,
    account::{Command, flaws_of_reason},
    mail::AccountChange,
    tidy_line,
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, schema};
use utoipa::ToSchema;

use crate::machinery::{app::App, authority::FreshStaff};

/// Reason of a closing that undoes an opening by an administrator who lost the role meanwhile.
const UNDONE: &str = "opened again by an account that was no administrator's any more";

/// The new state.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountState {
    disabled: bool,
    /// Needed to disable an account: 1 to 500 characters, for other administrators.
    #[schema(example = "The password was stolen.")]
    reason: Option<String>,
}

/// Closes another person's account, which ends its sessions, or opens it again. Access tokens of these sessions are refused from
/// then on.
///
/// # Errors
///
/// 404 if there is no such account, 409 `own-account` for the caller's own, 422 without a reason.
#[utoipa::path(
    put,
    path = "/admin/accounts/{user_id}/state",
    tag = "Administration",
    request_body = AccountState,
    params(("user_id" = uuid::Uuid, Path)),
    responses(
        (status = 204),
        (status = 409, description = "`own-account`", body = schema::Problem, content_type = "application/problem+json"),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn set_account_state(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId(user): PathId<UserId>,
    Body(AccountState { disabled, reason }): Body<AccountState>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let account = app.routing.account_of(user).await?;
    let reason =
        if disabled { sealed(&app, user, &reason.unwrap_or_default()).await? } else { UNDONE.into() };
    let disable = Command::DisableAccount { reason, by: caller.user };
    let enable = Command::EnableAccount { by: caller.user };
    let (command, undo, change) = if disabled {
        (disable, enable, AccountChange::Disabled)
    } else {
        (enable, disable, AccountChange::Enabled)
    };
    let executed = app.administer(caller, account, command, undo, change, trace).await?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(executed.position)))
}

/// Checks a reason and seals it.
async fn sealed(app: &App, user: UserId, reason: &str) -> Result<Personal, Problem> {
    let reason = tidy_line(reason);
    flaws_of_reason(&reason).into_result().map_err(|flaws| Problem::invalid(&flaws))?;
    app.seal(user, &reason).await
}
