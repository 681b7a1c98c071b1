//! Setting a new password, shared by changing and resetting it.

use ticketshow_domain::{
    AccountKey, Personal,
    account::{Account, Command, Profile, Refusal},
    mail::AccountChange,
};
use ticketshow_http::{Problem, Trace};
use ticketshow_nats::executor::outcome::ExecuteError;
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    failures::{at, failed, not_executed},
    signed_in::password_digest,
};

/// Replaces the password hash of `profile`, which was checked, by a sealed one, ends all sessions but `kept`, and mails the owner. Returns the
/// position.
///
/// # Errors
///
/// `replaced` if another request was faster.
pub async fn set_password(
    app: App,
    account: AccountKey,
    profile: Profile,
    password_hash: Personal,
    kept: Option<Uuid>,
    trace: Trace,
    replaced: Problem,
) -> Result<u64, Problem> {
    carry_through(async move {
        let password = password_digest(&password_hash);
        let Profile { user, password_hash: replaces, .. } = profile;
        let command = Command::ChangePassword { replaces, password_hash };
        let metadata = app.sent_by(user, &trace);
        let executed = app.executor.execute(&account, command, metadata, |_: &Account| ()).await;
        let executed = executed.map_err(|error| match error {
            ExecuteError::Refused { refusal: Refusal::PasswordReplaced, position } => at(replaced, position),
            error @ (ExecuteError::Refused { .. }
            | ExecuteError::Overloaded { .. }
            | ExecuteError::Unavailable(_)
            | ExecuteError::LogDiverged) => not_executed(error),
        })?;
        if let Some(kept) = kept {
            app.sessions.bind(&account, kept, &password).await.map_err(|failure| failed(&failure))?;
        }
        app.end_sessions(&account, kept).await.map_err(|failure| failed(&failure))?;
        app.report(user, account, AccountChange::Password, trace);
        Ok(executed.position)
    })
    .await
}
