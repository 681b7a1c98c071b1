//! Refunds.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{
    Decider,
    payment::{DisputeStatus, RefundStatus},
};

fn request(target: RefundTarget, reason: RefundReason) -> Command {
    Command::RequestRefund { target, reason }
}

fn requested(target: RefundTarget, reason: RefundReason) -> Event {
    Event::RefundRequested { target, reason, amount: rupees(300) }
}

fn attempt(attempt: u32) -> Command {
    Command::RecordRefundAttempt { attempt }
}

fn attempted(attempt: u32) -> Event {
    Event::RefundAttempted { attempt, at: Some(at(0)) }
}

fn submit(provider_refund: &str) -> Command {
    Command::RecordRefundSubmitted { provider_refund: provider_refund.into() }
}

fn submitted() -> Event {
    Event::RefundSubmitted { provider_refund: "ref_1".into() }
}

fn fail_refund() -> Command {
    Command::FailRefund { reason: "closed".into() }
}

fn refund_failed() -> Event {
    Event::RefundFailed { reason: "closed".into() }
}

fn review() -> Command {
    Command::ReviewRefund { reason: "unknown".into() }
}

fn in_review() -> Event {
    Event::RefundPutInReview { reason: "unknown".into() }
}

fn completed(target: RefundTarget) -> Event {
    Event::RefundCompleted { target, amount: rupees(300) }
}

/// A captured payment whose refund to the card was requested, followed by other events.
fn refunding(more: &[Event]) -> Vec<Event> {
    let requested = requested(RefundTarget::Card, RefundReason::SeatsGone);
    [vec![opened(), captured(), requested], more.to_vec()].concat()
}

#[test]
fn only_captured_money_goes_back() {
    for history in [vec![opened()], vec![opened(), failed()], vec![opened(), Event::PaymentExpired {}]] {
        let then = given(&history).decide(request(RefundTarget::Card, RefundReason::SeatsGone), at(0));
        assert_eq!(then, Err(Refusal::NotCaptured));
    }
}

#[test]
fn a_payment_has_one_refund_per_capture() {
    let first = request(RefundTarget::Card, RefundReason::SeatsGone);
    let then = given(&[opened(), captured()]).decide(first, at(0));
    assert_eq!(then, Ok(vec![requested(RefundTarget::Card, RefundReason::SeatsGone)]));
    for more in [vec![], vec![attempted(1)], vec![submitted()], vec![completed(RefundTarget::Card)]] {
        for target in [RefundTarget::Card, RefundTarget::Wallet] {
            for reason in [RefundReason::CancelledByHouse, RefundReason::Decided] {
                let then = given(&refunding(&more)).decide(request(target, reason), at(0));
                assert_eq!(then, Ok(vec![]), "{more:?}");
            }
        }
    }
}

#[test]
fn a_stuck_refund_restarts_only_to_the_wallet_or_by_decision() {
    for stuck in [refund_failed(), in_review()] {
        let history = refunding(&[attempted(1), stuck]);
        let late = request(RefundTarget::Card, RefundReason::SeatsGone);
        assert_eq!(given(&history).decide(late, at(0)), Ok(vec![]), "a late repeat");
        for (target, reason) in
            [(RefundTarget::Wallet, RefundReason::SeatsGone), (RefundTarget::Card, RefundReason::Decided)]
        {
            let then = given(&history).decide(request(target, reason), at(0));
            assert_eq!(then, Ok(vec![requested(target, reason)]));
        }
    }
}

#[test]
fn an_attempt_of_unknown_outcome_restarts_to_the_card_by_decision_after_an_hour() {
    let history = refunding(&[attempted(1)]);
    let again = request(RefundTarget::Card, RefundReason::Decided);
    assert_eq!(given(&history).decide(again.clone(), at(3_599)), Ok(vec![]));
    let then = given(&history).decide(again.clone(), at(3_600));
    assert_eq!(then, Ok(vec![requested(RefundTarget::Card, RefundReason::Decided)]));
    // The provider may have carried it out, and only an administrator decides.
    for (target, reason) in
        [(RefundTarget::Wallet, RefundReason::Decided), (RefundTarget::Card, RefundReason::SeatsGone)]
    {
        assert_eq!(given(&history).decide(request(target, reason), at(3_600)), Ok(vec![]));
    }
    // The log of an older version does not say when.
    let undated = Event::RefundAttempted { attempt: 1, at: None };
    let then = given(&refunding(&[undated])).decide(again, at(0));
    assert_eq!(then, Ok(vec![requested(RefundTarget::Card, RefundReason::Decided)]));
}

