//! `payments`: every attempt to pay, and its money. An attempt for a booking begins in the booking's stream; a card payment
//! continues in a stream of its own, a wallet payment in the wallet.

mod changes;
mod differences;

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    BookingId, Currency, Money, PaymentId, UserId,
    booking::{self, PaymentMethod, RefundDue},
    payment::{self, DisputeStatus, PaymentStatus, Purpose, RefundReason, RefundStatus},
    seat_move::SeatMove,
    seat_return::RefundWay,
    wallet::{self, EntryKind},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use self::{changes::failure_of, differences::Difference};
use super::money_sums::MoneySums;
use crate::{
    columns::{own_id, stored},
    error::ProjectError,
    rows::{Row, Rows},
    table::{Table, table},
    text::Word,
};

/// Rows kept in memory.
const KEPT: usize = 20_000;

table! {
    struct Payment in payments {
        payment_id: Uuid as key,
        booking_id: Option<Uuid> as fixed,
        stray_of: Option<Uuid> as fixed,
        part_of: Option<Uuid> as fixed,
        customer_id: Uuid as fixed,
        method: Word<PaymentMethod> as fixed,
        status: Word<PaymentStatus>,
        failure_reason: Option<String>,
        amount_minor: i64 as fixed,
        currency: Word<Currency> as fixed,
        checkout_url: Option<String>,
        checkout_until: Option<Timestamp>,
        captured_minor: Option<i64>,
        captured_currency: Option<Word<Currency>>,
        captured_at: Option<Timestamp>,
        provider_payment: Option<String>,
        refund_status: Option<Word<RefundStatus>>,
        refund_target: Option<Word<PaymentMethod>>,
        refund_reason: Option<Word<RefundReason>>,
        refund_failure: Option<String>,
        provider_refund: Option<String>,
        refund_requested_at: Option<Timestamp>,
        refunded_at: Option<Timestamp>,
        dispute_status: Option<Word<DisputeStatus>>,
        confirmed_minor: Option<i64>,
        debited_minor: i64,
        topped_up_minor: i64,
        credited_minor: i64,
        split_minor: i64,
        difference: Option<Word<Difference>>,
        differs_since: Option<Timestamp>,
        created_at: Timestamp as fixed,
        position: i64,
    }
}

impl Row for Payment {
    fn changed_at(&mut self, position: i64) {
        self.position = position;
    }
}

/// Purpose of an attempt.
#[derive(Clone, Copy)]
enum Of {
    Booking(BookingId),
    TopUp,
    Stray(PaymentId),
    Part(PaymentId, BookingId),
}

/// The table.
pub(crate) struct Payments(Rows<PaymentId, Payment>);

impl Payments {
    pub fn new() -> Self {
        Self(Rows::new("payments", KEPT))
    }

    pub fn apply_booking(
        &mut self,
        recorded: &RecordedEvent,
        event: &booking::Event,
    ) -> Result<(), ProjectError> {
        let at = time_of(recorded);
        match event {
            booking::Event::PaymentAttemptStarted { booking, customer, payment, method, amount, .. } => {
                self.insert(recorded, *payment, Of::Booking(*booking), *customer, *method, *amount);
                if !method.is_of_counter() {
                    return Ok(());
                }
                // The seller has the money.
                let amount = *amount;
                self.change(*payment, recorded, move |row| row.take(amount, at))
            }
            booking::Event::PaymentAttemptFailed { payment, reason, .. } => {
                let reason = *reason;
                self.change(*payment, recorded, move |row| row.fail(reason))
            }
            booking::Event::BookingConfirmed { payment, amount, .. } => {
                let price = amount.amount_minor;
                self.change(*payment, recorded, move |row| {
                    row.settle(PaymentStatus::Captured);
                    row.confirmed_minor = Some(price);
                })
            }
            booking::Event::BookingCancelled { by, refund_due: Some(due), .. } => {
                let (by, due) = (*by, *due);
                self.change(due.payment, recorded, move |row| row.owe(&due, by, at))
            }
            booking::Event::SeatsReturned { booking, customer, returned, due, .. } => {
                self.split_off(recorded, *booking, *customer, (returned.id, returned.refund), due)
            }
            booking::Event::MoveRequested { booking, customer, wanted } => {
                if let Some(to_pay) = wanted.to_pay {
                    let (of, method) = (Of::Booking(*booking), wanted.difference_method());
                    self.insert(recorded, wanted.id, of, *customer, method, to_pay);
                }
                Ok(())
            }
            booking::Event::MoveRefused { wanted, reason, .. } => match wanted.to_pay {
                Some(_) => {
                    let reason = failure_of(*reason);
                    self.change(wanted.id, recorded, move |row| row.fail(reason))
                }
                None => Ok(()),
            },
            booking::Event::BookingMoved { booking, customer, moved, .. } => {
                self.follow_move(recorded, *booking, *customer, moved)
            }
            booking::Event::ReturnRefunded { payment, target, .. } => {
                let target = PaymentMethod::from(*target);
                self.change(*payment, recorded, move |row| row.complete_refund(target, at))
            }
            booking::Event::BookingRefunded { payment, target, .. } => {
                let target = *target;
                self.change(*payment, recorded, move |row| row.complete_refund(target, at))
            }
            booking::Event::BookingCancelled { refund_due: None, .. }
            // Its payment says that it was captured.
            | booking::Event::MovePaid { .. }
            | booking::Event::BookingOpened { .. }
            | booking::Event::BookingExpired { .. }
            | booking::Event::NoteAdded { .. }
            | booking::Event::BuyerErased { .. }
            | booking::Event::TicketShared { .. }
            | booking::Event::ShareEnded { .. }
            | booking::Event::DiscountApplied { .. }
            | booking::Event::DiscountRemoved { .. }
            | booking::Event::BookingRescheduled { .. } => Ok(()),
        }
    }

