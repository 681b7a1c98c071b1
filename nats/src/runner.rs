//! Works off a durable consumer with explicit acknowledgements: what has the same key in order, different keys side by
//! side, and nothing acknowledged before it is handled.
//!
//! After a reconnect the consumer is rewound to the oldest message in hand, so that what the server had sent in vain comes
//! again before anything newer of its key.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use async_nats::jetstream::{AckKind, Message, consumer::pull::Stream};
use futures_util::StreamExt;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{Connection, Failure, topology::ACK_WAIT};

/// Messages fetched at once.
const BATCH: usize = 200;
/// A silent server is noticed after twice this long.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Pause before a consumer that could not be had is asked for again.
const PAUSE: Duration = Duration::from_millis(500);
/// How long what is in hand may take after the program was asked to stop.
const FINISHING: Duration = Duration::from_secs(10);

/// What is done with messages.
pub(crate) trait Work: Send + Sync + 'static {
    /// Something that can be asked for between two messages of a key.
    type Request: Send + 'static;

    /// What a message has to keep its order with; none if it need not be handled at all.
    fn key(&self, message: &Message) -> Option<String>;

    /// Handles one message or request. Others of the same key wait.
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
    /// The program stops: it will come again.
    Stopped,
}

/// A durable consumer.
pub(crate) struct Runner<'a> {
    pub connection: &'a Connection,
    pub stream: &'static str,
    pub name: &'a str,
}

impl Runner<'_> {
    /// Works until `stop`; then what is in hand is finished. One process at a time may do this.
    pub async fn run<W: Work>(
        &self,
        work: Arc<W>,
        mut requests: mpsc::Receiver<(String, W::Request)>,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        let mut hand = Hand::new(work, self.connection.ack_floor(self.stream, self.name).await?);
        let mut changes = self.connection.link_changes();
        let mut link = self.connection.link();
        let mut messages = Some(self.open(&hand).await?);
        let mut reopen_at = Instant::now();
        let mut report = tokio::time::interval(ACK_WAIT / 3);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                message = next(&mut messages) => match message {
                    Some(message) => hand.take(message).await,
                    None => reopen_at = Instant::now() + PAUSE,
                },
                Some((key, request)) = requests.recv() => hand.queue(key, Item::Request(request)),
                Some(handled) = hand.tasks.join_next() => hand.finish(handled).await,
                _ = report.tick() => hand.report().await,
                Ok(()) = changes.changed() => {
                    let new = self.connection.link();
                    if new.is_some() && new != link {
                        (link, messages, reopen_at) = (new, None, Instant::now());
                    }
                }
                () = sleep_until(reopen_at), if messages.is_none() => match self.open(&hand).await {
                    Ok(opened) => messages = Some(opened),
                    Err(failure) => {
                        tracing::warn!(consumer = self.name, %failure, "cannot go on yet");
                        reopen_at = Instant::now() + PAUSE;
                    }
                },
            }
        }
        drop(messages);
        let deadline = Instant::now() + FINISHING;
        while let Ok(Some(handled)) = timeout_at(deadline, hand.tasks.join_next()).await {
            hand.finish(handled).await;
        }
        Ok(())
    }

    async fn open<W: Work>(&self, hand: &Hand<W>) -> Result<Stream, Failure> {
        let consumer = self.connection.rewound(self.stream, self.name, hand.floor() + 1).await?;
        let messages = consumer.stream().max_messages_per_batch(BATCH).heartbeat(HEARTBEAT).messages().await;
        messages.map_err(|error| Failure::away("taking up a durable consumer", error))
    }
}

/// The next message; none, and no stream any more, if the stream is in trouble. Waits for ever without a stream.
async fn next(messages: &mut Option<Stream>) -> Option<Message> {
    let Some(stream) = messages else { return std::future::pending().await };
    match stream.next().await {
        Some(Ok(message)) => Some(message),
        Some(Err(error)) => {
            tracing::debug!(%error, "a durable consumer is in trouble");
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

/// What is in hand.
struct Hand<W: Work> {
    work: Arc<W>,
    tasks: JoinSet<Finished>,
    /// What waits behind the item of the same key that is being handled now.
    waiting: HashMap<String, VecDeque<Item<W::Request>>>,
    unfinished: BTreeMap<u64, Message>,
    /// Finished ones above the oldest unfinished one.
    finished: BTreeSet<u64>,
    /// The newest that was ever taken in hand.
    newest: u64,
}

impl<W: Work> Hand<W> {
    fn new(work: Arc<W>, newest: u64) -> Self {
        let (waiting, unfinished, finished) = Default::default();
        Self { work, tasks: JoinSet::new(), waiting, unfinished, finished, newest }
    }

    /// Everything up to here is finished.
    fn floor(&self) -> u64 {
        self.unfinished.first_key_value().map_or(self.newest, |(oldest, _)| oldest - 1)
    }

    async fn take(&mut self, message: Message) {
        let sequence = match message.info() {
            Ok(info) => {
                #[expect(clippy::cast_precision_loss, reason = "a gauge")]
                let pending = info.pending as f64;
                metrics::gauge!("ticketshow_consumer_pending", "consumer" => info.consumer.to_owned())
                    .set(pending);
                info.stream_sequence
            }
            Err(error) => {
                tracing::error!(%error, "a message without a place in its stream");
                return;
            }
        };
        if let Some(known) = self.unfinished.get_mut(&sequence) {
            // The newest delivery is the one to acknowledge.
            *known = message;
            return;
        }
        if sequence <= self.floor() || self.finished.contains(&sequence) {
            return acknowledge(&message, AckKind::Ack).await;
        }
        self.newest = self.newest.max(sequence);
        if let Some(key) = self.work.key(&message) {
            self.unfinished.insert(sequence, message.clone());
            self.queue(key, Item::Message(message));
        } else {
            self.finished.insert(sequence);
            self.forget_below_floor();
            acknowledge(&message, AckKind::Ack).await;
        }
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
            // What waits behind it would be stopped as well.
            return;
        }
        if let Some((sequence, message)) =
            sequence.and_then(|sequence| self.unfinished.remove_entry(&sequence))
        {
            self.finished.insert(sequence);
            self.forget_below_floor();
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

    fn forget_below_floor(&mut self) {
        let floor = self.floor();
        while self.finished.first().is_some_and(|oldest| *oldest <= floor) {
            self.finished.pop_first();
        }
    }

    /// Tells the server that what is in hand is not forgotten.
    async fn report(&self) {
        for message in self.unfinished.values() {
            acknowledge(message, AckKind::Progress).await;
        }
    }
}

/// An acknowledgement that gets lost is made up for when the message comes again.
async fn acknowledge(message: &Message, kind: AckKind) {
    if let Err(error) = message.ack_with(kind).await {
        tracing::debug!(%error, "an acknowledgement was not sent");
    }
}
