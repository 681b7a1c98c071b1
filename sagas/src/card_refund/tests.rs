//! Which step a refund takes, and which refund at the provider is taken for ours.

use jiff::Timestamp;
use uuid::Uuid;

use super::*;

const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(1));
const OTHER: PaymentId = PaymentId(Uuid::from_u128(2));

fn refund(target: RefundTarget, status: RefundStatus, attempts: u32) -> Refund {
    let provider_refund = (status == RefundStatus::Submitted).then(|| "ref_1".to_owned());
    Refund { target, reason: RefundReason::CancelledByCustomer, attempts, provider_refund, status }
}

fn at_provider(id: &str, payment: Option<PaymentId>, status: RefundProgress) -> ProviderRefund {
    ProviderRefund {
        id: id.to_owned(),
        provider_payment: "pay_1".to_owned(),
        payment,
        status,
        amount: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn a_call_that_may_be_under_way_is_not_repeated_before_its_timer() {
    let attempted = refund(RefundTarget::Card, RefundStatus::Attempted, 1);
    assert_eq!(next(&attempted, Occasion::Asked), Step::Wait);
    assert_eq!(next(&attempted, Occasion::Timer), Step::FindOrCall(2));
}

#[test]
fn the_provider_is_looked_at_before_the_first_call_too() {
    let requested = refund(RefundTarget::Card, RefundStatus::Requested, 0);
    for occasion in [Occasion::Asked, Occasion::Timer] {
        assert_eq!(next(&requested, occasion), Step::FindOrCall(1));
    }
}

#[test]
fn what_the_provider_knows_of_is_only_looked_at() {
    let submitted = refund(RefundTarget::Card, RefundStatus::Submitted, 1);
    for occasion in [Occasion::Asked, Occasion::Timer] {
        assert_eq!(next(&submitted, occasion), Step::Look("ref_1".to_owned()));
    }
}

#[test]
fn the_wallet_needs_no_provider() {
    let requested = refund(RefundTarget::Wallet, RefundStatus::Requested, 0);
    assert_eq!(next(&requested, Occasion::Asked), Step::CreditWallet);
}

#[test]
fn what_is_over_or_waits_for_a_person_rests() {
    for target in [RefundTarget::Card, RefundTarget::Wallet] {
        for status in [RefundStatus::Completed, RefundStatus::Failed, RefundStatus::Review] {
            for occasion in [Occasion::Asked, Occasion::Timer] {
                assert_eq!(next(&refund(target, status, 1), occasion), Step::Rest);
            }
        }
    }
}

#[test]
fn a_refund_is_ours_if_our_payment_is_written_on_it() {
    let found = vec![
        at_provider("ref_other", Some(OTHER), RefundProgress::Succeeded),
        at_provider("ref_hand", None, RefundProgress::Succeeded),
        at_provider("ref_ours", Some(PAYMENT), RefundProgress::Pending),
    ];
    assert_eq!(ours(found, PAYMENT, 1).unwrap().id, "ref_ours");
}

#[test]
fn a_refund_that_failed_before_does_not_stand_in_the_way_of_another_try() {
    let failed = at_provider("ref_failed", Some(PAYMENT), RefundProgress::Failed);
    assert_eq!(ours(vec![failed.clone()], PAYMENT, 1), None);
    // But if a call of this very refund may have brought it, that is its outcome.
    assert_eq!(ours(vec![failed.clone()], PAYMENT, 2).unwrap().id, "ref_failed");
    let pending = at_provider("ref_pending", Some(PAYMENT), RefundProgress::Pending);
    assert_eq!(ours(vec![failed, pending], PAYMENT, 2).unwrap().id, "ref_pending");
}
