//! A person's account: one account per e-mail address, ignoring letter case.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    AccountKey, Context, Decider, Fingerprint, Flaws, Language, Permission, Personal, UserId, VenueId,
    WireError,
    aggregate::aggregate,
    text::{tidy, tidy_line},
};

/// Most characters of the reason for which an account is disabled.
const REASON_MAX: usize = 500;
/// Most venues of a role: more are all of them.
const VENUES_MAX: usize = 100;
/// Most characters of a name and of a city.
const NAME_MAX: usize = 100;

/// Role of an account. [`Role::may`] says what each includes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Books seats.
    #[default]
    Customer,
    /// Checks tickets in and sells at the counter, at every venue.
    Staff,
    /// Checks tickets in.
    Door,
    /// Sells at the counter and helps customers with their bookings.
    BoxOffice,
    /// Reads sales and payments.
    Accountant,
    /// Runs venues.
    Manager,
    /// May do everything.
    Admin,
}

impl Role {
    /// Returns `true` for all roles but that of customers.
    #[must_use]
    pub fn is_staff(self) -> bool {
        self != Self::Customer
    }

    /// Returns `true` if the role can be granted for some venues only.
    #[must_use]
    pub fn has_venues(self) -> bool {
        match self {
            Self::Door | Self::BoxOffice | Self::Accountant | Self::Manager => true,
            Self::Customer | Self::Staff | Self::Admin => false,
        }
    }
}

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
    /// Changes the language in which the person is written to.
    ChooseLanguage {
        /// New language.
        language: Language,
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
    /// Ends the account of a person for good. The caller destroys the key of the person then.
    ErasePersonalData {
        /// Person to erase. A later account of the same address stays.
        user: UserId,
    },
}

/// Facts of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    AccountRegistered {
        user: UserId,
        email: Personal,
        name: Personal,
        city: Option<Personal>,
        password_hash: Personal,
        role: Role,
        fingerprint: Option<Fingerprint>,
    },
    PasswordChanged {
        password_hash: Personal,
    },
    /// New name and city.
    ProfileUpdated {
        name: Personal,
        city: Option<Personal>,
    },
    RoleGranted {
        role: Role,
        by: UserId,
        /// `None`, and absent from events of older versions: all venues.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        venues: Option<BTreeSet<VenueId>>,
    },
    AccountDisabled {
        reason: Personal,
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
    PersonalDataErased {
        user: UserId,
    },
    LanguageChosen {
        language: Language,
    },
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
    /// An administrator's account is erased only after another administrator has taken the role, so that one remains.
    #[error("another administrator has to take the role of this account first")]
    Administrator,
    /// The request opens the account of a person who was erased since.
    #[error("this account was erased")]
    Erased,
    /// Some values are invalid.
    #[error("{0}")]
    Invalid(Flaws),
}

/// An account, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `None` until it is registered, and after it was erased.
    pub profile: Option<Profile>,
    /// Persons with this address who were erased. None of them has an account again; the address may.
    pub erased: BTreeSet<UserId>,
}

/// Data of a registered person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the events")]
pub struct Profile {
    pub user: UserId,
    pub email: Personal,
    pub name: Personal,
    pub city: Option<Personal>,
    pub password_hash: Personal,
    pub role: Role,
    /// Venues that the role is granted for; `None` is all of them.
    pub venues: Option<BTreeSet<VenueId>>,
    pub fingerprint: Option<Fingerprint>,
    /// Reason for which the account is disabled.
    pub disabled: Option<Personal>,
    /// Second factor, if one is set.
    pub second_factor: Option<SecondFactor>,
    /// Language that the person chose.
    pub language: Option<Language>,
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
    /// Returns `true` if the account is open and its role includes the permission, at the venues that it is granted for.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.disabled.is_none() && self.role.may(permission)
    }
}

/// Version in which a personal text may be sealed; before, all were in clear.
const SEALED_VERSION: u16 = 2;

fn current_version(event_type: &str) -> u16 {
    match event_type {
        "account_registered" | "password_changed" | "profile_updated" | "account_disabled" => SEALED_VERSION,
        _ => 1,
    }
}

/// A text in clear has the same form in both versions.
fn upcast(event_type: &str, version: u16, data: Value) -> Result<Value, WireError> {
    if version + 1 == current_version(event_type) {
        return Ok(data);
    }
    Err(WireError::UnknownVersion { event_type: event_type.to_owned(), version })
}

