//! Everything that cards need, run together: what opens pages and spends money, what sends money back, what reads notices,
//! and what goes through the provider's books. Without a provider none of it runs, and what is asked for waits in the log.

use std::sync::Arc;

use sqlx::PgPool;
use ticketshow_nats::{Connection, Executor, Timers, Webhooks, consumers};
use ticketshow_tickets::Signer;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    card_payment::CardPayment,
    card_refund::CardRefund,
    dodo::Dodo,
    notices::Notices,
    provider_books::ProviderBooks,
    run::{keep_going, work_off},
};

/// What the sagas of cards are made of.
pub(crate) struct Cards {
    pub connection: Connection,
    pub executor: Executor,
    pub pool: PgPool,
    pub signer: Signer,
    pub provider: Arc<Dodo>,
    pub parallelism: usize,
}

impl Cards {
    /// Starts all of it; each goes on until `stop`.
    pub fn start(self, work: &mut JoinSet<()>, stop: &CancellationToken) {
        let Self { connection, executor, pool, signer, provider, parallelism } = self;
        let notices = Arc::new(Notices::new(&executor, &pool));
        let payment = Arc::new(CardPayment::new(
            &connection,
            &executor,
            &pool,
            Arc::clone(&provider),
            Arc::clone(&notices),
            signer,
        ));
        let refund =
            Arc::new(CardRefund::new(&connection, &executor, Arc::clone(&provider), Arc::clone(&notices)));

        work.spawn(say_whether_fit(Arc::clone(&provider), stop.clone()));
        let durable = CardPayment::<Dodo>::durable(parallelism);
        work.spawn(work_off(connection.clone(), durable, Arc::clone(&payment), stop.clone()));
        let durable = CardRefund::<Dodo>::durable(parallelism);
        work.spawn(work_off(connection.clone(), durable, Arc::clone(&refund), stop.clone()));
        work.spawn(read_notices(Webhooks::new(&connection), Arc::clone(&notices), stop.clone()));
        let books = ProviderBooks { executor, pool, provider, notices };
        work.spawn(books.run(stop.clone()));

        let timers = Timers::new(&connection);
        work.spawn({
            let (timers, stop) = (timers.clone(), stop.clone());
            async move {
                let fired = move |id: String| {
                    let payment = Arc::clone(&payment);
                    async move { payment.fired(&id).await }
                };
                let kind = CardPayment::<Dodo>::TIMERS;
                keep_going(kind, &stop, || timers.run(kind, fired.clone(), stop.clone())).await;
            }
        });
        let stop = stop.clone();
        work.spawn(async move {
            let fired = move |id: String| {
                let refund = Arc::clone(&refund);
                async move { refund.fired(&id).await }
            };
            let kind = CardRefund::<Dodo>::TIMERS;
            keep_going(kind, &stop, || timers.run(kind, fired.clone(), stop.clone())).await;
        });
    }
}

async fn read_notices(webhooks: Webhooks, notices: Arc<Notices>, stop: CancellationToken) {
    let run = || {
        let notices = Arc::clone(&notices);
        webhooks.run(move |body| Arc::clone(&notices).received(body), stop.clone())
    };
    keep_going(consumers::WEBHOOKS, &stop, run).await;
}

/// Nobody should find out from a customer that the product was set up wrongly.
async fn say_whether_fit(provider: Arc<Dodo>, stop: CancellationToken) {
    match stop.run_until_cancelled(provider.check_product()).await {
        Some(Ok(())) => tracing::info!("the payment provider is there, and its product is fit"),
        Some(Err(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "cards cannot be taken until this is mended");
        }
        None => {}
    }
    // Ending earlier would start all sagas again.
    stop.cancelled().await;
}
