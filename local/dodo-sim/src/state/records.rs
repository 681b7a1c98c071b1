//! Records as stored in the file. `wire.rs` has the JSON of the API.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::rules::cards::{Card, Decline};

/// Metadata of the merchant: at most 50 pairs of a key and a scalar.
pub type Metadata = Map<String, Value>;

/// A product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Product {
    pub product_id: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub tax_category: String,
    /// Price as sent, with defaults: `{"type": "one_time_price", …}`.
    pub price: Price,
    pub metadata: Metadata,
    pub created_at: Timestamp,
}

/// A one-time price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "one_time_price")]
pub struct Price {
    /// Minor units; the minimum for a pay-what-you-want product.
    pub price: i64,
    pub currency: String,
    /// Percent, 0 to 100.
    #[serde(default)]
    pub discount: u8,
    #[serde(default)]
    pub purchasing_power_parity: bool,
    #[serde(default)]
    pub pay_what_you_want: bool,
    #[serde(default)]
    pub suggested_price: Option<i64>,
    #[serde(default)]
    pub tax_inclusive: bool,
}

/// A customer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Customer {
    pub customer_id: String,
    pub email: String,
    pub name: String,
    pub phone_number: Option<String>,
}

/// Billing address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Billing {
    pub country: String,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub street: Option<String>,
    #[serde(default)]
    pub zipcode: Option<String>,
}

/// One product in a cart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    pub product_id: String,
    pub name: Option<String>,
    pub quantity: i64,
    /// Total of the line with tax, in minor units.
    pub amount: i64,
    /// Tax in the total.
    pub tax: i64,
}

/// One visit to the hosted page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    pub session_id: String,
    pub lines: Vec<Line>,
    pub currency: String,
    /// `None` until the customer enters an e-mail address.
    pub customer_id: Option<String>,
    pub billing: Billing,
    pub return_url: Option<String>,
    pub cancel_url: Option<String>,
    pub metadata: Metadata,
    /// Latest payment of the session.
    pub payment_id: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Session {
    /// Returns the total in minor units, with tax.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

/// Status of a payment. The first two are intermediate, the last three final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// No card was entered yet.
    RequiresPaymentMethod,
    /// The bank has not answered yet.
    Processing,
    /// The money was captured.
    Succeeded,
    /// The bank declined.
    Failed,
    /// The customer cancelled.
    Cancelled,
}

impl PaymentStatus {
    /// Returns the name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One attempt to take money.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Payment {
    pub payment_id: String,
    pub session_id: String,
    pub customer_id: String,
    pub billing: Billing,
    pub lines: Vec<Line>,
    /// Minor units, with tax.
    pub total_amount: i64,
    pub tax: i64,
    pub currency: String,
    pub metadata: Metadata,
    pub status: PaymentStatus,
    pub card: Option<Card>,
    /// Reason for the failure, known before it is settled.
    pub decline: Option<Decline>,
    pub retry_attempt: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Time of the bank's answer.
    pub due: Option<Timestamp>,
}

/// Status of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// In progress.
    Pending,
    /// The customer has the money.
    Succeeded,
    /// The money stayed with the merchant.
    Failed,
    /// The provider reviews the refund.
    Review,
}

impl RefundStatus {
    /// Returns the name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Review => "review",
        }
    }
}

/// One attempt to return money.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    pub refund_id: String,
    pub payment_id: String,
    /// Minor units, with tax.
    pub amount: i64,
    pub currency: String,
    pub is_partial: bool,
    /// Products and the amount of each.
    pub items: Vec<(String, i64)>,
    pub reason: Option<String>,
    pub metadata: Metadata,
    pub status: RefundStatus,
    /// The customer's bank opens a dispute afterwards.
    pub disputed: bool,
    /// Status after it is settled.
    pub becomes: RefundStatus,
    pub created_at: Timestamp,
    /// Time of settling; `None` if it is not settled automatically.
    pub due: Option<Timestamp>,
}

impl Refund {
    /// Returns true if the money was returned or may still be.
    pub fn counts(&self) -> bool {
        match self.status {
            RefundStatus::Pending | RefundStatus::Succeeded | RefundStatus::Review => true,
            RefundStatus::Failed => false,
        }
    }
}

/// Status of a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// The customer's bank demands the money back.
    DisputeOpened,
    /// The dispute was not answered in time.
    DisputeExpired,
    /// The merchant accepted the dispute and lost the money.
    DisputeAccepted,
    /// The bank withdrew the dispute.
    DisputeCancelled,
    /// The merchant contested the dispute.
    DisputeChallenged,
    /// The merchant keeps the money.
    DisputeWon,
    /// The merchant lost the money.
    DisputeLost,
}

impl DisputeStatus {
    /// Returns the name in the JSON of a dispute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DisputeOpened => "dispute_opened",
            Self::DisputeExpired => "dispute_expired",
            Self::DisputeAccepted => "dispute_accepted",
            Self::DisputeCancelled => "dispute_cancelled",
            Self::DisputeChallenged => "dispute_challenged",
            Self::DisputeWon => "dispute_won",
            Self::DisputeLost => "dispute_lost",
        }
    }

    /// Returns the type of its notice, such as `dispute.opened`.
    #[must_use]
    pub fn notice(self) -> String {
        self.name().replacen('_', ".", 1)
    }
}

/// A demand of the customer's bank for the money.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dispute {
    pub dispute_id: String,
    pub payment_id: String,
    /// Minor units.
    pub amount: i64,
    pub status: DisputeStatus,
    pub created_at: Timestamp,
}

/// Subject of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    Payment(String),
    Refund(String),
    Dispute(String),
}

/// Status of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Waiting for its delivery or the next attempt.
    Waiting,
    /// The merchant's server answered 2xx.
    Delivered,
    /// The last attempt of the schedule failed.
    GivenUp,
    /// A fault prevented its delivery.
    Lost,
}

/// One delivery attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Time, by the simulator's clock.
    pub at: Timestamp,
    /// Outcome of the attempt.
    pub outcome: AttemptOutcome,
}

/// Outcome of a delivery attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// A response with this status; 200 to 299 is a success.
    Status(u16),
    /// No response within 15 s, or no connection.
    Unanswered(String),
}

/// One webhook with all its deliveries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// Header `webhook-id`, the same in every delivery.
    pub webhook_id: String,
    /// Type, for example `payment.succeeded`.
    #[serde(rename = "type")]
    pub kind: String,
    pub(crate) about: About,
    /// Time of the occurrence.
    pub happened_at: Timestamp,
    /// Delivery attempts so far.
    pub attempts: Vec<Attempt>,
    /// Status.
    pub state: NoticeState,
    /// Time of the next attempt.
    pub due: Option<Timestamp>,
}

/// Direction and kind of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// From the customer to the merchant.
    Capture,
    /// Back to the customer.
    Refund,
    /// Back to the customer because a dispute was lost or accepted.
    Chargeback,
}

/// A transfer of money. Movements are never changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Time, by the simulator's clock.
    pub at: Timestamp,
    /// Kind of movement.
    pub kind: MovementKind,
    /// Its payment.
    pub payment_id: String,
    /// Its refund, if any.
    pub refund_id: Option<String>,
    /// Minor units, positive in both directions.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Metadata of the payment.
    pub metadata: Map<String, Value>,
    /// Metadata of the refund.
    pub refund_metadata: Map<String, Value>,
}
