//! Snapshots of long histories: the serialised state in chunks, in the bucket `SNAPSHOTS`. Only a shortcut: one that does
//! not fit the program or the log is passed over.

use async_nats::jetstream::kv;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ticketshow_domain::Decider;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::{Connection, Failure, store::Loaded, subjects::SNAPSHOTS};

/// Largest chunk, in bytes.
const CHUNK: usize = 512 * 1024;
/// Histories shorter than this, in events, are simply read.
const EVENTS_MIN: u64 = 1_000;

/// The snapshots of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Snapshots {
    connection: Connection,
    bucket: std::sync::Arc<OnceCell<kv::Store>>,
}

/// A state that was saved.
pub(crate) struct Snapshot<A> {
    pub loaded: Loaded<A>,
    /// The commit at the position, to tell this log from another.
    pub commit: Uuid,
}

/// What is kept about a snapshot; written after its chunks, so that a half-written one is never found.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: u16,
    position: u64,
    version: u64,
    commit: Uuid,
    chunks: usize,
    sha256: Vec<u8>,
}

impl Snapshots {
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone(), bucket: std::sync::Arc::default() }
    }

    /// Whether a snapshot pays: long histories, and each time they have grown by half.
    pub fn is_due(version: u64, saved_version: u64) -> bool {
        version >= EVENTS_MIN && version - saved_version >= EVENTS_MIN.max(saved_version / 2)
    }

    /// Saves a state.
    pub async fn save<A: Decider>(&self, id: &A::Id, snapshot: Snapshot<A>) -> Result<(), Failure> {
        let Snapshot { loaded: Loaded { state, position, version }, commit } = snapshot;
        let away = Failure::away("serialising a snapshot");
        let bytes = tokio::task::spawn_blocking(move || postcard::to_stdvec(&state))
            .await
            .map_err(|source| Failure::away("serialising a snapshot")(source.into()))?
            .map_err(|source| away(source.into()))?;
        let bytes = Bytes::from(bytes);
        let chunks = bytes.len().div_ceil(CHUNK);
        for chunk in 0..chunks {
            let range = chunk * CHUNK..bytes.len().min((chunk + 1) * CHUNK);
            self.put(&chunk_key::<A>(id, position, chunk), bytes.slice(range)).await?;
        }
        let sha256 = Sha256::digest(&bytes).to_vec();
        let head = Head { format: A::STATE_FORMAT, position, version, commit, chunks, sha256 };
        let head =
            serde_json::to_vec(&head).map_err(|source| Failure::away("writing a snapshot")(source.into()))?;
        let replaced = self.head::<A>(id).await?;
        self.put(&head_key::<A>(id), head.into()).await?;
        if let Some(old) = replaced.filter(|old| old.position != position) {
            for chunk in 0..old.chunks {
                self.delete(&chunk_key::<A>(id, old.position, chunk)).await?;
            }
        }
        Ok(())
    }

    /// The latest snapshot of an aggregate whose history has `version` events, if there is one that fits.
    pub async fn load<A: Decider>(&self, id: &A::Id, version: u64) -> Result<Option<Snapshot<A>>, Failure> {
        if version < EVENTS_MIN {
            return Ok(None);
        }
        let Some(head) = self.head::<A>(id).await? else { return Ok(None) };
        if head.format != A::STATE_FORMAT || head.version > version {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(head.chunks * CHUNK);
        for chunk in 0..head.chunks {
            let Some(chunk) = self.get(&chunk_key::<A>(id, head.position, chunk)).await? else {
                return Ok(None);
            };
            bytes.extend_from_slice(&chunk);
        }
        if Sha256::digest(&bytes)[..] != head.sha256[..] {
            return Ok(None);
        }
        let Ok(state) = postcard::from_bytes(&bytes) else { return Ok(None) };
        let loaded = Loaded { state, position: head.position, version: head.version };
        Ok(Some(Snapshot { loaded, commit: head.commit }))
    }

    async fn head<A: Decider>(&self, id: &A::Id) -> Result<Option<Head>, Failure> {
        let bytes = self.get(&head_key::<A>(id)).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, Failure> {
        self.bucket()
            .await?
            .get(key)
            .await
            .map_err(|source| Failure::away("reading a snapshot")(source.into()))
    }

    async fn put(&self, key: &str, value: Bytes) -> Result<(), Failure> {
        let put = self.bucket().await?.put(key, value).await;
        put.map(drop).map_err(|source| Failure::away("writing a snapshot")(source.into()))
    }

    async fn delete(&self, key: &str) -> Result<(), Failure> {
        let deleted = self.bucket().await?.purge(key).await;
        deleted.map_err(|source| Failure::away("removing an old snapshot")(source.into()))
    }

    async fn bucket(&self) -> Result<&kv::Store, Failure> {
        let open = || self.connection.context().get_key_value(SNAPSHOTS);
        self.bucket
            .get_or_try_init(open)
            .await
            .map_err(|source| Failure::away("opening the bucket of snapshots")(source.into()))
    }
}

fn head_key<A: Decider>(id: &A::Id) -> String {
    format!("{}.{id}.head", A::TYPE)
}

fn chunk_key<A: Decider>(id: &A::Id, position: u64, chunk: usize) -> String {
    format!("{}.{id}.{position}.{chunk}", A::TYPE)
}
