//! A person's account: one account per e-mail address, ignoring letter case.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AccountKey, Context, Decider, Fingerprint, Flaws, UserId,
    aggregate::aggregate,
    text::{tidy, tidy_line},
};

/// Most characters of the reason for which an account is disabled.
const REASON_MAX: usize = 500;

/// Permissions of an account. Ordered: each role includes the ones before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Books seats.
    #[default]
    Customer,
    /// Checks tickets in.
    Staff,
    /// Manages shows, venues and money.
    Admin,
}

/// Requests to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Opens the account.
    RegisterAccount {
        /// Created by the caller.
        user: UserId,
        /// Already normalised: trimmed and in lower case.
        email: String,
        /// Name of the person.
        name: String,
        /// Preferred city.
        city: Option<String>,
        /// PHC string of the password's argon2id hash.
        password_hash: String,
        /// Customer, except for the first administrator.
        role: Role,
        /// Fingerprint of a request with an Idempotency-Key, without passwords.
        fingerprint: Option<Fingerprint>,
    },
    /// Changes the password. The caller checks the old one, because hashing is slow.
    ChangePassword {
        /// PHC string that the caller checked. If another request replaced it meanwhile, that one wins.
        replaces: String,
        /// PHC string.
        password_hash: String,
    },
    /// Changes the given fields.
    UpdateProfile {
        /// New name.
        name: Option<String>,
        /// New city; an empty text clears it.
        city: Option<String>,
    },
    /// Changes the role of another person's account.
    GrantRole {
        /// New role.
        role: Role,
        /// Administrator who decided.
        by: UserId,
    },
    /// Makes the account an administrator's, because the operator's settings name it.
    AppointAdministrator,
    /// Closes another person's account until it is enabled again.
    DisableAccount {
        /// Reason, for other administrators.
        reason: String,
        /// Administrator who decided.
        by: UserId,
    },
    /// Demands a second factor at each sign-in from now on.
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
    /// Demands no second factor any more.
    RemoveSecondFactor,
    /// Opens a disabled account again.
    EnableAccount {
        /// Administrator who decided.
        by: UserId,
    },
}

/// Facts of an account.
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
    /// New name and city.
    ProfileUpdated {
        name: String,
        city: Option<String>,
    },
    RoleGranted {
        role: Role,
        by: UserId,
    },
    AccountDisabled {
        reason: String,
        by: UserId,
    },
    AccountEnabled {
        by: UserId,
    },
    SecondFactorSet {
        nonce: Uuid,
        step: u64,
    },
    OtpUsed {
        step: u64,
    },
    RecoveryCodeUsed {
        number: u8,
    },
    SecondFactorRemoved {},
}

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
    /// Administrators cannot take their own role or close their own account, so that one always remains.
    #[error("nobody changes their own role or closes their own account")]
    OwnAccount,
    /// Some values are invalid.
    #[error("{0}")]
    Invalid(Flaws),
}

/// An account, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `None` until it is registered.
    pub profile: Option<Profile>,
}

/// Data of a registered person.
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
    /// Reason for which the account is disabled.
    pub disabled: Option<String>,
    /// Second factor, if one is set.
    pub second_factor: Option<SecondFactor>,
}

/// Second factor of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// Secret and recovery codes are computed from it, so that the log does not hold them.
    pub nonce: Uuid,
    /// Time step of the latest code that was used.
    pub step: u64,
    /// Numbers of the recovery codes that were used.
    pub recovery_codes_used: BTreeSet<u8>,
}

impl Profile {
    /// Returns `true` if the account is open and has at least `role`.
    #[must_use]
    pub fn may_act_as(&self, role: Role) -> bool {
        self.disabled.is_none() && self.role >= role
    }
}

aggregate!(Account,
    AccountRegistered => "account_registered",
    PasswordChanged => "password_changed",
    ProfileUpdated => "profile_updated",
    RoleGranted => "role_granted",
    AccountDisabled => "account_disabled",
    AccountEnabled => "account_enabled",
    SecondFactorSet => "second_factor_set",
    OtpUsed => "otp_used",
    RecoveryCodeUsed => "recovery_code_used",
    SecondFactorRemoved => "second_factor_removed",
);

