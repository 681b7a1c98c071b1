//! Facts about a hold that a screening hands to the booking: its state and the seats with their prices.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{BookingId, Money, ScreeningId, SeatName, UserId};

/// State of a hold at the moment its customer wants to pay, as its screening sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The seats are reserved until then.
    Held(Timestamp),
    /// The time to pay is over.
    Lapsed,
    /// Another payment bought the seats.
    Sold,
    /// The customer or the operator cancelled the booking.
    Cancelled,
    /// The whole screening is cancelled.
    ScreeningCancelled,
}

/// A seat with its price at the time of the reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedSeat {
    /// Name of the seat.
    pub seat: SeatName,
    /// Price category of the seat.
    pub category: String,
    /// Price in minor units of the booking's currency.
    pub price_minor: i64,
}

/// Facts of a hold, copied from its screening when the first payment is requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Booking that holds the seats.
    pub booking: BookingId,
    /// Customer who reserved.
    pub customer: UserId,
    /// Screening of the seats.
    pub screening: ScreeningId,
    /// Seats in the order they were requested.
    pub seats: Vec<PricedSeat>,
    /// Sum of the prices.
    pub amount: Money,
    /// Start of the screening.
    pub starts_at: Timestamp,
    /// Until this moment the customer may cancel for the full amount.
    pub cancel_until: Timestamp,
}
