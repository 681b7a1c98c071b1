//! Card payments and top-ups. Opens a page where the customer can pay, learns the outcome from the provider's webhooks or, if none
//! arrives, by polling, and uses the money to buy the seats or fill the wallet, or returns it.

mod reasons;
mod steps;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use sqlx::PgPool;
use ticketshow_domain::{
    AnyEvent, BookingId, PaymentId, ScreeningId, UserId,
    account::{Account, Profile},
    booking::{self, Booking, FailureReason},
    payment::{Checkout, Command, Event, Opened, Payment, Purpose, ReviewDecision},
    screening::{self, Screening},
    wallet::Wallet,
};
use ticketshow_nats::{
    consumers::{
        subscription::{Handler, Subscription},
        timers::Timers,
        verdict::Verdict,
    },
    executor::Executor,
    kv::persons::Persons,
    log::envelope::Commit,
    server::connection::Connection,
    subjects::consumers,
};
use ticketshow_tickets::Signer;
use tokio::sync::Semaphore;

use crate::{
    provider::{
        budget::{Busy, Lane, Turn},
        interface::{OpenedCheckout, Payer, Provider, ProviderError, WantedCheckout},
        updates::ProviderUpdates,
    },
    recipients::Recipients,
    wallet_payment::Settler,
    worker::{
        clock::Clock,
        error::{SagaError, verdict},
        reaction::{Reaction, Reactions},
    },
};
use steps::{Next, Spending, Step, booking_of};

/// Pages opened at once, the waiting ones included. They have places of their own in the consumer, so that captured money
/// never waits behind them.
const OPENINGS_MAX: usize = 128;
/// Longest wait for a turn to open a page. After that the customer is asked to try again.
const WAIT_MAX: Duration = Duration::from_mins(1);
/// Attempts to open a page before the payment fails.
const TRIES: u32 = 3;
/// Pause after the first attempt; doubled after each.
const PAUSE: Duration = Duration::from_millis(300);

/// Work that an event of a payment starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// Open a page where the customer can pay.
    Open,
    /// Ask the provider about the page later.
    Watch,
    /// Use the money.
    Spend,
    /// Return the money if it is another amount than the difference of a move, and end the move.
    Return,
    /// Record in the booking that this attempt failed.
    Fail(FailureReason),
}

pub(crate) fn react(event: &Event) -> Option<Task> {
    match event {
        Event::PaymentOpened {
            purpose: Purpose::Booking { .. } | Purpose::Difference { .. } | Purpose::TopUp,
            ..
        } => Some(Task::Open),
        Event::CheckoutOpened { .. } => Some(Task::Watch),
        Event::PaymentCaptured { .. } | Event::ReviewDecided { decision: ReviewDecision::Accept, .. } => {
            Some(Task::Spend)
        }
        Event::PaymentMismatched { .. } => Some(Task::Return),
        Event::ReviewDecided { decision: ReviewDecision::Refund, .. } => {
            Some(Task::Fail(FailureReason::SentBack))
        }
        Event::PaymentAttemptFailed { reason } => Some(Task::Fail(reasons::failure(reason))),
        Event::PaymentExpired {} => Some(Task::Fail(FailureReason::TimedOut)),
        // A stray payment and a part need no page.
        Event::PaymentOpened { purpose: Purpose::Stray { .. } | Purpose::Part { .. }, .. }
        | Event::PartSplitOff { .. }
        | Event::RefundRequested { .. }
        | Event::RefundAttempted { .. }
        | Event::RefundSubmitted { .. }
        | Event::RefundFailed { .. }
        | Event::RefundPutInReview { .. }
        | Event::RefundCompleted { .. }
        | Event::PaymentDisputed { .. }
        | Event::DisputeWon { .. }
        | Event::DisputeLost { .. } => None,
    }
}

/// Processes the consumer `card-payment` and its timers.
#[derive(Debug)]
pub(crate) struct CardPayment<P> {
    reactions: Reactions,
    provider: Arc<P>,
    updates: Arc<ProviderUpdates>,
    recipients: Recipients,
    persons: Persons,
    timers: Timers,
    settler: Settler,
    clock: Clock,
    /// Free places of [`OPENINGS_MAX`].
    openings: Semaphore,
}

