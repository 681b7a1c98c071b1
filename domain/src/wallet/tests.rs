//! Rules of a wallet, and its invariants after any sequence of commands.

use std::collections::{BTreeMap, BTreeSet};

use cqrs_es::test::TestFramework;
use proptest::{collection::vec, prelude::*};

use super::{Command, EntryKind, Event, Reference, Refusal, Wallet};
use crate::{
    Decider, Money,
    examples::{Given, at, booking, context, payment, rupees, user, uuid},
};

fn given(history: &[Event]) -> Given<Wallet> {
    Given::new(history)
}

fn top_up(n: u8) -> Reference {
    Reference { kind: EntryKind::TopUp, id: uuid(n) }
}

fn credit(reference: Reference, amount: Money) -> Command {
    Command::CreditWallet { customer: user(1), reference, amount, booking: None, reason: None }
}

fn debit(n: u8, amount: Money) -> Command {
    let reference = Reference::payment(payment(n));
    Command::DebitWallet { customer: user(1), reference, amount, booking: booking(1) }
}

fn credited(reference: Reference, amount: Money, balance_after_minor: i64) -> Event {
    Event::WalletCredited {
        customer: user(1),
        reference,
        amount,
        balance_after_minor,
        booking: None,
        reason: None,
    }
}

fn debited(n: u8, amount: Money, balance_after_minor: i64) -> Event {
    Event::WalletDebited {
        customer: user(1),
        reference: Reference::payment(payment(n)),
        amount,
        balance_after_minor,
        booking: booking(1),
    }
}

fn decline(n: u8) -> Command {
    Command::DeclineDebit {
        customer: user(1),
        reference: Reference::payment(payment(n)),
        booking: booking(1),
    }
}

fn declined(n: u8) -> Event {
    let reference = Reference::payment(payment(n));
    Event::WalletDebitDeclined { customer: user(1), reference, booking: booking(1) }
}

fn minor(amount_minor: i64) -> Money {
    Money { amount_minor, ..rupees(0) }
}

fn euros() -> Money {
    Money { amount_minor: 1, currency: "EUR".parse().unwrap() }
}

#[test]
fn the_cqrs_es_adapter_decides_the_same() {
    TestFramework::<Wallet>::with(context(at(0)))
        .given_no_previous_events()
        .when(credit(top_up(1), rupees(5)))
        .then_expect_events(vec![credited(top_up(1), rupees(5), 500)]);
}

#[test]
fn a_wallet_pays_to_the_last_coin_and_not_beyond() {
    let history = [credited(top_up(1), rupees(5), 500)];
    assert_eq!(given(&history).decide(debit(1, minor(500)), at(0)), Ok(vec![debited(1, minor(500), 0)]));
    let (balance_minor, needed_minor, currency) = (500, 501, rupees(0).currency);
    let short = Err(Refusal::InsufficientFunds { balance_minor, needed_minor, currency });
    assert_eq!(given(&history).decide(debit(1, minor(501)), at(0)), short);
}

#[test]
fn an_empty_wallet_pays_for_what_is_free() {
    assert_eq!(given(&[]).decide(debit(1, minor(0)), at(0)), Ok(vec![debited(1, minor(0), 0)]));
    assert!(given(&[]).decide(debit(1, minor(1)), at(0)).is_err());
}

#[test]
fn a_reference_moves_money_once() {
    let history = [credited(top_up(1), rupees(5), 500), debited(1, rupees(2), 300)];
    assert_eq!(given(&history).decide(credit(top_up(1), rupees(5)), at(0)), Ok(vec![]));
    assert_eq!(given(&history).decide(debit(1, rupees(2)), at(0)), Ok(vec![]));
    let reused = given(&history).decide(credit(top_up(1), rupees(6)), at(0));
    assert_eq!(reused, Err(Refusal::ReferenceReused(top_up(1))));
    let reused = given(&history).decide(debit(1, rupees(1)), at(0));
    assert_eq!(reused, Err(Refusal::ReferenceReused(Reference::payment(payment(1)))));
}

#[test]
fn a_declined_debit_is_never_made_even_if_money_arrives() {
    assert_eq!(given(&[]).decide(decline(1), at(0)), Ok(vec![declined(1)]));
    let history = [declined(1), credited(top_up(1), rupees(5), 500)];
    let refused = Err(Refusal::DebitDeclined(Reference::payment(payment(1))));
    assert_eq!(given(&history).decide(debit(1, rupees(5)), at(0)), refused);
    assert_eq!(given(&history).decide(decline(1), at(0)), Ok(vec![]));
    assert_eq!(given(&history).decide(debit(2, rupees(5)), at(0)), Ok(vec![debited(2, rupees(5), 0)]));
}

#[test]
fn a_debit_that_was_made_is_not_declined() {
    let history = [credited(top_up(1), rupees(5), 500), debited(1, rupees(5), 0)];
    let refused = Err(Refusal::DebitMade(Reference::payment(payment(1))));
    assert_eq!(given(&history).decide(decline(1), at(0)), refused);
}

#[test]
fn a_payment_and_its_refund_are_two_references() {
    let history = [credited(top_up(1), rupees(5), 500), debited(1, rupees(2), 300)];
    let refund = Reference::refund(payment(1));
    let then = given(&history).decide(credit(refund, rupees(2)), at(0));
    assert_eq!(then, Ok(vec![credited(refund, rupees(2), 500)]));
}

