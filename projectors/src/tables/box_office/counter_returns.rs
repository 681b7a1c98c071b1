//! `counter_returns`: seats of sales at the counter that were given back while others were kept, and whose price was refunded in
//! cash.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{Currency, PaymentId, booking::Event};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::stored,
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
    text::Word,
};

/// Rows kept in memory.
const KEPT: usize = 100;

table! {
    struct CounterReturn in counter_returns {
        return_id: Uuid as key,
        booking_id: Uuid as fixed,
        till_id: Uuid as fixed,
        returned_by: Uuid as fixed,
        amount_minor: i64 as fixed,
        currency: Word<Currency> as fixed,
        returned_at: Timestamp as fixed,
        position: i64,
    }
}

impl Row for CounterReturn {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct CounterReturns(Rows<PaymentId, CounterReturn>);

impl CounterReturns {
    pub fn new() -> Self {
        Self(Rows::new("counter_returns", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) {
        let Event::SeatsReturned { booking, returned, due, .. } = event else { return };
        let Some(counter) = returned.counter else { return };
        let Some(till) = counter.till else { return };
        let row = CounterReturn {
            return_id: returned.id.0,
            booking_id: booking.0,
            till_id: till.0,
            returned_by: counter.by.0,
            amount_minor: due.amount.amount_minor,
            currency: Word(due.amount.currency),
            returned_at: recorded.metadata.time.to_sqlx(),
            position: stored(recorded.position),
        };
        self.0.insert(returned.id, row);
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |returned| returned.0, |row| PaymentId(row.return_id)).await
    }
}
