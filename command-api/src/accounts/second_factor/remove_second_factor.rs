//! `DELETE /me/second-factor`

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::{
    account::{Account, Command},
    mail::AccountChange,
};
use ticketshow_http::{Caller, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;

use crate::machinery::{
    app::{App, carry_through},
    failures::failed,
};

/// Removes the second factor. All other sessions end.
///
/// # Errors
///
/// 403 `confirmation-needed` unless the caller has lately signed in or confirmed.
#[utoipa::path(
    delete,
    path = "/me/second-factor",
    tag = "Accounts",
    responses(
        (status = 204),
        (status = 403, description = "`confirmation-needed`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn remove_second_factor(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let session = app.live_session(&caller).await?;
    app.staff_sessions.check_fresh(&session, app.edge.now())?;
    // Each change is mailed.
    caller.take(&app.edge.limiters.profile_changes_per_user, app.edge.now())?;
    let metadata = app.sent_by(caller.user, &trace);
    let Caller { user, account, session, .. } = caller;
    let position = carry_through(async move {
        let seen = app.state::<Account>(&account, Freshness::Fresh).await?;
        // First, so that a repeat after a crash ends them, too. Without a second factor nothing changes.
        if seen.state.profile.is_some_and(|profile| profile.second_factor.is_some()) {
            app.end_sessions(&account, Some(session)).await.map_err(|failure| failed(&failure))?;
        }
        let command = Command::RemoveSecondFactor;
        let executed = app.execute(&account, command, metadata, |_: &Account| ()).await?;
        if executed.changed {
            app.report(user, account, AccountChange::SecondFactorRemoved, trace);
        }
        Ok(executed.position)
    })
    .await?;
    Ok((StatusCode::NO_CONTENT, StreamPosition(position)))
}
