//! Money that comes from outside, by card: one aggregate an attempt, and its refund. Money inside moves in
//! [`crate::wallet`]; a booking paid from the wallet has no payment of this kind.

mod refund;
mod rules;
mod state;
mod stored;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{BookingId, Context, Decider, Fingerprint, Money, PaymentId, UserId, aggregate::aggregate};
pub use state::{Capture, Checkout, Opened, Payment, PaymentStatus, Refund, RefundStatus, Requested};

/// What the money is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Purpose {
    Booking {
        booking: BookingId,
    },
    TopUp,
    /// Money that nobody asked for: the provider took it a second time for the payment `of`. It goes back.
    Stray {
        of: PaymentId,
    },
}

/// Where refunded money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum RefundTarget {
    Wallet,
    Card,
}

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// The customer cancelled.
    CancelledByCustomer,
    /// The house cancelled.
    CancelledByHouse,
    /// Another payment of the same booking got the seats.
    PaidTwice,
    /// It came too late: the seats belong to somebody else, or the screening is over.
    SeatsGone,
    /// The booking or its screening was cancelled before the money came.
    Cancelled,
    /// An administrator decided so.
    Decided,
}

/// What can be asked of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Begins the attempt.
    RequestPayment {
        payment: PaymentId,
        customer: UserId,
        purpose: Purpose,
        amount: Money,
        fingerprint: Option<Fingerprint>,
    },
    /// The provider opened a page where the customer can pay.
    OpenCheckout { session: String, url: String, expires_at: Timestamp },
    /// The provider has the money. Another amount or currency than asked is put in review, never taken as paid.
    CapturePayment { provider_payment: String, captured: Money },
    /// The provider says that this attempt came to nothing.
    FailPayment { reason: String },
    /// Nobody paid in time.
    ExpirePayment,
    /// An administrator accepts what is in review as it is, or sends it back: the refund is then requested at once.
    DecideReview { decision: ReviewDecision, by: UserId },
    /// The money is to go back, all of it. A refund that failed or is in review begins again only towards the wallet
    /// instead of the card, or because an administrator decided so: a late repeat of the first request changes nothing.
    RequestRefund { target: RefundTarget, reason: RefundReason },
    /// A call to the provider is about to be made; it may be the `attempt`th that reaches it.
    RecordRefundAttempt { attempt: u32 },
    /// The provider knows of the refund.
    RecordRefundSubmitted { provider_refund: String },
    /// The refund will not come about at the provider.
    FailRefund { reason: String },
    /// Nobody knows whether it came about: an administrator looks.
    ReviewRefund { reason: String },
    /// The money is back.
    CompleteRefund { target: RefundTarget },
}

/// What an administrator decides about a payment in review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ReviewDecision {
    Accept,
    Refund,
}

/// What can have happened to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    PaymentOpened {
        payment: PaymentId,
        customer: UserId,
        purpose: Purpose,
        amount: Money,
        fingerprint: Option<Fingerprint>,
    },
    CheckoutOpened {
        session: String,
        url: String,
        expires_at: Timestamp,
    },
    PaymentCaptured {
        provider_payment: String,
        captured: Money,
    },
    /// Captured, but not what was asked for.
    PaymentMismatched {
        provider_payment: String,
        captured: Money,
    },
    ReviewDecided {
        decision: ReviewDecision,
        by: UserId,
    },
    PaymentAttemptFailed {
        reason: String,
    },
    PaymentExpired {},
    RefundRequested {
        target: RefundTarget,
        reason: RefundReason,
        amount: Money,
    },
    RefundAttempted {
        attempt: u32,
    },
    RefundSubmitted {
        provider_refund: String,
    },
    RefundFailed {
        reason: String,
    },
    RefundPutInReview {
        reason: String,
    },
    RefundCompleted {
        target: RefundTarget,
        amount: Money,
    },
}

/// What can stand in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such payment")]
    NotFound,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("the payment is not captured")]
    NotCaptured,
    #[error("the payment is not in review")]
    NotInReview,
    #[error("the payment is settled")]
    Settled,
    #[error("the provider reported another payment for this attempt before")]
    OtherProviderPayment,
    #[error("there is no refund under way")]
    NoRefund,
}

aggregate!(Payment,
    PaymentOpened => "payment_opened",
    CheckoutOpened => "checkout_opened",
    PaymentCaptured => "payment_captured",
    PaymentMismatched => "payment_mismatched",
    ReviewDecided => "review_decided",
    PaymentAttemptFailed => "payment_attempt_failed",
    PaymentExpired => "payment_expired",
    RefundRequested => "refund_requested",
    RefundAttempted => "refund_attempted",
    RefundSubmitted => "refund_submitted",
    RefundFailed => "refund_failed",
    RefundPutInReview => "refund_put_in_review",
    RefundCompleted => "refund_completed",
);

impl Decider for Payment {
    const TYPE: &'static str = "payment";
    const STATE_FORMAT: u16 = 1;
    type Id = PaymentId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, _context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::RequestPayment { payment, customer, purpose, amount, fingerprint } => {
                self.request(Opened {
                    payment: *payment,
                    customer: *customer,
                    purpose: purpose.clone(),
                    amount: *amount,
                    fingerprint: fingerprint.clone(),
                })
            }
            Command::OpenCheckout { session, url, expires_at } => {
                self.open_checkout(session, url, *expires_at)
            }
            Command::CapturePayment { provider_payment, captured } => {
                self.capture(provider_payment, *captured)
            }
            Command::FailPayment { reason } => self.fail(reason),
            Command::ExpirePayment => self.expire(),
            Command::DecideReview { decision, by } => self.decide_review(*decision, *by),
            Command::RequestRefund { target, reason } => self.request_refund(*target, *reason),
            Command::RecordRefundAttempt { attempt } => self.record_refund_attempt(*attempt),
            Command::RecordRefundSubmitted { provider_refund } => {
                self.record_refund_submitted(provider_refund)
            }
            Command::FailRefund { reason } => self.fail_refund(reason),
            Command::ReviewRefund { reason } => self.review_refund(reason),
            Command::CompleteRefund { target } => self.complete_refund(*target),
        }
    }

    fn evolve(&mut self, event: &Event) {
        self.follow(event);
    }
}
