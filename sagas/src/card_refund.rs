//! Money goes back to a card, effectively once: every call that could move money is announced in the payment first, only
//! whoever announced it makes it, and a call whose outcome is unknown is never repeated before the provider's own list was
//! looked at, a good while later. What the provider will not send back goes to the wallet.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::SignedDuration;
use ticketshow_domain::{
    AnyEvent, PaymentId,
    booking::{self, Booking},
    payment::{
        self, Command, Event, Opened, Payment, Purpose, Refund, RefundReason, RefundStatus, RefundTarget,
    },
    wallet::{self, Reference, Wallet},
};
use ticketshow_nats::{Commit, Connection, Durable, Executor, Handler, Timers, Verdict, clock, consumers};

use crate::{
    notices::Notices,
    provider::{Provider, ProviderError, ProviderRefund, RefundProgress},
    reaction::{Halt, Reaction, verdict},
};

/// After a call whose outcome may be unknown: longer than our own patience and the provider's work together.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(90);
/// When a refund that is under way is asked for first.
const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(60);
/// Calls with an unknown outcome before a person has to look.
const ATTEMPTS_MAX: u32 = 5;

/// What an event of a payment asks of this saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Bring the refund forward.
    Advance,
    /// Ask the provider about it, some time later.
    Watch,
    /// The card cannot be refunded: the wallet stands in.
    ToWallet,
    /// Tell the booking that its money is back.
    Tell,
}

fn react(event: &Event) -> Option<Task> {
    match event {
        Event::RefundRequested { .. } => Some(Task::Advance),
        Event::RefundSubmitted { .. } => Some(Task::Watch),
        Event::RefundFailed { .. } => Some(Task::ToWallet),
        Event::RefundCompleted { .. } => Some(Task::Tell),
        Event::PaymentOpened { .. }
        | Event::CheckoutOpened { .. }
        | Event::PaymentCaptured { .. }
        | Event::PaymentMismatched { .. }
        | Event::ReviewDecided { .. }
        | Event::PaymentAttemptFailed { .. }
        | Event::PaymentExpired {}
        | Event::RefundAttempted { .. }
        | Event::RefundPutInReview { .. } => None,
    }
}

/// Why a refund is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// It was asked for; perhaps not for the first time, and perhaps a call was made a moment ago.
    Asked,
    /// Its timer fired: every call was made long ago.
    Timer,
}

/// What brings a refund forward.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Nothing more is to be done, or it is not ours to do.
    Rest,
    /// Credit the wallet, then complete.
    CreditWallet,
    /// Ask for the refund that the provider knows of.
    Look(String),
    /// A call may be under way: wait for the timer.
    Wait,
    /// Look whether the provider has one already; else make this attempt.
    FindOrCall(u32),
}

fn next(refund: &Refund, occasion: Occasion) -> Step {
    match (refund.target, refund.status) {
        (_, RefundStatus::Completed | RefundStatus::Failed | RefundStatus::Review) => Step::Rest,
        (
            RefundTarget::Wallet,
            RefundStatus::Requested | RefundStatus::Attempted | RefundStatus::Submitted,
        ) => Step::CreditWallet,
        (RefundTarget::Card, RefundStatus::Submitted) => match &refund.provider_refund {
            Some(known) => Step::Look(known.clone()),
            None => Step::Rest,
        },
        (RefundTarget::Card, RefundStatus::Requested) => Step::FindOrCall(1),
        (RefundTarget::Card, RefundStatus::Attempted) => match occasion {
            Occasion::Asked => Step::Wait,
            Occasion::Timer => Step::FindOrCall(refund.attempts + 1),
        },
    }
}

/// The provider's refund that is ours. One that failed counts only if a call of this refund may have brought it.
fn ours(found: Vec<ProviderRefund>, payment: PaymentId, attempt: u32) -> Option<ProviderRefund> {
    let mut ours: Vec<_> = found.into_iter().filter(|refund| refund.payment == Some(payment)).collect();
    ours.sort_by_key(|refund| refund.status == RefundProgress::Failed);
    ours.into_iter().find(|refund| refund.status != RefundProgress::Failed || attempt > 1)
}

/// Works off the consumer `card-refund` and its timers.
#[derive(Debug)]
pub(crate) struct CardRefund<P> {
    executor: Executor,
    provider: Arc<P>,
    notices: Arc<Notices>,
    timers: Timers,
}

