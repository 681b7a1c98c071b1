//! Group commit across aggregates: commits that wait at the same time travel to the log in one atomic batch.
//!
//! The server syncs each message alone, but a batch of any size only about six times. So a few commits are published one by one, and
//! many as a batch, of which one is in flight. A batch is stored as a whole or not at all. If it is refused, its commits are
//! published one by one, so that each writer learns the fate of its own.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_nats::jetstream::ErrorCode;
use tokio::{sync::oneshot, time::Instant};

use crate::{
    guard::gate::{Gate, GateState},
    log::{crossover::Crossover, store::Prepared},
    server::{
        connection::Connection,
        requests::{Publication, PublishError},
    },
    sync::lock,
};

/// Longest wait for the answer to one attempt to publish a commit or a batch.
const TRY: Duration = Duration::from_secs(1);
/// Most commits in a batch. The server refuses more than 1,000.
const BATCH_MAX: usize = 500;
/// Size in bytes at which a batch is full, so that the slowest supported disk stores it within [`TRY`].
const BATCH_BYTES_MAX: usize = 4 << 20;
/// Time without batches after a server refused one because the stream does not allow them: an older installation whose
/// streams were not updated yet.
const DISALLOWED: Duration = Duration::from_mins(1);

/// Writes all commits of one connection to the log.
#[derive(Debug, Clone)]
pub(crate) struct Committer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    connection: Connection,
    gate: Gate,
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    crossover: Crossover,
    /// Commits in flight that are published one by one.
    alone: usize,
    /// `true` while a batch is in flight.
    batch: bool,
    waiting: VecDeque<Waiting>,
    disallowed_until: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    commit: Publication,
    turn: oneshot::Sender<Turn>,
}

/// Outcome of a waiting commit.
#[derive(Debug)]
enum Turn {
    /// It is published by its writer, alone.
    Alone(Slot),
    /// It was published in a batch.
    Batched(Result<u64, PublishError>),
}

/// A place among the commits that are published one by one.
#[derive(Debug)]
struct Slot(Committer);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.advance(|queue| queue.alone -= 1);
    }
}

/// The right to have a batch in flight, which only one holds at a time.
#[derive(Debug)]
struct BatchSlot(Committer);

impl Drop for BatchSlot {
    fn drop(&mut self) {
        self.0.advance(|queue| queue.batch = false);
    }
}

/// Commits whose turn it is.
#[derive(Debug, Default)]
struct Due {
    alone: Vec<oneshot::Sender<Turn>>,
    batch: Vec<Waiting>,
}

impl Committer {
    /// Creates a committer that publishes a batch when `batch_from` commits wait; `None`: as many as measuring says.
    pub fn new(connection: &Connection, gate: Gate, batch_from: Option<usize>) -> Self {
        let queue = Mutex::new(Queue::new(Crossover::new(batch_from)));
        Self(Arc::new(Shared { connection: connection.clone(), gate, queue }))
    }

    /// Publishes a commit that was not sent before, alone or with others, and returns its position; `None` if it was not sent,
    /// because the gate closed while it waited.
    pub async fn publish(
        &self,
        doing: &'static str,
        prepared: &Prepared,
    ) -> Result<Option<u64>, PublishError> {
        // Commits of an aggregate with competing writers would make the server refuse whole batches.
        if prepared.contended {
            return self.publish_alone(doing, prepared).await.map(Some);
        }
        let (turn, waits) = oneshot::channel();
        let commit = prepared.publication.clone();
        self.advance(|queue| queue.waiting.push_back(Waiting { commit, turn }));
        match waits.await {
            Ok(Turn::Batched(outcome)) => outcome.map(Some),
            Ok(Turn::Alone(_slot)) if self.0.gate.settled(&self.0.connection).await == GateState::Open => {
                let began = Instant::now();
                let published = self.publish_alone(doing, prepared).await;
                let mut queue = lock(&self.0.queue);
                if published.is_ok() && !queue.batch {
                    let in_flight = queue.alone;
                    queue.crossover.single_took(began.elapsed(), in_flight);
                }
                published.map(Some)
            }
            // The second only when the program ends, and its tasks with it.
            Ok(Turn::Alone(_)) | Err(_) => Ok(None),
        }
    }

