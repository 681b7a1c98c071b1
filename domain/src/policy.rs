//! The operator's policy: limits and time windows. Set at start-up; events hold copies, so a new setting leaves earlier
//! bookings as they are. Source: the design, "The domain".

use serde::{Deserialize, Serialize};

/// The operator's limits and time windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Time to pay for held seats, in seconds.
    pub hold_seconds: i64,
    /// Time to pay after a checkout opened, in seconds; never past the start.
    pub extension_seconds: i64,
    /// Maximum number of seats per booking.
    pub booking_seats_max: usize,
    /// Maximum number of unpaid holds per customer and screening.
    pub holds_max: usize,
    /// Maximum number of seats per customer and screening, held and sold.
    pub customer_seats_max: usize,
    /// Holds of a customer and screening that may lapse within a day before the next one has to wait.
    pub lapses_excused: u32,
    /// First wait after that, in seconds. It doubles with each hold that lapses; 0 is no wait.
    pub cool_down_seconds: i64,
    /// Customers may cancel until this long before the start, in seconds.
    pub cancel_cutoff_seconds: i64,
    /// Tickets are checked in from this long before the start, in seconds.
    pub check_in_seconds: i64,
    /// Clocks of doors without a network may differ from ours by this much, in seconds.
    pub door_clock_skew_seconds: i64,
    /// Maximum number of check-ins reported at once by a door that had no network.
    pub door_batch_max: usize,
    /// Maximum number of bookings released per commit. Fewer are released if their events would be too large.
    pub lapses_per_commit: usize,
    /// Smallest top-up of a wallet, in minor units.
    pub top_up_min_minor: i64,
    /// Largest top-up of a wallet, in minor units.
    pub top_up_max_minor: i64,
    /// Smallest card payment of a booking, in minor units: the provider takes no less.
    pub card_min_minor: i64,
    /// Maximum number of seats of a new layout. Screens that have more keep them.
    pub screen_seats_max: usize,
    /// Largest credit that one administrator gives alone, in minor units.
    pub credit_max_minor: i64,
    /// Time to pay for seats that are offered to those who wait for them, in seconds.
    pub offer_seconds: i64,
    /// Maximum number of customers who wait for one screening; 0 is no waiting list.
    pub waiting_places_max: usize,
    /// Time in which bookings can be cancelled without charge after the house changed the time or the screen, in seconds; never past
    /// the start.
    pub free_cancellation_seconds: i64,
    /// Guests are reminded this long before the start, in seconds; 0 is no reminder.
    pub reminder_seconds: i64,
    /// Buyers at the counter without an account are erased this long after the end of their screening, in days.
    pub buyers_days: i64,
}

impl Policy {
    /// Largest setting of `booking_seats_max`: a commit that sells such a booking over lapsed holds of the same size fits.
    pub const BOOKING_SEATS_LARGEST: usize = 100;
    /// Largest amount that a setting or an administrator may name, in minor units: far from what sums can overflow.
    pub const AMOUNT_LARGEST: i64 = 1_000_000_000_000;
    /// Largest setting of `door_batch_max`: the events of one report fit into a commit.
    pub const DOOR_BATCH_LARGEST: usize = 200;
    /// Largest setting of `waiting_places_max`: the offers to all of them fit into a commit with the release of the largest block.
    pub const WAITING_PLACES_LARGEST: usize = 200;
    /// Largest setting of `lapses_per_commit`.
    pub const LAPSES_LARGEST: usize = 500;

    /// Returns `true` if guests are reminded of their screenings.
    #[must_use]
    pub fn sends_reminders(&self) -> bool {
        self.reminder_seconds > 0
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            hold_seconds: 480,
            extension_seconds: 600,
            booking_seats_max: 10,
            holds_max: 3,
            customer_seats_max: 40,
            lapses_excused: 2,
            cool_down_seconds: 300,
            cancel_cutoff_seconds: 2 * 60 * 60,
            check_in_seconds: 3 * 60 * 60,
            door_clock_skew_seconds: 300,
            door_batch_max: 200,
            lapses_per_commit: 500,
            top_up_min_minor: 100,
            top_up_max_minor: 5_000_000,
            card_min_minor: 50,
            screen_seats_max: 10_000,
            credit_max_minor: 5_000_000,
            offer_seconds: 15 * 60,
            waiting_places_max: Self::WAITING_PLACES_LARGEST,
            free_cancellation_seconds: 7 * 24 * 60 * 60,
            reminder_seconds: 3 * 60 * 60,
            buyers_days: 400,
        }
    }
}
