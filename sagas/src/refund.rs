//! Refunds of cancelled bookings, and of seats that were given back ([`part`]). A refund to the wallet is credited here and recorded
//! in the booking; a refund to a card is only requested here, and [`crate::card_refund`] carries it out. A refund at the counter is
//! paid out by a person; this saga enters its cash in the till, in case the API crashed before it did so. Uses of promotions are
//! returned here too ([`promotion_use`]).

#[cfg(test)]
mod paid;
pub(crate) mod part;
pub(crate) mod promotion_use;
#[cfg(test)]
mod tests;

use ticketshow_domain::{
    AnyEvent, BookingId, Money, PaymentId, TillId, UserId,
    booking::{self, Booking, CancelledBy, Event, PaymentMethod, RefundDue},
    counter::CounterRefund,
    payment::{self, Payment, RefundReason, RefundTarget},
    seat_return::RefundWay,
    till::{self, Till},
    wallet::{self, Reference, Wallet},
};
use ticketshow_nats::{
    consumers::{
        subscription::{Handler, Subscription},
        verdict::Verdict,
    },
    executor::Executor,
    log::envelope::Commit,
    subjects::consumers,
};
use uuid::Uuid;

use crate::worker::{
    clock::Clock,
    error::{SagaError, verdict},
    reaction::{Reaction, Reactions},
};

/// The refund of a cancelled booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    booking: BookingId,
    customer: UserId,
    payment: PaymentId,
    amount: Money,
    /// Destination of money that a card paid.
    target: RefundTarget,
    by: CancelledBy,
    /// The reason given to the customer, which the ledger shows too.
    reason: Option<String>,
    steps: &'static [Step],
}

/// One command of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Credit the wallet.
    Credit,
    /// Record the completed refund in the booking.
    Record(RefundTarget),
    /// Split the house's charge off the card payment, which refunds the rest.
    Keep,
    /// Request the refund from the card's payment.
    Request,
}

/// All steps of a refund. Every run starts from the first: a step that was taken before changes nothing.
fn steps(method: PaymentMethod, amount_minor: i64) -> &'static [Step] {
    match (method, amount_minor) {
        // A free booking has nothing to return, and a wallet refuses a credit of zero.
        (PaymentMethod::Wallet, 0) => &[Step::Record(RefundTarget::Wallet)],
        (PaymentMethod::Card, 0) => &[Step::Record(RefundTarget::Card)],
        (PaymentMethod::Wallet, _) => &[Step::Credit, Step::Record(RefundTarget::Wallet)],
        (PaymentMethod::Card, _) => &[Step::Keep, Step::Request],
        // A person hands it back (`POST /box-office/refunds`).
        (
            PaymentMethod::Cash
            | PaymentMethod::CardTerminal
            | PaymentMethod::Upi
            | PaymentMethod::Complimentary,
            _,
        ) => &[],
    }
}

pub(crate) fn react(event: &Event) -> Option<Due> {
    match event {
        Event::BookingCancelled { booking, customer, by, reason, refund_due: Some(due), .. } => {
            let RefundDue { payment, method, amount, to } = *due;
            let (steps, target) = (steps(method, amount.amount_minor), to.unwrap_or(RefundTarget::Card));
            let (booking, customer, by, reason) = (*booking, *customer, *by, reason.clone());
            Some(Due { booking, customer, payment, amount, target, by, reason, steps })
        }
        Event::BookingCancelled { refund_due: None, .. }
        | Event::BookingOpened { .. }
        | Event::PaymentAttemptStarted { .. }
        | Event::PaymentAttemptFailed { .. }
        | Event::BookingConfirmed { .. }
        | Event::BookingExpired { .. }
        | Event::SeatsReturned { .. }
        | Event::ReturnRefunded { .. }
        | Event::BookingRefunded { .. }
        | Event::NoteAdded { .. }
        | Event::BuyerErased { .. }
        | Event::TicketShared { .. }
        | Event::ShareEnded { .. }
        | Event::DiscountApplied { .. }
        | Event::DiscountRemoved { .. }
        | Event::MoveRequested { .. }
        | Event::MovePaid { .. }
        | Event::MoveRefused { .. }
        | Event::BookingMoved { .. }
        | Event::BookingRescheduled { .. } => None,
    }
}

/// Cash that was handed back at the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Payout {
    seller: UserId,
    till: TillId,
    booking: BookingId,
    payment: PaymentId,
    amount: Money,
}

