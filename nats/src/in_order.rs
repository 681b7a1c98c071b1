//! The durable consumer `read-models`: every commit in order, in batches, acknowledged once it is projected.

use std::collections::VecDeque;

use async_nats::jetstream::Message;

use crate::{
    Commit, Connection, Failure,
    reader::{Reader, Through},
};

/// Every commit of the log in order. One process at a time may have it.
#[derive(Debug)]
pub struct InOrder {
    reader: Reader,
    /// The last message of each batch that is not acknowledged.
    given: VecDeque<(u64, Message)>,
}

/// The durable consumer `read-models`, moved to the first commit after `after` wherever it stood.
///
/// # Errors
///
/// [`Failure`] if it cannot be had.
pub async fn read_models_consumer(connection: &Connection, after: u64) -> Result<InOrder, Failure> {
    let reader = Reader::open(connection, Through::ReadModels, after).await?;
    Ok(InOrder { reader, given: VecDeque::new() })
}

impl InOrder {
    /// The next commits: waits until there is one, then gives what is there at once, `max` at most. Never empty. Mends
    /// itself after reconnects, without gaps and without repeats. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`] at a message that is no commit: the reader must stop. Others are worth retrying.
    pub async fn next(&mut self, max: usize) -> Result<Vec<Commit>, Failure> {
        let (first, mut last) = self.reader.next().await?;
        let mut batch = vec![first];
        while batch.len() < max {
            match self.reader.ready() {
                Some(Ok((commit, message))) => {
                    batch.push(commit);
                    last = message;
                }
                // It will be met again, first in its batch.
                Some(Err(_)) | None => break,
            }
        }
        if let Some(commit) = batch.last() {
            self.given.push_back((commit.position, last));
        }
        Ok(batch)
    }

    /// Tells the server that everything up to `position` is projected, for `nats consumer report`. Where to go on is the
    /// caller's own checkpoint, so that nothing depends on it.
    ///
    /// # Errors
    ///
    /// [`Failure`]; may be ignored.
    pub async fn ack_through(&mut self, position: u64) -> Result<(), Failure> {
        let mut done = None;
        while let Some((_, message)) = self.given.pop_front_if(|(last, _)| *last <= position) {
            done = Some(message);
        }
        match done {
            Some(message) => {
                message.ack().await.map_err(|error| Failure::away("acknowledging what is projected", error))
            }
            None => Ok(()),
        }
    }
}
