//! Returns uses of promotions: those of bookings that have ended, and of bookings that have switched to another promotion.

use ticketshow_domain::{
    BookingId, PromotionId,
    booking::{Booking, BookingStatus, Event},
    promotion::{self, Promotion},
};

use crate::worker::{error::SagaError, reaction::Reaction};

/// A use that may have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    booking: BookingId,
    /// The promotion; `None` for that of the opened booking, if it has one.
    promotion: Option<PromotionId>,
}

pub(crate) fn react(event: &Event) -> Option<Ended> {
    match event {
        Event::DiscountApplied { booking, replaced: Some(promotion), .. }
        | Event::DiscountRemoved { booking, promotion, .. } => {
            Some(Ended { booking: *booking, promotion: Some(*promotion) })
        }
        Event::BookingExpired { booking }
        | Event::BookingCancelled { booking, .. }
        | Event::PaymentAttemptFailed {
            booking,
            status: BookingStatus::Expired | BookingStatus::Cancelled,
            ..
        } => Some(Ended { booking: *booking, promotion: None }),
        Event::PaymentAttemptFailed {
            status:
                BookingStatus::Held | BookingStatus::Paying | BookingStatus::Confirmed | BookingStatus::Refunded,
            ..
        }
        | Event::DiscountApplied { replaced: None, .. }
        | Event::BookingOpened { .. }
        | Event::PaymentAttemptStarted { .. }
        | Event::BookingConfirmed { .. }
        | Event::SeatsReturned { .. }
        | Event::ReturnRefunded { .. }
        | Event::BookingRefunded { .. }
        | Event::NoteAdded { .. }
        | Event::BuyerErased { .. }
        | Event::TicketShared { .. }
        | Event::ShareEnded { .. }
        | Event::MoveRequested { .. }
        | Event::MovePaid { .. }
        | Event::MoveRefused { .. }
        | Event::BookingRescheduled { .. }
        | Event::BookingMoved { .. } => None,
    }
}

impl Ended {
    /// Returns the promotion whose use goes back. A hold may use one again that it had given up.
    fn promotion(self, booking: &Booking) -> Option<PromotionId> {
        let (is_over, current) = if let Some(opened) = &booking.opened {
            let is_over = match opened.status {
                BookingStatus::Expired | BookingStatus::Cancelled | BookingStatus::Refunded => true,
                BookingStatus::Held | BookingStatus::Paying | BookingStatus::Confirmed => false,
            };
            (is_over, opened.reservation.promotion)
        } else {
            (false, booking.discounted.as_ref().map(|known| known.discount.promotion))
        };
        if is_over {
            self.promotion.or(current)
        } else {
            self.promotion.filter(|ended| current != Some(*ended))
        }
    }

    fn give_back(self) -> promotion::Command {
        promotion::Command::ReturnUse { booking: self.booking }
    }

