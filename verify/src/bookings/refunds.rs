//! Captured card payments, and refunds of all payments: each payment is refunded once at most, to the card or the wallet.

use std::collections::{HashMap, HashSet};

use ticketshow_domain::{
    PaymentId,
    payment::{Event, RefundTarget, ReviewDecision},
};
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::findings::{Findings, Invariant};

/// Captured card payments and refunded payments.
#[derive(Debug, Default)]
pub(super) struct Refunds {
    captured: HashSet<PaymentId>,
    sent_to_wallet: HashSet<PaymentId>,
    /// Position of the refund.
    refunded: HashMap<PaymentId, u64>,
}

impl Refunds {
    /// Returns true if a card payment was captured with the requested or an accepted amount.
    pub fn is_captured(&self, payment: PaymentId) -> bool {
        self.captured.contains(&payment)
    }

    /// Returns true if a refund of a card payment to the wallet was requested.
    pub fn is_sent_to_wallet(&self, payment: PaymentId) -> bool {
        self.sent_to_wallet.contains(&payment)
    }

    /// Records the refund of a payment.
    pub fn record(&mut self, payment: PaymentId, recorded: &RecordedEvent, findings: &mut Findings) {
        if let Some(before) = self.refunded.insert(payment, recorded.position) {
            let detail = format!("payment {payment} was already refunded at position {before}");
            findings.violated(Invariant::RefundOnce, recorded.position, detail);
        }
    }

    pub fn take_payment(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let Ok(payment) = recorded.id.parse::<PaymentId>() else { return };
        match event {
            Event::PaymentCaptured { .. } | Event::ReviewDecided { decision: ReviewDecision::Accept, .. } => {
                self.captured.insert(payment);
            }
            Event::RefundRequested { target: RefundTarget::Wallet, .. } => {
                self.sent_to_wallet.insert(payment);
            }
            Event::RefundCompleted { target: RefundTarget::Card, .. } => {
                self.record(payment, recorded, findings);
            }
            // For a refund to the wallet, the entry in the wallet's ledger counts.
            Event::RefundCompleted { target: RefundTarget::Wallet, .. }
            | Event::PaymentOpened { .. }
            | Event::CheckoutOpened { .. }
            | Event::PaymentMismatched { .. }
            | Event::ReviewDecided { decision: ReviewDecision::Refund, .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::PaymentExpired {}
            | Event::RefundRequested { target: RefundTarget::Card, .. }
            | Event::RefundAttempted { .. }
            | Event::RefundSubmitted { .. }
            | Event::RefundFailed { .. }
            | Event::RefundPutInReview { .. }
            | Event::PaymentDisputed { .. }
            | Event::DisputeWon { .. }
            | Event::DisputeLost { .. } => {}
        }
    }
}