    /// Applies an event of a card payment; the statuses equal those of its aggregate.
    pub fn apply_payment(
        &mut self,
        recorded: &RecordedEvent,
        event: &payment::Event,
    ) -> Result<(), ProjectError> {
        if let payment::Event::PaymentOpened { payment, customer, purpose, amount, fingerprint: _ } = event {
            match purpose {
                Purpose::TopUp => {
                    self.insert(recorded, *payment, Of::TopUp, *customer, PaymentMethod::Card, *amount);
                }
                Purpose::Stray { of } => {
                    self.insert(recorded, *payment, Of::Stray(*of), *customer, PaymentMethod::Card, *amount);
                }
                // The booking has created the row.
                Purpose::Booking { .. } | Purpose::Difference { .. } | Purpose::Part { .. } => {}
            }
            return Ok(());
        }
        let (own, at, event) = (PaymentId(own_id(recorded)?), time_of(recorded), event.clone());
        self.change(own, recorded, move |row| row.apply(event, at))
    }

    /// Applies a movement in a wallet that an attempt caused.
    pub fn apply_wallet(
        &mut self,
        recorded: &RecordedEvent,
        event: &wallet::Event,
    ) -> Result<(), ProjectError> {
        let at = time_of(recorded);
        match event {
            wallet::Event::WalletDebited { reference, amount, .. } => {
                let amount = *amount;
                self.change(PaymentId(reference.id), recorded, move |row| {
                    row.settle(PaymentStatus::Captured);
                    row.capture(amount, at);
                    row.debited_minor += amount.amount_minor;
                })
            }
            wallet::Event::WalletCredited { reference, amount, .. } => {
                let amount = *amount;
                match reference.kind {
                    EntryKind::Refund => self.change(PaymentId(reference.id), recorded, move |row| {
                        row.complete_refund(PaymentMethod::Wallet, at);
                        row.credited_minor += amount.amount_minor;
                    }),
                    EntryKind::TopUp => self.change(PaymentId(reference.id), recorded, move |row| {
                        row.topped_up_minor += amount.amount_minor;
                    }),
                    EntryKind::Payment | EntryKind::Credit => Ok(()),
                }
            }
            // The booking says next that the attempt failed.
            wallet::Event::CreditProposed { .. } | wallet::Event::WalletDebitDeclined { .. } => Ok(()),
        }
    }

    /// Adds the payment that refunds seats that were given back. A card payment says itself what was split off it.
    fn split_off(
        &mut self,
        recorded: &RecordedEvent,
        booking: BookingId,
        customer: UserId,
        (id, refund): (PaymentId, RefundWay),
        due: &RefundDue,
    ) -> Result<(), ProjectError> {
        let (RefundDue { payment, method, amount, .. }, at) = (*due, time_of(recorded));
        let is_by_card = method == PaymentMethod::Card;
        if let Some(target) = refund.destination(method) {
            let is_back = refund == RefundWay::Cash;
            self.insert(recorded, id, Of::Part(payment, booking), customer, method, amount);
            self.change(id, recorded, move |row| {
                if !is_by_card {
                    row.capture(amount, at);
                }
                row.request_refund(target, Some(RefundReason::SeatsReturned), at);
                if is_back {
                    row.complete_refund(target, at);
                }
            })?;
        }
        if !is_by_card {
            self.change(payment, recorded, move |row| row.split_minor += amount.amount_minor)?;
        }
        Ok(())
    }

