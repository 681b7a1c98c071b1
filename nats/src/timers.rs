//! Timers that outlive processes: scheduled messages in the stream `TIMERS`. One a kind and id; a timer fires at least
//! once, a moment late, and never early.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{Connection, Failure, Verdict};

/// The timers of an installation.
#[derive(Debug, Clone)]
pub struct Timers {
    _connection: Connection,
}

impl Timers {
    /// Those of one connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { _connection: connection.clone() }
    }

    /// Arms a timer, in place of the one that was armed for the same kind and id. A moment that has passed fires at once.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not be armed.
    pub async fn arm(&self, _kind: &'static str, _id: &str, _at: Timestamp) -> Result<(), Failure> {
        unimplemented!()
    }

    /// Disarms a timer. One that fires this very moment may still fire.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still be armed.
    pub async fn cancel(&self, _kind: &'static str, _id: &str) -> Result<(), Failure> {
        unimplemented!()
    }

    /// Calls `fired` with the id of every timer of a kind that fires, until `stop`. One process at a time may do this.
    /// `Retry` calls again later; `Park` is logged and gives the timer up.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the consumer cannot be had; from then on it mends itself.
    pub async fn run<F, Fut>(
        &self,
        _kind: &'static str,
        _fired: F,
        _stop: CancellationToken,
    ) -> Result<(), Failure>
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Verdict> + Send + 'static,
    {
        unimplemented!()
    }
}
