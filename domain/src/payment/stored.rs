//! Serialised form of a [`Payment`], in snapshots and in the history that administrators read.

use serde::{Deserialize, Serialize};

use super::{
    Capture, Checkout, Dispute, Opened, Part, Payment, PaymentStatus, Refund, Requested, ReviewDecision,
};
use crate::Money;

/// One flat record of every fact, so that readers find each at the same place in every state.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    opened: Option<Opened>,
    status: PaymentStatus,
    checkout: Option<Checkout>,
    captured: Option<(String, Money)>,
    decision: Option<ReviewDecision>,
    refund: Option<Refund>,
    dispute: Option<Dispute>,
    parts: Vec<Part>,
}

impl From<Payment> for Stored {
    fn from(payment: Payment) -> Self {
        Self {
            opened: payment.opened().cloned(),
            status: payment.status(),
            checkout: payment.checkout().cloned(),
            captured: payment.captured().map(|(id, captured)| (id.to_owned(), captured)),
            decision: payment.decision(),
            refund: payment.refund().cloned(),
            dispute: payment.dispute().cloned(),
            parts: payment.parts().to_vec(),
        }
    }
}

impl From<Stored> for Payment {
    fn from(stored: Stored) -> Self {
        let Stored { opened, status, checkout, captured, decision, refund, dispute, parts } = stored;
        let Some(opened) = opened else { return Self::NotRequested };
        let requested = Requested { opened, checkout };
        let capture = captured.map(|(provider_payment, captured)| Capture {
            provider_payment,
            captured,
            dispute,
            parts,
        });
        match (capture, refund) {
            (Some(capture), Some(refund)) => Self::Refunding { requested, capture, decision, refund },
            (Some(capture), None) if status == PaymentStatus::Review => Self::Review { requested, capture },
            (Some(capture), None) => Self::Captured { requested, capture, decision },
            (None, _) => match status {
                PaymentStatus::Failed => Self::Failed(requested),
                PaymentStatus::Expired => Self::Expired(requested),
                PaymentStatus::Pending
                | PaymentStatus::Captured
                | PaymentStatus::Refunding
                | PaymentStatus::Refunded
                | PaymentStatus::Review => Self::Pending(requested),
            },
        }
    }
}
