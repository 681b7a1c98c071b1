//! Paying a booking from the wallet: debit, sell, confirm; or give the money back and say why. And freeing the seats of a
//! booking that was cancelled. Cards are not paid here.

mod steps;
#[cfg(test)]
mod tests;

use ticketshow_domain::{
    AnyEvent, BookingId, PaymentId, ScreeningId,
    booking::{Booking, CancelledBy, Event, PaymentMethod},
    screening::{self, ReleaseReason, Screening},
    wallet::Wallet,
};
use ticketshow_nats::{Commit, Durable, Executor, Handler, Verdict, consumers};
use ticketshow_tickets::Signer;

use crate::reaction::{Halt, Reaction, verdict};
use steps::{Attempt, Next, Step};

/// What an event of a booking asks of this saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Bring an attempt to pay to its end.
    Settle { booking: BookingId, payment: PaymentId },
    /// Give the seats of a cancelled booking back: whoever cancelled it may have crashed before.
    Release { booking: BookingId, screening: ScreeningId, reason: ReleaseReason },
}

fn react(event: &Event) -> Option<Task> {
    match event {
        Event::PaymentRequested { booking, payment, method: PaymentMethod::Wallet, .. } => {
            Some(Task::Settle { booking: *booking, payment: *payment })
        }
        Event::BookingCancelled { booking, screening, by, .. } => {
            let reason = match by {
                CancelledBy::Customer => ReleaseReason::CancelledByCustomer,
                CancelledBy::House => ReleaseReason::CancelledByHouse,
            };
            Some(Task::Release { booking: *booking, screening: *screening, reason })
        }
        Event::PaymentRequested { method: PaymentMethod::Card, .. }
        | Event::BookingOpened { .. }
        | Event::PaymentFailed { .. }
        | Event::BookingConfirmed { .. }
        | Event::BookingExpired { .. }
        | Event::BookingRefunded { .. } => None,
    }
}

/// Works off the consumer `payment`.
#[derive(Debug)]
pub(crate) struct Payment {
    executor: Executor,
    signer: Signer,
}

impl Payment {
    const NAME: &'static str = consumers::PAYMENT;

    pub fn new(executor: &Executor, signer: Signer) -> Self {
        Self { executor: executor.clone(), signer }
    }

    /// The events it reads, `parallelism` bookings side by side.
    pub fn durable(parallelism: usize) -> Durable {
        Durable { name: Self::NAME, events: &["payment_requested", "booking_cancelled"], parallelism }
    }

    async fn work_off(&self, commit: &Commit) -> Result<(), Halt> {
        for recorded in commit.events()? {
            let AnyEvent::Booking(event) = &recorded.event else { continue };
            let reaction = Reaction::to(&recorded, Self::NAME, &self.executor);
            match react(event) {
                Some(Task::Settle { booking, payment }) => self.settle(&reaction, booking, payment).await?,
                Some(Task::Release { booking, screening, reason }) => {
                    let command = screening::Command::ReleaseSeats { booking, reason };
                    reaction
                        .execute::<Screening, _>(&screening, command, |_| ())
                        .await?
                        .map_err(Halt::stuck)?;
                }
                None => {}
            }
        }
        Ok(())
    }

    async fn settle(
        &self,
        reaction: &Reaction<'_>,
        booking: BookingId,
        payment: PaymentId,
    ) -> Result<(), Halt> {
        let booking: Booking = reaction.read(&booking).await?;
        let Some(attempt) = Attempt::open(&booking, payment).map_err(Halt::stuck)? else { return Ok(()) };
        let mut step = Attempt::FIRST;
        loop {
            match self.take(reaction, &attempt, step).await? {
                Next::Then(next) => step = next,
                Next::Settled => return Ok(()),
                Next::Stuck(unexpected) => return Err(Halt::stuck(unexpected)),
            }
        }
    }

    async fn take(&self, reaction: &Reaction<'_>, attempt: &Attempt, step: Step) -> Result<Next, Halt> {
        Ok(match step {
            Step::Wallet(step) => {
                let command = attempt.wallet_command(step);
                let answer = reaction.execute::<Wallet, _>(&attempt.customer, command, |_| ()).await?;
                Attempt::after_wallet(step, answer)
            }
            Step::Screening(step) => {
                let (command, booking) = (attempt.screening_command(step), attempt.booking);
                let claim = move |screening: &Screening| screening.claim(booking).map(|claim| claim.status);
                let answer = reaction.execute(&attempt.screening, command, claim).await?;
                attempt.after_screening(step, answer)
            }
            Step::Booking(step) => {
                let command = attempt.booking_command(step, &self.signer);
                let answer = reaction.execute::<Booking, _>(&attempt.booking, command, |_| ()).await?;
                attempt.after_booking(step, answer)
            }
        })
    }
}

impl Handler for Payment {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.work_off(commit).await)
    }
}
