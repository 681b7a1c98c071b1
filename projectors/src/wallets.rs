//! `wallets`: what is in each. The ledger is `wallet_entries`.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use ticketshow_domain::{Currency, UserId, wallet::Event};
use ticketshow_nats::Recorded;

use crate::{
    error::{ProjectError, database},
    read_models::stored,
    rows::column,
};

const UPSERT: &str = "
    INSERT INTO wallets (customer_id, balance_minor, currency, position)
    SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::text[], $4::bigint[])
    ON CONFLICT (customer_id) DO UPDATE SET balance_minor = EXCLUDED.balance_minor, position = EXCLUDED.position";

struct Wallet {
    balance_minor: i64,
    currency: Currency,
    position: u64,
}

/// The table: what the current batch brought.
#[derive(Default)]
pub(crate) struct Wallets(BTreeMap<UserId, Wallet>);

impl Wallets {
    pub fn apply(&mut self, recorded: &Recorded, event: &Event) {
        let (customer, amount, balance_minor) = match event {
            Event::WalletCredited { customer, amount, balance_after_minor, .. }
            | Event::WalletDebited { customer, amount, balance_after_minor, .. } => {
                (*customer, *amount, *balance_after_minor)
            }
        };
        let wallet = Wallet { balance_minor, currency: amount.currency, position: recorded.position };
        self.0.insert(customer, wallet);
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let rows: Vec<(&UserId, &Wallet)> = self.0.iter().collect();
        sqlx::query(UPSERT)
            .bind(column(&rows, |customer, _| customer.0))
            .bind(column(&rows, |_, wallet| wallet.balance_minor))
            .bind(column(&rows, |_, wallet| wallet.currency.code()))
            .bind(column(&rows, |_, wallet| stored(wallet.position)))
            .execute(connection)
            .await
            .map_err(database("writing wallets"))?;
        self.0.clear();
        Ok(())
    }
}
