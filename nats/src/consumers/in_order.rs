//! The durable consumer `read-models`: every commit in order, in batches, acknowledged once projected.

use std::collections::VecDeque;

use async_nats::jetstream::Message;

use crate::{
    failure::Failure,
    log::{envelope::Commit, reader::Reader},
    server::connection::Connection,
};

/// Reader of every commit of the log in order. Only one process at a time may use it.
#[derive(Debug)]
pub struct InOrder {
    reader: Reader,
    /// Last message of each batch that is not acknowledged yet.
    unacknowledged: VecDeque<(u64, Message)>,
}

/// Opens the durable consumer `read-models`, moved to the first commit after `after` from any earlier position.
///
/// # Errors
///
/// [`Failure`] if it cannot be opened.
pub async fn read_models_consumer(connection: &Connection, after: u64) -> Result<InOrder, Failure> {
    let reader = Reader::open(connection, after).await?;
    Ok(InOrder { reader, unacknowledged: VecDeque::new() })
}

impl InOrder {
    /// Waits for the next commit, then returns all that have arrived, `max` at most and never none. Recovers from
    /// reconnects by itself, without gaps and without repeats. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`] for a message that is not a commit: the reader must stop. Others are worth retrying.
    pub async fn next(&mut self, max: usize) -> Result<Vec<Commit>, Failure> {
        let (first, mut last) = self.reader.next().await?;
        let mut batch = vec![first];
        while batch.len() < max {
            match self.reader.ready() {
                Some(Ok((commit, message))) => {
                    batch.push(commit);
                    last = message;
                }
                // It comes again as the first of the next batch.
                Some(Err(_)) | None => break,
            }
        }
        if let Some(commit) = batch.last() {
            self.unacknowledged.push_back((commit.position, last));
        }
        Ok(batch)
    }

    /// Acknowledges everything up to `position`, for `nats consumer report`. Readers resume from their own checkpoint, so
    /// correctness does not depend on this.
    ///
    /// # Errors
    ///
    /// [`Failure`], which may be ignored.
    pub async fn ack_through(&mut self, position: u64) -> Result<(), Failure> {
        let mut done = None;
        while let Some((_, message)) = self.unacknowledged.pop_front_if(|(last, _)| *last <= position) {
            done = Some(message);
        }
        match done {
            Some(message) => message
                .ack()
                .await
                .map_err(|error| Failure::unreachable("acknowledging projected commits", error)),
            None => Ok(()),
        }
    }
}
