//! Taking the steps of an attempt, one after the other, until it is settled.

use ticketshow_domain::{
    BookingId, PaymentId, booking::Booking, payment, screening::Screening, wallet::Wallet,
};
use ticketshow_tickets::Signer;

use super::steps::{Attempt, Next, Step};
use crate::reaction::{Halt, Reaction};

/// Brings attempts to pay to their end.
#[derive(Debug, Clone)]
pub(crate) struct Settler {
    signer: Signer,
}

impl Settler {
    pub fn new(signer: Signer) -> Self {
        Self { signer }
    }

    /// Safe to repeat, also beside a repeat that is under way.
    pub async fn settle(
        &self,
        reaction: &Reaction<'_>,
        booking: BookingId,
        payment: PaymentId,
    ) -> Result<(), Halt> {
        let booking: Booking = reaction.read(&booking).await?;
        let Some(attempt) = Attempt::open(&booking, payment).map_err(Halt::stuck)? else { return Ok(()) };
        let mut step = attempt.first();
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
            Step::Refund(reason) => {
                let command = Attempt::refund_command(reason);
                let answer =
                    reaction.execute::<payment::Payment, _>(&attempt.payment, command, |_| ()).await?;
                Attempt::after_refund(reason, answer)
            }
        })
    }
}
