//! Refunds, once and of all that is left, one function per command. Every call to the provider is announced here first, so that an
//! unknown outcome is known to be unknown.

use jiff::{SignedDuration, Timestamp};

use super::{Event, Payment, PaymentStatus, Refund, RefundReason, RefundStatus, RefundTarget, Refusal};
use crate::{Money, PaymentId, seat_return::RefundWay};

/// Age at which an administrator may repeat an attempt with an unknown outcome: the timers check on it much earlier.
const ATTEMPT_PATIENCE: SignedDuration = SignedDuration::from_hours(1);

impl Payment {
    fn refunding(&self) -> Result<&Refund, Refusal> {
        self.known()?;
        self.refund().ok_or(Refusal::NoRefund)
    }

    /// Splits off no more than is left, so that all refunds together never exceed what was paid.
    pub(super) fn split_off(
        &self,
        part: PaymentId,
        amount: Money,
        refund: RefundWay,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let left = self.left().ok_or(Refusal::NotCaptured)?;
        if self.parts().iter().any(|known| known.part == part) {
            return Ok(Vec::new());
        }
        if self.status() != PaymentStatus::Captured {
            return Err(Refusal::AllRefunded);
        }
        if amount.currency != left.currency {
            return Err(Refusal::OtherCurrency);
        }
        let amount = Money { amount_minor: amount.amount_minor.clamp(0, left.amount_minor), ..left };
        Ok(vec![Event::PartSplitOff { part, amount, refund }])
    }

    pub(super) fn request_refund(
        &self,
        target: RefundTarget,
        reason: RefundReason,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let amount = self.left().ok_or(Refusal::NotCaptured)?;
        if self.refund().is_some_and(|refund| !refund.may_restart(target, reason, now)) {
            return Ok(Vec::new());
        }
        if amount.amount_minor == 0 {
            let requested = Event::RefundRequested { target, reason, amount };
            return Ok(vec![requested, Event::RefundCompleted { target, amount }]);
        }
        Ok(self
            .refund_of_disputed(target, reason, amount)
            .unwrap_or_else(|| vec![Event::RefundRequested { target, reason, amount }]))
    }

    /// Announces a call. A refusal means: do not call.
    pub(super) fn record_refund_attempt(&self, attempt: u32, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        let refund = self.refunding()?;
        let open = matches!(refund.status, RefundStatus::Requested | RefundStatus::Attempted);
        if !open || refund.target != RefundTarget::Card || self.is_disputed() || self.is_charged_back() {
            return Err(Refusal::NoRefund);
        }
        if attempt <= refund.attempts {
            return Ok(Vec::new());
        }
        Ok(vec![Event::RefundAttempted { attempt, at: Some(now) }])
    }

    pub(super) fn record_refund_submitted(&self, provider_refund: &str) -> Result<Vec<Event>, Refusal> {
        let refund = self.refunding()?;
        if refund.provider_refund.as_deref() == Some(provider_refund) {
            return Ok(Vec::new());
        }
        match refund.status {
            RefundStatus::Requested | RefundStatus::Attempted | RefundStatus::Review
                if refund.target == RefundTarget::Card =>
            {
                Ok(vec![Event::RefundSubmitted { provider_refund: provider_refund.to_owned() }])
            }
            RefundStatus::Requested
            | RefundStatus::Attempted
            | RefundStatus::Review
            | RefundStatus::Submitted
            | RefundStatus::Failed
            | RefundStatus::Completed => Err(Refusal::NoRefund),
        }
    }

    pub(super) fn fail_refund(&self, reason: &str) -> Result<Vec<Event>, Refusal> {
        let refund = self.refunding()?;
        Ok(match (refund.target, refund.status) {
            // A credit to our own wallet does not fail; this is a late report about the card that the wallet replaced.
            (RefundTarget::Wallet, _)
            | (RefundTarget::Card, RefundStatus::Failed | RefundStatus::Completed) => Vec::new(),
            (
                RefundTarget::Card,
                RefundStatus::Requested
                | RefundStatus::Attempted
                | RefundStatus::Submitted
                | RefundStatus::Review,
            ) => vec![Event::RefundFailed { reason: reason.to_owned() }],
        })
    }

    pub(super) fn review_refund(&self, reason: &str) -> Result<Vec<Event>, Refusal> {
        Ok(match self.refunding()?.status {
            RefundStatus::Requested | RefundStatus::Attempted | RefundStatus::Submitted => {
                vec![Event::RefundPutInReview { reason: reason.to_owned() }]
            }
            RefundStatus::Review | RefundStatus::Failed | RefundStatus::Completed => Vec::new(),
        })
    }

    /// Refuses a target other than the requested one: an administrator has to investigate.
    pub(super) fn complete_refund(&self, target: RefundTarget) -> Result<Vec<Event>, Refusal> {
        let refund = self.refunding()?;
        let amount = self.left().ok_or(Refusal::NotCaptured)?;
        if refund.target != target {
            return Err(Refusal::NoRefund);
        }
        if refund.status == RefundStatus::Completed {
            return Ok(Vec::new());
        }
        Ok(vec![Event::RefundCompleted { target, amount }])
    }
}

impl Refund {
    fn may_restart(&self, target: RefundTarget, reason: RefundReason, now: Timestamp) -> bool {
        let decided = reason == RefundReason::Decided;
        match self.status {
            RefundStatus::Failed | RefundStatus::Review => {
                decided || (self.target == RefundTarget::Card && target == RefundTarget::Wallet)
            }
            // Never to the wallet: the provider may have carried the call out.
            RefundStatus::Attempted => {
                let is_old = self.attempted_at.is_none_or(|at| now >= at + ATTEMPT_PATIENCE);
                decided && target == self.target && is_old
            }
            RefundStatus::Requested | RefundStatus::Submitted | RefundStatus::Completed => false,
        }
    }
}
