//! Bookings and their payments: money, seats, tickets and status agree at the end of the log.

mod end;
mod moves;
mod refunds;
mod returning;
mod wallet;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, PaymentId, SeatName,
    booking::{BookingStatus, Event, PaymentMethod, Ticket},
    hold::{PricedSeat, Reservation},
    payment,
    pricing::Charges,
    screening,
    seat_move::SeatMove,
};
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::{
    bookings::{end::End, moves::Moves, refunds::Refunds},
    findings::{Findings, Invariant},
    seats::Seats,
    versions::digest,
};

/// All bookings with a payment attempt, and the attempts.
#[derive(Debug, Default)]
pub(super) struct Bookings {
    opened: HashMap<BookingId, Booking>,
    attempts: HashMap<PaymentId, Attempt>,
    refunds: Refunds,
    /// Seats paid from wallets that were given back, by the payment that refunds them.
    returns: HashMap<PaymentId, Returned>,
    moves: Moves,
    codes: HashSet<u128>,
    /// Payments that a seller took, as their screenings decided.
    sales: HashMap<PaymentId, Sale>,
}

#[derive(Debug)]
struct Sale {
    amount_minor: i64,
    since: Timestamp,
}

/// Seats paid from a wallet that were given back.
#[derive(Debug)]
struct Returned {
    booking: BookingId,
    amount_minor: i64,
    credited: bool,
    position: u64,
    since: Timestamp,
}

#[derive(Debug)]
struct Booking {
    screening: Box<str>,
    seats: Box<[SeatName]>,
    amount_minor: i64,
    /// Prices of these seats, and the fee of the booking.
    priced: Box<[PricedSeat]>,
    charges: Charges,
    /// Contributions of the payments of differences to the refund whose event comes next.
    contributed_minor: i64,
    status: BookingStatus,
    winner: Option<PaymentId>,
    refunded: bool,
    /// The house keeps the money of a cancelled booking.
    kept: bool,
    /// Position of the last change of its status.
    position: u64,
    since: Timestamp,
}

#[derive(Debug)]
struct Attempt {
    booking: BookingId,
    method: PaymentMethod,
    outcome: Outcome,
    debited_minor: Option<i64>,
    credited_minor: Option<i64>,
    /// Refunds of seats that were given back, and differences that moves left.
    returned_minor: i64,
    /// Differences that moves cost.
    added_minor: i64,
    /// Refund of a cancelled booking.
    due_minor: Option<i64>,
    position: u64,
    since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Open,
    Failed,
    Confirmed,
}

impl Bookings {
    pub fn take_booking(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        match event {
            Event::BookingOpened { reservation, sale: _ } => {
                self.opened.insert(reservation.booking, Booking::new(reservation, recorded));
            }
            Event::PaymentAttemptStarted { booking, payment, method, .. } => {
                self.attempts.insert(*payment, Attempt::new(*booking, *method, recorded));
                self.change(*booking, BookingStatus::Paying, recorded, findings);
            }
            Event::PaymentAttemptFailed { booking, payment, reason: _, status } => {
                self.fail(*booking, *payment, *status, recorded, findings);
            }
            Event::BookingConfirmed { booking, payment, tickets, .. } => {
                self.confirm(*booking, *payment, tickets, recorded, findings);
            }
            Event::BookingExpired { booking } => {
                self.change(*booking, BookingStatus::Expired, recorded, findings);
            }
            Event::BookingCancelled { booking, by, refund_due, .. } => {
                self.owe(*booking, *by, refund_due.as_ref(), recorded, findings);
                self.change(*booking, BookingStatus::Cancelled, recorded, findings);
            }
            Event::SeatsReturned { booking, returned, due, .. } => {
                self.give_back(*booking, returned, due, recorded, findings);
            }
            Event::ReturnRefunded { payment, amount, .. } => {
                let known = self.returns.get(payment);
                if known.is_some_and(|known| !known.credited && amount.amount_minor > 0) {
                    let detail =
                        format!("return {payment} is recorded as refunded, but the wallet was not credited");
                    findings.violated(Invariant::DebitSettled, recorded.position, detail);
                }
            }
            Event::BookingRefunded { booking, payment, amount, counter, .. } => {
                if counter.is_some() {
                    self.check_payout(*booking, *payment, *amount, recorded, findings);
                }
                let known = self.opened.get_mut(booking);
                if known.is_some_and(|booking| std::mem::replace(&mut booking.refunded, true)) {
                    let detail = format!("booking {booking} was refunded again");
                    findings.violated(Invariant::RefundOnce, recorded.position, detail);
                }
                self.change(*booking, BookingStatus::Refunded, recorded, findings);
            }
            Event::TicketShared { booking, seat, .. } => self.check_share(*booking, seat, recorded, findings),
            Event::NoteAdded { .. }
            | Event::BuyerErased { .. }
            | Event::ShareEnded { .. }
            | Event::DiscountApplied { .. }
            | Event::DiscountRemoved { .. } => {}
            Event::BookingRescheduled { .. } => self.check_rescheduling(recorded, event, findings),
            Event::MoveRequested { booking, wanted, .. } => {
                self.moves.request(*booking, wanted, recorded, findings);
            }
            Event::MovePaid { wanted, .. } => self.moves.check_paid(wanted, recorded, findings),
            Event::MoveRefused { wanted, .. } => self.moves.refuse(wanted, recorded, findings),
            Event::BookingMoved { booking, moved, tickets, .. } => {
                self.follow_move(*booking, moved, tickets, recorded, findings);
            }
        }
    }

