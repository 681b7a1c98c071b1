//! Notices of a payment provider, as they came: kept in the stream `WEBHOOKS` for 30 days, each once, and worked off by the
//! sagas. They hold personal data, so they are not in the log, and they age out.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_nats::{HeaderMap, jetstream::Message};
use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Connection, Failure, Verdict,
    attempts::{Attempted, Attempts},
    consumers,
    requests::PublishError,
    runner::{Handled, Item, Runner, Work},
    subjects::WEBHOOKS,
};

/// How long keeping a notice may take: the sender waits 15 s.
const PATIENCE: Duration = Duration::from_secs(5);
/// Notices handled at once.
const PARALLELISM: usize = 16;
/// JetStream's error for a message that does not fit: its subject has one already, or the stream is full.
const NOT_STORED: u64 = 10077;

/// The notices of an installation.
#[derive(Debug, Clone)]
pub struct Webhooks {
    connection: Connection,
}

impl Webhooks {
    /// Those of one connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Keeps a notice of `provider`, a plain word; one with the same id is kept once.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not be kept: the sender is to send it again.
    pub async fn keep(&self, provider: &'static str, id: &str, body: Bytes) -> Result<(), Failure> {
        const DOING: &str = "keeping a notice";
        // The sender chooses the id, so it is no token of a subject.
        let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, id.as_bytes());
        let subject = format!("webhook.{provider}.{name}");
        match self.connection.publish(DOING, &subject, HeaderMap::new(), body, PATIENCE).await {
            Ok(_) => Ok(()),
            Err(PublishError::Refused(error)) if error.err_code == NOT_STORED => {
                let which = json!({ "last_by_subj": subject });
                match self.connection.ask_leader(DOING, WEBHOOKS, &which).await? {
                    Some(_) => Ok(()),
                    None => Err(Failure::rejected(DOING, error)),
                }
            }
            Err(PublishError::Refused(error)) => Err(Failure::rejected(DOING, error)),
            Err(PublishError::Unanswered(failure)) => Err(failure),
        }
    }

    /// Calls `handle` with the body of every notice, until `stop`. One process at a time may do this. `Retry` calls again
    /// later; `Park` is logged and gives the notice up: what it tells is asked for again by other ways.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the consumer cannot be had; from then on it mends itself.
    pub async fn run<F, Fut>(&self, handle: F, stop: CancellationToken) -> Result<(), Failure>
    where
        F: Fn(Bytes) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Verdict> + Send + 'static,
    {
        let attempts = Attempts::new(PARALLELISM, stop.clone());
        let reader = Arc::new(NoticeReader { handle, attempts });
        let (_nobody_asks, requests) = mpsc::channel(1);
        let runner = Runner { connection: &self.connection, stream: WEBHOOKS, name: consumers::WEBHOOKS };
        runner.run(reader, requests, &stop).await
    }
}

/// What a runner does with notices.
struct NoticeReader<F> {
    handle: F,
    attempts: Attempts,
}

impl<F, Fut> Work for NoticeReader<F>
where
    F: Fn(Bytes) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    type Request = Infallible;

    fn key(&self, message: &Message) -> Option<String> {
        Some(message.subject.to_string())
    }

    async fn handle(&self, subject: &str, item: Item<Infallible>) -> Handled {
        let message = match item {
            Item::Message(message) => message,
            Item::Request(never) => match never {},
        };
        match self.attempts.make(consumers::WEBHOOKS, || (self.handle)(message.payload.clone())).await {
            Attempted::Done => Handled::Done,
            Attempted::Stopped => Handled::Stopped,
            Attempted::Parked { error, attempts } => {
                let error = error.as_ref() as &dyn std::error::Error;
                tracing::error!(subject, attempts, error, "a notice was given up");
                metrics::counter!("ticketshow_notices_given_up").increment(1);
                Handled::Done
            }
        }
    }
}
