//! What a command answers when it was not carried out: refusals as they are, failures without a word of their causes.

use std::{error::Error, time::Duration};

use axum::http::{HeaderValue, StatusCode};
use ticketshow_http::{BODY_BYTES_MAX, Problem, StreamPosition};
use ticketshow_nats::{ExecuteError, Failure};

use crate::refusals::Refuse;

/// When to come again after something was away.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The problem of a command that was not carried out.
pub fn not_executed<R: Refuse>(error: ExecuteError<R>) -> Problem {
    match error {
        ExecuteError::Refused { refusal, position } => at(refusal.problem(), position),
        ExecuteError::Overloaded { retry_after } => Problem::unavailable(retry_after),
        ExecuteError::Unavailable(failure) => failed(&failure),
        ExecuteError::LogDiverged => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "log-diverged",
            "Nothing may be written until an administrator has looked at the log",
        )
        .retry_after(Duration::from_mins(1)),
    }
}

/// Tells the position that a problem speaks of.
pub fn at(problem: Problem, position: u64) -> Problem {
    problem.header(StreamPosition::HEADER, HeaderValue::from(position))
}

/// The problem of a failure of NATS, whose causes are logged here.
pub fn failed(failure: &Failure) -> Problem {
    match failure {
        Failure::Away { .. }
        | Failure::Rejected { .. }
        | Failure::Unresolved { .. }
        | Failure::Guarded
        | Failure::Busy
        | Failure::Stopping => {
            tracing::warn!(causes = %chain(failure), "a request could not be carried out");
            Problem::unavailable(RETRY_AFTER)
        }
        Failure::TooLarge { .. } => Problem::too_large(BODY_BYTES_MAX),
        Failure::Unreadable(_) | Failure::UnreadableEvent(_) | Failure::Gap { .. } => {
            tracing::error!(causes = %chain(failure), "the log cannot be read");
            Problem::internal()
        }
    }
}

/// The problem of a database that does not answer, whose causes are logged here.
pub fn no_database(error: &sqlx::Error) -> Problem {
    tracing::warn!(causes = %chain(error), "the read models cannot be asked");
    Problem::unavailable(RETRY_AFTER)
}

fn chain(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
