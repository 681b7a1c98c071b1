//! When NATS is away or says no: what to retry, what means that somebody wrote first.

use std::time::Duration;

use async_nats::{RequestError, jetstream::ErrorCode};
use serde::Deserialize;
use ticketshow_domain::WireError;

use crate::envelope::EnvelopeError;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// The log could not be reached, read or written. Worth retrying unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No answer in time, or no server to ask.
    #[error("{doing}: NATS is not answering")]
    Away {
        /// What was being done.
        doing: &'static str,
        /// What the client said.
        #[source]
        source: Source,
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
    /// It is not known whether a commit was stored.
    #[error("no answer to a commit for {0:?}")]
    Unresolved(Duration),
    /// What is stored is not a commit known here: a bug or a newer program's log. Retrying does not help.
    #[error("the log holds something unreadable")]
    Unreadable(#[from] EnvelopeError),
    /// An event that is not known here. Retrying does not help.
    #[error("the log holds an unreadable event")]
    UnreadableEvent(#[from] WireError),
    /// One command's events do not fit into a commit. Retrying does not help.
    #[error("a commit of {bytes} bytes is larger than {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A failure that hit a whole group of commands; its causes are in the program's log.
    #[error("{0}")]
    Shared(String),
    /// The writer is not allowed to write now.
    #[error("the log guard is not satisfied yet")]
    Guarded,
    /// Too many wait for this aggregate.
    #[error("too many wait for this aggregate")]
    Busy,
    /// The program is stopping.
    #[error("stopping")]
    Stopping,
}

impl Failure {
    /// The same failure for another caller of the same group, without its causes: those are logged once.
    pub(crate) fn again(&self) -> Self {
        Self::Shared(self.to_string())
    }

    pub(crate) fn away(doing: &'static str) -> impl FnOnce(Source) -> Self {
        move |source| Self::Away { doing, source }
    }

    pub(crate) fn request(doing: &'static str) -> impl FnOnce(RequestError) -> Self {
        move |source| Self::Away { doing, source: source.into() }
    }
}

/// What the server says to a publish.
#[derive(Debug, Deserialize)]
pub(crate) struct PublishReply {
    #[serde(default)]
    pub seq: u64,
    pub error: Option<ApiError>,
}

/// JetStream's own error object.
#[derive(Debug, Deserialize)]
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
pub(crate) fn meaning(code: u64) -> Meaning {
    const SEQUENCE: u64 = ErrorCode::STREAM_WRONG_LAST_SEQUENCE.0;
    const SEQUENCE_UNNUMBERED: u64 = ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT.0;
    const IN_PROCESS: u64 = ErrorCode::STREAM_DUPLICATE_MESSAGE_CONFLICT.0;
    match code {
        SEQUENCE | SEQUENCE_UNNUMBERED => Meaning::Overtaken,
        IN_PROCESS => Meaning::InFlight,
        _ => Meaning::Rejected,
    }
}