impl Decider for Account {
    const TYPE: &'static str = "account";
    const STATE_FORMAT: u16 = 3;
    type Id = AccountKey;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, _context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::RegisterAccount { user, email, name, city, password_hash, role, fingerprint } => self
                .register(Profile {
                    user: *user,
                    email: email.clone(),
                    name: tidy_line(name),
                    city: city.as_deref().and_then(tidy),
                    password_hash: password_hash.clone(),
                    role: *role,
                    fingerprint: fingerprint.clone(),
                    disabled: None,
                    second_factor: None,
                }),
            Command::ChangePassword { replaces, password_hash } => {
                self.change_password(replaces, password_hash)
            }
            Command::UpdateProfile { name, city } => self.update_profile(name.as_deref(), city.as_deref()),
            Command::GrantRole { role, by } => self.grant_role(*role, *by),
            Command::AppointAdministrator => self.appoint(),
            Command::DisableAccount { reason, by } => self.disable(reason, *by),
            Command::EnableAccount { by } => self.enable(*by),
            Command::SetSecondFactor { nonce, step } => self.set_second_factor(*nonce, *step),
            Command::UseOtp { step } => self.use_otp(*step),
            Command::UseRecoveryCode { number } => self.use_recovery_code(*number),
            Command::RemoveSecondFactor => self.remove_second_factor(),
        }
    }

    fn evolve(&mut self, event: &Event) {
        if let Event::AccountRegistered { user, email, name, city, password_hash, role, fingerprint } = event
        {
            self.profile = Some(Profile {
                user: *user,
                email: email.clone(),
                name: name.clone(),
                city: city.clone(),
                password_hash: password_hash.clone(),
                role: *role,
                fingerprint: fingerprint.clone(),
                disabled: None,
                second_factor: None,
            });
        }
        let Some(profile) = &mut self.profile else { return };
        match event {
            Event::AccountRegistered { .. } => {}
            Event::PasswordChanged { password_hash } => profile.password_hash.clone_from(password_hash),
            Event::ProfileUpdated { name, city } => {
                profile.name.clone_from(name);
                profile.city.clone_from(city);
            }
            Event::RoleGranted { role, by: _ } => profile.role = *role,
            Event::AccountDisabled { reason, by: _ } => profile.disabled = Some(reason.clone()),
            Event::AccountEnabled { by: _ } => profile.disabled = None,
            Event::SecondFactorSet { nonce, step } => {
                let recovery_codes_used = BTreeSet::new();
                profile.second_factor =
                    Some(SecondFactor { nonce: *nonce, step: *step, recovery_codes_used });
            }
            Event::OtpUsed { step } => {
                profile.second_factor.iter_mut().for_each(|factor| factor.step = *step);
            }
            Event::RecoveryCodeUsed { number } => profile.second_factor.iter_mut().for_each(|factor| {
                factor.recovery_codes_used.insert(*number);
            }),
            Event::SecondFactorRemoved {} => profile.second_factor = None,
        }
    }
}

impl Account {
    fn registered(&self) -> Result<&Profile, Refusal> {
        self.profile.as_ref().ok_or(Refusal::NotRegistered)
    }

    fn register(&self, wanted: Profile) -> Result<Vec<Event>, Refusal> {
        if let Some(profile) = &self.profile {
            // The body alone does not identify a repeat: its fingerprint leaves the password out.
            return match (profile.user == wanted.user, profile.fingerprint == wanted.fingerprint) {
                (true, true) => Ok(Vec::new()),
                (true, false) => Err(Refusal::KeyReused),
                (false, _) => Err(Refusal::EmailTaken),
            };
        }
        let flaws = flaws_of(&wanted.email, &wanted.name, wanted.city.as_deref());
        flaws.into_result().map_err(Refusal::Invalid)?;
        let Profile { user, email, name, city, password_hash, role, fingerprint, .. } = wanted;
        Ok(vec![Event::AccountRegistered { user, email, name, city, password_hash, role, fingerprint }])
    }

    fn change_password(&self, replaces: &str, password_hash: &str) -> Result<Vec<Event>, Refusal> {
        let current = &self.registered()?.password_hash;
        if current == password_hash {
            return Ok(Vec::new());
        }
        if current != replaces {
            return Err(Refusal::PasswordReplaced);
        }
        Ok(vec![Event::PasswordChanged { password_hash: password_hash.to_owned() }])
    }

