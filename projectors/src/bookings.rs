//! `bookings`: what each customer booked and where it stands. Two streams tell of a booking, its screening's and, from
//! the first payment on, its own; the row keeps what either said, so that their order in the log does not matter. What
//! became of the money is in `payments`.

mod status;
mod table;

use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use ticketshow_domain::{
    BookingId,
    booking::{self, BookingStatus, CancelledBy, Ticket},
    screening::{self, ReleaseReason},
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
                    confirmed_at: None,
                    ticket_codes: String::new(),
                    checked_in: 0,
                    cancelled_by: None,
                    cancel_reason: None,
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
            screening::Event::TicketCheckedIn { booking, .. } => {
                self.change(recorded, *booking, |row| row.checked_in += 1)
            }
            // A cancelled screening's bookings are cancelled one by one.
            screening::Event::ScreeningOpened { .. }
            | screening::Event::ScreeningCancelled { .. }
            | screening::Event::ScreeningCleared { .. } => Ok(()),
        }
    }

    pub fn apply_booking(&mut self, recorded: &Recorded, event: &booking::Event) -> Result<(), ProjectError> {
        match event {
            booking::Event::BookingOpened { reservation } => {
                self.change(recorded, reservation.booking, |row| row.say(BookingStatus::Held))
            }
            booking::Event::PaymentRequested { booking, .. } => {
                self.change(recorded, *booking, |row| row.say(BookingStatus::Paying))
            }
            booking::Event::PaymentFailed { booking, status, .. } => {
                let status = *status;
                self.change(recorded, *booking, move |row| row.say(status))
            }
            booking::Event::BookingConfirmed { booking, payment, tickets, .. } => {
                let (payment, tickets, at) = (payment.0, tickets.clone(), recorded.metadata.time.to_sqlx());
                self.change(recorded, *booking, move |row| {
                    row.say(BookingStatus::Confirmed);
                    (row.payment_id, row.confirmed_at) = (Some(payment), Some(at));
                    row.issue(&tickets);
                })
            }
            booking::Event::BookingExpired { booking } => {
                self.change(recorded, *booking, |row| row.say(BookingStatus::Expired))
            }
            booking::Event::BookingCancelled { booking, by, reason, .. } => {
                let (by, reason) = (*by, reason.clone());
                self.change(recorded, *booking, move |row| {
                    row.say(BookingStatus::Cancelled);
                    row.cancelled_by = Some(Word(by));
                    row.cancel_reason = reason;
                })
            }
            booking::Event::BookingRefunded { booking, .. } => {
                self.change(recorded, *booking, |row| row.say(BookingStatus::Refunded))
            }
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

    /// Keeps the codes in the order of the seats.
    fn issue(&mut self, tickets: &[Ticket]) {
        let code = |seat: &str| {
            tickets.iter().find(|ticket| ticket.seat.0 == seat).map(|ticket| ticket.code.as_str())
        };
        self.ticket_codes = join(split(&self.seats).map(|seat| code(seat).unwrap_or_default()));
    }
}
