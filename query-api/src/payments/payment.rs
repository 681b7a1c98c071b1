//! A payment and its refund, as their customer is told of them.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use ticketshow_domain::{Currency, Money};
use ticketshow_http::schema;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::Customer,
    told::{Moment, money},
};

/// Where a payment stands.
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
    /// The provider took something else than was asked for: an administrator looks.
    Review,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum RefundStatus {
    Requested,
    /// The provider is being asked.
    Attempted,
    /// The provider is at it.
    Submitted,
    Failed,
    /// Nobody knows whether it came about: an administrator looks.
    Review,
    Completed,
}

/// What is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentPurpose {
    Booking,
    TopUp,
    /// Nothing: the provider took it a second time, and it goes back.
    Stray,
}

/// An attempt to pay, and what became of its money.
#[derive(Debug, Serialize, ToSchema)]
pub struct Payment {
    payment_id: Uuid,
    purpose: PaymentPurpose,
    /// Null unless a booking is paid.
    booking_id: Option<Uuid>,
    /// The payment for which it was taken a second time.
    stray_of: Option<Uuid>,
    #[schema(value_type = schema::PaymentMethod)]
    method: String,
    status: PaymentStatus,
    /// Why it came to nothing, or why its money went back at once: in a word of ours, else in the provider's.
    #[schema(example = "declined")]
    failure_reason: Option<String>,
    /// What was asked for.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// What was taken; null before.
    #[schema(value_type = Option<schema::Money>)]
    captured: Option<Money>,
    captured_at: Option<Moment>,
    /// The page to pay at, while that waits for the customer.
    checkout_url: Option<String>,
    /// The page is open until then.
    checkout_until: Option<Moment>,
    /// Null while nothing is to go back.
    refund: Option<Refund>,
    created_at: Moment,
}

/// Money that goes back: all that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refund {
    status: RefundStatus,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Where it goes.
    #[schema(value_type = Option<schema::PaymentMethod>)]
    to: Option<String>,
    /// `cancelled_by_customer`, `cancelled_by_house`, `paid_twice`, `seats_gone`, `cancelled` or `decided`.
    #[schema(example = "cancelled_by_customer")]
    reason: Option<String>,
    requested_at: Option<Moment>,
    completed_at: Option<Moment>,
}

/// What the tables hold of it. See `select!` of the module above.
#[derive(FromRow)]
pub struct Row {
    pub payment_id: Uuid,
    pub booking_id: Option<Uuid>,
    stray_of: Option<Uuid>,
    pub method: String,
    status: PaymentStatus,
    failure_reason: Option<String>,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    checkout_url: Option<String>,
    checkout_until: Option<Moment>,
    captured_minor: Option<i64>,
    captured_currency: Option<String>,
    captured_at: Option<Moment>,
    pub provider_payment: Option<String>,
    refund_status: Option<RefundStatus>,
    refund_target: Option<String>,
    refund_reason: Option<String>,
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
    /// Whose it is.
    pub fn customer(&self) -> Customer {
        Customer::new(self.customer_id, self.email.clone(), self.customer_name.clone())
    }

    fn captured(&self) -> Option<Money> {
        let currency = self.captured_currency.as_ref().and_then(|code| code.parse().ok());
        Some(money(self.captured_minor?, currency.unwrap_or(self.currency)))
    }

    /// The refund, if there is one.
    pub fn refund(&self) -> Option<Refund> {
        Some(Refund {
            status: self.refund_status?,
            amount: self.captured().unwrap_or(money(self.amount_minor, self.currency)),
            to: self.refund_target.clone(),
            reason: self.refund_reason.clone(),
            requested_at: self.refund_requested_at,
            completed_at: self.refunded_at,
        })
    }
}

impl From<Row> for Payment {
    fn from(row: Row) -> Self {
        let pending = row.status == PaymentStatus::Pending;
        Self {
            purpose: match (row.booking_id, row.stray_of) {
                (Some(_), _) => PaymentPurpose::Booking,
                (None, Some(_)) => PaymentPurpose::Stray,
                (None, None) => PaymentPurpose::TopUp,
            },
            amount: money(row.amount_minor, row.currency),
            captured: row.captured(),
            refund: row.refund(),
            payment_id: row.payment_id,
            booking_id: row.booking_id,
            stray_of: row.stray_of,
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
