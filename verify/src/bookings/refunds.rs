//! Money that came by card, and all money that goes back: once a payment, to the card or to the wallet.

use std::collections::{HashMap, HashSet};

use ticketshow_domain::{
    PaymentId,
    payment::{Event, RefundTarget, ReviewDecision},
};
use ticketshow_nats::Recorded;

use crate::findings::{Findings, Invariant};

/// Which payments by card came, and which payments went back.
#[derive(Debug, Default)]
pub(super) struct Refunds {
    captured: HashSet<PaymentId>,
    sent_to_wallet: HashSet<PaymentId>,
    /// The position at which the money was back.
    back: HashMap<PaymentId, u64>,
}

impl Refunds {
    /// Whether the money of a payment by card is there, as much as was asked for or accepted.
    pub fn is_captured(&self, payment: PaymentId) -> bool {
        self.captured.contains(&payment)
    }

    /// Whether a payment by card is to go back to the wallet.
    pub fn is_sent_to_wallet(&self, payment: PaymentId) -> bool {
        self.sent_to_wallet.contains(&payment)
    }

    /// The wallet has the money of a payment back.
    pub fn credited(&mut self, payment: PaymentId, recorded: &Recorded, findings: &mut Findings) {
        if let Some(before) = self.back.insert(payment, recorded.position) {
            let detail = format!("payment {payment} went back at position {before} before");
            findings.violated(Invariant::RefundOnce, recorded.position, detail);
        }
    }

    pub fn take_payment(&mut self, recorded: &Recorded, event: &Event, findings: &mut Findings) {
        let Ok(payment) = recorded.id.parse::<PaymentId>() else { return };
        match event {
            Event::PaymentCaptured { .. } | Event::ReviewDecided { decision: ReviewDecision::Accept, .. } => {
                self.captured.insert(payment);
            }
            Event::RefundRequested { target: RefundTarget::Wallet, .. } => {
                self.sent_to_wallet.insert(payment);
            }
            Event::RefundCompleted { target: RefundTarget::Card, .. } => {
                self.credited(payment, recorded, findings);
            }
            // To the wallet: its own entry is the money, this only says that it is done.
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
            | Event::RefundPutInReview { .. } => {}
        }
    }
}
