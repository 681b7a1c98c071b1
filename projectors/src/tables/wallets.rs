//! `wallets`: the balance of each wallet. The ledger is `wallet_entries`.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use ticketshow_domain::{Currency, UserId, wallet::Event};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::stored,
    error::ProjectError,
    table::{Table, table},
    text::Word,
};

table! {
    struct Wallet in wallets {
        customer_id: Uuid as key,
        balance_minor: i64,
        currency: Word<Currency> as fixed,
        position: i64,
    }
}

/// The table: changes of the current batch.
#[derive(Default)]
pub(crate) struct Wallets(BTreeMap<UserId, Wallet>);

impl Wallets {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) {
        let (customer, amount, balance_minor) = match event {
            Event::WalletCredited { customer, amount, balance_after_minor, .. }
            | Event::WalletDebited { customer, amount, balance_after_minor, .. } => {
                (*customer, *amount, *balance_after_minor)
            }
            Event::WalletDebitDeclined { .. } => return,
        };
        let wallet = Wallet {
            customer_id: customer.0,
            balance_minor,
            currency: Word(amount.currency),
            position: stored(recorded.position),
        };
        self.0.insert(customer, wallet);
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Wallet::upsert(connection, &self.0.values().collect::<Vec<_>>()).await?;
        self.0.clear();
        Ok(())
    }
}