#[test]
fn a_call_is_announced_once_with_its_number() {
    assert_eq!(given(&refunding(&[])).decide(attempt(1), at(0)), Ok(vec![attempted(1)]));
    let once = refunding(&[attempted(1)]);
    assert_eq!(given(&once).decide(attempt(1), at(0)), Ok(vec![]));
    assert_eq!(given(&once).decide(attempt(2), at(0)), Ok(vec![attempted(2)]));
}

#[test]
fn only_an_open_card_refund_calls_the_provider() {
    for more in [submitted(), refund_failed(), in_review(), completed(RefundTarget::Card)] {
        assert_eq!(given(&refunding(&[more])).decide(attempt(1), at(0)), Err(Refusal::NoRefund));
    }
    let to_wallet = [opened(), captured(), requested(RefundTarget::Wallet, RefundReason::SeatsGone)];
    assert_eq!(given(&to_wallet).decide(attempt(1), at(0)), Err(Refusal::NoRefund));
    assert_eq!(given(&[opened(), captured()]).decide(attempt(1), at(0)), Err(Refusal::NoRefund));
}

#[test]
fn a_refund_known_to_the_provider_is_adopted() {
    for more in [vec![], vec![attempted(1)], vec![attempted(1), in_review()]] {
        let then = given(&refunding(&more)).decide(submit("ref_1"), at(0));
        assert_eq!(then, Ok(vec![submitted()]), "{more:?}");
    }
    assert_eq!(given(&refunding(&[submitted()])).decide(submit("ref_1"), at(0)), Ok(vec![]));
    for more in [submitted(), refund_failed(), completed(RefundTarget::Card)] {
        assert_eq!(given(&refunding(&[more])).decide(submit("ref_2"), at(0)), Err(Refusal::NoRefund));
    }
    let to_wallet = [opened(), captured(), requested(RefundTarget::Wallet, RefundReason::SeatsGone)];
    assert_eq!(given(&to_wallet).decide(submit("ref_1"), at(0)), Err(Refusal::NoRefund));
}

#[test]
fn a_refund_fails_once_and_not_after_it_is_done() {
    for more in [vec![], vec![attempted(1)], vec![submitted()], vec![in_review()]] {
        let then = given(&refunding(&more)).decide(fail_refund(), at(0));
        assert_eq!(then, Ok(vec![refund_failed()]), "{more:?}");
    }
    let to_wallet = requested(RefundTarget::Wallet, RefundReason::SeatsGone);
    for more in [vec![refund_failed()], vec![completed(RefundTarget::Card)], vec![refund_failed(), to_wallet]]
    {
        assert_eq!(given(&refunding(&more)).decide(fail_refund(), at(0)), Ok(vec![]), "{more:?}");
    }
}

#[test]
fn an_unknown_outcome_is_put_in_review_once() {
    for more in [vec![], vec![attempted(1)], vec![submitted()]] {
        let then = given(&refunding(&more)).decide(review(), at(0));
        assert_eq!(then, Ok(vec![in_review()]), "{more:?}");
    }
    for more in [in_review(), refund_failed(), completed(RefundTarget::Card)] {
        assert_eq!(given(&refunding(&[more])).decide(review(), at(0)), Ok(vec![]));
    }
    assert_eq!(given(&[opened(), captured()]).decide(review(), at(0)), Err(Refusal::NoRefund));
}

#[test]
fn a_refund_is_completed_once_and_the_way_it_was_sent() {
    let complete = |target| Command::CompleteRefund { target };
    let done = completed(RefundTarget::Card);
    for more in [vec![], vec![attempted(1)], vec![submitted()], vec![in_review()], vec![refund_failed()]] {
        let history = refunding(&more);
        let then = given(&history).decide(complete(RefundTarget::Card), at(0));
        assert_eq!(then, Ok(vec![done.clone()]), "{more:?}");
        let other_way = given(&history).decide(complete(RefundTarget::Wallet), at(0));
        assert_eq!(other_way, Err(Refusal::NoRefund));
    }
    let history = refunding(&[done]);
    assert_eq!(given(&history).decide(complete(RefundTarget::Card), at(0)), Ok(vec![]));
    assert_eq!(given(&history).0.status(), PaymentStatus::Refunded);
    let none = given(&[opened(), captured()]).decide(complete(RefundTarget::Card), at(0));
    assert_eq!(none, Err(Refusal::NoRefund));
}

