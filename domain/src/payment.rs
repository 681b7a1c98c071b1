//! Card payments and their refunds: one aggregate per attempt. Money in wallets moves in [`crate::wallet`]; a booking
//! paid from the wallet has no payment of this kind.

mod dispute;
mod refund;
mod rules;
mod state;
mod stored;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    BookingId, Context, Decider, Fingerprint, Money, PaymentId, UserId, aggregate::aggregate,
    seat_return::RefundWay,
};
pub use state::{
    Capture, Checkout, Dispute, DisputeStatus, Opened, Part, Payment, PaymentStatus, Refund, RefundStatus,
    Requested,
};

/// Purpose of the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Pays a booking.
    Booking {
        /// The booking to pay.
        booking: BookingId,
    },
    /// Tops up the customer's wallet.
    TopUp,
    /// A second capture by the provider, which nobody requested. It goes back.
    Stray {
        /// The payment that was captured twice.
        of: PaymentId,
    },
    /// A part of another payment's money: for seats that were given back, or its contribution to a refund. It goes back by itself.
    Part {
        /// The payment that captured the money.
        of: PaymentId,
        /// The booking that gave seats back.
        booking: BookingId,
    },
    /// Pays what the new seats of a booking that moves cost more. The move has the id of the payment.
    Difference {
        /// The booking that moves.
        booking: BookingId,
    },
}

/// Destination of refunded money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundTarget {
    /// The customer's wallet.
    Wallet,
    /// The card that paid.
    Card,
}

/// Reason for a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// The customer cancelled.
    CancelledByCustomer,
    /// The house cancelled.
    CancelledByHouse,
    /// Another payment of the same booking got the seats.
    PaidTwice,
    /// The money came too late: another customer has the seats, or the screening has started.
    SeatsGone,
    /// The booking or its screening was cancelled before the money came.
    Cancelled,
    /// An administrator decided to refund.
    Decided,
    /// Seats of the booking were given back.
    SeatsReturned,
}

/// Requests to a card payment.
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
    /// Records the checkout that the provider opened.
    OpenCheckout { session: String, url: String, expires_at: Timestamp },
    /// Records that the provider has the money. An amount or currency other than requested is put in review, never
    /// taken as paid.
    CapturePayment { provider_payment: String, captured: Money },
    /// Ends an attempt that the provider reports as failed.
    FailPayment { reason: String },
    /// Ends an attempt that was not paid in time.
    ExpirePayment,
    /// Accepts a capture in review as it is, or requests its refund at once.
    DecideReview { decision: ReviewDecision, by: UserId },
    /// Splits a part off, which no longer belongs to the refund of this payment: no more than is left of the captured money.
    SplitOff { part: PaymentId, amount: Money, refund: RefundWay },
    /// Requests a refund of all that is left. A refund that failed or is in review restarts only if it goes to the wallet instead of
    /// the card, or by decision of an administrator: a late repeat of the first request changes nothing. An administrator
    /// may also repeat an attempt to the card whose outcome has been unknown for an hour.
    RequestRefund { target: RefundTarget, reason: RefundReason },
    /// Announces a call to the provider; it may be number `attempt` to reach it.
    RecordRefundAttempt { attempt: u32 },
    /// Records that the provider accepted the refund.
    RecordRefundSubmitted { provider_refund: String },
    /// Records that the provider will not refund.
    FailRefund { reason: String },
    /// Puts a refund with an unknown outcome in review by an administrator.
    ReviewRefund { reason: String },
    /// Records that the money is back.
    CompleteRefund { target: RefundTarget },
    /// Records the provider's report about a dispute: the customer's bank demands the money back. `amount` is the
    /// disputed amount.
    RecordDispute { dispute: String, amount: Money, status: DisputeStatus },
}

/// Decision of an administrator about a payment in review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewDecision {
    /// Keep the captured amount.
    Accept,
    /// Return it to the card.
    Refund,
}

/// Facts of a card payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Captured, but not with the requested amount and currency.
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
    /// A part of the captured money no longer belongs to the refund of this payment. It is refunded as payment `part`, or
    /// kept.
    PartSplitOff {
        part: PaymentId,
        amount: Money,
        refund: RefundWay,
    },
    RefundRequested {
        target: RefundTarget,
        reason: RefundReason,
        amount: Money,
    },
    RefundAttempted {
        attempt: u32,
        /// Absent in the log of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
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
    /// The customer's bank demands the money back. No refund is sent until the dispute is over.
    PaymentDisputed {
        dispute: String,
        amount: Money,
    },
    /// The dispute is over, and the money stays with the house.
    DisputeWon {
        dispute: String,
    },
    /// The bank took the money back. It is never refunded once more.
    DisputeLost {
        dispute: String,
        amount: Money,
    },
}

/// Rules that can forbid a command.
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
    #[error("all of the money is being refunded")]
    AllRefunded,
    #[error("the money was captured in another currency")]
    OtherCurrency,
}

aggregate!(Payment,
    PaymentOpened => "payment_opened",
    CheckoutOpened => "checkout_opened",
    PaymentCaptured => "payment_captured",
    PaymentMismatched => "payment_mismatched",
    ReviewDecided => "review_decided",
    PaymentAttemptFailed => "payment_attempt_failed",
    PaymentExpired => "payment_expired",
    PartSplitOff => "part_split_off",
    RefundRequested => "refund_requested",
    RefundAttempted => "refund_attempted",
    RefundSubmitted => "refund_submitted",
    RefundFailed => "refund_failed",
    RefundPutInReview => "refund_put_in_review",
    RefundCompleted => "refund_completed",
    PaymentDisputed => "payment_disputed",
    DisputeWon => "dispute_won",
    DisputeLost => "dispute_lost",
);

impl Decider for Payment {
    const TYPE: &'static str = "payment";
    const STATE_FORMAT: u16 = 4;
    type Id = PaymentId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
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
            Command::DecideReview { decision, by } => self.decide_review(*decision, *by, context.now),
            Command::SplitOff { part, amount, refund } => self.split_off(*part, *amount, *refund),
            Command::RequestRefund { target, reason } => self.request_refund(*target, *reason, context.now),
            Command::RecordRefundAttempt { attempt } => self.record_refund_attempt(*attempt, context.now),
            Command::RecordRefundSubmitted { provider_refund } => {
                self.record_refund_submitted(provider_refund)
            }
            Command::FailRefund { reason } => self.fail_refund(reason),
            Command::ReviewRefund { reason } => self.review_refund(reason),
            Command::CompleteRefund { target } => self.complete_refund(*target),
            Command::RecordDispute { dispute, amount, status } => {
                self.record_dispute(dispute, *amount, *status)
            }
        }
    }

    fn evolve(&mut self, event: &Event) {
        self.follow(event);
    }
}
