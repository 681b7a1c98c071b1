//! States of a card payment. Each carries the facts that exist by then.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Event, Purpose, RefundReason, RefundTarget, ReviewDecision, stored::Stored};
use crate::{Fingerprint, Money, PaymentId, UserId, seat_return::RefundWay};

/// A card payment, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub enum Payment {
    /// No event yet.
    #[default]
    NotRequested,
    /// Waiting for the customer or the provider.
    Pending(Requested),
    /// Reported as failed by the provider. A late capture still counts.
    Failed(Requested),
    /// Not paid in time. A late capture still counts.
    Expired(Requested),
    /// Captured with another amount or currency than requested; an administrator decides.
    Review {
        /// The request and its checkout.
        requested: Requested,
        /// Money at the provider.
        capture: Capture,
    },
    /// Captured as requested, or accepted in review.
    Captured {
        /// The request and its checkout.
        requested: Requested,
        /// Money at the provider.
        capture: Capture,
        /// Result of the review, if there was one.
        decision: Option<ReviewDecision>,
    },
    /// Going back, or back already: see [`Refund::status`].
    Refunding {
        /// The request and its checkout.
        requested: Requested,
        /// Money at the provider.
        capture: Capture,
        /// Result of the review, if there was one.
        decision: Option<ReviewDecision>,
        /// The one refund.
        refund: Refund,
    },
}

/// A requested payment and its checkout, once that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// The request.
    pub opened: Opened,
    /// The provider's page, once it is open.
    pub checkout: Option<Checkout>,
}

/// A request to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "same fields as the event")]
pub struct Opened {
    pub payment: PaymentId,
    pub customer: UserId,
    pub purpose: Purpose,
    pub amount: Money,
    pub fingerprint: Option<Fingerprint>,
}

/// The provider's page for one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "same fields as the event")]
pub struct Checkout {
    pub session: String,
    pub url: String,
    pub expires_at: Timestamp,
}

/// Money that the provider took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// Payment id at the provider.
    pub provider_payment: String,
    /// Amount taken.
    pub captured: Money,
    /// The latest dispute about it.
    pub dispute: Option<Dispute>,
    /// Parts that were split off.
    pub parts: Vec<Part>,
}

/// A part of captured money that was split off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The payment that refunds it.
    pub part: PaymentId,
    /// Amount of the part.
    pub amount: Money,
    /// Destination of the money.
    pub refund: RefundWay,
}

/// A demand of the customer's bank to get the money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Id at the provider.
    pub id: String,
    /// Disputed amount.
    pub amount: Money,
    /// Progress of the dispute.
    pub status: DisputeStatus,
}

/// Progress of a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// Not decided.
    Open,
    /// The money stays with the house.
    Won,
    /// The bank took the money back.
    Lost,
}

/// The one refund of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Destination of the money.
    pub target: RefundTarget,
    /// Cause of the refund.
    pub reason: RefundReason,
    /// Calls to the provider announced so far.
    pub attempts: u32,
    /// Moment of the last announcement; `None` before the first, and if an older version made it.
    pub attempted_at: Option<Timestamp>,
    /// Refund id at the provider, once it is known.
    pub provider_refund: Option<String>,
    /// Progress of the refund.
    pub status: RefundStatus,
}

/// Progress of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// No call to the provider yet.
    Requested,
    /// A call was announced; its outcome is unknown.
    Attempted,
    /// The provider accepted it.
    Submitted,
    /// The provider turned it down.
    Failed,
    /// An administrator has to review it.
    Review,
    /// The money is back.
    Completed,
}

/// State of a payment in one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// No money yet.
    #[default]
    Pending,
    /// The money is at the provider.
    Captured,
    /// The attempt failed.
    Failed,
    /// Nobody paid in time.
    Expired,
    /// The money is on its way back.
    Refunding,
    /// The money is back.
    Refunded,
    /// Another amount was captured; an administrator decides.
    Review,
}

