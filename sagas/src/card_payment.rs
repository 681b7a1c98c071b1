//! Card payments and top-ups. A page is opened where the customer can pay; the provider's notices, or our own questions
//! when none comes, tell what became of it; and money that came buys the seats, fills the wallet, or goes back.

mod reasons;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use ticketshow_domain::{
    AnyEvent, BookingId, PaymentId, UserId,
    account::{Account, Profile},
    booking::{self, Booking, BookingStatus, FailureReason},
    payment::{
        self, Command, Event, Opened, Payment, PaymentStatus, Purpose, RefundReason, RefundTarget,
        ReviewDecision,
    },
    screening::{self, Screening},
    wallet::{self, EntryKind, Reference, Wallet},
};
use ticketshow_nats::{Commit, Connection, Durable, Executor, Handler, Timers, Verdict, clock, consumers};
use ticketshow_tickets::Signer;

use crate::{
    notices::Notices,
    payment::Settler,
    provider::{OpenedCheckout, Payer, Provider, ProviderError, WantedCheckout},
    reaction::{Halt, Reaction, verdict},
    recipients::Recipients,
};

/// How often opening a page is tried before the customer is told that it does not work.
const TRIES: u32 = 3;
/// The pause after the first try; doubled after each.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(300);
/// When the provider is asked first what became of a page; then each time after as long as the page has existed.
const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(30);
/// How long the provider is asked after a page has closed: a payment may be under way at that moment.
const LAST_LOOK: SignedDuration = SignedDuration::from_hours(1);
/// How long a page lives. Source: Dodo's documentation.
const PAGE_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// What an event of a payment asks of this saga.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Task {
    /// Open a page to pay at.
    Open,
    /// Ask the provider about it, some time later.
    Watch,
    /// Make something of the money.
    Spend,
    /// Tell the booking that this attempt came to nothing.
    Fail(FailureReason),
}

fn react(event: &Event) -> Option<Task> {
    match event {
        Event::PaymentOpened { purpose: Purpose::Booking { .. } | Purpose::TopUp, .. } => Some(Task::Open),
        Event::CheckoutOpened { .. } => Some(Task::Watch),
        Event::PaymentCaptured { .. } | Event::ReviewDecided { decision: ReviewDecision::Accept, .. } => {
            Some(Task::Spend)
        }
        Event::ReviewDecided { decision: ReviewDecision::Refund, .. } => {
            Some(Task::Fail(FailureReason::SentBack))
        }
        Event::PaymentAttemptFailed { reason } => Some(Task::Fail(reasons::told(reason))),
        Event::PaymentExpired {} => Some(Task::Fail(FailureReason::TimedOut)),
        // What came without being asked for opens no page; an administrator decides about what does not match.
        Event::PaymentOpened { purpose: Purpose::Stray { .. }, .. }
        | Event::PaymentMismatched { .. }
        | Event::RefundRequested { .. }
        | Event::RefundAttempted { .. }
        | Event::RefundSubmitted { .. }
        | Event::RefundFailed { .. }
        | Event::RefundPutInReview { .. }
        | Event::RefundCompleted { .. } => None,
    }
}

/// Works off the consumer `card-payment` and its timers.
#[derive(Debug)]
pub(crate) struct CardPayment<P> {
    executor: Executor,
    provider: Arc<P>,
    notices: Arc<Notices>,
    recipients: Recipients,
    timers: Timers,
    settler: Settler,
}

impl<P: Provider> CardPayment<P> {
    const NAME: &'static str = consumers::CARD_PAYMENT;
    /// Kind of the timers. Frozen once shipped.
    pub const TIMERS: &'static str = "card-payment";

    pub fn new(
        connection: &Connection,
        executor: &Executor,
        pool: &PgPool,
        provider: Arc<P>,
        notices: Arc<Notices>,
        signer: Signer,
    ) -> Self {
        let (timers, settler) = (Timers::new(connection), Settler::new(signer));
        let recipients = Recipients::new(connection, pool);
        Self { executor: executor.clone(), provider, notices, recipients, timers, settler }
    }

    /// The events it reads, `parallelism` payments side by side.
    pub fn durable(parallelism: usize) -> Durable {
        let events = &[
            "payment_opened",
            "checkout_opened",
            "payment_captured",
            "review_decided",
            "payment_attempt_failed",
            "payment_expired",
        ];
        Durable { name: Self::NAME, events, parallelism }
    }

