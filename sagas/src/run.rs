//! Running all sagas: one replica at a time, each saga started again when it fails.

use std::{future::Future, sync::Arc, time::Duration};

use sqlx::{PgPool, migrate::MigrateError};
use ticketshow_nats::{Connection, Durable, Executor, Failure, Handler, Timers, run_durable};
use ticketshow_tickets::Signer;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    active::Active,
    cards::Cards,
    cascade::Cascade,
    dodo::{Dodo, DodoSettings, NoClient},
    hold_expiry::HoldExpiry,
    notification::{MailSettings, Mailer, MailerError, PostOffice},
    payment::Payment,
    reaction::Halt,
    refund::Refund,
    scheduling::Scheduling,
};

/// Before a saga that failed is started again.
const PAUSE: Duration = Duration::from_secs(1);

/// What can be set.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Aggregates that a saga works on side by side, 1 or more.
    pub parallelism: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { parallelism: 128 }
    }
}

/// Whom the sagas work with.
#[derive(Debug, Clone)]
pub struct Parties {
    signer: Signer,
    provider: Option<Arc<Dodo>>,
    mailer: Option<Mailer>,
}

impl Parties {
    /// Only `signer`, who signs the codes of tickets.
    #[must_use]
    pub fn new(signer: Signer) -> Self {
        Self { signer, provider: None, mailer: None }
    }

    /// And somebody who takes cards and sends money back to them. Without, what is asked for waits.
    ///
    /// # Errors
    ///
    /// [`NoClient`] if this machine has no way to speak to anybody.
    pub fn with_cards(self, settings: DodoSettings) -> Result<Self, NoClient> {
        Ok(Self { provider: Some(Arc::new(Dodo::new(settings)?)), ..self })
    }

    /// And somebody who takes mails. Without, mails that are wanted wait.
    ///
    /// # Errors
    ///
    /// [`MailerError`] if the settings make no sense.
    pub fn with_mail(self, settings: &MailSettings) -> Result<Self, MailerError> {
        Ok(Self { mailer: Some(Mailer::new(settings)?), ..self })
    }
}

/// Brings the schema `sagas` up to date.
///
/// # Errors
///
/// If Postgres is away, or its tables are not what they were left as.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    let mut migrator = sqlx::migrate!();
    migrator.create_schema("sagas");
    // The read models keep their own list in the same database.
    migrator.dangerous_set_table_name("sagas.migrations");
    migrator.run(pool).await
}

/// Runs all sagas until `stop`, and stands by while another replica does. Finishes what is in hand before it returns.
/// Waits out whatever is away; [`migrate`] must have been run.
pub async fn run(
    settings: Settings,
    connection: Connection,
    executor: Executor,
    pool: PgPool,
    parties: Parties,
    stop: CancellationToken,
) {
    let sagas = Sagas { settings, connection, executor, pool, parties };
    while let Some(mut active) = Active::wait(&sagas.pool, &stop).await {
        tracing::info!("this replica runs the sagas");
        metrics::gauge!("ticketshow_sagas_active").set(1);
        let round = stop.child_token();
        let mut work = sagas.start(&round);
        tokio::select! {
            () = active.lost() => tracing::warn!("the lock of the sagas is lost: standing by"),
            ended = work.join_next() => {
                if !stop.is_cancelled() {
                    tracing::error!(?ended, "a saga ended: starting all again");
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
    pool: PgPool,
    parties: Parties,
}

impl Sagas {
    fn start(&self, stop: &CancellationToken) -> JoinSet<()> {
        let parallelism = self.settings.parallelism;
        let Parties { signer, provider, mailer } = self.parties.clone();
        let payment = Payment::new(&self.executor, signer.clone());
        let scheduling = Scheduling::new(&self.executor);
        let refund = Refund::new(&self.executor);
        let cascade = Arc::new(Cascade::new(&self.connection, &self.executor, &self.pool));
        let connection = || self.connection.clone();
        let mut work = JoinSet::new();
        work.spawn(work_off(connection(), Payment::durable(parallelism), payment.into(), stop.clone()));
        work.spawn(work_off(connection(), Scheduling::durable(parallelism), scheduling.into(), stop.clone()));
        work.spawn(work_off(connection(), Refund::durable(parallelism), refund.into(), stop.clone()));
        work.spawn(Arc::clone(&cascade).follow_programme(stop.clone()));
        work.spawn(work_off(connection(), Cascade::durable(parallelism), cascade, stop.clone()));
        work.spawn(self.clone().expire_holds(stop.clone()));
        let Self { connection, executor, pool, .. } = self.clone();
        PostOffice { connection, executor, pool, mailer }.start(&mut work, stop);
        if let Some(provider) = provider {
            let Self { connection, executor, pool, .. } = self.clone();
            Cards { connection, executor, pool, signer, provider, parallelism }.start(&mut work, stop);
        }
        work
    }

    /// The consumer and the timers of the hold expiry share what is armed.
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
            timers.run(HoldExpiry::TIMERS, fired, stop.clone())
        };
        let timers = keep_going(HoldExpiry::TIMERS, &stop, run_timers);
        let work = work_off(self.connection.clone(), durable, Arc::clone(&expiry), stop.clone());
        tokio::join!(work, timers);
    }

    async fn start_hold_expiry(&self, stop: &CancellationToken) -> Option<Arc<HoldExpiry>> {
        loop {
            match HoldExpiry::start(&self.connection, &self.executor, &self.pool).await {
                Ok(expiry) => return Some(Arc::new(expiry)),
                Err(Halt::Away(error) | Halt::Stuck(error)) => {
                    tracing::warn!(error = error.as_ref() as &dyn std::error::Error, "no timers armed yet");
                }
            }
            if !pause(stop).await {
                return None;
            }
        }
    }
}

/// Works off a consumer, again and again, until `stop`.
pub(crate) async fn work_off<H: Handler>(
    connection: Connection,
    durable: Durable,
    handler: Arc<H>,
    stop: CancellationToken,
) {
    let run = || run_durable(&connection, &durable, Arc::clone(&handler), stop.clone());
    keep_going(durable.name, &stop, run).await;
}

/// Calls `run` again and again until `stop`.
pub(crate) async fn keep_going<F: Future<Output = Result<(), Failure>>>(
    name: &str,
    stop: &CancellationToken,
    run: impl Fn() -> F,
) {
    while !stop.is_cancelled() {
        if let Err(failure) = run().await {
            tracing::warn!(saga = name, error = &failure as &dyn std::error::Error, "a saga failed");
        }
        if !pause(stop).await {
            return;
        }
    }
}

/// Waits a little; `false` once `stop` says so.
pub(crate) async fn pause(stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(PAUSE) => true,
    }
}
