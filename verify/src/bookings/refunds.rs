//! Captured card payments, and refunds of all payments: each payment is refunded once at most, to the card or the wallet.
//! Seats that were given back are refunded as payments of their own, which are parts of the payment that bought them; all
//! together never exceed it.

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
    /// Payments by their parts.
    parts: HashMap<PaymentId, PaymentId>,
    /// Payments that have parts.
    split: HashSet<PaymentId>,
    paid_minor: HashMap<PaymentId, i64>,
    /// Refunded amounts, those of the parts included.
    back_minor: HashMap<PaymentId, i64>,
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

    /// Records that a payment refunds a part of another.
    pub fn add_part(&mut self, part: PaymentId, of: PaymentId) {
        self.parts.insert(part, of);
        self.split.insert(of);
    }

    /// Records the amount that a payment took.
    pub fn add_paid(&mut self, payment: PaymentId, amount_minor: i64) {
        self.paid_minor.insert(payment, amount_minor);
    }

    /// Records that a difference was added to a payment.
    pub fn raise_paid(&mut self, payment: PaymentId, minor: i64) {
        *self.paid_minor.entry(payment).or_default() += minor;
    }

    /// Records the refund of a payment.
    pub fn record(
        &mut self,
        payment: PaymentId,
        amount_minor: i64,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let whole = self.parts.get(&payment).copied().unwrap_or(payment);
        let back = self.back_minor.entry(whole).or_default();
        *back += amount_minor;
        // The amount of a payment's only refund is checked with the payment.
        let paid = self.paid_minor.get(&whole).filter(|_| self.split.contains(&whole));
        if let Some(paid) = paid.filter(|paid| *back > **paid) {
            let detail = format!("payment {whole} took {paid} and refunded {back}, in minor units");
            findings.violated(Invariant::RefundWithinPayment, recorded.position, detail);
        }
        if let Some(before) = self.refunded.insert(payment, recorded.position) {
            let detail = format!("payment {payment} was already refunded at position {before}");
            findings.violated(Invariant::RefundOnce, recorded.position, detail);
        }
    }

    pub fn take_payment(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let Ok(payment) = recorded.id.parse::<PaymentId>() else { return };
        match event {
            Event::PaymentCaptured { captured, .. } => {
                self.captured.insert(payment);
                self.add_paid(payment, captured.amount_minor);
            }
            Event::PaymentMismatched { captured, .. } => self.add_paid(payment, captured.amount_minor),
            Event::ReviewDecided { decision: ReviewDecision::Accept, .. } => {
                self.captured.insert(payment);
            }
            Event::RefundRequested { target: RefundTarget::Wallet, .. } => {
                self.sent_to_wallet.insert(payment);
            }
            Event::RefundCompleted { target: RefundTarget::Card, amount } => {
                self.record(payment, amount.amount_minor, recorded, findings);
            }
            // For a refund to the wallet, the entry in the wallet's ledger counts.
            Event::RefundCompleted { target: RefundTarget::Wallet, .. }
            | Event::PaymentOpened { .. }
            | Event::CheckoutOpened { .. }
            | Event::ReviewDecided { decision: ReviewDecision::Refund, .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::PaymentExpired {}
            | Event::PartSplitOff { .. }
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
