//! The parked messages of one running consumer: parks messages that failed for good, and answers the administrators' requests
//! to retry or drop them.

use std::{
    collections::{BTreeSet, HashMap},
    error::Error,
    sync::{Arc, Mutex},
};

use async_nats::{Subject, Subscriber};
use futures_util::StreamExt;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    consumers::{
        attempts::{Attempted, Attempts},
        parked::{
            self, Parked, ParkedAction, ParkedId, ParkedMessage, ParkedReply, ParkedRequest, Resolution,
        },
        runner::Handled,
        verdict::Verdict,
    },
    failure::{Failure, chain},
    server::connection::Connection,
    sync::lock,
};

/// Writes to the stream of parked messages at once.
const WRITES_AT_ONCE: usize = 16;

/// Request of an administrator, handled between two messages of a key.
pub(crate) enum Task {
    /// Retry the messages parked under the key.
    Retry,
    /// Drop one parked message, reply, and continue with those behind it.
    Drop { position: u64, reply_to: Option<Subject> },
}

/// Form of the runner's keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys {
    /// Key of a parked message, from its aggregate and id.
    pub join: fn(&str, &str) -> String,
    /// Aggregate and id of a key.
    pub split: fn(&str) -> (String, String),
}

/// The parked messages of a consumer. Only the process that runs the consumer changes them.
pub(crate) struct Parking {
    connection: Connection,
    consumer: String,
    keys: Keys,
    store: Parked,
    writes: Attempts,
    /// Parked positions by key.
    parked: Mutex<HashMap<String, BTreeSet<u64>>>,
}

impl Parking {
    /// Reads what a consumer has parked.
    pub async fn open(
        connection: &Connection,
        consumer: &str,
        keys: Keys,
        stop: &CancellationToken,
    ) -> Result<Self, Failure> {
        let store = Parked::new(connection);
        let mut parked: HashMap<String, BTreeSet<u64>> = HashMap::new();
        for ParkedMessage { id, aggregate, aggregate_id, .. } in store.of(consumer).await? {
            parked.entry((keys.join)(&aggregate, &aggregate_id)).or_default().insert(id.position);
        }
        let parking = Self {
            connection: connection.clone(),
            consumer: consumer.to_owned(),
            keys,
            store,
            writes: Attempts::new(WRITES_AT_ONCE, stop.clone()),
            parked: Mutex::new(parked),
        };
        publish_waiting(consumer, &lock(&parking.parked));
        Ok(parking)
    }

    /// Answers requests about parked messages until the task is aborted, and passes on those that need work.
    pub async fn answer_requests(
        self: &Arc<Self>,
    ) -> Result<(JoinHandle<()>, mpsc::Receiver<(String, Task)>), Failure> {
        let requests = self.connection.client().subscribe(parked::request_subject(&self.consumer)).await;
        let requests =
            requests.map_err(|error| Failure::unreachable("listening for parked-message requests", error))?;
        let (tasks, queued) = mpsc::channel(64);
        Ok((tokio::spawn(Arc::clone(self).answer(requests, tasks)), queued))
    }

    async fn answer(self: Arc<Self>, mut requests: Subscriber, tasks: mpsc::Sender<(String, Task)>) {
        while let Some(message) = requests.next().await {
            let Ok(ParkedRequest { action, position }) = serde_json::from_slice(&message.payload) else {
                continue;
            };
            let Some(key) = self.key_of(position) else {
                self.reply(message.reply, ParkedReply { found: false }).await;
                continue;
            };
            let task = match action {
                ParkedAction::Retry => {
                    self.reply(message.reply, ParkedReply { found: true }).await;
                    Task::Retry
                }
                ParkedAction::Drop => Task::Drop { position, reply_to: message.reply },
            };
            if tasks.send((key, task)).await.is_err() {
                return;
            }
        }
    }

    /// Id of a message of this consumer.
    pub fn id(&self, position: u64) -> ParkedId {
        ParkedId { consumer: self.consumer.clone(), position }
    }

    /// Oldest parked position of a key.
    pub fn first(&self, key: &str) -> Option<u64> {
        lock(&self.parked).get(key).and_then(|positions| positions.first().copied())
    }