impl<P: Provider> CardRefund<P> {
    const NAME: &'static str = consumers::CARD_REFUND;
    /// Kind of the timers. Frozen once shipped.
    pub const TIMERS: &'static str = "card-refund";

    pub fn new(
        connection: &Connection,
        executor: &Executor,
        provider: Arc<P>,
        notices: Arc<Notices>,
    ) -> Self {
        Self { executor: executor.clone(), provider, notices, timers: Timers::new(connection) }
    }

    /// The events it reads, `parallelism` payments side by side.
    pub fn durable(parallelism: usize) -> Durable {
        let events = &["refund_requested", "refund_submitted", "refund_failed", "refund_completed"];
        // A decision to refund comes in one commit with the request.
        Durable { name: Self::NAME, events, parallelism }
    }

    async fn work_off(&self, commit: &Commit) -> Result<(), Halt> {
        let payment: PaymentId = commit.id.parse().map_err(Halt::stuck)?;
        for recorded in commit.events()? {
            let AnyEvent::Payment(event) = &recorded.event else { continue };
            let reaction = Reaction::to(&recorded, Self::NAME, &self.executor);
            match react(event) {
                Some(Task::Advance) => self.advance(&reaction, payment, Occasion::Asked).await?,
                Some(Task::Watch) => self.look_in(payment, FIRST_LOOK).await?,
                Some(Task::ToWallet) => to_wallet(&reaction, payment).await?,
                Some(Task::Tell) => tell(&reaction, payment).await?,
                None => {}
            }
        }
        Ok(())
    }

    /// A payment's timer fired.
    pub async fn fired(&self, payment: &str) -> Verdict {
        let reaction = Reaction::to_time(Self::NAME, &self.executor);
        verdict(match payment.parse() {
            Ok(payment) => self.advance(&reaction, payment, Occasion::Timer).await,
            Err(error) => Err(Halt::stuck(error)),
        })
    }

    async fn advance(
        &self,
        reaction: &Reaction<'_>,
        payment: PaymentId,
        occasion: Occasion,
    ) -> Result<(), Halt> {
        let state: Payment = reaction.read(&payment).await?;
        let (Some(opened), Some((provider_payment, captured)), Some(refund)) =
            (&state.opened, &state.captured, &state.refund)
        else {
            return Ok(());
        };
        match next(refund, occasion) {
            Step::Rest => Ok(()),
            Step::Wait => self.look_in(payment, LOOK_AGAIN).await,
            Step::CreditWallet => credit(reaction, opened, *captured).await,
            Step::Look(provider_refund) => {
                let told = self.ask(self.provider.refund(&provider_refund)).await?;
                if told.status == RefundProgress::Pending {
                    let existed = clock::now().duration_since(told.created_at);
                    self.look_in(payment, existed.clamp(FIRST_LOOK, SignedDuration::from_hours(1))).await?;
                }
                self.tell_of(reaction, payment, told).await
            }
            Step::FindOrCall(attempt) => {
                let found = self.find(provider_payment).await?;
                if let Some(told) = ours(found, payment, attempt) {
                    return self.tell_of(reaction, payment, told).await;
                }
                self.call(reaction, payment, provider_payment, attempt).await
            }
        }
    }

    /// All refunds of a payment that the provider knows of.
    async fn find(&self, provider_payment: &str) -> Result<Vec<ProviderRefund>, Halt> {
        let mut found = Vec::new();
        for refund in self.ask(self.provider.payment(provider_payment)).await?.refunds {
            found.push(self.ask(self.provider.refund(&refund)).await?);
        }
        Ok(found)
    }

    /// The timer is armed before the call is announced, and the call is announced before it is made: a crash in between
    /// leaves a call that perhaps was made and a timer that will look.
    async fn call(
        &self,
        reaction: &Reaction<'_>,
        payment: PaymentId,
        provider_payment: &str,
        attempt: u32,
    ) -> Result<(), Halt> {
        if attempt > ATTEMPTS_MAX {
            let reason = format!("nobody knows whether any of {ATTEMPTS_MAX} calls was carried out");
            return change(reaction, payment, Command::ReviewRefund { reason }).await;
        }
        self.look_in(payment, LOOK_AGAIN).await?;
        let announce = Command::RecordRefundAttempt { attempt };
        match reaction.is_new::<Payment>(&payment, announce).await? {
            Ok(true) => {}
            // Somebody else makes this call, or the refund goes another way by now.
            Ok(false) | Err(payment::Refusal::NoRefund) => return Ok(()),
            Err(refusal) => return Err(Halt::stuck(refusal)),
        }
        match self.provider.send_back(provider_payment, payment).await {
            Ok(told) => self.tell_of(reaction, payment, told).await,
            Err(ProviderError::Refused { code, message: _ }) => refused(reaction, payment, &code).await,
            Err(error @ ProviderError::Away(_)) => {
                tracing::warn!(%payment, attempt, error = &error as &dyn std::error::Error, "the outcome of a refund is unknown");
                Ok(())
            }
        }
    }

