//! Starts all sagas, in one replica at a time.

mod cards;
pub(crate) mod tables;

use std::sync::Arc;

use sqlx::{PgPool, migrate::MigrateError};
use ticketshow_domain::invoices::Seller;
use ticketshow_nats::{consumers::timers::Timers, executor::Executor, server::connection::Connection};
use ticketshow_tickets::Signer;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    buyer_retention::BuyerRetention,
    cascade::Cascade,
    hold_expiry::{HoldExpiry, HoldTimers},
    invoicing::Invoicing,
    mail::{
        mailer::{MailSettings, Mailer, MailerError},
        sender::MailSender,
    },
    payment_consumer::PaymentConsumer,
    provider::dodo::{Dodo, DodoSettings, NoClient},
    refund::Refund,
    scheduling::{Scheduling, publications::Publications},
    worker::{active::Active, clock::Clock, keep_running, pause, run_consumer},
};
use cards::Cards;

/// Table of the migrations applied to the schema `sagas`.
pub const MIGRATIONS: &str = "migrations";

/// Settings of all sagas.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Aggregates that a saga processes concurrently, 1 or more.
    pub parallelism: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { parallelism: 128 }
    }
}

/// External parties that the sagas work with.
#[derive(Debug, Clone)]
pub struct SagaDependencies {
    signer: Signer,
    provider: Option<Arc<Dodo>>,
    mailer: Option<Mailer>,
    seller: Arc<Seller>,
}

impl SagaDependencies {
    /// Only `signer`, which signs the codes of tickets.
    #[must_use]
    pub fn new(signer: Signer) -> Self {
        Self { signer, provider: None, mailer: None, seller: Arc::default() }
    }

    /// Adds the provider of card payments. Without one, card payments and refunds wait in the log.
    ///
    /// # Errors
    ///
    /// [`NoClient`] if this machine cannot make HTTP calls.
    pub fn with_cards(self, settings: DodoSettings) -> Result<Self, NoClient> {
        Ok(Self { provider: Some(Arc::new(Dodo::new(settings, Clock::System)?)), ..self })
    }

    /// Sets the party that issues invoices. By default it has no name.
    #[must_use]
    pub fn with_seller(self, seller: Seller) -> Self {
        Self { seller: Arc::new(seller), ..self }
    }

    /// Adds the mail server. Without one, mails wait in the stream `MAILS`.
    ///
    /// # Errors
    ///
    /// [`MailerError`] if the settings are invalid.
    pub fn with_mail(self, settings: &MailSettings) -> Result<Self, MailerError> {
        Ok(Self { mailer: Some(Mailer::new(settings)?), ..self })
    }
}

/// Migrates the schema `sagas`.
///
/// # Errors
///
/// [`MigrateError`] if Postgres is unreachable, or the schema does not match the migrations applied before.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    let mut migrator = sqlx::migrate!();
    migrator.create_schema("sagas");
    // The read models keep their own migration table in the same database.
    migrator.dangerous_set_table_name(format!("sagas.{MIGRATIONS}"));
    migrator.run(pool).await
}

