//! Failures of NATS: outages to retry, rejections, and lost races.

use std::{error::Error, sync::Arc, time::Duration};

use async_nats::{
    client::{RequestError, RequestErrorKind},
    jetstream::ErrorCode,
};
use serde::Deserialize;
use ticketshow_domain::WireError;

use crate::log::envelope::EnvelopeError;

/// A failure to reach, read or write the log. Cloned for every caller it affects.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// No answer in time, or no server connected. Worth retrying.
    #[error("{doing}: NATS is not answering")]
    Unreachable {
        /// Action that failed.
        doing: &'static str,
        /// Error of the client library.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The server answered with an error.
    #[error("{doing}: NATS refused with {code}: {description}")]
    Rejected {
        /// Action that failed.
        doing: &'static str,
        /// JetStream's error code.
        code: u64,
        /// The server's description.
        description: String,
    },
    /// The commit may have been stored or not. Repeating the command is safe and gives the answer.
    #[error("no answer to a commit within {patience:?}")]
    Unresolved {
        /// Time spent trying.
        patience: Duration,
        /// Failure of the last attempt.
        #[source]
        source: Box<Failure>,
    },
    /// A stored message is not a commit this program can read: a bug, or the log of a newer program. Retrying does not help.
    #[error("the log holds an unreadable message")]
    Unreadable(#[source] Arc<EnvelopeError>),
    /// An event that this program does not know. Retrying does not help, except at a newer program.
    #[error("the log holds an unreadable event")]
    UnreadableEvent(#[source] Arc<WireError>),
    /// A commit does not follow the previous one of its aggregate: a foreign program wrote to the stream, or it lost
    /// messages. Retrying does not help.
    #[error("the history of an aggregate jumps from version {from} to {to} at position {position}")]
    Gap {
        /// Last version before the gap.
        from: u64,
        /// First version after it.
        to: u64,
        /// Position of the commit after it.
        position: u64,
    },
    /// The server answered a request for messages from a sequence on with an earlier one. Retrying does not help.
    #[error("the server answered with message {sequence} to a request for messages from {from} on")]
    Backwards {
        /// First sequence that was asked for.
        from: u64,
        /// Sequence of the answer.
        sequence: u64,
    },
    /// The events of one command do not fit into a commit. Retrying does not help.
    #[error("a commit of {bytes} bytes is larger than {max}")]
    TooLarge {
        /// Size of the commit.
        bytes: usize,
        /// Largest allowed size.
        max: usize,
    },
    /// A text about a person does not open: this process lacks the wrapping key of the person's key, or the text is damaged. Worth
    /// retrying with the right keys.
    #[error("a sealed text cannot be read: is TICKETSHOW_PERSON_KEYS complete?")]
    Sealed,
    /// The log was restored from a backup or belongs to another installation. Everything derived from the old log must be
    /// rebuilt.
    #[error("the log was replaced by another one")]
    OtherLog,
    /// The log guard has not compared the log yet. Worth retrying.
    #[error("the log guard has not compared the log yet")]
    Guarded,
    /// Too many requests wait for this aggregate. Worth retrying.
    #[error("too many requests wait for this aggregate")]
    Busy,
    /// The program is shutting down.
    #[error("shutting down")]
    Stopping,
}

impl Failure {
    pub(crate) fn unreachable(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unreachable { doing, source: Arc::from(source.into()) }
    }

    pub(crate) fn rejected(doing: &'static str, error: ApiError) -> Self {
        Self::Rejected { doing, code: error.err_code, description: error.description }
    }

    /// Returns `true` if no server had a subscriber for a request: nobody received it.
    pub(crate) fn has_no_responders(&self) -> bool {
        let Self::Unreachable { source, .. } = self else { return false };
        let error = source.downcast_ref::<RequestError>();
        error.is_some_and(|error| error.kind() == RequestErrorKind::NoResponders)
    }

    /// Returns `true` if retrying cannot help, such as for a message this program cannot read.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Unreadable(_)
            | Self::UnreadableEvent(_)
            | Self::Gap { .. }
            | Self::Backwards { .. }
            | Self::TooLarge { .. } => true,
            Self::Unreachable { .. }
            | Self::Rejected { .. }
            | Self::Unresolved { .. }
            | Self::OtherLog
            | Self::Guarded
            | Self::Busy
            | Self::Sealed
            | Self::Stopping => false,
        }
    }
}

impl From<EnvelopeError> for Failure {
    fn from(error: EnvelopeError) -> Self {
        Self::Unreadable(Arc::new(error))
    }
}

impl From<WireError> for Failure {
    fn from(error: WireError) -> Self {
        Self::UnreadableEvent(Arc::new(error))
    }
}

/// Error object of JetStream.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ApiError {
    #[serde(default)]
    pub err_code: u64,
    #[serde(default)]
    pub description: String,
}

/// Returns `true` if the server refused only because its cluster has no leader or a part of it is offline.
pub(crate) fn is_temporary(error: &ApiError) -> bool {
    const TEMPORARY: [u64; 5] = [
        ErrorCode::CLUSTER_INCOMPLETE.0,
        ErrorCode::CLUSTER_NOT_AVAILABLE.0,
        ErrorCode::CLUSTER_NOT_LEADER.0,
        ErrorCode::STREAM_OFFLINE.0,
        ErrorCode::CONSUMER_OFFLINE.0,
    ];
    TEMPORARY.contains(&error.err_code)
}

/// Cause of an error of a guarded publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Another writer was first, or an earlier attempt of our own.
    Overtaken,
    /// The same message id is being replicated in the cluster: retry.
    InFlight,
    /// Any other error.
    Rejected,
}

/// Classifies errors, lost races above all. One server answers 10071; a cluster answers 10164 if it sees the race before
/// ordering the messages.
pub(crate) fn meaning(error: &ApiError) -> Meaning {
    const SEQUENCE: u64 = ErrorCode::STREAM_WRONG_LAST_SEQUENCE.0;
    const SEQUENCE_UNNUMBERED: u64 = ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT.0;
    const IN_PROCESS: u64 = ErrorCode::STREAM_DUPLICATE_MESSAGE_CONFLICT.0;
    match error.err_code {
        SEQUENCE | SEQUENCE_UNNUMBERED => Meaning::Overtaken,
        IN_PROCESS => Meaning::InFlight,
        _ => Meaning::Rejected,
    }
}

/// Returns the messages of an error and of its causes, outermost first.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| Error::source(*error))
        .map(ToString::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning_of(err_code: u64) -> Meaning {
        meaning(&ApiError { err_code, description: String::new() })
    }

    #[test]
    fn both_codes_of_a_lost_race_are_known() {
        assert_eq!(meaning_of(10_071), Meaning::Overtaken);
        assert_eq!(meaning_of(10_164), Meaning::Overtaken);
    }

    #[test]
    fn a_message_being_replicated_is_in_flight() {
        assert_eq!(meaning_of(10_158), Meaning::InFlight);
    }

    #[test]
    fn a_cluster_without_a_leader_is_worth_waiting_for() {
        let refused = |err_code| is_temporary(&ApiError { err_code, description: String::new() });
        assert!([10_008, 10_118, 10_119].into_iter().all(refused));
        assert!(!refused(10_059), "a missing stream is final");
    }

    #[test]
    fn a_full_stream_is_a_rejection() {
        assert_eq!(meaning_of(10_077), Meaning::Rejected);
    }
}
