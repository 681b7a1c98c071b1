//! A person's account, keyed by their e-mail: one account an e-mail, whatever its letter case.

use serde::{Deserialize, Serialize};

use crate::{AccountKey, Context, Decider, Fingerprint, Flaws, UserId, aggregate::aggregate};

/// What an account may do. Ordered: each role may do what the ones before it may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Books.
    #[default]
    Customer,
    /// Checks tickets in.
    Staff,
    /// Runs the houses.
    Admin,
}

/// What can be asked of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Opens it.
    RegisterAccount {
        /// Minted by the caller.
        user: UserId,
        /// Already normalised: trimmed and in lower case.
        email: String,
        /// How the person wants to be called.
        name: String,
        /// Where they look for shows.
        city: Option<String>,
        /// PHC string of the password's argon2id hash.
        password_hash: String,
        /// Customer, except for the first administrator.
        role: Role,
        /// Of the request that carried an Idempotency-Key; passwords left out.
        fingerprint: Option<Fingerprint>,
    },
    /// Sets another password. That the old one was known is checked by the caller, off the domain: hashing takes long.
    ChangePassword {
        /// PHC string.
        password_hash: String,
    },
    /// Changes what is given.
    UpdateProfile {
        /// New name.
        name: Option<String>,
        /// New city; an empty text clears it.
        city: Option<String>,
    },
    /// Gives another role.
    GrantRole {
        /// The role from now on.
        role: Role,
        /// The administrator who says so.
        by: UserId,
    },
}

/// What can have happened to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    AccountRegistered {
        user: UserId,
        email: String,
        name: String,
        city: Option<String>,
        password_hash: String,
        role: Role,
        fingerprint: Option<Fingerprint>,
    },
    PasswordChanged {
        password_hash: String,
    },
    /// Name and city as they are from now on.
    ProfileUpdated {
        name: String,
        city: Option<String>,
    },
    RoleGranted {
        role: Role,
        by: UserId,
    },
}

/// What can stand in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody else (or the same person, under another key) registered this e-mail before.
    #[error("this e-mail has an account already")]
    EmailTaken,
    /// The Idempotency-Key was used with another body.
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    /// No such account.
    #[error("there is no such account")]
    NotRegistered,
    /// Values are wrong.
    #[error("{0}")]
    Invalid(Flaws),
}

/// An account as its history tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `None` until it is registered.
    pub profile: Option<Profile>,
}

/// What is known of a registered person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the events")]
pub struct Profile {
    pub user: UserId,
    pub email: String,
    pub name: String,
    pub city: Option<String>,
    pub password_hash: String,
    pub role: Role,
    pub fingerprint: Option<Fingerprint>,
}

aggregate!(Account,
    AccountRegistered => "account_registered",
    PasswordChanged => "password_changed",
    ProfileUpdated => "profile_updated",
    RoleGranted => "role_granted",
);

impl Decider for Account {
    const TYPE: &'static str = "account";
    const STATE_FORMAT: u16 = 1;
    type Id = AccountKey;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, _context: &Context) -> Result<Vec<Event>, Refusal> {
        let _ = command;
        unimplemented!()
    }

    fn evolve(&mut self, event: &Event) {
        let _ = event;
        unimplemented!()
    }
}
