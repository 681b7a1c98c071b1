//! Money that goes back: of cancelled bookings, and of seats that were given back.

use ticketshow_domain::{
    BookingId, Money, PaymentId, SeatName,
    booking::{BookingStatus, CancelledBy, PaymentMethod, RefundDue},
    seat_return::{RefundWay, SeatReturn},
};
use ticketshow_nats::log::envelope::RecordedEvent;

use super::{Bookings, Returned};
use crate::findings::{Findings, Invariant};

impl Bookings {
    /// Checks that a seller hands back exactly what the cancellation owes.
    pub(super) fn check_payout(
        &self,
        id: BookingId,
        payment: PaymentId,
        amount: Money,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let owed = self.attempts.get(&payment).map(|attempt| attempt.due_minor);
        if owed.is_some_and(|owed| owed != Some(amount.amount_minor)) {
            let detail = format!("booking {id} was refunded a different amount than was left of its sale");
            findings.violated(Invariant::RefundWithinPayment, recorded.position, detail);
        }
    }

    /// Notes the refund of a cancelled booking. It gets back no more than it paid, and everything from the house.
    pub(super) fn owe(
        &mut self,
        id: BookingId,
        by: CancelledBy,
        due: Option<&RefundDue>,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let Some(booking) = self.opened.get_mut(&id) else { return };
        booking.kept = booking.winner.is_some() && due.is_none();
        let Some(due) = due else { return };
        if let Some(attempt) = self.attempts.get_mut(&due.payment) {
            attempt.due_minor = Some(due.amount.amount_minor);
        }
        let contributed = std::mem::take(&mut booking.contributed_minor);
        if !is_fair(due.amount.amount_minor + contributed, by, booking.worth_minor()) {
            let detail = format!("booking {id} gets back a different amount than it paid");
            findings.violated(Invariant::RefundWithinPayment, recorded.position, detail);
        }
    }

    /// Takes seats out of a confirmed booking.
    pub(super) fn give_back(
        &mut self,
        id: BookingId,
        returned: &SeatReturn,
        due: &RefundDue,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let Some(booking) = self.opened.get_mut(&id) else { return };
        let has = |seat: &SeatName| booking.seats.contains(seat);
        if booking.status != BookingStatus::Confirmed || !returned.seats.iter().all(has) {
            let detail = format!("booking {id} gave seats back that it did not have");
            findings.violated(Invariant::ConfirmedHasSeats, recorded.position, detail);
        }
        let (given, left): (Vec<_>, Vec<_>) =
            booking.priced.iter().cloned().partition(|priced| returned.seats.contains(&priced.seat));
        if given.is_empty() {
            // Contribution of the payment of a difference to the refund that comes next.
            booking.contributed_minor += due.amount.amount_minor;
        } else {
            let contributed = std::mem::take(&mut booking.contributed_minor);
            let worth_minor = booking.charges.total_minor(&given) - booking.charges.booking_fee_minor();
            if !is_fair(due.amount.amount_minor + contributed, returned.by, worth_minor) {
                let detail = format!("booking {id} gets back a different amount than it paid for the seats");
                findings.violated(Invariant::RefundWithinPayment, recorded.position, detail);
            }
        }
        booking.priced = left.into();
        booking.seats = booking.seats.iter().filter(|seat| !returned.seats.contains(seat)).cloned().collect();
        if let Some(attempt) = self.attempts.get_mut(&due.payment) {
            attempt.returned_minor += due.amount.amount_minor;
        }
        self.refunds.add_part(returned.id, due.payment);
        if due.method == PaymentMethod::Wallet && returned.refund != RefundWay::None {
            let (position, since) = (recorded.position, recorded.metadata.time);
            let (amount_minor, credited) = (due.amount.amount_minor, false);
            let back = Returned { booking: id, amount_minor, credited, position, since };
            self.returns.insert(returned.id, back);
        }
    }
}

/// Returns `true` if the refund is what seats cost, or, of a customer's own cancellation, no more than that.
fn is_fair(back_minor: i64, by: CancelledBy, worth_minor: i64) -> bool {
    match by {
        CancelledBy::Customer => (0..=worth_minor).contains(&back_minor),
        CancelledBy::House => back_minor == worth_minor,
    }
}
