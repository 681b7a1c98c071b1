//! Storage of aggregates: appending commits and loading histories, one subject at a time.

use std::time::Duration;

use async_nats::{
    HeaderMap,
    header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID},
};
use ticketshow_domain::Decider;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    clock,
    failure::{Failure, Meaning, meaning},
    guard::gate::{Gate, GateState},
    log::{
        committer::Committer,
        envelope::{Commit, Draft},
        history::Log,
        loaded::Loaded,
        metadata::Metadata,
        snapshots::Snapshots,
    },
    server::{
        connection::Connection,
        requests::{Publication, PublishError},
    },
    subjects::{self, HEADER_CORRELATION, HEADER_EVENTS, HEADER_TRACE, HEADER_VERSION},
};

#[cfg(test)]
mod tests;

/// Time after which the outcome of an append counts as unknown. Until then the same bytes are sent again.
const APPEND_MAX: Duration = Duration::from_secs(5);

/// Reason an append did not return a position.
#[derive(Debug)]
pub(crate) enum AppendError {
    /// The subject has an unexpected commit. It may be this one, stored by an earlier attempt: compare ids.
    Overtaken,
    /// Not stored, for certain.
    Failed(Failure),
    /// Not stored, for certain: the guard found another log.
    Diverged,
    /// Stored or not; the outcome is unknown.
    Unresolved(Failure),
}

/// A serialised commit, sent with the same bytes on every attempt.
pub(crate) struct Prepared {
    pub commit: Uuid,
    pub expected: u64,
    pub publication: Publication,
    /// `true` if other writers are expected to write to the aggregate at the same time.
    pub contended: bool,
}

impl Prepared {
    /// Serialises a draft that follows `after`; `first` is the metadata of its first command.
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
        let publication = Publication { subject: subjects::aggregate(A::TYPE, id), headers, payload };
        Self { commit, expected: after.position, publication, contended: false }
    }
}

/// Writing access to the log over one connection.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    connection: Connection,
    log: Log,
    snapshots: Snapshots,
    gate: Gate,
    committer: Committer,
}

impl Store {
    /// Creates access that publishes a batch when `batch_from` commits wait; `None`: as many as measuring says.
    pub fn new(connection: &Connection, gate: Gate, batch_from: Option<usize>) -> Self {
        Self {
            connection: connection.clone(),
            log: Log::new(connection),
            snapshots: Snapshots::new(connection),
            committer: Committer::new(connection, gate.clone(), batch_from),
            gate,
        }
    }

    pub fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Sends a commit until its outcome is known, for up to five seconds. The first attempt may travel with other commits.
    /// Every attempt passes the gate. Without a link to the server, a commit that was not sent yet fails at once.
    pub async fn append(&self, prepared: &Prepared) -> Result<u64, AppendError> {
        const DOING: &str = "appending a commit";
        let deadline = Instant::now() + APPEND_MAX;
        let mut maybe_stored = false;
        loop {
            if !maybe_stored && self.connection.is_lost() {
                return Err(AppendError::Failed(Failure::unreachable(DOING, "no server is connected")));
            }
            let failure = match self.gate.settled(&self.connection).await {
                GateState::Open => {
                    let began = Instant::now();
                    let sent = if maybe_stored {
                        self.committer.publish_alone(DOING, prepared).await.map(Some)
                    } else {
                        self.committer.publish(DOING, prepared).await
                    };
                    match sent {
                        Ok(None) => Failure::Guarded,
                        Ok(Some(position)) => {
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
                return Err(AppendError::Unresolved(Failure::Unresolved { patience: APPEND_MAX, source }));
            }
            tracing::debug!(%failure, "retrying an append");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Loads an aggregate. Also returns the version of the snapshot it was built on, 0 for none. The last commit is read
    /// first: from its version follows if there is more to read and if a snapshot is worth loading.
    pub async fn load<A: Decider>(&self, id: &A::Id) -> Result<(Loaded<A>, u64), Failure> {
        let subject = subjects::aggregate(A::TYPE, id);
        let mut loaded = Loaded::default();
        let mut saved_version = 0;
        let Some(last) = self.log.last_commit_at_any_replica(&subject).await? else {
            return Ok((loaded, saved_version));
        };
        if last.first_version == 1 {
            loaded.apply(&last)?;
            return Ok((loaded, saved_version));
        }
        if let Some(snapshot) = self.snapshots.load::<A>(id, last.last_version()).await?
            && self.contains(&snapshot).await?
        {
            saved_version = snapshot.version;
            loaded = snapshot;
        }
        for commit in self.log.commits(&subject, loaded.position).await? {
            loaded.apply(&commit)?;
        }
        Ok((loaded, saved_version))
    }

    /// Returns `true` if the leader's log contains the last commit of `loaded`. A state from a log that was truncated or
    /// replaced since must not be built on.
    pub async fn contains<A>(&self, loaded: &Loaded<A>) -> Result<bool, Failure> {
        if loaded.position == 0 {
            return Ok(true);
        }
        match self.log.commit_at(loaded.position).await {
            Ok(found) => Ok(found.is_some_and(|found| found.commit == loaded.commit)),
            // Another log may hold anything at this position.
            Err(failure) if failure.is_permanent() => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Reads the commits of an aggregate after `position`, without missing any that was acknowledged.
    pub async fn tail(&self, subject: &str, position: u64) -> Result<Vec<Commit>, Failure> {
        self.log.acknowledged_commits(subject, position).await
    }

    /// Reads the commits of an aggregate after `position` when at least one is known to exist, because an append was
    /// refused. One request to any replica that has some, perhaps without the very last ones.
    pub async fn newer_commits(&self, subject: &str, position: u64) -> Result<Vec<Commit>, Failure> {
        let newer = self.log.commits(subject, position).await?;
        if newer.is_empty() { self.tail(subject, position).await } else { Ok(newer) }
    }

    /// Current link, as in [`Connection::link`].
    pub fn link(&self) -> Option<u64> {
        self.connection.link()
    }
}
