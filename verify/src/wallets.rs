//! The ledgers of the wallets.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ticketshow_domain::wallet::{Event, Reference};
use ticketshow_nats::Recorded;

use super::findings::{Findings, Invariant};

/// All wallets by their customer.
#[derive(Debug, Default)]
pub(super) struct Wallets(HashMap<Arc<str>, Wallet>);

#[derive(Debug, Default)]
struct Wallet {
    balance_minor: i64,
    references: HashSet<Reference>,
}

impl Wallets {
    pub fn take(&mut self, recorded: &Recorded, event: &Event, findings: &mut Findings) {
        let (reference, moved_minor, told_minor) = match event {
            Event::WalletCredited { reference, amount, balance_after_minor, .. } => {
                (reference, amount.amount_minor, *balance_after_minor)
            }
            Event::WalletDebited { reference, amount, balance_after_minor, .. } => {
                (reference, -amount.amount_minor, *balance_after_minor)
            }
        };
        let Recorded { position, id, .. } = recorded;
        let wallet = self.0.entry(Arc::clone(id)).or_default();
        let mut violated = |invariant, detail| findings.violated(invariant, *position, detail);
        if !wallet.references.insert(*reference) {
            violated(Invariant::ReferenceOnce, format!("wallet {id} has {reference} again"));
        }
        let sum_minor = wallet.balance_minor.saturating_add(moved_minor);
        if sum_minor != told_minor {
            let detail = format!("wallet {id} tells {told_minor}, its ledger sums up to {sum_minor}");
            violated(Invariant::LedgerAdds, detail);
        }
        if sum_minor < 0 {
            violated(Invariant::WalletSolvent, format!("wallet {id} is at {sum_minor}"));
        }
        // What is told is gone on from, so that one wrong line is one violation.
        wallet.balance_minor = told_minor;
    }
}
