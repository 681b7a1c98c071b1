//! Releases the seats of a booking that its customer cancelled before it was confirmed. The API normally releases them; this saga
//! does so if the API crashed before.

use ticketshow_domain::{
    BookingId, ScreeningId,
    booking::{CancelledBy, Event},
    screening::{self, ReleaseReason, Screening},
};

use crate::worker::{error::SagaError, reaction::Reaction};

/// Seats to release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeatRelease {
    pub booking: BookingId,
    pub screening: ScreeningId,
}

pub(crate) fn react(event: &Event) -> Option<SeatRelease> {
    match event {
        Event::BookingCancelled { booking, screening, by: CancelledBy::Customer, .. } => {
            Some(SeatRelease { booking: *booking, screening: *screening })
        }
        // The cascade that cancelled it releases the seats of many bookings at once.
        Event::BookingCancelled { by: CancelledBy::House, .. }
        | Event::BookingOpened { .. }
        | Event::PaymentAttemptStarted { .. }
        | Event::PaymentAttemptFailed { .. }
        | Event::BookingConfirmed { .. }
        | Event::BookingExpired { .. }
        | Event::SeatsReturned { .. }
        | Event::ReturnRefunded { .. }
        | Event::BookingRefunded { .. }
        | Event::NoteAdded { .. }
        | Event::BuyerErased { .. }
        | Event::TicketShared { .. }
        | Event::ShareEnded { .. }
        | Event::DiscountApplied { .. }
        | Event::DiscountRemoved { .. }
        | Event::MoveRequested { .. }
        | Event::MovePaid { .. }
        | Event::MoveRefused { .. }
        | Event::BookingMoved { .. }
        | Event::BookingRescheduled { .. } => None,
    }
}

impl SeatRelease {
    pub async fn run(self, reaction: &Reaction<'_>) -> Result<(), SagaError> {
        let Self { booking, screening } = self;
        let reason = ReleaseReason::CancelledByCustomer;
        let command = screening::Command::ReleaseSeats { booking, reason };
        match reaction.execute::<Screening>(&screening, command).await? {
            // Versions before 0.2 cancelled a booking first, and a ticket could be used a moment later.
            Ok(()) | Err(screening::Refusal::CheckedIn) => Ok(()),
            Err(refusal) => Err(SagaError::permanent(refusal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::{Currency, Money, PaymentId, UserId, booking};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_a_cancellation_by_the_customer_releases_seats_here() {
        let (booking, screening) = (BookingId(Uuid::from_u128(1)), ScreeningId(Uuid::from_u128(2)));
        let cancelled = |by, refund_due| Event::BookingCancelled {
            booking,
            screening,
            customer: UserId(Uuid::from_u128(3)),
            by,
            reason: None,
            cascade: None,
            refund_due,
        };
        let amount = Money { amount_minor: 25_000, currency: Currency::INR };
        let payment = PaymentId(Uuid::from_u128(4));
        let due =
            Some(booking::RefundDue { payment, method: booking::PaymentMethod::Wallet, amount, to: None });
        for refund_due in [None, due] {
            let release = react(&cancelled(CancelledBy::Customer, refund_due));
            assert_eq!(release, Some(SeatRelease { booking, screening }));
            assert_eq!(react(&cancelled(CancelledBy::House, refund_due)), None, "left to the cascade");
        }
    }
}
