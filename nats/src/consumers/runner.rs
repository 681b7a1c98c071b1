//! Processing of a durable consumer with explicit acknowledgements: messages with the same key in order, different keys in
//! parallel. A message is acknowledged only after it was processed.
//!
//! The server shares messages out among all processes that fetch from a consumer, and cannot tell that one of them hangs. So
//! this runner opens the consumer at the server's acknowledgement floor, never beyond it, and opens it again whenever a
//! delivery is missing from the sequence, which was lost or went to another process. Messages of a key keep their order.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use async_nats::jetstream::{AckKind, Message, consumer::pull::Stream};
use bytes::Bytes;
use futures_util::StreamExt;
use metrics::Gauge;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::Failure,
    server::{
        connection::Connection,
        durables::ACK_WAIT,
        progress::{FETCH_HEARTBEAT, FETCH_LIFE, LostDeliveries, Rewind},
    },
    subjects::EVENTS,
};

/// Messages fetched per request.
const BATCH: usize = 200;
/// Pause before the consumer is reopened after a failure.
const REOPEN_PAUSE: Duration = Duration::from_millis(500);
/// Time that messages in flight may take after a shutdown request.
const FINISH_MAX: Duration = Duration::from_secs(10);

/// Processing of the messages of a consumer.
pub(crate) trait Work: Send + Sync + 'static {
    /// Request handled between two messages of a key.
    type Request: Send + 'static;

    /// Returns the key within which messages keep their order; `None` skips the message.
    fn key(&self, message: &Message) -> Option<String>;

    /// Handles one message or request while others of the same key wait.
    fn handle(&self, key: &str, item: Item<Self::Request>) -> impl Future<Output = Handled> + Send;
}

#[expect(clippy::large_enum_variant, reason = "nearly every item is a message")]
pub(crate) enum Item<R> {
    Message(Message),
    Request(R),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handled {
    Done,
    /// The program stops; the message will be delivered again.
    Stopped,
}

/// Runner of one durable consumer.
pub(crate) struct Runner<'a> {
    pub connection: &'a Connection,
    pub stream: &'static str,
    pub name: &'a str,
}

