//! Prices and terms under a name.

use std::collections::BTreeMap;

use super::{created, given};
use crate::{
    examples::{at, fingerprint, pointers, uuid},
    pricing::{PRICE_MAX_MINOR, Terms, TicketType, TypeLimit},
    venue::{Command, Event, PriceTemplate, Refusal, TEMPLATES_MAX},
};

fn template(name: &str, gold_minor: i64) -> PriceTemplate {
    PriceTemplate {
        name: name.into(),
        prices: BTreeMap::from([("gold".to_owned(), gold_minor)]),
        currency: "INR".parse().unwrap(),
        terms: Terms::default(),
    }
}

fn add(n: u8, content: PriceTemplate) -> Command {
    Command::AddPriceTemplate { template: uuid(n), content, fingerprint: Some(fingerprint("body")) }
}

fn added(n: u8, content: PriceTemplate) -> Event {
    Event::PriceTemplateAdded { template: uuid(n), content, fingerprint: Some(fingerprint("body")) }
}

fn change(n: u8, content: PriceTemplate) -> Command {
    Command::ChangePriceTemplate { template: uuid(n), content }
}

fn remove(n: u8) -> Command {
    Command::DropPriceTemplate { template: uuid(n) }
}

fn dropped(n: u8) -> Event {
    Event::PriceTemplateDropped { template: uuid(n) }
}

#[test]
fn a_template_is_added_once_under_a_name_of_its_own() {
    let one = given(&[created(), added(1, template("Weekday", 20_000))]);
    assert_eq!(
        one.decide(add(2, template(" Weekend ", 30_000)), at(0)),
        Ok(vec![added(2, template("Weekend", 30_000))])
    );
    assert_eq!(one.decide(add(1, template("Weekday", 20_000)), at(0)), Ok(vec![]));
    let taken = Err(Refusal::TemplateNameTaken("Weekday".into()));
    assert_eq!(one.decide(add(2, template("weekDAY", 30_000)), at(0)), taken);
    let reused = Command::AddPriceTemplate {
        template: uuid(1),
        content: template("Other", 1),
        fingerprint: Some(fingerprint("other")),
    };
    assert_eq!(one.decide(reused, at(0)), Err(Refusal::KeyReused));
    for command in [add(1, template("Weekday", 1)), change(1, template("Weekday", 1)), remove(1)] {
        assert_eq!(given(&[]).decide(command, at(0)), Err(Refusal::NotFound));
    }
}

#[test]
fn a_template_is_changed_and_removed() {
    let history = [created(), added(1, template("Weekday", 20_000)), added(2, template("Weekend", 30_000))];
    let both = given(&history);
    assert_eq!(both.decide(change(1, template("Weekday", 20_000)), at(0)), Ok(vec![]));
    let dearer = Event::PriceTemplateChanged { template: uuid(1), content: template("weekday", 25_000) };
    assert_eq!(both.decide(change(1, template("weekday", 25_000)), at(0)), Ok(vec![dearer.clone()]));
    let taken = Err(Refusal::TemplateNameTaken("Weekend".into()));
    assert_eq!(both.decide(change(1, template("Weekend", 20_000)), at(0)), taken);
    assert_eq!(both.decide(change(3, template("Other", 20_000)), at(0)), Err(Refusal::NoTemplate));
    assert_eq!(both.decide(remove(1), at(0)), Ok(vec![dropped(1)]));
    let fewer = given(&[&history[..], &[dearer, dropped(1)]].concat());
    assert_eq!(fewer.decide(remove(1), at(0)), Ok(vec![]));
    assert!(fewer.decide(add(3, template("Weekday", 20_000)), at(0)).is_ok(), "the name is free again");
}

#[test]
fn a_removed_template_is_not_added_again_by_a_late_repeat() {
    let mut history = vec![created(), added(1, template("Weekday", 20_000)), dropped(1)];
    let gone = given(&history);
    assert_eq!(gone.decide(add(1, template("Weekday", 20_000)), at(0)), Ok(vec![]));
    let reused = Command::AddPriceTemplate {
        template: uuid(1),
        content: template("Other", 1),
        fingerprint: Some(fingerprint("other")),
    };
    assert_eq!(gone.decide(reused, at(0)), Err(Refusal::KeyReused));
    // The last hundred are remembered.
    for n in 2..=100_u8 {
        history.extend([added(n, template("More", 1)), dropped(n)]);
    }
    assert_eq!(given(&history).decide(add(1, template("Weekday", 20_000)), at(0)), Ok(vec![]));
    history.extend([added(101, template("More", 1)), dropped(101)]);
    assert!(
        given(&history).decide(add(1, template("Weekday", 20_000)), at(0)).is_ok_and(|then| then.len() == 1)
    );
}

#[test]
fn a_venue_has_at_most_fifty_templates() {
    let mut history = vec![created()];
    history.extend((1..=50_u8).map(|n| added(n, template(&format!("Template {n}"), 1))));
    assert_eq!(history.len(), 1 + TEMPLATES_MAX);
    let full = given(&history).decide(add(51, template("More", 1)), at(0));
    assert_eq!(full, Err(Refusal::TooManyTemplates { max: 50 }));
    assert!(given(&history[..50]).decide(add(51, template("More", 1)), at(0)).is_ok());
}

#[test]
fn prices_and_terms_are_checked_like_those_of_a_screening() {
    let flaws_of = |content: PriceTemplate| match given(&[created()]).decide(add(1, content), at(0)) {
        Err(Refusal::Invalid(flaws)) => pointers(&flaws).join(" "),
        other => other.map(|_| String::new()).unwrap(),
    };
    assert_eq!(flaws_of(template("x", 0)), "");
    assert_eq!(flaws_of(template("x", PRICE_MAX_MINOR)), "");
    assert_eq!(flaws_of(template("x", PRICE_MAX_MINOR + 1)), "/prices/gold");
    assert_eq!(flaws_of(template("x", -1)), "/prices/gold");
    assert_eq!(flaws_of(template(&"x".repeat(101), 1)), "/name");
    assert_eq!(flaws_of(PriceTemplate { prices: BTreeMap::new(), ..template("", 1) }), "/name /prices");
    let limits = BTreeMap::from([(
        TicketType("child".into()),
        TypeLimit { max: Some(1), needs_accessible: false, needs_type: None },
    )]);
    let unpriced = PriceTemplate { terms: Terms { limits, ..Terms::default() }, ..template("x", 1) };
    assert_eq!(flaws_of(unpriced), "/ticket_types/child");
}
