//! The part that changing and resetting a password share.

use ticketshow_domain::{
    AccountKey,
    account::{Account, Command, Refusal},
};
use ticketshow_http::Problem;
use ticketshow_nats::{executor::outcome::ExecuteError, log::metadata::Metadata};
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    failures::{at, failed, not_executed},
    signed_in::password_digest,
};

/// Replaces the password hash that was checked by a new one, and ends all sessions but `kept`. Returns the position.
///
/// # Errors
///
/// `replaced` if another request was faster.
pub async fn set_password(
    app: App,
    account: AccountKey,
    replaces: String,
    password_hash: String,
    kept: Option<Uuid>,
    metadata: Metadata,
    replaced: Problem,
) -> Result<u64, Problem> {
    carry_through(async move {
        let password = password_digest(&password_hash);
        let command = Command::ChangePassword { replaces, password_hash };
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
        app.sessions.end_all_but(&account, kept).await.map_err(|failure| failed(&failure))?;
        Ok(executed.position)
    })
    .await
}
