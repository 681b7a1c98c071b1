//! Conversions from values in the log to column values.

use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::error::{Misfit, ProjectError};

/// Parses the id of the event's own aggregate.
pub(crate) fn own_id(recorded: &RecordedEvent) -> Result<Uuid, ProjectError> {
    let position = recorded.position;
    recorded.id.parse().map_err(|error| ProjectError::Inapplicable { position, source: Misfit::NoId(error) })
}

/// A position or version as Postgres stores it.
pub(crate) fn stored(number: u64) -> i64 {
    number.cast_signed()
}

/// A number of seats as Postgres stores it.
pub(crate) fn seats(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The values of one column, for a statement that takes all rows at once.
pub(crate) fn column<'a, K, R, T>(rows: &[(&'a K, &'a R)], value: impl Fn(&'a K, &'a R) -> T) -> Vec<T> {
    rows.iter().map(|(key, row)| value(key, row)).collect()
}
