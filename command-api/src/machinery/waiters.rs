//! Requests that wait for news of a key. One task follows the log for all of them.

use std::{
    collections::HashMap,
    hash::Hash,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::StreamExt;
use ticketshow_http::sync::lock;
use ticketshow_nats::{
    failure::Failure,
    log::{envelope::Commit, history::Log},
};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

/// Pause before the log is followed again after a failure.
const PAUSE: Duration = Duration::from_millis(500);

/// Extracts the news from a commit.
pub type Read<K, V> = fn(&Commit) -> Result<Vec<(K, V)>, Failure>;

/// The waiting requests, by key, and the task that notifies them.
pub struct Waiters<K, V> {
    waiting: Waiting<K, V>,
    follower: JoinHandle<()>,
}

type Waiting<K, V> = Arc<Mutex<HashMap<K, Entry<V>>>>;

struct Entry<V> {
    news: watch::Sender<Option<V>>,
    listeners: usize,
}

impl<K, V> Drop for Waiters<K, V> {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl<K, V> Waiters<K, V>
where
    K: Copy + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Follows `subject` from the end of the log. The aggregates know what happened before.
    pub fn follow(log: Log, subject: &'static str, read: Read<K, V>) -> Self {
        let waiting = Waiting::default();
        let follower = tokio::spawn(keep_following(log, subject, read, Arc::clone(&waiting)));
        Self { waiting, follower }
    }

    /// Starts listening for news of `key`. Call it before sending the command that causes them.
    pub fn listen(&self, key: K) -> Listener<'_, K, V> {
        let mut waiting = lock(&self.waiting);
        let entry =
            waiting.entry(key).or_insert_with(|| Entry { news: watch::Sender::new(None), listeners: 0 });
        entry.listeners += 1;
        Listener { waiting: &self.waiting, key, news: entry.news.subscribe() }
    }
}

/// One waiting request. Unregisters itself when dropped.
pub struct Listener<'a, K: Eq + Hash, V> {
    waiting: &'a Mutex<HashMap<K, Entry<V>>>,
    key: K,
    news: watch::Receiver<Option<V>>,
}

impl<K: Eq + Hash, V: Clone> Listener<'_, K, V> {
    /// The latest news, if there are any by `deadline`.
    pub async fn next(&mut self, deadline: Instant) -> Option<V> {
        timeout_at(deadline, self.news.changed()).await.ok()?.ok()?;
        self.news.borrow_and_update().clone()
    }
}

impl<K: Eq + Hash, V> Drop for Listener<'_, K, V> {
    fn drop(&mut self) {
        let mut waiting = lock(self.waiting);
        if let Some(entry) = waiting.get_mut(&self.key) {
            entry.listeners -= 1;
            if entry.listeners == 0 {
                waiting.remove(&self.key);
            }
        }
    }
}

async fn keep_following<K, V>(log: Log, subject: &'static str, read: Read<K, V>, waiting: Waiting<K, V>)
where
    K: Eq + Hash + Send,
    V: Send + Sync,
{
    loop {
        if let Err(failure) = follow(&log, subject, read, &waiting).await {
            tracing::warn!(%failure, subject, "the log follower stopped and will be restarted");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn follow<K, V>(
    log: &Log,
    subject: &'static str,
    read: Read<K, V>,
    waiting: &Waiting<K, V>,
) -> Result<(), Failure>
where
    K: Eq + Hash + Send,
    V: Send + Sync,
{
    let end = log.last_position().await?;
    let mut commits = pin!(log.tail_unparsed(end, &[subject]).await?);
    while let Some(commit) = commits.next().await {
        let commit = commit?;
        // Parsing a commit costs more than checking for listeners.
        if lock(waiting).is_empty() {
            continue;
        }
        for (key, value) in read(&commit.parse()?)? {
            if let Some(entry) = lock(waiting).get(&key) {
                entry.news.send_replace(Some(value));
            }
        }
    }
    Ok(())
}