impl Runner<'_> {
    /// Processes messages until `stop`, then finishes those in flight. Only one process at a time should do this; messages
    /// taken by another one are handled again.
    ///
    /// # Errors
    ///
    /// [`Failure::OtherLog`] if the log was replaced by another one; otherwise [`Failure`] if the consumer cannot be opened.
    pub async fn run<W: Work>(
        &self,
        work: Arc<W>,
        mut requests: mpsc::Receiver<(String, W::Request)>,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        let mut in_flight = InFlight::new(work, self.name);
        let mut changes = self.connection.link_changes();
        let mut link = self.connection.link();
        let mut messages = Some(self.open(&mut in_flight).await?);
        let mut reopen_at = Instant::now();
        let mut report = tokio::time::interval(ACK_WAIT / 3);
        let mut lost = LostDeliveries::new();
        let mut floor = 0;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                message = next(&mut messages) => match message {
                    Some(message) => match in_flight.take(message).await {
                        Taken::InSequence => {}
                        Taken::AfterGap => {
                            tracing::debug!(consumer = self.name, "a delivery is missing: opening again");
                            (messages, reopen_at) = (None, Instant::now() + REOPEN_PAUSE);
                        }
                    },
                    None => reopen_at = Instant::now() + REOPEN_PAUSE,
                },
                Some((key, request)) = requests.recv() => in_flight.queue(key, Item::Request(request)),
                Some(handled) = in_flight.tasks.join_next() => in_flight.finish(handled).await,
                _ = report.tick(), if self.connection.is_connected() => {
                    in_flight.report().await;
                    // Late by one tick, because a crash of the server may set the floor back a little.
                    in_flight.forget_through(floor);
                    if let Ok(now) = self.connection.progress(self.stream, self.name).await {
                        floor = now.ack_floor;
                        in_flight.pending.set_undelivered(now.undelivered, in_flight.unfinished.len());
                    }
                }
                () = lost.due(), if messages.is_some() => {
                    if lost.found(self.connection, self.stream, self.name, in_flight.delivered).await {
                        (messages, reopen_at) = (None, Instant::now() + REOPEN_PAUSE);
                    }
                }
                Ok(()) = changes.changed() => {
                    let new = self.connection.link();
                    if new.is_some() && new != link {
                        (link, messages, reopen_at) = (new, None, Instant::now());
                    }
                }
                () = sleep_until(reopen_at), if messages.is_none() => match self.open(&mut in_flight).await {
                    Ok(opened) => (messages, lost) = (Some(opened), LostDeliveries::new()),
                    Err(Failure::OtherLog) => return Err(Failure::OtherLog),
                    Err(failure) => {
                        tracing::warn!(consumer = self.name, %failure, "consumer not reopened yet");
                        reopen_at = Instant::now() + REOPEN_PAUSE;
                    }
                },
            }
        }
        drop(messages);
        let deadline = Instant::now() + FINISH_MAX;
        while let Ok(Some(handled)) = timeout_at(deadline, in_flight.tasks.join_next()).await {
            in_flight.finish(handled).await;
        }
        Ok(())
    }

    async fn open<W: Work>(&self, in_flight: &mut InFlight<W>) -> Result<Stream, Failure> {
        if self.stream == EVENTS
            && let Some((position, payload)) = &in_flight.newest
        {
            self.connection.expect_commit(*position, payload).await?;
        }
        let consumer = self.connection.rewound(self.stream, self.name, Rewind::ToFloor).await?;
        in_flight.delivered = 0;
        let messages = consumer
            .stream()
            .max_messages_per_batch(BATCH)
            .expires(FETCH_LIFE)
            .heartbeat(FETCH_HEARTBEAT)
            .messages()
            .await;
        messages.map_err(|error| Failure::unreachable("opening a durable consumer", error))
    }
}

/// Waits for the next message. If the stream fails, drops it and returns `None`. Without a stream, never returns.
async fn next(messages: &mut Option<Stream>) -> Option<Message> {
    let Some(stream) = messages else { return std::future::pending().await };
    match stream.next().await {
        Some(Ok(message)) => Some(message),
        Some(Err(error)) => {
            tracing::debug!(%error, "the stream of a durable consumer failed");
            *messages = None;
            None
        }
        None => {
            *messages = None;
            None
        }
    }
}

type Finished = (String, Option<u64>, Handled);

/// Messages and requests being processed.
struct InFlight<W: Work> {
    work: Arc<W>,
    tasks: JoinSet<Finished>,
    /// Items waiting behind the one of the same key that is being handled.
    waiting: HashMap<String, VecDeque<Item<W::Request>>>,
    unfinished: BTreeMap<u64, Message>,
    /// Finished messages that the server may deliver again: those above its acknowledgement floor.
    finished: BTreeSet<u64>,
    /// Sequence and payload of the newest message ever taken.
    newest: Option<(u64, Bytes)>,
    /// Consumer sequence of the last delivery since the consumer was opened.
    delivered: u64,
    pending: Pending,
}

/// The messages that are not processed yet, as a metric. If another process takes over, it measures them.
struct Pending {
    gauge: Gauge,
    /// Messages that the server had not delivered when it last said so.
    undelivered: u64,
}

impl Pending {
    fn of(consumer: &str) -> Self {
        let gauge = metrics::gauge!("ticketshow_consumer_pending", "consumer" => consumer.to_owned());
        Self { gauge, undelivered: 0 }
    }

    fn set_undelivered(&mut self, undelivered: u64, in_flight: usize) {
        self.undelivered = undelivered;
        self.publish(in_flight);
    }

    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    fn publish(&self, in_flight: usize) {
        self.gauge.set(self.undelivered as f64 + in_flight as f64);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.gauge.set(0);
    }
}