    fn check_share(
        &self,
        booking: BookingId,
        seat: &SeatName,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let known = self.opened.get(&booking);
        if !known.is_some_and(|known| known.winner.is_some() && known.seats.contains(seat)) {
            let detail = format!("booking {booking} shared a ticket for {seat}, which it did not have");
            findings.violated(Invariant::TicketsForOwnSeats, recorded.position, detail);
        }
    }

    /// Checks that a booking that is not over learns of its own screening.
    fn check_rescheduling(&self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let Event::BookingRescheduled { booking, rescheduling, .. } = event else { return };
        let known = self.opened.get(booking);
        let is_own = known.is_some_and(|known| *known.screening == *rescheduling.screening.to_string());
        let is_over = known.is_none_or(|known| {
            matches!(
                known.status,
                BookingStatus::Cancelled | BookingStatus::Refunded | BookingStatus::Expired
            )
        });
        if !is_own || is_over {
            let detail = format!("booking {booking} followed a change of {}", rescheduling.screening);
            findings.violated(Invariant::ChangeIsFollowed, recorded.position, detail);
        }
    }

    pub fn take_screening(&mut self, recorded: &RecordedEvent, event: &screening::Event) {
        if let screening::Event::SeatsSoldAtCounter { amount, sale, .. } = event {
            let (amount_minor, since) = (amount.amount_minor, recorded.metadata.time);
            self.sales.insert(sale.payment, Sale { amount_minor, since });
        }
    }

    /// Gives a confirmed booking other seats and tickets, and settles the difference.
    fn follow_move(
        &mut self,
        id: BookingId,
        moved: &SeatMove,
        tickets: &[Ticket],
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        self.moves.complete(moved, recorded, findings);
        let mut violated = |invariant, detail| findings.violated(invariant, recorded.position, detail);
        let Some(booking) = self.opened.get_mut(&id) else { return };
        if booking.status != BookingStatus::Confirmed || booking.winner != Some(moved.payment) {
            violated(Invariant::ConfirmedStays, format!("booking {id} moved without being confirmed"));
        }
        let named = tickets.iter().map(|ticket| &ticket.seat);
        if !named.eq(moved.to.seats.iter().map(|priced| &priced.seat)) {
            violated(Invariant::TicketsForOwnSeats, format!("booking {id} has tickets for other seats"));
        }
        // A booking that returns to a seat has the same code again: the code names screening, booking and seat.
        self.codes.extend(tickets.iter().map(|ticket| digest(&ticket.code)));
        let before = booking.worth_minor();
        booking.priced = moved.to.seats.clone().into();
        booking.charges = moved.to.charges.clone();
        let (added, due) = (moved.to_pay.map_or(0, |to_pay| to_pay.amount_minor), moved.refund_due());
        let back = due.map_or(0, |due| due.amount.amount_minor);
        let contributed = std::mem::take(&mut booking.contributed_minor);
        if before + added - back - contributed != booking.worth_minor() {
            let detail =
                format!("move {} of booking {id} neither charges nor returns the difference", moved.id);
            violated(Invariant::DebitSettled, detail);
        }
        booking.seats = moved.new_seats().into();
        booking.screening = moved.to.screening.to_string().into();
        (booking.position, booking.since) = (recorded.position, recorded.metadata.time);
        let merged = if moved.apart.is_none() { added } else { 0 };
        if let Some(attempt) = self.attempts.get_mut(&moved.payment) {
            attempt.added_minor += merged;
            attempt.returned_minor += back;
        }
        match moved.apart {
            None if added > 0 => self.refunds.raise_paid(moved.payment, added),
            Some(PaymentMethod::Wallet) => self.refunds.add_paid(moved.id, added),
            // Its payment states the captured amount.
            Some(_) | None => {}
        }
        if let Some(due) = due {
            self.refunds.add_part(moved.id, due.payment);
            if due.method == PaymentMethod::Wallet {
                let (position, since) = (recorded.position, recorded.metadata.time);
                let back = Returned { booking: id, amount_minor: back, credited: false, position, since };
                self.returns.insert(moved.id, back);
            }
        }
    }

    /// Changes the status. A confirmed booking can only be cancelled or refunded; any other change is a violation and ignored.
    fn change(
        &mut self,
        id: BookingId,
        to: BookingStatus,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let Some(booking) = self.opened.get_mut(&id) else { return };
        let stays = match to {
            BookingStatus::Held | BookingStatus::Paying | BookingStatus::Expired => false,
            BookingStatus::Confirmed | BookingStatus::Cancelled | BookingStatus::Refunded => true,
        };
        if booking.status == BookingStatus::Confirmed && !stays {
            let detail = format!("booking {id} was confirmed");
            findings.violated(Invariant::ConfirmedStays, recorded.position, detail);
            return;
        }
        if booking.status != to {
            (booking.status, booking.position, booking.since) =
                (to, recorded.position, recorded.metadata.time);
        }
    }

