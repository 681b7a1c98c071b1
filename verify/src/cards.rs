//! Money captured by card: all of it pays for a booking, tops up a wallet, is refunded or awaits a decision, to the minor unit.
//! `bookings.rs` checks that seats were sold for it and that it is refunded once.

mod card;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Money, PaymentId,
    booking::{self, BookingStatus, PaymentMethod},
    payment::{self, Purpose, RefundTarget},
    seat_move::SeatMove,
    seat_return::RefundWay,
    wallet::{self, EntryKind},
};
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::{
    cards::card::{Card, Refund, Review},
    findings::{Findings, InFlight, Invariant},
};

/// All payments by card, and the confirmed bookings.
#[derive(Debug, Default)]
pub(super) struct Cards {
    payments: HashMap<PaymentId, Card>,
    confirmed: HashMap<BookingId, Confirmed>,
    /// Completed moves: the payments of their differences have the same ids.
    moved: HashSet<PaymentId>,
    /// Parts that were split off to be refunded: the payment that captured the money, and the amount.
    parts: HashMap<PaymentId, (PaymentId, Money)>,
    /// Seats that were given back, by the payment that is to refund them, with the position and time of the return.
    returns: HashMap<PaymentId, (BookingId, u64, Timestamp)>,
}

/// A confirmed booking and the payment that confirmed it.
#[derive(Debug)]
struct Confirmed {
    payment: PaymentId,
    status: BookingStatus,
    /// The house keeps the money of a cancelled booking.
    kept: bool,
    /// Position of the last change of its status.
    position: u64,
    since: Timestamp,
}

