//! `payments`: every attempt to pay, and what became of its money. An attempt for a booking begins in the booking's stream;
//! a card's goes on in a stream of its own, the wallet's in the wallet.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    BookingId, Currency, Money, PaymentId, UserId,
    booking::{self, PaymentMethod},
    payment::{self, PaymentStatus, Purpose},
    wallet::{self, EntryKind},
};
use ticketshow_nats::Recorded;
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
    read_models::{own_id, stored},
    rows::{Rows, column},
    words::Word,
};

/// Rows kept at hand.
const KEPT: usize = 20_000;

const SELECT: &str = "SELECT * FROM payments WHERE payment_id = ANY($1)";

const UPSERT: &str = "
    INSERT INTO payments (payment_id, booking_id, customer_id, method, status, failure_reason, amount_minor, currency,
                          created_at, position)
    SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                         $8::text[], $9::timestamptz[], $10::bigint[])
    ON CONFLICT (payment_id) DO UPDATE SET
        status = EXCLUDED.status, failure_reason = EXCLUDED.failure_reason, position = EXCLUDED.position";

#[derive(sqlx::FromRow)]
struct Payment {
    payment_id: Uuid,
    booking_id: Option<Uuid>,
    customer_id: Uuid,
    method: Word<PaymentMethod>,
    status: Word<PaymentStatus>,
    failure_reason: Option<String>,
    amount_minor: i64,
    currency: Word<Currency>,
    created_at: Timestamp,
    position: i64,
}

impl Payment {
    /// What becomes of an attempt whose end is open; money that was taken or went back stays so.
    fn settle(&mut self, status: PaymentStatus) {
        if self.status == Word(PaymentStatus::Pending) {
            self.status = Word(status);
        }
    }
}

/// The table.
pub(crate) struct Payments(Rows<PaymentId, Payment>);

impl Payments {
    pub fn new() -> Self {
        Self(Rows::new("payments", KEPT))
    }

    pub fn apply_booking(&mut self, recorded: &Recorded, event: &booking::Event) -> Result<(), ProjectError> {
        match event {
            booking::Event::PaymentRequested { booking, customer, payment, method, amount, .. } => {
                self.insert(recorded, *payment, Some(*booking), *customer, *method, *amount);
                Ok(())
            }
            booking::Event::PaymentFailed { payment, reason, .. } => {
                let reason = Word(*reason).to_string();
                self.change(recorded, *payment, move |row| {
                    row.failure_reason = Some(reason);
                    row.settle(PaymentStatus::Failed);
                })
            }
            booking::Event::BookingConfirmed { payment, .. } => {
                self.change(recorded, *payment, |row| row.settle(PaymentStatus::Captured))
            }
            booking::Event::BookingCancelled { refund_due: Some(due), .. } => {
                self.change(recorded, due.payment, |row| row.status = Word(PaymentStatus::Refunding))
            }
            booking::Event::BookingRefunded { payment, .. } => {
                self.change(recorded, *payment, |row| row.status = Word(PaymentStatus::Refunded))
            }
            booking::Event::BookingCancelled { refund_due: None, .. }
            | booking::Event::BookingOpened { .. }
            | booking::Event::BookingExpired { .. } => Ok(()),
        }
    }

    /// The statuses are those of the payment's own fold.
    pub fn apply_payment(&mut self, recorded: &Recorded, event: &payment::Event) -> Result<(), ProjectError> {
        let own = PaymentId(own_id(recorded)?);
        let status = match event {
            payment::Event::PaymentOpened { payment, customer, purpose, amount, fingerprint: _ } => {
                match purpose {
                    Purpose::TopUp | Purpose::Stray { of: _ } => {
                        self.insert(recorded, *payment, None, *customer, PaymentMethod::Card, *amount);
                    }
                    // The booking's request brought the row.
                    Purpose::Booking { booking: _ } => {}
                }
                return Ok(());
            }
            payment::Event::PaymentAttemptFailed { reason } => {
                let reason = reason.clone();
                return self.change(recorded, own, move |row| {
                    row.failure_reason.get_or_insert(reason);
                    row.status = Word(PaymentStatus::Failed);
                });
            }
            payment::Event::PaymentCaptured { .. } | payment::Event::ReviewDecided { .. } => {
                PaymentStatus::Captured
            }
            payment::Event::PaymentMismatched { .. } => PaymentStatus::Review,
            payment::Event::PaymentExpired {} => PaymentStatus::Expired,
            payment::Event::RefundRequested { .. } => PaymentStatus::Refunding,
            payment::Event::RefundCompleted { .. } => PaymentStatus::Refunded,
            payment::Event::CheckoutOpened { .. }
            | payment::Event::RefundAttempted { .. }
            | payment::Event::RefundSubmitted { .. }
            | payment::Event::RefundFailed { .. }
            | payment::Event::RefundPutInReview { .. } => return Ok(()),
        };
        self.change(recorded, own, move |row| row.status = Word(status))
    }

    /// Money that moved in a wallet because of an attempt.
    pub fn apply_wallet(&mut self, recorded: &Recorded, event: &wallet::Event) -> Result<(), ProjectError> {
        match event {
            wallet::Event::WalletDebited { reference, .. } => {
                let payment = PaymentId(reference.id);
                self.change(recorded, payment, |row| row.settle(PaymentStatus::Captured))
            }
            wallet::Event::WalletCredited { reference, .. } => match reference.kind {
                EntryKind::Refund => {
                    let payment = PaymentId(reference.id);
                    self.change(recorded, payment, |row| row.status = Word(PaymentStatus::Refunded))
                }
                EntryKind::TopUp | EntryKind::Payment | EntryKind::Credit => Ok(()),
            },
        }
    }

    fn insert(
        &mut self,
        recorded: &Recorded,
        payment: PaymentId,
        booking: Option<BookingId>,
        customer: UserId,
        method: PaymentMethod,
        amount: Money,
    ) {
        let row = Payment {
            payment_id: payment.0,
            booking_id: booking.map(|booking| booking.0),
            customer_id: customer.0,
            method: Word(method),
            status: Word(PaymentStatus::Pending),
            failure_reason: None,
            amount_minor: amount.amount_minor,
            currency: Word(amount.currency),
            created_at: recorded.metadata.time.to_sqlx(),
            position: stored(recorded.position),
        };
        self.0.insert(payment, row);
    }

    fn change(
        &mut self,
        recorded: &Recorded,
        payment: PaymentId,
        change: impl FnOnce(&mut Payment) + Send + 'static,
    ) -> Result<(), ProjectError> {
        let position = recorded.position;
        self.0.change(payment, position, move |row| {
            change(row);
            row.position = stored(position);
            Ok(())
        })
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.load(connection, SELECT, |payment| payment.0, |row| PaymentId(row.payment_id)).await?;
        let rows = self.0.changed();
        if !rows.is_empty() {
            sqlx::query(UPSERT)
                .bind(column(&rows, |payment, _| payment.0))
                .bind(column(&rows, |_, row| row.booking_id))
                .bind(column(&rows, |_, row| row.customer_id))
                .bind(column(&rows, |_, row| row.method))
                .bind(column(&rows, |_, row| row.status))
                .bind(column(&rows, |_, row| row.failure_reason.as_deref()))
                .bind(column(&rows, |_, row| row.amount_minor))
                .bind(column(&rows, |_, row| row.currency))
                .bind(column(&rows, |_, row| row.created_at))
                .bind(column(&rows, |_, row| row.position))
                .execute(connection)
                .await
                .map_err(database("writing payments"))?;
        }
        self.0.written();
        Ok(())
    }
}
