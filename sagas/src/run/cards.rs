//! The sagas of cards: payments, refunds, webhooks and reconciliation. Without a provider none of them runs, and requests
//! wait in the log.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use ticketshow_nats::{
    consumers::{timers::Timers, webhooks::Webhooks},
    executor::Executor,
    server::connection::Connection,
    subjects::consumers,
};
use ticketshow_tickets::Signer;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    card_payment::CardPayment,
    card_refund::CardRefund,
    provider::{dodo::Dodo, reconciliation::Reconciliation, updates::ProviderUpdates},
    worker::{clock::Clock, keep_running, run_consumer},
};

/// Pause before the timers of refunds are restored again after a failure.
const RESTORE_PAUSE: Duration = Duration::from_secs(10);

/// Dependencies of the sagas of cards.
pub(super) struct Cards {
    pub connection: Connection,
    pub executor: Executor,
    pub clock: Clock,
    pub pool: PgPool,
    pub signer: Signer,
    pub provider: Arc<Dodo>,
    pub parallelism: usize,
}

impl Cards {
    /// Starts all of them, until `stop`.
    pub fn start(self, work: &mut JoinSet<()>, stop: &CancellationToken) {
        let Self { connection, executor, clock, pool, signer, provider, parallelism } = self;
        let updates = Arc::new(ProviderUpdates::new(&executor, clock, &pool));
        let payment = Arc::new(CardPayment::new(
            &connection,
            &executor,
            clock,
            &pool,
            Arc::clone(&provider),
            Arc::clone(&updates),
            signer,
        ));
        let refund = Arc::new(CardRefund::new(
            &connection,
            &executor,
            clock,
            Arc::clone(&provider),
            Arc::clone(&updates),
        ));

        work.spawn(check_product(Arc::clone(&provider), stop.clone()));
        let durable = CardPayment::<Dodo>::durable(parallelism);
        work.spawn(run_consumer(connection.clone(), durable, Arc::clone(&payment), stop.clone()));
        let durable = CardRefund::<Dodo>::durable(parallelism);
        work.spawn(run_consumer(connection.clone(), durable, Arc::clone(&refund), stop.clone()));
        work.spawn(restore_refund_timers(Arc::clone(&refund), pool.clone(), stop.clone()));
        work.spawn(process_webhooks(
            Webhooks::new(&connection),
            Arc::clone(&provider),
            Arc::clone(&updates),
            stop.clone(),
        ));
        let reconciliation = Reconciliation { clock, pool, provider, updates };
        work.spawn(reconciliation.run(stop.clone()));

        let timers = Timers::new(&connection);
        work.spawn({
            let (timers, stop) = (timers.clone(), stop.clone());
            async move {
                let fired = move |id: String| {
                    let payment = Arc::clone(&payment);
                    async move { payment.fired(&id).await }
                };
                let kind = CardPayment::<Dodo>::TIMERS;
                keep_running(kind, &stop, || timers.run(kind, fired.clone(), stop.clone())).await;
            }
        });
        let stop = stop.clone();
        work.spawn(async move {
            let fired = move |id: String| {
                let refund = Arc::clone(&refund);
                async move { refund.fired(&id).await }
            };
            let kind = CardRefund::<Dodo>::TIMERS;
            keep_running(kind, &stop, || timers.run(kind, fired.clone(), stop.clone())).await;
        });
    }
}

async fn process_webhooks(
    webhooks: Webhooks,
    provider: Arc<Dodo>,
    updates: Arc<ProviderUpdates>,
    stop: CancellationToken,
) {
    let run = || {
        let (provider, updates) = (Arc::clone(&provider), Arc::clone(&updates));
        let received = move |body| Arc::clone(&updates).received(Arc::clone(&provider), body);
        webhooks.run(received, stop.clone())
    };
    keep_running(consumers::WEBHOOKS, &stop, run).await;
}

/// Arms the timers of refunds at start, as soon as the read models can be read.
async fn restore_refund_timers(refund: Arc<CardRefund<Dodo>>, pool: PgPool, stop: CancellationToken) {
    while let Err(error) = refund.restore_timers(&pool).await {
        tracing::warn!(error = error.source(), "cannot arm the timers of refunds yet");
        if stop.run_until_cancelled(tokio::time::sleep(RESTORE_PAUSE)).await.is_none() {
            return;
        }
    }
    // Returning earlier would restart all sagas.
    stop.cancelled().await;
}

/// Checks the product at start, so that a wrong setup is logged before a customer runs into it.
async fn check_product(provider: Arc<Dodo>, stop: CancellationToken) {
    match stop.run_until_cancelled(provider.check_product()).await {
        Some(Ok(())) => tracing::info!("the payment provider is reachable, and its product is usable"),
        Some(Err(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "card payments fail until this is fixed");
        }
        None => {}
    }
    // Returning earlier would restart all sagas.
    stop.cancelled().await;
}
