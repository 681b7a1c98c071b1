//! Seats of a paid booking that are given back, some or all of them. A screening takes them back, the booking records what is
//! refunded for them, and each return has a refund of its own.

use serde::{Deserialize, Serialize};

use crate::{
    Fingerprint, PaymentId, SeatName,
    booking::{CancelledBy, PaymentMethod},
    counter::CounterRefund,
    payment::RefundTarget,
};

/// A return of seats, as it was requested and decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatReturn {
    /// Identity of the return, which happens once. Its money goes back under the same id.
    pub id: PaymentId,
    /// Seats that are given back.
    pub seats: Vec<SeatName>,
    /// Party that gives them back.
    pub by: CancelledBy,
    /// Destination of their price.
    pub refund: RefundWay,
    /// Reason for the customer.
    pub reason: Option<String>,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
    /// The refund at the counter, if the price is handed back in cash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<CounterRefund>,
}

/// Destination of the price of returned seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundWay {
    /// Back to where it came from.
    Original,
    /// To the customer's wallet.
    Wallet,
    /// The house keeps it.
    None,
    /// In cash, from the till of a seller, if a seller took the money.
    Cash,
}

impl RefundWay {
    /// Returns the destination of money that was paid with `method`; `None` if it stays, or is handed back at the counter.
    #[must_use]
    pub fn target(self, method: PaymentMethod) -> Option<RefundTarget> {
        match self {
            Self::Original => method.refund_target(),
            Self::Wallet => Some(RefundTarget::Wallet),
            Self::None | Self::Cash => None,
        }
    }

    /// Returns the channel by which money paid with `method` is refunded to the customer; `None` if it is not refunded.
    #[must_use]
    pub fn destination(self, method: PaymentMethod) -> Option<PaymentMethod> {
        match (self, method) {
            (Self::None, _) | (Self::Original, PaymentMethod::Complimentary) => None,
            (Self::Original, method) => Some(method),
            (Self::Wallet, _) => Some(PaymentMethod::Wallet),
            (Self::Cash, _) => Some(PaymentMethod::Cash),
        }
    }
}