    /// Settles a difference: a payment of its own has bought something, another one is added to the payment that bought the booking, so
    /// that its refunds include it, or one is split off that.
    fn follow_move(
        &mut self,
        recorded: &RecordedEvent,
        booking: BookingId,
        customer: UserId,
        moved: &SeatMove,
    ) -> Result<(), ProjectError> {
        match (moved.to_pay, moved.apart) {
            (Some(to_pay), Some(_)) => self.change(moved.id, recorded, move |row| {
                row.settle(PaymentStatus::Captured);
                row.confirmed_minor = Some(to_pay.amount_minor);
            })?,
            (Some(to_pay), None) => {
                self.change(moved.id, recorded, Payment::give_to_whole)?;
                self.change(moved.payment, recorded, move |row| row.add_difference(to_pay.amount_minor))?;
            }
            (None, _) => {}
        }
        match moved.refund_due() {
            Some(due) => self.split_off(recorded, booking, customer, (moved.id, RefundWay::Original), &due),
            None => Ok(()),
        }
    }

    /// Changes a row because of an event, and compares it with the records that it must match.
    fn change(
        &mut self,
        payment: PaymentId,
        recorded: &RecordedEvent,
        change: impl FnOnce(&mut Payment) + Send + 'static,
    ) -> Result<(), ProjectError> {
        let at = time_of(recorded);
        self.0.change(payment, recorded.position, move |row| {
            change(row);
            let difference = row.difference().map(Word);
            if row.difference != difference {
                row.differs_since = difference.map(|_| at);
                row.difference = difference;
            }
        })
    }

    fn insert(
        &mut self,
        recorded: &RecordedEvent,
        payment: PaymentId,
        of: Of,
        customer: UserId,
        method: PaymentMethod,
        amount: Money,
    ) {
        let (booking_id, stray_of, part_of) = match of {
            Of::Booking(booking) => (Some(booking.0), None, None),
            Of::Stray(payment) => (None, Some(payment.0), None),
            Of::Part(payment, booking) => (Some(booking.0), None, Some(payment.0)),
            Of::TopUp => (None, None, None),
        };
        let row = Payment {
            payment_id: payment.0,
            booking_id,
            stray_of,
            part_of,
            customer_id: customer.0,
            method: Word(method),
            status: Word(PaymentStatus::Pending),
            failure_reason: None,
            amount_minor: amount.amount_minor,
            currency: Word(amount.currency),
            checkout_url: None,
            checkout_until: None,
            captured_minor: None,
            captured_currency: None,
            captured_at: None,
            provider_payment: None,
            refund_status: None,
            refund_target: None,
            refund_reason: None,
            refund_failure: None,
            provider_refund: None,
            refund_requested_at: None,
            refunded_at: None,
            dispute_status: None,
            confirmed_minor: None,
            debited_minor: 0,
            topped_up_minor: 0,
            credited_minor: 0,
            split_minor: 0,
            difference: None,
            differs_since: None,
            created_at: time_of(recorded),
            position: stored(recorded.position),
        };
        self.0.insert(payment, row);
    }

    pub async fn flush(
        &mut self,
        connection: &mut PgConnection,
        sums: &mut MoneySums,
    ) -> Result<(), ProjectError> {
        const COUNTED: &str = "
            SELECT 'captured' AS total, method AS part, captured_currency AS currency, count(*),
                   sum(captured_minor)::text AS amount_minor
            FROM payments WHERE payment_id = ANY($1) AND captured_minor IS NOT NULL AND part_of IS NULL GROUP BY 2, 3
            UNION ALL
            SELECT 'refunded', refund_target, COALESCE(captured_currency, currency), count(*),
                   sum(COALESCE(captured_minor, 0) - split_minor)::text
            FROM payments WHERE payment_id = ANY($1) AND refund_status = 'completed' GROUP BY 2, 3";
        let (parameter, key) = (|payment: &PaymentId| payment.0, |row: &Payment| PaymentId(row.payment_id));
        self.0.load(connection, &Payment::statements().select, parameter, key).await?;
        let changed: Vec<Uuid> = self.0.changed().into_iter().map(|(payment, _)| payment.0).collect();
        if changed.is_empty() {
            return Ok(());
        }
        sums.take_off(connection, COUNTED, changed).await?;
        for (_, row) in self.0.changed() {
            row.count(sums);
        }
        self.0.flush(connection, parameter, key).await
    }
}

fn time_of(recorded: &RecordedEvent) -> Timestamp {
    recorded.metadata.time.to_sqlx()
}
