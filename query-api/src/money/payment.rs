//! A payment and its refund.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money, booking::PaymentMethod, payment::RefundReason};
use ticketshow_http::schema;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::booking::Customer,
    machinery::{
        formatting::{Moment, money},
        word::Word,
    },
};

/// Status of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum PaymentStatus {
    Pending,
    Captured,
    Failed,
    Expired,
    Refunding,
    Refunded,
    /// The provider captured another amount than requested: an administrator decides.
    Review,
}

/// Status of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum RefundStatus {
    Requested,
    /// The request to the provider is in flight.
    Attempted,
    /// The provider accepted the request and is processing it.
    Submitted,
    Failed,
    /// The outcome at the provider is unknown: an administrator decides.
    Review,
    Completed,
}

/// Purpose of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentPurpose {
    Booking,
    TopUp,
    /// None: the provider captured another payment twice, and this second capture is refunded.
    Stray,
    /// None: a part of another payment, which refunds seats that were given back.
    Part,
}

/// A payment attempt and its outcome.
#[derive(Debug, Serialize, ToSchema)]
pub struct Payment {
    payment_id: Uuid,
    purpose: PaymentPurpose,
    /// The booking paid for; null for a top-up.
    booking_id: Option<Uuid>,
    /// The payment that the provider captured twice, if this is the second capture.
    stray_of: Option<Uuid>,
    /// The payment that bought the seats, if this refunds seats that were given back.
    part_of: Option<Uuid>,
    #[schema(value_type = schema::PaymentMethod)]
    method: Word<PaymentMethod>,
    status: PaymentStatus,
    /// Reason of a failure or an immediate refund: one of our own codes, else the provider's.
    #[schema(example = "declined")]
    failure_reason: Option<String>,
    /// Amount requested.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Amount captured; null before the capture.
    #[schema(value_type = Option<schema::Money>)]
    captured: Option<Money>,
    captured_at: Option<Moment>,
    /// Address of the payment page, while the payment is pending.
    checkout_url: Option<String>,
    /// Time at which the payment page closes.
    checkout_until: Option<Moment>,
    /// The refund; null if there is none.
    refund: Option<Refund>,
    created_at: Moment,
}

/// A refund of the captured amount, without the parts that are refunded by themselves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refund {
    status: RefundStatus,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Destination of the money.
    #[schema(value_type = Option<schema::PaymentMethod>)]
    to: Option<Word<PaymentMethod>>,
    /// `cancelled_by_customer`, `cancelled_by_house`, `paid_twice`, `seats_gone`, `cancelled`, `decided` or `seats_returned`.
    #[schema(value_type = Option<String>, example = "cancelled_by_customer")]
    reason: Option<Word<RefundReason>>,
    requested_at: Option<Moment>,
    completed_at: Option<Moment>,
}

/// A row of `select_payments!`.
#[derive(FromRow)]
pub struct Row {
    pub payment_id: Uuid,
    pub booking_id: Option<Uuid>,
    stray_of: Option<Uuid>,
    part_of: Option<Uuid>,
    pub method: Word<PaymentMethod>,
    status: PaymentStatus,
    failure_reason: Option<String>,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    checkout_url: Option<String>,
    checkout_until: Option<Moment>,
    captured_minor: Option<i64>,
    /// Parts that are refunded by themselves.
    split_minor: i64,
    captured_currency: Option<String>,
    captured_at: Option<Moment>,
    pub provider_payment: Option<String>,
    refund_status: Option<RefundStatus>,
    refund_target: Option<Word<PaymentMethod>>,
    refund_reason: Option<Word<RefundReason>>,
    pub refund_failure: Option<String>,
    pub provider_refund: Option<String>,
    pub refund_requested_at: Option<Moment>,
    refunded_at: Option<Moment>,
    pub created_at: Moment,
    customer_id: Uuid,
    email: Option<String>,
    customer_name: Option<String>,
}

impl Row {
    pub fn customer(&self) -> Customer {
        Customer::new(self.customer_id, self.email.clone(), self.customer_name.clone())
    }

    fn captured(&self) -> Option<Money> {
        let currency = self.captured_currency.as_ref().and_then(|code| code.parse().ok());
        Some(money(self.captured_minor?, currency.unwrap_or(self.currency)))
    }

    pub fn refund(&self) -> Option<Refund> {
        let captured = self.captured().unwrap_or(money(self.amount_minor, self.currency));
        Some(Refund {
            status: self.refund_status?,
            amount: Money { amount_minor: captured.amount_minor - self.split_minor, ..captured },
            to: self.refund_target,
            reason: self.refund_reason,
            requested_at: self.refund_requested_at,
            completed_at: self.refunded_at,
        })
    }
}

impl From<Row> for Payment {
    fn from(row: Row) -> Self {
        let pending = row.status == PaymentStatus::Pending;
        Self {
            purpose: match (row.booking_id, row.stray_of, row.part_of) {
                (_, _, Some(_)) => PaymentPurpose::Part,
                (Some(_), _, None) => PaymentPurpose::Booking,
                (None, Some(_), None) => PaymentPurpose::Stray,
                (None, None, None) => PaymentPurpose::TopUp,
            },
            amount: money(row.amount_minor, row.currency),
            captured: row.captured(),
            refund: row.refund(),
            payment_id: row.payment_id,
            booking_id: row.booking_id,
            stray_of: row.stray_of,
            part_of: row.part_of,
            method: row.method,
            status: row.status,
            failure_reason: row.failure_reason,
            captured_at: row.captured_at,
            checkout_url: row.checkout_url.filter(|_| pending),
            checkout_until: row.checkout_until.filter(|_| pending),
            created_at: row.created_at,
        }
    }
}
