//! Rules of a booking, one function per command.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Booking, BookingStatus, CancelledBy, Event, FailureReason, NOTES_MAX, Note, PaymentMethod, RefundDue,
    Refusal, Ticket,
    opened::{Attempt, Opened, Outcome, Returned},
    sources::Occasion,
};
use crate::{
    BookingId, Fingerprint, Money, PaymentId, UserId,
    counter::{Buyer, CounterRefund, CounterSale},
    hold::{Reservation, Standing},
    payment::RefundTarget,
    seat_move::MoveRefusal,
    seat_return::{RefundWay, SeatReturn},
};

impl Booking {
    /// Adds a note by its event, unless it was added before.
    pub(super) fn add_note(
        &self,
        note: Uuid,
        fingerprint: Option<&Fingerprint>,
        added: Event,
    ) -> Result<Vec<Event>, Refusal> {
        if self.buyer_erased {
            return Err(Refusal::BuyerErased);
        }
        if let Some(known) = self.notes.get(&note) {
            return if known.fingerprint.as_ref() == fingerprint {
                Ok(Vec::new())
            } else {
                Err(Refusal::KeyReused)
            };
        }
        if self.notes.len() >= NOTES_MAX {
            return Err(Refusal::TooManyNotes { max: NOTES_MAX });
        }
        Ok(vec![added])
    }

