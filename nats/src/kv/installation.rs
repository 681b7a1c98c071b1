//! Mark of the installation: a fingerprint of its secret, stored by the first service that starts. A service with another secret
//! would create a second account per address and refuse the tickets of the others.

use crate::{
    failure::Failure,
    kv::bucket::{Bucket, Written},
    server::connection::Connection,
    subjects::INSTALLATION,
};

const KEY: &str = "secret";

/// Access to the mark.
#[derive(Debug, Clone)]
pub struct Installation(Bucket);

impl Installation {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self(Bucket::new(connection, INSTALLATION))
    }

    /// Returns `true` if the installation has this mark, and `None` if it has none yet.
    ///
    /// # Errors
    ///
    /// [`Failure`] if NATS does not answer.
    pub async fn has(&self, mark: &str) -> Result<Option<bool>, Failure> {
        let stored = self.0.get(KEY).await?;
        Ok(stored.map(|entry| entry.value == mark.as_bytes()))
    }

    /// Stores the mark of an installation that has none. Returns `false` if it has another one.
    ///
    /// # Errors
    ///
    /// [`Failure`] if NATS does not answer.
    pub async fn mark(&self, mark: &str) -> Result<bool, Failure> {
        match self.0.replace(KEY, mark.to_owned().into(), 0).await? {
            Written::Stored => Ok(true),
            Written::Overtaken => Ok(self.has(mark).await? == Some(true)),
        }
    }
}
