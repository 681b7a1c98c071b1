//! Payment of a booking from the wallet: debit, sell, confirm; or return the money and record why. A card payment is only
//! requested here; [`crate::card_payment`] carries it out.

mod settle;
pub(crate) mod steps;
#[cfg(test)]
mod tests;

use ticketshow_domain::{
    BookingId, Money, PaymentId, UserId,
    booking::{Event, PaymentMethod},
    payment::{self, Payment, Purpose},
};
use ticketshow_tickets::Signer;

use crate::worker::{error::SagaError, reaction::Reaction};
pub(crate) use settle::Settler;

/// Work that an event of a booking starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Settle an attempt to pay from the wallet.
    Settle { booking: BookingId, payment: PaymentId },
    /// Request the card payment of an attempt.
    Charge { booking: BookingId, payment: PaymentId, customer: UserId, amount: Money },
}

pub(crate) fn react(event: &Event) -> Option<Task> {
    match event {
        Event::PaymentAttemptStarted { booking, payment, method: PaymentMethod::Wallet, .. } => {
            Some(Task::Settle { booking: *booking, payment: *payment })
        }
        Event::PaymentAttemptStarted {
            booking,
            payment,
            customer,
            amount,
            method: PaymentMethod::Card,
            ..
        } => {
            Some(Task::Charge { booking: *booking, payment: *payment, customer: *customer, amount: *amount })
        }
        // A seller at the counter has taken the money.
        Event::PaymentAttemptStarted {
            method:
                PaymentMethod::Cash
                | PaymentMethod::CardTerminal
                | PaymentMethod::Upi
                | PaymentMethod::Complimentary,
            ..
        }
        | Event::BookingOpened { .. }
        | Event::PaymentAttemptFailed { .. }
        | Event::BookingConfirmed { .. }
        | Event::BookingExpired { .. }
        | Event::BookingCancelled { .. }
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

/// Pays bookings from wallets.
#[derive(Debug)]
pub(crate) struct WalletPayment {
    settler: Settler,
}

impl WalletPayment {
    pub fn new(signer: Signer) -> Self {
        Self { settler: Settler::new(signer) }
    }

    pub async fn run(&self, reaction: &Reaction<'_>, task: Task) -> Result<(), SagaError> {
        match task {
            Task::Settle { booking, payment } => self.settler.settle(reaction, booking, payment).await,
            Task::Charge { booking, payment, customer, amount } => {
                let (purpose, fingerprint) = (Purpose::Booking { booking }, None);
                let request =
                    payment::Command::RequestPayment { payment, customer, purpose, amount, fingerprint };
                reaction.must::<Payment>(&payment, request).await
            }
        }
    }
}
