//! Snapshots of long histories: the serialised state in chunks, in the bucket `SNAPSHOTS`. They only save time: a snapshot
//! that does not match the program or the log is ignored.
//!
//! Each aggregate has a head and two slots of chunks. A new snapshot is written to the unused slot, then the head is
//! switched, so a reader always finds a complete snapshot.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ticketshow_domain::Decider;
use uuid::Uuid;

use crate::{
    failure::Failure, kv::bucket::Bucket, log::loaded::Loaded, server::connection::Connection,
    subjects::SNAPSHOTS,
};

/// Largest chunk, in bytes.
const CHUNK: usize = 512 * 1024;
/// Histories shorter than this, in events, get no snapshot.
const EVENTS_MIN: u64 = 1_000;

/// The snapshots of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Snapshots(Bucket);

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: u16,
    position: u64,
    version: u64,
    commit: Uuid,
    slot: u8,
    chunks: usize,
    sha256: [u8; 32],
}

impl Snapshots {
    pub fn new(connection: &Connection) -> Self {
        Self(Bucket::new(connection, SNAPSHOTS))
    }

    /// Returns `true` for a long history that has grown by half since the last snapshot.
    pub fn is_due(version: u64, saved_version: u64) -> bool {
        version >= saved_version + EVENTS_MIN.max(saved_version / 2)
    }

    /// Saves a state.
    pub async fn save<A: Decider>(&self, id: &A::Id, loaded: Loaded<A>) -> Result<(), Failure> {
        const DOING: &str = "serialising a snapshot";
        let Loaded { state, position, version, commit } = loaded;
        let bytes = tokio::task::spawn_blocking(move || state.to_bytes())
            .await
            .map_err(|error| Failure::unreachable(DOING, error))?
            .map_err(|error| Failure::unreachable(DOING, error))?;
        let bytes = Bytes::from(bytes);
        let chunks = bytes.len().div_ceil(CHUNK);
        let slot = self.head::<A>(id).await?.map_or(0, |replaced| 1 - replaced.slot.min(1));
        for chunk in 0..chunks {
            let range = chunk * CHUNK..bytes.len().min((chunk + 1) * CHUNK);
            self.0.put(&chunk_key::<A>(id, slot, chunk), bytes.slice(range)).await?;
        }
        let sha256 = Sha256::digest(&bytes).into();
        let head = Head { format: A::STATE_FORMAT, position, version, commit, slot, chunks, sha256 };
        let head = serde_json::to_vec(&head).map_err(|error| Failure::unreachable(DOING, error))?;
        self.0.put(&head_key::<A>(id), head.into()).await
    }

    /// Loads the latest usable snapshot of an aggregate whose history has `version` events.
    pub async fn load<A: Decider>(&self, id: &A::Id, version: u64) -> Result<Option<Loaded<A>>, Failure> {
        if version < EVENTS_MIN {
            return Ok(None);
        }
        let Some(head) = self.head::<A>(id).await? else { return Ok(None) };
        if head.format != A::STATE_FORMAT || head.version > version {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(head.chunks * CHUNK);
        for chunk in 0..head.chunks {
            match self.0.get_from_any_replica(&chunk_key::<A>(id, head.slot, chunk)).await? {
                Some(entry) => bytes.extend_from_slice(&entry.value),
                None => return Ok(None),
            }
        }
        if <[u8; 32]>::from(Sha256::digest(&bytes)) != head.sha256 {
            return Ok(None);
        }
        let Ok(state) = A::of_bytes(&bytes) else { return Ok(None) };
        let Head { position, version, commit, .. } = head;
        Ok(Some(Loaded { state, position, version, commit }))
    }

    /// Removes snapshots of positions beyond the end of the log.
    pub async fn discard_beyond(&self, position: u64) -> Result<(), Failure> {
        for entry in self.0.list("*.*").await? {
            let head = serde_json::from_slice::<Head>(&entry.value);
            if head.is_ok_and(|head| head.position > position) {
                self.0.remove(&entry.key).await?;
            }
        }
        Ok(())
    }

    async fn head<A: Decider>(&self, id: &A::Id) -> Result<Option<Head>, Failure> {
        let entry = self.0.get_from_any_replica(&head_key::<A>(id)).await?;
        Ok(entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()))
    }
}

fn head_key<A: Decider>(id: &A::Id) -> String {
    format!("{}.{id}", A::TYPE)
}

fn chunk_key<A: Decider>(id: &A::Id, slot: u8, chunk: usize) -> String {
    format!("{}.{id}.{slot}.{chunk}", A::TYPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_history_needs_no_snapshot() {
        assert!(!Snapshots::is_due(999, 0));
        assert!(Snapshots::is_due(1_000, 0));
    }

    #[test]
    fn a_long_history_is_saved_whenever_it_has_grown_by_half() {
        assert!(!Snapshots::is_due(14_999, 10_000));
        assert!(Snapshots::is_due(15_000, 10_000));
    }
}