    /// A buyer at the counter without an account has the id of the booking.
    pub(super) fn erase_buyer(&self, booking: BookingId, by: Option<UserId>) -> Result<Vec<Event>, Refusal> {
        let opened = self.opened.as_ref().ok_or(Refusal::NotFound)?;
        let customer = opened.reservation.customer;
        if customer.0 != booking.0 {
            return Err(Refusal::CustomerHasAccount);
        }
        let is_known = opened.sale.as_ref().is_some_and(|sale| sale.buyer != Buyer::default());
        if !is_known && self.notes.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::BuyerErased { booking, customer, by }])
    }

    /// Notes what staff wrote down, until the buyer is erased.
    pub(super) fn follow_notes(&mut self, event: &Event) {
        if let Event::NoteAdded { note, fingerprint, at, .. } = event {
            self.notes.insert(*note, Note { fingerprint: fingerprint.clone(), at: *at });
        }
        if let Event::BuyerErased { .. } = event {
            self.forget_buyer();
        }
    }

    fn forget_buyer(&mut self) {
        self.buyer_erased = true;
        self.notes.clear();
        if let Some(sale) = self.opened.as_mut().and_then(|opened| opened.sale.as_mut()) {
            sale.buyer = Buyer::default();
        }
    }

    pub(super) fn pay(
        &self,
        reservation: &Reservation,
        standing: Standing,
        payment: PaymentId,
        method: PaymentMethod,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(attempt) = self.attempt(payment) {
            let same = attempt.method == method && attempt.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let status = self.opened.as_ref().map_or(BookingStatus::Held, |opened| opened.status);
        match status {
            BookingStatus::Held | BookingStatus::Paying => {}
            BookingStatus::Confirmed => return Err(Refusal::AlreadyPaid),
            BookingStatus::Expired => return Err(Refusal::HoldExpired),
            BookingStatus::Cancelled | BookingStatus::Refunded => return Err(Refusal::BookingCancelled),
        }
        if let Some(opened) = &self.opened {
            if opened.open_attempt(PaymentMethod::Wallet).is_some() {
                return Err(Refusal::PaymentInProgress);
            }
            if method == PaymentMethod::Card && opened.open_attempt(PaymentMethod::Card).is_some() {
                return Ok(Vec::new());
            }
        }
        match standing {
            Standing::Held(_) => {}
            Standing::Lapsed => return Err(Refusal::HoldExpired),
            Standing::Sold => return Err(Refusal::AlreadyPaid),
            Standing::Cancelled => return Err(Refusal::BookingCancelled),
            Standing::ScreeningCancelled => return Err(Refusal::ScreeningCancelled),
        }
        let reduced = self.reduced(reservation);
        if self.opened.is_none() && reduced.promotion != reservation.promotion {
            return Err(Refusal::OtherPromotion(reduced.promotion));
        }
        // Keeps the facts of the first attempt, because a hold does not change.
        let reservation = self.opened.as_ref().map_or(&reduced, |opened| &opened.reservation);
        let requested = Event::PaymentAttemptStarted {
            booking: reservation.booking,
            screening: reservation.screening,
            customer: reservation.customer,
            payment,
            method,
            amount: reservation.amount,
            fingerprint: fingerprint.cloned(),
        };
        Ok(match self.opened {
            Some(_) => vec![requested],
            None => vec![Event::BookingOpened { reservation: reservation.clone(), sale: None }, requested],
        })
    }

    /// Records the screening's decision. If the booking was cancelled since, this changes nothing.
    pub(super) fn open_sold(
        &self,
        reservation: &Reservation,
        sale: &CounterSale,
        tickets: &[Ticket],
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(opened) = &self.opened {
            let same = opened.sale.as_ref().is_some_and(|known| known.payment == sale.payment);
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let Reservation { booking, screening, customer, amount, .. } = *reservation;
        let CounterSale { payment, method, .. } = *sale;
        let tickets = tickets.to_vec();
        Ok(vec![
            Event::BookingOpened { reservation: reservation.clone(), sale: Some(sale.clone()) },
            Event::PaymentAttemptStarted {
                booking,
                screening,
                customer,
                payment,
                method,
                amount,
                fingerprint: None,
            },
            Event::BookingConfirmed { booking, screening, customer, payment, method, amount, tickets },
        ])
    }

    /// Cannot be refused, because the screening will not take place.
    pub(super) fn call_off(
        &self,
        reservation: &Reservation,
        reason: Option<&str>,
        cascade: Uuid,
    ) -> Vec<Event> {
        if let Some(opened) = &self.opened {
            let elsewhere = opened.called_off_elsewhere(reservation.screening);
            return elsewhere.unwrap_or_else(|| opened.call_off(reason, cascade));
        }
        let reservation = self.reduced(reservation);
        let Reservation { booking, screening, customer, .. } = reservation;
        vec![
            Event::BookingOpened { reservation, sale: None },
            Event::BookingCancelled {
                booking,
                screening,
                customer,
                by: CancelledBy::House,
                reason: reason.map(ToOwned::to_owned),
                cascade: Some(cascade),
                refund_due: None,
            },
        ]
    }
}

impl Opened {
    pub(super) fn confirm(&self, payment: PaymentId, tickets: &[Ticket]) -> Result<Vec<Event>, Refusal> {
        let attempt = self.attempt(payment).ok_or(Refusal::UnknownPayment)?;
        match self.status {
            BookingStatus::Confirmed if attempt.outcome == Outcome::Confirmed => Ok(Vec::new()),
            BookingStatus::Confirmed => Err(Refusal::AlreadyPaid),
            BookingStatus::Cancelled | BookingStatus::Refunded => Err(Refusal::BookingCancelled),
            // Another booking may have used the code by now.
            BookingStatus::Expired if self.reservation.promotion.is_some() => Err(Refusal::BookingCancelled),
            BookingStatus::Held | BookingStatus::Paying | BookingStatus::Expired => {
                Ok(vec![Event::BookingConfirmed {
                    booking: self.reservation.booking,
                    screening: self.reservation.screening,
                    customer: self.reservation.customer,
                    payment,
                    method: attempt.method,
                    amount: self.reservation.amount,
                    tickets: tickets.to_vec(),
                }])
            }
        }
    }

    pub(super) fn fail_attempt(
        &self,
        payment: PaymentId,
        reason: FailureReason,
    ) -> Result<Vec<Event>, Refusal> {
        let attempt = self.attempt(payment).ok_or(Refusal::UnknownPayment)?;
        match attempt.outcome {
            Outcome::Failed(_) => return Ok(Vec::new()),
            Outcome::Confirmed => return Err(Refusal::AlreadyPaid),
            Outcome::Open => {}
        }
        let (booking, status) = (self.reservation.booking, self.status_after_failure(payment, reason));
        Ok(vec![Event::PaymentAttemptFailed { booking, payment, reason, status }])
    }

    /// Ends the booking if its seats are gone; otherwise it stays held for the next attempt.
    fn status_after_failure(&self, payment: PaymentId, reason: FailureReason) -> BookingStatus {
        let others_open =
            self.attempts.iter().any(|other| other.payment != payment && other.outcome == Outcome::Open);
        let unpaid = matches!(self.status, BookingStatus::Held | BookingStatus::Paying);
        match reason {
            FailureReason::Cancelled if unpaid => BookingStatus::Cancelled,
            FailureReason::SeatsGone | FailureReason::BookingClosed if unpaid => BookingStatus::Expired,
            FailureReason::InsufficientFunds
            | FailureReason::Declined
            | FailureReason::TimedOut
            | FailureReason::ProviderUnavailable
            | FailureReason::SentBack
            | FailureReason::Abandoned
                if self.status == BookingStatus::Paying && !others_open =>
            {
                BookingStatus::Held
            }
            FailureReason::InsufficientFunds
            | FailureReason::Declined
            | FailureReason::TimedOut
            | FailureReason::ProviderUnavailable
            | FailureReason::SentBack
            | FailureReason::SeatsGone
            | FailureReason::BookingClosed
            | FailureReason::PaidTwice
            | FailureReason::Cancelled
            | FailureReason::Abandoned => self.status,
        }
    }

    pub(super) fn expire(&self) -> Vec<Event> {
        match self.status {
            BookingStatus::Held | BookingStatus::Paying => {
                vec![Event::BookingExpired { booking: self.reservation.booking }]
            }
            BookingStatus::Confirmed
            | BookingStatus::Expired
            | BookingStatus::Cancelled
            | BookingStatus::Refunded => Vec::new(),
        }
    }

    pub(super) fn cancel(
        &self,
        by: CancelledBy,
        reason: Option<&str>,
        cascade: Option<Uuid>,
        released: bool,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        match (self.status, by) {
            // Already over. The screening knows of the cancellation and refuses late payments.
            (BookingStatus::Cancelled | BookingStatus::Refunded, _)
            | (BookingStatus::Expired, CancelledBy::House) => return Ok(Vec::new()),
            (BookingStatus::Expired, CancelledBy::Customer) => return Err(Refusal::HoldExpired),
            (BookingStatus::Confirmed, CancelledBy::Customer) if !released => {
                let until = self.customer_may_leave_until();
                if until <= now {
                    return Err(Refusal::TooLateToCancel(until));
                }
                self.check_not_moving()?;
                return Err(Refusal::SeatsNotReleased);
            }
            (BookingStatus::Held | BookingStatus::Paying | BookingStatus::Confirmed, _) => {}
        }
        let refund = self.refund_of(&self.seat_names(), by, now);
        Ok(self.cancelled(by, reason, cascade, refund))
    }

    fn call_off(&self, reason: Option<&str>, cascade: Uuid) -> Vec<Event> {
        match self.status {
            BookingStatus::Cancelled | BookingStatus::Refunded => Vec::new(),
            // An expired booking with seats was just bought late; it must not be confirmed any more.
            BookingStatus::Held
            | BookingStatus::Paying
            | BookingStatus::Confirmed
            | BookingStatus::Expired => {
                let refund = self.full_refund_of(&self.seat_names());
                self.cancelled(CancelledBy::House, reason, Some(cascade), refund)
            }
        }
    }

    fn cancelled(
        &self,
        by: CancelledBy,
        reason: Option<&str>,
        cascade: Option<Uuid>,
        refund: Money,
    ) -> Vec<Event> {
        let (Reservation { booking, customer, .. }, screening) = (&self.reservation, self.screening);
        let (booking, customer) = (*booking, *customer);
        let (refund_due, contributions) = self.refunds_of_cancellation(refund, by, None, reason);
        let reason = reason.map(ToOwned::to_owned);
        let cancelled =
            Event::BookingCancelled { booking, screening, customer, by, reason, cascade, refund_due };
        let ended = self.end_open_move(MoveRefusal::BookingCancelled).into_iter();
        ended.chain(contributions).chain([cancelled]).collect()
    }

    /// Returns the refund of `amount` by the way it was paid; `None` for a booking that was not paid, or if the house keeps everything.
    pub(super) fn due(&self, amount: Money) -> Option<RefundDue> {
        let is_free = self.amount().amount_minor == 0;
        // A refund of nothing at the counter would wait there for its owner.
        self.price(amount).filter(|due| amount.amount_minor > 0 || is_free && !due.method.is_of_counter())
    }

    fn price(&self, amount: Money) -> Option<RefundDue> {
        let Attempt { payment, method, .. } = self.winner()?;
        Some(RefundDue { payment: *payment, method: *method, amount, to: None })
    }

    pub(super) fn return_seats(&self, returned: &SeatReturn, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        if self.returns.iter().any(|known| known.id == returned.id) {
            return Ok(Vec::new());
        }
        match self.status {
            BookingStatus::Confirmed => {}
            BookingStatus::Cancelled | BookingStatus::Refunded => return Ok(Vec::new()),
            BookingStatus::Held | BookingStatus::Paying | BookingStatus::Expired => {
                return Err(Refusal::NotConfirmed);
            }
        }
        // Its new seats, which it does not know yet: later.
        if let Some(wanted) = self.open_move()
            && returned.seats.iter().any(|seat| wanted.new_seats().contains(seat))
        {
            return Err(Refusal::MoveInProgress);
        }
        let (given, kept): (Vec<_>, Vec<_>) =
            self.seats().partition(|priced| returned.seats.contains(&priced.seat));
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let (Reservation { booking, customer, .. }, screening) = (&self.reservation, self.screening);
        let (booking, customer) = (*booking, *customer);
        let counter = self.payout(returned)?;
        if kept.is_empty() {
            let to = (returned.refund == RefundWay::Wallet).then_some(RefundTarget::Wallet);
            let refund = self.refund_of(&self.seat_names(), returned.by, now);
            let (refund_due, contributions) = if returned.refund == RefundWay::None {
                (None, Vec::new())
            } else {
                self.refunds_of_cancellation(refund, returned.by, to, returned.reason.as_deref())
            };
            let (by, reason, cascade) = (returned.by, returned.reason.clone(), None);
            let cancelled =
                Event::BookingCancelled { booking, screening, customer, by, reason, cascade, refund_due };
            let handed_back = refund_due.filter(|_| counter.is_some()).map(|due| {
                let RefundDue { payment, amount, .. } = due;
                let target = PaymentMethod::Cash;
                Event::BookingRefunded { booking, payment, target, amount, cascade, counter }
            });
            let ended = self.end_open_move(MoveRefusal::BookingCancelled);
            let ended = ended.into_iter().chain(contributions);
            return Ok(ended.chain([cancelled]).chain(handed_back).collect());
        }
        let seats: Vec<_> = given.into_iter().map(|priced| priced.seat.clone()).collect();
        let refund = self.refund_of(&seats, returned.by, now);
        let shares = self.shares_of_return(refund).ok_or(Refusal::NotConfirmed)?;
        let SeatReturn { id, by, refund, ref reason, .. } = *returned;
        let occasion = Occasion { id: id.0, by, refund, reason: reason.clone() };
        let contributions = self.contributions(&occasion, &shares.others);
        let (returned, due) = (SeatReturn { seats, ..returned.clone() }, shares.named);
        let back = Event::SeatsReturned { booking, screening, customer, returned, due };
        let ended = self.end_open_move(MoveRefusal::SeatsChanged).into_iter();
        Ok(ended.chain(contributions).chain([back]).collect())
    }

    /// Returns the refund at the counter, if the seats are refunded in cash. Only money that a seller took is.
    fn payout(&self, returned: &SeatReturn) -> Result<Option<CounterRefund>, Refusal> {
        if returned.refund != RefundWay::Cash {
            return Ok(None);
        }
        let winner = self.winner().filter(|winner| winner.method.is_of_counter());
        if winner.ok_or(Refusal::NotSoldAtCounter)?.method == PaymentMethod::Complimentary {
            return Err(Refusal::NothingPaid);
        }
        let counter = returned.counter.filter(|counter| counter.till.is_some());
        counter.map(Some).ok_or(Refusal::NoOpenTill)
    }

    /// Refuses a refund of money that the house keeps.
    fn record_return(
        &self,
        back: &Returned,
        target: RefundTarget,
        amount: Money,
    ) -> Result<Vec<Event>, Refusal> {
        if back.refunded {
            return Ok(Vec::new());
        }
        if back.refund == RefundWay::None {
            return Err(Refusal::UnknownPayment);
        }
        let (booking, payment, seats) = (self.reservation.booking, back.id, back.seats.clone());
        Ok(vec![Event::ReturnRefunded { booking, payment, seats, target, amount }])
    }

    pub(super) fn record_refund(
        &self,
        payment: PaymentId,
        target: RefundTarget,
        amount: Money,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(back) = self.returns.iter().find(|back| back.id == payment) {
            return self.record_return(back, target, amount);
        }
        if self.winner().map(|winner| winner.payment) != Some(payment) {
            return Err(Refusal::UnknownPayment);
        }
        match self.status {
            BookingStatus::Refunded => Ok(Vec::new()),
            BookingStatus::Cancelled => Ok(vec![Event::BookingRefunded {
                booking: self.reservation.booking,
                payment,
                target: target.into(),
                amount,
                cascade: self.cascade,
                counter: None,
            }]),
            BookingStatus::Held
            | BookingStatus::Paying
            | BookingStatus::Confirmed
            | BookingStatus::Expired => Err(Refusal::NotCancelled),
        }
    }

    /// Records that a seller hands back the money that a seller took.
    pub(super) fn refund_at_counter(
        &self,
        target: PaymentMethod,
        counter: CounterRefund,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            BookingStatus::Refunded => {
                let by_this = self.counter_refund.is_some_and(|known| known.refund == counter.refund);
                return if by_this { Ok(Vec::new()) } else { Err(Refusal::AlreadyRefunded) };
            }
            BookingStatus::Cancelled => {}
            BookingStatus::Held
            | BookingStatus::Paying
            | BookingStatus::Confirmed
            | BookingStatus::Expired => return Err(Refusal::NotCancelled),
        }
        let winner = self.winner().filter(|winner| winner.method.is_of_counter());
        let &Attempt { payment, .. } = winner.ok_or(Refusal::NotSoldAtCounter)?;
        let due = self.refund_due.map(|due| due.amount).filter(|due| due.amount_minor > 0);
        let amount = due.ok_or(Refusal::NothingPaid)?;
        if target == PaymentMethod::Cash && counter.till.is_none() {
            return Err(Refusal::NoOpenTill);
        }
        Ok(vec![Event::BookingRefunded {
            booking: self.reservation.booking,
            payment,
            target,
            amount,
            cascade: self.cascade,
            counter: Some(counter),
        }])
    }
}