impl Payment {
    /// The state in one word; `Pending` before the request.
    #[must_use]
    pub fn status(&self) -> PaymentStatus {
        match self {
            Self::NotRequested | Self::Pending(_) => PaymentStatus::Pending,
            Self::Failed(_) => PaymentStatus::Failed,
            Self::Expired(_) => PaymentStatus::Expired,
            Self::Review { .. } => PaymentStatus::Review,
            Self::Captured { .. } => PaymentStatus::Captured,
            Self::Refunding { refund, .. } => match refund.status {
                RefundStatus::Completed => PaymentStatus::Refunded,
                RefundStatus::Requested
                | RefundStatus::Attempted
                | RefundStatus::Submitted
                | RefundStatus::Failed
                | RefundStatus::Review => PaymentStatus::Refunding,
            },
        }
    }

    /// The request; `None` before it.
    #[must_use]
    pub fn opened(&self) -> Option<&Opened> {
        self.requested().map(|requested| &requested.opened)
    }

    /// The provider's page, once it is open.
    #[must_use]
    pub fn checkout(&self) -> Option<&Checkout> {
        self.requested()?.checkout.as_ref()
    }

    /// The provider's payment id and the amount it took, once it did.
    #[must_use]
    pub fn captured(&self) -> Option<(&str, Money)> {
        self.capture_made().map(|capture| (capture.provider_payment.as_str(), capture.captured))
    }

    /// The captured money without the parts that were split off; `None` before the capture.
    #[must_use]
    pub fn left(&self) -> Option<Money> {
        let Capture { captured, parts, .. } = self.capture_made()?;
        let split_minor: i64 = parts.iter().map(|part| part.amount.amount_minor).sum();
        Some(Money { amount_minor: captured.amount_minor - split_minor, ..*captured })
    }

