//! When NATS is away or says no: what to retry, what means that somebody wrote first.

use std::{error::Error, sync::Arc, time::Duration};

use async_nats::jetstream::ErrorCode;
use serde::Deserialize;
use ticketshow_domain::WireError;

use crate::envelope::EnvelopeError;

/// The log could not be reached, read or written. Clones tell the same to every caller that it hit.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// No answer in time, or no server to ask. Worth retrying.
    #[error("{doing}: NATS is not answering")]
    Away {
        /// What was being done.
        doing: &'static str,
        /// What the client said.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The server answered with an error.
    #[error("{doing}: NATS refused with {code}: {description}")]
    Rejected {
        /// What was being done.
        doing: &'static str,
        /// JetStream's error code.
        code: u64,
        /// Its words.
        description: String,
    },
    /// It is not known whether a commit was stored. Repeating the command finds out.
    #[error("no answer to a commit for {patience:?}")]
    Unresolved {
        /// How long it was tried.
        patience: Duration,
        /// What the last try met.
        #[source]
        source: Box<Failure>,
    },
    /// What is stored is not a commit known here: a bug or a newer program's log. Retrying does not help.
    #[error("the log holds something unreadable")]
    Unreadable(#[source] Arc<EnvelopeError>),
    /// An event that is not known here. Retrying does not help.
    #[error("the log holds an unreadable event")]
    UnreadableEvent(#[source] Arc<WireError>),
    /// A commit of an aggregate does not follow the one before: somebody else wrote to the stream, or it lost messages.
    /// Retrying does not help.
    #[error("the history of an aggregate jumps from version {from} to {to} at position {position}")]
    Gap {
        /// Version before.
        from: u64,
        /// First version of the commit.
        to: u64,
        /// Position of the commit.
        position: u64,
    },
    /// One command's events do not fit into a commit. Retrying does not help.
    #[error("a commit of {bytes} bytes is larger than {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The log guard has not compared the log yet. Worth retrying.
    #[error("the log guard is not satisfied yet")]
    Guarded,
    /// Too many wait for this aggregate. Worth retrying.
    #[error("too many wait for this aggregate")]
    Busy,
    /// The program is stopping.
    #[error("stopping")]
    Stopping,
}

impl Failure {
    pub(crate) fn away(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Away { doing, source: Arc::from(source.into()) }
    }

    pub(crate) fn rejected(doing: &'static str, error: ApiError) -> Self {
        Self::Rejected { doing, code: error.err_code, description: error.description }
    }

    /// Whether trying again can never help: the log holds what this program cannot read.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Unreadable(_) | Self::UnreadableEvent(_) | Self::Gap { .. } | Self::TooLarge { .. } => true,
            Self::Away { .. }
            | Self::Rejected { .. }
            | Self::Unresolved { .. }
            | Self::Guarded
            | Self::Busy
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

/// JetStream's own error object.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ApiError {
    #[serde(default)]
    pub err_code: u64,
    #[serde(default)]
    pub description: String,
}

/// What an error of a guarded publish means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Somebody wrote to the subject first, or our own earlier attempt did.
    Overtaken,
    /// The same message id is on its way through the cluster: ask again.
    InFlight,
    /// Anything else.
    Rejected,
}

/// The one classifier of lost races. R1 answers 10071; a cluster 10164 when it sees the race before it is ordered.
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
    fn a_message_on_its_way_is_neither_stored_nor_lost() {
        assert_eq!(meaning_of(10_158), Meaning::InFlight);
    }

    #[test]
    fn a_full_stream_is_a_rejection() {
        assert_eq!(meaning_of(10_077), Meaning::Rejected);
    }
}
