//! Notices of a payment provider: kept once each in the stream `WEBHOOKS` for 30 days, without what they say of the payer, and
//! processed by the sagas. They are not part of the log.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_nats::{HeaderMap, jetstream::Message};
use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    consumers::{
        attempts::{Attempted, Attempts},
        runner::{Handled, Item, Runner, Work},
        verdict::Verdict,
    },
    failure::Failure,
    server::{connection::Connection, requests::PublishError},
    subjects::{WEBHOOKS, consumers},
};

/// Longest time storing a notice may take; the sender waits 15 s.
const PATIENCE: Duration = Duration::from_secs(5);
/// Notices processed at once.
const PARALLELISM: usize = 16;
/// Error of JetStream for a message that is not stored: its subject has one already, or the stream is full.
const NOT_STORED: u64 = 10077;

/// The notices of an installation.
#[derive(Debug, Clone)]
pub struct Webhooks {
    connection: Connection,
}

impl Webhooks {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Stores a notice of `provider`, which is a plain word. A notice with a known id is not stored again.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been stored: the sender should retry.
    pub async fn keep(&self, provider: &'static str, id: &str, body: Bytes) -> Result<(), Failure> {
        const DOING: &str = "storing a notice";
        // The sender chooses the id, which may not be a valid token of a subject.
        let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, id.as_bytes());
        let subject = format!("webhook.{provider}.{name}");
        match self.connection.publish(DOING, &subject, HeaderMap::new(), body, PATIENCE).await {
            Ok(_) => Ok(()),
            Err(PublishError::Refused(error)) if error.err_code == NOT_STORED => {
                let query = json!({ "last_by_subj": subject });
                match self.connection.ask_leader(DOING, WEBHOOKS, &query).await? {
                    Some(_) => Ok(()),
                    None => Err(Failure::rejected(DOING, error)),
                }
            }
            Err(PublishError::Refused(error)) => Err(Failure::rejected(DOING, error)),
            Err(PublishError::Unanswered(failure)) => Err(failure),
        }
    }

    /// Calls `handle` with the body of every notice, until `stop`. Only one process at a time may do this. `Retry` calls
    /// again later; `Park` logs the error and drops the notice, because polling finds the same facts.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the consumer cannot be opened. Once open, it reconnects by itself.
    pub async fn run<F, Fut>(&self, handle: F, stop: CancellationToken) -> Result<(), Failure>
    where
        F: Fn(Bytes) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Verdict> + Send + 'static,
    {
        let attempts = Attempts::new(PARALLELISM, stop.clone());
        let handler = Arc::new(NoticeHandler { handle, attempts });
        let (_no_requests, requests) = mpsc::channel(1);
        let runner = Runner { connection: &self.connection, stream: WEBHOOKS, name: consumers::WEBHOOKS };
        runner.run(handler, requests, &stop).await
    }
}

/// Processes notices.
struct NoticeHandler<F> {
    handle: F,
    attempts: Attempts,
}

impl<F, Fut> Work for NoticeHandler<F>
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
                tracing::error!(subject, attempts, error, "notice dropped");
                metrics::counter!("ticketshow_notices_given_up").increment(1);
                Handled::Done
            }
        }
    }
}
