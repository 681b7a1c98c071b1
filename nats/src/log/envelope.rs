//! A commit is one message: all events that one append makes for one aggregate, in a JSON envelope.
//!
//! ```json
//! {"commit": "…", "aggregate": "screening", "id": "…", "first_version": 12,
//!  "commands": [{"time": "…", "actor": "user:…", "correlation": "…", "events": 2}],
//!  "events": [{"version": 1, "type": "seats_reserved", "data": {…}}, …]}
//! ```
//!
//! A group commit carries the events of several commands: `commands` tells whose are how many, in order.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ticketshow_domain::{AnyEvent, Decider, WireError, WireEvent, WireRef, decode};
use uuid::Uuid;

use crate::log::metadata::Metadata;

/// Largest payload of a commit, in bytes. The server refuses messages over 1 MiB; group commits are cut well below.
pub(crate) const COMMIT_BYTES_MAX: usize = 256 * 1024;

/// Room for the envelope around the events.
const ENVELOPE_BYTES: usize = 512;

/// One commit of the log.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Its sequence in the stream: the position.
    pub position: u64,
    /// The whole payload as stored.
    pub payload: Bytes,
    /// Its id, minted by the writer.
    pub commit: Uuid,
    /// Type of the aggregate.
    pub aggregate: Arc<str>,
    /// Id of the aggregate.
    pub id: Arc<str>,
    /// Version of its first event, from 1.
    pub first_version: u64,
    commands: Vec<(Arc<Metadata>, usize)>,
    events: Vec<Box<RawValue>>,
}

/// One event of the log with everything that is known of it.
#[derive(Debug, Clone)]
pub struct RecordedEvent {
    /// Sequence of its commit in the stream.
    pub position: u64,
    /// Its commit.
    pub commit: Uuid,
    /// Type of the aggregate.
    pub aggregate: Arc<str>,
    /// Id of the aggregate.
    pub id: Arc<str>,
    /// Its number in the aggregate, from 1.
    pub version: u64,
    /// Of the command that brought it.
    pub metadata: Arc<Metadata>,
    /// What happened.
    pub event: AnyEvent,
}

/// A message of the log that is not a commit.
#[derive(Debug, thiserror::Error)]
#[error("message {position} is not a commit")]
pub struct EnvelopeError {
    position: u64,
    #[source]
    source: serde_json::Error,
}

#[derive(Serialize, Deserialize)]
struct Command<M> {
    #[serde(flatten)]
    metadata: M,
    events: usize,
}

