//! Decisions of an account.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    Account, Event, Profile, Refusal, Role,
    texts::{check_clear_names, flaws_of_reason, note_address, tidied, tidied_city},
};
use crate::{Flaws, Language, Permission, Personal, UserId, VenueId};

/// Maximum number of venues of a role. A role at more venues is granted for all of them.
const VENUES_MAX: usize = 100;

impl Account {
    fn registered(&self) -> Result<&Profile, Refusal> {
        self.profile.as_ref().ok_or(Refusal::NotRegistered)
    }

    pub(super) fn register(&self, wanted: Profile) -> Result<Vec<Event>, Refusal> {
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

    pub(super) fn change_password(
        &self,
        replaces: &Personal,
        password_hash: &Personal,
    ) -> Result<Vec<Event>, Refusal> {
        let current = &self.registered()?.password_hash;
        if current == password_hash {
            return Ok(Vec::new());
        }
        if current != replaces {
            return Err(Refusal::PasswordReplaced);
        }
        Ok(vec![Event::PasswordChanged { password_hash: password_hash.clone() }])
    }

    pub(super) fn update_profile(
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

    pub(super) fn choose_language(&self, language: Language) -> Result<Vec<Event>, Refusal> {
        let is_chosen = self.registered()?.language == Some(language);
        Ok((!is_chosen).then_some(Event::LanguageChosen { language }).into_iter().collect())
    }

    /// Losing the role does not change the choice: [`Profile::gets_sales_mail`] checks both.
    pub(super) fn choose_sales_mail(&self, wanted: bool) -> Result<Vec<Event>, Refusal> {
        let profile = self.registered()?;
        if profile.sales_mail == wanted {
            return Ok(Vec::new());
        }
        if wanted && !profile.may(Permission::Accounts) {
            return Err(Refusal::NoSales);
        }
        Ok(vec![Event::SalesMailChosen { wanted }])
    }

    pub(super) fn choose_reminders(&self, wanted: bool) -> Vec<Event> {
        let is_chosen = self.reminders_off != wanted;
        (!is_chosen).then_some(Event::RemindersChosen { wanted }).into_iter().collect()
    }

    pub(super) fn grant_role(
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

    pub(super) fn appoint(&self) -> Result<Vec<Event>, Refusal> {
        let Profile { user, role, .. } = *self.registered()?;
        if role == Role::Admin {
            return Ok(Vec::new());
        }
        Ok(vec![Event::RoleGranted { role: Role::Admin, venues: None, by: user }])
    }

    pub(super) fn disable(&self, reason: &Personal, by: UserId) -> Result<Vec<Event>, Refusal> {
        let profile = self.of_another(by)?;
        let reason = tidied(reason);
        let flaws = reason.in_clear().map(flaws_of_reason).unwrap_or_default();
        flaws.into_result().map_err(Refusal::Invalid)?;
        if profile.disabled.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::AccountDisabled { reason, by }])
    }

    pub(super) fn enable(&self, by: UserId) -> Result<Vec<Event>, Refusal> {
        if self.of_another(by)?.disabled.is_none() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::AccountEnabled { by }])
    }

    pub(super) fn set_second_factor(&self, nonce: Uuid, step: u64) -> Result<Vec<Event>, Refusal> {
        let current = self.registered()?.second_factor.as_ref();
        if current.is_some_and(|factor| factor.nonce == nonce) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::SecondFactorSet { nonce, step }])
    }

    pub(super) fn use_otp(&self, step: u64) -> Result<Vec<Event>, Refusal> {
        let factor = self.registered()?.second_factor.as_ref().ok_or(Refusal::CodeUsed)?;
        if step <= factor.step {
            return Err(Refusal::CodeUsed);
        }
        Ok(vec![Event::OtpUsed { step }])
    }

    pub(super) fn use_recovery_code(&self, number: u8) -> Result<Vec<Event>, Refusal> {
        let factor = self.registered()?.second_factor.as_ref().ok_or(Refusal::CodeUsed)?;
        if factor.recovery_codes_used.contains(&number) {
            return Err(Refusal::CodeUsed);
        }
        Ok(vec![Event::RecoveryCodeUsed { number }])
    }

    pub(super) fn remove_second_factor(&self) -> Result<Vec<Event>, Refusal> {
        let is_set = self.registered()?.second_factor.is_some();
        Ok(is_set.then_some(Event::SecondFactorRemoved {}).into_iter().collect())
    }

    pub(super) fn erase(&self, user: UserId) -> Result<Vec<Event>, Refusal> {
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
