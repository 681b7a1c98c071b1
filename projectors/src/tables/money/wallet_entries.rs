//! `wallet_entries`: every movement of every wallet, payments negative.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    Currency, Money, UserId,
    wallet::{EntryKind, Event, Reference},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::stored,
    error::ProjectError,
    table::{Table, table},
    text::Word,
};

table! {
    struct Entry in wallet_entries {
        customer_id: Uuid as key,
        version: i64 as key,
        reference: String,
        kind: Word<EntryKind>,
        amount_minor: i64,
        balance_after_minor: i64,
        currency: Word<Currency>,
        booking_id: Option<Uuid>,
        reason: Option<String>,
        created_at: Timestamp,
    }
}

/// The table: entries of the current batch. An entry that exists already fails the batch: no entry comes twice.
#[derive(Default)]
pub(crate) struct WalletEntries(Vec<Entry>);

impl WalletEntries {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) {
        let entry = match event {
            Event::WalletCredited { customer, reference, amount, balance_after_minor, booking, reason } => {
                Entry {
                    booking_id: booking.map(|booking| booking.0),
                    reason: reason.clone(),
                    ..Entry::new(recorded, *customer, *reference, *amount, *balance_after_minor)
                }
            }
            Event::WalletDebited { customer, reference, amount, balance_after_minor, booking } => {
                let debit = Money { amount_minor: -amount.amount_minor, ..*amount };
                Entry {
                    booking_id: Some(booking.0),
                    ..Entry::new(recorded, *customer, *reference, debit, *balance_after_minor)
                }
            }
            Event::CreditProposed { .. } | Event::WalletDebitDeclined { .. } => return,
        };
        self.0.push(entry);
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Entry::insert(connection, &self.0.iter().collect::<Vec<_>>()).await?;
        self.0.clear();
        Ok(())
    }
}

impl Entry {
    fn new(
        recorded: &RecordedEvent,
        customer: UserId,
        reference: Reference,
        amount: Money,
        balance_after_minor: i64,
    ) -> Self {
        Self {
            customer_id: customer.0,
            version: stored(recorded.version),
            reference: reference.to_string(),
            kind: Word(reference.kind),
            amount_minor: amount.amount_minor,
            balance_after_minor,
            currency: Word(amount.currency),
            booking_id: None,
            reason: None,
            created_at: recorded.metadata.time.to_sqlx(),
        }
    }
}