aggregate!(Account with (current_version, upcast),
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
    PersonalDataErased => "personal_data_erased",
    LanguageChosen => "language_chosen",
);

impl Decider for Account {
    const TYPE: &'static str = "account";
    const STATE_FORMAT: u16 = 6;
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
                    name: tidied(name),
                    city: city.as_ref().and_then(tidied_city),
                    password_hash: password_hash.clone(),
                    role: *role,
                    fingerprint: fingerprint.clone(),
                    venues: None,
                    disabled: None,
                    second_factor: None,
                    language: None,
                }),
            Command::ChangePassword { replaces, password_hash } => {
                self.change_password(replaces, password_hash)
            }
            Command::UpdateProfile { name, city } => self.update_profile(name.as_ref(), city.as_ref()),
            Command::ChooseLanguage { language } => self.choose_language(*language),
            Command::GrantRole { role, venues, by } => self.grant_role(*role, venues.as_ref(), *by),
            Command::AppointAdministrator => self.appoint(),
            Command::DisableAccount { reason, by } => self.disable(reason, *by),
            Command::EnableAccount { by } => self.enable(*by),
            Command::SetSecondFactor { nonce, step } => self.set_second_factor(*nonce, *step),
            Command::UseOtp { step } => self.use_otp(*step),
            Command::UseRecoveryCode { number } => self.use_recovery_code(*number),
            Command::RemoveSecondFactor => self.remove_second_factor(),
            Command::ErasePersonalData { user } => self.erase(*user),
        }
    }

    fn evolve(&mut self, event: &Event) {
        if let Event::PersonalDataErased { user } = event {
            self.profile = None;
            self.erased.insert(*user);
        }
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
                venues: None,
                disabled: None,
                second_factor: None,
                language: None,
            });
        }
        let Some(profile) = &mut self.profile else { return };
        match event {
            Event::AccountRegistered { .. } | Event::PersonalDataErased { .. } => {}
            Event::PasswordChanged { password_hash } => profile.password_hash.clone_from(password_hash),
            Event::ProfileUpdated { name, city } => {
                profile.name.clone_from(name);
                profile.city.clone_from(city);
            }
            Event::RoleGranted { role, venues, by: _ } => {
                profile.role = *role;
                profile.venues.clone_from(venues);
            }
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
            Event::LanguageChosen { language } => profile.language = Some(*language),
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
        if self.erased.contains(&wanted.user) {
            return Err(Refusal::Erased);
        }
        let mut flaws = Flaws::default();
        if let Some(email) = wanted.email.in_clear() {
            note_address(&mut flaws, email);
        }
        check_clear_names(&mut flaws, &wanted.name, wanted.city.as_ref());
        flaws.into_result().map_err(Refusal::Invalid)?;
        let Profile { user, email, name, city, password_hash, role, fingerprint, .. } = wanted;
        Ok(vec![Event::AccountRegistered { user, email, name, city, password_hash, role, fingerprint }])
    }

    fn change_password(&self, replaces: &Personal, password_hash: &Personal) -> Result<Vec<Event>, Refusal> {
        let current = &self.registered()?.password_hash;
        if current == password_hash {
            return Ok(Vec::new());
        }
        if current != replaces {
            return Err(Refusal::PasswordReplaced);
        }
        Ok(vec![Event::PasswordChanged { password_hash: password_hash.clone() }])
    }

    fn update_profile(
        &self,
        name: Option<&Personal>,
        city: Option<&Personal>,
    ) -> Result<Vec<Event>, Refusal> {
        let profile = self.registered()?;
        let name = name.map_or_else(|| profile.name.clone(), tidied);
        let city = city.map_or_else(|| profile.city.clone(), tidied_city);
        let mut flaws = Flaws::default();
        check_clear_names(&mut flaws, &name, city.as_ref());
        flaws.into_result().map_err(Refusal::Invalid)?;
        if name == profile.name && city == profile.city {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ProfileUpdated { name, city }])
    }

    fn choose_language(&self, language: Language) -> Result<Vec<Event>, Refusal> {
        let is_chosen = self.registered()?.language == Some(language);
        Ok((!is_chosen).then_some(Event::LanguageChosen { language }).into_iter().collect())
    }

    fn grant_role(
        &self,
        role: Role,
        venues: Option<&BTreeSet<VenueId>>,
        by: UserId,
    ) -> Result<Vec<Event>, Refusal> {
        let profile = self.of_another(by)?;
        let mut flaws = Flaws::default();
        flaws.unless(venues.is_none() || role.has_venues(), "/venues", "belongs to another role");
        let fits = venues.is_none_or(|venues| (1..=VENUES_MAX).contains(&venues.len()));
        flaws.unless(fits, "/venues", format!("must name 1 to {VENUES_MAX} venues, or be left out for all"));
        flaws.into_result().map_err(Refusal::Invalid)?;
        if profile.role == role && profile.venues.as_ref() == venues {
            return Ok(Vec::new());
        }
        Ok(vec![Event::RoleGranted { role, venues: venues.cloned(), by }])
    }

    fn appoint(&self) -> Result<Vec<Event>, Refusal> {
        let Profile { user, role, .. } = *self.registered()?;
        if role == Role::Admin {
            return Ok(Vec::new());
        }
        Ok(vec![Event::RoleGranted { role: Role::Admin, venues: None, by: user }])
    }

    fn disable(&self, reason: &Personal, by: UserId) -> Result<Vec<Event>, Refusal> {
        let profile = self.of_another(by)?;
        let reason = tidied(reason);
        let flaws = reason.in_clear().map(flaws_of_reason).unwrap_or_default();
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

    fn erase(&self, user: UserId) -> Result<Vec<Event>, Refusal> {
        match &self.profile {
            Some(profile) if profile.user == user && profile.role == Role::Admin => {
                Err(Refusal::Administrator)
            }
            Some(profile) if profile.user == user => Ok(vec![Event::PersonalDataErased { user }]),
            _ if self.erased.contains(&user) => Ok(Vec::new()),
            Some(_) | None => Err(Refusal::NotRegistered),
        }
    }

    /// Returns the profile, unless it is that of the administrator who decides.
    fn of_another(&self, by: UserId) -> Result<&Profile, Refusal> {
        let profile = self.registered()?;
        if profile.user == by { Err(Refusal::OwnAccount) } else { Ok(profile) }
    }
}

