//! Facts about a sale at the counter, which its screening decides and its booking and the seller's till take over.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    PaymentId, Personal, PromotionId, SeatName, TillId, UserId, booking::PaymentMethod, pricing::TicketType,
};

/// A seat that is sold at the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterSeat {
    /// Name of the seat.
    pub seat: SeatName,
    /// House block that the seat may be taken from.
    pub block: Option<Uuid>,
    /// Type of its ticket, as of a [`WantedSeat`](crate::pricing::WantedSeat).
    pub ticket_type: Option<TicketType>,
}

/// Details that a buyer at the counter chose to give.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// Name of the person.
    pub name: Option<Personal>,
    /// Address for the tickets.
    pub email: Option<Personal>,
    /// Telephone number.
    pub phone: Option<Personal>,
}

/// Payment of a sale at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterSale {
    /// Payment of the booking.
    pub payment: PaymentId,
    /// One of the methods of the counter ([`PaymentMethod::is_of_counter`]).
    pub method: PaymentMethod,
    /// Open session of the seller's till. Cash always has one.
    pub till: Option<TillId>,
    /// Member of staff who sold.
    pub by: UserId,
    /// Reason why the seats were free, or another remark of the seller.
    pub reason: Option<String>,
    /// Person who bought.
    pub buyer: Buyer,
}

/// Discount of a promotion on a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleDiscount {
    /// Promotion that it comes from.
    pub promotion: PromotionId,
    /// Discount on each seat, in the order of the seats, in minor units.
    pub seats_minor: Vec<i64>,
    /// Amount without the discount, for which it was computed, in minor units.
    pub full_minor: i64,
}

/// Refund that was handed out at the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterRefund {
    /// Id of the request: a repeat hands out nothing more.
    pub refund: Uuid,
    /// Open session of the till of the member of staff. Cash always has one.
    pub till: Option<TillId>,
    /// Member of staff who handed it out.
    pub by: UserId,
}