    /// Publishes a commit by itself, at once.
    pub async fn publish_alone(&self, doing: &'static str, prepared: &Prepared) -> Result<u64, PublishError> {
        let Publication { subject, headers, payload } = &prepared.publication;
        self.0.connection.publish(doing, subject, headers.clone(), payload.clone(), TRY).await
    }

    /// Changes the queue and starts the commits that are due then.
    fn advance(&self, change: impl FnOnce(&mut Queue)) {
        let due = {
            let mut queue = lock(&self.0.queue);
            change(&mut queue);
            queue.due()
        };
        for turn in due.alone {
            // If its writer stopped waiting, this drops the slot, which calls the next.
            let _ = turn.send(Turn::Alone(Slot(self.clone())));
        }
        if !due.batch.is_empty() {
            tokio::spawn(BatchSlot(self.clone()).publish(due.batch));
        }
    }
}

impl BatchSlot {
    async fn publish(self, batch: Vec<Waiting>) {
        const DOING: &str = "appending a batch of commits";
        let shared = &self.0.0;
        let (commits, turns): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.commit, waiting.turn)).unzip();
        let (began, behind) = (Instant::now(), lock(&shared.queue).alone);
        let outcome = match shared.gate.settled(&shared.connection).await {
            GateState::Open => Some(shared.connection.publish_batch(DOING, commits, TRY).await),
            // The gate closed while the commits waited. Each writer finds that out for itself.
            GateState::Checking | GateState::Diverged { .. } => None,
        };
        let size = turns.len();
        let outcomes: Vec<Turn> = match outcome {
            Some(Ok(last)) => {
                metrics::counter!("ticketshow_batches").increment(1);
                lock(&shared.queue).crossover.batch_took(began.elapsed(), size, behind);
                metrics::counter!("ticketshow_batched_commits").increment(size as u64);
                (0..size as u64).rev().map(|before| Turn::Batched(Ok(last - before))).collect()
            }
            Some(Err(PublishError::Unanswered(failure))) => {
                let unanswered = || Turn::Batched(Err(PublishError::Unanswered(failure.clone())));
                std::iter::repeat_with(unanswered).take(size).collect()
            }
            Some(Err(PublishError::Refused(error))) => {
                metrics::counter!("ticketshow_batches_refused").increment(1);
                tracing::debug!(error.err_code, error.description, size, "a batch was refused");
                if error.err_code == ErrorCode::ATOMIC_PUBLISH_DISABLED.0 {
                    lock(&shared.queue).disallowed_until = Some(Instant::now() + DISALLOWED);
                }
                self.slots(size)
            }
            None => self.slots(size),
        };
        for (turn, outcome) in turns.into_iter().zip(outcomes) {
            // A writer that stopped waiting learns the outcome from the log.
            let _ = turn.send(outcome);
        }
    }

    /// Lets as many commits be published one by one, beyond the usual number.
    fn slots(&self, count: usize) -> Vec<Turn> {
        lock(&self.0.0.queue).alone += count;
        std::iter::repeat_with(|| Turn::Alone(Slot(self.0.clone()))).take(count).collect()
    }
}

impl Queue {
    fn new(crossover: Crossover) -> Self {
        let (waiting, disallowed_until) = (VecDeque::new(), None);
        Self { crossover, alone: 0, batch: false, waiting, disallowed_until }
    }

    /// Takes the commits whose turn it is.
    fn due(&mut self) -> Due {
        let batch_from = self.crossover.batch_from();
        let mut due = Due::default();
        if self.batch {
            return due;
        }
        let allowed = self.disallowed_until.is_none_or(|until| until <= Instant::now());
        if allowed && self.waiting.len() >= batch_from {
            self.batch = true;
            let mut bytes = 0;
            while due.batch.len() < BATCH_MAX
                && let Some(next) = self.waiting.pop_front_if(|next| {
                    bytes += next.commit.payload.len();
                    bytes <= BATCH_BYTES_MAX
                })
            {
                due.batch.push(next);
            }
            return due;
        }
        while (self.alone < batch_from || !allowed)
            && let Some(next) = self.waiting.pop_front()
        {
            self.alone += 1;
            due.alone.push(next.turn);
        }
        due
    }
}
