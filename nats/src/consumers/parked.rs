//! Messages that a process could not handle: listed for the administrator, who retries or drops them.
//!
//! They are kept in the stream `PARKED`, one subject per message. When a message is resolved, a final record that expires
//! replaces it. Only the process that runs the subscription resolves messages, on request over core NATS.

use std::{fmt, str::FromStr, time::Duration};

use async_nats::{HeaderMap, client::Request, header::NATS_MESSAGE_TTL};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    failure::Failure,
    server::{connection::Connection, requests::PublishError},
    subjects::{PARKED, is_token},
};

/// Longest wait for a reply.
const PATIENCE: Duration = Duration::from_secs(5);
/// Lifetime of the final record of a resolved message.
const RESOLVED_LIFE: &str = "720h";

/// Id of a parked message: the consumer that parked it and the position of the commit. Written `payment-1234`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ParkedId {
    /// Name of the durable consumer.
    pub consumer: String,
    /// Position of the commit in the log; for a timer, in the stream of timers.
    pub position: u64,
}

impl ParkedId {
    /// Returns `true` if a commit of the log is parked, not a timer.
    #[must_use]
    pub fn is_of_commit(&self) -> bool {
        !self.consumer.ends_with("-timers")
    }

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
    type Err = InvalidParkedId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidParkedId(text.to_owned());
        let (consumer, position) = text.rsplit_once('-').ok_or_else(invalid)?;
        if !is_token(consumer) {
            return Err(invalid());
        }
        Ok(Self { consumer: consumer.to_owned(), position: position.parse().map_err(|_| invalid())? })
    }
}

impl TryFrom<String> for ParkedId {
    type Error = InvalidParkedId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ParkedId> for String {
    fn from(id: ParkedId) -> Self {
        id.to_string()
    }
}

/// A text that is not the id of a parked message.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not the id of a parked message")]
pub struct InvalidParkedId(String);

/// A commit or a timer that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedMessage {
    /// Consumer and position.
    pub id: ParkedId,
    /// Type of the aggregate, or kind of the timer.
    pub aggregate: String,
    /// Id of the aggregate, or of the timer.
    pub aggregate_id: String,
    /// Messages of the error and its causes, outermost first.
    pub error: Vec<String>,
    /// Number of failed attempts; 0 for one that only waits behind another of the same aggregate.
    pub attempts: u32,
    /// Moment at which it was last parked.
    pub parked_at: Timestamp,
}

/// Way in which a parked message was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Resolution {
    /// A retry succeeded.
    Handled,
    /// An administrator dropped it.
    Dropped,
}

/// Request to the process that runs a subscription.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct ParkedRequest {
    #[serde(rename = "ask")]
    pub action: ParkedAction,
    pub position: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ParkedAction {
    Retry,
    Drop,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct ParkedReply {
    pub found: bool,
}

/// Subject on which the process that runs a subscription takes requests.
pub(crate) fn request_subject(consumer: &str) -> String {
    format!("tixctl.parked.{consumer}")
}

#[derive(Serialize, Deserialize)]
struct Record {
    #[serde(flatten)]
    message: ParkedMessage,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settled: Option<Resolution>,
}

/// The parked messages of all consumers.
#[derive(Debug, Clone)]
pub struct Parked {
    connection: Connection,
}

impl Parked {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Returns the oldest `max` messages after `after`, in the order of their commits.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn list(&self, after: Option<&ParkedId>, max: usize) -> Result<Vec<ParkedMessage>, Failure> {
        let order = |id: &ParkedId| (id.position, id.consumer.clone());
        let after = after.map(order);
        let mut list = self.of("*").await?;
        list.retain(|message| after.as_ref().is_none_or(|after| order(&message.id) > *after));
        list.sort_by_cached_key(|message| order(&message.id));
        list.truncate(max);
        Ok(list)
    }

    /// Returns all parked messages of a consumer. One that was missing would be overtaken by later ones of its aggregate.
    pub(crate) async fn of(&self, consumer: &str) -> Result<Vec<ParkedMessage>, Failure> {
        let subject = format!("parked.{consumer}.*");
        let newest = self.connection.newest_of_each("listing parked messages", PARKED, &subject).await?;
        Ok(newest.iter().filter_map(|stored| read(&stored.payload)).collect())
    }

    /// Returns a message if it is still parked.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn get(&self, id: &ParkedId) -> Result<Option<ParkedMessage>, Failure> {
        let query = json!({ "last_by_subj": id.subject() });
        let stored = self.connection.ask_leader("reading a parked message", PARKED, &query).await?;
        Ok(stored.and_then(|stored| read(&stored.payload)))
    }

    /// Requests a retry of this message and the others parked for its aggregate, oldest first. Returns once the retry is
    /// queued; the list shows the result. Returns `false` if no such message is parked.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`] if no process runs the subscription now.
    pub async fn retry(&self, id: &ParkedId) -> Result<bool, Failure> {
        self.request(id, ParkedAction::Retry).await
    }

    /// Drops a message permanently; the messages behind it are processed. Returns `false` if no such message is parked.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`] if no process runs the subscription now.
    pub async fn drop(&self, id: &ParkedId) -> Result<bool, Failure> {
        self.request(id, ParkedAction::Drop).await
    }

    async fn request(&self, id: &ParkedId, action: ParkedAction) -> Result<bool, Failure> {
        const DOING: &str = "sending a request about a parked message";
        let request = ParkedRequest { action, position: id.position };
        let payload = serde_json::to_vec(&request).map_err(|error| Failure::unreachable(DOING, error))?;
        let request = Request::new().payload(payload.into());
        let reply = self.connection.request(DOING, request_subject(&id.consumer), request, PATIENCE).await?;
        let reply: ParkedReply =
            serde_json::from_slice(&reply.payload).map_err(|error| Failure::unreachable(DOING, error))?;
        Ok(reply.found)
    }

    /// Stores a message, replacing its earlier record.
    pub(crate) async fn keep(&self, message: &ParkedMessage) -> Result<(), Failure> {
        self.write(&Record { message: message.clone(), settled: None }, HeaderMap::new()).await
    }

    /// Replaces a message by its final record.
    pub(crate) async fn resolve(
        &self,
        message: ParkedMessage,
        resolution: Resolution,
    ) -> Result<(), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_TTL, RESOLVED_LIFE);
        self.write(&Record { message, settled: Some(resolution) }, headers).await
    }

    async fn write(&self, record: &Record, headers: HeaderMap) -> Result<(), Failure> {
        const DOING: &str = "parking a message";
        let payload = serde_json::to_vec(record).map_err(|error| Failure::unreachable(DOING, error))?;
        let subject = record.message.id.subject();
        match self.connection.publish(DOING, &subject, headers, payload.into(), PATIENCE).await {
            Ok(_) => Ok(()),
            Err(PublishError::Refused(error)) => Err(Failure::rejected(DOING, error)),
            Err(PublishError::Unanswered(failure)) => Err(failure),
        }
    }
}

/// Returns the stored message unless it is resolved.
fn read(payload: &[u8]) -> Option<ParkedMessage> {
    let record: Record = serde_json::from_slice(payload).ok()?;
    record.settled.is_none().then_some(record.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_printing_and_parsing() {
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
