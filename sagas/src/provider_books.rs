//! Going through the provider's own list of movements now and then: what no notice and no question told is caught up on,
//! and the reconciliation knows what the provider says independently of what it told us along the way.

use std::{collections::HashSet, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use ticketshow_nats::{Executor, clock, consumers};
use tokio_util::sync::CancellationToken;

use crate::{
    notices::Notices,
    provider::{Provider, ProviderError, RefundProgress},
    reaction::{Halt, Reaction},
};

/// Between two looks.
const EVERY: Duration = Duration::from_mins(15);
/// Before the first one, so that a start is not slowed.
const FIRST: Duration = Duration::from_secs(30);
/// How far back a look goes.
const BACK: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Pages of a list that are read at most: a hundred entries each.
const PAGES_MAX: u32 = 200;

/// Whoever goes through the books.
#[derive(Debug)]
pub(crate) struct ProviderBooks<P> {
    pub executor: Executor,
    pub pool: PgPool,
    pub provider: Arc<P>,
    pub notices: Arc<Notices>,
}

impl<P: Provider> ProviderBooks<P> {
    /// Looks now and then until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = FIRST;
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            pause = EVERY;
            let since = clock::now() - BACK;
            let looked = async {
                self.payments(since).await?;
                self.refunds(since).await
            };
            match stop.run_until_cancelled(looked).await {
                Some(Err(Halt::Away(error) | Halt::Stuck(error))) => {
                    let error = error.as_ref() as &dyn std::error::Error;
                    tracing::warn!(error, "the provider's books could not be gone through");
                }
                Some(Ok(())) | None => {}
            }
        }
    }

    async fn payments(&self, since: Timestamp) -> Result<(), Halt> {
        let reaction = Reaction::to_time(consumers::WEBHOOKS, &self.executor);
        for page in 0..PAGES_MAX {
            let listed = self.provider.payments_since(since, page).await.map_err(away)?;
            if listed.is_empty() {
                break;
            }
            for unknown in self.unknown(listed).await? {
                let told = self.provider.payment(&unknown).await.map_err(away)?;
                self.notices.payment_is(&reaction, &told).await?;
            }
        }
        Ok(())
    }

    async fn refunds(&self, since: Timestamp) -> Result<(), Halt> {
        let reaction = Reaction::to_time(consumers::WEBHOOKS, &self.executor);
        for page in 0..PAGES_MAX {
            let listed = self.provider.refunds_since(since, page).await.map_err(away)?;
            if listed.is_empty() {
                break;
            }
            let over = listed.into_iter().filter(|refund| refund.status == RefundProgress::Succeeded);
            for unknown in self.unknown(over.map(|refund| refund.id).collect()).await? {
                // The list leaves out what we wrote on it.
                let told = self.provider.refund(&unknown).await.map_err(away)?;
                self.notices.refund_is(&reaction, &told).await?;
            }
        }
        Ok(())
    }

    /// Those of which no movement is written down.
    async fn unknown(&self, mut listed: Vec<String>) -> Result<Vec<String>, Halt> {
        let select = "SELECT provider_id FROM sagas.provider_movements WHERE provider_id = ANY($1)";
        let known: Vec<String> = sqlx::query_scalar(select).bind(&listed).fetch_all(&self.pool).await?;
        let known: HashSet<String> = known.into_iter().collect();
        listed.retain(|id| !known.contains(id));
        Ok(listed)
    }
}

fn away(error: ProviderError) -> Halt {
    Halt::Away(Box::new(error))
}
