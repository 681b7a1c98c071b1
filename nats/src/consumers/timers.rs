//! Timers that survive restarts: scheduled messages in the stream `TIMERS`, one per kind and id. A timer fires at least
//! once, slightly late and never early.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_nats::{
    HeaderMap,
    header::{
        NATS_MESSAGE_TTL, NATS_ROLLUP, NATS_SCHEDULE, NATS_SCHEDULE_NEXT, NATS_SCHEDULE_TARGET,
        NATS_SCHEDULE_TTL, NATS_SCHEDULER,
    },
    jetstream::Message,
};
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    consumers::{
        attempts::{Attempted, Attempts},
        runner::{Handled, Item, Runner, Work},
        verdict::Verdict,
    },
    failure::Failure,
    server::{connection::Connection, requests::PublishError},
    subjects::TIMERS,
};

/// Longest time arming or cancelling may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Fired timers processed at once.
const PARALLELISM: usize = 16;
/// Time a fired timer waits to be processed.
const FIRED_LIFE: &str = "168h";

/// The timers of an installation.
#[derive(Debug, Clone)]
pub struct Timers {
    connection: Connection,
}

impl Timers {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Arms a timer, replacing the one with the same kind and id. If the moment has passed, it fires immediately. It is
    /// delivered to the consumer `<kind>-timers`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been armed.
    pub async fn arm(&self, kind: &'static str, id: &str, at: Timestamp) -> Result<(), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_SCHEDULE, format!("@at {at}"));
        headers.insert(NATS_SCHEDULE_TARGET, fired_subject(kind, id));
        headers.insert(NATS_SCHEDULE_TTL, FIRED_LIFE);
        self.publish("arming a timer", &armed_subject(kind, id), headers).await
    }

    /// Cancels a timer. One that is due at this moment may still fire.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still be armed.
    pub async fn cancel(&self, kind: &'static str, id: &str) -> Result<(), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_SCHEDULE_NEXT, "purge");
        headers.insert(NATS_SCHEDULER, armed_subject(kind, id));
        headers.insert(NATS_ROLLUP, "sub");
        headers.insert(NATS_MESSAGE_TTL, "1m");
        self.publish("cancelling a timer", &format!("timer.cancelled.{kind}.{id}"), headers).await
    }

    async fn publish(&self, doing: &'static str, subject: &str, headers: HeaderMap) -> Result<(), Failure> {
        match self.connection.publish(doing, subject, headers, Bytes::new(), PATIENCE).await {
            Ok(_) => Ok(()),
            Err(PublishError::Refused(error)) => Err(Failure::rejected(doing, error)),
            Err(PublishError::Unanswered(failure)) => Err(failure),
        }
    }

    /// Calls `fired` with the id of every timer of a kind that fires, until `stop`. Only one process at a time may do this.
    /// `Retry` calls again later; `Park` logs the error and drops the timer.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the consumer cannot be opened. Once open, it reconnects by itself.
    pub async fn run<F, Fut>(
        &self,
        kind: &'static str,
        fired: F,
        stop: CancellationToken,
    ) -> Result<(), Failure>
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Verdict> + Send + 'static,
    {
        let attempts = Attempts::new(PARALLELISM, stop.clone());
        let handler = Arc::new(TimerHandler { kind, fired, attempts });
        let (_no_requests, requests) = mpsc::channel(1);
        let runner = Runner { connection: &self.connection, stream: TIMERS, name: &format!("{kind}-timers") };
        runner.run(handler, requests, &stop).await
    }
}

/// Processes fired timers.
struct TimerHandler<F> {
    kind: &'static str,
    fired: F,
    attempts: Attempts,
}

impl<F, Fut> Work for TimerHandler<F>
where
    F: Fn(String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    type Request = Infallible;

    fn key(&self, message: &Message) -> Option<String> {
        // The filter leaves only subjects of fired timers, which end with the id.
        message.subject.rsplit('.').next().map(str::to_owned)
    }

    async fn handle(&self, id: &str, item: Item<Infallible>) -> Handled {
        match item {
            Item::Message(_) => {}
            Item::Request(never) => match never {},
        }
        match self.attempts.make(self.kind, || (self.fired)(id.to_owned())).await {
            Attempted::Done => Handled::Done,
            Attempted::Stopped => Handled::Stopped,
            Attempted::Parked { error, attempts } => {
                let error = error.as_ref() as &dyn std::error::Error;
                tracing::error!(kind = self.kind, id, attempts, error, "timer dropped");
                Handled::Done
            }
        }
    }
}

fn armed_subject(kind: &str, id: &str) -> String {
    format!("timer.armed.{kind}.{id}")
}

fn fired_subject(kind: &str, id: &str) -> String {
    format!("timer.fired.{kind}.{id}")
}
