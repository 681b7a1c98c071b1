//! The durable consumer `read-models`: every commit in order, in batches, acknowledged once it is projected.

use crate::{Commit, Connection, Failure};

/// Every commit of the log in order. One process at a time may have it.
#[derive(Debug)]
pub struct InOrder {}

/// The durable consumer `read-models`, moved to the first commit after `after` wherever it stood.
///
/// # Errors
///
/// [`Failure`] if it cannot be had.
pub async fn read_models_consumer(_connection: &Connection, _after: u64) -> Result<InOrder, Failure> {
    unimplemented!()
}

impl InOrder {
    /// The next commits: waits until there is one, then gives what is there at once, `max` at most. Never empty. Mends
    /// itself after reconnects, without gaps and without repeats. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`] at a message that is no commit: the reader must stop. Others are worth retrying.
    pub async fn next(&mut self, _max: usize) -> Result<Vec<Commit>, Failure> {
        unimplemented!()
    }

    /// Tells the server that everything up to `position` is projected, for `nats consumer report`. Where to go on is the
    /// caller's own checkpoint, so that nothing depends on it.
    ///
    /// # Errors
    ///
    /// [`Failure`]; may be ignored.
    pub async fn ack_through(&mut self, _position: u64) -> Result<(), Failure> {
        unimplemented!()
    }
}
