//! Ledgers of the wallets: no negative balance, every balance the sum of its ledger, every reference once.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ticketshow_domain::wallet::{Event, Reference};
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::findings::{Findings, Invariant};

/// All wallets, by customer.
#[derive(Debug, Default)]
pub(super) struct Wallets(HashMap<Arc<str>, Wallet>);

#[derive(Debug, Default)]
struct Wallet {
    balance_minor: i64,
    references: HashSet<Reference>,
}

impl Wallets {
    pub fn take(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let (reference, moved_minor, stated_minor) = match event {
            Event::WalletCredited { reference, amount, balance_after_minor, .. } => {
                (reference, amount.amount_minor, *balance_after_minor)
            }
            Event::WalletDebited { reference, amount, balance_after_minor, .. } => {
                (reference, -amount.amount_minor, *balance_after_minor)
            }
            Event::CreditProposed { .. } | Event::WalletDebitDeclined { .. } => return,
        };
        let RecordedEvent { position, id, .. } = recorded;
        let wallet = self.0.entry(Arc::clone(id)).or_default();
        let mut violated = |invariant, detail| findings.violated(invariant, *position, detail);
        if !wallet.references.insert(*reference) {
            violated(Invariant::ReferenceOnce, format!("wallet {id} repeats {reference}"));
        }
        let sum_minor = wallet.balance_minor.saturating_add(moved_minor);
        if sum_minor != stated_minor {
            let detail = format!("wallet {id} states {stated_minor}, its ledger adds up to {sum_minor}");
            violated(Invariant::LedgerAdds, detail);
        }
        if sum_minor < 0 {
            violated(Invariant::WalletSolvent, format!("wallet {id} has a negative balance: {sum_minor}"));
        }
        // Continues from the stated balance, so that one wrong entry is one violation.
        wallet.balance_minor = stated_minor;
    }
}