    /// No rule refuses this command, so a refusal is parked.
    pub async fn run(self, reaction: &Reaction<'_>) -> Result<(), SagaError> {
        let booking: Booking = reaction.read_after_cause(&self.booking).await?;
        match self.promotion(&booking) {
            Some(promotion) => reaction.must::<Promotion>(&promotion, self.give_back()).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use ticketshow_domain::{
        Decider,
        booking::{self, CancelledBy, Discount, PaymentMethod},
        examples::{
            at, booking as booking_id, execute, one_row, payment, screening, show, user, venue, wanted,
        },
        hold::Standing,
        promotion::{Code, Day, Occasion, PromotionTerms, Reduction},
        screening::{self, Screening},
    };

    use super::*;

    const PROMOTION: PromotionId = PromotionId(uuid::Uuid::from_u128(7));

    fn carry_out<A: Decider<Refusal: std::fmt::Debug>>(
        state: &mut A,
        command: &A::Command,
        now: Timestamp,
    ) -> Vec<A::Event> {
        execute(state, command, now).unwrap()
    }

    /// A promotion of one use, and a hold that uses it.
    fn discounted() -> (Promotion, Booking) {
        let mut promotion = Promotion::default();
        let terms = PromotionTerms {
            reduction: Reduction::Percent(10),
            valid_from: None,
            valid_until: None,
            shows: [].into(),
            venues: [].into(),
            ticket_types: [].into(),
            weekdays: [].into(),
            uses_max: 1,
            uses_per_customer_max: None,
            name: None,
        };
        let code = Code::new("tuesday");
        let create = promotion::Command::CreatePromotion {
            promotion: PROMOTION,
            code: Some(code.clone()),
            terms,
            by: user(9),
            fingerprint: None,
        };
        carry_out(&mut promotion, &create, at(0));
        carry_out(&mut promotion, &take(1), at(0));
        carry_out(&mut promotion, &promotion::Command::KeepUse { booking: booking_id(1) }, at(0));
        let discount = Discount { promotion: PROMOTION, code: Some(code), seats_minor: vec![3_000] };
        let (reservation, standing) = (reservation(), Standing::Held(at(480)));
        let mut booking = Booking::default();
        let apply = booking::Command::ApplyDiscount { reservation, standing, discount };
        carry_out(&mut booking, &apply, at(0));
        (promotion, booking)
    }

    fn reservation() -> ticketshow_domain::hold::Reservation {
        let mut state = Screening::default();
        let promise = one_row(at(86_400), 3, 30_000).into();
        let open = screening::Command::OpenScreening { screening: screening(1), promise, blocks: Vec::new() };
        carry_out(&mut state, &open, at(0));
        let reserve = screening::Command::ReserveSeats {
            booking: booking_id(1),
            customer: user(1),
            seats: wanted(&["A-1"]),
            fingerprint: None,
        };
        carry_out(&mut state, &reserve, at(0));
        state.reservation(screening(1), booking_id(1)).unwrap()
    }

    fn take(n: u8) -> promotion::Command {
        let (booking, customer, until) = (booking_id(n), user(n), at(1_000));
        let screening = Occasion { show: show(), venue: venue(), day: Day::Tuesday };
        promotion::Command::TakeUse { booking, customer, screening, until }
    }

    fn pay(booking: &mut Booking) {
        let reservation =
            ticketshow_domain::hold::Reservation { promotion: Some(PROMOTION), ..reservation() };
        let (standing, method) = (Standing::Held(at(480)), PaymentMethod::Wallet);
        let pay = booking::Command::PayBooking {
            reservation,
            standing,
            payment: payment(1),
            method,
            fingerprint: None,
        };
        carry_out(booking, &pay, at(0));
    }

    /// Takes the reactions to events twice, as after a crash.
    fn react_twice(promotion: &mut Promotion, booking: &Booking, events: &[Event]) {
        for _ in 0..2 {
            for ended in events.iter().filter_map(react) {
                if ended.promotion(booking).is_some() {
                    carry_out(promotion, &ended.give_back(), at(600));
                }
            }
        }
    }

    #[test]
    fn a_use_returns_once_when_the_hold_or_the_booking_ends() {
        let house = booking::Command::CancelBooking {
            by: CancelledBy::House,
            reason: None,
            cascade: None,
            released: true,
        };
        for (paid, end) in [
            (false, booking::Command::ExpireBooking),
            (false, booking::Command::RemoveDiscount),
            (true, booking::Command::ExpireBooking),
            (true, house),
        ] {
            let (mut promotion, mut booking) = discounted();
            if paid {
                pay(&mut booking);
            }
            assert!(execute(&mut promotion, &take(2), at(500)).is_err(), "used up");
            let events = carry_out(&mut booking, &end, at(500));
            react_twice(&mut promotion, &booking, &events);
            assert_eq!(promotion.uses(at(600)), 0, "{end:?}");
            carry_out(&mut promotion, &take(2), at(600));
        }
    }

    #[test]
    fn a_hold_that_uses_the_code_again_keeps_it() {
        let (mut promotion, mut booking) = discounted();
        let removed = carry_out(&mut booking, &booking::Command::RemoveDiscount, at(1));
        let discount =
            Discount { promotion: PROMOTION, code: Some(Code::new("tuesday")), seats_minor: vec![3_000] };
        let (reservation, standing) = (reservation(), Standing::Held(at(480)));
        carry_out(&mut booking, &booking::Command::ApplyDiscount { reservation, standing, discount }, at(2));
        react_twice(&mut promotion, &booking, &removed);
        assert_eq!(promotion.uses(at(3)), 1);
    }
}
