//! Problems for outages of Postgres and NATS. Causes are logged here and stay out of the response.

use std::time::Duration;

use ticketshow_http::{Problem, error::chain};
use ticketshow_nats::failure::Failure;

/// `Retry-After` of a 503.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The problem for a failed query.
pub fn database_failed(error: &sqlx::Error) -> Problem {
    // SQLSTATE 22, data exception: a parameter of the call does not fit its column type.
    if code(error).is_some_and(|code| code.starts_with("22")) {
        return Problem::invalid_value("", "a value is out of range");
    }
    if is_bug(error) {
        tracing::error!(causes = %chain(error), "a query is invalid");
        return Problem::internal();
    }
    tracing::warn!(causes = %chain(error), "the read models are unreachable");
    Problem::unavailable(RETRY_AFTER)
}

/// The problem for a failed read of the log, or of anything else in NATS.
pub fn log_failed(failure: &Failure) -> Problem {
    // A newer version wrote the event; its processes can serve the request.
    if matches!(failure, Failure::UnreadableEvent(_)) {
        tracing::error!(causes = %chain(failure), "the log holds an event that this version does not know");
        return Problem::unavailable(RETRY_AFTER);
    }
    if failure.is_permanent() {
        tracing::error!(causes = %chain(failure), "the log is unreadable");
        return Problem::internal();
    }
    tracing::warn!(causes = %chain(failure), "the log is unreachable");
    Problem::unavailable(RETRY_AFTER)
}

/// The problem for a query that timed out.
pub fn database_timed_out() -> Problem {
    tracing::warn!("a query of the read models timed out");
    Problem::unavailable(RETRY_AFTER)
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

/// True if a retry cannot succeed. A missing table is no bug: the projections may not have created it yet.
fn is_bug(error: &sqlx::Error) -> bool {
    const UNDEFINED_TABLE: &str = "42P01";
    let wrong_statement = code(error).is_some_and(|code| code.starts_with("42") && code != UNDEFINED_TABLE);
    let wrong_row = matches!(
        error,
        sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::Encode(_)
    );
    wrong_statement || wrong_row
}
