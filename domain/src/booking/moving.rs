//! Rules of a booking that moves to other seats. The booking decides whether a move takes place: until then it keeps
//! its old seats, and a cancellation of either screening ends the move.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    BookingStatus, CancelledBy, Event, PaymentMethod, Refusal, Ticket,
    opened::{Attempt, Opened, Returned},
    sources::Occasion,
};
use crate::{
    Context, Money, PaymentId, ScreeningId, SeatName,
    hold::{PricedSeat, Reservation},
    pricing::WantedSeat,
    seat_move::{MoveOutcome, MoveRefusal, MoveTarget, SeatMove, Settlement, WantedMove},
    seat_return::RefundWay,
};

/// Maximum number of moves of a booking, refused ones included: far more than a customer needs.
pub const MOVES_MAX: usize = 50;

/// Difference of the prices of a move.
#[derive(Debug, Clone, Copy, Default)]
struct Difference {
    to_pay: Option<Money>,
    /// Method of a payment of its own.
    apart: Option<PaymentMethod>,
    due: Option<Money>,
}

/// A move that was requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownMove {
    /// The request.
    pub wanted: SeatMove,
    /// `true` once a difference with a checkout of its own was captured.
    pub paid: bool,
    /// Its end.
    pub outcome: MoveOutcome,
}

impl Opened {
    /// Returns a move by its id.
    #[must_use]
    pub fn known_move(&self, id: PaymentId) -> Option<&KnownMove> {
        self.moves.iter().find(|known| known.wanted.id == id)
    }

    /// Returns the open move.
    #[must_use]
    pub fn open_move(&self) -> Option<&SeatMove> {
        let open = self.moves.last().filter(|known| known.outcome == MoveOutcome::Open);
        open.map(|known| &known.wanted)
    }

