//! Errors that stop a projection: outages, and events that must not be skipped.

use ticketshow_domain::SeatName;
use ticketshow_nats::failure::{self, Failure};

/// Failure to write the log into tables.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// A statement failed.
    #[error("{doing}: Postgres failed")]
    Database {
        doing: &'static str,
        #[source]
        source: sqlx::Error,
    },
    /// The log did not return its commits.
    #[error("the log could not be read")]
    Log(#[from] Failure),
    /// An event does not fit the rows: a bug here, or commits from another writer. It must not be skipped.
    #[error("the commit at position {position} cannot be applied")]
    Inapplicable {
        position: u64,
        #[source]
        source: Misfit,
    },
    /// A rebuild replaced the tables, or another process wrote to them. Start over from their checkpoint.
    #[error("the tables were replaced")]
    Replaced,
    /// The log lacks the commit that was projected last: it was truncated or replaced.
    #[error("the log does not hold what was projected up to position {position}")]
    LogDiverged { position: u64 },
}

/// Mismatch of an event and the rows.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// It changes a row that no event created.
    #[error("there is no row {key} in {table}")]
    NoRow { table: &'static str, key: String },
    /// It names a seat that is not in the layout.
    #[error("there is no seat {0}")]
    NoSeat(SeatName),
    /// The id of its aggregate is not a UUID.
    #[error("the aggregate's id is not a UUID")]
    NoId(#[from] uuid::Error),
}

impl ProjectError {
    /// Returns true if a retry cannot help and an operator has to act.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Inapplicable { .. } | Self::LogDiverged { .. } => true,
            Self::Log(failure) => {
                matches!(failure, Failure::Unreadable(_) | Failure::UnreadableEvent(_) | Failure::Sealed)
            }
            Self::Database { source, .. } => refuses_the_rows(source),
            Self::Replaced => false,
        }
    }
}

/// Returns true if Postgres rejects the rows themselves: SQLSTATE classes 22 (data) and 23 (integrity).
fn refuses_the_rows(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

/// Adds the failed action to an error of Postgres.
pub(crate) fn database(doing: &'static str) -> impl FnOnce(sqlx::Error) -> ProjectError {
    move |source| ProjectError::Database { doing, source }
}

/// Formats an error and its causes on one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    failure::chain(error).join(": ")
}