pub(crate) fn payout(event: &Event) -> Option<Payout> {
    match *event {
        Event::BookingRefunded {
            booking,
            payment,
            target: PaymentMethod::Cash,
            amount,
            counter: Some(CounterRefund { till: Some(till), by: seller, .. }),
            ..
        } => Some(Payout { seller, till, booking, payment, amount }),
        Event::SeatsReturned { booking, ref returned, due, .. } => {
            let CounterRefund { till, by: seller, .. } = returned.counter?;
            Some(Payout { seller, till: till?, booking, payment: returned.id, amount: due.amount })
        }
        Event::BookingRefunded { .. }
        | Event::BookingCancelled { .. }
        | Event::BookingOpened { .. }
        | Event::PaymentAttemptStarted { .. }
        | Event::PaymentAttemptFailed { .. }
        | Event::BookingConfirmed { .. }
        | Event::BookingExpired { .. }
        | Event::ReturnRefunded { .. }
        | Event::NoteAdded { .. }
        | Event::BuyerErased { .. }
        | Event::TicketShared { .. }
        | Event::ShareEnded { .. }
        | Event::DiscountApplied { .. }
        | Event::DiscountRemoved { .. }
        | Event::MoveRequested { .. }
        | Event::MovePaid { .. }
        | Event::MoveRefused { .. }
        | Event::BookingMoved { .. }
        | Event::BookingRescheduled { .. } => None,
    }
}

impl Payout {
    fn enter(&self) -> till::Command {
        let Self { till, booking, payment, amount, .. } = *self;
        till::Command::ReturnCash { till, booking, payment, amount }
    }
}

impl Due {
    fn credit(&self) -> wallet::Command {
        wallet::Command::CreditWallet {
            customer: self.customer,
            reference: Reference::refund(self.payment),
            amount: self.amount,
            booking: Some(self.booking),
            reason: self.reason.clone(),
        }
    }

    fn record(&self, target: RefundTarget) -> booking::Command {
        booking::Command::RecordRefund { payment: self.payment, target, amount: self.amount }
    }

    /// Returns the command that splits off the house's charge; `None` if there is none.
    fn keep(&self, booking: &Booking) -> Option<payment::Command> {
        let amount = booking.opened.as_ref()?.kept();
        let part = PaymentId(Uuid::new_v5(&self.payment.0, b"kept"));
        let split = payment::Command::SplitOff { part, amount, refund: RefundWay::None };
        (amount.amount_minor > 0).then_some(split)
    }

    fn request(&self) -> payment::Command {
        let reason = match self.by {
            CancelledBy::Customer => RefundReason::CancelledByCustomer,
            CancelledBy::House => RefundReason::CancelledByHouse,
        };
        payment::Command::RequestRefund { target: self.target, reason }
    }
}

/// Processes the consumer `refund`.
#[derive(Debug)]
pub(crate) struct Refund {
    reactions: Reactions,
}

impl Refund {
    const NAME: &'static str = consumers::REFUND;

    pub fn new(executor: &Executor, clock: Clock) -> Self {
        Self { reactions: Reactions::new(Self::NAME, executor, clock) }
    }

    /// The subscription, with `parallelism` bookings at once.
    pub fn durable(parallelism: usize) -> Subscription {
        let events = &[
            "booking_cancelled",
            "seats_returned",
            "booking_moved",
            "booking_refunded",
            "booking_expired",
            "payment_failed",
            "discount_applied",
            "discount_removed",
        ];
        Subscription { name: Self::NAME, events, parallelism }
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        for recorded in commit.events()? {
            let AnyEvent::Booking(event) = &recorded.event else { continue };
            let reaction = self.reactions.to(&recorded);
            if let Some(due) = part::react(event) {
                for step in due.steps() {
                    due.take(&reaction, step).await?;
                }
            }
            if let Some(due) = react(event) {
                for step in due.steps {
                    take(&reaction, &due, *step).await?;
                }
            }
            if let Some(ended) = promotion_use::react(event) {
                ended.run(&reaction).await?;
            }
            if let Some(payout) = payout(event) {
                reaction.must::<Till>(&payout.seller, payout.enter()).await?;
            }
        }
        Ok(())
    }
}

/// No rule refuses any of these commands, so a refusal is parked.
async fn take(reaction: &Reaction<'_>, due: &Due, step: Step) -> Result<(), SagaError> {
    match step {
        Step::Credit => reaction.must::<Wallet>(&due.customer, due.credit()).await,
        Step::Record(target) => reaction.must::<Booking>(&due.booking, due.record(target)).await,
        Step::Keep => {
            let booking: Booking = reaction.read(&due.booking).await?;
            match due.keep(&booking) {
                Some(split) => reaction.must::<Payment>(&due.payment, split).await,
                None => Ok(()),
            }
        }
        Step::Request => reaction.must::<Payment>(&due.payment, due.request()).await,
    }
}

impl Handler for Refund {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.process(commit).await)
    }
}
