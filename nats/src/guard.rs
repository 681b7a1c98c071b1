//! The log guard: keeps writers away from a log that went backwards, by comparing it with how far it had been projected.

use std::error::Error;

use tokio_util::sync::CancellationToken;

use crate::{Commit, Connection, Failure, Gate};

/// The furthest commit that was ever projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogMark {
    /// Its position.
    pub position: u64,
    /// SHA-256 of its payload.
    pub sha256: [u8; 32],
}

impl LogMark {
    /// The mark that a commit leaves.
    #[must_use]
    pub fn of(_commit: &Commit) -> Self {
        unimplemented!()
    }
}

/// Drives `gate` until `stop`: compares the log with the mark at start and after every reconnect, and again and again
/// while they do not agree. `mark` reads the mark from where the read models keep it; none yet means a new log.
pub async fn guard_log<F, Fut>(_connection: &Connection, _gate: &Gate, _mark: F, _stop: CancellationToken)
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<Option<LogMark>, Box<dyn Error + Send + Sync>>> + Send,
{
    unimplemented!()
}

/// Makes NATS fit a log that was accepted as it is, up to its last position `at`: snapshots from beyond are discarded and
/// consumers that stood beyond are set back. The caller then replaces the mark. Needs the provisioning user.
///
/// # Errors
///
/// [`AcceptError`].
pub async fn accept_log(_connection: &Connection, _at: u64) -> Result<(), AcceptError> {
    unimplemented!()
}

/// Why a log was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The position given is not the end of the log: somebody looked at another log, or it is being written to.
    #[error("the log ends at {last}, not at {at}")]
    NotTheEnd {
        /// What was given.
        at: u64,
        /// Where it ends.
        last: u64,
    },
    /// NATS is away. Worth repeating.
    #[error("NATS is away")]
    Away(#[from] Failure),
}
