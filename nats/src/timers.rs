//! Timers that outlive processes: scheduled messages in the stream `TIMERS`. One a kind and id; a timer fires at least
//! once, a moment late, and never early.

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
    Connection, Failure, Verdict,
    attempts::{Attempted, Attempts},
    requests::PublishError,
    runner::{Handled, Item, Runner, Work},
    subjects::TIMERS,
};

/// How long arming may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Fired timers handled at once.
const PARALLELISM: usize = 16;
/// How long a fired timer waits for somebody to handle it.
const FIRED_LIFE: &str = "168h";

/// The timers of an installation.
#[derive(Debug, Clone)]
pub struct Timers {
    connection: Connection,
}

impl Timers {
    /// Those of one connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Arms a timer, in place of the one that was armed for the same kind and id. A moment that has passed fires at once.
    /// The kind's consumer is `<kind>-timers`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not be armed.
    pub async fn arm(&self, kind: &'static str, id: &str, at: Timestamp) -> Result<(), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_SCHEDULE, format!("@at {at}"));
        headers.insert(NATS_SCHEDULE_TARGET, fired_subject(kind, id));
        headers.insert(NATS_SCHEDULE_TTL, FIRED_LIFE);
        self.publish("arming a timer", &armed_subject(kind, id), headers).await
    }

    /// Disarms a timer. One that fires this very moment may still fire.
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
        self.publish("disarming a timer", &format!("timer.cancelled.{kind}.{id}"), headers).await
    }

    async fn publish(&self, doing: &'static str, subject: &str, headers: HeaderMap) -> Result<(), Failure> {
        match self.connection.publish(doing, subject, headers, Bytes::new(), PATIENCE).await {
            Ok(_) => Ok(()),
            Err(PublishError::Refused(error)) => Err(Failure::rejected(doing, error)),
            Err(PublishError::Unanswered(failure)) => Err(failure),
        }
    }

    /// Calls `fired` with the id of every timer of a kind that fires, until `stop`. One process at a time may do this.
    /// `Retry` calls again later; `Park` is logged and gives the timer up.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the consumer cannot be had; from then on it mends itself.
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
        let alarm = Arc::new(Alarm { kind, fired, attempts });
        let (_nobody_asks, requests) = mpsc::channel(1);
        let runner = Runner { connection: &self.connection, stream: TIMERS, name: &format!("{kind}-timers") };
        runner.run(alarm, requests, &stop).await
    }
}

/// What a runner does with fired timers.
struct Alarm<F> {
    kind: &'static str,
    fired: F,
    attempts: Attempts,
}

impl<F, Fut> Work for Alarm<F>
where
    F: Fn(String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    type Request = Infallible;

    fn key(&self, message: &Message) -> Option<String> {
        // A schedule's own message has other subjects.
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
                tracing::error!(kind = self.kind, id, attempts, error, "a timer was given up");
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
