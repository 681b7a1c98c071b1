//! Processes over time: a durable consumer of the log whose commits are handled at least once, those of one aggregate in
//! order, those of different aggregates side by side.

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
    Commit, Connection, Failure, Parked, ParkedId, ParkedMessage,
    attempts::{Attempted, Attempts},
    clock,
    parked::{self, Answer, Ask, Question, Settled},
    runner::{Handled, Item, Runner, Work},
    subjects::{EVENTS, HEADER_EVENTS},
};

/// A durable consumer, as the process that works it off sees it.
#[derive(Debug, Clone, Copy)]
pub struct Durable {
    /// One of [`crate::consumers`].
    pub name: &'static str,
    /// Types of the events that matter: commits with none of them are passed over unread. Empty: all matter.
    pub events: &'static [&'static str],
    /// How many aggregates are worked on at once.
    pub parallelism: usize,
}

/// How the handling of a commit went.
#[derive(Debug)]
pub enum Verdict {
    /// It is handled.
    Done,
    /// The world is away: try again later, for ever.
    Retry(Box<dyn Error + Send + Sync>),
    /// A bug or a final refusal: set it aside for a person, and everything of the same aggregate behind it.
    Park(Box<dyn Error + Send + Sync>),
}

/// What is done with each commit.
pub trait Handler: Send + Sync + 'static {
    /// Handles one commit; it may come again.
    fn handle(&self, commit: &Commit) -> impl Future<Output = Verdict> + Send;
}

/// Works off a durable consumer until `stop`; then what is in hand is finished. Also answers [`crate::Parked`].
/// One process at a time may do this for a consumer.
///
/// # Errors
///
/// [`Failure`] if the consumer cannot be had; from then on it mends itself.
pub async fn run_durable<H: Handler>(
    connection: &Connection,
    durable: &Durable,
    handler: Arc<H>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let shelf = Parked::new(connection);
    let mut parked: HashMap<String, BTreeSet<u64>> = HashMap::new();
    for ParkedMessage { id, aggregate, aggregate_id, .. } in shelf.of(durable.name).await? {
        parked.entry(format!("tix.{aggregate}.{aggregate_id}")).or_default().insert(id.position);
    }
    let process = Arc::new(Process {
        connection: connection.clone(),
        durable: *durable,
        handler,
        attempts: Attempts::new(durable.parallelism, stop.clone()),
        shelf,
        parked: Mutex::new(parked),
    });
    let questions = connection.client().subscribe(parked::door(durable.name)).await;
    let questions = questions.map_err(|error| Failure::away("opening the door for questions", error))?;
    let (ask, requests) = mpsc::channel(64);
    let answering = tokio::spawn(answer(Arc::clone(&process), questions, ask));
    let runner = Runner { connection, stream: EVENTS, name: durable.name };
    let ran = runner.run(process, requests, &stop).await;
    answering.abort();
    ran
}

struct Process<H> {
    connection: Connection,
    durable: Durable,
    handler: Arc<H>,
    attempts: Attempts,
    shelf: Parked,
    /// Positions that are parked, by the subject of their aggregate.
    parked: Mutex<HashMap<String, BTreeSet<u64>>>,
}

/// What can be asked between two commits of an aggregate.
enum Task {
    /// Try what is parked again.
    Retry,
    /// Give one up, tell whoever asked, and go on with what waited behind it.
    Drop { position: u64, asked: Option<Subject> },
}

impl<H: Handler> Work for Process<H> {
    type Request = Task;

    fn key(&self, message: &Message) -> Option<String> {
        let types = message.headers.as_ref().and_then(|headers| headers.get(HEADER_EVENTS));
        let matters = |types: &str| types.split(',').any(|known| self.durable.events.contains(&known));
        let handled = self.durable.events.is_empty() || types.is_none_or(|types| matters(types.as_str()));
        handled.then(|| message.subject.to_string())
    }

    async fn handle(&self, subject: &str, item: Item<Task>) -> Handled {
        match item {
            Item::Message(message) => self.handle_message(subject, &message).await,
            Item::Request(Task::Retry) => self.retry(subject).await,
            Item::Request(Task::Drop { position, asked }) => {
                if self.settle(subject, position, Settled::Dropped).await == Handled::Stopped {
                    return Handled::Stopped;
                }
                self.reply(asked, Answer { found: true }).await;
                self.retry(subject).await
            }
        }
    }
}