    fn fail(
        &mut self,
        id: BookingId,
        payment: PaymentId,
        status: BookingStatus,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let Some(attempt) = self.attempts.get_mut(&payment) else { return };
        if attempt.outcome == Outcome::Confirmed {
            let detail = format!("payment {payment} failed after confirming booking {id}");
            findings.violated(Invariant::ConfirmedStays, recorded.position, detail);
            return;
        }
        attempt.outcome = Outcome::Failed;
        self.change(id, status, recorded, findings);
    }

    fn confirm(
        &mut self,
        id: BookingId,
        payment: PaymentId,
        tickets: &[Ticket],
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let mut violated = |invariant, detail| findings.violated(invariant, recorded.position, detail);
        for Ticket { seat, code } in tickets {
            if !self.codes.insert(digest(code)) {
                violated(
                    Invariant::CodesUnique,
                    format!("the code for {seat} of booking {id} was issued before"),
                );
            }
        }
        let Some(booking) = self.opened.get_mut(&id) else {
            violated(Invariant::SoldIsPaid, format!("booking {id} has no payment attempt"));
            return;
        };
        let mut own: Vec<_> = booking.seats.iter().collect();
        let mut named: Vec<_> = tickets.iter().map(|ticket| &ticket.seat).collect();
        own.sort_unstable();
        named.sort_unstable();
        if own != named {
            violated(Invariant::TicketsForOwnSeats, format!("booking {id} has tickets for other seats"));
        }
        if let Some(winner) = booking.winner.filter(|winner| *winner != payment) {
            violated(Invariant::ConfirmedStays, format!("booking {id} was already confirmed by {winner}"));
            return;
        }
        booking.winner = Some(payment);
        if let Some(attempt) = self.attempts.get_mut(&payment) {
            attempt.outcome = Outcome::Confirmed;
        }
        self.change(id, BookingStatus::Confirmed, recorded, findings);
    }

    pub fn take_payment(
        &mut self,
        recorded: &RecordedEvent,
        event: &payment::Event,
        findings: &mut Findings,
    ) {
        self.moves.take_payment(recorded, event);
        self.refunds.take_payment(recorded, event, findings);
    }

    /// Compares bookings, payments and seats at the end of the log.
    pub fn finish(&self, seats: &Seats, settled_before: Option<Timestamp>, findings: &mut Findings) {
        let mut end = End { bookings: self, seats, settled_before, findings };
        for (id, booking) in &self.opened {
            end.booking(*id, booking);
        }
        for (payment, attempt) in &self.attempts {
            end.attempt(*payment, attempt);
        }
        for (payment, back) in self.returns.iter().filter(|(_, back)| !back.credited && back.amount_minor > 0)
        {
            let began = (back.position, back.since);
            end.wait(back.booking, *payment, began, "its refund", true);
        }
        for (id, known) in self.moves.unsettled() {
            end.wait(
                known.booking,
                *id,
                (known.position, known.since),
                "the end of its move",
                known.has_money(),
            );
        }
        let mut seen = HashSet::new();
        for (owner, payment) in seats.buyers() {
            end.sold_seat(owner, payment);
            if seen.insert(owner.booking) {
                end.buyer(*owner, payment);
            }
        }
    }
}

impl Attempt {
    fn new(booking: BookingId, method: PaymentMethod, recorded: &RecordedEvent) -> Self {
        Self {
            booking,
            method,
            outcome: Outcome::Open,
            debited_minor: None,
            credited_minor: None,
            returned_minor: 0,
            added_minor: 0,
            due_minor: None,
            position: recorded.position,
            since: recorded.metadata.time,
        }
    }

    /// Returns the refund of a debit of a wallet: the amount in the cancellation, else everything that moves and
    /// returned seats have left.
    fn owed_minor(&self) -> Option<i64> {
        let debited_minor = self.debited_minor?;
        Some(self.due_minor.unwrap_or(debited_minor + self.added_minor - self.returned_minor))
    }
}

impl Booking {
    fn new(reservation: &Reservation, recorded: &RecordedEvent) -> Self {
        Self {
            screening: reservation.screening.to_string().into(),
            seats: reservation.seats.iter().map(|priced| priced.seat.clone()).collect(),
            amount_minor: reservation.amount.amount_minor,
            priced: reservation.seats.clone().into(),
            charges: reservation.charges.clone(),
            contributed_minor: 0,
            status: BookingStatus::Held,
            winner: None,
            refunded: false,
            kept: false,
            position: recorded.position,
            since: recorded.metadata.time,
        }
    }

    /// Returns the amount that counts as paid for its seats, in minor units.
    fn worth_minor(&self) -> i64 {
        self.charges.total_minor(&self.priced)
    }
}
