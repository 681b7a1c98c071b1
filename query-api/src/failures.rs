//! What a query answers when Postgres or NATS do not: a problem without a word of the causes, which are logged here.

use std::{error::Error, time::Duration};

use ticketshow_http::Problem;
use ticketshow_nats::Failure;

/// When to come again after something was away.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The problem of a query that Postgres did not answer.
pub fn no_rows(error: &sqlx::Error) -> Problem {
    // SQLSTATE 22: a value, which only the caller can have sent, is beyond what the type holds.
    if code(error).is_some_and(|code| code.starts_with("22")) {
        return Problem::invalid_value("", "a value is out of range");
    }
    if is_bug(error) {
        tracing::error!(causes = %chain(error), "a query is wrong");
        return Problem::internal();
    }
    tracing::warn!(causes = %chain(error), "the read models cannot be asked");
    Problem::unavailable(RETRY_AFTER)
}

/// The problem of a log, or of anything else in NATS, that cannot be read.
pub fn no_log(failure: &Failure) -> Problem {
    if failure.is_permanent() {
        tracing::error!(causes = %chain(failure), "the log cannot be read");
        return Problem::internal();
    }
    tracing::warn!(causes = %chain(failure), "the log cannot be asked");
    Problem::unavailable(RETRY_AFTER)
}

/// The problem of a query that took too long.
pub fn too_slow() -> Problem {
    tracing::warn!("the read models did not answer in time");
    Problem::unavailable(RETRY_AFTER)
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

/// Whether asking again cannot help. A table that is not there yet will be, once the projections have made it.
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

fn chain(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
