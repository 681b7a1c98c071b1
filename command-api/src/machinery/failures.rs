//! Problems for commands that were not executed. Refusals are answered in full; the causes of failures are logged and not
//! answered.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use ticketshow_http::{BODY_BYTES_MAX, Problem, StreamPosition, error::chain};
use ticketshow_nats::{executor::outcome::ExecuteError, failure::Failure};

use crate::machinery::refusals::Refuse;

/// Time to wait before a retry after an outage.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The problem for a command that was not executed.
pub fn not_executed<R: Refuse>(error: ExecuteError<R>) -> Problem {
    match error {
        ExecuteError::Refused { refusal, position } => at(refusal.problem(), position),
        ExecuteError::Overloaded { retry_after } => Problem::unavailable(retry_after),
        ExecuteError::Unavailable(failure) => failed(&failure),
        ExecuteError::LogDiverged => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "log-diverged",
            "Writing is suspended until an administrator has checked the log",
        )
        .retry_after(Duration::from_mins(1)),
    }
}

/// Adds the position that a problem refers to.
pub fn at(problem: Problem, position: u64) -> Problem {
    problem.header(StreamPosition::HEADER, HeaderValue::from(position))
}

/// The problem for a failure of NATS. Logs the causes.
pub fn failed(failure: &Failure) -> Problem {
    match failure {
        Failure::Unreachable { .. }
        | Failure::Rejected { .. }
        | Failure::Unresolved { .. }
        | Failure::OtherLog
        | Failure::Guarded
        | Failure::Busy
        | Failure::Stopping => {
            tracing::warn!(causes = %chain(failure), "a request failed");
            Problem::unavailable(RETRY_AFTER)
        }
        Failure::TooLarge { .. } => Problem::too_large(BODY_BYTES_MAX),
        // A newer version wrote the event; its processes can serve the request.
        Failure::UnreadableEvent(_) => {
            tracing::error!(causes = %chain(failure), "the log holds an event that this version does not know");
            Problem::unavailable(RETRY_AFTER)
        }
        Failure::Unreadable(_) | Failure::Sealed | Failure::Gap { .. } | Failure::Backwards { .. } => {
            tracing::error!(causes = %chain(failure), "the log cannot be read");
            Problem::internal()
        }
    }
}

/// The problem for a failed database query. Logs the causes.
pub fn no_database(error: &sqlx::Error) -> Problem {
    tracing::warn!(causes = %chain(error), "the read models cannot be queried");
    Problem::unavailable(RETRY_AFTER)
}