    pub(super) fn request_move(&self, wanted: &WantedMove, context: &Context) -> Result<Vec<Event>, Refusal> {
        let WantedMove { id, ref to, settle, method: choice, by, ref reason, ref fingerprint } = *wanted;
        let now = context.now;
        if let Some(known) = self.known_move(id) {
            let same = known.wanted.fingerprint == *fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        self.check_not_moving()?;
        match self.status {
            BookingStatus::Confirmed => {}
            BookingStatus::Cancelled | BookingStatus::Refunded => return Err(Refusal::BookingCancelled),
            BookingStatus::Held | BookingStatus::Paying | BookingStatus::Expired => {
                return Err(Refusal::NotConfirmed);
            }
        }
        let until = self.customer_may_leave_until();
        if by == CancelledBy::Customer && until <= now {
            return Err(Refusal::TooLateToCancel(until));
        }
        let given: Vec<SeatName> = self.left.iter().map(|priced| priced.seat.clone()).collect();
        if to.seats.len() != given.len() {
            return Err(Refusal::OtherSeatCount { has: given.len() });
        }
        let stays = to.screening == self.screening;
        if stays && to.seats.iter().all(|priced| given.contains(&priced.seat)) {
            return Err(Refusal::SameSeats);
        }
        if self.moves.len() >= MOVES_MAX {
            return Err(Refusal::TooManyMoves { max: MOVES_MAX });
        }
        let &Attempt { payment, method, .. } = self.winner().ok_or(Refusal::NotConfirmed)?;
        let waived = self.waived(to, settle, method);
        let to = self.priced(to, settle, method);
        let Difference { to_pay, apart, due } = self.settled(&to, settle, method, choice)?;
        let pay_until = (apart == Some(PaymentMethod::Card)).then(|| checkout_until(&to, context));
        let (from, fingerprint, reason) = (self.screening, fingerprint.clone(), reason.clone());
        let wanted = SeatMove {
            id,
            payment,
            method,
            from,
            given,
            to,
            settle,
            by,
            to_pay,
            due,
            fingerprint,
            apart,
            pay_until,
            waived,
            reason,
        };
        let Reservation { booking, customer, .. } = self.reservation;
        Ok(vec![Event::MoveRequested { booking, customer, wanted }])
    }

    /// Returns the seats of a move with the ticket types of those that they replace.
    #[must_use]
    pub fn typed(&self, screening: ScreeningId, seats: &[SeatName]) -> Vec<WantedSeat> {
        let type_of = |old: &PricedSeat| old.ticket_type.clone();
        let typed = |(seat, old): (&SeatName, Option<&PricedSeat>)| WantedSeat {
            seat: seat.clone(),
            ticket_type: old.map(type_of).filter(|kind| !kind.is_standard()),
            wheelchair: false,
        };
        seats.iter().zip(self.replaced(screening, seats)).map(typed).collect()
    }

    /// Returns the seat that each seat of a move replaces: itself if the booking has it, the others in their order.
    fn replaced(&self, screening: ScreeningId, seats: &[SeatName]) -> Vec<Option<&PricedSeat>> {
        let kept = |old: &PricedSeat| screening == self.screening && seats.contains(&old.seat);
        let mut others = self.left.iter().filter(|old| !kept(old));
        let own = |seat: &SeatName| self.left.iter().find(|old| kept(old) && old.seat == *seat);
        seats.iter().map(|seat| own(seat).or_else(|| others.next())).collect()
    }

    /// Returns the new seats with the prices that count as paid. Each has the discount of the seat that it replaces.
    fn priced(&self, to: &MoveTarget, settle: Settlement, method: PaymentMethod) -> MoveTarget {
        let mut to = to.clone();
        let replaced = self.replaced(to.screening, &to.new_seats());
        let keeps_prices = match (settle, method) {
            // Complimentary tickets stay free.
            (Settlement::Waive, _) | (_, PaymentMethod::Complimentary) => true,
            (Settlement::Pay | Settlement::Refund, _) => false,
        };
        for (new, old) in to.seats.iter_mut().zip(replaced) {
            let Some(old) = old else { continue };
            if keeps_prices {
                new.price_minor = old.price_minor;
            }
            new.discount_minor = old.discount_minor.min(new.price_minor);
        }
        if keeps_prices {
            to.charges.clone_from(&self.charges);
        }
        to
    }

    /// Returns the difference of the prices that the house waives; `None` if there is none. Complimentary tickets have no price.
    fn waived(&self, to: &MoveTarget, settle: Settlement, method: PaymentMethod) -> Option<Money> {
        if settle != Settlement::Waive || method == PaymentMethod::Complimentary {
            return None;
        }
        // The prices that the new seats would have if the difference was settled.
        let (before, full) = (self.amount(), self.priced(to, Settlement::Pay, method).amount());
        let amount_minor = full.amount_minor - before.amount_minor;
        (amount_minor != 0).then_some(Money { amount_minor, ..before })
    }

    /// Returns the difference: to pay by the method in `choice`, or to refund to the payment that bought the booking.
    fn settled(
        &self,
        to: &MoveTarget,
        settle: Settlement,
        method: PaymentMethod,
        choice: Option<PaymentMethod>,
    ) -> Result<Difference, Refusal> {
        use PaymentMethod::{Card, Wallet};
        let (before, after) = (self.amount(), to.amount().amount_minor);
        let difference = |amount_minor| Money { amount_minor, ..before };
        if after > before.amount_minor {
            let more = difference(after - before.amount_minor);
            let apart = match (settle, method, choice) {
                (Settlement::Pay, Wallet, None | Some(Wallet)) => None,
                (Settlement::Pay, Card, None | Some(Card)) => Some(Card),
                (Settlement::Pay, Card, Some(Wallet)) => Some(Wallet),
                (Settlement::Pay, _, _) => return Err(Refusal::PaidOtherwise(more)),
                (Settlement::Refund | Settlement::Waive, _, _) => return Err(Refusal::DifferenceToPay(more)),
            };
            return Ok(Difference { to_pay: Some(more), apart, due: None });
        }
        if after == before.amount_minor {
            return Ok(Difference::default());
        }
        if method.is_of_counter() {
            return Err(Refusal::SoldAtCounter);
        }
        let shares = self.shares_of_move(difference(before.amount_minor - after));
        let due = shares.map(|shares| shares.named.amount).filter(|due| due.amount_minor > 0);
        Ok(Difference { due, ..Difference::default() })
    }

    /// Records that the difference was captured, once.
    pub(super) fn pay_move(&self, id: PaymentId) -> Result<Vec<Event>, Refusal> {
        let KnownMove { wanted, paid, outcome } = self.known_move(id).ok_or(Refusal::UnknownPayment)?;
        match outcome {
            MoveOutcome::Open if *paid => Ok(Vec::new()),
            MoveOutcome::Open if wanted.is_paid_by_card() => {
                let Reservation { booking, customer, .. } = self.reservation;
                Ok(vec![Event::MovePaid { booking, customer, wanted: wanted.clone() }])
            }
            MoveOutcome::Open => Err(Refusal::UnknownPayment),
            MoveOutcome::Moved => Ok(Vec::new()),
            MoveOutcome::Refused(..) => Err(Refusal::MoveOver),
        }
    }

    pub(super) fn note_move(&mut self, wanted: &SeatMove) {
        let (wanted, outcome) = (wanted.clone(), MoveOutcome::Open);
        self.moves.push(KnownMove { wanted, paid: false, outcome });
    }

    pub(super) fn note_paid(&mut self, id: PaymentId) {
        let known = self.moves.iter_mut().filter(|known| known.wanted.id == id);
        known.for_each(|known| known.paid = true);
    }

    pub(super) fn complete_move(&self, id: PaymentId, tickets: &[Ticket]) -> Result<Vec<Event>, Refusal> {
        let KnownMove { wanted, paid, outcome } = self.known_move(id).ok_or(Refusal::UnknownPayment)?;
        match outcome {
            MoveOutcome::Open if wanted.is_paid_by_card() && !paid => return Err(Refusal::MoveNotPaid),
            MoveOutcome::Open => {}
            MoveOutcome::Moved => return Ok(Vec::new()),
            MoveOutcome::Refused(..) => return Err(Refusal::MoveOver),
        }
        let Reservation { booking, customer, .. } = self.reservation;
        let (moved, tickets) = (wanted.clone(), tickets.to_vec());
        let mut events = self.differences_left(&moved);
        events.push(Event::BookingMoved { booking, customer, moved, tickets });
        Ok(events)
    }

    /// Returns the refunds from payments of earlier differences, due because the seats of this move are cheaper.
    fn differences_left(&self, moved: &SeatMove) -> Vec<Event> {
        let (before, after) = (self.amount(), moved.to.amount().amount_minor);
        let less = Money { amount_minor: before.amount_minor - after, ..before };
        let is_cheaper = less.amount_minor > 0 && !moved.method.is_of_counter();
        let Some(shares) = self.shares_of_move(less).filter(|_| is_cheaper) else { return Vec::new() };
        let (id, by, refund, reason) = (moved.id.0, moved.by, RefundWay::Original, None);
        self.contributions(&Occasion { id, by, refund, reason }, &shares.others)
    }

    pub(super) fn refuse_move(
        &self,
        id: PaymentId,
        reason: MoveRefusal,
        seats: &[SeatName],
    ) -> Result<Vec<Event>, Refusal> {
        let known = self.known_move(id).ok_or(Refusal::UnknownPayment)?;
        match (&known.outcome, reason) {
            (MoveOutcome::Moved, MoveRefusal::GivenUp) => Err(Refusal::MoveOver),
            (MoveOutcome::Moved | MoveOutcome::Refused(..), _) => Ok(Vec::new()),
            // Without a checkout, there is nothing to wait for.
            (MoveOutcome::Open, MoveRefusal::GivenUp) if !known.wanted.is_paid_by_card() => {
                Err(Refusal::MoveInProgress)
            }
            (MoveOutcome::Open, MoveRefusal::GivenUp | MoveRefusal::NotPaid) if known.paid => {
                Err(Refusal::MoveInProgress)
            }
            (MoveOutcome::Open, _) => Ok(vec![self.move_refused(&known.wanted, reason, seats)]),
        }
    }

    fn move_refused(&self, wanted: &SeatMove, reason: MoveRefusal, seats: &[SeatName]) -> Event {
        let Reservation { booking, customer, .. } = self.reservation;
        let (wanted, seats) = (wanted.clone(), seats.to_vec());
        Event::MoveRefused { booking, customer, wanted, reason, seats }
    }

    /// Ends the open move, because the booking is cancelled, or has given seats back before the move began.
    pub(super) fn end_open_move(&self, reason: MoveRefusal) -> Option<Event> {
        self.open_move().map(|wanted| self.move_refused(wanted, reason, &[]))
    }

    /// Returns the effect of a cancelled screening on a booking that has moved away from it, or is about to move
    /// there; `None` if the booking belongs to that screening.
    pub(super) fn called_off_elsewhere(&self, screening: ScreeningId) -> Option<Vec<Event>> {
        if screening == self.screening {
            return None;
        }
        let wanted = self.open_move().filter(|wanted| wanted.to.screening == screening);
        let refused = wanted.map(|wanted| self.move_refused(wanted, MoveRefusal::ScreeningCancelled, &[]));
        Some(refused.into_iter().collect())
    }

    pub(super) fn check_not_moving(&self) -> Result<(), Refusal> {
        if self.open_move().is_some() { Err(Refusal::MoveInProgress) } else { Ok(()) }
    }

    pub(super) fn follow_move(&mut self, moved: &SeatMove, tickets: &[Ticket]) {
        self.left.clone_from(&moved.to.seats);
        self.charges.clone_from(&moved.to.charges);
        self.cancellation_fee_minor = moved.to.cancellation_fee_minor;
        self.paid.amount_minor = self.charges.total_minor(&self.left);
        self.tickets = tickets.to_vec();
        if !moved.stays() {
            self.free_until = None;
        }
        (self.screening, self.cancel_until) = (moved.to.screening, moved.to.cancel_until);
        self.end_move(moved.id, &MoveOutcome::Moved);
        if let Some(amount) = moved.due {
            let (id, of, seats, refund) = (moved.id, moved.payment, Vec::new(), RefundWay::Original);
            let (refunded, counter, left, paid) = (false, None, self.left.clone(), self.paid);
            self.returns.push(Returned { id, of, seats, amount, refund, refunded, counter, left, paid });
        }
    }

    pub(super) fn end_move(&mut self, id: PaymentId, outcome: &MoveOutcome) {
        let known = self.moves.iter_mut().filter(|known| known.wanted.id == id);
        known.for_each(|known| known.outcome = outcome.clone());
    }
}

/// Returns the moment until which the new seats are kept for a checkout: as long as those of a hold that is paid by card.
fn checkout_until(to: &MoveTarget, context: &Context) -> Timestamp {
    let seconds = context.policy.hold_seconds.max(context.policy.extension_seconds);
    (context.now + SignedDuration::from_secs(seconds)).min(to.starts_at)
}
