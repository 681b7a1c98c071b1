//! `bookings`: what each customer booked and where it stands. Two streams tell of a booking, its screening's and, from
//! the first payment on, its own; the row keeps what either said, so that their order in the log does not matter.

mod status;
mod table;

use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use ticketshow_domain::{
    BookingId, PaymentId,
    booking::{self, BookingStatus, CancelledBy, PaymentMethod, Ticket},
    payment::{PaymentStatus, RefundStatus, RefundTarget},
    screening::{self, ReleaseReason},
    wallet::{self, EntryKind},
};
use ticketshow_nats::Recorded;

use crate::{
    error::ProjectError,
    read_models::{own_id, stored},
    rows::Rows,
    words::{Word, join, split},
};
use status::Claim;
use table::Booking;

/// Rows kept at hand.
const KEPT: usize = 20_000;

/// The table.
pub(crate) struct Bookings(Rows<BookingId, Booking>);

impl Bookings {
    pub fn new() -> Self {
        Self(Rows::new("bookings", KEPT))
    }

    pub fn apply_screening(
        &mut self,
        recorded: &Recorded,
        event: &screening::Event,
    ) -> Result<(), ProjectError> {
        match event {
            screening::Event::SeatsReserved {
                booking,
                customer,
                seats,
                amount,
                held_until,
                fingerprint: _,
            } => {
                let row = Booking {
                    booking_id: booking.0,
                    screening_id: own_id(recorded)?,
                    customer_id: customer.0,
                    booking_status: None,
                    claim: Word(Claim::Held),
                    seats: join(seats.iter().map(|seat| seat.0.as_str())),
                    amount_minor: amount.amount_minor,
                    currency: Word(amount.currency),
                    held_until: held_until.to_sqlx(),
                    payment_id: None,
                    payment_method: None,
                    payment_status: None,
                    ticket_codes: String::new(),
                    cancelled_by: None,
                    cancel_reason: None,
                    refund_target: None,
                    refund_status: None,
                    created_at: recorded.metadata.time.to_sqlx(),
                    position: stored(recorded.position),
                };
                self.0.insert(*booking, row);
                Ok(())
            }
            screening::Event::HoldExtended { booking, held_until } => {
                let held_until = held_until.to_sqlx();
                self.change(recorded, *booking, move |row| row.held_until = held_until)
            }
            screening::Event::SeatsReleased { booking, seats: _, reason } => {
                let reason = *reason;
                self.change(recorded, *booking, move |row| row.release(reason))
            }
            screening::Event::SeatsSold { booking, .. } => {
                self.change(recorded, *booking, |row| row.claim = Word(Claim::Sold))
            }
            // A cancelled screening's bookings are cancelled one by one.
            screening::Event::ScreeningOpened { .. }
            | screening::Event::ScreeningCancelled { .. }
            | screening::Event::TicketCheckedIn { .. } => Ok(()),
        }
    }

    pub fn apply_booking(&mut self, recorded: &Recorded, event: &booking::Event) -> Result<(), ProjectError> {
        match event {
            booking::Event::BookingOpened { reservation } => {
                self.change(recorded, reservation.booking, |row| row.say(BookingStatus::Held))
            }
            booking::Event::PaymentRequested { booking, payment, method, .. } => {
                let (payment, method) = (*payment, *method);
                self.change(recorded, *booking, move |row| {
                    row.say(BookingStatus::Paying);
                    row.pay_by(payment, method, PaymentStatus::Pending);
                })
            }
            booking::Event::PaymentFailed { booking, payment, reason: _, status } => {
                let (payment, status) = (*payment, *status);
                self.change(recorded, *booking, move |row| {
                    row.say(status);
                    row.settle(payment, PaymentStatus::Failed);
                })
            }
            booking::Event::BookingConfirmed { booking, payment, method, tickets, .. } => {
                let (payment, method, tickets) = (*payment, *method, tickets.clone());
                self.change(recorded, *booking, move |row| {
                    row.say(BookingStatus::Confirmed);
                    row.pay_by(payment, method, PaymentStatus::Captured);
                    row.issue(&tickets);
                })
            }
            booking::Event::BookingExpired { booking } => {
                self.change(recorded, *booking, |row| row.say(BookingStatus::Expired))
            }
            booking::Event::BookingCancelled { booking, by, reason, refund_due, .. } => {
                let (by, reason, refund_due) = (*by, reason.clone(), *refund_due);
                self.change(recorded, *booking, move |row| {
                    row.say(BookingStatus::Cancelled);
                    row.cancelled_by = Some(Word(by));
                    row.cancel_reason = reason;
                    if let Some(due) = refund_due {
                        row.refund(due.payment, target_of(due.method), RefundStatus::Requested);
                    }
                })
            }
            booking::Event::BookingRefunded { booking, payment, target, .. } => {
                let (payment, target) = (*payment, *target);
                self.change(recorded, *booking, move |row| {
                    row.say(BookingStatus::Refunded);
                    row.refund(payment, target, RefundStatus::Completed);
                })
            }
        }
    }