/// Deletes the data that the sagas derived from the log and makes the running replica start over, after the log was
/// replaced. Data that the log cannot restore stays: the mails that were sent, and the reports of the payment
/// provider.
///
/// # Errors
///
/// [`sqlx::Error`] if Postgres is unreachable. May be repeated.
pub async fn start_over(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    for statement in [
        "DELETE FROM sagas.programme_screenings",
        "DELETE FROM sagas.programme_closures",
        "UPDATE sagas.programme SET position = 0",
        "DELETE FROM sagas.recipients",
        "UPDATE sagas.recipients_read SET position = 0",
        "UPDATE sagas.hold_watch SET complete = false",
    ] {
        sqlx::query(statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Active::depose(pool).await
}

/// Runs all sagas until `stop`, or stands by while another replica runs them. Finishes commits in flight before it returns,
/// and waits for services that are unreachable. Requires [`migrate`].
pub async fn run(
    settings: Settings,
    connection: Connection,
    executor: Executor,
    pool: PgPool,
    dependencies: SagaDependencies,
    stop: CancellationToken,
) {
    let sagas = Sagas { settings, connection, executor, clock: Clock::System, pool, dependencies };
    while let Some(mut active) = Active::wait(&sagas.pool, &stop).await {
        tracing::info!("this replica runs the sagas");
        metrics::gauge!("ticketshow_sagas_active").set(1);
        let round = stop.child_token();
        let mut work = sagas.start(&round);
        tokio::select! {
            () = active.lost() => tracing::warn!("lost the lock of the sagas: standing by"),
            ended = work.join_next() => {
                if !stop.is_cancelled() {
                    tracing::error!(?ended, "a saga ended unexpectedly: restarting all");
                }
            }
        }
        round.cancel();
        while work.join_next().await.is_some() {}
        metrics::gauge!("ticketshow_sagas_active").set(0);
        active.release().await;
        if !pause(&stop).await {
            return;
        }
    }
}

#[derive(Clone)]
struct Sagas {
    settings: Settings,
    connection: Connection,
    executor: Executor,
    clock: Clock,
    pool: PgPool,
    dependencies: SagaDependencies,
}

impl Sagas {
    fn start(&self, stop: &CancellationToken) -> JoinSet<()> {
        let Self { connection, executor, pool, clock, settings: Settings { parallelism }, .. } = self;
        let (parallelism, clock) = (*parallelism, *clock);
        let SagaDependencies { signer, provider, mailer, seller } = self.dependencies.clone();
        let payment = PaymentConsumer::new(executor, clock, signer.clone());
        let publications = Arc::new(Publications::new(connection, executor, clock));
        let scheduling = Scheduling::new(executor, clock, signer.clone(), Arc::clone(&publications));
        let refund = Refund::new(executor, clock);
        let cascade = Arc::new(Cascade::new(connection, executor, clock, pool, signer.clone()));
        let to = || connection.clone();
        let mut work = JoinSet::new();
        work.spawn(run_consumer(to(), PaymentConsumer::durable(parallelism), payment.into(), stop.clone()));
        work.spawn(run_consumer(to(), Scheduling::durable(parallelism), scheduling.into(), stop.clone()));
        work.spawn(run_consumer(to(), Refund::durable(parallelism), refund.into(), stop.clone()));
        work.spawn(Arc::clone(&cascade).follow_programme(stop.clone()));
        work.spawn(run_consumer(to(), Cascade::durable(parallelism), cascade, stop.clone()));
        work.spawn(Invoicing::new(connection, executor, clock, seller).follow(stop.clone()));
        work.spawn(self.clone().expire_holds(stop.clone()));
        work.spawn(publish_drafts(publications, Timers::new(connection), pool.clone(), stop.clone()));
        work.spawn(BuyerRetention::new(executor, clock, pool).run(stop.clone()));
        let Self { connection, executor, pool, .. } = self.clone();
        MailSender { connection, executor, clock, pool, mailer }.start(&mut work, stop);
        if let Some(provider) = provider {
            let Self { connection, executor, pool, .. } = self.clone();
            Cards { connection, executor, clock, pool, signer, provider, parallelism }.start(&mut work, stop);
        }
        work
    }

    /// Runs the consumer and the timers of the hold expiry, which share the armed timers.
    async fn expire_holds(self, stop: CancellationToken) {
        let Some(expiry) = self.start_hold_expiry(&stop).await else { return };
        let durable = HoldExpiry::durable(self.settings.parallelism);
        let timers = Timers::new(&self.connection);
        let run_timers = || {
            let expiry = Arc::clone(&expiry);
            let fired = move |screening: String| {
                let expiry = Arc::clone(&expiry);
                async move { expiry.fired(&screening).await }
            };
            timers.run(HoldTimers::KIND, fired, stop.clone())
        };
        let timers = keep_running(HoldTimers::KIND, &stop, run_timers);
        let consumer = run_consumer(self.connection.clone(), durable, Arc::clone(&expiry), stop.clone());
        tokio::join!(consumer, timers);
    }

    async fn start_hold_expiry(&self, stop: &CancellationToken) -> Option<Arc<HoldExpiry>> {
        loop {
            let signer = self.dependencies.signer.clone();
            match HoldExpiry::start(&self.connection, &self.executor, self.clock, &self.pool, signer).await {
                Ok(expiry) => return Some(Arc::new(expiry)),
                Err(error) => tracing::warn!(error = error.source(), "cannot arm the timers of holds yet"),
            }
            if !pause(stop).await {
                return None;
            }
        }
    }
}

/// Runs the timers of drafts, and arms those that may have been lost.
async fn publish_drafts(
    publications: Arc<Publications>,
    timers: Timers,
    pool: PgPool,
    stop: CancellationToken,
) {
    let restored = Arc::clone(&publications);
    let fired = move |screen: String| {
        let publications = Arc::clone(&publications);
        async move { publications.fired(&screen).await }
    };
    let kind = Publications::KIND;
    let run_timers = || timers.run(kind, fired.clone(), stop.clone());
    tokio::join!(restored.keep_restored(&pool, &stop), keep_running(kind, &stop, run_timers));
}
