//! Messages that a process could not handle: shown to the administrator, tried again or dropped.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Connection, Failure};

/// What a parked message is known by: the consumer that parked it and the position of the commit. Written
/// `payment-1234`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ParkedId {
    /// The durable consumer.
    pub consumer: String,
    /// Position of the commit in the log.
    pub position: u64,
}

impl fmt::Display for ParkedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.consumer, self.position)
    }
}

impl FromStr for ParkedId {
    type Err = NotAParkedId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotAParkedId(text.to_owned());
        let (consumer, position) = text.rsplit_once('-').ok_or_else(wrong)?;
        Ok(Self { consumer: consumer.to_owned(), position: position.parse().map_err(|_| wrong())? })
    }
}

impl TryFrom<String> for ParkedId {
    type Error = NotAParkedId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ParkedId> for String {
    fn from(id: ParkedId) -> Self {
        id.to_string()
    }
}

/// A text that is no id of a parked message.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not the id of a parked message")]
pub struct NotAParkedId(String);

/// A commit that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedMessage {
    /// Its id.
    pub id: ParkedId,
    /// Type of the aggregate.
    pub aggregate: String,
    /// Id of the aggregate.
    pub aggregate_id: String,
    /// Why, from the outermost error to its cause.
    pub error: Vec<String>,
    /// How often it was handled in vain; 0 for one that only waits behind another of the same aggregate.
    pub attempts: u32,
    /// Since when.
    pub parked_at: Timestamp,
}

/// The parked messages of all consumers.
#[derive(Debug, Clone)]
pub struct Parked {
    _connection: Connection,
}

impl Parked {
    /// Those of one connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { _connection: connection.clone() }
    }

    /// The oldest `max` after the one called `after`, in the order they were parked.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn list(&self, _after: Option<&ParkedId>, _max: usize) -> Result<Vec<ParkedMessage>, Failure> {
        unimplemented!()
    }

    /// One of them, if it is still parked.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn get(&self, _id: &ParkedId) -> Result<Option<ParkedMessage>, Failure> {
        unimplemented!()
    }

    /// Asks for another try, of this message and those of its aggregate that wait behind it, in order. Answered once the
    /// try is queued; whether it worked is seen in the list. `false`: no such message is parked.
    ///
    /// # Errors
    ///
    /// [`Failure::Away`] if nobody works off the consumer now.
    pub async fn retry(&self, _id: &ParkedId) -> Result<bool, Failure> {
        unimplemented!()
    }

    /// Gives a message up for good; what waited behind it goes on. `false`: no such message is parked.
    ///
    /// # Errors
    ///
    /// [`Failure::Away`] if nobody works off the consumer now.
    pub async fn drop(&self, _id: &ParkedId) -> Result<bool, Failure> {
        unimplemented!()
    }
}