    fn update_profile(&self, name: Option<&str>, city: Option<&str>) -> Result<Vec<Event>, Refusal> {
        let profile = self.registered()?;
        let name = name.map_or_else(|| profile.name.clone(), tidy_line);
        let city = city.map_or_else(|| profile.city.clone(), tidy);
        let mut flaws = Flaws::default();
        check_names(&mut flaws, &name, city.as_deref());
        flaws.into_result().map_err(Refusal::Invalid)?;
        if name == profile.name && city == profile.city {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ProfileUpdated { name, city }])
    }

    fn grant_role(&self, role: Role, by: UserId) -> Result<Vec<Event>, Refusal> {
        if self.of_another(by)?.role == role {
            return Ok(Vec::new());
        }
        Ok(vec![Event::RoleGranted { role, by }])
    }

    fn appoint(&self) -> Result<Vec<Event>, Refusal> {
        let Profile { user, role, .. } = *self.registered()?;
        if role == Role::Admin {
            return Ok(Vec::new());
        }
        Ok(vec![Event::RoleGranted { role: Role::Admin, by: user }])
    }

    fn disable(&self, reason: &str, by: UserId) -> Result<Vec<Event>, Refusal> {
        let profile = self.of_another(by)?;
        let reason = tidy_line(reason);
        let mut flaws = Flaws::default();
        flaws.text(&reason, REASON_MAX, "/reason");
        flaws.into_result().map_err(Refusal::Invalid)?;
        if profile.disabled.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::AccountDisabled { reason, by }])
    }

    fn enable(&self, by: UserId) -> Result<Vec<Event>, Refusal> {
        if self.of_another(by)?.disabled.is_none() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::AccountEnabled { by }])
    }

    fn set_second_factor(&self, nonce: Uuid, step: u64) -> Result<Vec<Event>, Refusal> {
        let current = self.registered()?.second_factor.as_ref();
        if current.is_some_and(|factor| factor.nonce == nonce) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::SecondFactorSet { nonce, step }])
    }

    fn use_otp(&self, step: u64) -> Result<Vec<Event>, Refusal> {
        let factor = self.registered()?.second_factor.as_ref().ok_or(Refusal::CodeUsed)?;
        if step <= factor.step {
            return Err(Refusal::CodeUsed);
        }
        Ok(vec![Event::OtpUsed { step }])
    }

    fn use_recovery_code(&self, number: u8) -> Result<Vec<Event>, Refusal> {
        let factor = self.registered()?.second_factor.as_ref().ok_or(Refusal::CodeUsed)?;
        if factor.recovery_codes_used.contains(&number) {
            return Err(Refusal::CodeUsed);
        }
        Ok(vec![Event::RecoveryCodeUsed { number }])
    }

    fn remove_second_factor(&self) -> Result<Vec<Event>, Refusal> {
        let is_set = self.registered()?.second_factor.is_some();
        Ok(is_set.then_some(Event::SecondFactorRemoved {}).into_iter().collect())
    }

    /// Returns the profile, unless it is that of the administrator who decides.
    fn of_another(&self, by: UserId) -> Result<&Profile, Refusal> {
        let profile = self.registered()?;
        if profile.user == by { Err(Refusal::OwnAccount) } else { Ok(profile) }
    }
}

/// Returns the flaws of a new account, so that a caller can report them together with its own.
/// [`Command::RegisterAccount`] is refused for the same flaws.
#[must_use]
pub fn flaws_of(email: &str, name: &str, city: Option<&str>) -> Flaws {
    let mut flaws = Flaws::default();
    note_address(&mut flaws, email);
    check_names(&mut flaws, name, city);
    flaws
}

/// Adds a flaw if `email` is no address that mail can be sent to.
pub fn note_address(flaws: &mut Flaws, email: &str) {
    flaws.unless(is_address(email), "/email", "must be an e-mail address");
}

fn check_names(flaws: &mut Flaws, name: &str, city: Option<&str>) {
    flaws.text(name, 100, "/name");
    if let Some(city) = city {
        flaws.text(city, 100, "/city");
    }
}

/// Returns `true` for an address that common mail servers accept: a dot-atom (RFC 5322 §3.2.3), `@` and a host name, which may
/// have letters of any alphabet (RFC 5890). Length: RFC 5321 §4.5.3.1.
fn is_address(email: &str) -> bool {
    let Some((local, host)) = email.split_once('@') else { return false };
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_{|}~-".contains(&b))
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    email.len() <= 254 && local.len() <= 64 && local.split('.').all(is_atom) && host.split('.').all(is_label)
}