#[test]
fn a_wallet_keeps_one_currency() {
    let history = [credited(top_up(1), rupees(5), 500)];
    let refused = Err(Refusal::WrongCurrency(rupees(0).currency));
    assert_eq!(given(&history).decide(credit(top_up(2), euros()), at(0)), refused);
    assert_eq!(given(&history).decide(debit(1, euros()), at(0)), refused);
}

#[test]
fn amounts_are_in_range() {
    let refused = Err(Refusal::AmountOutOfRange);
    assert_eq!(given(&[]).decide(credit(top_up(1), minor(0)), at(0)), refused);
    assert!(given(&[]).decide(credit(top_up(1), minor(1)), at(0)).is_ok());
    assert_eq!(given(&[]).decide(debit(1, minor(-1)), at(0)), refused);
    let full = [credited(top_up(1), minor(i64::MAX), i64::MAX)];
    assert_eq!(given(&full).decide(credit(top_up(2), minor(1)), at(0)), refused);
}

#[test]
fn a_reference_is_written_as_kind_and_id() {
    for kind in [EntryKind::TopUp, EntryKind::Payment, EntryKind::Refund, EntryKind::Credit] {
        let reference = Reference { kind, id: uuid(7) };
        assert_eq!(reference.to_string().parse(), Ok(reference));
    }
    for wrong in ["", "payment", "payment:", "gift:00000000-0000-0000-0000-000000000007"] {
        assert!(wrong.parse::<Reference>().is_err(), "{wrong:?}");
    }
}

fn commands() -> impl Strategy<Value = Command> {
    let kinds = prop::sample::select(vec![EntryKind::TopUp, EntryKind::Refund, EntryKind::Credit]);
    let credits = (kinds, 0..12_u8, -1..400_i64)
        .prop_map(|(kind, n, amount)| credit(Reference { kind, id: uuid(n) }, minor(amount)));
    let debits = (0..12_u8, -1..600_i64).prop_map(|(n, amount)| debit(n, minor(amount)));
    prop_oneof![credits, debits, (0..12_u8).prop_map(decline)]
}

proptest! {
    #[test]
    fn the_balance_is_the_ledger_and_never_below_zero(steps in vec(commands(), 1..60)) {
        let mut wallet = Wallet::default();
        let mut ledger: BTreeMap<Reference, i64> = BTreeMap::new();
        let mut refused = BTreeSet::new();
        for command in steps {
            let Ok(events) = wallet.decide(&command, &context(at(0))) else { continue };
            for event in &events {
                let (reference, moved, balance) = match event {
                    Event::WalletCredited { reference, amount, balance_after_minor, .. } => {
                        (*reference, amount.amount_minor, *balance_after_minor)
                    }
                    Event::WalletDebited { reference, amount, balance_after_minor, .. } => {
                        (*reference, -amount.amount_minor, *balance_after_minor)
                    }
                    Event::CreditProposed { .. } => {
                        wallet.evolve(event);
                        continue;
                    }
                    Event::WalletDebitDeclined { reference, .. } => {
                        refused.insert(*reference);
                        wallet.evolve(event);
                        continue;
                    }
                };
                prop_assert!(!refused.contains(&reference), "{} was declined", reference);
                prop_assert_eq!(ledger.insert(reference, moved), None, "{} moved money twice", reference);
                wallet.evolve(event);
                let sum: i64 = ledger.values().sum();
                prop_assert!(sum >= 0);
                prop_assert_eq!(sum, balance);
                prop_assert_eq!(sum, wallet.balance_minor());
            }
            prop_assert_eq!(wallet.decide(&command, &context(at(0))), Ok(vec![]), "{:?} twice", command);
        }
        for (reference, moved) in &ledger {
            prop_assert_eq!(wallet.entry(reference), Some(*moved));
        }
    }
}

fn large() -> (Reference, Money) {
    (Reference { kind: EntryKind::Credit, id: uuid(5) }, minor(1_000))
}

fn propose(by: u8) -> Command {
    let (reference, amount) = large();
    Command::ProposeCredit { customer: user(1), reference, amount, reason: None, by: user(by) }
}

fn proposed(by: u8) -> Event {
    let (reference, amount) = large();
    Event::CreditProposed { customer: user(1), reference, amount, reason: None, by: user(by) }
}

fn approve(by: u8) -> Command {
    Command::ApproveCredit { reference: large().0, by: user(by) }
}

#[test]
fn a_proposed_credit_moves_money_once_a_second_administrator_approves_it() {
    let (reference, amount) = large();
    assert_eq!(given(&[]).decide(propose(8), at(0)), Ok(vec![proposed(8)]));
    let history = [proposed(8)];
    assert_eq!(given(&history).0.balance_minor(), 0);
    assert_eq!(given(&history).decide(propose(8), at(0)), Ok(vec![]));
    assert_eq!(given(&history).decide(propose(9), at(0)), Err(Refusal::ReferenceReused(reference)));
    assert_eq!(given(&history).decide(approve(8), at(0)), Err(Refusal::OwnProposal));
    assert_eq!(given(&[]).decide(approve(9), at(0)), Err(Refusal::NotProposed));
    let made = credited(reference, amount, 1_000);
    assert_eq!(given(&history).decide(approve(9), at(0)), Ok(vec![made.clone()]));
    let history = [proposed(8), made];
    assert_eq!(given(&history).decide(approve(9), at(0)), Ok(vec![]));
    assert_eq!(given(&history).decide(propose(8), at(0)), Ok(vec![]));
    assert_eq!(given(&history).0.proposal(&reference), None);
}
