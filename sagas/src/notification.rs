//! Telling customers by mail what became of their bookings and their money. Two halves, with the stream `MAILS` between
//! them: events become mails that are wanted, here; mails that are wanted are sent, in [`mailing`].
//!
//! Only bookings and payments are read. Whoever knows of something else to be told wants the mail by itself.

mod cascade_mails;
mod letter;
mod mailer;
mod mailing;
mod story;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use ticketshow_domain::{
    AnyEvent, BookingId, Money, PaymentId, UserId,
    booking::{self, Booking, FailureReason, PaymentMethod},
    payment::{self, Payment, Purpose, RefundTarget},
};
use ticketshow_nats::{
    Commit, Connection, Durable, Executor, Handler, Mail, Mails, Matter, Recorded, Verdict, clock, consumers,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    reaction::{Halt, Reaction, verdict},
    run::{keep_going, pause, work_off},
};

pub use mailer::{MailSettings, Mailer, MailerError, ResetToken};
use mailing::Mailing;

/// When mails are first wanted on an installation, nobody is told of anything older. The design's number.
const FIRST_LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);

/// Both halves of the saga, and what they need.
#[derive(Debug, Clone)]
pub(crate) struct PostOffice {
    pub connection: Connection,
    pub executor: Executor,
    pub pool: PgPool,
    /// Without one, mails that are wanted wait.
    pub mailer: Option<Mailer>,
}

impl PostOffice {
    /// Wants and sends mails until `stop`.
    pub fn start(self, work: &mut JoinSet<()>, stop: &CancellationToken) {
        let Self { connection, executor, pool, mailer } = &self;
        if let Some(mailer) = mailer {
            let (mailing, stop) = (Mailing::new(connection, executor, pool, mailer.clone()), stop.clone());
            work.spawn(async move {
                let mailing = Arc::new(mailing);
                keep_going(consumers::MAILING, &stop, || Arc::clone(&mailing).run(stop.clone())).await;
            });
        } else {
            tracing::info!("no mail server is set (SMTP_URL): mails wait in the stream MAILS");
        }
        work.spawn(self.want(stop.clone()));
    }

    async fn want(self, stop: CancellationToken) {
        let notification = loop {
            match Notification::start(&self.connection, &self.executor, &self.pool).await {
                Ok(notification) => break notification,
                Err(Halt::Away(error) | Halt::Stuck(error)) => {
                    tracing::warn!(
                        error = error.as_ref() as &dyn std::error::Error,
                        "no mails are wanted yet"
                    );
                }
            }
            if !pause(&stop).await {
                return;
            }
        };
        work_off(self.connection, Notification::durable(), notification.into(), stop).await;
    }
}

/// Bookings and payments told of side by side: enough to keep up, too few to be in the way of the log.
const PARALLELISM: usize = 8;

/// What an event asks of this saga.
#[derive(Debug, Clone, PartialEq)]
enum Notice {
    /// The event says it all.
    Tell(UserId, Matter),
    /// The booking knows whose it is, and how it was to be paid.
    PaymentFailed { booking: BookingId, payment: PaymentId, reason: FailureReason },
    /// The payment knows whose it is.
    RefundStarted { amount: Money },
    /// The same.
    RefundCompleted { amount: Money, target: RefundTarget },
}

fn react(event: &AnyEvent) -> Option<Notice> {
    match event {
        AnyEvent::Booking(event) => react_to_booking(event),
        AnyEvent::Payment(event) => react_to_payment(event),
        AnyEvent::Account(_)
        | AnyEvent::Show(_)
        | AnyEvent::Venue(_)
        | AnyEvent::Screen(_)
        | AnyEvent::Screening(_)
        | AnyEvent::Wallet(_) => None,
    }
}

fn react_to_booking(event: &booking::Event) -> Option<Notice> {
    match event {
        booking::Event::BookingConfirmed { booking, customer, .. } => {
            Some(Notice::Tell(*customer, Matter::BookingConfirmed { booking: *booking }))
        }
        booking::Event::PaymentFailed { booking, payment, reason, .. } => {
            Some(Notice::PaymentFailed { booking: *booking, payment: *payment, reason: *reason })
        }
        booking::Event::BookingCancelled { booking, customer, by, reason, refund_due, .. } => {
            let (booking, by, reason, refund_due) = (*booking, *by, reason.clone(), *refund_due);
            Some(Notice::Tell(*customer, Matter::BookingCancelled { booking, by, reason, refund_due }))
        }
        // A refund to the wallet is told with the cancellation, one to a card by its payment.
        booking::Event::BookingRefunded { .. }
        | booking::Event::BookingOpened { .. }
        | booking::Event::PaymentRequested { .. }
        | booking::Event::BookingExpired { .. } => None,
    }
}

