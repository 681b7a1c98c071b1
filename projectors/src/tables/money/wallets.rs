//! `wallets`: the balance of each wallet. The ledger is `wallet_entries`.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use ticketshow_domain::{Currency, UserId, wallet::Event};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use super::money_sums::MoneySums;
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
        /// The entries of the current batch, added to those before.
        ledger_minor: i64 as sum,
        currency: Word<Currency> as fixed,
        position: i64,
    }
}

/// The table: changes of the current batch.
#[derive(Default)]
pub(crate) struct Wallets(BTreeMap<UserId, Wallet>);

impl Wallets {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) {
        let (customer, entry_minor, currency, balance_minor) = match event {
            Event::WalletCredited { customer, amount, balance_after_minor, .. } => {
                (*customer, amount.amount_minor, amount.currency, *balance_after_minor)
            }
            Event::WalletDebited { customer, amount, balance_after_minor, .. } => {
                (*customer, -amount.amount_minor, amount.currency, *balance_after_minor)
            }
            Event::CreditProposed { .. } | Event::WalletDebitDeclined { .. } => return,
        };
        let before = self.0.get(&customer).map_or(0, |wallet| wallet.ledger_minor);
        let wallet = Wallet {
            customer_id: customer.0,
            balance_minor,
            ledger_minor: before + entry_minor,
            currency: Word(currency),
            position: stored(recorded.position),
        };
        self.0.insert(customer, wallet);
    }

    pub async fn flush(
        &mut self,
        connection: &mut PgConnection,
        sums: &mut MoneySums,
    ) -> Result<(), ProjectError> {
        const COUNTED: &str = "
            SELECT 'wallet_balance' AS total, 'wallets' AS part, currency, count(*), sum(balance_minor)::text AS amount_minor
            FROM wallets WHERE customer_id = ANY($1) GROUP BY currency";
        if self.0.is_empty() {
            return Ok(());
        }
        sums.take_off(connection, COUNTED, self.0.keys().map(|customer| customer.0).collect()).await?;
        for Wallet { currency, balance_minor, .. } in self.0.values() {
            sums.add("wallet_balance", "wallets", currency.0.code(), *balance_minor);
        }
        Wallet::upsert(connection, &self.0.values().collect::<Vec<_>>()).await?;
        self.0.clear();
        Ok(())
    }
}
