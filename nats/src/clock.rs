//! The edge where the clock is read and ids are minted. Everything further in gets them passed.

use jiff::{SignedDuration, Timestamp, Unit};
use uuid::Uuid;

/// The current moment, cut to the millisecond so that it survives every store unchanged.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the edge")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(jiff::TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Floor))
        .unwrap_or(now)
}

/// A new id.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the edge")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// How long it is from now until `moment`; zero if it has passed.
#[must_use]
pub fn until(moment: Timestamp) -> std::time::Duration {
    moment.duration_since(now()).max(SignedDuration::ZERO).unsigned_abs()
}
