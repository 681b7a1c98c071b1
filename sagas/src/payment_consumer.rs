//! The consumer `payment`, which three sagas share: [`wallet_payment`], [`seat_move`] and [`seat_release`].

pub(crate) mod seat_release;

use ticketshow_domain::AnyEvent;
use ticketshow_nats::{
    consumers::{
        subscription::{Handler, Subscription},
        verdict::Verdict,
    },
    executor::Executor,
    log::envelope::Commit,
    subjects::consumers,
};
use ticketshow_tickets::Signer;

use crate::{
    seat_move,
    wallet_payment::{self, WalletPayment},
    worker::{
        clock::Clock,
        error::{SagaError, verdict},
        reaction::Reactions,
    },
};

/// Passes events of bookings to the three sagas.
#[derive(Debug)]
pub(crate) struct PaymentConsumer {
    reactions: Reactions,
    wallet_payment: WalletPayment,
    signer: Signer,
}

impl PaymentConsumer {
    const NAME: &'static str = consumers::PAYMENT;

    pub fn new(executor: &Executor, clock: Clock, signer: Signer) -> Self {
        let reactions = Reactions::new(Self::NAME, executor, clock);
        Self { reactions, wallet_payment: WalletPayment::new(signer.clone()), signer }
    }

    /// The subscription, with `parallelism` bookings at once.
    pub fn durable(parallelism: usize) -> Subscription {
        let events = &[
            "payment_requested",
            "booking_cancelled",
            "move_requested",
            "move_paid",
            "move_refused",
            "booking_moved",
        ];
        Subscription { name: Self::NAME, events, parallelism }
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        for recorded in commit.events()? {
            let AnyEvent::Booking(event) = &recorded.event else { continue };
            let reaction = self.reactions.to(&recorded);
            if let Some(task) = wallet_payment::react(event) {
                self.wallet_payment.run(&reaction, task).await?;
            }
            if let Some(task) = seat_move::react(event) {
                seat_move::run(&reaction, &self.signer, &task).await?;
            }
            if let Some(release) = seat_release::react(event) {
                release.run(&reaction).await?;
            }
        }
        Ok(())
    }
}

impl Handler for PaymentConsumer {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.process(commit).await)
    }
}
