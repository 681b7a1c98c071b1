//! Disputes.

use super::*;
use crate::payment::DisputeStatus::{self, Lost, Open, Won};

fn dispute(status: DisputeStatus) -> Command {
    Command::RecordDispute { dispute: "dsp_1".into(), amount: rupees(300), status }
}

fn disputed() -> Event {
    Event::PaymentDisputed { dispute: "dsp_1".into(), amount: rupees(300) }
}

fn won() -> Event {
    Event::DisputeWon { dispute: "dsp_1".into() }
}

fn lost(amount: Money) -> Event {
    Event::DisputeLost { dispute: "dsp_1".into(), amount }
}

fn request(target: RefundTarget) -> Command {
    Command::RequestRefund { target, reason: RefundReason::CancelledByHouse }
}

fn requested(target: RefundTarget) -> Event {
    Event::RefundRequested { target, reason: RefundReason::CancelledByHouse, amount: rupees(300) }
}

fn back_on_card() -> Event {
    Event::RefundCompleted { target: RefundTarget::Card, amount: rupees(300) }
}

#[test]
fn a_dispute_is_recorded_once_and_never_goes_backwards() {
    assert_eq!(given(&[opened()]).decide(dispute(Open), at(0)), Err(Refusal::NotCaptured));
    assert_eq!(given(&[opened(), captured()]).decide(dispute(Open), at(0)), Ok(vec![disputed()]));
    assert_eq!(given(&[opened(), captured(), disputed()]).decide(dispute(Open), at(0)), Ok(vec![]));
    assert_eq!(given(&[opened(), captured(), disputed(), won()]).decide(dispute(Open), at(0)), Ok(vec![]));
    assert_eq!(
        given(&[opened(), captured(), disputed(), lost(rupees(300))]).decide(dispute(Open), at(0)),
        Ok(vec![])
    );
    assert_eq!(given(&[opened(), captured()]).decide(dispute(Won), at(0)), Ok(vec![]));
    assert_eq!(given(&[opened(), captured(), disputed()]).decide(dispute(Won), at(0)), Ok(vec![won()]));
    assert_eq!(given(&[opened(), captured()]).decide(dispute(Lost), at(0)), Ok(vec![lost(rupees(300))]));
}

#[test]
fn no_refund_is_called_while_the_bank_may_take_the_money() {
    let refunding = [opened(), captured(), disputed(), requested(RefundTarget::Card)];
    assert_eq!(
        given(&refunding[..3]).decide(request(RefundTarget::Card), at(0)),
        Ok(vec![requested(RefundTarget::Card)])
    );
    assert_eq!(
        given(&refunding).decide(Command::RecordRefundAttempt { attempt: 1 }, at(0)),
        Err(Refusal::NoRefund)
    );
    let after = [&refunding[..], &[won()]].concat();
    assert_eq!(
        given(&after).decide(Command::RecordRefundAttempt { attempt: 1 }, at(0)),
        Ok(vec![Event::RefundAttempted { attempt: 1, at: Some(at(0)) }])
    );
}

#[test]
fn a_wallet_is_not_credited_while_the_bank_may_take_the_money() {
    let review = Event::RefundPutInReview { reason: "the payment is disputed".into() };
    let refund = [requested(RefundTarget::Wallet), review];
    assert_eq!(
        given(&[opened(), captured(), disputed()]).decide(request(RefundTarget::Wallet), at(0)),
        Ok(refund.to_vec())
    );
    let history = [&[opened(), captured(), disputed()][..], &refund].concat();
    let by_bank = [lost(rupees(300)), requested(RefundTarget::Card), back_on_card()];
    assert_eq!(given(&history).decide(dispute(Lost), at(0)), Ok(by_bank.to_vec()));
}

#[test]
fn money_that_the_bank_took_is_not_refunded_once_more() {
    let history = [opened(), captured(), lost(rupees(300))];
    for target in [RefundTarget::Card, RefundTarget::Wallet] {
        assert_eq!(
            given(&history).decide(request(target), at(0)),
            Ok(vec![requested(RefundTarget::Card), back_on_card()])
        );
    }
}

#[test]
fn a_lost_dispute_completes_a_refund_unless_the_provider_works_on_it() {
    let refunding = vec![opened(), captured(), requested(RefundTarget::Card)];
    let completed = [lost(rupees(300)), back_on_card()];
    let attempted = Event::RefundAttempted { attempt: 1, at: Some(at(0)) };
    let failed = Event::RefundFailed { reason: "closed".into() };
    assert_eq!(given(&refunding).decide(dispute(Lost), at(0)), Ok(completed.to_vec()));
    for status in [attempted.clone(), failed.clone()] {
        assert_eq!(
            given(&[refunding.clone(), vec![status]].concat()).decide(dispute(Lost), at(0)),
            Ok(completed.to_vec())
        );
    }
    let submitted = Event::RefundSubmitted { provider_refund: "ref_1".into() };
    let submitted = [refunding, vec![attempted, submitted]].concat();
    assert_eq!(given(&submitted).decide(dispute(Lost), at(0)), Ok(vec![lost(rupees(300))]));
    let failed = [submitted, vec![lost(rupees(300)), failed]].concat();
    assert_eq!(
        given(&failed).decide(request(RefundTarget::Wallet), at(0)),
        Ok(vec![requested(RefundTarget::Card), back_on_card()])
    );
}

#[test]
fn a_partly_lost_payment_is_reviewed_by_an_administrator() {
    let review = Event::RefundPutInReview { reason: "the bank took another amount back".into() };
    let history = vec![opened(), captured(), lost(rupees(100))];
    let refund = [requested(RefundTarget::Card), review];
    assert_eq!(given(&history).decide(request(RefundTarget::Card), at(0)), Ok(refund.to_vec()));
    let decided = Event::RefundRequested {
        target: RefundTarget::Wallet,
        reason: RefundReason::Decided,
        amount: rupees(300),
    };
    let reason = RefundReason::Decided;
    assert_eq!(
        given(&[history, refund.to_vec()].concat())
            .decide(Command::RequestRefund { target: RefundTarget::Wallet, reason }, at(0)),
        Ok(vec![decided])
    );
}
