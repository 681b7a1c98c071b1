//! Disputes: the customer's bank demands the money back, and may take it. Until that is decided nothing is refunded, and
//! money that the bank took counts as refunded to the card.

use super::{
    Dispute, DisputeStatus, Event, Payment, Refund, RefundReason, RefundStatus, RefundTarget, Refusal,
};
use crate::Money;

impl Payment {
    /// Ignores a report that is older than what is known: the provider's notices come in any order.
    pub(super) fn record_dispute(
        &self,
        dispute: &str,
        amount: Money,
        status: DisputeStatus,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        self.captured().ok_or(Refusal::NotCaptured)?;
        if self.is_charged_back() && self.dispute().is_some_and(|known| known.id != dispute) {
            return Ok(Vec::new());
        }
        let known = self.dispute().filter(|known| known.id == dispute).map(|known| known.status);
        let dispute = dispute.to_owned();
        Ok(match (status, known) {
            (DisputeStatus::Open, None) => vec![Event::PaymentDisputed { dispute, amount }],
            (DisputeStatus::Won, Some(DisputeStatus::Open | DisputeStatus::Lost)) => {
                vec![Event::DisputeWon { dispute }]
            }
            (DisputeStatus::Lost, None | Some(DisputeStatus::Open | DisputeStatus::Won)) => {
                let lost = Dispute { id: dispute.clone(), amount, status };
                let mut events = vec![Event::DisputeLost { dispute, amount }];
                if self.is_covered_by(&lost) {
                    events.extend(self.end_refund());
                }
                events
            }
            (DisputeStatus::Open, Some(_))
            | (DisputeStatus::Won, None | Some(DisputeStatus::Won))
            | (DisputeStatus::Lost, Some(DisputeStatus::Lost)) => Vec::new(),
        })
    }

    /// Returns true while a bank may still take the money: a refund now could return it twice.
    #[must_use]
    pub fn is_disputed(&self) -> bool {
        self.dispute().is_some_and(|dispute| dispute.status == DisputeStatus::Open)
    }

    /// Returns true if the customer has all of the money back through the bank.
    #[must_use]
    pub fn is_charged_back(&self) -> bool {
        self.dispute().is_some_and(|dispute| self.is_covered_by(dispute))
    }

    fn is_covered_by(&self, dispute: &Dispute) -> bool {
        let covers = |left: Money| {
            left.currency == dispute.amount.currency && left.amount_minor <= dispute.amount.amount_minor
        };
        dispute.status == DisputeStatus::Lost && self.left().is_some_and(covers)
    }

    /// Completes a refund of which no call can be under way. One that the provider works on, or that is being credited to
    /// the wallet, ends by itself.
    fn end_refund(&self) -> Vec<Event> {
        let (Some(refund), Some(amount)) = (self.refund(), self.left()) else { return Vec::new() };
        match (refund.target, refund.status) {
            (
                RefundTarget::Card,
                RefundStatus::Requested
                | RefundStatus::Attempted
                | RefundStatus::Failed
                | RefundStatus::Review,
            ) => vec![Event::RefundCompleted { target: RefundTarget::Card, amount }],
            (RefundTarget::Wallet, RefundStatus::Review) => refunded_by_bank(refund.reason, amount),
            (RefundTarget::Card, RefundStatus::Submitted | RefundStatus::Completed)
            | (
                RefundTarget::Wallet,
                RefundStatus::Requested
                | RefundStatus::Attempted
                | RefundStatus::Submitted
                | RefundStatus::Failed
                | RefundStatus::Completed,
            ) => Vec::new(),
        }
    }

    /// Decides a request for a refund of disputed money; `None` if no dispute stands in its way.
    pub(super) fn refund_of_disputed(
        &self,
        target: RefundTarget,
        reason: RefundReason,
        amount: Money,
    ) -> Option<Vec<Event>> {
        let dispute = self.dispute()?;
        let requested = Event::RefundRequested { target, reason, amount };
        let in_review = |refund: &Refund| refund.target == target && refund.status == RefundStatus::Review;
        let reviewed = |why: &str| {
            if self.refund().is_some_and(in_review) {
                return Vec::new();
            }
            vec![requested, Event::RefundPutInReview { reason: why.to_owned() }]
        };
        match (dispute.status, target) {
            (DisputeStatus::Lost, _) if self.is_charged_back() => Some(refunded_by_bank(reason, amount)),
            (DisputeStatus::Lost, _) if reason != RefundReason::Decided => {
                Some(reviewed("the bank took another amount back"))
            }
            // A wallet is credited at once, and the bank may take the money as well.
            (DisputeStatus::Open, RefundTarget::Wallet) => Some(reviewed("the payment is disputed")),
            // Waits for the end of the dispute.
            (DisputeStatus::Open, RefundTarget::Card) | (DisputeStatus::Lost | DisputeStatus::Won, _) => None,
        }
    }
}

fn refunded_by_bank(reason: RefundReason, amount: Money) -> Vec<Event> {
    let target = RefundTarget::Card;
    vec![Event::RefundRequested { target, reason, amount }, Event::RefundCompleted { target, amount }]
}
