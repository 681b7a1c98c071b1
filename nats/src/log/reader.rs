//! Reading of the log in order through the durable consumer `read-models`. After a gap, an error or a new link, the consumer is
//! reopened at the reader's position, so commits are neither lost nor repeated; so it is when the server has delivered what did not
//! arrive. If the log was replaced meanwhile, the reader fails.

use std::time::Duration;

use async_nats::jetstream::{Message, consumer::pull::Stream};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::watch;

use crate::{
    failure::Failure,
    log::envelope::Commit,
    server::{
        connection::{Connection, LinkChange},
        progress::{FETCH_HEARTBEAT, FETCH_LIFE, LostDeliveries, Rewind},
    },
    subjects::{EVENTS, consumers::READ_MODELS},
};

const DOING: &str = "following the log";
/// Limits of one fetch, in commits and in bytes. They bound the memory of a reader.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 8 << 20;

#[derive(Debug)]
pub(crate) struct Reader {
    connection: Connection,
    /// Position of the last message returned.
    after: u64,
    /// Payload of the message at `after`, once it has returned one.
    last: Option<Bytes>,
    open: Option<Open>,
    changes: watch::Receiver<LinkChange>,
}

struct Open {
    messages: Stream,
    link: Option<u64>,
    /// Consumer sequence of the last message.
    sequence: u64,
    lost: LostDeliveries,
}

impl Reader {
    pub async fn open(connection: &Connection, after: u64) -> Result<Self, Failure> {
        let changes = connection.link_changes();
        let connection = connection.clone();
        let mut reader = Self { connection, after, last: None, open: None, changes };
        reader.open = Some(reader.try_open().await?);
        Ok(reader)
    }

    /// Waits for the next commit and its message.
    ///
    /// # Errors
    ///
    /// [`Failure::OtherLog`] if the log was replaced by another one; [`Failure::Unreadable`] for a message that is not a
    /// commit.
    pub async fn next(&mut self) -> Result<(Commit, Message), Failure> {
        let (position, message) = self.next_message().await?;
        self.parse(position, message)
    }

    /// Returns the next commit if it has already arrived.
    pub fn ready(&mut self) -> Option<Result<(Commit, Message), Failure>> {
        let ready = self.ready_message()?;
        Some(ready.and_then(|(position, message)| self.parse(position, message)))
    }

    /// Waits for the next message and its position.
    async fn next_message(&mut self) -> Result<(u64, Message), Failure> {
        loop {
            if let Some(ready) = self.ready_message() {
                return ready;
            }
            let Some(open) = &mut self.open else {
                self.reopen().await?;
                continue;
            };
            tokio::select! {
                message = open.messages.next() => match message {
                    Some(Ok(message)) => {
                        if let Some(taken) = self.take(message) {
                            return taken;
                        }
                    }
                    Some(Err(error)) => {
                        tracing::debug!(%error, DOING);
                        self.open = None;
                    }
                    None => self.open = None,
                },
                () = open.lost.due() => {
                    if open.lost.found(&self.connection, EVENTS, READ_MODELS, open.sequence).await {
                        self.open = None;
                    }
                }
                changed = self.changes.changed() => {
                    changed.map_err(|_| Failure::Stopping)?;
                    let link = self.connection.link();
                    if link.is_some() && link != open.link {
                        self.open = None;
                    }
                }
            }
        }
    }

    fn ready_message(&mut self) -> Option<Result<(u64, Message), Failure>> {
        loop {
            match self.open.as_mut()?.messages.next().now_or_never()? {
                Some(Ok(message)) => {
                    if let Some(taken) = self.take(message) {
                        return Some(taken);
                    }
                }
                Some(Err(error)) => {
                    tracing::debug!(%error, DOING);
                    self.open = None;
                }
                None => self.open = None,
            }
        }
    }

    /// Returns the position of a message; `None` for a repeat, and after a gap, which closes the consumer.
    fn take(&mut self, message: Message) -> Option<Result<(u64, Message), Failure>> {
        let open = self.open.as_mut()?;
        let (sequence, position) = match message.info() {
            Ok(info) => (info.consumer_sequence, info.stream_sequence),
            Err(error) => return Some(Err(Failure::unreachable(DOING, error))),
        };
        if sequence != open.sequence + 1 {
            self.open = None;
            return None;
        }
        open.sequence = sequence;
        if position <= self.after {
            return None;
        }
        self.after = position;
        self.last = Some(message.payload.clone());
        Some(Ok((position, message)))
    }

    fn parse(&mut self, position: u64, message: Message) -> Result<(Commit, Message), Failure> {
        match Commit::parse(position, &message.subject, message.payload.clone()) {
            Ok(commit) => Ok((commit, message)),
            Err(error) => {
                // The next call reads the same message again.
                self.after = position - 1;
                self.last = None;
                self.open = None;
                Err(error.into())
            }
        }
    }

    async fn reopen(&mut self) -> Result<(), Failure> {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.try_open().await {
                Ok(open) => {
                    self.open = Some(open);
                    return Ok(());
                }
                Err(Failure::OtherLog) => return Err(Failure::OtherLog),
                Err(failure) => tracing::debug!(%failure, DOING),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    async fn try_open(&self) -> Result<Open, Failure> {
        let link = self.connection.link();
        if let Some(last) = &self.last {
            self.connection.expect_commit(self.after, last).await?;
        }
        let consumer = self.connection.rewound(EVENTS, READ_MODELS, Rewind::To(self.after + 1)).await?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(BATCH)
            .max_bytes_per_batch(BATCH_BYTES)
            .expires(FETCH_LIFE)
            .heartbeat(FETCH_HEARTBEAT)
            .messages()
            .await
            .map_err(|error| Failure::unreachable(DOING, error))?;
        Ok(Open { messages, link, sequence: 0, lost: LostDeliveries::new() })
    }
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open")
            .field("link", &self.link)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}
