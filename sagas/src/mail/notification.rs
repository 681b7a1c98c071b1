//! Queues mails in response to events, and destroys the keys of erased persons. It reads bookings, payments and erased accounts; mails of
//! other kinds are queued by the code that causes them.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use ticketshow_domain::{
    AnyEvent, BookingId, Decider, Language, Money, PaymentId, Personal, UserId,
    account::{self, Account},
    booking::{
        self, Booking, CancelledBy, FailureReason, PaymentMethod, RefundDue,
        opened::{Attempt, Outcome},
    },
    mail::MailKind,
    payment::{self, Payment, Purpose, RefundReason, RefundTarget},
    screening,
    seat_return::{RefundWay, SeatReturn},
    wallet::Wallet,
};
use ticketshow_nats::{
    consumers::{
        mail::Mail,
        mail_batches::MailBatches,
        mails::Mails,
        subscription::{Handler, Subscription},
        verdict::Verdict,
    },
    executor::Executor,
    kv::persons::Persons,
    log::{
        envelope::{Commit, RecordedEvent},
        history::Log,
    },
    server::connection::Connection,
    subjects::consumers,
};

use crate::{
    mail::{contributions::Contributions, messages, reminders},
    recipients::Recipients,
    worker::{
        clock::Clock,
        error::{SagaError, verdict},
        reaction::{Reaction, Reactions},
    },
};

/// The first start of an installation queues no mail for events older than this. Set by the design.
const FIRST_LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);

/// Bookings and payments processed concurrently. Their mails wait for a common write, so it takes many to keep up.
const PARALLELISM: usize = 256;

/// A mail that an event causes, with the facts that the event contains.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Notice {
    /// A mail that the event describes completely.
    Mail(UserId, MailKind),
    /// The same about a booking that may have been sold at the counter, to a person who gave no address.
    IfReachable(BookingId, UserId, MailKind),
    /// The screening is the one of the event.
    Offered { booking: BookingId, customer: UserId, held_until: Timestamp },
    /// The recipient and the payment method are read from the booking.
    PaymentFailed { booking: BookingId, payment: PaymentId, reason: FailureReason },
    /// The recipient is read from the payment.
    RefundStarted { amount: Money },
    /// The recipient is read from the payment.
    RefundCompleted { amount: Money, target: RefundTarget },
    /// A message to everybody who has paid seats of the screening.
    Message(screening::Message),
    /// The reminder of the start, to those who held their paid seats by then.
    Reminder { starts_at: Timestamp, held_until: Timestamp },
    /// The address is read from the log, before the key that opens it is destroyed.
    Erased(UserId),
    /// A buyer without an account, who gets no last mail: the address was given for the tickets only.
    BuyerErased(UserId),
}

pub(crate) fn react(event: &AnyEvent) -> Option<Notice> {
    match event {
        AnyEvent::Booking(event) => react_to_booking(event),
        AnyEvent::Payment(event) => react_to_payment(event),
        AnyEvent::Screening(event) => react_to_screening(event),
        AnyEvent::Account(account::Event::PersonalDataErased { user }) => Some(Notice::Erased(*user)),
        AnyEvent::Account(
            account::Event::AccountRegistered { .. }
            | account::Event::PasswordChanged { .. }
            | account::Event::ProfileUpdated { .. }
            | account::Event::RoleGranted { .. }
            | account::Event::AccountDisabled { .. }
            | account::Event::AccountEnabled { .. }
            | account::Event::SecondFactorSet { .. }
            | account::Event::OtpUsed { .. }
            | account::Event::RecoveryCodeUsed { .. }
            | account::Event::SecondFactorRemoved {}
            | account::Event::LanguageChosen { .. }
            | account::Event::SalesMailChosen { .. }
            | account::Event::RemindersChosen { .. },
        )
        | AnyEvent::Show(_)
        | AnyEvent::Venue(_)
        | AnyEvent::Screen(_)
        | AnyEvent::Wallet(_)
        | AnyEvent::Till(_)
        | AnyEvent::Promotion(_)
        | AnyEvent::Invoices(_) => None,
    }
}