    /// The parts that were split off.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        self.capture_made().map_or(&[], |capture| &capture.parts)
    }

    /// The latest dispute about the captured money.
    #[must_use]
    pub fn dispute(&self) -> Option<&Dispute> {
        self.capture_made()?.dispute.as_ref()
    }

    /// Result of the review of a capture that did not match.
    #[must_use]
    pub fn decision(&self) -> Option<ReviewDecision> {
        match self {
            Self::Captured { decision, .. } | Self::Refunding { decision, .. } => *decision,
            Self::NotRequested
            | Self::Pending(_)
            | Self::Failed(_)
            | Self::Expired(_)
            | Self::Review { .. } => None,
        }
    }

    /// The one refund, once it is requested.
    #[must_use]
    pub fn refund(&self) -> Option<&Refund> {
        match self {
            Self::Refunding { refund, .. } => Some(refund),
            Self::NotRequested
            | Self::Pending(_)
            | Self::Failed(_)
            | Self::Expired(_)
            | Self::Review { .. }
            | Self::Captured { .. } => None,
        }
    }

    fn requested(&self) -> Option<&Requested> {
        match self {
            Self::NotRequested => None,
            Self::Pending(requested)
            | Self::Failed(requested)
            | Self::Expired(requested)
            | Self::Review { requested, .. }
            | Self::Captured { requested, .. }
            | Self::Refunding { requested, .. } => Some(requested),
        }
    }

    fn capture_made(&self) -> Option<&Capture> {
        match self {
            Self::Review { capture, .. }
            | Self::Captured { capture, .. }
            | Self::Refunding { capture, .. } => Some(capture),
            Self::NotRequested | Self::Pending(_) | Self::Failed(_) | Self::Expired(_) => None,
        }
    }

    /// Moves to the state that `event` leads to. An event that does not fit the history changes nothing.
    pub(super) fn follow(&mut self, event: &Event) {
        match event {
            Event::PaymentOpened { payment, customer, purpose, amount, fingerprint } => {
                let opened = Opened {
                    payment: *payment,
                    customer: *customer,
                    purpose: purpose.clone(),
                    amount: *amount,
                    fingerprint: fingerprint.clone(),
                };
                *self = Self::Pending(Requested { opened, checkout: None });
            }
            Event::CheckoutOpened { session, url, expires_at } => {
                if let Self::Pending(requested) = self {
                    let (session, url) = (session.clone(), url.clone());
                    requested.checkout = Some(Checkout { session, url, expires_at: *expires_at });
                }
            }
            Event::PaymentCaptured { provider_payment, captured } => {
                let capture = Capture::new(provider_payment, *captured);
                self.replace(|requested| Self::Captured { requested, capture, decision: None });
            }
            Event::PaymentMismatched { provider_payment, captured } => {
                let capture = Capture::new(provider_payment, *captured);
                self.replace(|requested| Self::Review { requested, capture });
            }
            Event::ReviewDecided { decision, by: _ } => {
                if let Some(capture) = self.capture_made().cloned() {
                    let decision = Some(*decision);
                    self.replace(|requested| Self::Captured { requested, capture, decision });
                }
            }
            Event::PaymentAttemptFailed { reason: _ } => self.replace(Self::Failed),
            Event::PaymentExpired {} => self.replace(Self::Expired),
            Event::PartSplitOff { part, amount, refund } => {
                let (part, amount, refund) = (*part, *amount, *refund);
                self.amend_capture(|capture| capture.parts.push(Part { part, amount, refund }));
            }
            Event::RefundRequested { target, reason, amount: _ } => {
                let (decision, capture) = (self.decision(), self.capture_made().cloned());
                if let Some(capture) = capture {
                    let refund = Refund::requested(*target, *reason);
                    self.replace(|requested| Self::Refunding { requested, capture, decision, refund });
                }
            }
            Event::RefundAttempted { attempt, at } => self.amend_refund(RefundStatus::Attempted, |refund| {
                (refund.attempts, refund.attempted_at) = (*attempt, *at);
            }),
            Event::RefundSubmitted { provider_refund } => {
                self.amend_refund(RefundStatus::Submitted, |refund| {
                    refund.provider_refund = Some(provider_refund.clone());
                });
            }
            Event::RefundFailed { reason: _ } => self.amend_refund(RefundStatus::Failed, |_| {}),
            Event::RefundPutInReview { reason: _ } => self.amend_refund(RefundStatus::Review, |_| {}),
            Event::RefundCompleted { target: _, amount: _ } => {
                self.amend_refund(RefundStatus::Completed, |_| {});
            }
            Event::PaymentDisputed { dispute, amount } => {
                self.amend_dispute(dispute, Some(*amount), DisputeStatus::Open);
            }
            Event::DisputeWon { dispute } => self.amend_dispute(dispute, None, DisputeStatus::Won),
            Event::DisputeLost { dispute, amount } => {
                self.amend_dispute(dispute, Some(*amount), DisputeStatus::Lost);
            }
        }
    }

    fn replace(&mut self, next: impl FnOnce(Requested) -> Self) {
        if let Some(requested) = self.requested().cloned() {
            *self = next(requested);
        }
    }

    /// `amount` is `None` if the event does not name it.
    fn amend_dispute(&mut self, id: &str, amount: Option<Money>, status: DisputeStatus) {
        self.amend_capture(|capture| {
            let known = capture.dispute.take();
            let amount = amount.or(known.map(|known| known.amount)).unwrap_or(capture.captured);
            capture.dispute = Some(Dispute { id: id.to_owned(), amount, status });
        });
    }

    fn amend_capture(&mut self, change: impl FnOnce(&mut Capture)) {
        if let Self::Review { capture, .. }
        | Self::Captured { capture, .. }
        | Self::Refunding { capture, .. } = self
        {
            change(capture);
        }
    }

    fn amend_refund(&mut self, status: RefundStatus, change: impl FnOnce(&mut Refund)) {
        if let Self::Refunding { refund, .. } = self {
            refund.status = status;
            change(refund);
        }
    }
}

impl Capture {
    fn new(provider_payment: &str, captured: Money) -> Self {
        let (provider_payment, parts) = (provider_payment.to_owned(), Vec::new());
        Self { provider_payment, captured, dispute: None, parts }
    }
}

impl Refund {
    fn requested(target: RefundTarget, reason: RefundReason) -> Self {
        let status = RefundStatus::Requested;
        Self { target, reason, attempts: 0, attempted_at: None, provider_refund: None, status }
    }
}