impl<P: Provider> CardPayment<P> {
    const NAME: &'static str = consumers::CARD_PAYMENT;
    /// Kind of the timers. Frozen once shipped.
    pub const TIMERS: &'static str = "card-payment";

    pub fn new(
        connection: &Connection,
        executor: &Executor,
        clock: Clock,
        pool: &PgPool,
        provider: Arc<P>,
        updates: Arc<ProviderUpdates>,
        signer: Signer,
    ) -> Self {
        let (timers, settler) = (Timers::new(connection), Settler::new(signer));
        let (recipients, persons) = (Recipients::new(connection, pool), Persons::new(connection));
        let reactions = Reactions::new(Self::NAME, executor, clock);
        let openings = Semaphore::new(OPENINGS_MAX);
        Self { reactions, provider, updates, recipients, persons, timers, settler, clock, openings }
    }

    /// The subscription, with `parallelism` payments at once besides those whose page is being opened.
    pub fn durable(parallelism: usize) -> Subscription {
        let events = &[
            "payment_opened",
            "checkout_opened",
            "payment_captured",
            "payment_mismatched",
            "review_decided",
            "payment_attempt_failed",
            "payment_expired",
        ];
        Subscription { name: Self::NAME, events, parallelism: parallelism + OPENINGS_MAX }
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        let payment: PaymentId = commit.id.parse().map_err(SagaError::permanent)?;
        for recorded in commit.events()? {
            let AnyEvent::Payment(event) = &recorded.event else { continue };
            let reaction = self.reactions.to(&recorded);
            match react(event) {
                Some(Task::Open) => self.open(&reaction, payment).await?,
                Some(Task::Watch) => self.watch(&reaction, payment).await?,
                Some(Task::Spend) => self.spend(&reaction, payment).await?,
                Some(Task::Return) => return_difference(&reaction, payment).await?,
                Some(Task::Fail(reason)) => fail(&reaction, payment, reason).await?,
                None => {}
            }
        }
        Ok(())
    }

    async fn open(&self, reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), SagaError> {
        let state: Payment = reaction.read(&payment).await?;
        let (Some(opened), Some(mut step)) = (state.opened(), steps::first(&state)) else { return Ok(()) };
        let opening = self.openings.try_acquire();
        if opening.is_err() {
            step = Step::GiveUp(reasons::PROVIDER_BUSY);
        }
        loop {
            match self.take(reaction, opened, step).await? {
                Next::Then(next) => step = next,
                Next::Done => return Ok(()),
                Next::Stuck(unexpected) => return Err(SagaError::permanent(unexpected)),
            }
        }
    }

    async fn take(&self, reaction: &Reaction<'_>, opened: &Opened, step: Step) -> Result<Next, SagaError> {
        let payment = opened.payment;
        Ok(match step {
            Step::ExtendHold(booking) => {
                let screening = screening_of(reaction, booking).await?;
                let command = screening::Command::ExtendHold { booking };
                steps::after_hold(reaction.execute::<Screening>(&screening, command).await?)
            }
            Step::CheckMove(booking) => {
                let state: Booking = reaction.read(&booking).await?;
                steps::after_checking_move(&state, payment, self.clock.now())
            }
            Step::OpenPage => {
                let turn = match self.provider.budget().turn_within(Lane::Checkout, WAIT_MAX).await {
                    Ok(turn) => turn,
                    Err(Busy) => return Ok(Next::Then(Step::GiveUp(reasons::PROVIDER_BUSY))),
                };
                if let Some(instead) = self.look_again(reaction, opened).await? {
                    return Ok(instead);
                }
                let customer = self.payer(reaction, opened.customer).await?;
                let booking = booking_of(opened);
                let wanted = WantedCheckout { payment, booking, amount: opened.amount, customer };
                let opening = reaction.enclose(open_page(&*self.provider, turn, &wanted));
                let page = opening.await.inspect_err(|error| {
                    tracing::error!(error = error as &dyn std::error::Error, "no checkout page was opened");
                });
                steps::after_opening(page.ok())
            }
            Step::RecordPage(page) => {
                let command = steps::record_page(page);
                steps::after_recording(reaction.execute::<Payment>(&payment, command).await?)
            }
            Step::GiveUp(reason) => {
                let command = steps::give_up(reason);
                steps::after_giving_up(reaction.execute::<Payment>(&payment, command).await?)
            }
        })
    }