fn react_to_screening(event: &screening::Event) -> Option<Notice> {
    match event {
        screening::Event::MessageSent { message, .. } => Some(Notice::Message(message.clone())),
        screening::Event::GuestsReminded { starts_at, held_until, .. } => {
            Some(Notice::Reminder { starts_at: *starts_at, held_until: *held_until })
        }
        screening::Event::SeatsOffered { booking, customer, held_until, .. } => {
            Some(Notice::Offered { booking: *booking, customer: *customer, held_until: *held_until })
        }
        screening::Event::ScreeningOpened { .. }
        | screening::Event::SeatsReserved { .. }
        | screening::Event::HoldExtended { .. }
        | screening::Event::SeatsReleased { .. }
        | screening::Event::SeatsSold { .. }
        | screening::Event::SeatsSoldAtCounter { .. }
        | screening::Event::SeatsTakenBack { .. }
        | screening::Event::ScreeningCancelled { .. }
        | screening::Event::WaitingListJoined { .. }
        | screening::Event::WaitingListLeft { .. }
        | screening::Event::ScreeningCleared { .. }
        | screening::Event::TicketCheckedIn { .. }
        | screening::Event::CheckInUndone { .. }
        | screening::Event::SeatsBlocked { .. }
        | screening::Event::BlockGrown { .. }
        | screening::Event::BlockReleased { .. }
        | screening::Event::WheelchairPlacesReleased {}
        | screening::Event::AdmissionConflicted { .. }
        | screening::Event::MoveBegun { .. }
        | screening::Event::MoveEnded { .. }
        | screening::Event::SeatsMovedIn { .. }
        // Each booking follows by itself.
        | screening::Event::ScreeningChanged { .. }
        | screening::Event::ChangeRefused { .. }
        | screening::Event::ChangeCompleted { .. } => None,
    }
}

fn react_to_booking(event: &booking::Event) -> Option<Notice> {
    match event {
        booking::Event::BookingConfirmed { booking, customer, method, .. } => {
            let matter = MailKind::BookingConfirmed { booking: *booking };
            Some(if method.is_of_counter() {
                Notice::IfReachable(*booking, *customer, matter)
            } else {
                Notice::Mail(*customer, matter)
            })
        }
        booking::Event::PaymentAttemptFailed { booking, payment, reason, .. } => {
            Some(Notice::PaymentFailed { booking: *booking, payment: *payment, reason: *reason })
        }
        booking::Event::BookingCancelled { booking, customer, by, reason, refund_due, .. } => {
            let (booking, by, reason, refund_due) = (*booking, *by, reason.clone(), *refund_due);
            let others = Vec::new();
            let matter = MailKind::BookingCancelled { booking, by, reason, refund_due, others };
            let is_paid_online = refund_due.is_some_and(|due| !due.method.is_of_counter());
            Some(if is_paid_online {
                Notice::Mail(*customer, matter)
            } else {
                Notice::IfReachable(booking, *customer, matter)
            })
        }
        booking::Event::SeatsReturned { booking, customer, returned, due, .. }
            if !returned.seats.is_empty() =>
        {
            let SeatReturn { seats, by, reason, refund, .. } = returned.clone();
            let to = (refund == RefundWay::Wallet).then_some(RefundTarget::Wallet);
            let refund_due = (refund != RefundWay::None).then_some(RefundDue { to, ..*due });
            let (booking, others) = (*booking, Vec::new());
            let matter = MailKind::SeatsReturned { booking, seats, by, reason, refund_due, others };
            Some(if due.method.is_of_counter() {
                Notice::IfReachable(booking, *customer, matter)
            } else {
                Notice::Mail(*customer, matter)
            })
        }
        booking::Event::BookingMoved { booking, customer, moved, .. } => {
            let matter = MailKind::BookingMoved { booking: *booking, id: moved.id };
            Some(Notice::IfReachable(*booking, *customer, matter))
        }
        booking::Event::BookingRescheduled { booking, customer, rescheduling } if rescheduling.paid => {
            let (booking, rescheduling) = (*booking, rescheduling.clone());
            let matter = MailKind::ScreeningChanged { booking, rescheduling };
            Some(Notice::IfReachable(booking, *customer, matter))
        }
        booking::Event::BuyerErased { customer, .. } => Some(Notice::BuyerErased(*customer)),
        // The mail about the refund that it contributes to names the sum.
        booking::Event::SeatsReturned { .. }
        // The cancellation mail covers a refund to the wallet, and the payment's mails one to a card.
        | booking::Event::BookingRefunded { .. }
        | booking::Event::ReturnRefunded { .. }
        | booking::Event::BookingOpened { .. }
        | booking::Event::PaymentAttemptStarted { .. }
        | booking::Event::BookingExpired { .. }
        | booking::Event::TicketShared { .. }
        | booking::Event::ShareEnded { .. }
        | booking::Event::DiscountApplied { .. }
        | booking::Event::DiscountRemoved { .. }
        | booking::Event::MoveRequested { .. }
        | booking::Event::MovePaid { .. }
        | booking::Event::MoveRefused { .. }
        | booking::Event::BookingRescheduled { .. }
        | booking::Event::NoteAdded { .. } => None,
    }
}

