//! Why a projection stops: because the world is away, or because it met something that it must not skip.

use ticketshow_domain::SeatName;
use ticketshow_nats::Failure;

/// What went wrong while the log was written into tables.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// Postgres did not do as asked.
    #[error("{doing}: Postgres did not do it")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
    /// The log did not give its commits.
    #[error("the log could not be read")]
    Log(#[from] Failure),
    /// An event that does not fit the rows: a bug here, or a log that no deciders wrote. It must not be skipped.
    #[error("the commit at position {position} cannot be applied")]
    Inapplicable {
        /// Its position.
        position: u64,
        /// Why not.
        #[source]
        source: Misfit,
    },
    /// The tables moved under us: a rebuild took their place, or another process wrote to them. Start over from their
    /// checkpoint.
    #[error("the tables were replaced")]
    Replaced,
    /// The log does not hold the commit that was projected last: it was cut, or it is another one.
    #[error("the log does not hold what was projected up to position {position}")]
    LogDiverged {
        /// The checkpoint.
        position: u64,
    },
}

/// Why an event does not fit the rows.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// It changes something that no event brought into being.
    #[error("there is no row {key} in {table}")]
    NoRow {
        /// Where it was looked for.
        table: &'static str,
        /// What was looked for.
        key: String,
    },
    /// It names a seat that the layout does not have.
    #[error("there is no seat {0}")]
    NoSeat(SeatName),
    /// The id of its aggregate is not one.
    #[error("the aggregate's id is no UUID")]
    NoId(#[from] uuid::Error),
}

impl ProjectError {
    /// Whether trying again cannot help: somebody has to look.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Inapplicable { .. } | Self::LogDiverged { .. } => true,
            Self::Log(failure) => matches!(failure, Failure::Unreadable(_) | Failure::UnreadableEvent(_)),
            Self::Database { source, .. } => refuses_the_rows(source),
            Self::Replaced => false,
        }
    }
}

/// Whether the database is there and finds fault with the rows themselves: SQLSTATE classes 22 (data) and 23 (integrity).
fn refuses_the_rows(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

/// Says what was being done when Postgres failed.
pub(crate) fn database(doing: &'static str) -> impl FnOnce(sqlx::Error) -> ProjectError {
    move |source| ProjectError::Database { doing, source }
}

/// Formats an error and its causes on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
