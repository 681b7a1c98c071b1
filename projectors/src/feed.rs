//! Pipeline of commits into tables: one task reads and decodes ahead while another writes. The payload in flight is bounded.

use std::{ops::ControlFlow, sync::Arc};

use futures_util::StreamExt;
use ticketshow_nats::{
    consumers::in_order::InOrder,
    failure::Failure,
    guard::log_guard::LogMark,
    kv::persons::Persons,
    log::{
        envelope::{Commit, RecordedEvent},
        history::Log,
    },
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinHandle,
};

use crate::unsealed::unseal;

/// Payload in flight, in KiB: shared by the batch being written and the commits being decoded.
const ROOM: u32 = 16 * 1024;
/// Commits read from the log at once.
const CHUNK: usize = 128;

/// Decoded commits.
struct Chunk {
    events: Vec<RecordedEvent>,
    last: LogMark,
    _room: OwnedSemaphorePermit,
}

/// Everything decoded by the time the writer asks.
pub(crate) struct Batch(Vec<Chunk>);

/// Commits in order, read ahead.
pub(crate) struct Feed {
    chunks: mpsc::UnboundedReceiver<Result<Chunk, Failure>>,
    /// The failure that ended the reading; returned after everything before it.
    failed: Option<Failure>,
    projected: watch::Sender<u64>,
    reader: JoinHandle<()>,
}

/// The sending side.
struct Decoder {
    chunks: mpsc::UnboundedSender<Result<Chunk, Failure>>,
    room: Arc<Semaphore>,
    persons: Persons,
}

impl Decoder {
    /// Decodes commits and passes them on as soon as there is room; breaks after a failure or if the receiver is gone.
    async fn pass_on(&self, commits: Result<Vec<Commit>, Failure>) -> ControlFlow<()> {
        let chunk = match commits {
            Ok(commits) => self.decode(&commits).await,
            Err(failure) => Err(failure),
        };
        let Some(chunk) = chunk.transpose() else { return ControlFlow::Continue(()) };
        let goes_on = chunk.is_ok();
        match self.chunks.send(chunk) {
            Ok(()) if goes_on => ControlFlow::Continue(()),
            Ok(()) | Err(_) => ControlFlow::Break(()),
        }
    }

    /// Returns `None` for an empty list.
    async fn decode(&self, commits: &[Commit]) -> Result<Option<Chunk>, Failure> {
        let Some(last) = commits.last() else { return Ok(None) };
        let bytes: usize = commits.iter().map(|commit| commit.payload.len()).sum();
        // A chunk larger than the whole room goes alone.
        let needed = u32::try_from(bytes / 1024 + 1).map_or(ROOM, |needed| needed.min(ROOM));
        let room = Arc::clone(&self.room);
        let room = room.acquire_many_owned(needed).await.map_err(|_| Failure::Stopping)?;
        let mut events = Vec::with_capacity(commits.iter().map(Commit::len).sum());
        for commit in commits {
            events.extend(commit.events()?);
        }
        unseal(&self.persons, &mut events).await?;
        Ok(Some(Chunk { events, last: LogMark::of(last), _room: room }))
    }
}

impl Batch {
    pub fn events(&self) -> impl Iterator<Item = &RecordedEvent> {
        self.0.iter().flat_map(|chunk| &chunk.events)
    }

    /// The last commit.
    pub fn last(&self) -> &LogMark {
        &self.0.last().expect("a batch has a chunk, and a chunk a commit").last
    }
}

impl Feed {
    /// Follows a consumer.
    pub fn follow(mut consumer: InOrder, persons: Persons) -> Self {
        Self::spawn(persons, |decoder, mut projected| async move {
            loop {
                let commits = tokio::select! {
                    commits = consumer.next(CHUNK) => commits,
                    Ok(()) = projected.changed() => {
                        let position = *projected.borrow_and_update();
                        if let Err(failure) = consumer.ack_through(position).await {
                            tracing::debug!(%failure, "acknowledging projected commits failed");
                        }
                        continue;
                    }
                };
                if decoder.pass_on(commits).await.is_break() {
                    return;
                }
            }
        })
    }

    /// Reads the commits after one position, up to and including another.
    pub fn stretch(log: &Log, persons: Persons, after: u64, up_to: u64) -> Self {
        let mut commits = Box::pin(log.read(after, up_to).ready_chunks(CHUNK));
        Self::spawn(persons, |decoder, _| async move {
            while let Some(commits) = commits.next().await {
                if decoder.pass_on(commits.into_iter().collect()).await.is_break() {
                    return;
                }
            }
        })
    }

    fn spawn<F>(persons: Persons, read: impl FnOnce(Decoder, watch::Receiver<u64>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, chunks) = mpsc::unbounded_channel();
        let (projected, seen) = watch::channel(0);
        let decoder = Decoder { chunks: sender, room: Arc::new(Semaphore::new(ROOM as usize)), persons };
        Self { chunks, failed: None, projected, reader: tokio::spawn(read(decoder, seen)) }
    }

    /// Waits for commits and returns all that are ready; `None` at the end of a stretch. Cancel safe.
    ///
    /// # Errors
    ///
    /// The [`Failure`] that ended the reading.
    pub async fn next(&mut self) -> Option<Result<Batch, Failure>> {
        if let Some(failure) = self.failed.take() {
            return Some(Err(failure));
        }
        let mut batch = match self.chunks.recv().await? {
            Ok(chunk) => vec![chunk],
            Err(failure) => return Some(Err(failure)),
        };
        while let Ok(next) = self.chunks.try_recv() {
            match next {
                Ok(chunk) => batch.push(chunk),
                Err(failure) => self.failed = Some(failure),
            }
        }
        Some(Ok(Batch(batch)))
    }

    /// Reports the position of the tables to the reader, which acknowledges it.
    pub fn projected(&self, position: u64) {
        self.projected.send_replace(position);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.reader.abort();
    }
}
