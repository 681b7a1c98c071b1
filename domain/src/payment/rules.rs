//! Beginning and end of an attempt, one function per command.

use jiff::Timestamp;

use super::{Event, Opened, Payment, PaymentStatus, RefundReason, RefundTarget, Refusal, ReviewDecision};
use crate::{Money, UserId};

impl Payment {
    pub(super) fn known(&self) -> Result<&Opened, Refusal> {
        self.opened().ok_or(Refusal::NotFound)
    }

    pub(super) fn request(&self, wanted: Opened) -> Result<Vec<Event>, Refusal> {
        if let Some(opened) = self.opened() {
            return if *opened == wanted { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let Opened { payment, customer, purpose, amount, fingerprint } = wanted;
        Ok(vec![Event::PaymentOpened { payment, customer, purpose, amount, fingerprint }])
    }

    /// Keeps the first checkout: the customer may have its page open.
    pub(super) fn open_checkout(
        &self,
        session: &str,
        url: &str,
        expires_at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        if self.checkout().is_some() {
            return Ok(Vec::new());
        }
        if self.status() != PaymentStatus::Pending {
            return Err(Refusal::Settled);
        }
        Ok(vec![Event::CheckoutOpened { session: session.to_owned(), url: url.to_owned(), expires_at }])
    }

    /// Accepts a capture even after the attempt ended; the saga decides what to do with the money.
    pub(super) fn capture(&self, provider_payment: &str, captured: Money) -> Result<Vec<Event>, Refusal> {
        let opened = self.known()?;
        if let Some((known, _)) = self.captured() {
            let same = known == provider_payment;
            return if same { Ok(Vec::new()) } else { Err(Refusal::OtherProviderPayment) };
        }
        let provider_payment = provider_payment.to_owned();
        Ok(vec![if captured == opened.amount {
            Event::PaymentCaptured { provider_payment, captured }
        } else {
            Event::PaymentMismatched { provider_payment, captured }
        }])
    }

    /// Ignores a report of failure that arrives after the money.
    pub(super) fn fail(&self, reason: &str) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let pending = self.status() == PaymentStatus::Pending;
        Ok(pending.then(|| Event::PaymentAttemptFailed { reason: reason.to_owned() }).into_iter().collect())
    }

    pub(super) fn expire(&self) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let pending = self.status() == PaymentStatus::Pending;
        Ok(pending.then_some(Event::PaymentExpired {}).into_iter().collect())
    }

    pub(super) fn decide_review(
        &self,
        decision: ReviewDecision,
        by: UserId,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        if self.decision() == Some(decision) {
            return Ok(Vec::new());
        }
        if self.status() != PaymentStatus::Review {
            return Err(Refusal::NotInReview);
        }
        let mut events = vec![Event::ReviewDecided { decision, by }];
        match decision {
            ReviewDecision::Accept => {}
            // In the same commit, so that the money never counts as accepted in between.
            ReviewDecision::Refund => {
                events.extend(self.request_refund(RefundTarget::Card, RefundReason::Decided, now)?);
            }
        }
        Ok(events)
    }
}
