//! Kinds of mail that customers receive.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AccountKey, BookingId, Language, Money, PaymentId, Personal, ScreeningId, SeatName,
    booking::{CancelledBy, FailureReason, RefundDue},
    payment::RefundTarget,
    rescheduling::Rescheduling,
};

/// Reason for a mail. The booking is `None` if the money was for a top-up of the wallet.
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
        /// Refunds of other payments of the booking.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<RefundDue>,
    },
    /// The house wrote to everybody who booked the screening.
    Message { booking: BookingId, subject: String, text: String },
    /// Seats of the booking were given back. Without `refund_due`, the house keeps their price.
    SeatsReturned {
        booking: BookingId,
        seats: Vec<SeatName>,
        by: CancelledBy,
        reason: Option<String>,
        refund_due: Option<RefundDue>,
        /// Refunds of other payments of the booking.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<RefundDue>,
    },
    /// The booking has other seats: the new tickets. `id` is that of the move.
    BookingMoved { booking: BookingId, id: PaymentId },
    /// The screening has another time or screen.
    ScreeningChanged { booking: BookingId, rescheduling: Rescheduling },
    /// Seats are held for the customer, who waits for them.
    SeatsOffered { booking: BookingId, screening: ScreeningId, held_until: Timestamp },
    /// The screening is about to start.
    Reminder { booking: BookingId, screening: ScreeningId, starts_at: Timestamp },
    /// A refund to a card has started.
    RefundStarted { booking: Option<BookingId>, payment: PaymentId, amount: Money },
    /// A card payment was refunded, to the wallet if the card did not accept it.
    RefundCompleted { booking: Option<BookingId>, payment: PaymentId, amount: Money, target: RefundTarget },
    /// The customer asked to reset the password.
    PasswordReset { account: AccountKey, expires_at: Timestamp },
    /// The address was entered to open an account: the link and the code that open it, in the `language` of the page.
    AddressVerification {
        account: AccountKey,
        email: Personal,
        nonce: Uuid,
        expires_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
    },
    /// The address was entered to open an account, but has one.
    AccountExists { account: AccountKey },
    /// A code to sign in with, to an address with or without an account, in the `language` of the account or of the page.
    SignInCode {
        account: AccountKey,
        email: Personal,
        nonce: Uuid,
        expires_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
    },
    /// The account was changed, by its owner or by an administrator.
    AccountChanged { account: AccountKey, change: AccountChange },
    /// The account was erased. `email` is sealed with a key of the mail itself, which is destroyed once the mail is sent.
    AccountErased {
        email: Personal,
        left: Option<Money>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
    },
    /// Sales of a day, to a member of staff who wants them.
    SalesOfDay { day: Date },
}

/// Change of an account that is reported to its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum AccountChange {
    Password,
    Role,
    Disabled,
    Enabled,
    SecondFactorSet,
    SecondFactorRemoved,
    RecoveryCodeUsed,
    /// Two browsers held tokens of one session, so one of them stole it.
    SessionStolen,
}

impl MailKind {
    /// Booking that the mail is about.
    #[must_use]
    pub fn booking(&self) -> Option<BookingId> {
        match self {
            Self::BookingConfirmed { booking }
            | Self::PaymentFailed { booking, .. }
            | Self::BookingCancelled { booking, .. }
            | Self::SeatsReturned { booking, .. }
            | Self::BookingMoved { booking, .. }
            | Self::ScreeningChanged { booking, .. }
            | Self::SeatsOffered { booking, .. }
            | Self::Reminder { booking, .. }
            | Self::Message { booking, .. } => Some(*booking),
            Self::RefundStarted { booking, .. } | Self::RefundCompleted { booking, .. } => *booking,
            Self::PasswordReset { .. }
            | Self::AddressVerification { .. }
            | Self::AccountExists { .. }
            | Self::SignInCode { .. }
            | Self::AccountChanged { .. }
            | Self::SalesOfDay { .. }
            | Self::AccountErased { .. } => None,
        }
    }

