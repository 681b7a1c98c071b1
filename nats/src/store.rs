//! Appending commits and loading aggregates, one subject at a time; and the same behind the interface of `cqrs-es`.

use std::{collections::HashMap, time::Duration};

use async_nats::{
    HeaderMap,
    client::Request,
    header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID},
};
use bytes::Bytes;
use cqrs_es::{Aggregate, AggregateContext, AggregateError, EventEnvelope};
use serde::Deserialize;
use ticketshow_domain::{Decider, decode};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    Actor, Commit, Connection, Failure, Log, Metadata, clock,
    envelope::{COMMIT_BYTES_MAX, Draft},
    failure::{ApiError, Meaning, PublishReply, meaning},
    snapshots::Snapshots,
    subjects::{self, EVENTS, HEADER_CORRELATION, HEADER_EVENTS, HEADER_VERSION},
};

/// How long one try of an append waits for its answer.
const TRY: Duration = Duration::from_secs(1);
/// How long an append is tried with the same bytes before its outcome is called unknown.
const UNRESOLVED: Duration = Duration::from_secs(5);

/// An aggregate as far as the log tells it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loaded<A> {
    pub state: A,
    /// Position of its last commit; 0 if there is none.
    pub position: u64,
    /// Its last version; 0 if there is none.
    pub version: u64,
}

impl<A: Decider> Loaded<A> {
    pub fn take(&mut self, commit: &Commit) -> Result<(), Failure> {
        commit.apply_to(&mut self.state)?;
        self.position = commit.position;
        self.version = commit.last_version();
        Ok(())
    }
}

/// Why a commit is not in the log.
#[derive(Debug)]
pub(crate) enum AppendError {
    /// The subject has a commit that was not expected. It may be this very one, stored by an earlier try: look for its id.
    Overtaken,
    /// It surely is not stored.
    Failed(Failure),
    /// It may be stored or not.
    Unresolved(Failure),
}

/// A commit ready to be sent, and sent again, byte by byte the same.
pub(crate) struct Prepared {
    pub subject: String,
    pub commit: Uuid,
    pub expected: u64,
    pub payload: Bytes,
    headers: HeaderMap,
}

impl Prepared {
    pub fn new<A: Decider>(id: &A::Id, after: &Loaded<A>, draft: &Draft, correlation: Uuid) -> Self {
        let commit = clock::new_id();
        let id = id.to_string();
        let payload = draft.payload(commit, A::TYPE, &id, after.version + 1);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, after.position.to_string());
        headers.insert(NATS_MESSAGE_ID, commit.to_string());
        headers.insert(HEADER_EVENTS, draft.types());
        headers.insert(HEADER_VERSION, (after.version + draft.count()).to_string());
        headers.insert(HEADER_CORRELATION, correlation.to_string());
        Self { subject: subjects::aggregate(A::TYPE, id), commit, expected: after.position, payload, headers }
    }
}

/// The log of one connection, as writers see it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    connection: Connection,
    log: Log,
    snapshots: Snapshots,
}