    /// Looks at the payment and its hold again after the wait for a turn, which may have outlasted both.
    async fn look_again(&self, reaction: &Reaction<'_>, opened: &Opened) -> Result<Option<Next>, SagaError> {
        let state: Payment = reaction.read(&opened.payment).await?;
        if steps::first(&state).is_none() {
            return Ok(Some(Next::Done));
        }
        let Some(booking) = booking_of(opened) else { return Ok(None) };
        if let Purpose::Difference { .. } = opened.purpose {
            let state: Booking = reaction.read(&booking).await?;
            let instead = steps::instead_of_move_page(&state, opened.payment, self.clock.now());
            return Ok(instead.map(Next::Then));
        }
        let screening: Screening = reaction.read(&screening_of(reaction, booking).await?).await?;
        Ok(steps::instead_of_page(screening.standing(booking, self.clock.now())))
    }

    async fn payer(&self, reaction: &Reaction<'_>, customer: UserId) -> Result<Option<Payer>, SagaError> {
        let Some(account) = self.recipients.account_of(customer).await? else { return Ok(None) };
        let account: Account = reaction.read(&account).await?;
        let profile = account.profile.filter(|profile| profile.user == customer);
        let Some(Profile { email, name, .. }) = profile else { return Ok(None) };
        let texts = (self.persons.unseal(&email).await?, self.persons.unseal(&name).await?);
        Ok(texts.0.zip(texts.1).map(|(email, name)| Payer { email, name }))
    }

    async fn spend(&self, reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), SagaError> {
        let state: Payment = reaction.read(&payment).await?;
        let (Some(opened), Some(spending)) = (state.opened(), steps::spending(&state)) else { return Ok(()) };
        match spending {
            Spending::Settle(booking) => self.settler.settle(reaction, booking, payment).await,
            Spending::PayMove(booking) => pay_move(reaction, booking, payment).await,
            Spending::Credit(credit) => reaction.must::<Wallet>(&opened.customer, credit).await,
            Spending::Refund(refund) => reaction.must::<Payment>(&payment, refund).await,
        }
    }

    async fn watch(&self, reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), SagaError> {
        let state: Payment = reaction.read(&payment).await?;
        let booking = booked(reaction, &state).await?;
        let (now, first) = (reaction.now(), steps::first_poll(reaction.now()));
        self.poll_at(payment, steps::in_time(first, now, payment, booking.as_ref())).await
    }

    async fn poll_at(&self, payment: PaymentId, at: Timestamp) -> Result<(), SagaError> {
        Ok(self.timers.arm(Self::TIMERS, &payment.to_string(), at).await?)
    }

    /// Handles the timer of a payment.
    pub async fn fired(&self, payment: &str) -> Verdict {
        verdict(match payment.parse() {
            Ok(payment) => self.poll(payment).await,
            Err(error) => Err(SagaError::permanent(error)),
        })
    }

    /// Asks the provider for the outcome of a page, and schedules the next poll.
    async fn poll(&self, payment: PaymentId) -> Result<(), SagaError> {
        if waits_for_money(&self.reactions.to_outside().read(&payment).await?).is_none() {
            return Ok(());
        }
        let [turn] = self.provider.budget().turns(Lane::Poll).await;
        // The money may have arrived during the wait.
        let reaction = self.reactions.to_outside();
        let state: Payment = reaction.read(&payment).await?;
        let Some(checkout) = waits_for_money(&state) else { return Ok(()) };
        if let Some(found) = answer(self.provider.payment_of(turn, &checkout.session)).await?.flatten() {
            let [turn] = self.provider.budget().turns(Lane::Poll).await;
            if let Some(update) = answer(self.provider.payment(turn, &found)).await? {
                self.updates.apply_payment(&reaction, &update).await?;
            }
        }
        let (now, closes_at) = (reaction.now(), checkout.expires_at);
        let booking = booked(&reaction, &state).await?;
        if let Some(at) = steps::next_poll(now, closes_at) {
            self.poll_at(payment, steps::in_time(at, now, payment, booking.as_ref())).await?;
        }
        let expires = |opened| steps::expires(now, closes_at, opened, booking.as_ref());
        if state.opened().is_some_and(expires) {
            reaction.must::<Payment>(&payment, Command::ExpirePayment).await?;
        }
        Ok(())
    }
}