impl Cards {
    pub fn take_payment(
        &mut self,
        recorded: &RecordedEvent,
        event: &payment::Event,
        findings: &mut Findings,
    ) {
        use payment::Event;
        if let Event::PaymentOpened { payment, purpose, amount, .. } = event {
            self.check_part(*payment, purpose, *amount, recorded, findings);
            self.payments.insert(*payment, Card::new(purpose.clone(), *amount));
            return;
        }
        let Ok(payment) = recorded.id.parse::<PaymentId>() else { return };
        let Some(card) = self.payments.get_mut(&payment) else { return };
        let mut violated = |invariant, detail: &str| {
            findings.violated(invariant, recorded.position, format!("payment {payment} {detail}"));
        };
        match event {
            Event::PaymentCaptured { captured, .. } => {
                if *captured != card.asked {
                    violated(
                        Invariant::CardAccounted,
                        "captured a different amount than requested, without a review",
                    );
                }
                card.capture(*captured, recorded);
            }
            Event::PaymentMismatched { captured, .. } => {
                card.capture(*captured, recorded);
                card.review = Review::Undecided;
            }
            Event::ReviewDecided { .. } => card.review = Review::Decided,
            Event::PartSplitOff { part, amount, refund } => {
                card.split_minor += amount.amount_minor;
                if card.captured.is_none_or(|captured| captured.amount_minor < card.split_minor) {
                    violated(Invariant::CardAccounted, "was split into more than it captured");
                }
                if *refund != RefundWay::None {
                    self.parts.insert(*part, (payment, *amount));
                }
            }
            Event::RefundRequested { target, amount, .. } => {
                if card.left() != Some(*amount) {
                    violated(
                        Invariant::CardAccounted,
                        "requests a refund of a different amount than captured",
                    );
                }
                card.refund = Some(Refund::new(*target));
            }
            Event::RefundCompleted { target, amount } => {
                if card.left() != Some(*amount) {
                    violated(Invariant::CardAccounted, "was refunded a different amount than captured");
                }
                let refund = card.refund.get_or_insert(Refund::new(*target));
                // `refunds.rs` counts refunds to the card.
                if std::mem::replace(&mut refund.done, true) && *target == RefundTarget::Wallet {
                    violated(Invariant::RefundOnce, "is recorded as refunded again");
                }
            }
            Event::PaymentOpened { .. }
            | Event::CheckoutOpened { .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::PaymentExpired {}
            | Event::RefundAttempted { .. }
            | Event::RefundSubmitted { .. }
            | Event::RefundFailed { .. }
            | Event::RefundPutInReview { .. }
            | Event::PaymentDisputed { .. }
            | Event::DisputeWon { .. }
            | Event::DisputeLost { .. } => {}
        }
    }

    pub fn take_booking(
        &mut self,
        recorded: &RecordedEvent,
        event: &booking::Event,
        findings: &mut Findings,
    ) {
        use booking::Event;
        match event {
            Event::BookingConfirmed { booking, payment, amount, .. } => {
                self.check_price(*payment, *amount, recorded, findings);
                let (position, since) = (recorded.position, recorded.metadata.time);
                let (payment, status, kept) = (*payment, BookingStatus::Confirmed, false);
                self.confirmed.insert(*booking, Confirmed { payment, status, kept, position, since });
            }
            Event::BookingCancelled { booking, refund_due, .. } => {
                if let Some(confirmed) = self.confirmed.get_mut(booking) {
                    confirmed.kept = refund_due.is_none_or(|due| due.amount.amount_minor == 0);
                }
                self.change(*booking, BookingStatus::Cancelled, recorded);
            }
            Event::SeatsReturned { booking, returned, due, .. } => {
                let is_due = returned.refund != RefundWay::None && due.amount.amount_minor > 0;
                if due.method == PaymentMethod::Card && is_due {
                    let (position, since) = (recorded.position, recorded.metadata.time);
                    self.returns.insert(returned.id, (*booking, position, since));
                }
            }
            Event::BookingMoved { booking, moved: SeatMove { id, method, due, .. }, .. } => {
                self.moved.insert(*id);
                if *method == PaymentMethod::Card && due.is_some() {
                    self.returns.insert(*id, (*booking, recorded.position, recorded.metadata.time));
                }
            }
            Event::BookingRefunded { booking, .. } => {
                self.change(*booking, BookingStatus::Refunded, recorded);
            }
            Event::BookingOpened { .. }
            | Event::PaymentAttemptStarted { .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::ReturnRefunded { .. }
            | Event::BookingExpired { .. }
            | Event::TicketShared { .. }
            | Event::ShareEnded { .. }
            | Event::DiscountApplied { .. }
            | Event::DiscountRemoved { .. }
            | Event::MoveRequested { .. }
            | Event::MovePaid { .. }
            | Event::MoveRefused { .. }
            | Event::BookingRescheduled { .. }
            | Event::NoteAdded { .. }
            | Event::BuyerErased { .. } => {}
        }
    }

    /// Checks that a part was split off another payment, with this amount.
    fn check_part(
        &self,
        payment: PaymentId,
        purpose: &Purpose,
        amount: Money,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let Purpose::Part { of, booking: _ } = purpose else { return };
        if self.parts.get(&payment) != Some(&(*of, amount)) {
            let detail = format!("payment {payment} refunds a part that was not split off payment {of}");
            findings.violated(Invariant::CardAccounted, recorded.position, detail);
        }
    }

    fn check_price(
        &self,
        payment: PaymentId,
        price: Money,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let Some(card) = self.payments.get(&payment) else { return };
        match (card.captured, card.review) {
            // An administrator accepted the amount.
            (Some(_), Review::Decided) => {}
            (Some(captured), Review::None | Review::Undecided) => {
                if captured != price || card.review == Review::Undecided {
                    let detail = format!("payment {payment} confirmed a booking with a different price");
                    findings.violated(Invariant::CardAccounted, recorded.position, detail);
                }
            }
            (None, _) => {
                let detail = format!("payment {payment} confirmed a booking before any money was captured");
                findings.violated(Invariant::SoldIsPaid, recorded.position, detail);
            }
        }
    }

    fn change(&mut self, booking: BookingId, status: BookingStatus, recorded: &RecordedEvent) {
        if let Some(confirmed) = self.confirmed.get_mut(&booking) {
            (confirmed.status, confirmed.position, confirmed.since) =
                (status, recorded.position, recorded.metadata.time);
        }
    }

    pub fn take_wallet(&mut self, recorded: &RecordedEvent, event: &wallet::Event, findings: &mut Findings) {
        let wallet::Event::WalletCredited { reference, amount, .. } = event else { return };
        let payment = PaymentId(reference.id);
        let card = self.payments.get_mut(&payment);
        let mut violated = |detail: &str| {
            let detail = format!("payment {payment} {detail}");
            findings.violated(Invariant::CardAccounted, recorded.position, detail);
        };
        match (reference.kind, card) {
            (EntryKind::TopUp, None) => violated("topped up a wallet without a request"),
            (EntryKind::TopUp, Some(card)) => {
                if card.purpose != Purpose::TopUp {
                    violated("topped up a wallet, which was not its purpose");
                }
                if card.captured != Some(*amount) || card.review == Review::Undecided {
                    violated("topped up a wallet with a different amount than captured");
                }
                card.topped_up = true;
            }
            (EntryKind::Refund, Some(card)) => {
                if card.left() != Some(*amount) {
                    violated("was refunded to a wallet with a different amount than captured");
                }
                card.refunded_to_wallet = true;
            }
            // `bookings.rs` checks refunds of wallet payments.
            (EntryKind::Refund, None) | (EntryKind::Payment | EntryKind::Credit, _) => {}
        }
    }

    /// Checks the whereabouts of all captured money at the end of the log.
    pub fn finish(&self, settled_before: Option<Timestamp>, findings: &mut Findings) {
        for (payment, (booking, position, since)) in &self.returns {
            if self.payments.contains_key(payment) {
                continue;
            }
            let (payment, position, since) = (*payment, *position, *since);
            if settled_before.is_some_and(|before| since < before) {
                let detail = format!("booking {booking} gave seats back, and {payment} does not refund them");
                findings.violated(Invariant::CardAccounted, position, detail);
            } else {
                let (booking, waits_for) = (Some(*booking), "its refund");
                findings.in_flight(InFlight { booking, payment, position, since, waits_for });
            }
        }
        for (payment, card) in &self.payments {
            let Some(begun) = card.begun else { continue };
            let booking = card.booking();
            let confirmed = booking.and_then(|booking| self.confirmed.get(&booking));
            let won = confirmed.filter(|confirmed| confirmed.payment == *payment);
            let won_status = won.map(|won| if won.kept { BookingStatus::Confirmed } else { won.status });
            // A difference gives parts back, and the house keeps the rest.
            let is_moved = card.is_difference() && self.moved.contains(payment);
            match card.whereabouts(if is_moved { Some(BookingStatus::Confirmed) } else { won_status }) {
                card::Whereabouts::Settled => {}
                card::Whereabouts::Wrong(detail) => {
                    let detail = format!("payment {payment} {detail}");
                    findings.violated(Invariant::CardAccounted, begun.0, detail);
                }
                card::Whereabouts::InFlight { waits_for, patience } => {
                    let (position, since) = won.map_or(begun, |won| (won.position, won.since));
                    // The provider may take days for a refund, and an administrator for a decision.
                    let overdue = settled_before.is_some_and(|before| since < before);
                    if overdue && patience == card::Patience::Short {
                        let detail = format!("payment {payment} still waits for {waits_for}");
                        findings.violated(Invariant::CardAccounted, position, detail);
                    } else {
                        findings.in_flight(InFlight {
                            booking,
                            payment: *payment,
                            position,
                            since,
                            waits_for,
                        });
                    }
                }
            }
        }
    }
}
