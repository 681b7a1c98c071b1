//! `counter_sales`: bookings sold at the counter, and their refunds there.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    BookingId, Currency,
    booking::{self, PaymentMethod},
    counter::CounterRefund,
    screening,
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::{own_id, stored},
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
    text::Word,
};

/// Rows kept in memory.
const KEPT: usize = 1_000;

table! {
    struct CounterSale in counter_sales {
        booking_id: Uuid as key,
        screening_id: Uuid as fixed,
        seller_id: Uuid as fixed,
        till_id: Option<Uuid> as fixed,
        method: Word<PaymentMethod> as fixed,
        amount_minor: i64 as fixed,
        currency: Word<Currency> as fixed,
        reason: Option<String> as fixed,
        sold_at: Timestamp as fixed,
        refund_method: Option<Word<PaymentMethod>>,
        refunded_by: Option<Uuid>,
        refund_till: Option<Uuid>,
        refunded_at: Option<Timestamp>,
        /// Price of seats that were given back while the others stayed.
        returned_minor: i64,
        position: i64,
    }
}

impl Row for CounterSale {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// The table.
pub(crate) struct CounterSales(Rows<BookingId, CounterSale>);

impl CounterSales {
    pub fn new() -> Self {
        Self(Rows::new("counter_sales", KEPT))
    }

    pub fn apply_screening(
        &mut self,
        recorded: &RecordedEvent,
        event: &screening::Event,
    ) -> Result<(), ProjectError> {
        if let screening::Event::SeatsSoldAtCounter { booking, amount, sale, at, .. } = event {
            let row = CounterSale {
                booking_id: booking.0,
                screening_id: own_id(recorded)?,
                seller_id: sale.by.0,
                till_id: sale.till.map(|till| till.0),
                method: Word(sale.method),
                amount_minor: amount.amount_minor,
                currency: Word(amount.currency),
                reason: sale.reason.clone(),
                sold_at: at.to_sqlx(),
                refund_method: None,
                refunded_by: None,
                refund_till: None,
                refunded_at: None,
                returned_minor: 0,
                position: stored(recorded.position),
            };
            self.0.insert(*booking, row);
        }
        Ok(())
    }

    pub fn apply_booking(
        &mut self,
        recorded: &RecordedEvent,
        event: &booking::Event,
    ) -> Result<(), ProjectError> {
        if let booking::Event::SeatsReturned { booking, due, .. } = event
            && due.method.is_of_counter()
        {
            let minor = due.amount.amount_minor;
            return self.0.change(*booking, recorded.position, move |row| row.returned_minor += minor);
        }
        let booking::Event::BookingRefunded { booking, target, counter: Some(counter), .. } = event else {
            return Ok(());
        };
        let (method, at) = (Word(*target), recorded.metadata.time.to_sqlx());
        let CounterRefund { till, by, .. } = *counter;
        self.0.change(*booking, recorded.position, move |row| {
            (row.refund_method, row.refunded_at) = (Some(method), Some(at));
            (row.refunded_by, row.refund_till) = (Some(by.0), till.map(|till| till.0));
        })
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, |booking| booking.0, |row| BookingId(row.booking_id)).await
    }
}