impl Commit {
    /// Reads the message stored at `position`.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError`] if it is no commit: a bug, or somebody else wrote to the stream. The reader must stop.
    pub fn parse(position: u64, payload: Bytes) -> Result<Self, EnvelopeError> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            commit: Uuid,
            aggregate: &'a str,
            id: &'a str,
            first_version: u64,
            commands: Vec<Command<Metadata>>,
            events: Vec<Box<RawValue>>,
        }
        let envelope: Envelope<'_> =
            serde_json::from_slice(&payload).map_err(|source| EnvelopeError { position, source })?;
        let Envelope { commit, first_version, commands, events, .. } = envelope;
        let (aggregate, id) = (envelope.aggregate.into(), envelope.id.into());
        let commands = commands.into_iter().map(|c| (Arc::new(c.metadata), c.events)).collect();
        Ok(Self { position, payload, commit, aggregate, id, first_version, commands, events })
    }

    /// Version of its last event.
    #[must_use]
    pub fn last_version(&self) -> u64 {
        self.first_version + self.events.len() as u64 - 1
    }

    /// How many events it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether it has no events; no writer makes such a commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// What is known of the commands that brought it, each with the number of its events.
    pub fn commands(&self) -> impl Iterator<Item = (&Metadata, usize)> {
        self.commands.iter().map(|(metadata, events)| (metadata.as_ref(), *events))
    }

    /// Its events as they are written.
    pub fn raw_events(&self) -> impl Iterator<Item = &RawValue> {
        self.events.iter().map(AsRef::as_ref)
    }

    /// The types of its events, in order, without decoding them.
    pub fn event_types(&self) -> impl Iterator<Item = &str> {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(rename = "type")]
            event_type: &'a str,
        }
        fn read(raw: &RawValue) -> Option<&str> {
            serde_json::from_str::<Head<'_>>(raw.get()).ok().map(|head| head.event_type)
        }
        self.raw_events().filter_map(read)
    }

    /// Its events, decoded.
    ///
    /// # Errors
    ///
    /// [`WireError`] if one is not known here: the reader must stop, not skip.
    pub fn events(&self) -> Result<Vec<RecordedEvent>, WireError> {
        let metadata =
            self.commands.iter().flat_map(|(metadata, events)| std::iter::repeat_n(metadata, *events));
        let mut recorded = Vec::with_capacity(self.events.len());
        for ((raw, metadata), version) in self.events.iter().zip(metadata).zip(self.first_version..) {
            recorded.push(RecordedEvent {
                position: self.position,
                commit: self.commit,
                aggregate: Arc::clone(&self.aggregate),
                id: Arc::clone(&self.id),
                version,
                metadata: Arc::clone(metadata),
                event: AnyEvent::decode(&self.aggregate, raw)?,
            });
        }
        Ok(recorded)
    }

    /// Takes its events into a state of their aggregate.
    ///
    /// # Errors
    ///
    /// [`WireError`] as in [`Commit::events`].
    pub fn apply_to<A: Decider>(&self, state: &mut A) -> Result<(), WireError> {
        for raw in &self.events {
            state.evolve(&decode(raw)?);
        }
        Ok(())
    }
}

/// A commit being put together: commands are added until it is full.
pub(crate) struct Draft {
    commands: Vec<u8>,
    events: Vec<u8>,
    types: String,
    count: u64,
}

impl Draft {
    pub fn new() -> Self {
        Self { commands: Vec::new(), events: Vec::new(), types: String::new(), count: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many events it has.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their types, joined by commas.
    pub fn types(&self) -> &str {
        &self.types
    }

    /// Bytes that the commit has by now.
    pub fn bytes(&self) -> usize {
        ENVELOPE_BYTES + self.commands.len() + self.events.len()
    }

    /// Adds what one command brought. If the commit would become too large, it stays unchanged and the size that it
    /// would have had is given back.
    pub fn add<E: WireEvent>(&mut self, metadata: &Metadata, events: &[E]) -> Result<(), usize> {
        let (commands_before, events_before) = (self.commands.len(), self.events.len());
        let types_before = self.types.len();
        append_json(&mut self.commands, &Command { metadata, events: events.len() });
        for event in events {
            append_json(&mut self.events, &WireRef::new(event));
            if !self.types.is_empty() {
                self.types.push(',');
            }
            self.types.push_str(event.wire_type());
        }
        let bytes = self.bytes();
        if bytes > COMMIT_BYTES_MAX {
            self.commands.truncate(commands_before);
            self.events.truncate(events_before);
            self.types.truncate(types_before);
            return Err(bytes);
        }
        self.count += events.len() as u64;
        Ok(())
    }

    /// The payload.
    pub fn payload(&self, commit: Uuid, aggregate: &str, id: &str, first_version: u64) -> Bytes {
        let mut payload = format!(
            r#"{{"commit":"{commit}","aggregate":"{aggregate}","id":"{id}","first_version":{first_version},"commands":["#
        )
        .into_bytes();
        payload.reserve(self.bytes());
        payload.extend_from_slice(&self.commands);
        payload.extend_from_slice(br#"],"events":["#);
        payload.extend_from_slice(&self.events);
        payload.extend_from_slice(b"]}");
        payload.into()
    }
}

fn append_json(list: &mut Vec<u8>, item: &impl Serialize) {
    if !list.is_empty() {
        list.push(b',');
    }
    serde_json::to_writer(list, item).expect("events and metadata have no maps with keys other than text");
}
