//! Whether this process may write: the log guard opens and shuts it, the executor asks it before every append.

use std::time::Duration;

use tokio::sync::watch;

/// How long a writer waits while the guard is looking.
const PATIENCE: Duration = Duration::from_secs(2);

/// A gate before all appends of a process.
#[derive(Debug, Clone)]
pub struct Gate(watch::Sender<Shut>);

/// Why writers wait, or must not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// They may write.
    Open,
    /// The guard has not compared the log yet, at start or after a reconnect.
    Checking,
    /// The log is shorter than it was, or another one. Stays so until an administrator decides.
    Diverged {
        /// The position that the read models had seen.
        seen: u64,
        /// The last position of the log.
        last: u64,
    },
}

impl Gate {
    /// A gate that is shut until a guard opens it.
    #[must_use]
    pub fn checking() -> Self {
        Self(watch::Sender::new(Shut::Checking))
    }

    /// A gate that no guard watches: for tools and tests that have a log of their own.
    #[must_use]
    pub fn open() -> Self {
        Self(watch::Sender::new(Shut::Open))
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> Shut {
        *self.0.borrow()
    }

    /// Opens or shuts it.
    pub fn set(&self, state: Shut) {
        self.0.send_replace(state);
    }

    /// Waits a little while the guard is looking; then tells where the gate stands.
    pub async fn settled(&self) -> Shut {
        let mut watched = self.0.subscribe();
        let looked = tokio::time::timeout(PATIENCE, watched.wait_for(|state| *state != Shut::Checking)).await;
        match looked {
            Ok(Ok(state)) => *state,
            Ok(Err(_)) | Err(_) => Shut::Checking,
        }
    }
}
