//! Subscriptions to the log for process managers: commits are handled at least once, in order per aggregate, in parallel
//! across aggregates.

use std::{
    collections::{BTreeSet, HashMap},
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use async_nats::{Subject, Subscriber, jetstream::Message};
use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    consumers::{
        attempts::{Attempted, Attempts},
        parked::{
            self, Parked, ParkedAction, ParkedId, ParkedMessage, ParkedReply, ParkedRequest, Resolution,
        },
        runner::{Handled, Item, Runner, Work},
        verdict::Verdict,
    },
    failure::{Failure, chain},
    log::envelope::Commit,
    server::connection::Connection,
    subjects::{EVENTS, HEADER_EVENTS},
};

/// Subscription to the log through a durable consumer.
#[derive(Debug, Clone, Copy)]
pub struct Subscription {
    /// One of [`crate::subjects::consumers`].
    pub name: &'static str,
    /// Event types to handle: commits without any of them are skipped unread. Empty means all types.
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
    let store = Parked::new(connection);
    let mut parked: HashMap<String, BTreeSet<u64>> = HashMap::new();
    for ParkedMessage { id, aggregate, aggregate_id, .. } in store.of(subscription.name).await? {
        parked.entry(format!("tix.{aggregate}.{aggregate_id}")).or_default().insert(id.position);
    }
    let process = Arc::new(Process {
        connection: connection.clone(),
        subscription: *subscription,
        handler,
        attempts: Attempts::new(subscription.parallelism, stop.clone()),
        store,
        parked: Mutex::new(parked),
    });
    let parked_requests = connection.client().subscribe(parked::request_subject(subscription.name)).await;
    let parked_requests = parked_requests
        .map_err(|error| Failure::unreachable("listening for parked-message requests", error))?;
    let (tasks, requests) = mpsc::channel(64);
    let answering = tokio::spawn(answer_requests(Arc::clone(&process), parked_requests, tasks));
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
    store: Parked,
    /// Parked positions by the subject of their aggregate.
    parked: Mutex<HashMap<String, BTreeSet<u64>>>,
}

/// Requests handled between two commits of an aggregate.
enum Task {
    /// Retry the parked commits.
    Retry,
    /// Drop one parked commit, reply, and continue with those behind it.
    Drop { position: u64, reply_to: Option<Subject> },
}

impl<H: Handler> Work for Process<H> {
    type Request = Task;

    fn key(&self, message: &Message) -> Option<String> {
        let types = message.headers.as_ref().and_then(|headers| headers.get(HEADER_EVENTS));
        let is_subscribed =
            |types: &str| types.split(',').any(|known| self.subscription.events.contains(&known));
        let handled =
            self.subscription.events.is_empty() || types.is_none_or(|types| is_subscribed(types.as_str()));
        handled.then(|| message.subject.to_string())
    }

    async fn handle(&self, subject: &str, item: Item<Task>) -> Handled {
        match item {
            Item::Message(message) => self.handle_message(subject, &message).await,
            Item::Request(Task::Retry) => self.retry(subject).await,
            Item::Request(Task::Drop { position, reply_to }) => {
                if self.resolve(subject, position, Resolution::Dropped).await == Handled::Stopped {
                    return Handled::Stopped;
                }
                self.reply(reply_to, ParkedReply { found: true }).await;
                self.retry(subject).await
            }
        }
    }
}

