//! The parts of Dodo's JSON that we use. Other fields are ignored, and unknown values are never an error.

use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use ticketshow_domain::{Currency, Money, PaymentId, payment::DisputeStatus};

use super::super::interface::{
    ProviderDispute, ProviderError, ProviderPayment, ProviderRefund, ProviderStatus, RefundProgress,
};

/// Metadata key of our payment id on a checkout, and so on its payment.
pub const PAYMENT: &str = "payment_id";
/// Status of a captured payment and of a completed refund.
pub const SUCCEEDED: &str = "succeeded";
/// Metadata key of our payment id on a refund.
pub const REFUND: &str = "refund_key";

#[derive(Deserialize)]
pub struct Session {
    pub session_id: String,
    pub checkout_url: Option<String>,
}

#[derive(Deserialize)]
pub struct SessionStatus {
    pub payment_id: Option<String>,
}

#[derive(Deserialize)]
pub struct List<T> {
    pub items: Vec<T>,
}

#[derive(Deserialize)]
pub struct ListedPayment {
    pub payment_id: String,
}

#[derive(Deserialize)]
pub struct Payment {
    payment_id: String,
    status: Option<String>,
    total_amount: i64,
    tax: Option<i64>,
    currency: String,
    #[serde(default)]
    metadata: Map<String, Value>,
    #[serde(default)]
    refunds: Vec<RefundId>,
    error_code: Option<String>,
    created_at: Timestamp,
}

#[derive(Deserialize)]
struct RefundId {
    refund_id: String,
}

impl Payment {
    pub fn read(self) -> Result<ProviderPayment, ProviderError> {
        let status = match self.status.as_deref() {
            Some(SUCCEEDED) => ProviderStatus::Succeeded,
            Some(over @ ("failed" | "cancelled")) => {
                ProviderStatus::Failed(self.error_code.unwrap_or_else(|| over.to_owned()))
            }
            Some(_) | None => ProviderStatus::Pending,
        };
        let currency =
            Currency::from_str(&self.currency).map_err(|error| ProviderError::Unavailable(error.into()))?;
        Ok(ProviderPayment {
            id: self.payment_id,
            payment: ours(&self.metadata, PAYMENT),
            status,
            total: Money { amount_minor: self.total_amount, currency },
            tax_minor: self.tax.unwrap_or(0),
            refunds: self.refunds.into_iter().map(|refund| refund.refund_id).collect(),
            created_at: self.created_at,
        })
    }
}

#[derive(Deserialize)]
pub struct Refund {
    refund_id: String,
    payment_id: String,
    status: String,
    amount: Option<i64>,
    currency: Option<String>,
    #[serde(default)]
    metadata: Map<String, Value>,
    created_at: Timestamp,
}

impl Refund {
    pub fn read(self) -> ProviderRefund {
        let status = match self.status.as_str() {
            SUCCEEDED => RefundProgress::Succeeded,
            "failed" => RefundProgress::Failed,
            "review" => RefundProgress::InReview,
            _ => RefundProgress::Pending,
        };
        let currency = self.currency.and_then(|currency| currency.parse().ok());
        let amount =
            self.amount.zip(currency).map(|(amount_minor, currency)| Money { amount_minor, currency });
        ProviderRefund {
            id: self.refund_id,
            provider_payment: self.payment_id,
            payment: ours(&self.metadata, REFUND),
            status,
            amount,
            created_at: self.created_at,
        }
    }
}

#[derive(Deserialize)]
pub struct Dispute {
    dispute_id: String,
    payment_id: String,
    dispute_status: String,
    /// In minor units, as text.
    amount: Option<String>,
    currency: Option<String>,
    /// The bank decided for the customer at once.
    is_resolved_by_rdr: Option<bool>,
    created_at: Timestamp,
}

impl Dispute {
    pub fn read(self) -> ProviderDispute {
        let status = match self.dispute_status.as_str() {
            _ if self.is_resolved_by_rdr == Some(true) => DisputeStatus::Lost,
            "dispute_lost" | "dispute_accepted" => DisputeStatus::Lost,
            "dispute_won" | "dispute_cancelled" => DisputeStatus::Won,
            // An expired dispute was not answered: the bank still decides.
            _ => DisputeStatus::Open,
        };
        let currency = self.currency.and_then(|currency| currency.parse().ok());
        let amount = self.amount.and_then(|amount| amount.parse().ok());
        let amount = amount.zip(currency).map(|(amount_minor, currency)| Money { amount_minor, currency });
        ProviderDispute {
            id: self.dispute_id,
            provider_payment: self.payment_id,
            status,
            amount,
            created_at: self.created_at,
        }
    }
}

fn ours(metadata: &Map<String, Value>, name: &str) -> Option<PaymentId> {
    metadata.get(name)?.as_str()?.parse().ok()
}

#[derive(Deserialize)]
pub struct Product {
    price: Value,
}

/// Reason why a product cannot be sold for any amount.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("the product has no one-time price")]
    NotOneTime,
    #[error("the product's price is not pay-what-you-want")]
    FixedPrice,
    #[error("the product's price does not include tax")]
    TaxOnTop,
    #[error("the product is sold in another currency than {0}")]
    OtherCurrency(Currency),
}

impl Product {
    pub fn check(&self, currency: Currency) -> Result<(), Unfit> {
        let is = |name: &str| self.price.get(name).and_then(Value::as_bool) == Some(true);
        let text = |name: &str| self.price.get(name).and_then(Value::as_str);
        if text("type") != Some("one_time_price") {
            return Err(Unfit::NotOneTime);
        }
        if !is("pay_what_you_want") {
            return Err(Unfit::FixedPrice);
        }
        if !is("tax_inclusive") {
            return Err(Unfit::TaxOnTop);
        }
        if text("currency") != Some(currency.code()) {
            return Err(Unfit::OtherCurrency(currency));
        }
        Ok(())
    }
}

/// A webhook: the current state of a payment, refund or dispute.
#[derive(Deserialize)]
pub struct Webhook {
    pub data: WebhookData,
}

#[derive(Deserialize)]
#[serde(tag = "payload_type")]
pub enum WebhookData {
    Payment(Payment),
    Refund(Refund),
    Dispute(Dispute),
    /// Irrelevant here: subscriptions, licences, payouts and future kinds.
    #[serde(other)]
    Other,
}
