//! Results of executing commands and reading aggregates.

use std::time::Duration;

use crate::failure::Failure;

/// Freshness that a reader needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The state in memory, which another process may have overtaken.
    Cached,
    /// A state that includes the commit at this position, which is one of the aggregate's own.
    Including(u64),
    /// A state confirmed with the leader of the log.
    Fresh,
}

/// State of an aggregate at a position of the log.
#[derive(Debug, Clone)]
pub struct AggregateState<A> {
    /// The state itself.
    pub state: A,
    /// Position of the last commit; 0 if there is none.
    pub position: u64,
    /// Last version; 0 if there is none.
    pub version: u64,
}

/// Result of a command that was carried out, now or earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed<R> {
    /// Value that the caller asked to read from the state.
    pub answer: R,
    /// Position of the aggregate's last commit, which `answer` includes.
    pub position: u64,
    /// `true` if the command caused events; `false` for a repeat.
    pub changed: bool,
}

/// Reason a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R: std::error::Error + 'static> {
    /// A rule said no.
    #[error("refused")]
    Refused {
        /// The rule's reason.
        #[source]
        refusal: R,
        /// Position of the aggregate's last commit when the refusal was decided.
        position: u64,
    },
    /// Too many commands wait for this aggregate. Nothing was done.
    #[error("too many commands are waiting")]
    Overloaded {
        /// Time to wait before the next attempt.
        retry_after: Duration,
    },
    /// The log is unavailable. The command may have been carried out; repeating it is safe.
    #[error("the log is unavailable")]
    Unavailable(#[from] Failure),
    /// The log guard found another log than before: nothing is written until an administrator decides.
    #[error("the log went backwards")]
    LogDiverged,
}