fn react_to_payment(event: &payment::Event) -> Option<Notice> {
    match event {
        // The mail about the cancellation, or about the seats, says that their money is on its way.
        payment::Event::RefundRequested {
            reason:
                RefundReason::CancelledByCustomer | RefundReason::CancelledByHouse | RefundReason::SeatsReturned,
            ..
        } => None,
        payment::Event::RefundRequested { target: RefundTarget::Card, amount, .. } => {
            Some(Notice::RefundStarted { amount: *amount })
        }
        payment::Event::RefundCompleted { target, amount } => {
            Some(Notice::RefundCompleted { amount: *amount, target: *target })
        }
        // Crediting a wallet is immediate and needs no mail of its own.
        payment::Event::RefundRequested { target: RefundTarget::Wallet, .. }
        | payment::Event::PartSplitOff { .. }
        | payment::Event::PaymentOpened { .. }
        | payment::Event::CheckoutOpened { .. }
        | payment::Event::PaymentCaptured { .. }
        | payment::Event::PaymentMismatched { .. }
        | payment::Event::ReviewDecided { .. }
        | payment::Event::PaymentAttemptFailed { .. }
        | payment::Event::PaymentExpired {}
        | payment::Event::RefundAttempted { .. }
        | payment::Event::RefundSubmitted { .. }
        | payment::Event::RefundFailed { .. }
        | payment::Event::RefundPutInReview { .. }
        | payment::Event::PaymentDisputed { .. }
        | payment::Event::DisputeWon { .. }
        | payment::Event::DisputeLost { .. } => None,
    }
}

/// Returns the mail about a failed payment. Insufficient funds in a wallet cause none, nor does a page of the provider that was left:
/// the customer is still choosing how to pay, and nothing was debited.
pub(super) fn payment_failed(
    booking: &Booking,
    payment: PaymentId,
    reason: FailureReason,
) -> Option<(UserId, MailKind)> {
    let opened = booking.opened.as_ref()?;
    let method = opened.attempt(payment)?.method;
    let is_seen = method == PaymentMethod::Wallet && reason == FailureReason::InsufficientFunds;
    if is_seen || reason == FailureReason::Abandoned {
        return None;
    }
    let booking = opened.reservation.booking;
    Some((opened.reservation.customer, MailKind::PaymentFailed { booking, payment, reason }))
}

/// Returns `true` if a customer gave up a hold without money: each attempt to pay it had failed. The customer has
/// just done so, perhaps to hold other seats.
pub(super) fn is_given_up(booking: &Booking, matter: &MailKind) -> bool {
    let by_customer =
        matches!(matter, MailKind::BookingCancelled { by: CancelledBy::Customer, refund_due: None, .. });
    let is_failed = |attempt: &Attempt| matches!(attempt.outcome, Outcome::Failed(_));
    by_customer && booking.opened.as_ref().is_some_and(|opened| opened.attempts.iter().all(is_failed))
}