    /// The refund is ours, also where the provider leaves out what we wrote on it.
    async fn tell_of(
        &self,
        reaction: &Reaction<'_>,
        payment: PaymentId,
        told: ProviderRefund,
    ) -> Result<(), Halt> {
        self.notices.refund_is(reaction, &ProviderRefund { payment: Some(payment), ..told }).await
    }

    async fn look_in(&self, payment: PaymentId, wait: SignedDuration) -> Result<(), Halt> {
        Ok(self.timers.arm(Self::TIMERS, &payment.to_string(), clock::now() + wait).await?)
    }

    /// A question about what was there before: that the provider knows nothing of it is a case for a person.
    async fn ask<T>(&self, answer: impl Future<Output = Result<T, ProviderError>> + Send) -> Result<T, Halt> {
        answer.await.map_err(|error| match error {
            ProviderError::Away(_) => Halt::Away(Box::new(error)),
            ProviderError::Refused { .. } => Halt::stuck(error),
        })
    }
}

impl<P: Provider> Handler for CardRefund<P> {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.work_off(commit).await)
    }
}

/// What follows from a final no of the provider.
async fn refused(reaction: &Reaction<'_>, payment: PaymentId, code: &str) -> Result<(), Halt> {
    let reason = code.to_owned();
    match code {
        // The timer will find it.
        "PAYMENT_ALREADY_REFUNDED" => Ok(()),
        // The house has to put money there first.
        "INSUFFICIENT_WALLET_FUNDS" => change(reaction, payment, Command::ReviewRefund { reason }).await,
        _ => change(reaction, payment, Command::FailRefund { reason }).await,
    }
}

async fn change(reaction: &Reaction<'_>, payment: PaymentId, command: Command) -> Result<(), Halt> {
    reaction.execute::<Payment, _>(&payment, command, |_| ()).await?.map_err(Halt::stuck)
}

async fn to_wallet(reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), Halt> {
    let state: Payment = reaction.read(&payment).await?;
    let reason = state.refund.map_or(RefundReason::Decided, |refund| refund.reason);
    change(reaction, payment, Command::RequestRefund { target: RefundTarget::Wallet, reason }).await
}

async fn credit(
    reaction: &Reaction<'_>,
    opened: &Opened,
    amount: ticketshow_domain::Money,
) -> Result<(), Halt> {
    let booking = match opened.purpose {
        Purpose::Booking { booking } => Some(booking),
        Purpose::TopUp | Purpose::Stray { .. } => None,
    };
    let command = wallet::Command::CreditWallet {
        customer: opened.customer,
        reference: Reference::refund(opened.payment),
        amount,
        booking,
        reason: None,
    };
    reaction.execute::<Wallet, _>(&opened.customer, command, |_| ()).await?.map_err(Halt::stuck)?;
    change(reaction, opened.payment, Command::CompleteRefund { target: RefundTarget::Wallet }).await
}

/// Tells the booking, if this payment was the one that confirmed it.
async fn tell(reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), Halt> {
    use booking::Refusal;
    let state: Payment = reaction.read(&payment).await?;
    let (Some(opened), Some((_, captured)), Some(refund)) = (state.opened, state.captured, state.refund)
    else {
        return Ok(());
    };
    let Purpose::Booking { booking } = opened.purpose else { return Ok(()) };
    let command = booking::Command::RecordRefund { payment, target: refund.target, amount: captured };
    match reaction.execute::<Booking, _>(&booking, command, |_| ()).await? {
        // It never bought anything.
        Ok(()) | Err(Refusal::UnknownPayment | Refusal::NotFound) => Ok(()),
        Err(refusal) => Err(Halt::stuck(refusal)),
    }
}
