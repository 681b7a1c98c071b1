//! `wallet_entries`: every movement of every wallet, payments negative.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    BookingId, Currency, UserId,
    wallet::{Event, Reference},
};
use ticketshow_nats::Recorded;

use crate::{
    error::{ProjectError, database},
    read_models::stored,
};

const INSERT: &str = "
    INSERT INTO wallet_entries (customer_id, version, reference, kind, amount_minor, balance_after_minor, currency,
                                booking_id, reason, created_at)
    SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
                         $8::uuid[], $9::text[], $10::timestamptz[])";

struct Entry {
    customer: UserId,
    version: u64,
    reference: Reference,
    amount_minor: i64,
    balance_after_minor: i64,
    currency: Currency,
    booking: Option<BookingId>,
    reason: Option<String>,
    created_at: Timestamp,
}

/// The table: what the current batch brought. An entry that is there already fails the batch: nothing comes twice.
#[derive(Default)]
pub(crate) struct WalletEntries(Vec<Entry>);

impl WalletEntries {
    pub fn apply(&mut self, recorded: &Recorded, event: &Event) {
        let (version, created_at) = (recorded.version, recorded.metadata.time.to_sqlx());
        self.0.push(match event {
            Event::WalletCredited { customer, reference, amount, balance_after_minor, booking, reason } => {
                Entry {
                    customer: *customer,
                    version,
                    reference: *reference,
                    amount_minor: amount.amount_minor,
                    balance_after_minor: *balance_after_minor,
                    currency: amount.currency,
                    booking: *booking,
                    reason: reason.clone(),
                    created_at,
                }
            }
            Event::WalletDebited { customer, reference, amount, balance_after_minor, booking } => Entry {
                customer: *customer,
                version,
                reference: *reference,
                amount_minor: -amount.amount_minor,
                balance_after_minor: *balance_after_minor,
                currency: amount.currency,
                booking: Some(*booking),
                reason: None,
                created_at,
            },
        });
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if self.0.is_empty() {
            return Ok(());
        }
        sqlx::query(INSERT)
            .bind(self.column(|entry| entry.customer.0))
            .bind(self.column(|entry| stored(entry.version)))
            .bind(self.column(|entry| entry.reference.to_string()))
            .bind(self.column(|entry| entry.reference.kind.name()))
            .bind(self.column(|entry| entry.amount_minor))
            .bind(self.column(|entry| entry.balance_after_minor))
            .bind(self.column(|entry| entry.currency.code()))
            .bind(self.column(|entry| entry.booking.map(|booking| booking.0)))
            .bind(self.column(|entry| entry.reason.as_deref()))
            .bind(self.column(|entry| entry.created_at))
            .execute(connection)
            .await
            .map_err(database("writing wallet_entries"))?;
        self.0.clear();
        Ok(())
    }

    fn column<'a, T>(&'a self, value: impl Fn(&'a Entry) -> T) -> Vec<T> {
        self.0.iter().map(value).collect()
    }
}
