//! Key-value buckets, compatible with the `nats kv` commands, with guarded writes and reads from the leader. An empty value
//! marks a removed key.

use std::time::Duration;

use async_nats::{
    HeaderMap,
    header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_TTL, NATS_ROLLUP},
};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;

use crate::{
    failure::{Failure, Meaning, meaning},
    server::{
        connection::Connection,
        requests::{PublishError, Stored},
    },
};

/// Longest wait for the acknowledgement of a write.
const PATIENCE: Duration = Duration::from_secs(5);
/// Lifetime of the mark of a removed key.
const REMOVED_LIFE: &str = "1h";
/// Error of JetStream for a message with a lifetime in a stream without them, which an older version created.
const NO_LIFETIMES: u64 = 10166;

#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    connection: Connection,
    name: &'static str,
}

/// A value and its revision.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub key: String,
    pub revision: u64,
    pub value: Bytes,
}

/// A write to a key.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub key: String,
    pub revision: u64,
    /// The key was removed.
    pub removed: bool,
}

/// Result of a guarded write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Stored,
    /// The key does not have the expected revision.
    Overtaken,
}

impl Bucket {
    pub fn new(connection: &Connection, name: &'static str) -> Self {
        Self { connection: connection.clone(), name }
    }

    /// Reads the latest value from the leader.
    pub async fn get(&self, key: &str) -> Result<Option<Entry>, Failure> {
        let query = json!({ "last_by_subj": self.subject(key) });
        let stored = self.connection.ask_leader("reading a bucket", &self.stream(), &query).await?;
        Ok(stored.and_then(|stored| self.entry(stored)))
    }

    /// Reads the value from any replica.
    pub async fn get_from_any_replica(&self, key: &str) -> Result<Option<Entry>, Failure> {
        let query = json!({ "last_by_subj": self.subject(key) });
        let stored = self.connection.ask_any_replica("reading a bucket", &self.stream(), &query).await?;
        Ok(stored.and_then(|stored| self.entry(stored)))
    }

    /// Lists all values whose keys match a filter, without missing any that was stored.
    pub async fn list(&self, filter: &str) -> Result<Vec<Entry>, Failure> {
        let subject = self.subject(filter);
        let stored = self.connection.newest_of_each("listing a bucket", &self.stream(), &subject).await?;
        Ok(stored.into_iter().filter_map(|stored| self.entry(stored)).collect())
    }

    /// Link over which the bucket is reached, as of [`Connection::link`].
    pub fn link(&self) -> Option<u64> {
        self.connection.link()
    }

    /// Returns a revision that no change since `time` precedes.
    pub async fn revision_at(&self, time: Timestamp) -> Result<u64, Failure> {
        self.connection.sequence_before("reading a bucket", &self.stream(), &self.subject(">"), time).await
    }

    /// Reads the next changes after a revision from any replica, in order, as far as they were not overwritten.
    pub async fn changes_after(&self, revision: u64) -> Result<Vec<Change>, Failure> {
        /// Changes per page.
        const PAGE: usize = 256;
        let (doing, all, next) = ("following a bucket", self.subject(">"), revision + 1);
        // Most often there is none, and this is the cheapest way to find out.
        let query = json!({ "seq": next, "next_by_subj": all });
        if self.connection.ask_any_replica(doing, &self.stream(), &query).await?.is_none() {
            return Ok(Vec::new());
        }
        let (page, _) = self.connection.page(doing, &self.stream(), &all, next, PAGE).await?;
        let prefix = self.subject("");
        let change = |Stored { sequence, subject, payload }: Stored| {
            let key = subject.strip_prefix(&prefix)?.to_owned();
            Some(Change { key, revision: sequence, removed: payload.is_empty() })
        };
        Ok(page.into_iter().filter_map(change).collect())
    }

    /// Writes a value unconditionally.
    pub async fn put(&self, key: &str, value: Bytes) -> Result<(), Failure> {
        self.publish(key, HeaderMap::new(), value).await.map(drop)
    }

    /// Replaces the value with `revision`; 0 creates the key.
    pub async fn replace(&self, key: &str, value: Bytes, revision: u64) -> Result<Written, Failure> {
        self.replace_for(key, value, revision, None).await
    }

    /// Replaces the value with `revision` by one that disappears after `life`, if it has one.
    pub async fn replace_for(
        &self,
        key: &str,
        value: Bytes,
        revision: u64,
        life: Option<&'static str>,
    ) -> Result<Written, Failure> {
        let mut headers = HeaderMap::new();
        if let Some(life) = life {
            headers.insert(NATS_MESSAGE_TTL, life);
        }
        // Of one length, because a full bucket refuses an entry that is longer than the one it replaces, headers included.
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, format!("{revision:019}"));
        self.publish(key, headers, value).await
    }

    /// Removes a key. Its mark is removed later.
    pub async fn remove(&self, key: &str) -> Result<(), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert("KV-Operation", "PURGE");
        headers.insert(NATS_ROLLUP, "sub");
        let lasting = headers.clone();
        headers.insert(NATS_MESSAGE_TTL, REMOVED_LIFE);
        match self.publish(key, headers, Bytes::new()).await {
            Err(Failure::Rejected { code: NO_LIFETIMES, .. }) => {
                self.publish(key, lasting, Bytes::new()).await
            }
            removed => removed,
        }
        .map(drop)
    }

    async fn publish(&self, key: &str, headers: HeaderMap, value: Bytes) -> Result<Written, Failure> {
        let doing = "writing a bucket";
        match self.connection.publish(doing, &self.subject(key), headers, value, PATIENCE).await {
            Ok(_) => Ok(Written::Stored),
            Err(PublishError::Refused(error)) => match meaning(&error) {
                Meaning::Overtaken => Ok(Written::Overtaken),
                Meaning::InFlight | Meaning::Rejected => Err(Failure::rejected(doing, error)),
            },
            Err(PublishError::Unanswered(failure)) => Err(failure),
        }
    }

    fn entry(&self, stored: Stored) -> Option<Entry> {
        let Stored { sequence, subject, payload } = stored;
        let key = subject.strip_prefix(&self.subject(""))?.to_owned();
        (!payload.is_empty()).then_some(Entry { key, revision: sequence, value: payload })
    }

    fn subject(&self, key: &str) -> String {
        format!("$KV.{}.{key}", self.name)
    }

    fn stream(&self) -> String {
        format!("KV_{}", self.name)
    }
}