/// Position of a delivery relative to the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    InSequence,
    /// Not taken: it will be delivered again, after the missing ones.
    AfterGap,
}

impl<W: Work> InFlight<W> {
    fn new(work: Arc<W>, consumer: &str) -> Self {
        let (waiting, unfinished, finished) = Default::default();
        let (tasks, pending) = (JoinSet::new(), Pending::of(consumer));
        Self { work, tasks, waiting, unfinished, finished, newest: None, delivered: 0, pending }
    }

    async fn take(&mut self, message: Message) -> Taken {
        let (sequence, delivery) = match message.info() {
            Ok(info) => {
                self.pending.set_undelivered(info.pending, self.unfinished.len());
                (info.stream_sequence, info.consumer_sequence)
            }
            Err(error) => {
                tracing::error!(%error, "message without a sequence");
                return Taken::AfterGap;
            }
        };
        if delivery != self.delivered + 1 {
            return Taken::AfterGap;
        }
        self.delivered = delivery;
        if let Some(known) = self.unfinished.get_mut(&sequence) {
            // Only the latest delivery can be acknowledged.
            *known = message;
            return Taken::InSequence;
        }
        if self.finished.contains(&sequence) {
            acknowledge(&message, AckKind::Ack).await;
            return Taken::InSequence;
        }
        if self.newest.as_ref().is_none_or(|(newest, _)| *newest < sequence) {
            self.newest = Some((sequence, message.payload.clone()));
        }
        if let Some(key) = self.work.key(&message) {
            self.unfinished.insert(sequence, message.clone());
            self.pending.publish(self.unfinished.len());
            self.queue(key, Item::Message(message));
        } else {
            self.finished.insert(sequence);
            acknowledge(&message, AckKind::Ack).await;
        }
        Taken::InSequence
    }

    fn queue(&mut self, key: String, item: Item<W::Request>) {
        match self.waiting.entry(key) {
            Entry::Occupied(mut waiting) => waiting.get_mut().push_back(item),
            Entry::Vacant(free) => {
                let key = free.key().clone();
                free.insert(VecDeque::new());
                self.spawn(key, item);
            }
        }
    }

    fn spawn(&mut self, key: String, item: Item<W::Request>) {
        let work = Arc::clone(&self.work);
        self.tasks.spawn(async move {
            let sequence = match &item {
                Item::Message(message) => message.info().ok().map(|info| info.stream_sequence),
                Item::Request(_) => None,
            };
            let handled = work.handle(&key, item).await;
            (key, sequence, handled)
        });
    }

    async fn finish(&mut self, finished: Result<Finished, tokio::task::JoinError>) {
        let (key, sequence, handled) = match finished {
            Ok(finished) => finished,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        if handled == Handled::Stopped {
            // The items behind it would be stopped as well.
            return;
        }
        if let Some((sequence, message)) =
            sequence.and_then(|sequence| self.unfinished.remove_entry(&sequence))
        {
            self.finished.insert(sequence);
            self.pending.publish(self.unfinished.len());
            acknowledge(&message, AckKind::Ack).await;
        }
        if let Entry::Occupied(mut waiting) = self.waiting.entry(key) {
            match waiting.get_mut().pop_front() {
                Some(item) => {
                    let key = waiting.key().clone();
                    self.spawn(key, item);
                }
                None => drop(waiting.remove()),
            }
        }
    }

    /// Forgets finished messages that the server does not deliver again.
    fn forget_through(&mut self, floor: u64) {
        self.finished = self.finished.split_off(&(floor + 1));
    }

    /// Reports progress to the server, which would otherwise redeliver the messages in flight.
    async fn report(&self) {
        for message in self.unfinished.values() {
            acknowledge(message, AckKind::Progress).await;
        }
    }
}

/// Sends an acknowledgement. If it is lost, the message is redelivered and acknowledged then.
async fn acknowledge(message: &Message, kind: AckKind) {
    if let Err(error) = message.ack_with(kind).await {
        tracing::debug!(%error, "acknowledgement not sent");
    }
}
