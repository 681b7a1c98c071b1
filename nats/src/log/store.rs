//! Appending commits and loading aggregates, one subject at a time.

use std::time::Duration;

use async_nats::{
    HeaderMap,
    header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID},
};
use bytes::Bytes;
use ticketshow_domain::Decider;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    clock,
    failure::{Failure, Meaning, meaning},
    guard::gate::{Gate, GateState},
    log::{
        envelope::{Commit, Draft},
        history::Log,
        loaded::Loaded,
        metadata::Metadata,
        snapshots::Snapshots,
    },
    server::{connection::Connection, requests::PublishError},
    subjects::{self, HEADER_CORRELATION, HEADER_EVENTS, HEADER_TRACE, HEADER_VERSION},
};

#[cfg(test)]
mod tests;

/// How long one try of an append waits for its answer.
const TRY: Duration = Duration::from_secs(1);
/// How long an append is tried with the same bytes before its outcome is called unknown.
const UNRESOLVED: Duration = Duration::from_secs(5);

/// Why a commit is not in the log.
#[derive(Debug)]
pub(crate) enum AppendError {
    /// The subject has a commit that was not expected. It may be this very one, stored by an earlier try: look for its id.
    Overtaken,
    /// It surely is not stored.
    Failed(Failure),
    /// The guard met another log. It surely is not stored.
    Diverged,
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
    /// `first` is the metadata of the first command in the draft.
    pub fn new<A: Decider>(id: &A::Id, after: &Loaded<A>, draft: &Draft, first: &Metadata) -> Self {
        let commit = clock::new_id();
        let id = id.to_string();
        let payload = draft.payload(commit, A::TYPE, &id, after.version + 1);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, after.position.to_string());
        headers.insert(NATS_MESSAGE_ID, commit.to_string());
        headers.insert(HEADER_EVENTS, draft.types());
        headers.insert(HEADER_VERSION, (after.version + draft.count()).to_string());
        headers.insert(HEADER_CORRELATION, first.correlation.to_string());
        if let Some(trace) = &first.trace {
            headers.insert(HEADER_TRACE, trace.as_str());
        }
        Self { subject: subjects::aggregate(A::TYPE, id), commit, expected: after.position, payload, headers }
    }
}

/// The log of one connection, as writers see it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    connection: Connection,
    log: Log,
    snapshots: Snapshots,
    gate: Gate,
}

impl Store {
    pub fn new(connection: &Connection, gate: Gate) -> Self {
        Self {
            connection: connection.clone(),
            log: Log::new(connection),
            snapshots: Snapshots::new(connection),
            gate,
        }
    }

    pub fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Sends a commit until its fate is known, or for five seconds. Each try passes the gate.
    pub async fn append(&self, prepared: &Prepared) -> Result<u64, AppendError> {
        const DOING: &str = "appending a commit";
        let deadline = Instant::now() + UNRESOLVED;
        let mut maybe_stored = false;
        loop {
            let failure = match self.gate.settled(&self.connection).await {
                GateState::Open => {
                    let Prepared { subject, headers, payload, .. } = prepared;
                    let sent = self.connection.publish(DOING, subject, headers.clone(), payload.clone(), TRY);
                    let began = Instant::now();
                    match sent.await {
                        Ok(position) => {
                            metrics::histogram!("ticketshow_append_seconds")
                                .record(began.elapsed().as_secs_f64());
                            return Ok(position);
                        }
                        Err(PublishError::Refused(error)) => match meaning(&error) {
                            Meaning::Overtaken => return Err(AppendError::Overtaken),
                            Meaning::Rejected if !maybe_stored => {
                                return Err(AppendError::Failed(Failure::rejected(DOING, error)));
                            }
                            Meaning::InFlight | Meaning::Rejected => Failure::rejected(DOING, error),
                        },
                        Err(PublishError::Unanswered(failure)) => {
                            maybe_stored = true;
                            failure
                        }
                    }
                }
                GateState::Checking if !maybe_stored => return Err(AppendError::Failed(Failure::Guarded)),
                GateState::Diverged { .. } if !maybe_stored => return Err(AppendError::Diverged),
                GateState::Checking | GateState::Diverged { .. } => Failure::Guarded,
            };
            if Instant::now() >= deadline {
                let source = Box::new(failure);
                return Err(AppendError::Unresolved(Failure::Unresolved { patience: UNRESOLVED, source }));
            }
            tracing::debug!(%failure, "sending a commit again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Loads an aggregate, and tells the version of the snapshot it was built upon, 0 for none. Its last commit tells
    /// whether there is more to read, and whether a snapshot pays.
    pub async fn load<A: Decider>(&self, id: &A::Id) -> Result<(Loaded<A>, u64), Failure> {
        let subject = subjects::aggregate(A::TYPE, id);
        let mut loaded = Loaded::default();
        let mut saved_version = 0;
        let Some(last) = self.log.last_commit(&subject).await? else { return Ok((loaded, saved_version)) };
        if last.first_version == 1 {
            loaded.apply(&last)?;
            return Ok((loaded, saved_version));
        }
        if let Some(snapshot) = self.snapshots.load::<A>(id, last.last_version()).await?
            && self.has(&snapshot).await?
        {
            saved_version = snapshot.version;
            loaded = snapshot;
        }
        for commit in self.log.commits(&subject, loaded.position).await? {
            loaded.apply(&commit)?;
        }
        Ok((loaded, saved_version))
    }

    /// Whether the log, as the leader has it, is the one that this was read from: a state from a log that was cut or
    /// replaced since must not be built upon.
    pub async fn has<A>(&self, loaded: &Loaded<A>) -> Result<bool, Failure> {
        if loaded.position == 0 {
            return Ok(true);
        }
        let found = self.log.commit_at_leader(loaded.position).await?;
        Ok(found.is_some_and(|found| found.commit == loaded.commit))
    }

    /// The commits of an aggregate after `position`, read from the leader: nothing that was acknowledged is missing.
    pub async fn tail(&self, subject: &str, position: u64) -> Result<Vec<Commit>, Failure> {
        self.log.commits_from_leader(subject, position).await
    }

    /// The commits of an aggregate after `position`, of which there is one: what was sent to be the next was refused. All in one
    /// answer, perhaps without the very last ones, by any server of a cluster that knows of some.
    pub async fn newer_commits(&self, subject: &str, position: u64) -> Result<Vec<Commit>, Failure> {
        let news = self.log.commits(subject, position).await?;
        if news.is_empty() { self.tail(subject, position).await } else { Ok(news) }
    }

    /// See [`Connection::link`].
    pub fn link(&self) -> Option<u64> {
        self.connection.link()
    }
}
