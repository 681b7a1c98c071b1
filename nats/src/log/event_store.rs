//! Implementation of the event store interface of `cqrs-es` on the log.

use std::collections::HashMap;

use cqrs_es::{Aggregate, AggregateContext, AggregateError, EventEnvelope};
use ticketshow_domain::{Decider, decode};

use crate::{
    clock,
    failure::Failure,
    guard::gate::Gate,
    log::{
        envelope::{COMMIT_BYTES_MAX, Draft},
        loaded::Loaded,
        metadata::{Actor, Metadata},
        store::{AppendError, Prepared, Store},
    },
    server::connection::Connection,
    subjects,
};

/// Event store for `cqrs-es`. Writes the same commits as the [`crate::executor::Executor`], one command at a time, without
/// its memory, group commits and retries. A lost race is an `AggregateConflict`.
#[derive(Debug, Clone)]
pub struct EventStore {
    store: Store,
}

/// Aggregate loaded for one command of `cqrs-es`.
#[derive(Debug)]
pub struct StoreContext<A: Decider> {
    id: A::Id,
    loaded: Loaded<A>,
    /// Aggregate to which `cqrs-es` applies the events of the command.
    working: A,
}

impl<A: Decider + Aggregate> AggregateContext<A> for StoreContext<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.working
    }
}

impl EventStore {
    /// Creates an event store over `connection`.
    #[must_use]
    pub fn new(connection: &Connection, gate: Gate) -> Self {
        Self { store: Store::new(connection, gate, Some(usize::MAX)) }
    }
}

/// A text that is not an id of the aggregate.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an id of this aggregate")]
struct InvalidId(String);

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
        for commit in self.store.log().commits(&subject, 0).await.map_err(unexpected)? {
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
        let id: A::Id = id.parse().map_err(|_| unexpected(InvalidId(id.to_owned())))?;
        let (loaded, _) = self.store.load::<A>(&id).await.map_err(unexpected)?;
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
        let prepared = Prepared::new(&context.id, &context.loaded, &draft, &command);
        match self.store.append(&prepared).await {
            Ok(_) => {}
            Err(AppendError::Overtaken) => {
                let tail = self
                    .store
                    .tail(&prepared.publication.subject, prepared.expected)
                    .await
                    .map_err(unexpected)?;
                if !tail.iter().any(|commit| commit.commit == prepared.commit) {
                    return Err(AggregateError::AggregateConflict);
                }
            }
            Err(AppendError::Failed(failure) | AppendError::Unresolved(failure)) => {
                return Err(unexpected(failure));
            }
            Err(AppendError::Diverged) => return Err(unexpected(Failure::Guarded)),
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
