//! Comparison of captured money with its use.

use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    booking::PaymentMethod,
    payment::{PaymentStatus, RefundStatus},
};

use super::Payment;
use crate::text::Word;

/// Mismatch of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Difference {
    /// The payment of a booking from the wallet does not match the wallet's entries.
    DebitDiffers,
    /// A top-up does not match the wallet's entries.
    TopUpDiffers,
    /// A refund to the wallet does not match the wallet's entries.
    RefundDiffers,
    /// Captured money neither pays a booking nor is being refunded.
    CaptureUnused,
    /// A booking is confirmed although nothing was captured.
    ConfirmedUnpaid,
}

impl Payment {
    /// Compares captured money with its use and with the wallet's entries.
    pub(super) fn difference(&self) -> Option<Difference> {
        let captured = self.captured_minor.unwrap_or_default();
        let expected = |is_expected: bool| if is_expected { captured } else { 0 };
        let is_captured = self.status.0 == PaymentStatus::Captured;
        let is_top_up = self.booking_id.is_none() && self.stray_of.is_none();
        let is_back = self.refund_status == Some(Word(RefundStatus::Completed));
        let is_to_wallet = self.refund_target == Some(Word(PaymentMethod::Wallet));
        let is_paid_from_wallet = self.method.0 == PaymentMethod::Wallet && self.part_of.is_none();
        if self.debited_minor != expected(is_paid_from_wallet) {
            Some(Difference::DebitDiffers)
        } else if self.topped_up_minor != expected(is_captured && is_top_up) {
            Some(Difference::TopUpDiffers)
        } else if self.credited_minor != if is_back && is_to_wallet { captured - self.split_minor } else { 0 }
        {
            Some(Difference::RefundDiffers)
        } else if is_captured && captured > 0 && !is_top_up && self.confirmed_minor.is_none() {
            Some(Difference::CaptureUnused)
        } else if self.captured_minor.is_none() && self.confirmed_minor.is_some_and(|price| price > 0) {
            Some(Difference::ConfirmedUnpaid)
        } else {
            None
        }
    }
}