impl Store {
    pub fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            log: Log::new(connection),
            snapshots: Snapshots::new(connection),
        }
    }

    pub fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    /// Sends a commit until its fate is known, or for five seconds.
    pub async fn append(&self, prepared: &Prepared) -> Result<u64, AppendError> {
        let deadline = Instant::now() + UNRESOLVED;
        let mut maybe_stored = false;
        loop {
            let request = Request::new()
                .payload(prepared.payload.clone())
                .headers(prepared.headers.clone())
                .timeout(Some(TRY));
            let answered = self.connection.client().send_request(prepared.subject.clone(), request).await;
            let failure = match answered {
                Ok(message) => match read_reply(&message.payload)? {
                    Reply::Stored(position) => return Ok(position),
                    Reply::Refused(error) => match meaning(error.err_code) {
                        Meaning::Overtaken => return Err(AppendError::Overtaken),
                        Meaning::InFlight => {
                            maybe_stored = true;
                            rejected(error)
                        }
                        Meaning::Rejected if maybe_stored => {
                            return Err(AppendError::Unresolved(rejected(error)));
                        }
                        Meaning::Rejected => return Err(AppendError::Failed(rejected(error))),
                    },
                },
                Err(error) => {
                    maybe_stored = true;
                    Failure::request("appending a commit")(error)
                }
            };
            if Instant::now() >= deadline {
                return Err(AppendError::Unresolved(failure));
            }
            tracing::warn!(%failure, "sending a commit again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Loads an aggregate: its last commit tells whether there is more to read, and whether a snapshot pays.
    pub async fn load<A: Decider>(&self, id: &A::Id) -> Result<Loaded<A>, Failure> {
        let subject = subjects::aggregate(A::TYPE, id);
        let mut loaded = Loaded::default();
        let Some(last) = self.log.last_commit(&subject).await? else { return Ok(loaded) };
        if last.first_version == 1 {
            loaded.take(&last)?;
            return Ok(loaded);
        }
        if let Some(snapshot) = self.snapshots.load::<A>(id, last.last_version()).await?
            && self.is_of_this_log(&snapshot.loaded, snapshot.commit, &subject).await?
        {
            loaded = snapshot.loaded;
        }
        for commit in self.log.commits(&subject, loaded.position).await? {
            loaded.take(&commit)?;
        }
        Ok(loaded)
    }

    /// A snapshot made on a log that was cut or replaced since must not be built upon.
    async fn is_of_this_log<A>(
        &self,
        loaded: &Loaded<A>,
        commit: Uuid,
        subject: &str,
    ) -> Result<bool, Failure> {
        let found = self.log.commit_at(loaded.position).await?;
        Ok(found.is_some_and(|found| {
            found.commit == commit && subjects::aggregate(&found.aggregate, &found.id) == subject
        }))
    }

    /// The commits of an aggregate after `position`, read from the leader: nothing that was acknowledged is missing.
    pub async fn tail(&self, subject: &str, position: u64) -> Result<Vec<Commit>, Failure> {
        self.log.commits_from_leader(subject, position).await
    }

    /// Position of a subject's last commit, from the leader; 0 if there is none.
    pub async fn last_position(&self, subject: &str) -> Result<u64, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            message: Option<Found>,
            error: Option<ApiError>,
        }
        #[derive(Deserialize)]
        struct Found {
            seq: u64,
        }
        const NO_MESSAGE_FOUND: u64 = 10_037;

        let doing = "asking for the last commit of an aggregate";
        let payload = serde_json::json!({ "last_by_subj": subject }).to_string();
        let asked = format!("$JS.API.STREAM.MSG.GET.{EVENTS}");
        let message =
            self.connection.client().request(asked, payload.into()).await.map_err(Failure::request(doing))?;
        let answer: Answer =
            serde_json::from_slice(&message.payload).map_err(|source| Failure::away(doing)(source.into()))?;
        match (answer.message, answer.error) {
            (Some(found), _) => Ok(found.seq),
            (None, Some(error)) if error.err_code != NO_MESSAGE_FOUND => {
                Err(Failure::Rejected { doing, code: error.err_code, description: error.description })
            }
            (None, _) => Ok(0),
        }
    }
}

enum Reply {
    Stored(u64),
    Refused(ApiError),
}

fn read_reply(payload: &[u8]) -> Result<Reply, AppendError> {
    let reply: PublishReply = serde_json::from_slice(payload).map_err(|source| {
        AppendError::Unresolved(Failure::away("reading an acknowledgement")(source.into()))
    })?;
    Ok(reply.error.map_or(Reply::Stored(reply.seq), Reply::Refused))
}

fn rejected(error: ApiError) -> Failure {
    Failure::Rejected { doing: "appending a commit", code: error.err_code, description: error.description }
}

