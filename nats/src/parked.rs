//! Messages that a process could not handle: shown to the administrator, tried again or dropped.
//!
//! They are kept in the stream `PARKED`, one subject a message. One that is settled is replaced by a last word that
//! expires. Only the process that works off the consumer settles: it is asked over core NATS.

use std::{error::Error, fmt, str::FromStr, time::Duration};

use async_nats::{HeaderMap, client::Request, header::NATS_MESSAGE_TTL};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Connection, Failure,
    requests::PublishError,
    subjects::{PARKED, is_token},
};

/// How long a question may wait for its answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the last word on a parked message is kept.
const LAST_WORD_LIFE: &str = "720h";

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

impl ParkedId {
    fn subject(&self) -> String {
        format!("parked.{}.{}", self.consumer, self.position)
    }
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
        if !is_token(consumer) {
            return Err(wrong());
        }
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

/// The messages of an error and of what caused it.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| Error::source(*error))
        .map(ToString::to_string)
        .collect()
}

/// How a parked message was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Settled {
    /// Another try worked.
    Handled,
    /// A person gave it up.
    Dropped,
}

/// What can be asked of the process that works off a consumer, and what it answers.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Question {
    pub ask: Ask,
    pub position: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    Retry,
    Drop,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub found: bool,
}

/// Where the process that works off a consumer is asked.
pub(crate) fn door(consumer: &str) -> String {
    format!("tixctl.parked.{consumer}")
}

#[derive(Serialize, Deserialize)]
struct Record {
    #[serde(flatten)]
    message: ParkedMessage,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settled: Option<Settled>,
}

/// The parked messages of all consumers.
#[derive(Debug, Clone)]
pub struct Parked {
    connection: Connection,
}

impl Parked {
    /// Those of one connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// The oldest `max` after the one called `after`, in the order of their commits.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn list(&self, after: Option<&ParkedId>, max: usize) -> Result<Vec<ParkedMessage>, Failure> {
        let place = |id: &ParkedId| (id.position, id.consumer.clone());
        let after = after.map(place);
        let mut list = self.of("*").await?;
        list.retain(|message| after.as_ref().is_none_or(|after| place(&message.id) > *after));
        list.sort_by_cached_key(|message| place(&message.id));
        list.truncate(max);
        Ok(list)
    }

    /// All parked messages of a consumer.
    pub(crate) async fn of(&self, consumer: &str) -> Result<Vec<ParkedMessage>, Failure> {
        let subject = format!("parked.{consumer}.*");
        let all = self.connection.all_after("listing what is parked", PARKED, &subject, 0).await?;
        Ok(all.iter().filter_map(|stored| read(&stored.payload)).collect())
    }

    /// One of them, if it is still parked.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn get(&self, id: &ParkedId) -> Result<Option<ParkedMessage>, Failure> {
        let which = json!({ "last_by_subj": id.subject() });
        let stored = self.connection.ask_leader("reading what is parked", PARKED, &which).await?;
        Ok(stored.and_then(|stored| read(&stored.payload)))
    }

    /// Asks for another try, of this message and those of its aggregate that wait with it, oldest first. Answered once the
    /// try is queued; whether it worked is seen in the list. `false`: no such message is parked.
    ///
    /// # Errors
    ///
    /// [`Failure::Away`] if nobody works off the consumer now.
    pub async fn retry(&self, id: &ParkedId) -> Result<bool, Failure> {
        self.ask(id, Ask::Retry).await
    }

    /// Gives a message up for good; what waited behind it goes on. `false`: no such message is parked.
    ///
    /// # Errors
    ///
    /// [`Failure::Away`] if nobody works off the consumer now.
    pub async fn drop(&self, id: &ParkedId) -> Result<bool, Failure> {
        self.ask(id, Ask::Drop).await
    }

    async fn ask(&self, id: &ParkedId, ask: Ask) -> Result<bool, Failure> {
        const DOING: &str = "asking the process that parked a message";
        let question = Question { ask, position: id.position };
        let question = serde_json::to_vec(&question).map_err(|error| Failure::away(DOING, error))?;
        let request = Request::new().payload(question.into()).timeout(Some(PATIENCE));
        let answer = self.connection.client().send_request(door(&id.consumer), request).await;
        let answer = answer.map_err(|error| Failure::away(DOING, error))?;
        let answer: Answer =
            serde_json::from_slice(&answer.payload).map_err(|error| Failure::away(DOING, error))?;
        Ok(answer.found)
    }

    /// Keeps a message, in place of what was kept of it before.
    pub(crate) async fn keep(&self, message: &ParkedMessage) -> Result<(), Failure> {
        self.write(&Record { message: message.clone(), settled: None }, HeaderMap::new()).await
    }

    /// Settles a message.
    pub(crate) async fn settle(&self, message: ParkedMessage, how: Settled) -> Result<(), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_TTL, LAST_WORD_LIFE);
        self.write(&Record { message, settled: Some(how) }, headers).await
    }

    async fn write(&self, record: &Record, headers: HeaderMap) -> Result<(), Failure> {
        const DOING: &str = "parking a message";
        let payload = serde_json::to_vec(record).map_err(|error| Failure::away(DOING, error))?;
        let subject = record.message.id.subject();
        match self.connection.publish(DOING, &subject, headers, payload.into(), PATIENCE).await {
            Ok(_) => Ok(()),
            Err(PublishError::Refused(error)) => Err(Failure::rejected(DOING, error)),
            Err(PublishError::Unanswered(failure)) => Err(failure),
        }
    }
}

/// What a stored message says, unless it is settled.
fn read(payload: &[u8]) -> Option<ParkedMessage> {
    let record: Record = serde_json::from_slice(payload).ok()?;
    record.settled.is_none().then_some(record.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_is_written() {
        let id = ParkedId { consumer: "hold-expiry".into(), position: 12 };
        assert_eq!(id.to_string().parse::<ParkedId>().unwrap(), id);
    }

    #[test]
    fn an_id_cannot_smuggle_a_wildcard_into_a_subject() {
        for text in ["*-1", ">-1", "a.b-1", "payment-", "payment", "-1", ""] {
            assert!(text.parse::<ParkedId>().is_err(), "{text:?}");
        }
    }
}
