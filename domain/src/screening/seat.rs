//! Owner of a seat.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{BookingId, SeatStatus};

/// Owner of a seat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seat {
    /// Without an owner.
    #[default]
    Free,
    /// An unpaid booking. It may have lapsed without being released yet.
    Held(BookingId),
    /// A paid booking.
    Sold(BookingId),
    /// The house keeps it back. The block may be over without being released yet.
    Blocked(Uuid),
}

impl Seat {
    /// Returns the status for seat maps.
    #[must_use]
    pub fn status(self) -> SeatStatus {
        match self {
            Self::Free => SeatStatus::Free,
            Self::Held(_) => SeatStatus::Held,
            Self::Sold(_) => SeatStatus::Sold,
            Self::Blocked(_) => SeatStatus::Blocked,
        }
    }

    /// Returns the booking that owns it.
    #[must_use]
    pub fn booking(self) -> Option<BookingId> {
        match self {
            Self::Free | Self::Blocked(_) => None,
            Self::Held(booking) | Self::Sold(booking) => Some(booking),
        }
    }
}
