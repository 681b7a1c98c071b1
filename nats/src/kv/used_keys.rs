//! Idempotency-Keys of calls whose repeats no aggregate recognises, because the target of the call is in its body. They are kept in the
//! bucket `REQUESTS` for a day.

use bytes::Bytes;
use ticketshow_domain::Fingerprint;
use uuid::Uuid;

use crate::{failure::Failure, kv::bucket::Bucket, server::connection::Connection, subjects::REQUESTS};

/// The keys of an installation.
#[derive(Debug, Clone)]
pub struct UsedKeys(Bucket);

impl UsedKeys {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self(Bucket::new(connection, REQUESTS))
    }

    /// Returns the fingerprint of the call that used a key. `id` is derived from the key, the caller and the route.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn get(&self, id: Uuid) -> Result<Option<Fingerprint>, Failure> {
        let entry = self.0.get(&key(id)).await?;
        Ok(entry.map(|entry| Fingerprint(String::from_utf8_lossy(&entry.value).into_owned())))
    }

    /// Stores the fingerprint of a call that was carried out.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been stored.
    pub async fn keep(&self, id: Uuid, fingerprint: Fingerprint) -> Result<(), Failure> {
        self.0.put(&key(id), Bytes::from(fingerprint.0)).await
    }
}

fn key(id: Uuid) -> String {
    format!("used-key.{id}")
}
