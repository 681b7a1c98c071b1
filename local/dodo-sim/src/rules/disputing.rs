//! Disputes: the customer's bank demands the money back.

use crate::state::{
    book::Entry,
    ids::mint,
    records::{About, Dispute, DisputeStatus, Movement, MovementKind},
    world::World,
};

impl World {
    /// Opens a dispute about the full amount of a payment; `None` for an unknown payment.
    pub fn open_dispute(&mut self, payment: &str) -> Option<Dispute> {
        let payment = self.book.payment(payment)?;
        let dispute = Dispute {
            dispute_id: mint("dsp"),
            payment_id: payment.payment_id.clone(),
            amount: payment.total_amount,
            status: DisputeStatus::DisputeOpened,
            created_at: self.now(),
        };
        self.keep_dispute(dispute.clone(), None);
        Some(dispute)
    }

    /// Changes the status of a dispute; `None` for an unknown dispute. The money is returned once, when it is accepted or lost.
    pub fn set_dispute_status(&mut self, id: &str, status: DisputeStatus) -> Option<Dispute> {
        let before = self.book.dispute(id)?.clone();
        let dispute = Dispute { status, ..before.clone() };
        let movement =
            (takes(status) && !takes(before.status)).then(|| self.charged_back(&dispute)).flatten();
        self.keep_dispute(dispute.clone(), movement);
        Some(dispute)
    }

    fn keep_dispute(&mut self, dispute: Dispute, movement: Option<Movement>) {
        let about = About::Dispute(dispute.dispute_id.clone());
        let mut entries = self.notices(&dispute.status.notice(), about);
        entries.push(Entry::Dispute(dispute));
        entries.extend(movement.map(Entry::Movement));
        self.book.keep(entries);
    }

    fn charged_back(&self, dispute: &Dispute) -> Option<Movement> {
        let payment = self.book.payment(&dispute.payment_id)?;
        Some(Movement {
            at: self.now(),
            kind: MovementKind::Chargeback,
            payment_id: payment.payment_id.clone(),
            refund_id: None,
            amount: dispute.amount,
            currency: payment.currency.clone(),
            metadata: payment.metadata.clone(),
            refund_metadata: serde_json::Map::new(),
        })
    }
}

fn takes(status: DisputeStatus) -> bool {
    match status {
        DisputeStatus::DisputeAccepted | DisputeStatus::DisputeLost => true,
        DisputeStatus::DisputeOpened
        | DisputeStatus::DisputeExpired
        | DisputeStatus::DisputeCancelled
        | DisputeStatus::DisputeChallenged
        | DisputeStatus::DisputeWon => false,
    }
}