impl<H: Handler> Process<H> {
    async fn handle_message(&self, subject: &str, message: &Message) -> Handled {
        let position = message.info().map_or(0, |info| info.stream_sequence);
        match self.first_parked(subject) {
            // It was parked, but its acknowledgement got lost.
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
                    consumer = self.durable.name,
                    position,
                    error = error.as_ref() as &dyn Error,
                    "parked for a person to look at"
                );
                self.park(subject, position, parked::chain(error.as_ref()), attempts).await
            }
        }
    }

    async fn attempt(&self, commit: &Commit) -> Attempted {
        let began = Instant::now();
        let attempted = self.attempts.make(self.durable.name, || self.handler.handle(commit)).await;
        metrics::histogram!("ticketshow_durable_seconds", "consumer" => self.durable.name)
            .record(began.elapsed().as_secs_f64());
        attempted
    }

    /// Tries what is parked of an aggregate again, oldest first, until one has to be parked again.
    async fn retry(&self, subject: &str) -> Handled {
        while let Some(position) = self.first_parked(subject) {
            let attempted = match self.commit_at(position).await {
                Ok(Some(commit)) => self.attempt(&commit).await,
                Ok(None) => Attempted::Parked { error: "the log has no such commit".into(), attempts: 1 },
                Err(failure) => Attempted::Parked { error: failure.into(), attempts: 1 },
            };
            match attempted {
                Attempted::Done => match self.settle(subject, position, Settled::Handled).await {
                    Handled::Done => {}
                    Handled::Stopped => return Handled::Stopped,
                },
                Attempted::Stopped => return Handled::Stopped,
                Attempted::Parked { error, attempts } => {
                    let before = self.shelf.get(&self.id(position)).await.ok().flatten();
                    let before = before.map_or(0, |message| message.attempts);
                    return self
                        .park(subject, position, parked::chain(error.as_ref()), before + attempts)
                        .await;
                }
            }
        }
        Handled::Done
    }

    async fn commit_at(&self, position: u64) -> Result<Option<Commit>, Failure> {
        let which = json!({ "seq": position });
        let stored = self.connection.ask_leader("reading a parked commit", EVENTS, &which).await?;
        Ok(stored.map(|stored| Commit::parse(position, stored.payload)).transpose()?)
    }

    /// Parks a message, however long it takes.
    async fn park(&self, subject: &str, position: u64, error: Vec<String>, attempts: u32) -> Handled {
        let mut tokens = subject.splitn(3, '.').skip(1).map(str::to_owned);
        let (aggregate, aggregate_id) =
            (tokens.next().unwrap_or_default(), tokens.next().unwrap_or_default());
        let parked_at = clock::now();
        let id = self.id(position);
        let message = ParkedMessage { id, aggregate, aggregate_id, error, attempts, parked_at };
        let kept = self.insist(|| self.shelf.keep(&message)).await;
        if kept == Handled::Done {
            metrics::counter!("ticketshow_parked", "consumer" => self.durable.name).increment(1);
            lock(&self.parked).entry(subject.to_owned()).or_default().insert(position);
        }
        kept
    }

    /// Takes a message off the shelf, however long it takes.
    async fn settle(&self, subject: &str, position: u64, how: Settled) -> Handled {
        let id = self.id(position);
        let settled = self.insist(async || match self.shelf.get(&id).await? {
            Some(message) => self.shelf.settle(message, how).await,
            None => Ok(()),
        });
        let settled = settled.await;
        if settled == Handled::Done {
            let mut parked = lock(&self.parked);
            if let Some(positions) = parked.get_mut(subject) {
                positions.remove(&position);
                if positions.is_empty() {
                    parked.remove(subject);
                }
            }
        }
        settled
    }

    async fn insist<Fut: Future<Output = Result<(), Failure>>>(
        &self,
        mut write: impl FnMut() -> Fut,
    ) -> Handled {
        let attempt = || {
            let written = write();
            async { written.await.map_or_else(|failure| Verdict::Retry(failure.into()), |()| Verdict::Done) }
        };
        match self.attempts.make(self.durable.name, attempt).await {
            Attempted::Stopped => Handled::Stopped,
            Attempted::Done | Attempted::Parked { .. } => Handled::Done,
        }
    }

    fn id(&self, position: u64) -> ParkedId {
        ParkedId { consumer: self.durable.name.to_owned(), position }
    }

    fn first_parked(&self, subject: &str) -> Option<u64> {
        lock(&self.parked).get(subject).and_then(|positions| positions.first().copied())
    }

    fn is_parked(&self, subject: &str, position: u64) -> bool {
        lock(&self.parked).get(subject).is_some_and(|positions| positions.contains(&position))
    }

    /// The subject of the aggregate that has something parked at `position`.
    fn subject_of(&self, position: u64) -> Option<String> {
        let parked = lock(&self.parked);
        parked.iter().find(|(_, positions)| positions.contains(&position)).map(|(subject, _)| subject.clone())
    }

    async fn reply(&self, to: Option<Subject>, answer: Answer) {
        let (Some(to), Ok(answer)) = (to, serde_json::to_vec(&answer)) else { return };
        if let Err(error) = self.connection.client().publish(to, answer.into()).await {
            tracing::debug!(%error, "an answer was not sent");
        }
    }
}

/// Answers questions about what is parked, for as long as the process runs.
async fn answer<H: Handler>(
    process: Arc<Process<H>>,
    mut questions: Subscriber,
    requests: mpsc::Sender<(String, Task)>,
) {
    while let Some(message) = questions.next().await {
        let Ok(Question { ask, position }) = serde_json::from_slice(&message.payload) else { continue };
        let Some(subject) = process.subject_of(position) else {
            process.reply(message.reply, Answer { found: false }).await;
            continue;
        };
        let task = match ask {
            Ask::Retry => {
                process.reply(message.reply, Answer { found: true }).await;
                Task::Retry
            }
            Ask::Drop => Task::Drop { position, asked: message.reply },
        };
        if requests.send((subject, task)).await.is_err() {
            return;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds this lock can leave the map half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
