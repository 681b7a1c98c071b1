//! Paying a booking from the wallet: debit, sell, confirm; or give the money back and say why. And freeing the seats of a
//! booking that its customer cancelled. A card payment is only begun here: [`crate::card_payment`].

mod settle;
mod steps;
#[cfg(test)]
mod tests;

use ticketshow_domain::{
    AnyEvent, BookingId, Money, PaymentId, ScreeningId, UserId,
    booking::{CancelledBy, Event, PaymentMethod},
    payment::{self, Purpose},
    screening::{self, ReleaseReason, Screening},
};
use ticketshow_nats::{Commit, Durable, Executor, Handler, Verdict, consumers};
use ticketshow_tickets::Signer;

use crate::reaction::{Halt, Reaction, verdict};
pub(crate) use settle::Settler;

/// What an event of a booking asks of this saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Bring an attempt to pay from the wallet to its end.
    Settle { booking: BookingId, payment: PaymentId },
    /// Begin an attempt to pay by card.
    Charge { booking: BookingId, payment: PaymentId, customer: UserId, amount: Money },
    /// Give the seats of a booking that its customer cancelled back: the API may have crashed before it did.
    Release { booking: BookingId, screening: ScreeningId },
}

fn react(event: &Event) -> Option<Task> {
    match event {
        Event::PaymentRequested { booking, payment, method: PaymentMethod::Wallet, .. } => {
            Some(Task::Settle { booking: *booking, payment: *payment })
        }
        Event::PaymentRequested {
            booking, payment, customer, amount, method: PaymentMethod::Card, ..
        } => {
            Some(Task::Charge { booking: *booking, payment: *payment, customer: *customer, amount: *amount })
        }
        Event::BookingCancelled { booking, screening, by: CancelledBy::Customer, .. } => {
            Some(Task::Release { booking: *booking, screening: *screening })
        }
        // The cascade that cancelled it gives many back at once.
        Event::BookingCancelled { by: CancelledBy::House, .. }
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
    settler: Settler,
}

impl Payment {
    const NAME: &'static str = consumers::PAYMENT;

    pub fn new(executor: &Executor, signer: Signer) -> Self {
        Self { executor: executor.clone(), settler: Settler::new(signer) }
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
                Some(Task::Settle { booking, payment }) => {
                    self.settler.settle(&reaction, booking, payment).await?;
                }
                Some(Task::Charge { booking, payment, customer, amount }) => {
                    let purpose = Purpose::Booking { booking };
                    let fingerprint = None;
                    let command =
                        payment::Command::RequestPayment { payment, customer, purpose, amount, fingerprint };
                    reaction
                        .execute::<payment::Payment, _>(&payment, command, |_| ())
                        .await?
                        .map_err(Halt::stuck)?;
                }
                Some(Task::Release { booking, screening }) => {
                    let reason = ReleaseReason::CancelledByCustomer;
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
}

impl Handler for Payment {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.work_off(commit).await)
    }
}
