//! Payments of a booking. One bought the booking; each dearer move that was not paid by the same wallet has a payment of its own.
//! Refunds are divided among them, and none gives back more than it took.

use uuid::Uuid;

use super::{
    CancelledBy, Event, PaymentMethod, RefundDue,
    opened::{Attempt, Opened},
};
use crate::{
    Money, PaymentId,
    hold::Reservation,
    payment::RefundTarget,
    seat_move::{MoveOutcome, SeatMove},
    seat_return::{RefundWay, SeatReturn},
};

/// A payment of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The payment.
    pub payment: PaymentId,
    /// Its method.
    pub method: PaymentMethod,
    /// Amount that it took and did not give back.
    pub left: Money,
}

/// Refunds that are due for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shares {
    /// Refund of the payment that the event of the reason names.
    pub named: RefundDue,
    /// Refunds of the other payments.
    pub others: Vec<RefundDue>,
}

/// Circumstances of a refund, which all its shares have in common.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    /// Identity of the return, the move or the cancelled booking.
    pub id: Uuid,
    pub by: CancelledBy,
    pub refund: RefundWay,
    pub reason: Option<String>,
}

impl Occasion {
    /// Returns the circumstances of a cancellation.
    pub fn of_cancellation(
        booking: Uuid,
        by: CancelledBy,
        to: Option<RefundTarget>,
        reason: Option<&str>,
    ) -> Self {
        let refund = match to {
            Some(RefundTarget::Wallet) => RefundWay::Wallet,
            Some(RefundTarget::Card) | None => RefundWay::Original,
        };
        Self { id: booking, by, refund, reason: reason.map(ToOwned::to_owned) }
    }
}

/// Returns the id of the refund that a payment contributes to a return, a move or a cancellation.
fn share_id(occasion: Uuid, payment: PaymentId) -> PaymentId {
    PaymentId(Uuid::new_v5(&occasion, payment.0.as_bytes()))
}

impl Opened {
    /// Returns the payments of the differences, the latest first.
    fn differences(&self) -> Vec<Source> {
        let moved = self.moves.iter().rev().filter(|known| known.outcome == MoveOutcome::Moved);
        let source = |wanted: &SeatMove| {
            let (payment, method, paid) = (wanted.id, wanted.apart?, wanted.to_pay?);
            let left = Money { amount_minor: paid.amount_minor - self.given_back_minor(payment), ..paid };
            Some(Source { payment, method, left })
        };
        moved.filter_map(|known| source(&known.wanted)).collect()
    }

    /// Returns the payment that bought the booking. Differences that the same wallet paid belong to it.
    fn original(&self) -> Option<Source> {
        let &Attempt { payment, method, .. } = self.winner()?;
        let moved = self.moves.iter().filter(|known| known.outcome == MoveOutcome::Moved);
        let merged = moved.filter(|known| known.wanted.apart.is_none());
        let more: i64 = merged.filter_map(|known| known.wanted.to_pay).map(|more| more.amount_minor).sum();
        let paid = self.reservation.amount;
        let amount_minor = paid.amount_minor + more - self.given_back_minor(payment);
        Some(Source { payment, method, left: Money { amount_minor, ..paid } })
    }

    fn given_back_minor(&self, payment: PaymentId) -> i64 {
        self.returns.iter().filter(|back| back.of == payment).map(|back| back.amount.amount_minor).sum()
    }

