//! Refunds to cards, effectively once: every call that could move money is announced in the payment first, only the process
//! that announced it makes it, and a call with an unknown outcome is never repeated before the provider's own list was
//! checked, well after the call. Every call is made by the refund's timer. Money that the provider cannot return goes to the
//! wallet.

mod charged_back;
mod origin;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::SignedDuration;
use sqlx::PgPool;
use ticketshow_domain::{
    AnyEvent, Decider, Money, PaymentId,
    booking::{self, Booking},
    payment::{self, Command, Event, Payment, Purpose, RefundReason, RefundTarget},
    seat_return::RefundWay,
    wallet::{self, Reference, Wallet},
};
use ticketshow_nats::{
    consumers::{
        subscription::{Handler, Subscription},
        timers::Timers,
        verdict::Verdict,
    },
    executor::Executor,
    log::{
        envelope::{Commit, RecordedEvent},
        history::Log,
    },
    server::connection::Connection,
    subjects::consumers,
};
use uuid::Uuid;

use self::{
    origin::origin,
    rules::{
        POLL_MIN, RECHECK, Step, due, in_hand, is_decided, is_part, is_returned_by_hand, keyed, next,
        next_of, next_poll, ours,
    },
};
use crate::{
    provider::{
        budget::{Lane, Turn},
        interface::{Provider, ProviderError, ProviderRefund},
        updates::ProviderUpdates,
    },
    refund::part,
    worker::{
        clock::Clock,
        error::{SagaError, verdict},
        reaction::{Reaction, Reactions},
    },
};

/// Time within which an announced call is made. A process that was stopped for longer leaves it to the timer.
const CALL_WITHIN: SignedDuration = SignedDuration::from_secs(20);
/// Wait after the provider refused to answer a question, which it may answer later.
const POLL_REFUSED: SignedDuration = SignedDuration::from_mins(10);
/// Calls with an unknown outcome before the refund is put in review.
const ATTEMPTS_MAX: u32 = 5;

/// Work that an event of a payment starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Begin the refund.
    Begin,
    /// Ask the provider about the refund later.
    Watch,
    /// Refund to the wallet, because the card cannot be refunded.
    ToWallet,
    /// Record the completed refund in the booking.
    Record,
    /// Void the tickets that the money bought, because the bank took it back.
    Void,
    /// Report a dispute to the parts that were split off.
    ReportDispute,
    /// Report the end of a dispute to the parts, and begin a refund that waited for it.
    Resume,
}

pub(crate) fn react(event: &Event) -> Option<Task> {
    match event {
        Event::RefundRequested { .. } => Some(Task::Begin),
        Event::DisputeWon { .. } => Some(Task::Resume),
        Event::RefundSubmitted { .. } => Some(Task::Watch),
        Event::RefundFailed { .. } => Some(Task::ToWallet),
        Event::RefundCompleted { .. } => Some(Task::Record),
        Event::DisputeLost { .. } => Some(Task::Void),
        Event::PaymentDisputed { .. } => Some(Task::ReportDispute),
        Event::PaymentOpened { .. }
        | Event::CheckoutOpened { .. }
        | Event::PaymentCaptured { .. }
        | Event::PaymentMismatched { .. }
        | Event::ReviewDecided { .. }
        | Event::PaymentAttemptFailed { .. }
        | Event::PaymentExpired {}
        | Event::PartSplitOff { .. }
        | Event::RefundAttempted { .. }
        | Event::RefundPutInReview { .. } => None,
    }
}

/// Processes the consumer `card-refund` and its timers.
#[derive(Debug)]
pub(crate) struct CardRefund<P> {
    reactions: Reactions,
    clock: Clock,
    provider: Arc<P>,
    updates: Arc<ProviderUpdates>,
    timers: Timers,
    log: Log,
}

impl<P: Provider> CardRefund<P> {
    const NAME: &'static str = consumers::CARD_REFUND;
    /// Kind of the timers. Frozen once shipped.
    pub const TIMERS: &'static str = "card-refund";

    pub fn new(
        connection: &Connection,
        executor: &Executor,
        clock: Clock,
        provider: Arc<P>,
        updates: Arc<ProviderUpdates>,
    ) -> Self {
        let reactions = Reactions::new(Self::NAME, executor, clock);
        let (timers, log) = (Timers::new(connection), Log::new(connection));
        Self { reactions, clock, provider, updates, timers, log }
    }

