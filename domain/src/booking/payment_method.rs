//! Methods of payment, and the destinations of refunds.

use serde::{Deserialize, Serialize};

use crate::{Money, PaymentId, payment::RefundTarget};

/// Method of payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// From the balance of the customer's wallet.
    Wallet,
    /// At the payment provider's checkout.
    Card,
    /// Into the till of a seller at the counter.
    Cash,
    /// On a card machine at the counter.
    CardTerminal,
    /// By UPI at the counter.
    Upi,
    /// Free of charge, at the counter.
    Complimentary,
}

impl PaymentMethod {
    /// Returns `true` for payments that a seller at the counter takes: the money is there when the sale is recorded.
    #[must_use]
    pub fn is_of_counter(self) -> bool {
        match self {
            Self::Wallet | Self::Card => false,
            Self::Cash | Self::CardTerminal | Self::Upi | Self::Complimentary => true,
        }
    }

    /// Returns the destination of automatic refunds of such a payment; `None` if a member of staff hands it back at the counter.
    #[must_use]
    pub fn refund_target(self) -> Option<RefundTarget> {
        match self {
            Self::Wallet => Some(RefundTarget::Wallet),
            Self::Card => Some(RefundTarget::Card),
            Self::Cash | Self::CardTerminal | Self::Upi | Self::Complimentary => None,
        }
    }
}

impl From<RefundTarget> for PaymentMethod {
    fn from(target: RefundTarget) -> Self {
        match target {
            RefundTarget::Wallet => Self::Wallet,
            RefundTarget::Card => Self::Card,
        }
    }
}

/// Money owed to the customer after a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RefundDue {
    pub payment: PaymentId,
    pub method: PaymentMethod,
    pub amount: Money,
    /// Destination, if it is not the method that paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<RefundTarget>,
}

impl RefundDue {
    /// Returns the destination of the money.
    #[must_use]
    pub fn destination(&self) -> PaymentMethod {
        self.to.map_or(self.method, PaymentMethod::from)
    }
}
