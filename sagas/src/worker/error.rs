//! Errors of sagas: outages and events of a newer version, which are retried, and bugs or final refusals, which are parked.

use std::error::Error;

use ticketshow_domain::WireError;
use ticketshow_nats::{consumers::verdict::Verdict, failure::Failure};

type Source = Box<dyn Error + Send + Sync>;

/// Reason for which a saga cannot finish with an event now.
#[derive(Debug)]
pub(crate) enum SagaError {
    /// An outage: retried later.
    Transient(Source),
    /// An event of a newer version, whose processes can finish with it: retried until one of them takes over.
    Newer(Source),
    /// A bug or a final refusal: parked for an operator.
    Permanent(Source),
}

impl SagaError {
    pub fn transient(error: impl Into<Source>) -> Self {
        Self::Transient(error.into())
    }

    pub fn permanent(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Permanent(Box::new(error))
    }

    pub fn newer(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Newer(Box::new(error))
    }

    pub fn source(&self) -> &(dyn Error + 'static) {
        match self {
            Self::Transient(source) | Self::Newer(source) | Self::Permanent(source) => source.as_ref(),
        }
    }
}

impl From<Failure> for SagaError {
    fn from(failure: Failure) -> Self {
        if matches!(failure, Failure::UnreadableEvent(_)) {
            Self::newer(failure)
        } else if failure.is_permanent() {
            Self::permanent(failure)
        } else {
            Self::transient(failure)
        }
    }
}

impl From<WireError> for SagaError {
    fn from(error: WireError) -> Self {
        Self::newer(error)
    }
}

impl From<sqlx::Error> for SagaError {
    fn from(error: sqlx::Error) -> Self {
        Self::transient(error)
    }
}

/// Translates the result of handling a message for the runner of its consumer or timer.
pub(crate) fn verdict(result: Result<(), SagaError>) -> Verdict {
    match result {
        Ok(()) => Verdict::Done,
        Err(SagaError::Transient(error) | SagaError::Newer(error)) => Verdict::Retry(error),
        Err(SagaError::Permanent(error)) => Verdict::Park(error),
    }
}