/// Returns the flaws of a new account. A caller that seals its texts checks them first; texts in clear are checked by
/// [`Command::RegisterAccount`] too.
#[must_use]
pub fn flaws_of(email: &str, name: &str, city: Option<&str>) -> Flaws {
    let mut flaws = Flaws::default();
    note_address(&mut flaws, email);
    flaws.0.extend(flaws_of_names(Some(name), city).0);
    flaws
}

/// Returns the flaws of a changed name or city, as [`flaws_of`].
#[must_use]
pub fn flaws_of_names(name: Option<&str>, city: Option<&str>) -> Flaws {
    let mut flaws = Flaws::default();
    if let Some(name) = name {
        flaws.text(name, NAME_MAX, "/name");
    }
    if let Some(city) = city {
        flaws.text(city, NAME_MAX, "/city");
    }
    flaws
}

/// Returns the flaws of the reason for which an account is disabled, as [`flaws_of`].
#[must_use]
pub fn flaws_of_reason(reason: &str) -> Flaws {
    let mut flaws = Flaws::default();
    flaws.text(reason, REASON_MAX, "/reason");
    flaws
}

/// Returns a name in its stored form: composed, with one space between words. Sealed ones have it.
fn tidied(name: &Personal) -> Personal {
    name.in_clear().map_or_else(|| name.clone(), |name| tidy_line(name).into())
}

/// The same for a city. A blank one counts as none.
fn tidied_city(city: &Personal) -> Option<Personal> {
    city.in_clear().map_or_else(|| Some(city.clone()), |city| tidy(city).map(Into::into))
}

/// Adds a flaw if `email` is no address that mail can be sent to.
pub fn note_address(flaws: &mut Flaws, email: &str) {
    flaws.unless(is_address(email), "/email", "must be an e-mail address");
}

fn check_clear_names(flaws: &mut Flaws, name: &Personal, city: Option<&Personal>) {
    let found = flaws_of_names(name.in_clear(), city.and_then(Personal::in_clear));
    flaws.0.extend(found.0);
}

/// Returns `true` for an address that common mail servers accept: a dot-atom (RFC 5322 §3.2.3), `@` and a host name, which may
/// have letters of any alphabet (RFC 5890). Length: RFC 5321 §4.5.3.1.
#[must_use]
pub fn is_address(email: &str) -> bool {
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
