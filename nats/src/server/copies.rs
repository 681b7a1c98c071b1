//! Copies of streams in files, for backups: the server's own snapshots, which keep every sequence, and the places up to which
//! the durable consumers have acknowledged.

use std::{collections::BTreeMap, io, path::Path, time::Duration};

use async_nats::client::Request;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Value, json};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncWriteExt},
    time::Instant,
};

use crate::{
    failure::{ApiError, Failure},
    server::{connection::Connection, durables::durable_names, topology::stream_names},
    subjects::{AUDIT, AUDIT_ACTS, EVENTS, MAILS, PARKED, TIMERS, WEBHOOKS},
};

/// Stream of the bucket of persons' keys.
const KEYS_OF_PERSONS: &str = "KV_PERSONS";

/// Streams of a backup in the order in which they are copied: the log follows those that refer to its commits, so that none refers
/// to one beyond its end, and the keys of persons follow the log, so that none is missing. Snapshots can be made again, and
/// sessions end.
pub const COPIED: [&str; 8] = [AUDIT, AUDIT_ACTS, MAILS, PARKED, TIMERS, WEBHOOKS, EVENTS, KEYS_OF_PERSONS];

/// Size of the pieces in which a stream travels.
const CHUNK: usize = 128 * 1024;
/// Longest wait for one piece.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest wait for the server to check and open a restored stream.
const OPENING_MAX: Duration = Duration::from_mins(30);
/// Pause before a piece that nobody received is sent again.
const PAUSE: Duration = Duration::from_millis(50);
const COPYING: &str = "copying a stream";
const RESTORING: &str = "restoring a stream";

/// Description of a copied stream, which the server needs to restore it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StreamCopy {
    /// Name of the stream.
    pub name: String,
    /// Its configuration.
    config: Value,
    /// Its sequences and sizes.
    state: Value,
}

/// Sequences up to which each durable consumer has acknowledged everything, by stream and consumer.
pub type AckFloors = BTreeMap<String, BTreeMap<String, u64>>;

/// Reason a stream was not copied or restored.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// NATS is unavailable, or refused.
    #[error("NATS is unavailable")]
    Away(#[from] Failure),
    /// The file cannot be read or written.
    #[error("the file of {stream} cannot be used")]
    File {
        /// Name of the stream.
        stream: String,
        /// Error of the file system.
        #[source]
        source: io::Error,
    },
    /// Pieces of the copy were lost, or the server gave up.
    #[error("the copy of {stream} is incomplete: {reason}")]
    Incomplete {
        /// Name of the stream.
        stream: String,
        /// Description of the fault.
        reason: String,
    },
    /// The server has a stream already.
    #[error("the stream {0} exists already: restore into a new nats-server")]
    Exists(String),
}

/// Copies the streams of an installation to files and back.
#[derive(Debug, Clone)]
pub struct Copies {
    connection: Connection,
}

impl Copies {
    /// Creates an interface over `connection`. Copying and restoring need the provisioning user.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Returns how far each durable consumer of the copied streams has acknowledged. Read before copying, a floor is never
    /// beyond the copy.
    ///
    /// # Errors
    ///
    /// [`CopyError::Away`].
    pub async fn ack_floors(&self) -> Result<AckFloors, CopyError> {
        let mut floors = AckFloors::new();
        for (stream, consumer) in durable_names() {
            let floor = self.connection.progress(stream, &consumer).await?.ack_floor;
            floors.entry(stream.to_owned()).or_default().insert(consumer, floor);
        }
        Ok(floors)
    }

    /// Sets new consumers to where they were. A consumer without a floor, one of a newer version, begins with the first
    /// message.
    ///
    /// # Errors
    ///
    /// [`CopyError::Away`].
    pub async fn resume_after(&self, floors: &AckFloors) -> Result<(), CopyError> {
        for (stream, consumer) in durable_names() {
            let floor = floors.get(stream).and_then(|consumers| consumers.get(&consumer));
            let Some(floor) = floor.copied().filter(|floor| *floor > 0) else { continue };
            let subject = format!("CONSUMER.RESET.{stream}.{consumer}");
            let reset =
                self.connection.ask::<IgnoredAny>(RESTORING, &subject, &json!({ "seq": floor + 1 })).await?;
            reset.map_err(|error| Failure::rejected(RESTORING, error))?;
        }
        Ok(())
    }

    /// Returns `true` if the server has a stream: an installation of an earlier version may lack one.
    ///
    /// # Errors
    ///
    /// [`CopyError::Away`].
    pub async fn has(&self, stream: &str) -> Result<bool, CopyError> {
        Ok(self.connection.has_stream(stream).await?)
    }

