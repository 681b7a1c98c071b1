//! Decisions about a refund to a card: its next step, the refund at the provider that is ours, and the timing of calls.

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    Money, PaymentId,
    payment::{Payment, Purpose, Refund, RefundReason, RefundStatus, RefundTarget},
};

use crate::provider::interface::{ProviderRefund, RefundProgress};

/// Wait before checking on a call whose outcome may be unknown: longer than [`super::CALL_WITHIN`], our timeout and the provider's
/// processing together.
pub(super) const RECHECK: SignedDuration = SignedDuration::from_secs(90);
/// Shortest wait before the provider is asked about a pending refund again.
pub(super) const POLL_MIN: SignedDuration = SignedDuration::from_secs(60);
/// Longest such wait.
pub(super) const POLL_MAX: SignedDuration = SignedDuration::from_hours(1);

/// The next step of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// No action left for us.
    Done,
    /// Credit the wallet, then complete the refund.
    CreditWallet,
    /// Ask the provider about the refund that it knows of.
    CheckProvider(String),
    /// Wait until then, because a call may be in flight.
    Wait(Timestamp),
    /// Ask whether the provider has a refund already; if not, make this attempt.
    FindOrCall(u32),
}

pub(super) fn next(refund: &Refund, now: Timestamp) -> Step {
    match (refund.target, refund.status) {
        (_, RefundStatus::Completed | RefundStatus::Failed | RefundStatus::Review) => Step::Done,
        (
            RefundTarget::Wallet,
            RefundStatus::Requested | RefundStatus::Attempted | RefundStatus::Submitted,
        ) => Step::CreditWallet,
        (RefundTarget::Card, RefundStatus::Submitted) => match &refund.provider_refund {
            Some(known) => Step::CheckProvider(known.clone()),
            None => Step::Done,
        },
        (RefundTarget::Card, RefundStatus::Requested | RefundStatus::Attempted) => {
            // An attempt without a time was announced by an older version, long before its timer fires.
            match refund.attempted_at.map(|at| at + RECHECK).filter(|recheck| now < *recheck) {
                Some(recheck) => Step::Wait(recheck),
                None => Step::FindOrCall(refund.attempts + 1),
            }
        }
    }
}

/// Returns the refund that the saga works on. Until a bank has decided a dispute, a refund could return the money twice, so
/// only one that the provider already works on is followed.
pub(super) fn in_hand(payment: &Payment) -> Option<&Refund> {
    payment.refund().filter(|refund| !payment.is_disputed() || refund.status == RefundStatus::Submitted)
}

/// Returns the next step of a payment; `Done` without a refund.
pub(super) fn next_of(payment: &Payment, now: Timestamp) -> Step {
    in_hand(payment).map_or(Step::Done, |refund| next(refund, now))
}

/// Returns the moment for which the timer of a refund is armed; `None` if the refund needs no call.
pub(super) fn due(refund: &Refund, now: Timestamp) -> Option<Timestamp> {
    match (refund.target, refund.status) {
        (RefundTarget::Card, RefundStatus::Requested | RefundStatus::Submitted) => Some(now),
        (RefundTarget::Card, RefundStatus::Attempted) => Some(refund.attempted_at.unwrap_or(now) + RECHECK),
        (RefundTarget::Card, RefundStatus::Failed | RefundStatus::Review | RefundStatus::Completed)
        | (RefundTarget::Wallet, _) => None,
    }
}

/// Returns the refund at the provider that belongs to this payment: ours, or one that the house made by hand, if those by hand
/// return everything. A failed one counts only if a call for this refund may have created it.
pub(super) fn ours(
    found: Vec<ProviderRefund>,
    payment: PaymentId,
    captured: Money,
    attempt: u32,
) -> Option<ProviderRefund> {
    let (mut ours, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|refund| refund.payment == Some(payment));
    let by_hand = |refund: &ProviderRefund| {
        let amount = refund.amount.filter(|amount| amount.currency == captured.currency);
        amount.filter(|_| refund.payment.is_none() && refund.status != RefundProgress::Failed)
    };
    let returned: i64 = others.iter().filter_map(by_hand).map(|amount| amount.amount_minor).sum();
    if returned >= captured.amount_minor {
        // The one that is still under way decides when all is returned.
        let mut by_hand: Vec<_> = others.into_iter().filter(|refund| by_hand(refund).is_some()).collect();
        by_hand.sort_by_key(|refund| refund.status == RefundProgress::Succeeded);
        ours.extend(by_hand.into_iter().next());
    }
    ours.sort_by_key(|refund| refund.status == RefundProgress::Failed);
    ours.into_iter().find(|refund| refund.status != RefundProgress::Failed || attempt > 1)
}

pub(super) fn is_part(payment: &Payment) -> bool {
    payment.opened().is_some_and(|opened| matches!(opened.purpose, Purpose::Part { .. }))
}

/// Returns `true` if an administrator requested the refund.
pub(super) fn is_decided(payment: &Payment) -> bool {
    payment.refund().is_some_and(|refund| refund.reason == RefundReason::Decided)
}

/// Returns `true` if a refund of the payment is not ours: only a person knows which seats it is for.
pub(super) fn is_returned_by_hand(found: &[ProviderRefund]) -> bool {
    found.iter().any(|refund| refund.payment.is_none() && refund.status != RefundProgress::Failed)
}

/// Returns the refunds that are ours.
pub(super) fn keyed(found: Vec<ProviderRefund>) -> Vec<ProviderRefund> {
    found.into_iter().filter(|refund| refund.payment.is_some()).collect()
}

/// Returns the wait before the provider is asked about a refund again; `None` if it is no longer pending. The wait grows
/// with the age of the refund.
pub(super) fn next_poll(refund: &ProviderRefund, now: Timestamp) -> Option<SignedDuration> {
    let age = now.duration_since(refund.created_at);
    (refund.status == RefundProgress::Pending).then(|| age.clamp(POLL_MIN, POLL_MAX))
}