/// The log as `cqrs-es` sees it: the same commits as the [`crate::Executor`] writes, one command at a time, without its
/// memory, group commits and retries. A lost race is `AggregateConflict`.
#[derive(Debug, Clone)]
pub struct EventStore {
    store: Store,
}

/// An aggregate loaded for one command of `cqrs-es`.
#[derive(Debug)]
pub struct StoreContext<A: Decider> {
    id: A::Id,
    loaded: Loaded<A>,
    /// The aggregate with the events of the command, which `cqrs-es` applies by itself.
    working: A,
}

impl<A: Decider + Aggregate> AggregateContext<A> for StoreContext<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.working
    }
}

impl EventStore {
    /// The log of a connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { store: Store::new(connection) }
    }
}

fn unexpected<E: std::error::Error>(
    source: impl std::error::Error + Send + Sync + 'static,
) -> AggregateError<E> {
    AggregateError::UnexpectedError(Box::new(source))
}

impl<A> cqrs_es::EventStore<A> for EventStore
where
    A: Aggregate<Event = <A as Decider>::Event> + Decider,
    <A as Decider>::Event: cqrs_es::DomainEvent,
{
    type AC = StoreContext<A>;

    async fn load_events(&self, id: &str) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let subject = subjects::aggregate(<A as Decider>::TYPE, id);
        let mut envelopes = Vec::new();
        for commit in self.store.log.commits(&subject, 0).await.map_err(unexpected)? {
            for (raw, sequence) in commit.raw_events().zip(commit.first_version..) {
                let payload = decode(raw).map_err(unexpected)?;
                let sequence = usize::try_from(sequence).map_err(unexpected)?;
                envelopes.push(EventEnvelope {
                    aggregate_id: id.to_owned(),
                    sequence,
                    payload,
                    metadata: HashMap::new(),
                });
            }
        }
        Ok(envelopes)
    }

    async fn load_aggregate(&self, id: &str) -> Result<Self::AC, AggregateError<A::Error>> {
        let id: A::Id = id.parse().map_err(|_| unexpected(Failure::Guarded))?;
        let loaded = self.store.load::<A>(&id).await.map_err(unexpected)?;
        Ok(StoreContext { id, working: loaded.state.clone(), loaded })
    }

    async fn commit(
        &self,
        events: Vec<<A as Decider>::Event>,
        context: Self::AC,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let correlation =
            metadata.get("correlation").and_then(|id| id.parse().ok()).unwrap_or_else(clock::new_id);
        let command =
            Metadata { time: clock::now(), actor: Actor::System, correlation, causation: None, trace: None };
        let mut draft = Draft::new();
        draft
            .add(&command, &events)
            .map_err(|bytes| unexpected(Failure::TooLarge { bytes, max: COMMIT_BYTES_MAX }))?;
        if draft.is_empty() {
            return Ok(Vec::new());
        }
        let prepared = Prepared::new(&context.id, &context.loaded, &draft, correlation);
        match self.store.append(&prepared).await {
            Ok(_) => {}
            Err(AppendError::Overtaken) => {
                let tail = self.store.tail(&prepared.subject, prepared.expected).await.map_err(unexpected)?;
                if !tail.iter().any(|commit| commit.commit == prepared.commit) {
                    return Err(AggregateError::AggregateConflict);
                }
            }
            Err(AppendError::Failed(failure) | AppendError::Unresolved(failure)) => {
                return Err(unexpected(failure));
            }
        }
        let first = context.loaded.version + 1;
        let envelope = |(payload, sequence): (<A as Decider>::Event, u64)| EventEnvelope {
            aggregate_id: context.id.to_string(),
            sequence: usize::try_from(sequence).unwrap_or(usize::MAX),
            payload,
            metadata: metadata.clone(),
        };
        Ok(events.into_iter().zip(first..).map(envelope).collect())
    }
}