    /// Writes a consistent copy of a stream to a new file, while it is in use.
    ///
    /// # Errors
    ///
    /// [`CopyError`]; the file is useless then.
    pub async fn copy(&self, stream: &str, path: &Path) -> Result<StreamCopy, CopyError> {
        #[derive(Deserialize)]
        struct Begun {
            config: Value,
            state: Value,
        }
        let file_error = |source| CopyError::File { stream: stream.to_owned(), source };
        let mut file = File::create_new(path).await.map_err(file_error)?;
        let client = self.connection.client();
        let inbox = client.new_inbox();
        let mut chunks = self.connection.call(COPYING, PATIENCE, client.subscribe(inbox.clone())).await?;
        let question = json!({ "deliver_subject": inbox, "no_consumers": true, "chunk_size": CHUNK });
        let begun = self.connection.ask(COPYING, &format!("STREAM.SNAPSHOT.{stream}"), &question).await?;
        let Begun { config, state } = begun.map_err(|error| Failure::rejected(COPYING, error))?;
        let incomplete = |reason: String| CopyError::Incomplete { stream: stream.to_owned(), reason };
        let mut received: u64 = 0;
        loop {
            let chunk = tokio::time::timeout(PATIENCE, chunks.next()).await;
            let Ok(Some(chunk)) = chunk else { return Err(incomplete("the server stopped sending".into())) };
            if chunk.payload.is_empty() {
                match chunk.status.filter(|status| status.as_u16() >= 400) {
                    Some(_) => return Err(incomplete(chunk.description.unwrap_or_default())),
                    None => break,
                }
            }
            file.write_all(&chunk.payload).await.map_err(file_error)?;
            // All but the last piece want an acknowledgement. Its subject ends with the number of the piece.
            let Some(acknowledge) = chunk.reply else { continue };
            received += 1;
            let number = acknowledge.rsplit('.').next().and_then(|number| number.parse().ok());
            if number != Some(received) {
                return Err(incomplete(format!("piece {received} is missing")));
            }
            self.connection.call(COPYING, PATIENCE, client.publish(acknowledge, Bytes::new())).await?;
        }
        file.sync_all().await.map_err(file_error)?;
        Ok(StreamCopy { name: stream.to_owned(), config, state })
    }

    /// Checks that the server has none of our streams.
    ///
    /// # Errors
    ///
    /// [`CopyError::Exists`] if it has one.
    pub async fn expect_new_server(&self) -> Result<(), CopyError> {
        for stream in stream_names() {
            let info = format!("STREAM.INFO.{stream}");
            if self.connection.ask::<IgnoredAny>(RESTORING, &info, &json!({})).await?.is_ok() {
                return Err(CopyError::Exists(stream));
            }
        }
        Ok(())
    }

    /// Creates a stream with this many replicas from its copy. The server refuses to do so over an existing one.
    ///
    /// # Errors
    ///
    /// [`CopyError`]; the stream does not exist then.
    pub async fn restore(&self, copy: &StreamCopy, path: &Path, replicas: usize) -> Result<(), CopyError> {
        #[derive(Deserialize)]
        struct Begun {
            deliver_subject: String,
        }
        let StreamCopy { name, config, state } = copy;
        let file_error = |source| CopyError::File { stream: name.clone(), source };
        let mut file = File::open(path).await.map_err(file_error)?;
        let mut config = config.clone();
        config["num_replicas"] = json!(replicas);
        let question = json!({ "config": config, "state": state });
        let begun = self.connection.ask(RESTORING, &format!("STREAM.RESTORE.{name}"), &question).await?;
        let Begun { deliver_subject } = begun.map_err(|error| Failure::rejected(RESTORING, error))?;
        loop {
            let mut chunk = BytesMut::with_capacity(CHUNK);
            while chunk.len() < CHUNK && file.read_buf(&mut chunk).await.map_err(file_error)? > 0 {}
            let is_last = chunk.is_empty();
            self.send_piece(&deliver_subject, &chunk.freeze(), is_last).await?;
            if is_last {
                return Ok(());
            }
        }
    }

    /// Sends one piece to the restoring server. In a cluster its answer can arrive before its subscription is known
    /// here, so a piece without a receiver is sent again.
    async fn send_piece(&self, subject: &str, piece: &Bytes, is_last: bool) -> Result<(), Failure> {
        let patience = if is_last { OPENING_MAX } else { PATIENCE };
        let deadline = Instant::now() + PATIENCE;
        loop {
            let request = Request::new().payload(piece.clone());
            let answer = match self.connection.request(RESTORING, subject.to_owned(), request, patience).await
            {
                Err(failure) if failure.has_no_responders() && Instant::now() < deadline => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                answer => answer?,
            };
            return refusal(&answer.payload);
        }
    }
}

/// Returns the error in an answer; pieces that were accepted have an empty one.
fn refusal(answer: &Bytes) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Answer {
        error: Option<ApiError>,
    }
    if answer.is_empty() {
        return Ok(());
    }
    let Answer { error } =
        serde_json::from_slice(answer).map_err(|error| Failure::unreachable(RESTORING, error))?;
    error.map_or(Ok(()), |error| Err(Failure::rejected(RESTORING, error)))
}
