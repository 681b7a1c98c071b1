//! The customer's bank wants the money back.

use crate::book::Entry;
use crate::ids::mint;
use crate::records::{About, Dispute, DisputeStatus, Movement, MovementKind};
use crate::world::World;

impl World {
    /// Opens a dispute about all of a payment; none if there is no such payment.
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

    /// Gives a dispute another status; none if there is no such dispute. Money goes back when it is accepted or lost, once.
    pub fn turn_dispute(&mut self, id: &str, status: DisputeStatus) -> Option<Dispute> {
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
