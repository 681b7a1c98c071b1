//! Bookings, payments and seats compared at the end of the log.

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, PaymentId,
    booking::{BookingStatus, PaymentMethod},
};

use super::{Attempt, Booking, Bookings, Outcome};
use crate::{
    findings::{Findings, InFlight, Invariant},
    seats::{Owner, Seats},
};

/// State at the end of the log, for comparing bookings, payments and seats.
pub(super) struct End<'a> {
    pub bookings: &'a Bookings,
    pub seats: &'a Seats,
    pub settled_before: Option<Timestamp>,
    pub findings: &'a mut Findings,
}

impl End<'_> {
    pub fn booking(&mut self, id: BookingId, booking: &Booking) {
        if booking.status != BookingStatus::Confirmed {
            return;
        }
        let Some(winner) = booking.winner else { return };
        let has = |seat| {
            let owner = self.seats.owner(&booking.screening, seat);
            owner.is_some_and(|owner| owner.booking == id && owner.sold_by == Some(winner))
        };
        if let Some(missing) = booking.seats.iter().find(|seat| !has(seat)) {
            let detail = format!("booking {id}, confirmed by {winner}, does not own seat {missing}");
            self.findings.violated(Invariant::ConfirmedHasSeats, booking.position, detail);
        }
        let attempt = self.bookings.attempts.get(&winner);
        let paid = match attempt.map(|attempt| attempt.method) {
            Some(PaymentMethod::Wallet) => attempt.is_some_and(|attempt| attempt.debited_minor.is_some()),
            Some(PaymentMethod::Card) => self.bookings.refunds.is_captured(winner),
            Some(
                PaymentMethod::Cash
                | PaymentMethod::CardTerminal
                | PaymentMethod::Upi
                | PaymentMethod::Complimentary,
            ) => {
                let sale = self.bookings.sales.get(&winner);
                sale.is_some_and(|sale| sale.amount_minor == booking.amount_minor)
            }
            None => false,
        };
        if !paid && booking.amount_minor > 0 {
            let detail = format!("booking {id} was confirmed by {winner}, which took no money");
            self.findings.violated(Invariant::SoldIsPaid, booking.position, detail);
        }
    }

    pub fn attempt(&mut self, payment: PaymentId, attempt: &Attempt) {
        let booking = self.bookings.opened.get(&attempt.booking);
        if attempt.method.is_of_counter() {
            return self.sale(payment, attempt, booking);
        }
        if attempt.method != PaymentMethod::Wallet {
            return;
        }
        let status = booking.filter(|_| attempt.outcome == Outcome::Confirmed).map(|booking| booking.status);
        let kept = booking.is_some_and(|booking| booking.kept);
        let taken = attempt.owed_minor().is_some_and(|minor| minor > 0);
        let refunded = attempt.credited_minor.is_some();
        let mut lost = |detail: &str| {
            let detail = format!("payment {payment} {detail}");
            self.findings.violated(Invariant::DebitSettled, attempt.position, detail);
        };
        match (attempt.outcome, status) {
            (Outcome::Open, _) => {
                let (position, since) = (attempt.position, attempt.since);
                let what = "its outcome";
                self.wait(attempt.booking, payment, (position, since), what, taken && !refunded);
            }
            (Outcome::Failed, _) if taken && !refunded => lost("failed and was not refunded"),
            (Outcome::Confirmed, Some(BookingStatus::Confirmed)) if refunded => {
                lost("was refunded while its booking is confirmed");
            }
            (Outcome::Confirmed, Some(BookingStatus::Refunded)) if taken && !refunded => {
                lost("is recorded as refunded, but the wallet was not credited");
            }
            (Outcome::Confirmed, Some(BookingStatus::Cancelled)) if kept && refunded => {
                lost("was refunded, although nothing was due");
            }
            (Outcome::Confirmed, Some(BookingStatus::Cancelled)) if taken && !refunded && !kept => {
                let changed = booking.map(|booking| (booking.position, booking.since));
                let began = changed.unwrap_or((attempt.position, attempt.since));
                self.wait(attempt.booking, payment, began, "its refund", true);
            }
            (Outcome::Failed | Outcome::Confirmed, _) => {}
        }
    }

    /// Money that a seller took waits for its owner after a cancellation, however long.
    fn sale(&mut self, payment: PaymentId, attempt: &Attempt, booking: Option<&Booking>) {
        if let Some(&Booking {
            status: BookingStatus::Cancelled,
            amount_minor: 1..,
            kept: false,
            position,
            since,
            ..
        }) = booking
        {
            let (booking, waits_for) = (Some(attempt.booking), "its refund at the counter");
            self.findings.in_flight(InFlight { booking, payment, position, since, waits_for });
        }
    }

    /// Reports an unfinished payment: as a violation if it holds money and is overdue, else as in flight.
    pub fn wait(
        &mut self,
        booking: BookingId,
        payment: PaymentId,
        (position, since): (u64, Timestamp),
        waits_for: &'static str,
        money_waits: bool,
    ) {
        if money_waits && self.is_overdue(since) {
            let detail = format!("payment {payment} of booking {booking} still waits for {waits_for}");
            self.findings.violated(Invariant::DebitSettled, position, detail);
        } else {
            self.findings.in_flight(InFlight { booking: Some(booking), payment, position, since, waits_for });
        }
    }

    /// Reports a seat that is sold to a confirmed booking which has others: a move left it behind.
    pub fn sold_seat(&mut self, owner: &Owner, payment: PaymentId) {
        let id = owner.booking;
        let Some(booking) = self.bookings.opened.get(&id) else { return };
        let seats = self.seats;
        let is_own = |seat| seats.owner(&booking.screening, seat).is_some_and(|own| std::ptr::eq(own, owner));
        if booking.status != BookingStatus::Confirmed
            || self.bookings.moves.is_open(id)
            || booking.seats.iter().any(is_own)
        {
            return;
        }
        if self.is_overdue(owner.since) && self.is_overdue(booking.since) {
            let detail = format!("a seat is sold to booking {id}, which has others");
            return self.findings.violated(Invariant::SoldIsPaid, owner.position, detail);
        }
        let (position, since, waits_for) =
            (owner.position, owner.since, "the release of a seat that it left");
        self.findings.in_flight(InFlight { booking: Some(id), payment, position, since, waits_for });
    }

    pub fn buyer(&mut self, owner: Owner, payment: PaymentId) {
        let id = owner.booking;
        let booking = self.bookings.opened.get(&id);
        let attempt = self.bookings.attempts.get(&payment).filter(|attempt| attempt.booking == id);
        let outcome = attempt.map(|attempt| attempt.outcome);
        let confirmed = booking.is_some_and(|booking| booking.status == BookingStatus::Confirmed);
        // `booking` checks confirmed bookings, and `attempt` reports open attempts.
        if confirmed || outcome == Some(Outcome::Open) {
            return;
        }
        if let Some(&Booking { position, since, .. }) = booking
            && outcome == Some(Outcome::Confirmed)
            && !self.is_overdue(since)
        {
            let waits_for = "the release of its seats";
            self.findings.in_flight(InFlight { booking: Some(id), payment, position, since, waits_for });
            return;
        }
        if let Some(sale) = self.bookings.sales.get(&payment)
            && booking.is_none()
            && !self.is_overdue(sale.since)
        {
            let (position, since, waits_for) = (owner.position, sale.since, "its tickets");
            self.findings.in_flight(InFlight { booking: Some(id), payment, position, since, waits_for });
            return;
        }
        let detail = format!("seats were sold to booking {id}, which is not confirmed");
        self.findings.violated(Invariant::SoldIsPaid, owner.position, detail);
    }

    fn is_overdue(&self, since: Timestamp) -> bool {
        self.settled_before.is_some_and(|settled_before| since < settled_before)
    }
}
