//! Parts that are split off a payment, because seats were given back.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{Decider, payment::DisputeStatus, seat_return::RefundWay};

fn split(part: u8, rupees_off: i64) -> Command {
    Command::SplitOff { part: payment(part), amount: rupees(rupees_off), refund: RefundWay::Original }
}

fn split_off(part: u8, rupees_off: i64) -> Event {
    Event::PartSplitOff { part: payment(part), amount: rupees(rupees_off), refund: RefundWay::Original }
}

fn request() -> Command {
    Command::RequestRefund { target: RefundTarget::Card, reason: RefundReason::CancelledByCustomer }
}

fn requested(amount: i64) -> Event {
    let (target, reason) = (RefundTarget::Card, RefundReason::CancelledByCustomer);
    Event::RefundRequested { target, reason, amount: rupees(amount) }
}

#[test]
fn a_part_is_split_off_once_and_the_refund_is_of_the_rest() {
    let history = [opened(), captured()];
    assert_eq!(given(&history).decide(split(8, 100), at(0)), Ok(vec![split_off(8, 100)]));
    let history = [opened(), captured(), split_off(8, 100)];
    assert_eq!(given(&history).decide(split(8, 100), at(0)), Ok(vec![]));
    assert_eq!(given(&history).decide(request(), at(0)), Ok(vec![requested(200)]));
    let history = [opened(), captured(), split_off(8, 100), requested(200)];
    let done = Event::RefundCompleted { target: RefundTarget::Card, amount: rupees(200) };
    let complete = Command::CompleteRefund { target: RefundTarget::Card };
    assert_eq!(given(&history).decide(complete, at(0)), Ok(vec![done]));
    assert_eq!(given(&history).decide(split(8, 100), at(0)), Ok(vec![]), "a late repeat");
    assert_eq!(given(&history).decide(split(9, 100), at(0)), Err(Refusal::AllRefunded));
}

#[test]
fn no_more_is_split_off_than_is_left() {
    let history = [opened(), captured(), split_off(8, 250)];
    assert_eq!(given(&history).decide(split(9, 100), at(0)), Ok(vec![split_off(9, 50)]));
    let history = [opened(), captured(), split_off(8, 300)];
    assert_eq!(given(&history).decide(split(9, 100), at(0)), Ok(vec![split_off(9, 0)]));
    let nothing = Event::RefundCompleted { target: RefundTarget::Card, amount: rupees(0) };
    assert_eq!(given(&history).decide(request(), at(0)), Ok(vec![requested(0), nothing]));
    assert_eq!(given(&[opened()]).decide(split(8, 100), at(0)), Err(Refusal::NotCaptured));
}

#[test]
fn a_bank_that_takes_the_rest_has_taken_all() {
    let dispute = |amount| Event::DisputeLost { dispute: "dsp_1".into(), amount: rupees(amount) };
    let history = |amount| [opened(), captured(), split_off(8, 100), dispute(amount)];
    assert!(given(&history(200)).0.is_charged_back());
    assert!(!given(&history(199)).0.is_charged_back());
}

fn commands() -> impl Strategy<Value = Command> {
    let targets = select(vec![RefundTarget::Card, RefundTarget::Wallet]);
    let reasons = select(vec![RefundReason::CancelledByCustomer, RefundReason::Decided]);
    let statuses = select(vec![DisputeStatus::Open, DisputeStatus::Won, DisputeStatus::Lost]);
    prop_oneof![
        4 => (8..14_u8, 0..400_i64).prop_map(|(part, amount)| split(part, amount)),
        2 => (targets.clone(), reasons).prop_map(|(target, reason)| Command::RequestRefund { target, reason }),
        1 => (1..4_u32).prop_map(|attempt| Command::RecordRefundAttempt { attempt }),
        1 => Just(Command::FailRefund { reason: "no".into() }),
        1 => Just(Command::ReviewRefund { reason: "why".into() }),
        1 => targets.prop_map(|target| Command::CompleteRefund { target }),
        1 => (statuses, 0..400_i64).prop_map(|(status, amount)| Command::RecordDispute {
            dispute: "dsp_1".into(),
            amount: rupees(amount),
            status,
        }),
    ]
}

proptest! {
    #[test]
    fn the_parts_and_the_refund_are_never_more_than_was_captured(steps in vec(commands(), 1..40)) {
        let mut state = given(&[opened(), captured()]).0;
        let (mut split_minor, mut back_minor) = (0, 0);
        for command in steps {
            for event in state.decide(&command, &context(at(0))).unwrap_or_default() {
                if let Event::PartSplitOff { amount, .. } = &event {
                    split_minor += amount.amount_minor;
                }
                if let Event::RefundCompleted { amount, .. } = &event {
                    back_minor = amount.amount_minor;
                }
                state.evolve(&event);
            }
            prop_assert!(split_minor + back_minor <= 30_000);
            prop_assert_eq!(state.left(), Some(Money { amount_minor: 30_000 - split_minor, ..rupees(0) }));
        }
    }
}
