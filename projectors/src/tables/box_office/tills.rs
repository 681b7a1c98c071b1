//! `tills`: sessions at the counter and their cash.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{Currency, TillId, till::Event};
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
const KEPT: usize = 1_000;

table! {
    struct Till in tills {
        till_id: Uuid as key,
        seller_id: Uuid as fixed,
        float_minor: i64 as fixed,
        currency: Word<Currency> as fixed,
        taken_minor: i64,
        returned_minor: i64,
        counted_minor: Option<i64>,
        opened_at: Timestamp as fixed,
        closed_at: Option<Timestamp>,
        position: i64,
    }
}

impl Row for Till {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct Tills(Rows<TillId, Till>);

impl Tills {
    pub fn new() -> Self {
        Self(Rows::new("tills", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::TillOpened { till, seller, float, fingerprint: _ } => {
                let row = Till {
                    till_id: till.0,
                    seller_id: seller.0,
                    float_minor: float.amount_minor,
                    currency: Word(float.currency),
                    taken_minor: 0,
                    returned_minor: 0,
                    counted_minor: None,
                    opened_at: recorded.metadata.time.to_sqlx(),
                    closed_at: None,
                    position: stored(recorded.position),
                };
                self.0.insert(*till, row);
                Ok(())
            }
            Event::CashTaken { till, amount, .. } => {
                let minor = amount.amount_minor;
                self.0.change(*till, recorded.position, move |row| row.taken_minor += minor)
            }
            Event::CashReturned { till, amount, .. } => {
                let minor = amount.amount_minor;
                self.0.change(*till, recorded.position, move |row| row.returned_minor += minor)
            }
            Event::TillClosed { till, counted, at, .. } => {
                let (counted, at) = (counted.amount_minor, at.to_sqlx());
                self.0.change(*till, recorded.position, move |row| {
                    (row.counted_minor, row.closed_at) = (Some(counted), Some(at));
                })
            }
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |till| till.0, |row| TillId(row.till_id)).await
    }
}
