//! Prices and terms under a name, such as "Weekday". They are copied into a screening when it is scheduled: a template that changes later
//! does not change what was promised.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, Refusal, Venue};
use crate::{Currency, Fingerprint, Flaws, pricing::Terms, values::text::tidy_line};

/// Most price templates of a venue: as many as a person can choose from. House rule.
pub const TEMPLATES_MAX: usize = 50;
/// Most removed price templates that a venue remembers: more than are removed while a request is repeated.
const DROPPED_MAX: usize = 100;
/// Most categories of a template.
const CATEGORIES_MAX: usize = 50;

/// Prices and terms to copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTemplate {
    /// 1 to 100 characters, once per venue.
    pub name: String,
    /// Price of a seat by category, in minor units, 0 or more. They need not be the categories of any screen.
    pub prices: BTreeMap<String, i64>,
    /// Currency of all prices.
    pub currency: Currency,
    /// Ticket types, fee, tax and cancellation.
    pub terms: Terms,
}

impl PriceTemplate {
    /// Without blanks around the name, if all is well.
    fn checked(&self) -> Result<Self, Refusal> {
        let tidied = Self { name: tidy_line(&self.name), ..self.clone() };
        let mut flaws = Flaws::default();
        flaws.text(&tidied.name, 100, "/name");
        flaws.unless(!tidied.prices.is_empty(), "/prices", "must have a price");
        let message = format!("must not have more than {CATEGORIES_MAX} categories");
        flaws.unless(tidied.prices.len() <= CATEGORIES_MAX, "/prices", message);
        tidied.terms.check_prices(&tidied.prices, &mut flaws);
        flaws.into_result().map_err(Refusal::Invalid)?;
        Ok(tidied)
    }
}

impl Venue {
    pub(super) fn add_template(
        &self,
        template: Uuid,
        content: &PriceTemplate,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let kept = self.price_templates.get(&template).map(|(_, fingerprint)| fingerprint);
        let dropped = || {
            let dropped = self.dropped_templates.iter().find(|(id, _)| *id == template);
            dropped.map(|(_, fingerprint)| fingerprint)
        };
        if let Some(known) = kept.or_else(dropped) {
            return if known.as_ref() == fingerprint { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let content = content.checked()?;
        self.check_name(template, &content.name)?;
        if self.price_templates.len() >= TEMPLATES_MAX {
            return Err(Refusal::TooManyTemplates { max: TEMPLATES_MAX });
        }
        Ok(vec![Event::PriceTemplateAdded { template, content, fingerprint: fingerprint.cloned() }])
    }

    pub(super) fn change_template(
        &self,
        template: Uuid,
        content: &PriceTemplate,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let (before, _) = self.price_templates.get(&template).ok_or(Refusal::NoTemplate)?;
        let content = content.checked()?;
        self.check_name(template, &content.name)?;
        if content == *before {
            return Ok(Vec::new());
        }
        Ok(vec![Event::PriceTemplateChanged { template, content }])
    }

    pub(super) fn drop_template(&self, template: Uuid) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let known = self.price_templates.contains_key(&template);
        Ok(known.then_some(Event::PriceTemplateDropped { template }).into_iter().collect())
    }

    pub(super) fn forget_template(&mut self, template: Uuid) {
        if let Some((_, fingerprint)) = self.price_templates.remove(&template) {
            self.dropped_templates.push_back((template, fingerprint));
        }
        while self.dropped_templates.len() > DROPPED_MAX {
            self.dropped_templates.pop_front();
        }
    }

    /// Checks that no other template has the name, whatever its letter case.
    fn check_name(&self, template: Uuid, name: &str) -> Result<(), Refusal> {
        let same = |other: &str| other.to_lowercase() == name.to_lowercase();
        let mut others = self.price_templates.iter().filter(|(id, _)| **id != template);
        match others.find(|(_, (other, _))| same(&other.name)) {
            Some((_, (other, _))) => Err(Refusal::TemplateNameTaken(other.name.clone())),
            None => Ok(()),
        }
    }
}
