//! A person's account: one account per e-mail address, ignoring letter case.

mod command;
mod refusal;
mod rules;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use self::texts::{tidied, tidied_city};
use crate::{
    AccountKey, Context, Decider, Fingerprint, Language, Permission, Personal, UserId, VenueId, WireError,
    aggregate::aggregate,
};
pub use command::Command;
pub use refusal::Refusal;
pub use texts::{flaws_of, flaws_of_names, flaws_of_reason, is_address, note_address};

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
    /// Returns `true` for every role except the customer's.
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
    /// The daily mail about sales was turned on or off.
    SalesMailChosen {
        wanted: bool,
    },
    /// Recorded for addresses without an account, too.
    RemindersChosen {
        wanted: bool,
    },
}

/// An account, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `None` until it is registered, and after it was erased.
    pub profile: Option<Profile>,
    /// Erased persons who had this address. Their ids never get an account again; the address may.
    pub erased: BTreeSet<UserId>,
    /// The address gets no reminders. It may have no account: buyers at the counter are reminded, too.
    pub reminders_off: bool,
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
    /// Reason why the account is disabled.
    pub disabled: Option<Personal>,
    /// Second factor, if one is set.
    pub second_factor: Option<SecondFactor>,
    /// Language that the person chose.
    pub language: Option<Language>,
    /// The person wants the daily mail about sales.
    pub sales_mail: bool,
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

    /// Returns `true` if the person wants sales by mail and may read them.
    #[must_use]
    pub fn gets_sales_mail(&self) -> bool {
        self.sales_mail && self.may(Permission::Accounts)
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
    SalesMailChosen => "sales_mail_chosen",
    RemindersChosen => "reminders_chosen",
);

impl Decider for Account {
    const TYPE: &'static str = "account";
    const STATE_FORMAT: u16 = 7;
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
                    sales_mail: false,
                }),
            Command::ChangePassword { replaces, password_hash } => {
                self.change_password(replaces, password_hash)
            }
            Command::UpdateProfile { name, city } => self.update_profile(name.as_ref(), city.as_ref()),
            Command::ChooseLanguage { language } => self.choose_language(*language),
            Command::ChooseSalesMail { wanted } => self.choose_sales_mail(*wanted),
            Command::ChooseReminders { wanted } => Ok(self.choose_reminders(*wanted)),
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
            self.reminders_off = false;
        }
        if let Event::RemindersChosen { wanted } = event {
            self.reminders_off = !wanted;
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
                sales_mail: false,
            });
        }
        let Some(profile) = &mut self.profile else { return };
        match event {
            Event::AccountRegistered { .. }
            | Event::PersonalDataErased { .. }
            | Event::RemindersChosen { .. } => {}
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
            Event::SalesMailChosen { wanted } => profile.sales_mail = *wanted,
        }
    }
}
