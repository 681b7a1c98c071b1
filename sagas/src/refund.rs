//! Giving the money of a cancelled booking back. Into the wallet it goes here, and the booking is told; a card's refund is
//! only asked for here, and goes its own way on the payment.

#[cfg(test)]
mod tests;

use ticketshow_domain::{
    AnyEvent, BookingId, Money, PaymentId, UserId,
    booking::{self, Booking, CancelledBy, Event, PaymentMethod, RefundDue},
    payment::{self, Payment, RefundReason, RefundTarget},
    wallet::{self, Reference, Wallet},
};
use ticketshow_nats::{Commit, Durable, Executor, Handler, Verdict, consumers};

use crate::reaction::{Halt, Reaction, verdict};

/// What a cancelled booking asks of this saga.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    booking: BookingId,
    customer: UserId,
    payment: PaymentId,
    amount: Money,
    by: CancelledBy,
    /// What the customer was told; stands in the ledger too.
    reason: Option<String>,
    way: &'static [Step],
}

/// The next thing to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The wallet gets the money.
    Credit,
    /// The booking hears that it is there.
    Record(RefundTarget),
    /// The card's payment sends it back.
    Request,
}

/// The whole way of a refund. It always begins at the start: a step that was taken before changes nothing.
fn way(method: PaymentMethod, amount_minor: i64) -> &'static [Step] {
    match (method, amount_minor) {
        // What was free leaves nothing to give back, and the wallet takes no credit of nothing.
        (PaymentMethod::Wallet, 0) => &[Step::Record(RefundTarget::Wallet)],
        (PaymentMethod::Card, 0) => &[Step::Record(RefundTarget::Card)],
        (PaymentMethod::Wallet, _) => &[Step::Credit, Step::Record(RefundTarget::Wallet)],
        (PaymentMethod::Card, _) => &[Step::Request],
    }
}

fn react(event: &Event) -> Option<Due> {
    match event {
        Event::BookingCancelled { booking, customer, by, reason, refund_due: Some(due), .. } => {
            let RefundDue { payment, method, amount } = *due;
            let way = way(method, amount.amount_minor);
            let (booking, customer, by, reason) = (*booking, *customer, *by, reason.clone());
            Some(Due { booking, customer, payment, amount, by, reason, way })
        }
        Event::BookingCancelled { refund_due: None, .. }
        | Event::BookingOpened { .. }
        | Event::PaymentRequested { .. }
        | Event::PaymentFailed { .. }
        | Event::BookingConfirmed { .. }
        | Event::BookingExpired { .. }
        | Event::BookingRefunded { .. } => None,
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

    fn request(&self) -> payment::Command {
        let reason = match self.by {
            CancelledBy::Customer => RefundReason::CancelledByCustomer,
            CancelledBy::House => RefundReason::CancelledByHouse,
        };
        payment::Command::RequestRefund { target: RefundTarget::Card, reason }
    }
}

/// Works off the consumer `refund`.
#[derive(Debug)]
pub(crate) struct Refund {
    executor: Executor,
}

impl Refund {
    const NAME: &'static str = consumers::REFUND;

    pub fn new(executor: &Executor) -> Self {
        Self { executor: executor.clone() }
    }

    /// The events it reads, `parallelism` bookings side by side.
    pub fn durable(parallelism: usize) -> Durable {
        Durable { name: Self::NAME, events: &["booking_cancelled"], parallelism }
    }

    async fn work_off(&self, commit: &Commit) -> Result<(), Halt> {
        for recorded in commit.events()? {
            let AnyEvent::Booking(event) = &recorded.event else { continue };
            let Some(due) = react(event) else { continue };
            let reaction = Reaction::to(&recorded, Self::NAME, &self.executor);
            for step in due.way {
                take(&reaction, &due, *step).await?;
            }
        }
        Ok(())
    }
}

/// No rule turns any of these down: whatever is refused waits for a person.
async fn take(reaction: &Reaction<'_>, due: &Due, step: Step) -> Result<(), Halt> {
    match step {
        Step::Credit => {
            let credited = reaction.execute::<Wallet, _>(&due.customer, due.credit(), |_| ()).await?;
            credited.map_err(Halt::stuck)
        }
        Step::Record(target) => {
            let command = due.record(target);
            let recorded = reaction.execute::<Booking, _>(&due.booking, command, |_| ()).await?;
            recorded.map_err(Halt::stuck)
        }
        Step::Request => {
            let requested = reaction.execute::<Payment, _>(&due.payment, due.request(), |_| ()).await?;
            requested.map_err(Halt::stuck)
        }
    }
}

impl Handler for Refund {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.work_off(commit).await)
    }
}