impl<P: Provider> Handler for CardPayment<P> {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.process(commit).await)
    }
}

/// Returns the page of a payment whose money has not arrived.
fn waits_for_money(payment: &Payment) -> Option<&Checkout> {
    payment.checkout().filter(|_| payment.captured().is_none())
}

/// Opens a page, with few attempts because the customer waits.
async fn open_page<P: Provider>(
    provider: &P,
    mut turn: Turn,
    wanted: &WantedCheckout,
) -> Result<OpenedCheckout, ProviderError> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        let unavailable = match provider.open_checkout(turn, wanted).await {
            Err(error @ ProviderError::Unavailable(_)) => error,
            ended @ (Ok(_) | Err(ProviderError::Refused { .. })) => return ended,
        };
        tokio::time::sleep(pause).await;
        pause *= 2;
        turn = match provider.budget().turn_within(Lane::Checkout, WAIT_MAX).await {
            Ok(turn) => turn,
            Err(Busy) => return Err(unavailable),
        };
    }
    provider.open_checkout(turn, wanted).await
}

/// Awaits an answer of the provider; `None` if it refuses to answer.
async fn answer<T>(
    answer: impl Future<Output = Result<T, ProviderError>> + Send,
) -> Result<Option<T>, SagaError> {
    match answer.await {
        Ok(answer) => Ok(Some(answer)),
        Err(error @ ProviderError::Unavailable(_)) => Err(SagaError::transient(error)),
        Err(error @ ProviderError::Refused { .. }) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the provider refused a query");
            Ok(None)
        }
    }
}

/// Reads the booking that a payment is about.
async fn booked(reaction: &Reaction<'_>, payment: &Payment) -> Result<Option<Booking>, SagaError> {
    Ok(match payment.opened().and_then(booking_of) {
        Some(booking) => Some(reaction.read(&booking).await?),
        None => None,
    })
}

/// Pays the difference of a move, or returns the money if the move is over: the booking decides.
async fn pay_move(reaction: &Reaction<'_>, booking: BookingId, payment: PaymentId) -> Result<(), SagaError> {
    let pay = booking::Command::PayMove { id: payment };
    let answer = reaction.execute::<Booking>(&booking, pay).await?;
    match steps::after_paying_move(answer).map_err(SagaError::permanent)? {
        Some(refund) => reaction.must::<Payment>(&payment, refund).await,
        None => Ok(()),
    }
}

/// Ends the move whose difference was captured with another amount, and returns the money. Any other payment waits for an
/// administrator.
async fn return_difference(reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), SagaError> {
    let state: Payment = reaction.read(&payment).await?;
    let Some(booking) = steps::mismatched_move(&state) else { return Ok(()) };
    let is_refused = move |booking: &Booking| steps::is_refused_move(booking, payment);
    let refuse = steps::refuse_move(payment);
    let answer = reaction.execute_and_read::<Booking, _>(&booking, refuse, is_refused).await?;
    match steps::after_ending_move(answer).map_err(SagaError::permanent)? {
        Some(refund) => reaction.must::<Payment>(&payment, refund).await,
        None => Ok(()),
    }
}

async fn screening_of(reaction: &Reaction<'_>, booking: BookingId) -> Result<ScreeningId, SagaError> {
    let state: Booking = reaction.read(&booking).await?;
    let opened = state.opened.ok_or_else(|| SagaError::permanent(booking::Refusal::NotFound))?;
    Ok(opened.screening)
}

/// Records a failed payment in its booking, if it has one.
async fn fail(reaction: &Reaction<'_>, payment: PaymentId, reason: FailureReason) -> Result<(), SagaError> {
    let state: Payment = reaction.read(&payment).await?;
    let Some(opened) = state.opened() else { return Ok(()) };
    let Some(booking) = booking_of(opened) else { return Ok(()) };
    if let Purpose::Difference { .. } = opened.purpose {
        let answer = reaction.execute::<Booking>(&booking, steps::refuse_move(payment)).await?;
        return steps::after_refusing_move(answer).map_err(SagaError::permanent);
    }
    let command = booking::Command::FailAttempt { payment, reason };
    let answer = reaction.execute::<Booking>(&booking, command).await?;
    steps::after_failing(answer).map_err(SagaError::permanent)
}
