//! The next step of a refund, the refund at the provider that is ours, and the timing of polls.

use jiff::Timestamp;
use ticketshow_domain::{
    Currency,
    payment::{Refund, RefundStatus},
};
use uuid::Uuid;

use super::*;
use crate::{
    examples::start,
    provider::{dodo, interface::RefundProgress},
};

const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(1));
const OTHER: PaymentId = PaymentId(Uuid::from_u128(2));
const CAPTURED: Money = Money { amount_minor: 25_000, currency: Currency::INR };

/// A refund whose last attempt, if any, was announced when time began.
fn refund(target: RefundTarget, status: RefundStatus, attempts: u32) -> Refund {
    let provider_refund = (status == RefundStatus::Submitted).then(|| "ref_1".to_owned());
    let attempted_at = (attempts > 0).then_some(Timestamp::UNIX_EPOCH);
    let reason = RefundReason::CancelledByCustomer;
    Refund { target, reason, attempts, attempted_at, provider_refund, status }
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
fn a_call_that_may_be_in_flight_is_not_repeated_before_its_timer() {
    let attempted = refund(RefundTarget::Card, RefundStatus::Attempted, 1);
    let recheck = Timestamp::UNIX_EPOCH + RECHECK;
    let just_before = recheck - SignedDuration::from_millis(1);
    for now in [Timestamp::UNIX_EPOCH, just_before] {
        assert_eq!(next(&attempted, now), Step::Wait(recheck));
        assert_eq!(due(&attempted, now), Some(recheck));
    }
    assert_eq!(next(&attempted, recheck), Step::FindOrCall(2));
}

#[test]
fn an_attempt_of_an_older_version_is_checked_by_its_timer_or_well_after_a_restart() {
    let attempted = refund(RefundTarget::Card, RefundStatus::Attempted, 1);
    let attempted = Refund { attempted_at: None, ..attempted };
    assert_eq!(next(&attempted, start()), Step::FindOrCall(2));
    assert_eq!(due(&attempted, start()), Some(start() + RECHECK));
}

#[test]
fn the_provider_is_asked_before_the_first_call_too() {
    let requested = refund(RefundTarget::Card, RefundStatus::Requested, 0);
    assert_eq!(next(&requested, start()), Step::FindOrCall(1));
    assert_eq!(due(&requested, start()), Some(start()));
}

#[test]
fn a_refund_that_the_provider_knows_is_only_checked() {
    let submitted = refund(RefundTarget::Card, RefundStatus::Submitted, 1);
    assert_eq!(next(&submitted, start()), Step::CheckProvider("ref_1".to_owned()));
    assert_eq!(due(&submitted, start()), Some(start()));
}

#[test]
fn a_refund_to_the_wallet_needs_no_provider() {
    let requested = refund(RefundTarget::Wallet, RefundStatus::Requested, 0);
    assert_eq!(next(&requested, start()), Step::CreditWallet);
    assert_eq!(due(&requested, start()), None);
}

#[test]
fn a_refund_that_is_over_or_in_review_needs_no_action() {
    for target in [RefundTarget::Card, RefundTarget::Wallet] {
        for status in [RefundStatus::Completed, RefundStatus::Failed, RefundStatus::Review] {
            assert_eq!(next(&refund(target, status, 1), start()), Step::Done);
            assert_eq!(due(&refund(target, status, 1), start()), None);
        }
    }
}

#[test]
fn a_refund_is_ours_if_it_carries_our_payment_id() {
    let found = vec![
        at_provider("ref_other", Some(OTHER), RefundProgress::Succeeded),
        at_provider("ref_hand", None, RefundProgress::Succeeded),
        at_provider("ref_ours", Some(PAYMENT), RefundProgress::Pending),
    ];
    assert_eq!(ours(found, PAYMENT, CAPTURED, 1).unwrap().id, "ref_ours");
}

#[test]
fn a_full_refund_that_was_made_by_hand_is_not_sent_again() {
    let by_hand = |amount_minor, status| ProviderRefund {
        amount: Some(Money { amount_minor, ..CAPTURED }),
        ..at_provider("ref_hand", None, status)
    };
    let full = by_hand(CAPTURED.amount_minor, RefundProgress::Succeeded);
    assert_eq!(ours(vec![full], PAYMENT, CAPTURED, 1).unwrap().id, "ref_hand");
    let part = by_hand(CAPTURED.amount_minor - 1, RefundProgress::Succeeded);
    let failed = by_hand(CAPTURED.amount_minor, RefundProgress::Failed);
    assert_eq!(ours(vec![part.clone(), failed], PAYMENT, CAPTURED, 2), None);
    // Returned in parts: complete once the last of them is.
    let rest = ProviderRefund { id: "ref_rest".to_owned(), ..by_hand(1, RefundProgress::Pending) };
    assert_eq!(ours(vec![part.clone(), rest.clone()], PAYMENT, CAPTURED, 1).unwrap().id, "ref_rest");
    let foreign = ProviderRefund { payment: Some(OTHER), ..rest };
    assert_eq!(ours(vec![part, foreign], PAYMENT, CAPTURED, 1), None);
}

#[test]
fn an_earlier_failed_refund_does_not_block_another_attempt() {
    let failed = at_provider("ref_failed", Some(PAYMENT), RefundProgress::Failed);
    assert_eq!(ours(vec![failed.clone()], PAYMENT, CAPTURED, 1), None);
    // If a call for this refund may have created it, that is its outcome.
    assert_eq!(ours(vec![failed.clone()], PAYMENT, CAPTURED, 2).unwrap().id, "ref_failed");
    let pending = at_provider("ref_pending", Some(PAYMENT), RefundProgress::Pending);
    assert_eq!(ours(vec![failed, pending], PAYMENT, CAPTURED, 2).unwrap().id, "ref_pending");
}

#[test]
fn a_pending_refund_is_polled_after_its_own_age_between_a_minute_and_an_hour() {
    let pending = at_provider("ref_1", Some(PAYMENT), RefundProgress::Pending);
    let wait_at = |age: SignedDuration| {
        let clock = Clock::Fixed(pending.created_at + age);
        next_poll(&pending, clock.now()).unwrap()
    };
    assert_eq!(wait_at(SignedDuration::ZERO), SignedDuration::from_secs(60));
    assert_eq!(wait_at(SignedDuration::from_secs(60)), SignedDuration::from_secs(60));
    assert_eq!(wait_at(SignedDuration::from_secs(61)), SignedDuration::from_secs(61));
    assert_eq!(wait_at(SignedDuration::from_mins(60)), SignedDuration::from_hours(1));
    assert_eq!(wait_at(SignedDuration::from_hours(30)), SignedDuration::from_hours(1));
}

#[test]
fn a_refund_that_is_no_longer_pending_is_not_polled() {
    let now = Clock::Fixed(Timestamp::UNIX_EPOCH).now();
    for status in [RefundProgress::InReview, RefundProgress::Succeeded, RefundProgress::Failed] {
        assert_eq!(next_poll(&at_provider("ref_1", Some(PAYMENT), status), now), None);
    }
}

#[test]
fn an_unknown_outcome_is_checked_long_after_the_call_has_timed_out() {
    assert!(RECHECK.unsigned_abs() >= CALL_WITHIN.unsigned_abs() + 2 * dodo::TIMEOUT, "{RECHECK}");
}
