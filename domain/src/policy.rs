//! The numbers of the house, in one place. Settable at start-up; what was promised is copied into events and not changed
//! by a new setting. Source: the design, "The domain".

use serde::{Deserialize, Serialize};

/// The numbers of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// How long seats wait for payment, in seconds.
    pub hold_seconds: i64,
    /// How much longer they wait once a checkout opened, in seconds, counted from that moment; never past the start.
    pub extension_seconds: i64,
    /// Seats in one booking.
    pub booking_seats_max: usize,
    /// Unpaid holds of one customer on one screening.
    pub holds_max: usize,
    /// Seats of one customer on one screening, held and sold.
    pub customer_seats_max: usize,
    /// How long before the start a customer may still cancel, in seconds.
    pub cancel_cutoff_seconds: i64,
    /// Lapsed bookings released by one commit: keeps it under the size limit.
    pub lapses_per_commit: usize,
    /// Smallest top-up of a wallet, in minor units.
    pub top_up_min_minor: i64,
    /// Largest top-up of a wallet, in minor units.
    pub top_up_max_minor: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            hold_seconds: 480,
            extension_seconds: 600,
            booking_seats_max: 10,
            holds_max: 3,
            customer_seats_max: 20,
            cancel_cutoff_seconds: 2 * 60 * 60,
            lapses_per_commit: 500,
            top_up_min_minor: 100,
            top_up_max_minor: 5_000_000,
        }
    }
}