impl<H: Handler> Process<H> {
    async fn handle_message(&self, subject: &str, message: &Message) -> Handled {
        let position = message.info().map_or(0, |info| info.stream_sequence);
        match self.first_parked(subject) {
            // Already parked; only the acknowledgement was lost.
            Some(_) if self.is_parked(subject, position) => return Handled::Done,
            Some(first) => {
                let error = vec![format!("waits behind {}", self.id(first))];
                return self.park(subject, position, error, 0).await;
            }
            None => {}
        }
        let attempted = match Commit::parse(position, message.payload.clone()) {
            Ok(commit) => self.attempt(&commit).await,
            Err(error) => Attempted::Parked { error: error.into(), attempts: 1 },
        };
        match attempted {
            Attempted::Done => Handled::Done,
            Attempted::Stopped => Handled::Stopped,
            Attempted::Parked { error, attempts } => {
                tracing::error!(
                    consumer = self.subscription.name,
                    position,
                    error = error.as_ref() as &dyn Error,
                    "commit parked for an administrator"
                );
                self.park(subject, position, chain(error.as_ref()), attempts).await
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
        while let Some(position) = self.first_parked(subject) {
            let attempted = match self.commit_at(position).await {
                Ok(Some(commit)) => self.attempt(&commit).await,
                Ok(None) => Attempted::Parked { error: "the log has no such commit".into(), attempts: 1 },
                Err(failure) => Attempted::Parked { error: failure.into(), attempts: 1 },
            };
            match attempted {
                Attempted::Done => match self.resolve(subject, position, Resolution::Handled).await {
                    Handled::Done => {}
                    Handled::Stopped => return Handled::Stopped,
                },
                Attempted::Stopped => return Handled::Stopped,
                Attempted::Parked { error, attempts } => {
                    let before = self.store.get(&self.id(position)).await.ok().flatten();
                    let before = before.map_or(0, |message| message.attempts);
                    return self.park(subject, position, chain(error.as_ref()), before + attempts).await;
                }
            }
        }
        Handled::Done
    }

    async fn commit_at(&self, position: u64) -> Result<Option<Commit>, Failure> {
        let query = json!({ "seq": position });
        let stored = self.connection.ask_leader("reading a parked commit", EVENTS, &query).await?;
        Ok(stored.map(|stored| Commit::parse(position, stored.payload)).transpose()?)
    }

    /// Parks a message, retrying until it is stored.
    async fn park(&self, subject: &str, position: u64, error: Vec<String>, attempts: u32) -> Handled {
        let mut tokens = subject.splitn(3, '.').skip(1).map(str::to_owned);
        let (aggregate, aggregate_id) =
            (tokens.next().unwrap_or_default(), tokens.next().unwrap_or_default());
        let parked_at = clock::now();
        let id = self.id(position);
        let message = ParkedMessage { id, aggregate, aggregate_id, error, attempts, parked_at };
        let stored = self.write_until_stored(|| self.store.keep(&message)).await;
        if stored == Handled::Done {
            metrics::counter!("ticketshow_parked", "consumer" => self.subscription.name).increment(1);
            lock(&self.parked).entry(subject.to_owned()).or_default().insert(position);
        }
        stored
    }

    /// Resolves a parked message, retrying until that is stored.
    async fn resolve(&self, subject: &str, position: u64, resolution: Resolution) -> Handled {
        let id = self.id(position);
        let resolved = self.write_until_stored(async || match self.store.get(&id).await? {
            Some(message) => self.store.resolve(message, resolution).await,
            None => Ok(()),
        });
        let resolved = resolved.await;
        if resolved == Handled::Done {
            let mut parked = lock(&self.parked);
            if let Some(positions) = parked.get_mut(subject) {
                positions.remove(&position);
                if positions.is_empty() {
                    parked.remove(subject);
                }
            }
        }
        resolved
    }

    async fn write_until_stored<Fut: Future<Output = Result<(), Failure>>>(
        &self,
        mut write: impl FnMut() -> Fut,
    ) -> Handled {
        let attempt = || {
            let written = write();
            async { written.await.map_or_else(|failure| Verdict::Retry(failure.into()), |()| Verdict::Done) }
        };
        match self.attempts.make(self.subscription.name, attempt).await {
            Attempted::Stopped => Handled::Stopped,
            Attempted::Done | Attempted::Parked { .. } => Handled::Done,
        }
    }

    fn id(&self, position: u64) -> ParkedId {
        ParkedId { consumer: self.subscription.name.to_owned(), position }
    }

    fn first_parked(&self, subject: &str) -> Option<u64> {
        lock(&self.parked).get(subject).and_then(|positions| positions.first().copied())
    }

    fn is_parked(&self, subject: &str, position: u64) -> bool {
        lock(&self.parked).get(subject).is_some_and(|positions| positions.contains(&position))
    }

    /// Subject of the aggregate with a parked commit at `position`.
    fn subject_of(&self, position: u64) -> Option<String> {
        let parked = lock(&self.parked);
        parked.iter().find(|(_, positions)| positions.contains(&position)).map(|(subject, _)| subject.clone())
    }

    async fn reply(&self, to: Option<Subject>, reply: ParkedReply) {
        let (Some(to), Ok(payload)) = (to, serde_json::to_vec(&reply)) else { return };
        if let Err(error) = self.connection.client().publish(to, payload.into()).await {
            tracing::debug!(%error, "reply not sent");
        }
    }
}

/// Answers requests about parked messages as long as the subscription runs.
async fn answer_requests<H: Handler>(
    process: Arc<Process<H>>,
    mut requests: Subscriber,
    tasks: mpsc::Sender<(String, Task)>,
) {
    while let Some(message) = requests.next().await {
        let Ok(ParkedRequest { action, position }) = serde_json::from_slice(&message.payload) else {
            continue;
        };
        let Some(subject) = process.subject_of(position) else {
            process.reply(message.reply, ParkedReply { found: false }).await;
            continue;
        };
        let task = match action {
            ParkedAction::Retry => {
                process.reply(message.reply, ParkedReply { found: true }).await;
                Task::Retry
            }
            ParkedAction::Drop => Task::Drop { position, reply_to: message.reply },
        };
        if tasks.send((subject, task)).await.is_err() {
            return;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code can panic between two changes of this map, so a poisoned lock is safe to use.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
