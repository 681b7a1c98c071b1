//! Rules that can forbid a command to an account.

use crate::Flaws;

/// Rules that can forbid a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The e-mail is registered already, by another request.
    #[error("this e-mail has an account already")]
    EmailTaken,
    /// The Idempotency-Key was used with another body.
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    /// No such account.
    #[error("there is no such account")]
    NotRegistered,
    /// The code was used before, or there is no second factor.
    #[error("this code was used before")]
    CodeUsed,
    /// The password was changed since the caller checked it.
    #[error("the password was changed by another request")]
    PasswordReplaced,
    /// Administrators cannot give up their own role or close their own account, so that one always remains.
    #[error("nobody changes their own role or closes their own account")]
    OwnAccount,
    /// An administrator's account is erased only after another administrator has taken the role, so that one remains.
    #[error("another administrator has to take the role of this account first")]
    Administrator,
    /// The request opens the account of a person who was erased since.
    #[error("this account was erased")]
    Erased,
    /// Sales are mailed only to those who may read them.
    #[error("the role of this account does not include sales")]
    NoSales,
    /// Some values are invalid.
    #[error("{0}")]
    Invalid(Flaws),
}
