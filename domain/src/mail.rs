//! Kinds of mail that customers get.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    AccountKey, BookingId, Money, PaymentId,
    booking::{CancelledBy, FailureReason, RefundDue},
    payment::RefundTarget,
};

/// Subject of a mail. A booking is `None` where the money was for a top-up of the wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the events")]
pub enum MailKind {
    /// The booking is paid: the tickets.
    BookingConfirmed { booking: BookingId },
    /// An attempt to pay failed.
    PaymentFailed { booking: BookingId, payment: PaymentId, reason: FailureReason },
    /// The booking was cancelled.
    BookingCancelled {
        booking: BookingId,
        by: CancelledBy,
        reason: Option<String>,
        refund_due: Option<RefundDue>,
    },
    /// A refund to a card has started.
    RefundStarted { booking: Option<BookingId>, payment: PaymentId, amount: Money },
    /// A card payment was refunded, to the wallet if the card did not accept it.
    RefundCompleted { booking: Option<BookingId>, payment: PaymentId, amount: Money, target: RefundTarget },
    /// The customer asked to reset the password.
    PasswordReset { account: AccountKey, expires_at: Timestamp },
}

impl MailKind {
    /// Booking that the mail is about.
    #[must_use]
    pub fn booking(&self) -> Option<BookingId> {
        match self {
            Self::BookingConfirmed { booking }
            | Self::PaymentFailed { booking, .. }
            | Self::BookingCancelled { booking, .. } => Some(*booking),
            Self::RefundStarted { booking, .. } | Self::RefundCompleted { booking, .. } => *booking,
            Self::PasswordReset { .. } => None,
        }
    }

    /// Name on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BookingConfirmed { .. } => "booking_confirmed",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::BookingCancelled { .. } => "booking_cancelled",
            Self::RefundStarted { .. } => "refund_started",
            Self::RefundCompleted { .. } => "refund_completed",
            Self::PasswordReset { .. } => "password_reset",
        }
    }
}