fn react_to_payment(event: &payment::Event) -> Option<Notice> {
    match event {
        payment::Event::RefundRequested { target: RefundTarget::Card, amount, .. } => {
            Some(Notice::RefundStarted { amount: *amount })
        }
        payment::Event::RefundCompleted { target, amount } => {
            Some(Notice::RefundCompleted { amount: *amount, target: *target })
        }
        // Crediting a wallet takes no time that would have to be told.
        payment::Event::RefundRequested { target: RefundTarget::Wallet, .. }
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
        | payment::Event::RefundPutInReview { .. } => None,
    }
}

/// A failed payment, told to whoever's it was. An empty wallet is not: that was answered at once, and nothing was taken.
fn payment_failed(booking: &Booking, payment: PaymentId, reason: FailureReason) -> Option<(UserId, Matter)> {
    let opened = booking.opened.as_ref()?;
    let method = opened.attempt(payment)?.method;
    if method == PaymentMethod::Wallet && reason == FailureReason::InsufficientFunds {
        return None;
    }
    let booking = opened.reservation.booking;
    Some((opened.reservation.customer, Matter::PaymentFailed { booking, payment, reason }))
}

fn booking_of(purpose: &Purpose) -> Option<BookingId> {
    match purpose {
        Purpose::Booking { booking } => Some(*booking),
        Purpose::TopUp | Purpose::Stray { .. } => None,
    }
}

/// Works off the consumer `notification`.
#[derive(Debug)]
pub(crate) struct Notification {
    executor: Executor,
    mails: Mails,
    /// Nobody is told of anything before.
    since: Timestamp,
}

impl Notification {
    const NAME: &'static str = consumers::NOTIFICATION;

    /// Finds out since when this installation tells people; from now on, give or take a day, if it never did.
    pub async fn start(connection: &Connection, executor: &Executor, pool: &PgPool) -> Result<Self, Halt> {
        let first = clock::now() - FIRST_LOOK_BACK;
        sqlx::query("INSERT INTO sagas.notification (since) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(first.to_sqlx())
            .execute(pool)
            .await?;
        let since: jiff_sqlx::Timestamp =
            sqlx::query_scalar("SELECT since FROM sagas.notification").fetch_one(pool).await?;
        let (executor, mails) = (executor.clone(), Mails::new(connection));
        Ok(Self { executor, mails, since: since.to_jiff() })
    }

    /// The events it reads.
    pub fn durable() -> Durable {
        let events = &[
            "booking_confirmed",
            "payment_failed",
            "booking_cancelled",
            "refund_requested",
            "refund_completed",
        ];
        Durable { name: Self::NAME, events, parallelism: PARALLELISM }
    }

    async fn work_off(&self, commit: &Commit) -> Result<(), Halt> {
        for recorded in commit.events()? {
            if recorded.metadata.time < self.since {
                continue;
            }
            let Some(notice) = react(&recorded.event) else { continue };
            if let Some((recipient, matter)) = self.complete(&recorded, notice).await? {
                self.mails.want(&Mail::following(&recorded, recipient, matter)).await?;
            }
        }
        Ok(())
    }

    /// Who is told what, if anybody.
    async fn complete(&self, cause: &Recorded, notice: Notice) -> Result<Option<(UserId, Matter)>, Halt> {
        let reaction = Reaction::to(cause, Self::NAME, &self.executor);
        match notice {
            Notice::Tell(recipient, matter) => Ok(Some((recipient, matter))),
            Notice::PaymentFailed { booking, payment, reason } => {
                let booking: Booking = reaction.read(&booking).await?;
                Ok(payment_failed(&booking, payment, reason))
            }
            Notice::RefundStarted { amount } => {
                self.about_refund(&reaction, cause, |booking, payment| Matter::RefundStarted {
                    booking,
                    payment,
                    amount,
                })
                .await
            }
            Notice::RefundCompleted { amount, target } => {
                self.about_refund(&reaction, cause, |booking, payment| Matter::RefundCompleted {
                    booking,
                    payment,
                    amount,
                    target,
                })
                .await
            }
        }
    }

    async fn about_refund(
        &self,
        reaction: &Reaction<'_>,
        cause: &Recorded,
        matter: impl FnOnce(Option<BookingId>, PaymentId) -> Matter,
    ) -> Result<Option<(UserId, Matter)>, Halt> {
        let payment: PaymentId = cause.id.parse().map_err(Halt::stuck)?;
        let state: Payment = reaction.read(&payment).await?;
        Ok(state.opened.map(|opened| (opened.customer, matter(booking_of(&opened.purpose), payment))))
    }
}

impl Handler for Notification {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.work_off(commit).await)
    }
}
