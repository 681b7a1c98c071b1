//! The discount of a hold. It belongs to the booking, so that a payment and a change of the amount cannot cross.

use serde::{Deserialize, Serialize};

use super::{Booking, BookingStatus, Event, Refusal};
use crate::{
    BookingId, Money, PromotionId, ScreeningId, UserId,
    hold::{Reservation, Standing},
    promotion::Code,
};

/// A discount of a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// Promotion that it comes from.
    pub promotion: PromotionId,
    /// Code of the promotion, if it has one.
    pub code: Option<Code>,
    /// Discount on each seat, in the order of the reservation, in minor units.
    pub seats_minor: Vec<i64>,
}

/// A hold with a discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discounted {
    /// Its discount.
    pub discount: Discount,
    booking: BookingId,
    screening: ScreeningId,
    customer: UserId,
    /// Amount without the discount.
    full: Money,
    /// Amount with the discount.
    pub amount: Money,
}

impl Discounted {
    /// Returns the booking that has the discount.
    #[must_use]
    pub fn booking(&self) -> BookingId {
        self.booking
    }
}

impl Booking {
    pub(super) fn apply_discount(
        &self,
        reservation: &Reservation,
        standing: Standing,
        discount: &Discount,
    ) -> Result<Vec<Event>, Refusal> {
        match self.opened.as_ref().map(|opened| opened.status) {
            None => {}
            Some(BookingStatus::Held | BookingStatus::Paying) => return Err(Refusal::PaymentBegun),
            Some(BookingStatus::Confirmed) => return Err(Refusal::AlreadyPaid),
            Some(BookingStatus::Expired) => return Err(Refusal::HoldExpired),
            Some(BookingStatus::Cancelled | BookingStatus::Refunded) => {
                return Err(Refusal::BookingCancelled);
            }
        }
        match standing {
            Standing::Held(_) => {}
            Standing::Lapsed => return Err(Refusal::HoldExpired),
            Standing::Sold => return Err(Refusal::AlreadyPaid),
            Standing::Cancelled => return Err(Refusal::BookingCancelled),
            Standing::ScreeningCancelled => return Err(Refusal::ScreeningCancelled),
        }
        let before = self.discounted.as_ref().map(|known| known.discount.promotion);
        if before == Some(discount.promotion) {
            return Ok(Vec::new());
        }
        let Reservation { booking, screening, customer, .. } = *reservation;
        let amount = discount.reduce(reservation).amount;
        let (discount, replaced) = (discount.clone(), before);
        Ok(vec![Event::DiscountApplied { booking, screening, customer, discount, amount, replaced }])
    }

    pub(super) fn remove_discount(&self) -> Vec<Event> {
        let removed = |known: &Discounted| {
            let Discounted { discount, booking, screening, customer, full, amount: _ } = known;
            Event::DiscountRemoved {
                booking: *booking,
                screening: *screening,
                customer: *customer,
                promotion: discount.promotion,
                amount: *full,
            }
        };
        self.discounted.iter().map(removed).collect()
    }

    /// Returns a reservation with the discount that the hold has.
    #[must_use]
    pub fn reduced(&self, reservation: &Reservation) -> Reservation {
        match &self.discounted {
            Some(known) => known.discount.reduce(reservation),
            None => Reservation { promotion: None, ..reservation.clone() },
        }
    }

    pub(super) fn follow_discount(&mut self, event: &Event) {
        if let Event::DiscountApplied { booking, screening, customer, discount, amount, .. } = event {
            let off_minor: i64 = discount.seats_minor.iter().sum();
            self.discounted = Some(Discounted {
                discount: discount.clone(),
                booking: *booking,
                screening: *screening,
                customer: *customer,
                full: Money { amount_minor: amount.amount_minor + off_minor, ..*amount },
                amount: *amount,
            });
        }
        if let Event::DiscountRemoved { .. } = event {
            self.discounted = None;
        }
    }
}

impl Discount {
    /// Returns a reservation with these lower prices.
    fn reduce(&self, reservation: &Reservation) -> Reservation {
        let mut reduced = reservation.clone();
        for (seat, off_minor) in reduced.seats.iter_mut().zip(&self.seats_minor) {
            seat.discount_minor = *off_minor;
        }
        let amount_minor = reduced.charges.total_minor(&reduced.seats);
        Reservation {
            amount: Money { amount_minor, ..reservation.amount },
            promotion: Some(self.promotion),
            ..reduced
        }
    }
}
