//! The clock and the source of ids. Read only at the edge; inner code gets times and ids as arguments.

use jiff::{SignedDuration, Timestamp, Unit};
use uuid::Uuid;

/// Current time, truncated to the millisecond so that every store preserves it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the edge")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(jiff::TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Floor))
        .unwrap_or(now)
}

/// Creates a new id.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the edge")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Duration from now until `moment`; zero if it has passed.
#[must_use]
pub fn until(moment: Timestamp) -> std::time::Duration {
    moment.duration_since(now()).max(SignedDuration::ZERO).unsigned_abs()
}
