//! What the simulator remembers of each thing, as it is kept in its file. What callers are shown is in `wire.rs`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cards::{Card, Decline};

/// What a merchant attaches: at most 50 pairs of text and scalar.
pub type Metadata = Map<String, Value>;

/// Something that can be paid for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Product {
    pub product_id: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub tax_category: String,
    /// As it was sent, completed: `{"type": "one_time_price", …}`.
    pub price: Price,
    pub metadata: Metadata,
    pub created_at: Timestamp,
}

/// A one-time price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "one_time_price")]
pub struct Price {
    /// Minor units; the least that may be paid where the customer or the merchant says how much.
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

/// Somebody who pays; one an e-mail address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Customer {
    pub customer_id: String,
    pub email: String,
    pub name: String,
    pub phone_number: Option<String>,
}

/// Where somebody lives who pays.
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
    /// What all of it costs with tax, in minor units.
    pub amount: i64,
    /// The tax in that.
    pub tax: i64,
}

/// One visit to the hosted page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    pub session_id: String,
    pub lines: Vec<Line>,
    pub currency: String,
    /// None while the customer has not told.
    pub customer_id: Option<String>,
    pub billing: Billing,
    pub return_url: Option<String>,
    pub cancel_url: Option<String>,
    pub metadata: Metadata,
    /// The latest payment of it.
    pub payment_id: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Session {
    /// What is to be paid, in minor units, with tax.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

/// Where a payment stands. The first two are on the way to one of the last three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Nobody has said with what.
    RequiresPaymentMethod,
    /// The bank is thinking.
    Processing,
    /// The money is here.
    Succeeded,
    /// It did not come.
    Failed,
    /// The customer went back.
    Cancelled,
}

impl PaymentStatus {
    /// As it is written on the wire.
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
    /// Why it failed, or will.
    pub decline: Option<Decline>,
    pub retry_attempt: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When the bank answers.
    pub due: Option<Timestamp>,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// The customer has the money.
    Succeeded,
    /// The money stayed with the merchant.
    Failed,
    /// Somebody at the provider looks at it.
    Review,
}

impl RefundStatus {
    /// As it is written on the wire.
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

/// One attempt to give money back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    pub refund_id: String,
    pub payment_id: String,
    /// Minor units, with tax.
    pub amount: i64,
    pub currency: String,
    pub is_partial: bool,
    /// Of which products, and how much of each.
    pub items: Vec<(String, i64)>,
    pub reason: Option<String>,
    pub metadata: Metadata,
    pub status: RefundStatus,
    /// Whether the customer's bank wants the money as well, afterwards.
    pub disputed: bool,
    /// What it will become when it is due.
    pub becomes: RefundStatus,
    pub created_at: Timestamp,
    /// When that happens; none: not by itself.
    pub due: Option<Timestamp>,
}

impl Refund {
    /// Whether its money is gone or may yet go.
    pub fn counts(&self) -> bool {
        match self.status {
            RefundStatus::Pending | RefundStatus::Succeeded | RefundStatus::Review => true,
            RefundStatus::Failed => false,
        }
    }
}

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// The customer's bank asks for the money back.
    DisputeOpened,
    /// Nobody answered in time.
    DisputeExpired,
    /// The merchant gave in: the money is gone.
    DisputeAccepted,
    /// The bank withdrew it.
    DisputeCancelled,
    /// The merchant objected.
    DisputeChallenged,
    /// The merchant keeps the money.
    DisputeWon,
    /// The money is gone.
    DisputeLost,
}

impl DisputeStatus {
    /// As it is written in a dispute.
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

    /// The type of the notice about it, `dispute.opened`.
    #[must_use]
    pub fn notice(self) -> String {
        self.name().replacen('_', ".", 1)
    }
}

/// A customer's bank wants the money back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dispute {
    pub dispute_id: String,
    pub payment_id: String,
    /// Minor units.
    pub amount: i64,
    pub status: DisputeStatus,
    pub created_at: Timestamp,
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    Payment(String),
    Refund(String),
    Dispute(String),
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// It is to be delivered, or to be tried again.
    Waiting,
    /// The merchant's server said 2xx.
    Delivered,
    /// The last try of the schedule failed.
    GivenUp,
    /// A fault swallowed it: it was never tried.
    Lost,
}

/// One delivery that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When, by the simulator's clock.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: AttemptOutcome,
}

/// What came of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// An answer with this status; 200 to 299 is a success.
    Status(u16),
    /// None within 15 s, or no connection.
    Unanswered(String),
}

/// One webhook with all its deliveries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// Header `webhook-id`, the same in every delivery.
    pub webhook_id: String,
    /// `payment.succeeded`, say.
    #[serde(rename = "type")]
    pub kind: String,
    pub(crate) about: About,
    /// When that happened.
    pub happened_at: Timestamp,
    /// Every delivery so far.
    pub attempts: Vec<Attempt>,
    /// Where it stands.
    pub state: NoticeState,
    /// When it is tried next.
    pub due: Option<Timestamp>,
}

/// Whose money became whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// From the customer to the merchant.
    Capture,
    /// Back to the customer.
    Refund,
    /// Back to the customer by force: a dispute was lost or accepted.
    Chargeback,
}

/// Money that has changed hands. Never changed, never removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// When, by the simulator's clock.
    pub at: Timestamp,
    /// Which way.
    pub kind: MovementKind,
    /// The payment it belongs to.
    pub payment_id: String,
    /// The refund, if it is one.
    pub refund_id: Option<String>,
    /// Minor units, above zero whichever way it went.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// What the merchant attached to the payment.
    pub metadata: Map<String, Value>,
    /// What the merchant attached to the refund.
    pub refund_metadata: Map<String, Value>,
}