    /// Address that the mail itself carries, because the recipient has no account, not yet or no longer.
    #[must_use]
    pub fn address(&self) -> Option<&Personal> {
        match self {
            Self::AddressVerification { email, .. }
            | Self::SignInCode { email, .. }
            | Self::AccountErased { email, .. } => Some(email),
            Self::BookingConfirmed { .. }
            | Self::PaymentFailed { .. }
            | Self::BookingCancelled { .. }
            | Self::SeatsReturned { .. }
            | Self::BookingMoved { .. }
            | Self::ScreeningChanged { .. }
            | Self::SeatsOffered { .. }
            | Self::Reminder { .. }
            | Self::Message { .. }
            | Self::RefundStarted { .. }
            | Self::RefundCompleted { .. }
            | Self::PasswordReset { .. }
            | Self::AccountExists { .. }
            | Self::SalesOfDay { .. }
            | Self::AccountChanged { .. } => None,
        }
    }

    /// Language of a mail that carries its address, if a person or a page chose one.
    #[must_use]
    pub fn language(&self) -> Option<Language> {
        match self {
            Self::AddressVerification { language, .. }
            | Self::SignInCode { language, .. }
            | Self::AccountErased { language, .. } => *language,
            Self::BookingConfirmed { .. }
            | Self::PaymentFailed { .. }
            | Self::BookingCancelled { .. }
            | Self::SeatsReturned { .. }
            | Self::BookingMoved { .. }
            | Self::ScreeningChanged { .. }
            | Self::SeatsOffered { .. }
            | Self::Reminder { .. }
            | Self::Message { .. }
            | Self::RefundStarted { .. }
            | Self::RefundCompleted { .. }
            | Self::PasswordReset { .. }
            | Self::AccountExists { .. }
            | Self::SalesOfDay { .. }
            | Self::AccountChanged { .. } => None,
        }
    }

    /// Account that the mail is about; `None` for a mail that leads to it by its recipient, or has an address of its own.
    #[must_use]
    pub fn account(&self) -> Option<&AccountKey> {
        match self {
            Self::PasswordReset { account, .. }
            | Self::AccountExists { account }
            | Self::AccountChanged { account, .. } => Some(account),
            Self::AddressVerification { .. }
            | Self::SignInCode { .. }
            | Self::AccountErased { .. }
            | Self::SalesOfDay { .. }
            | Self::BookingConfirmed { .. }
            | Self::PaymentFailed { .. }
            | Self::BookingCancelled { .. }
            | Self::SeatsReturned { .. }
            | Self::BookingMoved { .. }
            | Self::ScreeningChanged { .. }
            | Self::SeatsOffered { .. }
            | Self::Reminder { .. }
            | Self::Message { .. }
            | Self::RefundStarted { .. }
            | Self::RefundCompleted { .. } => None,
        }
    }

    /// Name on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BookingConfirmed { .. } => "booking_confirmed",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::BookingCancelled { .. } => "booking_cancelled",
            Self::SeatsReturned { .. } => "seats_returned",
            Self::SeatsOffered { .. } => "seats_offered",
            Self::Reminder { .. } => "reminder",
            Self::Message { .. } => "message",
            Self::BookingMoved { .. } => "booking_moved",
            Self::ScreeningChanged { .. } => "screening_changed",
            Self::RefundStarted { .. } => "refund_started",
            Self::RefundCompleted { .. } => "refund_completed",
            Self::PasswordReset { .. } => "password_reset",
            Self::AddressVerification { .. } => "address_verification",
            Self::AccountExists { .. } => "account_exists",
            Self::SignInCode { .. } => "sign_in_code",
            Self::AccountChanged { .. } => "account_changed",
            Self::AccountErased { .. } => "account_erased",
            Self::SalesOfDay { .. } => "sales_of_day",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_without_a_language_reads_and_writes_as_before() {
        let stored = serde_json::json!({"kind": "account_erased", "email": "ada@example.org", "left": null});
        let mut mail: MailKind = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!((mail.language(), serde_json::to_value(&mail).unwrap()), (None, stored));
        if let MailKind::AccountErased { language, .. } = &mut mail {
            *language = Some(Language::Hi);
        }
        let written = serde_json::to_value(&mail).unwrap();
        assert_eq!(written["language"], "hi");
        assert_eq!(serde_json::from_value::<MailKind>(written).unwrap(), mail);
    }
}
