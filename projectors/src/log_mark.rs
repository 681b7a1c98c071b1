//! The last commit in the tables; the log guard compares the log with it.

use sqlx::PgPool;
use ticketshow_nats::guard::log_guard::LogMark;

use crate::error::{ProjectError, database};

/// Returns the mark, or `None` if nothing was projected yet.
///
/// # Errors
///
/// [`ProjectError::Database`], worth retrying.
pub async fn log_mark(pool: &PgPool) -> Result<Option<LogMark>, ProjectError> {
    const UNDEFINED_TABLE: &str = "42P01";
    let found: Result<(i64, Vec<u8>), sqlx::Error> =
        sqlx::query_as("SELECT position, hash FROM read.checkpoint").fetch_one(pool).await;
    let (position, hash) = match found {
        Ok(found) => found,
        // No projector has run yet.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNDEFINED_TABLE) => {
            return Ok(None);
        }
        Err(error) => return Err(database("reading the mark of the log")(error)),
    };
    let sha256 = hash.try_into().ok().filter(|_| position > 0);
    Ok(sha256.map(|sha256| LogMark { position: position.cast_unsigned(), sha256 }))
}
