//! Facts about a hold that a screening hands to the booking: its state and the seats with their prices.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    BookingId, Money, PromotionId, ScreeningId, SeatName, UserId,
    pricing::{Charges, TicketType},
};

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
    /// Type of the ticket.
    #[serde(default)]
    pub ticket_type: TicketType,
    /// Discount on the price, in minor units.
    #[serde(default)]
    pub discount_minor: i64,
}

impl PricedSeat {
    /// Returns the price after the discount, without fees, in minor units.
    #[must_use]
    pub fn net_minor(&self) -> i64 {
        self.price_minor - self.discount_minor
    }
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
    /// Sum of the prices and fees.
    pub amount: Money,
    /// Start of the screening.
    pub starts_at: Timestamp,
    /// Until this moment the customer may cancel.
    pub cancel_until: Timestamp,
    /// Fee and tax of the booking.
    #[serde(default)]
    pub charges: Charges,
    /// Charge that the house keeps from the refund of each cancellation by the customer, in minor units.
    #[serde(default)]
    pub cancellation_fee_minor: i64,
    /// Promotion that the discounts come from.
    #[serde(default)]
    pub promotion: Option<PromotionId>,
}