fn booking_of(purpose: &Purpose) -> Option<BookingId> {
    match purpose {
        Purpose::Booking { booking } | Purpose::Difference { booking } | Purpose::Part { booking, .. } => {
            Some(*booking)
        }
        Purpose::TopUp | Purpose::Stray { .. } => None,
    }
}

/// Returns the moment of the oldest event that causes mails on an installation first started at `now`.
pub(super) fn first_event(now: Timestamp) -> Timestamp {
    now - FIRST_LOOK_BACK
}

/// Processes the consumer `notification`.
#[derive(Debug)]
pub(crate) struct Notification {
    reactions: Reactions,
    mails: Mails,
    batches: MailBatches,
    recipients: Recipients,
    log: Log,
    persons: Persons,
    /// Older events cause no mails.
    since: Timestamp,
}

impl Notification {
    const NAME: &'static str = consumers::NOTIFICATION;

    /// Reads the moment from which this installation sends mails, or sets it on the first start.
    pub async fn start(
        connection: &Connection,
        executor: &Executor,
        clock: Clock,
        pool: &PgPool,
    ) -> Result<Self, SagaError> {
        let first = first_event(clock.now());
        sqlx::query("INSERT INTO sagas.notification (since) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(first.to_sqlx())
            .execute(pool)
            .await?;
        let since: jiff_sqlx::Timestamp =
            sqlx::query_scalar("SELECT since FROM sagas.notification").fetch_one(pool).await?;
        let (reactions, mails) = (Reactions::new(Self::NAME, executor, clock), Mails::new(connection));
        let (log, persons) = (Log::new(connection), Persons::new(connection));
        let (batches, recipients) = (MailBatches::new(&mails), Recipients::new(connection, pool));
        Ok(Self { reactions, mails, batches, recipients, log, persons, since: since.to_jiff() })
    }

    /// The subscription.
    pub fn durable() -> Subscription {
        let events = &[
            "booking_confirmed",
            "payment_failed",
            "booking_cancelled",
            "seats_returned",
            "booking_moved",
            "booking_rescheduled",
            "refund_requested",
            "refund_completed",
            "message_sent",
            "seats_offered",
            "guests_reminded",
            "personal_data_erased",
            "buyer_erased",
        ];
        Subscription { name: Self::NAME, events, parallelism: PARALLELISM }
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        let mut contributions = Contributions::default();
        for recorded in commit.events()? {
            contributions.note(&recorded.event);
            let Some(notice) = react(&recorded.event) else { continue };
            let notice = contributions.add_to(notice);
            if let Notice::Erased(user) = notice {
                self.erase(&recorded, user).await?;
                continue;
            }
            if let Notice::BuyerErased(user) = notice {
                self.persons.destroy(user).await?;
                continue;
            }
            if recorded.metadata.time < self.since {
                continue;
            }
            let reaction = self.reactions.to(&recorded);
            if let Notice::Message(message) = notice {
                messages::queue(&reaction, &self.batches, &recorded, &message).await?;
                continue;
            }
            if let Notice::Reminder { starts_at, held_until } = notice {
                let guests = reminders::Guests { starts_at, held_until };
                reminders::queue(&reaction, &self.batches, &self.recipients, &recorded, guests).await?;
                continue;
            }
            if let Some((recipient, matter)) = self.complete(&recorded, notice).await? {
                self.batches.want(&Mail::following(&recorded, recipient, matter)).await?;
            }
        }
        Ok(())
    }

    /// Completes a mail with its recipient.
    async fn complete(
        &self,
        cause: &RecordedEvent,
        notice: Notice,
    ) -> Result<Option<(UserId, MailKind)>, SagaError> {
        let reaction = self.reactions.to(cause);
        match notice {
            Notice::Mail(recipient, matter) => Ok(Some((recipient, matter))),
            Notice::IfReachable(booking, recipient, matter) => {
                let booking: Booking = reaction.read(&booking).await?;
                if is_given_up(&booking, &matter) {
                    return Ok(None);
                }
                let sale = booking.opened.and_then(|opened| opened.sale);
                let reachable = sale.is_none_or(|sale| sale.buyer.email.is_some());
                Ok(reachable.then_some((recipient, matter)))
            }
            Notice::Message(_) | Notice::Reminder { .. } | Notice::Erased(_) | Notice::BuyerErased(_) => {
                Ok(None)
            }
            Notice::Offered { booking, customer, held_until } => {
                let screening = cause.id.parse().map_err(SagaError::permanent)?;
                Ok(Some((customer, MailKind::SeatsOffered { booking, screening, held_until })))
            }
            Notice::PaymentFailed { booking, payment, reason } => {
                let booking: Booking = reaction.read(&booking).await?;
                Ok(payment_failed(&booking, payment, reason))
            }
            Notice::RefundStarted { amount } => {
                self.about_refund(&reaction, cause, |booking, payment| MailKind::RefundStarted {
                    booking,
                    payment,
                    amount,
                })
                .await
            }
            Notice::RefundCompleted { amount, target } => {
                self.about_refund(&reaction, cause, |booking, payment| MailKind::RefundCompleted {
                    booking,
                    payment,
                    amount,
                    target,
                })
                .await
            }
        }
    }

    /// Queues the last mail to a person, whose address is sealed with a key of the mail itself, then destroys the key of the person.
    /// In this order, because a repeat can no longer read the address.
    async fn erase(&self, cause: &RecordedEvent, user: UserId) -> Result<(), SagaError> {
        if cause.metadata.time >= self.since
            && let Some((address, language)) = self.address_of(cause, user).await?
        {
            let wallet: Wallet = self.reactions.to(cause).read(&user).await?;
            let left = wallet.balance();
            let matter = |email| MailKind::AccountErased { email, left, language };
            let mut mail = Mail::following(cause, user, matter(Personal::plain("")));
            let [email] = self.persons.seal_for_a_week(UserId(mail.id), [&address]).await?;
            mail.matter = matter(email);
            self.mails.want(&mail).await?;
        }
        Ok(self.persons.destroy(user).await?)
    }

    /// Returns the address and the language of an account before it was erased; `None` if its key is destroyed already.
    async fn address_of(
        &self,
        cause: &RecordedEvent,
        user: UserId,
    ) -> Result<Option<(String, Option<Language>)>, SagaError> {
        let (mut address, mut language, mut is_theirs) = (None, None, false);
        for commit in self.log.history(Account::TYPE, &cause.id).await? {
            for recorded in commit.events()? {
                let AnyEvent::Account(event) = recorded.event else { continue };
                if let account::Event::AccountRegistered { user: opened, email, .. } = &event {
                    is_theirs = *opened == user;
                    if is_theirs {
                        address = self.persons.unseal(email).await?;
                    }
                } else if let account::Event::LanguageChosen { language: chosen } = event
                    && is_theirs
                {
                    language = Some(chosen);
                }
            }
        }
        Ok(address.map(|address| (address, language)))
    }

    async fn about_refund(
        &self,
        reaction: &Reaction<'_>,
        cause: &RecordedEvent,
        matter: impl FnOnce(Option<BookingId>, PaymentId) -> MailKind,
    ) -> Result<Option<(UserId, MailKind)>, SagaError> {
        let payment: PaymentId = cause.id.parse().map_err(SagaError::permanent)?;
        let state: Payment = reaction.read(&payment).await?;
        let to_card = state.refund().is_some_and(|refund| refund.target == RefundTarget::Card);
        if to_card && state.is_charged_back() {
            // The customer's bank returned the money, and nothing is sent.
            return Ok(None);
        }
        Ok(state.opened().map(|opened| (opened.customer, matter(booking_of(&opened.purpose), payment))))
    }
}

impl Handler for Notification {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.process(commit).await)
    }
}
