//! Periodic reconciliation against the provider's transaction list: applies updates that no webhook and no poll delivered,
//! and records the provider's view independently of both.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use super::{
    budget::{Lane, Turn},
    interface::{Provider, ProviderDispute, RefundProgress},
    updates::{ProviderUpdates, word},
};
use crate::worker::{clock::Clock, error::SagaError};

/// Interval between two runs.
const EVERY: Duration = Duration::from_mins(15);
/// Delay of the first run, so that it does not slow the start.
const FIRST: Duration = Duration::from_secs(30);
/// Period that a run covers.
const PERIOD: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Most pages of a list per run, with a hundred entries each.
const PAGES_MAX: u32 = 200;
/// Period of which a run looks at the disputes: banks take months to decide one.
const DISPUTES_PERIOD: SignedDuration = SignedDuration::from_hours(180 * 24);

/// Pages of a list that a run reads. If it is longer, a warning says that the rest was not compared.
fn pages(list: &'static str) -> impl Iterator<Item = u32> {
    let too_long = std::iter::from_fn(move || {
        tracing::warn!(
            list,
            pages = PAGES_MAX,
            "a list of the payment provider is too long: the rest was not compared"
        );
        None
    });
    (0..PAGES_MAX).chain(too_long)
}

/// Reconciles our payments with the provider's.
#[derive(Debug)]
pub(crate) struct Reconciliation<P> {
    pub clock: Clock,
    pub pool: PgPool,
    pub provider: Arc<P>,
    pub updates: Arc<ProviderUpdates>,
}

impl<P: Provider> Reconciliation<P> {
    /// Runs periodically until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = FIRST;
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            pause = EVERY;
            let since = self.clock.now() - PERIOD;
            let run = async {
                self.payments(since).await?;
                self.refunds(since).await?;
                self.disputes(self.clock.now() - DISPUTES_PERIOD).await
            };
            if let Some(Err(error)) = stop.run_until_cancelled(run).await {
                tracing::warn!(error = error.source(), "reconciliation with the payment provider failed");
            }
        }
    }

    async fn payments(&self, since: Timestamp) -> Result<(), SagaError> {
        let reaction = self.updates.reaction();
        for page in pages("captures") {
            let listed = self
                .provider
                .captures_since(self.turn().await, since, page)
                .await
                .map_err(SagaError::transient)?;
            if listed.is_empty() {
                break;
            }
            for unknown in self.unknown(listed).await? {
                let update =
                    self.provider.payment(self.turn().await, &unknown).await.map_err(SagaError::transient)?;
                self.updates.apply_payment(&reaction, &update).await?;
            }
        }
        Ok(())
    }

    async fn refunds(&self, since: Timestamp) -> Result<(), SagaError> {
        let reaction = self.updates.reaction();
        for page in pages("refunds") {
            let listed = self
                .provider
                .refunds_since(self.turn().await, since, page)
                .await
                .map_err(SagaError::transient)?;
            if listed.is_empty() {
                break;
            }
            let succeeded = listed.into_iter().filter(|refund| refund.status == RefundProgress::Succeeded);
            for unknown in self.unknown(succeeded.map(|refund| refund.id).collect()).await? {
                // The list omits our metadata.
                let update =
                    self.provider.refund(self.turn().await, &unknown).await.map_err(SagaError::transient)?;
                self.updates.apply_refund(&reaction, &update).await?;
            }
        }
        Ok(())
    }

    async fn disputes(&self, since: Timestamp) -> Result<(), SagaError> {
        let reaction = self.updates.reaction();
        for page in pages("disputes") {
            let listed = self
                .provider
                .disputes_since(self.turn().await, since, page)
                .await
                .map_err(SagaError::transient)?;
            if listed.is_empty() {
                break;
            }
            for changed in self.changed(listed).await? {
                self.updates.apply_dispute(&*self.provider, &reaction, &changed).await?;
            }
        }
        Ok(())
    }

    /// Returns the listed disputes that are not recorded with this status.
    async fn changed(&self, mut listed: Vec<ProviderDispute>) -> Result<Vec<ProviderDispute>, SagaError> {
        let ids: Vec<&str> = listed.iter().map(|dispute| dispute.id.as_str()).collect();
        let select = "SELECT dispute_id, status FROM sagas.provider_disputes WHERE dispute_id = ANY($1)";
        let known: Vec<(String, String)> = sqlx::query_as(select).bind(&ids).fetch_all(&self.pool).await?;
        let known: HashMap<String, String> = known.into_iter().collect();
        let is_known = |dispute: &ProviderDispute| {
            known.get(&dispute.id).is_some_and(|status| status == word(dispute.status))
        };
        listed.retain(|dispute| !is_known(dispute));
        Ok(listed)
    }

    async fn turn(&self) -> Turn {
        let [turn] = self.provider.budget().turns(Lane::Reconciliation).await;
        turn
    }

    /// Returns the listed ids that are to be asked for: those of which no movement is recorded, and refunds of ours that did not
    /// reach the log.
    async fn unknown(&self, mut listed: Vec<String>) -> Result<Vec<String>, SagaError> {
        let select = "SELECT provider_id FROM sagas.provider_movements
                      WHERE provider_id = ANY($1) AND (matched OR payment_id IS NULL OR kind = 'capture')";
        let known: Vec<String> = sqlx::query_scalar(select).bind(&listed).fetch_all(&self.pool).await?;
        let known: HashSet<String> = known.into_iter().collect();
        listed.retain(|id| !known.contains(id));
        Ok(listed)
    }
}