    /// Money that moved in a wallet because of a booking.
    pub fn apply_wallet(&mut self, recorded: &Recorded, event: &wallet::Event) -> Result<(), ProjectError> {
        match event {
            wallet::Event::WalletDebited { reference, booking, .. } => {
                let payment = PaymentId(reference.id);
                self.change(recorded, *booking, move |row| row.settle(payment, PaymentStatus::Captured))
            }
            wallet::Event::WalletCredited { reference, booking: Some(booking), .. } => match reference.kind {
                EntryKind::Refund => {
                    let payment = PaymentId(reference.id);
                    self.change(recorded, *booking, move |row| {
                        row.refund(payment, RefundTarget::Wallet, RefundStatus::Completed);
                    })
                }
                EntryKind::TopUp | EntryKind::Payment | EntryKind::Credit => Ok(()),
            },
            wallet::Event::WalletCredited { booking: None, .. } => Ok(()),
        }
    }

    fn change(
        &mut self,
        recorded: &Recorded,
        booking: BookingId,
        change: impl FnOnce(&mut Booking) + Send + 'static,
    ) -> Result<(), ProjectError> {
        let position = recorded.position;
        self.0.change(booking, position, move |row| {
            change(row);
            row.position = stored(position);
            Ok(())
        })
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        table::flush(&mut self.0, connection).await
    }
}

impl Booking {
    /// What the booking's own stream says from now on.
    fn say(&mut self, status: BookingStatus) {
        self.booking_status = Some(Word(status));
    }

    fn release(&mut self, reason: ReleaseReason) {
        let by = match reason {
            ReleaseReason::Lapsed | ReleaseReason::GivenUp => None,
            ReleaseReason::CancelledByCustomer => Some(CancelledBy::Customer),
            ReleaseReason::CancelledByHouse => Some(CancelledBy::House),
        };
        self.claim = Word(self.claim.0.released(reason));
        if self.claim.0 == Claim::Cancelled && self.cancelled_by.is_none() {
            self.cancelled_by = by.map(Word);
        }
    }

    /// The attempt that counts from now on.
    fn pay_by(&mut self, payment: PaymentId, method: PaymentMethod, status: PaymentStatus) {
        self.payment_id = Some(payment.0);
        self.payment_method = Some(Word(method));
        self.payment_status = Some(Word(status));
    }

    /// How an attempt went that nobody has settled yet, if it is the one that counts.
    fn settle(&mut self, payment: PaymentId, status: PaymentStatus) {
        if self.payment_id == Some(payment.0) && self.payment_status == Some(Word(PaymentStatus::Pending)) {
            self.payment_status = Some(Word(status));
        }
    }

    fn refund(&mut self, payment: PaymentId, target: RefundTarget, status: RefundStatus) {
        self.refund_target = Some(Word(target));
        self.refund_status = Some(Word(status));
        if self.payment_id == Some(payment.0) {
            let done = status == RefundStatus::Completed;
            let payment = if done { PaymentStatus::Refunded } else { PaymentStatus::Refunding };
            self.payment_status = Some(Word(payment));
        }
    }

    /// Keeps the codes in the order of the seats.
    fn issue(&mut self, tickets: &[Ticket]) {
        let code = |seat: &str| {
            tickets.iter().find(|ticket| ticket.seat.0 == seat).map(|ticket| ticket.code.as_str())
        };
        self.ticket_codes = join(split(&self.seats).map(|seat| code(seat).unwrap_or_default()));
    }
}

fn target_of(method: PaymentMethod) -> RefundTarget {
    match method {
        PaymentMethod::Wallet => RefundTarget::Wallet,
        PaymentMethod::Card => RefundTarget::Card,
    }
}
