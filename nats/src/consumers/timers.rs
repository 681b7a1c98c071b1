//! Timers that survive restarts: scheduled messages in the stream `TIMERS`, one per kind and id. A timer fires at least
//! once, slightly late and never early.

use std::{sync::Arc, time::Duration};

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
    /// `Retry` calls again later; `Park` parks the timer for an administrator. If the timer is armed again and succeeds then,
    /// the parked one is resolved.
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
        const KEYS: Keys = Keys { join: fired_subject, split: split_fired_subject };
        let name = format!("{kind}-timers");
        let parking = Arc::new(Parking::open(&self.connection, &name, KEYS, &stop).await?);
        let (answering, requests) = parking.answer_requests().await?;
        let attempts = Attempts::new(PARALLELISM, stop.clone());
        let handler = Arc::new(TimerHandler { kind, fired, attempts, parking });
        let runner = Runner { connection: &self.connection, stream: TIMERS, name: &name };
        let ran = runner.run(handler, requests, &stop).await;
        answering.abort();
        ran
    }
}

/// Processes fired timers.
struct TimerHandler<F> {
    kind: &'static str,
    fired: F,
    attempts: Attempts,
    parking: Arc<Parking>,
}

impl<F, Fut> Work for TimerHandler<F>
where
    F: Fn(String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    type Request = Task;

    fn key(&self, message: &Message) -> Option<String> {
        Some(message.subject.to_string())
    }

    async fn handle(&self, subject: &str, item: Item<Task>) -> Handled {
        match item {
            Item::Message(message) => {
                let position = message.info().map_or(0, |info| info.stream_sequence);
                match self.attempt(subject).await {
                    Attempted::Done => self.resolve_parked(subject).await,
                    Attempted::Stopped => Handled::Stopped,
                    Attempted::Parked { error, attempts } => {
                        self.parking.park_failed(subject, position, error.as_ref(), attempts).await
                    }
                }
            }
            Item::Request(Task::Retry) => {
                // An earlier request or a later firing may have resolved it.
                let Some(position) = self.parking.first(subject) else { return Handled::Done };
                match self.attempt(subject).await {
                    Attempted::Done => self.resolve_parked(subject).await,
                    Attempted::Stopped => Handled::Stopped,
                    Attempted::Parked { error, attempts } => {
                        self.parking.park_again(subject, position, error.as_ref(), attempts).await
                    }
                }
            }
            Item::Request(Task::Drop { position, reply_to }) => {
                self.parking.discard(subject, position, reply_to).await
            }
        }
    }
}

impl<F, Fut> TimerHandler<F>
where
    F: Fn(String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    async fn attempt(&self, subject: &str) -> Attempted {
        let (_, id) = split_fired_subject(subject);
        self.attempts.make(self.kind, || (self.fired)(id.clone())).await
    }

    /// Resolves what is parked for a timer, because a run of it succeeded.
    async fn resolve_parked(&self, subject: &str) -> Handled {
        while let Some(position) = self.parking.first(subject) {
            match self.parking.resolve(subject, position, Resolution::Handled).await {
                Handled::Done => {}
                Handled::Stopped => return Handled::Stopped,
            }
        }
        Handled::Done
    }
}

fn armed_subject(kind: &str, id: &str) -> String {
    format!("timer.armed.{kind}.{id}")
}

fn fired_subject(kind: &str, id: &str) -> String {
    format!("timer.fired.{kind}.{id}")
}

/// Kind and id of a fired timer.
fn split_fired_subject(subject: &str) -> (String, String) {
    let mut tokens = subject.splitn(4, '.').skip(2).map(str::to_owned);
    (tokens.next().unwrap_or_default(), tokens.next().unwrap_or_default())
}
