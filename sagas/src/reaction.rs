//! Carrying out what a saga wants because of one event, and telling a world that is away from a bug.

use std::error::Error;

use ticketshow_domain::{Decider, Policy, WireError};
use ticketshow_nats::{
    Actor, ExecuteError, Executed, Executor, Failure, Freshness, Metadata, Recorded, Verdict, clock,
};
use uuid::Uuid;

type Source = Box<dyn Error + Send + Sync>;

/// Why a saga cannot go on with an event now.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The world is away: later.
    Away(Source),
    /// A bug or a final refusal: a person has to look.
    Stuck(Source),
}

impl Halt {
    pub fn stuck(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Stuck(Box::new(error))
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        if failure.is_permanent() { Self::stuck(failure) } else { Self::Away(Box::new(failure)) }
    }
}

impl From<WireError> for Halt {
    fn from(error: WireError) -> Self {
        Self::stuck(error)
    }
}

impl From<sqlx::Error> for Halt {
    fn from(error: sqlx::Error) -> Self {
        Self::Away(Box::new(error))
    }
}

/// What the runner of a consumer or timer is told.
pub(crate) fn verdict(result: Result<(), Halt>) -> Verdict {
    match result {
        Ok(()) => Verdict::Done,
        Err(Halt::Away(error)) => Verdict::Retry(error),
        Err(Halt::Stuck(error)) => Verdict::Park(error),
    }
}

/// What a saga does because of one event, in the name of the saga and on behalf of the request that began it all.
#[derive(Debug)]
pub(crate) struct Reaction<'a> {
    executor: &'a Executor,
    saga: &'static str,
    correlation: Uuid,
    causation: Option<Uuid>,
    trace: Option<String>,
}

impl<'a> Reaction<'a> {
    /// To an event of the log.
    pub fn to(cause: &Recorded, saga: &'static str, executor: &'a Executor) -> Self {
        let Metadata { correlation, ref trace, .. } = *cause.metadata;
        Self { executor, saga, correlation, causation: Some(cause.commit), trace: trace.clone() }
    }

    /// To nothing but the time: a timer fired.
    pub fn to_time(saga: &'static str, executor: &'a Executor) -> Self {
        Self { executor, saga, correlation: clock::new_id(), causation: None, trace: None }
    }

    /// The numbers of the house.
    pub fn policy(&self) -> &Policy {
        self.executor.policy()
    }

    /// Reads an aggregate, nothing older than what the log holds now.
    pub async fn read<A: Decider>(&self, id: &A::Id) -> Result<A, Halt> {
        Ok(self.executor.state(id, Freshness::Fresh).await?.state)
    }

    /// Carries out a command; the outer error is the world's or ours, the inner one the rule's.
    pub async fn execute<A: Decider, R: Send + 'static>(
        &self,
        id: &A::Id,
        command: A::Command,
        answer: impl Fn(&A) -> R + Send + 'static,
    ) -> Result<Result<R, A::Refusal>, Halt> {
        Ok(self.send(id, command, answer).await?.map(|executed| executed.answer))
    }

    /// The same, and tells whether it brought events: `false` if it had been carried out before, by whomever.
    pub async fn is_new<A: Decider>(
        &self,
        id: &A::Id,
        command: A::Command,
    ) -> Result<Result<bool, A::Refusal>, Halt> {
        Ok(self.send(id, command, |_: &A| ()).await?.map(|executed| executed.changed))
    }

    async fn send<A: Decider, R: Send + 'static>(
        &self,
        id: &A::Id,
        command: A::Command,
        answer: impl Fn(&A) -> R + Send + 'static,
    ) -> Result<Result<Executed<R>, A::Refusal>, Halt> {
        let metadata = Metadata {
            time: clock::now(),
            actor: Actor::Saga(self.saga.to_owned()),
            correlation: self.correlation,
            causation: self.causation,
            trace: self.trace.clone(),
        };
        match self.executor.execute(id, command, metadata, answer).await {
            Ok(executed) => Ok(Ok(executed)),
            Err(ExecuteError::Refused { refusal, .. }) => Ok(Err(refusal)),
            Err(ExecuteError::Unavailable(failure)) => Err(failure.into()),
            Err(error @ (ExecuteError::Overloaded { .. } | ExecuteError::LogDiverged)) => {
                Err(Halt::Away(Box::new(error)))
            }
        }
    }
}