#[test]
fn a_wallet_stands_in_for_a_card_that_failed() {
    let to_wallet = requested(RefundTarget::Wallet, RefundReason::SeatsGone);
    let history = refunding(&[attempted(1), refund_failed(), to_wallet]);
    let Given(payment) = given(&history);
    let refund = payment.refund().unwrap();
    assert_eq!((refund.attempts, refund.status), (0, RefundStatus::Requested));
    let complete = Command::CompleteRefund { target: RefundTarget::Wallet };
    assert_eq!(given(&history).decide(complete, at(0)), Ok(vec![completed(RefundTarget::Wallet)]));
}

fn commands() -> impl Strategy<Value = Command> {
    let targets = || select(vec![RefundTarget::Card, RefundTarget::Wallet]);
    let reasons =
        select(vec![RefundReason::SeatsGone, RefundReason::CancelledByHouse, RefundReason::Decided]);
    let decisions = select(vec![ReviewDecision::Accept, ReviewDecision::Refund]);
    let ids = || select(vec!["1", "2"]);
    prop_oneof![
        Just(request_with(rupees(300), "body")),
        ids().prop_map(open_checkout),
        (ids(), 299..301_i64).prop_map(|(id, amount)| capture(id, rupees(amount))),
        Just(fail()),
        Just(Command::ExpirePayment),
        decisions.prop_map(decide),
        (targets(), reasons).prop_map(|(target, reason)| request(target, reason)),
        (1..4_u32).prop_map(attempt),
        ids().prop_map(submit),
        Just(fail_refund()),
        Just(review()),
        targets().prop_map(|target| Command::CompleteRefund { target }),
        disputes(),
    ]
}

fn disputes() -> impl Strategy<Value = Command> {
    use DisputeStatus::{Lost, Open, Won};
    let amounts = select(vec![rupees(300), rupees(100)]);
    (select(vec!["1", "2"]), amounts, select(vec![Open, Won, Lost])).prop_map(|(dispute, amount, status)| {
        Command::RecordDispute { dispute: dispute.to_owned(), amount, status }
    })
}

proptest! {
    #[test]
    fn money_comes_once_and_goes_back_once(steps in vec(commands(), 1..80)) {
        let mut payment = Payment::default();
        let (mut captures, mut completions) = (Vec::new(), Vec::new());
        for command in steps {
            let Ok(events) = payment.decide(&command, &context(at(0))) else { continue };
            for event in &events {
                payment.evolve(event);
                match event {
                    Event::PaymentCaptured { captured, .. } | Event::PaymentMismatched { captured, .. } => {
                        captures.push(*captured);
                    }
                    Event::RefundCompleted { amount, .. } => completions.push(*amount),
                    Event::PaymentAttemptFailed { .. } | Event::PaymentExpired {} => {
                        prop_assert!(captures.is_empty(), "a captured payment does not fail");
                    }
                    Event::RefundAttempted { .. } | Event::RefundRequested { .. } => {
                        prop_assert!(completions.is_empty(), "refunded money is not sent again");
                    }
                    Event::PaymentOpened { .. }
                    | Event::PartSplitOff { .. }
                    | Event::CheckoutOpened { .. }
                    | Event::ReviewDecided { .. }
                    | Event::RefundSubmitted { .. }
                    | Event::RefundFailed { .. }
                    | Event::RefundPutInReview { .. }
                    | Event::PaymentDisputed { .. }
                    | Event::DisputeWon { .. }
                    | Event::DisputeLost { .. } => {}
                }
            }
            let again = payment.decide(&command, &context(at(0)));
            prop_assert!(again == Ok(vec![]), "{command:?} twice: {again:?}");
        }
        prop_assert!(captures.len() <= 1);
        prop_assert!(completions.is_empty() || completions == captures, "in full");
    }
}