    async fn work_off(&self, commit: &Commit) -> Result<(), Halt> {
        let payment: PaymentId = commit.id.parse().map_err(Halt::stuck)?;
        for recorded in commit.events()? {
            let AnyEvent::Payment(event) = &recorded.event else { continue };
            let reaction = Reaction::to(&recorded, Self::NAME, &self.executor);
            match react(event) {
                Some(Task::Open) => self.open(&reaction, payment).await?,
                Some(Task::Watch) => self.look_at(payment, clock::now() + FIRST_LOOK).await?,
                Some(Task::Spend) => self.spend(&reaction, payment).await?,
                Some(Task::Fail(reason)) => fail(&reaction, payment, reason).await?,
                None => {}
            }
        }
        Ok(())
    }

    async fn open(&self, reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), Halt> {
        let state: Payment = reaction.read(&payment).await?;
        let (Some(opened), None) = (&state.opened, &state.checkout) else { return Ok(()) };
        if state.status != PaymentStatus::Pending {
            return Ok(());
        }
        let booking = booking_of(opened);
        if let Some(booking) = booking
            && let Err(reason) = extend_hold(reaction, booking).await?
        {
            return give_up(reaction, payment, reason).await;
        }
        let customer = self.payer(reaction, opened.customer).await?;
        let wanted = WantedCheckout { payment, booking, amount: opened.amount, customer };
        match self.open_page(&wanted).await {
            Ok(OpenedCheckout { session, url, expires_at }) => {
                let command = Command::OpenCheckout { session, url, expires_at };
                match reaction.execute::<Payment, _>(&payment, command, |_| ()).await? {
                    // It was given up meanwhile; a page that nobody knows of harms nobody.
                    Ok(()) | Err(payment::Refusal::Settled) => Ok(()),
                    Err(refusal) => Err(Halt::stuck(refusal)),
                }
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "no page to pay at was opened");
                give_up(reaction, payment, reasons::PROVIDER_UNAVAILABLE).await
            }
        }
    }

    async fn payer(&self, reaction: &Reaction<'_>, customer: UserId) -> Result<Option<Payer>, Halt> {
        let Some(account) = self.recipients.account_of(customer).await? else { return Ok(None) };
        let account: Account = reaction.read(&account).await?;
        Ok(account.profile.map(|Profile { email, name, .. }| Payer { email, name }))
    }

    /// The customer waits for it, so it is tried a few times only.
    async fn open_page(&self, wanted: &WantedCheckout) -> Result<OpenedCheckout, ProviderError> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match self.provider.open_checkout(wanted).await {
                Err(ProviderError::Away(_)) => {}
                ended @ (Ok(_) | Err(ProviderError::Refused { .. })) => return ended,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.provider.open_checkout(wanted).await
    }

    async fn spend(&self, reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), Halt> {
        let state: Payment = reaction.read(&payment).await?;
        let (Some(opened), Some((_, captured))) = (&state.opened, &state.captured) else { return Ok(()) };
        match &opened.purpose {
            Purpose::Booking { booking } => self.settler.settle(reaction, *booking, payment).await,
            Purpose::TopUp => {
                let command = wallet::Command::CreditWallet {
                    customer: opened.customer,
                    reference: Reference { kind: EntryKind::TopUp, id: payment.0 },
                    amount: *captured,
                    booking: None,
                    reason: None,
                };
                let credited = reaction.execute::<Wallet, _>(&opened.customer, command, |_| ()).await?;
                credited.map_err(Halt::stuck)
            }
            Purpose::Stray { of: _ } => {
                let (target, reason) = (RefundTarget::Card, RefundReason::PaidTwice);
                let command = Command::RequestRefund { target, reason };
                reaction.execute::<Payment, _>(&payment, command, |_| ()).await?.map_err(Halt::stuck)
            }
        }
    }

    async fn look_at(&self, payment: PaymentId, at: Timestamp) -> Result<(), Halt> {
        Ok(self.timers.arm(Self::TIMERS, &payment.to_string(), at).await?)
    }

    /// A payment's timer fired.
    pub async fn fired(&self, payment: &str) -> Verdict {
        verdict(match payment.parse() {
            Ok(payment) => self.look(payment).await,
            Err(error) => Err(Halt::stuck(error)),
        })
    }

    /// Asks the provider what became of a page, and when to ask again.
    async fn look(&self, payment: PaymentId) -> Result<(), Halt> {
        let reaction = Reaction::to_time(Self::NAME, &self.executor);
        let state: Payment = reaction.read(&payment).await?;
        let (Some(checkout), None) = (&state.checkout, &state.captured) else { return Ok(()) };
        if let Some(provider_payment) = self.ask(self.provider.payment_of(&checkout.session)).await?.flatten()
            && let Some(told) = self.ask(self.provider.payment(&provider_payment)).await?
        {
            self.notices.payment_is(&reaction, &told).await?;
        }
        let (now, closes_at) = (clock::now(), checkout.expires_at);
        let existed = now.duration_since(closes_at) + PAGE_LIFE;
        if now < closes_at + LAST_LOOK {
            self.look_at(payment, now + existed.max(FIRST_LOOK)).await?;
        }
        if closes_at <= now || !waits(&reaction, &state).await? {
            reaction
                .execute::<Payment, _>(&payment, Command::ExpirePayment, |_| ())
                .await?
                .map_err(Halt::stuck)?;
        }
        Ok(())
    }

    /// What the provider answers; `None` if it knows nothing of it.
    async fn ask<T>(
        &self,
        answer: impl Future<Output = Result<T, ProviderError>> + Send,
    ) -> Result<Option<T>, Halt> {
        match answer.await {
            Ok(answer) => Ok(Some(answer)),
            Err(error @ ProviderError::Away(_)) => Err(Halt::Away(Box::new(error))),
            Err(error @ ProviderError::Refused { .. }) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the provider does not answer that");
                Ok(None)
            }
        }
    }
}