    pub fn is_parked(&self, key: &str, position: u64) -> bool {
        lock(&self.parked).get(key).is_some_and(|positions| positions.contains(&position))
    }

    /// Key under which a position is parked.
    fn key_of(&self, position: u64) -> Option<String> {
        let parked = lock(&self.parked);
        parked.iter().find(|(_, positions)| positions.contains(&position)).map(|(key, _)| key.clone())
    }

    /// Parks a message that failed for good.
    pub async fn park_failed(
        &self,
        key: &str,
        position: u64,
        error: &(dyn Error + Send + Sync + 'static),
        attempts: u32,
    ) -> Handled {
        tracing::error!(
            consumer = self.consumer,
            key,
            position,
            error = error as &dyn Error,
            "message parked for an administrator"
        );
        self.park(key, position, chain(error), attempts).await
    }

    /// Parks a message again whose retry failed, and counts the attempts.
    pub async fn park_again(
        &self,
        key: &str,
        position: u64,
        error: &(dyn Error + Send + Sync + 'static),
        attempts: u32,
    ) -> Handled {
        let before = self.store.get(&self.id(position)).await.ok().flatten();
        let before = before.map_or(0, |message| message.attempts);
        self.park(key, position, chain(error), before + attempts).await
    }

    /// Parks a message, retrying until it is stored.
    pub async fn park(&self, key: &str, position: u64, error: Vec<String>, attempts: u32) -> Handled {
        let (aggregate, aggregate_id) = (self.keys.split)(key);
        let parked_at = clock::now();
        let id = self.id(position);
        let message = ParkedMessage { id, aggregate, aggregate_id, error, attempts, parked_at };
        let stored = self.write_until_stored(|| self.store.keep(&message)).await;
        if stored == Handled::Done {
            metrics::counter!("ticketshow_parked", "consumer" => self.consumer.clone()).increment(1);
            let mut parked = lock(&self.parked);
            parked.entry(key.to_owned()).or_default().insert(position);
            publish_waiting(&self.consumer, &parked);
        }
        stored
    }

    /// Drops a parked message at an administrator's request.
    pub async fn discard(&self, key: &str, position: u64, reply_to: Option<Subject>) -> Handled {
        let dropped = self.resolve(key, position, Resolution::Dropped).await;
        if dropped == Handled::Done {
            self.reply(reply_to, ParkedReply { found: true }).await;
        }
        dropped
    }

    /// Resolves a parked message, retrying until that is stored.
    pub async fn resolve(&self, key: &str, position: u64, resolution: Resolution) -> Handled {
        let id = self.id(position);
        let resolved = self.write_until_stored(async || match self.store.get(&id).await? {
            Some(message) => self.store.resolve(message, resolution).await,
            None => Ok(()),
        });
        let resolved = resolved.await;
        if resolved == Handled::Done {
            let mut parked = lock(&self.parked);
            if let Some(positions) = parked.get_mut(key) {
                positions.remove(&position);
                if positions.is_empty() {
                    parked.remove(key);
                }
            }
            publish_waiting(&self.consumer, &parked);
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
        match self.writes.make(&self.consumer, attempt).await {
            Attempted::Stopped => Handled::Stopped,
            Attempted::Done | Attempted::Parked { .. } => Handled::Done,
        }
    }

    async fn reply(&self, to: Option<Subject>, reply: ParkedReply) {
        let (Some(to), Ok(payload)) = (to, serde_json::to_vec(&reply)) else { return };
        if let Err(error) = self.connection.client().publish(to, payload.into()).await {
            tracing::debug!(%error, "reply not sent");
        }
    }
}

impl Drop for Parking {
    fn drop(&mut self) {
        // Another process counts them from now on.
        publish_waiting(&self.consumer, &HashMap::new());
    }
}

/// Publishes the number of messages that wait for an administrator.
#[expect(clippy::cast_precision_loss, reason = "a gauge")]
fn publish_waiting(consumer: &str, parked: &HashMap<String, BTreeSet<u64>>) {
    let waiting: usize = parked.values().map(BTreeSet::len).sum();
    metrics::gauge!("ticketshow_parked_waiting", "consumer" => consumer.to_owned()).set(waiting as f64);
}
