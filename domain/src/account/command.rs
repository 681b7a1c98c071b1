//! Requests to an account.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Role;
use crate::{Fingerprint, Language, Personal, UserId, VenueId};

/// Requests to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Opens the account.
    RegisterAccount {
        /// Created by the caller.
        user: UserId,
        /// Already normalised: trimmed and in lower case.
        email: Personal,
        /// Name of the person.
        name: Personal,
        /// Preferred city.
        city: Option<Personal>,
        /// PHC string of the password's argon2id hash.
        password_hash: Personal,
        /// Customer, except for the first administrator.
        role: Role,
        /// Fingerprint of a request with an Idempotency-Key, without passwords.
        fingerprint: Option<Fingerprint>,
    },
    /// Changes the password. The caller checks the old one, because hashing is slow.
    ChangePassword {
        /// PHC string that the caller checked. If another request replaced it meanwhile, that one wins.
        replaces: Personal,
        /// PHC string.
        password_hash: Personal,
    },
    /// Changes the given fields.
    UpdateProfile {
        /// New name.
        name: Option<Personal>,
        /// New city; an empty text clears it.
        city: Option<Personal>,
    },
    /// Changes the language of the person's mails.
    ChooseLanguage {
        /// New language.
        language: Language,
    },
    /// Turns the mail about sales each morning on or off.
    ChooseSalesMail {
        /// On or off.
        wanted: bool,
    },
    /// Turns the reminders of screenings on or off. They are on until then.
    ChooseReminders {
        /// `true` turns them on.
        wanted: bool,
    },
    /// Changes the role of another person's account.
    GrantRole {
        /// New role.
        role: Role,
        /// Venues that it is granted for; `None` is all of them.
        venues: Option<BTreeSet<VenueId>>,
        /// Administrator who decided.
        by: UserId,
    },
    /// Makes the account an administrator's, because the operator's settings name it.
    AppointAdministrator,
    /// Closes another person's account until it is enabled again.
    DisableAccount {
        /// Reason, for other administrators.
        reason: Personal,
        /// Administrator who decided.
        by: UserId,
    },
    /// Requires a second factor at each sign-in from now on.
    SetSecondFactor {
        /// Secret and recovery codes are computed from it with a key of the installation.
        nonce: Uuid,
        /// Time step of the code that proved that the person has the secret.
        step: u64,
    },
    /// Uses a code of the second factor. Each works once.
    UseOtp {
        /// Time step of the code.
        step: u64,
    },
    /// Uses a recovery code. Each works once.
    UseRecoveryCode {
        /// Number of the code.
        number: u8,
    },
    /// Removes the second factor.
    RemoveSecondFactor,
    /// Opens a disabled account again.
    EnableAccount {
        /// Administrator who decided.
        by: UserId,
    },
    /// Ends the account of a person for good. The caller destroys the key of the person then.
    ErasePersonalData {
        /// Person to erase. A later account of the same address stays.
        user: UserId,
    },
}
