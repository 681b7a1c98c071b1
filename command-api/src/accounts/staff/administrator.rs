//! Creation of the first administrator, at start-up.

use ticketshow_domain::{
    Flaws, UserId,
    account::{Account, Command, Refusal, Role},
};
use ticketshow_http::normalise_email;
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Freshness},
    failure::Failure,
    log::metadata::{Actor, Metadata},
};

use crate::{
    accounts::passwords::password_rules::{Owner, note_flaws},
    machinery::app::App,
};

const NAME: &str = "Administrator";

/// Ensures that the account with this e-mail exists and is an administrator's. An account that lacks the role gets it only if
/// the password fits: a stranger may have registered the address first.
///
/// # Errors
///
/// [`EnsureError`]: nothing was done, or only a part of it. Calling again is safe.
pub async fn ensure_administrator(app: &App, email: &str, password: String) -> Result<(), EnsureError> {
    let mut id = app.edge.keys.account(email);
    let mut seen = app.executor.state::<Account>(&id, Freshness::Fresh).await?;
    if let Some(older) = app.edge.keys.older_account(email) {
        let found = app.executor.state::<Account>(&older, Freshness::Fresh).await?;
        if found.state.profile.is_some() {
            (id, seen) = (older, found);
        }
    }
    let command = if let Some(profile) = seen.state.profile {
        if profile.role == Role::Admin {
            return Ok(());
        }
        let hash = app.persons.unseal(&profile.password_hash).await?;
        let fits = app.passwords.check(password, hash.as_deref()).await;
        if !fits.map_err(|_| EnsureError::Hashing)? {
            return Err(EnsureError::OtherPassword);
        }
        Command::AppointAdministrator
    } else {
        let mut flaws = Flaws::default();
        note_flaws(&mut flaws, &password, Owner { email, name: NAME }, "/password");
        flaws.into_result().map_err(EnsureError::Weak)?;
        let hashed = app.passwords.hash(password).await.map_err(|_| EnsureError::Hashing)?;
        let user = UserId((app.edge.new_id)());
        Command::RegisterAccount {
            user,
            email: app.persons.seal(user, &normalise_email(email)).await?,
            name: app.persons.seal(user, NAME).await?,
            city: None,
            password_hash: app.persons.seal(user, &hashed).await?,
            role: Role::Admin,
            fingerprint: None,
        }
    };
    let metadata = Metadata {
        time: app.edge.now(),
        actor: Actor::System,
        correlation: (app.edge.new_id)(),
        causation: None,
        trace: None,
    };
    match app.executor.execute(&id, command, metadata, |_: &Account| ()).await {
        // Another replica was faster.
        Ok(_) | Err(ExecuteError::Refused { refusal: Refusal::EmailTaken, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Reason why there may be no administrator.
#[derive(Debug, thiserror::Error)]
pub enum EnsureError {
    /// The account could not be read.
    #[error("the administrator's account cannot be read")]
    Unread(#[from] Failure),
    /// The password could not be hashed.
    #[error("the administrator's password cannot be hashed")]
    Hashing,
    /// A new account's password is too short, too long or too easy to guess.
    #[error("the administrator's {0}")]
    Weak(Flaws),
    /// The address has an account that is no administrator's and has another password.
    #[error("the address belongs to an account without the role and with another password")]
    OtherPassword,
    /// The account could not be created; `Invalid` for an invalid e-mail.
    #[error("the administrator's account cannot be created")]
    NotMade(#[from] ExecuteError<Refusal>),
}
