//! Subscriptions to the log for process managers: commits are handled at least once, in order per aggregate, in parallel
//! across aggregates.

use std::{sync::Arc, time::Instant};

use async_nats::jetstream::Message;
use serde_json::json;
use ticketshow_domain::AnyEvent;
use tokio_util::sync::CancellationToken;

use crate::{
    consumers::{
        attempts::{Attempted, Attempts},
        parked::Resolution,
        parking::{Keys, Parking, Task},
        runner::{Handled, Item, Runner, Work},
        verdict::Verdict,
    },
    failure::Failure,
    log::envelope::Commit,
    server::connection::Connection,
    subjects::{self, EVENTS, HEADER_EVENTS},
};

/// Subscription to the log through a durable consumer.
#[derive(Debug, Clone, Copy)]
pub struct Subscription {
    /// One of [`crate::subjects::consumers`].
    pub name: &'static str,
    /// Event types to handle: commits without any of them are skipped unread, unless this version does not know one of their
    /// types. Empty means all types.
    pub events: &'static [&'static str],
    /// Number of aggregates handled at once.
    pub parallelism: usize,
}

/// Handler of the commits of a subscription.
pub trait Handler: Send + Sync + 'static {
    /// Handles one commit, which may be delivered more than once.
    fn handle(&self, commit: &Commit) -> impl Future<Output = Verdict> + Send;
}

/// Handles the commits of a subscription until `stop`, then finishes those in flight. Also answers the requests of
/// [`Parked`]. Only one process at a time may do this per subscription.
///
/// # Errors
///
/// [`Failure`] if the consumer cannot be opened. Once open, it reconnects by itself.
pub async fn run_subscription<H: Handler>(
    connection: &Connection,
    subscription: &Subscription,
    handler: Arc<H>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    const KEYS: Keys =
        Keys { join: |aggregate, id| subjects::aggregate(aggregate, id), split: subjects::split_aggregate };
    let parking = Arc::new(Parking::open(connection, subscription.name, KEYS, &stop).await?);
    let (answering, requests) = parking.answer_requests().await?;
    let process = Arc::new(Process {
        connection: connection.clone(),
        subscription: *subscription,
        handler,
        attempts: Attempts::new(subscription.parallelism, stop.clone()),
        parking,
    });
    let runner = Runner { connection, stream: EVENTS, name: subscription.name };
    let ran = runner.run(process, requests, &stop).await;
    answering.abort();
    ran
}

struct Process<H> {
    connection: Connection,
    subscription: Subscription,
    handler: Arc<H>,
    attempts: Attempts,
    parking: Arc<Parking>,
}

impl<H: Handler> Work for Process<H> {
    type Request = Task;

    fn key(&self, message: &Message) -> Option<String> {
        let types = message.headers.as_ref().and_then(|headers| headers.get(HEADER_EVENTS));
        // A newer version may subscribe to a type that this one does not know: to skip its commit is to skip it for both.
        let aggregate = subjects::split_aggregate(&message.subject).0;
        let is_wanted = |event_type: &str| {
            self.subscription.events.contains(&event_type) || !AnyEvent::knows(&aggregate, event_type)
        };
        let is_subscribed = |types: &str| types.split(',').any(is_wanted);
        let handled =
            self.subscription.events.is_empty() || types.is_none_or(|types| is_subscribed(types.as_str()));
        handled.then(|| message.subject.to_string())
    }

    async fn handle(&self, subject: &str, item: Item<Task>) -> Handled {
        match item {
            Item::Message(message) => self.handle_message(subject, &message).await,
            Item::Request(Task::Retry) => self.retry(subject).await,
            Item::Request(Task::Drop { position, reply_to }) => {
                match self.parking.discard(subject, position, reply_to).await {
                    Handled::Done => self.retry(subject).await,
                    Handled::Stopped => Handled::Stopped,
                }
            }
        }
    }
}

impl<H: Handler> Process<H> {
    async fn handle_message(&self, subject: &str, message: &Message) -> Handled {
        let position = message.info().map_or(0, |info| info.stream_sequence);
        match self.parking.first(subject) {
            // Already parked; only the acknowledgement was lost.
            Some(_) if self.parking.is_parked(subject, position) => return Handled::Done,
            Some(first) => {
                let error = vec![format!("waits behind {}", self.parking.id(first))];
                return self.parking.park(subject, position, error, 0).await;
            }
            None => {}
        }
        let attempted = match Commit::parse(position, subject, message.payload.clone()) {
            Ok(commit) => self.attempt(&commit).await,
            Err(error) => Attempted::Parked { error: error.into(), attempts: 1 },
        };
        match attempted {
            Attempted::Done => Handled::Done,
            Attempted::Stopped => Handled::Stopped,
            Attempted::Parked { error, attempts } => {
                self.parking.park_failed(subject, position, error.as_ref(), attempts).await
            }
        }
    }

    async fn attempt(&self, commit: &Commit) -> Attempted {
        let began = Instant::now();
        let attempted = self.attempts.make(self.subscription.name, || self.handler.handle(commit)).await;
        metrics::histogram!("ticketshow_durable_seconds", "consumer" => self.subscription.name)
            .record(began.elapsed().as_secs_f64());
        attempted
    }

    /// Retries the parked commits of an aggregate, oldest first, until one fails.
    async fn retry(&self, subject: &str) -> Handled {
        while let Some(position) = self.parking.first(subject) {
            let attempted = match self.commit_at(position).await {
                Ok(Some(commit)) => self.attempt(&commit).await,
                Ok(None) => Attempted::Parked { error: "the log has no such commit".into(), attempts: 1 },
                Err(failure) => Attempted::Parked { error: failure.into(), attempts: 1 },
            };
            match attempted {
                Attempted::Done => match self.parking.resolve(subject, position, Resolution::Handled).await {
                    Handled::Done => {}
                    Handled::Stopped => return Handled::Stopped,
                },
                Attempted::Stopped => return Handled::Stopped,
                Attempted::Parked { error, attempts } => {
                    return self.parking.park_again(subject, position, error.as_ref(), attempts).await;
                }
            }
        }
        Handled::Done
    }

    async fn commit_at(&self, position: u64) -> Result<Option<Commit>, Failure> {
        let query = json!({ "seq": position });
        let stored = self.connection.ask_leader("reading a parked commit", EVENTS, &query).await?;
        Ok(stored.map(|stored| Commit::parse(position, &stored.subject, stored.payload)).transpose()?)
    }
}
