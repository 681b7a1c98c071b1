//! The log on its way into tables: one task reads and decodes ahead while another writes. What is under way is bounded in
//! bytes.

use std::{ops::ControlFlow, sync::Arc};

use futures_util::StreamExt;
use ticketshow_nats::{Commit, Failure, InOrder, Log, LogMark, Recorded};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinHandle,
};

/// Payload that may be under way, in KiB: what is being written, and as much again being decoded.
const ROOM: u32 = 16 * 1024;
/// Commits taken from the log at once.
const CHUNK: usize = 128;

/// Some commits, decoded.
struct Chunk {
    events: Vec<Recorded>,
    last: LogMark,
    _room: OwnedSemaphorePermit,
}

/// Everything that had been decoded when the writer asked.
pub(crate) struct Batch(Vec<Chunk>);

/// Commits in order, read ahead.
pub(crate) struct Feed {
    chunks: mpsc::UnboundedReceiver<Result<Chunk, Failure>>,
    /// What ended the reading, once everything before it is given out.
    failed: Option<Failure>,
    projected: watch::Sender<u64>,
    reader: JoinHandle<()>,
}

/// The reader's end.
struct Decoder {
    chunks: mpsc::UnboundedSender<Result<Chunk, Failure>>,
    room: Arc<Semaphore>,
}

impl Decoder {
    /// Decodes commits and hands them on, as soon as there is room; breaks off after a failure or when nobody wants more.
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

    /// `None` for no commits at all.
    async fn decode(&self, commits: &[Commit]) -> Result<Option<Chunk>, Failure> {
        let Some(last) = commits.last() else { return Ok(None) };
        let bytes: usize = commits.iter().map(|commit| commit.payload.len()).sum();
        // What is larger than all the room may go alone.
        let needed = u32::try_from(bytes / 1024 + 1).map_or(ROOM, |needed| needed.min(ROOM));
        let room = Arc::clone(&self.room);
        let room = room.acquire_many_owned(needed).await.map_err(|_| Failure::Stopping)?;
        let mut events = Vec::with_capacity(commits.iter().map(Commit::len).sum());
        for commit in commits {
            events.extend(commit.events()?);
        }
        Ok(Some(Chunk { events, last: LogMark::of(last), _room: room }))
    }
}

impl Batch {
    pub fn events(&self) -> impl Iterator<Item = &Recorded> {
        self.0.iter().flat_map(|chunk| &chunk.events)
    }

    /// Its last commit.
    pub fn last(&self) -> &LogMark {
        &self.0.last().expect("a batch has a chunk, and a chunk a commit").last
    }
}

impl Feed {
    /// Everything that the consumer has, from now on.
    pub fn follow(mut consumer: InOrder) -> Self {
        Self::spawn(|decoder, mut projected| async move {
            loop {
                let commits = tokio::select! {
                    commits = consumer.next(CHUNK) => commits,
                    Ok(()) = projected.changed() => {
                        let position = *projected.borrow_and_update();
                        if let Err(failure) = consumer.ack_through(position).await {
                            tracing::debug!(%failure, "telling how far the tables are");
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

    /// The commits after one position up to another.
    pub fn stretch(log: &Log, after: u64, up_to: u64) -> Self {
        let mut commits = Box::pin(log.read(after, up_to).ready_chunks(CHUNK));
        Self::spawn(|decoder, _| async move {
            while let Some(commits) = commits.next().await {
                if decoder.pass_on(commits.into_iter().collect()).await.is_break() {
                    return;
                }
            }
        })
    }

    fn spawn<F>(read: impl FnOnce(Decoder, watch::Receiver<u64>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, chunks) = mpsc::unbounded_channel();
        let (projected, seen) = watch::channel(0);
        let decoder = Decoder { chunks: sender, room: Arc::new(Semaphore::new(ROOM as usize)) };
        Self { chunks, failed: None, projected, reader: tokio::spawn(read(decoder, seen)) }
    }

    /// What is there, as soon as there is something; `None` at the end of a stretch. Dropping the future loses nothing.
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

    /// Tells the reader how far the tables are.
    pub fn projected(&self, position: u64) {
        self.projected.send_replace(position);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.reader.abort();
    }
}
