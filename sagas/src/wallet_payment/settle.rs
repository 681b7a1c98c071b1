//! Executes the steps of an attempt, one after the other, until it is settled.

use ticketshow_domain::{
    BookingId, PaymentId, booking::Booking, payment, screening::Screening, wallet::Wallet,
};
use ticketshow_tickets::Signer;

use super::steps::{Attempt, Next, Step};
use crate::worker::{error::SagaError, reaction::Reaction};

/// Settles attempts to pay.
#[derive(Debug, Clone)]
pub(crate) struct Settler {
    signer: Signer,
}

impl Settler {
    pub fn new(signer: Signer) -> Self {
        Self { signer }
    }

    /// Settles an attempt. Safe to repeat, even concurrently.
    pub async fn settle(
        &self,
        reaction: &Reaction<'_>,
        booking: BookingId,
        payment: PaymentId,
    ) -> Result<(), SagaError> {
        let booking: Booking = reaction.read_after_cause(&booking).await?;
        let Some(attempt) = Attempt::open(&booking, payment).map_err(SagaError::permanent)? else {
            return Ok(());
        };
        let mut step = attempt.first(reaction.age(), reaction.policy());
        loop {
            match self.take(reaction, &attempt, step).await? {
                Next::Then(next) => step = next,
                Next::Settled => return Ok(()),
                Next::Stuck(unexpected) => return Err(SagaError::permanent(unexpected)),
            }
        }
    }

    async fn take(&self, reaction: &Reaction<'_>, attempt: &Attempt, step: Step) -> Result<Next, SagaError> {
        Ok(match step {
            Step::CheckHold => {
                let screening: Screening = reaction.read(&attempt.screening).await?;
                Attempt::after_checking(screening.standing(attempt.booking, reaction.now()))
            }
            Step::Wallet(step) => {
                let command = attempt.wallet_command(step);
                let answer = reaction.execute::<Wallet>(&attempt.customer, command).await?;
                Attempt::after_wallet(step, answer)
            }
            Step::Screening(step) => {
                let (command, booking) = (attempt.screening_command(step), attempt.booking);
                let claim = move |screening: &Screening| screening.claim(booking).map(|claim| claim.status);
                let answer = reaction.execute_and_read(&attempt.screening, command, claim).await?;
                attempt.after_screening(step, answer)
            }
            Step::Booking(step) => {
                let command = attempt.booking_command(step, &self.signer);
                let answer = reaction.execute::<Booking>(&attempt.booking, command).await?;
                attempt.after_booking(step, answer)
            }
            Step::Refund(reason) => {
                let command = Attempt::refund_command(reason);
                let answer = reaction.execute::<payment::Payment>(&attempt.payment, command).await?;
                Attempt::after_refund(reason, answer)
            }
        })
    }
}
