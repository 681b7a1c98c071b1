//! Numbers invoices and credit notes: follows the bookings in the log, in order, and sends each change that needs a document to the
//! register. It keeps no checkpoint, because the register knows the last position that it has processed.

use std::{pin::pin, sync::Arc};

use futures_util::StreamExt;
use ticketshow_domain::{
    AnyEvent, RegisterId,
    booking::Booking,
    invoices::{Cause, Command, Draft, Invoices, Seller, Source},
    promise::Promise,
    screening::Screening,
};
use ticketshow_nats::{
    executor::{Executor, outcome::Freshness},
    log::{
        envelope::{Commit, RecordedEvent},
        history::Log,
    },
    server::connection::Connection,
};
use tokio_util::sync::CancellationToken;

use crate::worker::{clock::Clock, error::SagaError, pause, reaction::Reactions};

/// Subjects that are followed.
const SUBJECTS: [&str; 1] = ["tix.booking.>"];
/// Commits whose documents are issued together, at most: those that are there already.
const BATCH: usize = 64;

/// A booking or screening that an event names and the log does not have: a bug.
#[derive(Debug, thiserror::Error)]
#[error("the booking or screening of the event at {0} does not exist")]
struct Missing(u64);

/// The follower.
#[derive(Debug)]
pub(crate) struct Invoicing {
    log: Log,
    executor: Executor,
    reactions: Reactions,
    seller: Arc<Seller>,
}

impl Invoicing {
    pub fn new(connection: &Connection, executor: &Executor, clock: Clock, seller: Arc<Seller>) -> Self {
        let reactions = Reactions::new("invoicing", executor, clock);
        Self { log: Log::new(connection), executor: executor.clone(), reactions, seller }
    }

    /// Issues documents until `stop`.
    pub async fn follow(self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.follow_once(&stop).await {
                tracing::warn!(error = error.source(), "cannot issue invoices now");
            }
            if !pause(&stop).await {
                return;
            }
        }
    }

    async fn follow_once(&self, stop: &CancellationToken) -> Result<(), SagaError> {
        let register = self.executor.state::<Invoices>(&RegisterId::ONLY, Freshness::Fresh).await?.state;
        // The commit of the last document may cause another one.
        let after = register.last.map_or(0, |last| last.position - 1);
        let mut commits = pin!(self.log.tail(after, &SUBJECTS).await?.ready_chunks(BATCH));
        while let Some(batch) = stop.run_until_cancelled(commits.next()).await.flatten() {
            let commits = batch.into_iter().collect::<Result<Vec<_>, _>>()?;
            self.issue(&commits).await?;
        }
        Ok(())
    }

    async fn issue(&self, commits: &[Commit]) -> Result<(), SagaError> {
        let mut drafts = Vec::new();
        for commit in commits {
            for recorded in commit.events()? {
                if let AnyEvent::Booking(event) = &recorded.event
                    && let Some(cause) = Cause::of(event)
                {
                    drafts.push(self.draft(&recorded, cause).await?);
                }
            }
        }
        if drafts.is_empty() {
            return Ok(());
        }
        let command = Command::IssueDocuments { seller: Seller::clone(&self.seller), drafts };
        self.reactions.to_outside().must::<Invoices>(&RegisterId::ONLY, command).await
    }

    async fn draft(&self, recorded: &RecordedEvent, cause: Cause) -> Result<Draft, SagaError> {
        let position = recorded.position;
        let missing = || SagaError::permanent(Missing(position));
        let booking = self.executor.state::<Booking>(&cause.booking, Freshness::Including(position)).await?;
        let opened = booking.state.opened.as_ref().ok_or_else(missing)?;
        let promise = self.promise(cause).await?.ok_or_else(missing)?;
        let source = Source { position, version: recorded.version };
        Ok(cause.draft(source, recorded.metadata.time, opened, &promise))
    }

    /// The terms of a screening never change: those in memory will do.
    async fn promise(&self, cause: Cause) -> Result<Option<Arc<Promise>>, SagaError> {
        let known = self.executor.state::<Screening>(&cause.screening, Freshness::Cached).await?;
        if let Some(promise) = known.state.promise() {
            return Ok(Some(Arc::clone(promise)));
        }
        let known = self.executor.state::<Screening>(&cause.screening, Freshness::Fresh).await?;
        Ok(known.state.promise().cloned())
    }
}
