//! The screening in the tests of several sagas.

use jiff::Timestamp;
use ticketshow_domain::{SeatName, examples::one_row, promise::Promise};

/// The start of the screening.
pub fn start() -> Timestamp {
    "2026-12-01T18:00:00Z".parse().unwrap()
}

/// The first seat of the screening.
pub fn seat() -> SeatName {
    SeatName("A-1".to_owned())
}

/// The promise of the screening, with one row of `seats` seats.
pub fn promise(seats: u16, price_minor: i64) -> Promise {
    one_row(start(), seats, price_minor)
}
