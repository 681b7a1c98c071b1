//! Facts of a booking that its earlier events give to the sentences about later ones.

use jiff::Timestamp;
use ticketshow_domain::{SeatName, booking::Event};

use super::{plain_words::named, reader::Reader};

/// Seats and start of a booking after the events so far.
#[derive(Default)]
pub struct Course {
    seats: Vec<SeatName>,
    /// Seats that were given back, in order.
    returned: Vec<SeatName>,
    /// Start of its screening; `None` before it is opened.
    pub starts_at: Option<Timestamp>,
}

impl Course {
    /// Follows an event of the booking.
    pub fn follow(&mut self, event: &Event) {
        match event {
            Event::BookingOpened { reservation, sale: _ } => {
                self.seats = reservation.seats.iter().map(|priced| priced.seat.clone()).collect();
                self.starts_at = Some(reservation.starts_at);
            }
            Event::SeatsReturned { returned, .. } => {
                self.seats.retain(|seat| !returned.seats.contains(seat));
                self.returned.extend(returned.seats.iter().cloned());
            }
            Event::BookingMoved { moved, .. } => {
                self.seats = moved.new_seats();
                self.starts_at = Some(moved.to.starts_at);
            }
            Event::BookingRescheduled { rescheduling, .. } => {
                self.starts_at = Some(rescheduling.after.starts_at);
            }
            Event::PaymentAttemptStarted { .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::BookingConfirmed { .. }
            | Event::BookingExpired { .. }
            | Event::BookingCancelled { .. }
            | Event::ReturnRefunded { .. }
            | Event::BookingRefunded { .. }
            | Event::NoteAdded { .. }
            | Event::BuyerErased { .. }
            | Event::TicketShared { .. }
            | Event::ShareEnded { .. }
            | Event::MoveRequested { .. }
            | Event::MovePaid { .. }
            | Event::MoveRefused { .. }
            | Event::DiscountApplied { .. }
            | Event::DiscountRemoved { .. } => {}
        }
    }

    /// A sentence about the seats that were given back so far, after a blank; empty if there are none.
    pub fn returned_before(&self) -> String {
        if self.returned.is_empty() {
            return String::new();
        }
        format!(" Given back before: {}.", named(&self.returned))
    }

    /// A sentence about the seats that are left once `returned` are given back, after a blank; empty if there are none.
    pub fn kept_without(&self, returned: &[SeatName], reader: Reader) -> String {
        let kept: Vec<SeatName> =
            self.seats.iter().filter(|seat| !returned.contains(seat)).cloned().collect();
        let who = reader.words("You keep", "The customer keeps");
        if kept.is_empty() { String::new() } else { format!(" {who} {}.", named(&kept)) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use ticketshow_domain::{
        BookingId, Currency, Money, PaymentId, ScreeningId, UserId,
        booking::{CancelledBy, PaymentMethod, RefundDue},
        hold::{PricedSeat, Reservation},
        pricing::{Charges, TicketType},
        seat_return::{RefundWay, SeatReturn},
    };
    use uuid::Uuid;

    use super::*;
    use crate::bookings::timeline::plain_words::Narrator;

    const BOOKING: BookingId = BookingId(Uuid::nil());
    const CUSTOMER: UserId = UserId(Uuid::nil());
    const SCREENING: ScreeningId = ScreeningId(Uuid::nil());
    const DUE: RefundDue = RefundDue {
        payment: PaymentId(Uuid::nil()),
        method: PaymentMethod::Card,
        amount: Money { amount_minor: 25_000, currency: Currency::INR },
        to: None,
    };

    fn seat(name: &str) -> SeatName {
        SeatName(name.to_owned())
    }

    fn opened(seats: &[&str]) -> Event {
        let priced = |name: &&str| PricedSeat {
            seat: seat(name),
            category: "gold".to_owned(),
            price_minor: 25_000,
            ticket_type: TicketType::default(),
            discount_minor: 0,
        };
        let reservation = Reservation {
            booking: BOOKING,
            customer: CUSTOMER,
            screening: SCREENING,
            seats: seats.iter().map(priced).collect(),
            amount: DUE.amount,
            starts_at: "2026-11-27T13:00:00Z".parse().unwrap(),
            cancel_until: "2026-11-27T11:00:00Z".parse().unwrap(),
            charges: Charges::default(),
            cancellation_fee_minor: 0,
            promotion: None,
        };
        Event::BookingOpened { reservation, sale: None }
    }

    fn returned(seats: &[&str]) -> Event {
        let returned = SeatReturn {
            id: PaymentId(Uuid::nil()),
            seats: seats.iter().map(|name| seat(name)).collect(),
            by: CancelledBy::Customer,
            refund: RefundWay::Original,
            reason: None,
            fingerprint: None,
            counter: None,
        };
        let (booking, screening, customer) = (BOOKING, SCREENING, CUSTOMER);
        Event::SeatsReturned { booking, screening, customer, returned, due: DUE }
    }

    fn cancelled() -> Event {
        let (booking, screening, customer) = (BOOKING, SCREENING, CUSTOMER);
        let (by, reason, cascade, refund_due) = (CancelledBy::Customer, None, None, Some(DUE));
        Event::BookingCancelled { booking, screening, customer, by, reason, cascade, refund_due }
    }

    #[test]
    fn staff_read_about_the_customer_and_the_house() {
        let mut narrator = Narrator::new(BOOKING, TimeZone::UTC, Reader::Staff);
        let mut words = |event: &Event| narrator.booking_event(event).unwrap();
        words(&opened(&["A-1", "A-2"]));
        assert_eq!(
            words(&returned(&["A-2"])),
            "The customer gave seat A-2 back. ₹250.00 will be refunded. The customer keeps seat A-1."
        );
        assert_eq!(
            words(&cancelled()),
            "The customer cancelled the booking. ₹250.00 will be refunded. Given back before: seat A-2."
        );
    }

    #[test]
    fn seats_given_back_in_several_steps_are_named_until_the_end() {
        let mut narrator = Narrator::new(BOOKING, TimeZone::UTC, Reader::Customer);
        let mut words = |event: &Event| narrator.booking_event(event).unwrap();
        words(&opened(&["A-1", "A-2", "A-3", "A-4"]));
        assert_eq!(
            words(&returned(&["A-2"])),
            "You gave seat A-2 back. ₹250.00 will be refunded. You keep seats A-1, A-3 and A-4."
        );
        assert_eq!(
            words(&returned(&["A-4", "A-1"])),
            "You gave seats A-4 and A-1 back. ₹250.00 will be refunded. Given back before: seat A-2. You keep seat A-3."
        );
        assert_eq!(
            words(&cancelled()),
            "You cancelled the booking. ₹250.00 will be refunded. Given back before: seats A-2, A-4 and A-1."
        );
    }
}
