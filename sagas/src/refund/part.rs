//! Refunds of seats that were given back while the rest of the booking stays, of the difference that remains after a move to cheaper seats,
//! and of the part that the payment of a difference contributes to another refund. Money from the wallet is credited here. Money
//! from a card is first split off the payment, and the part becomes a payment of its own, so that it has exactly one refund,
//! which [`crate::card_refund`] carries out like any other.

#[cfg(test)]
mod tests;

use ticketshow_domain::{
    BookingId, Money, PaymentId, UserId,
    booking::{self, Booking, Event, PaymentMethod},
    payment::{self, Command, Dispute, DisputeStatus, Part, Payment, Purpose, RefundReason, RefundTarget},
    seat_return::RefundWay,
    wallet::{self, Reference, Wallet},
};

use crate::worker::{error::SagaError, reaction::Reaction};

/// The refund of seats that were given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartDue {
    pub booking: BookingId,
    pub customer: UserId,
    /// The payment that bought the seats, or paid a difference.
    pub of: PaymentId,
    /// The payment that refunds them.
    pub part: PaymentId,
    pub method: PaymentMethod,
    pub amount: Money,
    pub refund: RefundWay,
    /// The reason given to the customer, which the ledger shows too.
    pub reason: Option<String>,
}

/// One command of such a refund, or the commands that open the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Credit the wallet.
    Credit,
    /// Record the completed refund in the booking.
    Record(RefundTarget),
    /// Split the part off its payment.
    SplitOff,
    /// Open the part as a payment of its own.
    Open,
    /// Request the refund of the part.
    Request(RefundTarget),
}

pub(crate) fn react(event: &Event) -> Option<PartDue> {
    match event {
        Event::SeatsReturned { booking, screening: _, customer, returned, due } => Some(PartDue {
            booking: *booking,
            customer: *customer,
            of: due.payment,
            part: returned.id,
            method: due.method,
            amount: due.amount,
            refund: returned.refund,
            reason: returned.reason.clone(),
        }),
        Event::BookingMoved { booking, customer, moved, .. } => moved.refund_due().map(|due| PartDue {
            booking: *booking,
            customer: *customer,
            of: due.payment,
            part: moved.id,
            method: due.method,
            amount: due.amount,
            refund: RefundWay::Original,
            reason: None,
        }),
        Event::BookingOpened { .. }
        | Event::PaymentAttemptStarted { .. }
        | Event::PaymentAttemptFailed { .. }
        | Event::BookingConfirmed { .. }
        | Event::BookingExpired { .. }
        | Event::BookingCancelled { .. }
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
        | Event::BookingRescheduled { .. } => None,
    }
}

impl PartDue {
    /// Returns all steps. Every run starts from the first: a step that was taken before changes nothing.
    pub fn steps(&self) -> Vec<Step> {
        let target = self.refund.target(self.method);
        match (self.method, target, self.amount.amount_minor) {
            // Nothing of a sale at the counter goes back by itself.
            (
                PaymentMethod::Cash
                | PaymentMethod::CardTerminal
                | PaymentMethod::Upi
                | PaymentMethod::Complimentary,
                _,
                _,
            )
            | (PaymentMethod::Wallet, None, _) => Vec::new(),
            // A wallet refuses a credit of zero.
            (PaymentMethod::Wallet | PaymentMethod::Card, Some(target), 0) => vec![Step::Record(target)],
            (PaymentMethod::Wallet, Some(target), _) => vec![Step::Credit, Step::Record(target)],
            (PaymentMethod::Card, None, _) => vec![Step::SplitOff],
            (PaymentMethod::Card, Some(target), _) => {
                vec![Step::SplitOff, Step::Open, Step::Request(target)]
            }
        }
    }

    pub fn credit(&self) -> wallet::Command {
        wallet::Command::CreditWallet {
            customer: self.customer,
            reference: Reference::refund(self.part),
            amount: self.amount,
            booking: Some(self.booking),
            reason: self.reason.clone(),
        }
    }

    pub fn record(&self, target: RefundTarget) -> booking::Command {
        booking::Command::RecordRefund { payment: self.part, target, amount: self.amount }
    }

    pub fn split_off(&self) -> Command {
        Command::SplitOff { part: self.part, amount: self.amount, refund: self.refund }
    }

    pub fn request(target: RefundTarget) -> Command {
        Command::RequestRefund { target, reason: RefundReason::SeatsReturned }
    }

    /// No rule refuses any of these commands, so a refusal is parked.
    pub async fn take(&self, reaction: &Reaction<'_>, step: Step) -> Result<(), SagaError> {
        match step {
            Step::Credit => reaction.must::<Wallet>(&self.customer, self.credit()).await,
            Step::Record(target) => reaction.must::<Booking>(&self.booking, self.record(target)).await,
            Step::SplitOff => reaction.must::<Payment>(&self.of, self.split_off()).await,
            Step::Open => {
                let whole: Payment = reaction.read(&self.of).await?;
                let Some(part) = whole.parts().iter().find(|known| known.part == self.part) else {
                    return Err(SagaError::permanent(payment::Refusal::NotFound));
                };
                open(reaction, &whole, part).await
            }
            Step::Request(target) => reaction.must::<Payment>(&self.part, Self::request(target)).await,
        }
    }
}

/// Returns the commands that open a part as a payment of its own. A dispute about the whole concerns the part too.
pub(crate) fn opening(whole: &Payment, part: &Part) -> Option<Vec<Command>> {
    let (opened, (provider_payment, captured)) = (whole.opened()?, whole.captured()?);
    let (Purpose::Booking { booking } | Purpose::Difference { booking }) = opened.purpose else {
        return None;
    };
    let Part { part: payment, amount, refund: _ } = *part;
    let (customer, purpose, fingerprint) =
        (opened.customer, Purpose::Part { of: opened.payment, booking }, None);
    let provider_payment = provider_payment.to_owned();
    let mut commands = vec![
        Command::RequestPayment { payment, customer, purpose, amount, fingerprint },
        Command::CapturePayment { provider_payment, captured: amount },
    ];
    commands.extend(whole.dispute().map(|dispute| disputed(dispute, captured)));
    Some(commands)
}

/// Returns the report of a dispute to a part. A bank that takes less than the whole takes it from the seats that are left.
fn disputed(dispute: &Dispute, captured: Money) -> Command {
    let Dispute { id, amount, status } = dispute.clone();
    let takes_all = amount.currency == captured.currency && amount.amount_minor >= captured.amount_minor;
    let amount = match status {
        DisputeStatus::Lost if !takes_all => Money { amount_minor: 0, ..amount },
        DisputeStatus::Open | DisputeStatus::Won | DisputeStatus::Lost => amount,
    };
    Command::RecordDispute { dispute: id, amount, status }
}

/// Opens a part as a payment of its own, or records a dispute about the whole in one that is open.
pub(crate) async fn open(reaction: &Reaction<'_>, whole: &Payment, part: &Part) -> Result<(), SagaError> {
    for command in opening(whole, part).into_iter().flatten() {
        reaction.must::<Payment>(&part.part, command).await?;
    }
    Ok(())
}
