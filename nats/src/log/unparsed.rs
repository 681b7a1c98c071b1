//! Commits for readers that need few of those they follow: parsing costs more than reading the subject.

use bytes::Bytes;

use crate::{failure::Failure, log::envelope::Commit};

/// A commit of the log that is parsed on demand.
#[derive(Debug, Clone)]
pub struct UnparsedCommit {
    /// Position in the log.
    pub position: u64,
    subject: String,
    payload: Bytes,
}

impl UnparsedCommit {
    pub(crate) fn new(position: u64, subject: String, payload: Bytes) -> Self {
        Self { position, subject, payload }
    }

    /// Subject on which it is stored.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Commit as stored.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Id of the aggregate, from the subject.
    #[must_use]
    pub fn id(&self) -> &str {
        self.subject.rsplit('.').next().unwrap_or_default()
    }

    /// Parses the commit.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`] if it is not a commit. The reader must stop.
    pub fn parse(&self) -> Result<Commit, Failure> {
        Ok(Commit::parse(self.position, &self.subject, self.payload.clone())?)
    }
}