impl<P: Provider> Handler for CardPayment<P> {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.work_off(commit).await)
    }
}

fn booking_of(opened: &Opened) -> Option<BookingId> {
    match opened.purpose {
        Purpose::Booking { booking } => Some(booking),
        Purpose::TopUp | Purpose::Stray { .. } => None,
    }
}

/// Whether somebody still waits for the money: a booking whose hold is over does not, even if late money may still buy its
/// seats.
async fn waits(reaction: &Reaction<'_>, state: &Payment) -> Result<bool, Halt> {
    let Some(booking) = state.opened.as_ref().and_then(booking_of) else { return Ok(true) };
    let booking: Booking = reaction.read(&booking).await?;
    Ok(booking.opened.is_some_and(|opened| opened.status == BookingStatus::Paying))
}

/// The page needs its time, so the hold is given some more, once. The inner error says why there is no hold.
async fn extend_hold(reaction: &Reaction<'_>, booking: BookingId) -> Result<Result<(), &'static str>, Halt> {
    use screening::Refusal;
    let state: Booking = reaction.read(&booking).await?;
    let opened = state.opened.ok_or_else(|| Halt::stuck(booking::Refusal::NotFound))?;
    let command = screening::Command::ExtendHold { booking };
    let screening = &opened.reservation.screening;
    Ok(match reaction.execute::<Screening, _>(screening, command, |_| ()).await? {
        Ok(()) => Ok(()),
        Err(Refusal::HoldExpired | Refusal::GivenUp | Refusal::BookingClosed(_)) => {
            Err(reasons::HOLD_EXPIRED)
        }
        Err(Refusal::BookingCancelled | Refusal::ScreeningCancelled) => Err(reasons::CANCELLED),
        Err(Refusal::AlreadySold(_)) => Err(reasons::ALREADY_PAID),
        Err(
            refusal @ (Refusal::NotFound
            | Refusal::UnknownBooking
            | Refusal::KeyReused
            | Refusal::SeatCount { .. }
            | Refusal::DuplicateSeat(_)
            | Refusal::UnknownSeat(_)
            | Refusal::SeatTaken(_)
            | Refusal::TooManyHolds { .. }
            | Refusal::TooManySeats { .. }
            | Refusal::TicketVoid
            | Refusal::AlreadyCheckedIn(_)),
        ) => return Err(Halt::stuck(refusal)),
    })
}

async fn give_up(reaction: &Reaction<'_>, payment: PaymentId, reason: &str) -> Result<(), Halt> {
    let command = Command::FailPayment { reason: reason.to_owned() };
    reaction.execute::<Payment, _>(&payment, command, |_| ()).await?.map_err(Halt::stuck)
}

/// Tells the booking, if the payment is for one.
async fn fail(reaction: &Reaction<'_>, payment: PaymentId, reason: FailureReason) -> Result<(), Halt> {
    let state: Payment = reaction.read(&payment).await?;
    let Some(booking) = state.opened.as_ref().and_then(booking_of) else { return Ok(()) };
    let command = booking::Command::FailPayment { payment, reason };
    match reaction.execute::<Booking, _>(&booking, command, |_| ()).await? {
        // Late news: the money came after all.
        Ok(()) | Err(booking::Refusal::AlreadyPaid) => Ok(()),
        Err(refusal) => Err(Halt::stuck(refusal)),
    }
}
