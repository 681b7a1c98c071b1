//! The reaction of a saga to one event or timer, and the commands it sends.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{Decider, Policy};
use ticketshow_nats::{
    executor::{
        Executor,
        outcome::{ExecuteError, Executed, Freshness},
    },
    log::{
        envelope::RecordedEvent,
        metadata::{Actor, Metadata},
    },
};
use ticketshow_traces::ReactionSpan;
use uuid::Uuid;

use super::{clock::Clock, error::SagaError};

/// Starts the reactions of one saga.
#[derive(Debug, Clone)]
pub(crate) struct Reactions {
    saga: &'static str,
    executor: Executor,
    clock: Clock,
}

impl Reactions {
    /// `saga` is the actor of every command.
    pub fn new(saga: &'static str, executor: &Executor, clock: Clock) -> Self {
        Self { saga, executor: executor.clone(), clock }
    }

    /// Starts the reaction to an event, on behalf of the request that led to it.
    pub fn to(&self, cause: &RecordedEvent) -> Reaction<'_> {
        let Metadata { correlation, ref trace, .. } = *cause.metadata;
        let reaction = self.start(correlation, Some(cause.commit), trace.clone());
        let age = reaction.now.duration_since(cause.metadata.time);
        let position = Some((Arc::clone(&cause.aggregate), Arc::clone(&cause.id), cause.position));
        Reaction { age, position, ..reaction }
    }

    /// Starts a later step of the reaction to `cause`, such as the call that a timer makes for it. Without a cause, starts one to something
    /// outside the log.
    pub fn continuing(&self, cause: Option<&RecordedEvent>) -> Reaction<'_> {
        let Some(cause) = cause else { return self.to_outside() };
        let Metadata { correlation, ref trace, .. } = *cause.metadata;
        self.start(correlation, Some(cause.commit), trace.clone())
    }

    /// Starts the reaction to something outside the log: a timer, a webhook, a periodic task.
    pub fn to_outside(&self) -> Reaction<'_> {
        self.start(self.clock.new_id(), None, None)
    }

    fn start(&self, correlation: Uuid, causation: Option<Uuid>, trace: Option<String>) -> Reaction<'_> {
        let Self { saga, executor, clock } = self;
        let age = SignedDuration::ZERO;
        let span = ReactionSpan::new(saga, trace);
        Reaction { saga, executor, now: clock.now(), age, position: None, correlation, causation, span }
    }

    pub fn policy(&self) -> &Policy {
        self.executor.policy()
    }
}

/// The reaction to one event or timer.
#[derive(Debug)]
pub(crate) struct Reaction<'a> {
    saga: &'static str,
    executor: &'a Executor,
    now: Timestamp,
    age: SignedDuration,
    /// Type and id of the aggregate whose event caused it, and the position of the commit.
    position: Option<(Arc<str>, Arc<str>, u64)>,
    correlation: Uuid,
    causation: Option<Uuid>,
    span: ReactionSpan,
}

impl Reaction<'_> {
    /// The moment at which the reaction began; every one of its commands is decided as of then.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The time since the event that caused it; zero if no event did.
    pub fn age(&self) -> SignedDuration {
        self.age
    }

    pub fn policy(&self) -> &Policy {
        self.executor.policy()
    }

    /// Reads an aggregate, at least as new as the log is now.
    pub async fn read<A: Decider>(&self, id: &A::Id) -> Result<A, SagaError> {
        Ok(self.executor.state(id, Freshness::Fresh).await?.state)
    }

    /// Reads an aggregate without asking the log if its own event caused this: the state in memory suffices if it includes
    /// that event. Commits of other processes since then may be missing, so only what may run concurrently may use it.
    pub async fn read_after_cause<A: Decider>(&self, id: &A::Id) -> Result<A, SagaError> {
        let position = self.position.as_ref().and_then(|(aggregate, of, position)| {
            (**aggregate == *A::TYPE && **of == *id.to_string()).then_some(*position)
        });
        let freshness = position.map_or(Freshness::Fresh, Freshness::Including);
        Ok(self.executor.state(id, freshness).await?.state)
    }

    /// Runs work whose calls to the payment provider belong to this reaction in traces.
    pub async fn enclose<T>(&self, work: impl Future<Output = T>) -> T {
        self.span.enclose(work).await
    }

    /// Executes a command that no rule refuses: a refusal is a bug, and permanent.
    pub async fn must<A: Decider>(&self, id: &A::Id, command: A::Command) -> Result<(), SagaError> {
        self.execute::<A>(id, command).await?.map_err(SagaError::permanent)
    }

    /// Executes a command. The outer error is an outage or a bug, the inner one a refusal.
    pub async fn execute<A: Decider>(
        &self,
        id: &A::Id,
        command: A::Command,
    ) -> Result<Result<(), A::Refusal>, SagaError> {
        self.execute_and_read(id, command, |_: &A| ()).await
    }

    /// Executes a command and returns what `read` finds in the state after it, also if it had been executed before.
    pub async fn execute_and_read<A: Decider, R: Send + 'static>(
        &self,
        id: &A::Id,
        command: A::Command,
        read: impl Fn(&A) -> R + Send + 'static,
    ) -> Result<Result<R, A::Refusal>, SagaError> {
        Ok(self.send(id, command, read).await?.map(|executed| executed.answer))
    }

    /// Executes a command and returns whether it caused events; `false` if it had been executed before.
    pub async fn changes<A: Decider>(
        &self,
        id: &A::Id,
        command: A::Command,
    ) -> Result<Result<bool, A::Refusal>, SagaError> {
        Ok(self.send(id, command, |_: &A| ()).await?.map(|executed| executed.changed))
    }

    async fn send<A: Decider, R: Send + 'static>(
        &self,
        id: &A::Id,
        command: A::Command,
        read: impl Fn(&A) -> R + Send + 'static,
    ) -> Result<Result<Executed<R>, A::Refusal>, SagaError> {
        let metadata = Metadata {
            time: self.now,
            actor: Actor::Saga(self.saga.to_owned()),
            correlation: self.correlation,
            causation: self.causation,
            trace: self.span.traceparent(),
        };
        match self.executor.execute(id, command, metadata, read).await {
            Ok(executed) => Ok(Ok(executed)),
            Err(ExecuteError::Refused { refusal, .. }) => Ok(Err(refusal)),
            Err(ExecuteError::Unavailable(failure)) => Err(failure.into()),
            Err(error @ (ExecuteError::Overloaded { .. } | ExecuteError::LogDiverged)) => {
                Err(SagaError::transient(error))
            }
        }
    }
}
