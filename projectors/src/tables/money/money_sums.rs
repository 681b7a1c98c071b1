//! `money_sums`: totals of money, so that readers never add up all payments and wallets.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use ticketshow_domain::{Money, wallet::Event};
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
    table::{Table, table},
    text::Word,
    total::Total,
};

table! {
    /// A part of a total.
    struct MoneySum in money_sums {
        total: String as key,
        part: String as key,
        currency: String as key,
        count: i64 as sum,
        amount_minor: Total as sum,
    }
}

/// The table: changes of the current batch, by total, part and currency.
#[derive(Default)]
pub(crate) struct MoneySums(BTreeMap<(String, String, String), (i64, Total)>);

impl MoneySums {
    /// Counts a movement in a wallet.
    pub fn apply(&mut self, event: &Event) {
        let (kind, amount) = match event {
            Event::WalletCredited { reference, amount, .. } => (reference.kind, *amount),
            Event::WalletDebited { reference, amount, .. } => {
                (reference.kind, Money { amount_minor: -amount.amount_minor, ..*amount })
            }
            Event::CreditProposed { .. } | Event::WalletDebitDeclined { .. } => return,
        };
        let currency = amount.currency.code();
        self.add("wallet_movements", &Word(kind).to_string(), currency, amount.amount_minor);
    }

    /// Counts one payment, movement or wallet.
    pub fn add(&mut self, total: &str, part: &str, currency: &str, amount_minor: i64) {
        self.change((total.to_owned(), part.to_owned(), currency.to_owned()), 1, amount_minor.into());
    }

    /// Subtracts the amounts of stored rows before they change. `select` returns them for the rows with these keys.
    pub async fn take_off(
        &mut self,
        connection: &mut PgConnection,
        select: &'static str,
        keys: Vec<Uuid>,
    ) -> Result<(), ProjectError> {
        let counted: Vec<MoneySum> = sqlx::query_as(select)
            .bind(keys)
            .fetch_all(connection)
            .await
            .map_err(database("reading the amounts counted in the sums"))?;
        for MoneySum { total, part, currency, count, amount_minor } in counted {
            self.change((total, part, currency), -count, Total(-amount_minor.0));
        }
        Ok(())
    }

    fn change(&mut self, key: (String, String, String), count: i64, amount_minor: Total) {
        let (counted, sum) = self.0.entry(key).or_default();
        *counted += count;
        *sum += amount_minor;
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        let changed = std::mem::take(&mut self.0).into_iter().filter(|(_, change)| *change != (0, Total(0)));
        let rows: Vec<MoneySum> = changed
            .map(|((total, part, currency), (count, amount_minor))| MoneySum {
                total,
                part,
                currency,
                count,
                amount_minor,
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        MoneySum::upsert(connection, &rows.iter().collect::<Vec<_>>()).await
    }
}