    /// The subscription, with `parallelism` payments at once.
    pub fn durable(parallelism: usize) -> Subscription {
        let events = &[
            "refund_requested",
            "refund_submitted",
            "refund_failed",
            "refund_completed",
            "payment_disputed",
            "dispute_won",
            "dispute_lost",
        ];
        // `review_decided` is not needed: a decision to refund is committed together with `refund_requested`.
        Subscription { name: Self::NAME, events, parallelism }
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        let payment: PaymentId = commit.id.parse().map_err(SagaError::permanent)?;
        for recorded in commit.events()? {
            let AnyEvent::Payment(event) = &recorded.event else { continue };
            let reaction = self.reactions.to(&recorded);
            match react(event) {
                Some(Task::Begin) => self.begin(&reaction, payment).await?,
                Some(Task::Resume) => {
                    report_dispute(&reaction, payment).await?;
                    self.begin(&reaction, payment).await?;
                }
                Some(Task::ReportDispute) => report_dispute(&reaction, payment).await?,
                Some(Task::Watch) => self.check_in(payment, POLL_MIN).await?,
                Some(Task::ToWallet) => self.to_wallet(&reaction, payment).await?,
                Some(Task::Record) => record(&reaction, payment).await?,
                Some(Task::Void) => {
                    charged_back::void(&reaction, payment).await?;
                    report_dispute(&reaction, payment).await?;
                    self.begin(&reaction, payment).await?;
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Sends the refund to the wallet, unless a part of the money was returned by hand at the provider: the wallet would get
    /// that part again. Then the refund stays failed, and an administrator credits the rest.
    async fn to_wallet(&self, reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), SagaError> {
        let state: Payment = reaction.read(&payment).await?;
        if let Some((provider_payment, _)) = state.captured()
            && self.updates.is_refunded(provider_payment, payment).await?
        {
            tracing::error!(%payment, "a part of the money was returned at the provider: credit the rest by hand");
            return Ok(());
        }
        let reason = state.refund().map_or(RefundReason::Decided, |refund| refund.reason);
        change(reaction, payment, Command::RequestRefund { target: RefundTarget::Wallet, reason }).await
    }

    /// Credits the wallet, or leaves the refund to its timer: refunds wait for the provider in the queue of fired timers,
    /// in order, and hold up no other work.
    async fn begin(&self, reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), SagaError> {
        let state: Payment = reaction.read(&payment).await?;
        let Some(refund) = in_hand(&state) else { return Ok(()) };
        match due(refund, self.clock.now()) {
            Some(at) => Ok(self.timers.arm(Self::TIMERS, &payment.to_string(), at).await?),
            None if next(refund, self.clock.now()) == Step::CreditWallet => credit(reaction, &state).await,
            None => Ok(()),
        }
    }

    /// Arms the timers of the refunds under way that the read models list, because timers may be lost.
    pub async fn restore_timers(&self, pool: &PgPool) -> Result<(), SagaError> {
        let open: Vec<Uuid> = sqlx::query_scalar(
            "SELECT payment_id FROM read.payments
             WHERE refund_requested_at IS NOT NULL AND refund_target = 'card'
               AND refund_status IN ('requested', 'attempted', 'submitted')
             ORDER BY refund_requested_at",
        )
        .fetch_all(pool)
        .await?;
        for payment in open {
            self.begin(&self.reactions.to_outside(), PaymentId(payment)).await?;
        }
        Ok(())
    }

    /// Handles the timer of a payment.
    pub async fn fired(&self, payment: &str) -> Verdict {
        verdict(match payment.parse() {
            Ok(payment) => self.advance(payment).await,
            Err(error) => Err(SagaError::permanent(error)),
        })
    }

    /// Takes the next step. Waits for the turns of its calls first, then looks at the refund again, which may have moved on
    /// meanwhile.
    async fn advance(&self, payment: PaymentId) -> Result<(), SagaError> {
        let reaction = self.reactions.to_outside();
        let state: Payment = reaction.read(&payment).await?;
        match next_of(&state, reaction.now()) {
            Step::Done => Ok(()),
            Step::CreditWallet => credit(&reaction, &state).await,
            Step::Wait(until) => Ok(self.timers.arm(Self::TIMERS, &payment.to_string(), until).await?),
            Step::CheckProvider(_) => {
                let origin = self.origin(payment).await?;
                let [turn] = self.provider.budget().turns(Lane::Refund).await;
                self.check_provider(payment, origin.as_ref(), turn).await
            }
            Step::FindOrCall(_) => {
                let origin = self.origin(payment).await?;
                let turns = self.provider.budget().turns(Lane::Refund).await;
                self.find_or_call(payment, origin.as_ref(), turns).await
            }
        }
    }

    /// Reads the event that the refund goes back to. A timer does not know it, and the log does, also after a restart.
    async fn origin(&self, payment: PaymentId) -> Result<Option<RecordedEvent>, SagaError> {
        let history = self.log.history(Payment::TYPE, &payment.to_string()).await?;
        let events: Result<Vec<_>, _> = history.iter().map(Commit::events).collect();
        Ok(origin(events?.into_iter().flatten()))
    }

    async fn check_provider(
        &self,
        payment: PaymentId,
        origin: Option<&RecordedEvent>,
        turn: Turn,
    ) -> Result<(), SagaError> {
        let reaction = self.reactions.continuing(origin);
        let state: Payment = reaction.read(&payment).await?;
        let Step::CheckProvider(known) = next_of(&state, reaction.now()) else {
            return self.begin(&reaction, payment).await;
        };
        let asking = ask(payment, self.provider.refund(turn, &known));
        let Some(refund) = reaction.enclose(asking).await? else {
            return self.check_in(payment, POLL_REFUSED).await;
        };
        if let Some(wait) = next_poll(&refund, reaction.now()) {
            self.check_in(payment, wait).await?;
        }
        self.apply(&reaction, payment, refund).await
    }

    async fn find_or_call(
        &self,
        payment: PaymentId,
        origin: Option<&RecordedEvent>,
        [look, call]: [Turn; 2],
    ) -> Result<(), SagaError> {
        let reaction = self.reactions.continuing(origin);
        let state: Payment = reaction.read(&payment).await?;
        let (Step::FindOrCall(attempt), Some((provider_payment, captured)), Some(left)) =
            (next_of(&state, reaction.now()), state.captured(), state.left())
        else {
            return self.begin(&reaction, payment).await;
        };
        let Some(found) = reaction.enclose(self.find(look, payment, provider_payment)).await? else {
            return self.check_in(payment, POLL_REFUSED).await;
        };
        let is_part = is_part(&state);
        if is_part && is_returned_by_hand(&found) && !is_decided(&state) {
            let reason = "money of the payment was returned by hand at the provider".to_owned();
            return change(&reaction, payment, Command::ReviewRefund { reason }).await;
        }
        let found = if is_part { keyed(found) } else { found };
        if let Some(refund) = ours(found, payment, left, attempt) {
            return self.apply(&reaction, payment, refund).await;
        }
        let amount = (is_part || left != captured).then_some(left);
        // The call is announced as of this moment, and not of the start of the search.
        let reaction = self.reactions.continuing(origin);
        self.call(&reaction, call, payment, provider_payment, amount, attempt).await
    }

    /// Returns all refunds of a payment that the provider knows of; `None` if it refuses to answer.
    async fn find(
        &self,
        turn: Turn,
        payment: PaymentId,
        provider_payment: &str,
    ) -> Result<Option<Vec<ProviderRefund>>, SagaError> {
        let Some(known) = ask(payment, self.provider.payment(turn, provider_payment)).await? else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for refund in known.refunds {
            let [turn] = self.provider.budget().turns(Lane::Refund).await;
            let Some(refund) = ask(payment, self.provider.refund(turn, &refund)).await? else {
                return Ok(None);
            };
            found.push(refund);
        }
        Ok(Some(found))
    }

    /// Arms the timer, then announces the call, then makes it: a crash in between leaves a call with an unknown outcome and a
    /// timer that checks on it. The call has its turn, so it follows at once, long before the timer fires.
    async fn call(
        &self,
        reaction: &Reaction<'_>,
        turn: Turn,
        payment: PaymentId,
        provider_payment: &str,
        amount: Option<Money>,
        attempt: u32,
    ) -> Result<(), SagaError> {
        if attempt > ATTEMPTS_MAX {
            let reason = format!("the outcome of all {ATTEMPTS_MAX} refund calls is unknown");
            return change(reaction, payment, Command::ReviewRefund { reason }).await;
        }
        self.check_in(payment, RECHECK).await?;
        let announce = Command::RecordRefundAttempt { attempt };
        match reaction.changes::<Payment>(&payment, announce).await? {
            Ok(true) => {}
            // Another process makes this call, or the refund has another target by now.
            Ok(false) | Err(payment::Refusal::NoRefund) => return Ok(()),
            Err(refusal) => return Err(SagaError::permanent(refusal)),
        }
        if self.clock.now() > reaction.now() + CALL_WITHIN {
            return Ok(());
        }
        let calling = self.provider.refund_payment(turn, provider_payment, payment, amount);
        match reaction.enclose(calling).await {
            Ok(refund) => self.apply(reaction, payment, refund).await,
            Err(ProviderError::Refused { code, message: _ }) => refused(reaction, payment, &code).await,
            Err(error @ ProviderError::Unavailable(_)) => {
                tracing::warn!(%payment, attempt, error = &error as &dyn std::error::Error, "the outcome of a refund is unknown");
                Ok(())
            }
        }
    }

    /// Applies the state of our refund, to which the provider does not always attach our metadata.
    async fn apply(
        &self,
        reaction: &Reaction<'_>,
        payment: PaymentId,
        refund: ProviderRefund,
    ) -> Result<(), SagaError> {
        let refund = ProviderRefund { payment: Some(payment), ..refund };
        self.updates.apply_refund(reaction, &refund).await
    }

    /// Arms the timer, `wait` from this moment and not from the start of the reaction, which may have asked the provider.
    async fn check_in(&self, payment: PaymentId, wait: SignedDuration) -> Result<(), SagaError> {
        Ok(self.timers.arm(Self::TIMERS, &payment.to_string(), self.clock.now() + wait).await?)
    }
}

impl<P: Provider> Handler for CardRefund<P> {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.process(commit).await)
    }
}

/// Awaits an answer about something that the provider must know; `None` if it refuses to answer.
async fn ask<T>(
    payment: PaymentId,
    answer: impl Future<Output = Result<T, ProviderError>> + Send,
) -> Result<Option<T>, SagaError> {
    match answer.await {
        Ok(answer) => Ok(Some(answer)),
        Err(error @ ProviderError::Unavailable(_)) => Err(SagaError::transient(error)),
        Err(error @ ProviderError::Refused { .. }) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(%payment, error, "the provider refused a query about a refund: asking again later");
            Ok(None)
        }
    }
}

/// Handles a final refusal by the provider.
async fn refused(reaction: &Reaction<'_>, payment: PaymentId, code: &str) -> Result<(), SagaError> {
    let reason = code.to_owned();
    match code {
        // The timer finds that refund.
        "PAYMENT_ALREADY_REFUNDED" => Ok(()),
        // The house has to fund its account at the provider first.
        "INSUFFICIENT_WALLET_FUNDS" => change(reaction, payment, Command::ReviewRefund { reason }).await,
        _ => change(reaction, payment, Command::FailRefund { reason }).await,
    }
}

/// Reports a dispute about a payment to its parts, which are refunded by themselves.
async fn report_dispute(reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), SagaError> {
    let state: Payment = reaction.read(&payment).await?;
    if state.dispute().is_none() {
        return Ok(());
    }
    for part in state.parts().iter().filter(|part| part.refund != RefundWay::None) {
        part::open(reaction, &state, part).await?;
    }
    Ok(())
}

async fn change(reaction: &Reaction<'_>, payment: PaymentId, command: Command) -> Result<(), SagaError> {
    reaction.must::<Payment>(&payment, command).await
}

async fn credit(reaction: &Reaction<'_>, state: &Payment) -> Result<(), SagaError> {
    let (Some(opened), Some(amount)) = (state.opened(), state.left()) else { return Ok(()) };
    let booking = match opened.purpose {
        Purpose::Booking { booking } | Purpose::Difference { booking } | Purpose::Part { booking, .. } => {
            Some(booking)
        }
        Purpose::TopUp | Purpose::Stray { .. } => None,
    };
    let command = wallet::Command::CreditWallet {
        customer: opened.customer,
        reference: Reference::refund(opened.payment),
        amount,
        booking,
        reason: None,
    };
    reaction.must::<Wallet>(&opened.customer, command).await?;
    change(reaction, opened.payment, Command::CompleteRefund { target: RefundTarget::Wallet }).await
}

/// Records the refund in the booking, if this payment was the one that confirmed it, or a part of that.
async fn record(reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), SagaError> {
    use booking::Refusal;
    let state: Payment = reaction.read(&payment).await?;
    let (Some(opened), Some(amount), Some(refund)) = (state.opened(), state.left(), state.refund()) else {
        return Ok(());
    };
    let booking = match opened.purpose {
        Purpose::Booking { booking } | Purpose::Part { booking, .. } => booking,
        // Its own refund belongs to a move that failed, and the booking knows that.
        Purpose::Difference { .. } | Purpose::TopUp | Purpose::Stray { .. } => return Ok(()),
    };
    let command = booking::Command::RecordRefund { payment, target: refund.target, amount };
    match reaction.execute::<Booking>(&booking, command).await? {
        // This payment never bought anything.
        Ok(()) | Err(Refusal::UnknownPayment | Refusal::NotFound) => Ok(()),
        Err(refusal) => Err(SagaError::permanent(refusal)),
    }
}