    /// Returns the payments of the booking: that which bought it, then those of differences.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        self.original().into_iter().chain(self.differences()).collect()
    }

    /// Returns `true` if the payment bought the booking or a difference of its seats.
    #[must_use]
    pub fn is_paid_by(&self, payment: PaymentId) -> bool {
        self.sources().iter().any(|source| source.payment == payment)
    }

    /// Returns `true` if the payment has money left in the booking: the differences are the first to go back.
    #[must_use]
    pub fn has_money_of(&self, payment: PaymentId) -> bool {
        let has_money = |source: &Source| source.payment == payment && source.left.amount_minor > 0;
        self.sources().iter().any(has_money)
    }

    /// Returns what the house keeps of the payment that bought the booking once that is cancelled: fees, and the price of
    /// cancellations.
    #[must_use]
    pub fn kept(&self) -> Money {
        let left_minor = self.original().map_or(0, |source| source.left.amount_minor);
        let due_minor = self.refund_due.map_or(0, |due| due.amount.amount_minor);
        Money { amount_minor: left_minor - due_minor, ..self.reservation.amount }
    }

    /// Divides the refund of a cancellation, which names the payment that bought the booking; `None` if nothing bought it.
    pub(super) fn shares_of_cancellation(&self, amount: Money) -> Option<Shares> {
        let mut shares = cancellation_shares(amount, &self.sources());
        if shares.is_empty() {
            return None;
        }
        let named = shares.remove(0);
        Some(Shares { named, others: paying(shares) })
    }

    /// Divides the refund of a return of some seats, which names the last payment that contributes. Differences come first.
    pub(super) fn shares_of_return(&self, amount: Money) -> Option<Shares> {
        let sources: Vec<Source> = self.differences().into_iter().chain(self.original()).collect();
        let mut shares = divided(amount, &sources);
        let original = shares.pop()?;
        let original = with_rest(original, amount, &shares);
        let mut others = paying(shares);
        let named = match others.pop() {
            Some(last) if original.amount.amount_minor == 0 => last,
            last => {
                others.extend(last);
                original
            }
        };
        Some(Shares { named, others })
    }

    /// Divides the difference that cheaper seats leave, which names the payment that bought the booking. Differences come first.
    pub(super) fn shares_of_move(&self, amount: Money) -> Option<Shares> {
        let sources: Vec<Source> = self.differences().into_iter().chain(self.original()).collect();
        let mut shares = divided(amount, &sources);
        let original = shares.pop()?;
        let named = with_rest(original, amount, &shares);
        Some(Shares { named, others: paying(shares) })
    }

    /// Returns the events by which other payments contribute to a refund: returns without seats, because the seats belong to the
    /// event of the occasion.
    pub(super) fn contributions(&self, occasion: &Occasion, others: &[RefundDue]) -> Vec<Event> {
        let (Reservation { booking, customer, .. }, screening) = (&self.reservation, self.screening);
        let (booking, customer) = (*booking, *customer);
        let event = |due: &RefundDue| {
            let Occasion { id, by, refund, ref reason } = *occasion;
            let (id, reason, seats) = (share_id(id, due.payment), reason.clone(), Vec::new());
            let returned = SeatReturn { id, seats, by, refund, reason, fingerprint: None, counter: None };
            Event::SeatsReturned { booking, screening, customer, returned, due: *due }
        };
        others.iter().map(event).collect()
    }

    /// Returns the refund of the payment that bought the booking, and the events for the contributions of other payments.
    pub(super) fn refunds_of_cancellation(
        &self,
        refund: Money,
        by: CancelledBy,
        to: Option<RefundTarget>,
        reason: Option<&str>,
    ) -> (Option<RefundDue>, Vec<Event>) {
        let Some((due, shares)) = self.due(refund).zip(self.shares_of_cancellation(refund)) else {
            return (None, Vec::new());
        };
        let occasion = Occasion::of_cancellation(self.reservation.booking.0, by, to, reason);
        let contributions = self.contributions(&occasion, &shares.others);
        (Some(RefundDue { amount: shares.named.amount, to, ..due }), contributions)
    }

    /// Returns the contribution of other payments to the refund of a return, a move or the cancelled booking, in minor units.
    #[must_use]
    pub fn contributed_minor(&self, occasion: Uuid) -> i64 {
        let ids: Vec<PaymentId> =
            self.sources().iter().map(|source| share_id(occasion, source.payment)).collect();
        let own = self.returns.iter().filter(|back| ids.contains(&back.id));
        own.map(|back| back.amount.amount_minor).sum()
    }
}

/// Divides the refund of a cancellation among the payments of a booking, in their order. The one that bought the booking comes first, so
/// that a booking whose money goes back ends as refunded.
#[must_use]
pub fn cancellation_shares(amount: Money, sources: &[Source]) -> Vec<RefundDue> {
    let mut shares = divided(amount, sources);
    if let Some((original, others)) = shares.split_first_mut() {
        *original = with_rest(*original, amount, others);
    }
    shares
}

fn paying(shares: Vec<RefundDue>) -> Vec<RefundDue> {
    shares.into_iter().filter(|due| due.amount.amount_minor > 0).collect()
}

/// Assigns any amount that the payments do not cover to the original one, as when bookings had a single payment. That
/// payment still refunds no more than it took.
fn with_rest(original: RefundDue, amount: Money, others: &[RefundDue]) -> RefundDue {
    let others_minor: i64 = others.iter().map(|due| due.amount.amount_minor).sum();
    RefundDue { amount: Money { amount_minor: amount.amount_minor - others_minor, ..amount }, ..original }
}

/// Divides a refund among the payments, as far as they have money left.
fn divided(amount: Money, sources: &[Source]) -> Vec<RefundDue> {
    let mut open_minor = amount.amount_minor;
    let share = |source: &Source| {
        let amount_minor = open_minor.min(source.left.amount_minor).max(0);
        open_minor -= amount_minor;
        let (payment, method) = (source.payment, source.method);
        RefundDue { payment, method, amount: Money { amount_minor, ..amount }, to: None }
    };
    sources.iter().map(share).collect()
}
