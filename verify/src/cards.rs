//! Money that came by card: all of it pays a booking, fills a wallet, goes back or waits for a decision, each to the minor
//! unit. That seats were sold for it, and that it goes back once, is looked at with the bookings.

mod card;

use std::collections::HashMap;

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Money, PaymentId,
    booking::{self, BookingStatus},
    payment::{self, Purpose, RefundTarget},
    wallet::{self, EntryKind},
};
use ticketshow_nats::Recorded;

use super::findings::{Findings, InFlight, Invariant};
use card::{Card, Refund, Review};

/// All payments by card, and the bookings that one of them may have confirmed.
#[derive(Debug, Default)]
pub(super) struct Cards {
    payments: HashMap<PaymentId, Card>,
    confirmed: HashMap<BookingId, Confirmed>,
}

/// A booking that was confirmed, and by which payment.
#[derive(Debug)]
struct Confirmed {
    payment: PaymentId,
    status: BookingStatus,
    /// Of the last change of its status.
    position: u64,
    since: Timestamp,
}

impl Cards {
    pub fn take_payment(&mut self, recorded: &Recorded, event: &payment::Event, findings: &mut Findings) {
        use payment::Event;
        if let Event::PaymentOpened { payment, purpose, amount, .. } = event {
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
                    violated(Invariant::CardAccounted, "took another amount than asked for, undecided");
                }
                card.capture(*captured, recorded);
            }
            Event::PaymentMismatched { captured, .. } => {
                card.capture(*captured, recorded);
                card.review = Review::Undecided;
            }
            Event::ReviewDecided { .. } => card.review = Review::Decided,
            Event::RefundRequested { target, amount, .. } => {
                if card.captured != Some(*amount) {
                    violated(Invariant::CardAccounted, "is to go back with another amount than was taken");
                }
                card.refund = Some(Refund::new(*target));
            }
            Event::RefundCompleted { target, amount } => {
                if card.captured != Some(*amount) {
                    violated(Invariant::CardAccounted, "went back with another amount than was taken");
                }
                let refund = card.refund.get_or_insert(Refund::new(*target));
                // To the card, the same is found where all refunds are counted.
                if std::mem::replace(&mut refund.done, true) && *target == RefundTarget::Wallet {
                    violated(Invariant::RefundOnce, "is told to have gone back again");
                }
            }
            Event::PaymentOpened { .. }
            | Event::CheckoutOpened { .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::PaymentExpired {}
            | Event::RefundAttempted { .. }
            | Event::RefundSubmitted { .. }
            | Event::RefundFailed { .. }
            | Event::RefundPutInReview { .. } => {}
        }
    }

    pub fn take_booking(&mut self, recorded: &Recorded, event: &booking::Event, findings: &mut Findings) {
        use booking::Event;
        match event {
            Event::BookingConfirmed { booking, payment, amount, .. } => {
                self.check_price(*payment, *amount, recorded, findings);
                let (position, since) = (recorded.position, recorded.metadata.time);
                let (payment, status) = (*payment, BookingStatus::Confirmed);
                self.confirmed.insert(*booking, Confirmed { payment, status, position, since });
            }
            Event::BookingCancelled { booking, .. } => {
                self.change(*booking, BookingStatus::Cancelled, recorded);
            }
            Event::BookingRefunded { booking, .. } => {
                self.change(*booking, BookingStatus::Refunded, recorded);
            }
            Event::BookingOpened { .. }
            | Event::PaymentRequested { .. }
            | Event::PaymentFailed { .. }
            | Event::BookingExpired { .. } => {}
        }
    }

    fn check_price(&self, payment: PaymentId, price: Money, recorded: &Recorded, findings: &mut Findings) {
        let Some(card) = self.payments.get(&payment) else { return };
        match (card.captured, card.review) {
            // An administrator took it for enough.
            (Some(_), Review::Decided) => {}
            (Some(captured), Review::None | Review::Undecided) => {
                if captured != price || card.review == Review::Undecided {
                    let detail = format!("payment {payment} confirmed a booking of another price");
                    findings.violated(Invariant::CardAccounted, recorded.position, detail);
                }
            }
            (None, _) => {
                let detail = format!("payment {payment} confirmed a booking before it took money");
                findings.violated(Invariant::SoldIsPaid, recorded.position, detail);
            }
        }
    }

    fn change(&mut self, booking: BookingId, status: BookingStatus, recorded: &Recorded) {
        if let Some(confirmed) = self.confirmed.get_mut(&booking) {
            (confirmed.status, confirmed.position, confirmed.since) =
                (status, recorded.position, recorded.metadata.time);
        }
    }

    pub fn take_wallet(&mut self, recorded: &Recorded, event: &wallet::Event, findings: &mut Findings) {
        let wallet::Event::WalletCredited { reference, amount, .. } = event else { return };
        let payment = PaymentId(reference.id);
        let card = self.payments.get_mut(&payment);
        let mut violated = |detail: &str| {
            let detail = format!("payment {payment} {detail}");
            findings.violated(Invariant::CardAccounted, recorded.position, detail);
        };
        match (reference.kind, card) {
            (EntryKind::TopUp, None) => violated("filled a wallet, and nobody asked for it"),
            (EntryKind::TopUp, Some(card)) => {
                if card.purpose != Purpose::TopUp {
                    violated("filled a wallet instead of what it was for");
                }
                if card.captured != Some(*amount) || card.review == Review::Undecided {
                    violated("filled a wallet with another amount than was taken");
                }
                card.filled = true;
            }
            (EntryKind::Refund, Some(card)) => {
                if card.captured != Some(*amount) {
                    violated("went back to a wallet with another amount than was taken");
                }
                card.in_wallet = true;
            }
            // The refund of a payment from the wallet: looked at with the bookings.
            (EntryKind::Refund, None) | (EntryKind::Payment | EntryKind::Credit, _) => {}
        }
    }

    /// Looks at where all the money is in the end.
    pub fn finish(&self, settled_before: Option<Timestamp>, findings: &mut Findings) {
        for (payment, card) in &self.payments {
            let Some(begun) = card.begun else { continue };
            let booking = card.booking();
            let confirmed = booking.and_then(|booking| self.confirmed.get(&booking));
            let won = confirmed.filter(|confirmed| confirmed.payment == *payment);
            match card.standing(won.map(|won| won.status)) {
                card::Standing::Settled => {}
                card::Standing::Wrong(detail) => {
                    let detail = format!("payment {payment} {detail}");
                    findings.violated(Invariant::CardAccounted, begun.0, detail);
                }
                card::Standing::Waits { waits_for, patience } => {
                    let (position, since) = won.map_or(begun, |won| (won.position, won.since));
                    // A provider may take days over a refund, and an administrator over a decision.
                    let overdue = settled_before.is_some_and(|before| since < before);
                    if overdue && patience == card::Patience::Short {
                        let detail = format!("payment {payment} still waits for {waits_for}");
                        findings.violated(Invariant::CardAccounted, position, detail);
                    } else {
                        findings.under_way(InFlight {
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
