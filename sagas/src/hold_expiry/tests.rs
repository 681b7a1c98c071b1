//! Events that start work, and the moments at which timers fire.

use ticketshow_domain::{
    Currency, Money, UserId,
    counter::{Buyer, CounterSale},
    examples::inr,
};
use uuid::Uuid;

use super::*;

const BOOKING: BookingId = BookingId(Uuid::from_u128(1));

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn released(reason: ReleaseReason) -> Event {
    Event::SeatsReleased { booking: BOOKING, seats: Vec::new(), reason }
}

#[test]
fn holds_and_their_extensions_are_released_when_they_lapse() {
    let held_until = at("2026-12-01T18:00:00Z");
    let reserved = Event::SeatsReserved {
        booking: BOOKING,
        customer: UserId(Uuid::nil()),
        seats: Vec::new(),
        amount: Money { amount_minor: 0, currency: Currency::INR },
        held_until,
        fingerprint: None,
        quote: None,
        replaces: None,
    };
    assert_eq!(react(&reserved), Some(Task::Watch(held_until)));
    let extended = Event::HoldExtended { booking: BOOKING, held_until };
    assert_eq!(react(&extended), Some(Task::Watch(held_until)));
}

#[test]
fn a_booking_expires_with_its_hold() {
    assert_eq!(react(&released(ReleaseReason::Lapsed)), Some(Task::Expire(BOOKING)));
    assert_eq!(react(&released(ReleaseReason::GivenUp)), Some(Task::Expire(BOOKING)));
    assert_eq!(react(&released(ReleaseReason::CancelledByHouse)), None);
    let sold = Event::SeatsSold {
        booking: BOOKING,
        customer: UserId(Uuid::nil()),
        payment: PaymentId(Uuid::nil()),
        seats: Vec::new(),
    };
    assert_eq!(react(&sold), None);
}

#[test]
fn a_booking_is_cancelled_with_the_seats_that_its_customer_gave_back() {
    let cancel = Some(Task::Cancel(BOOKING));
    assert_eq!(react(&released(ReleaseReason::CancelledByCustomer)), cancel);
}

#[test]
fn a_timer_fires_at_the_next_five_seconds_and_never_before_the_lapse() {
    let full = at("2026-12-01T18:00:05Z");
    assert_eq!(due(full), full);
    assert_eq!(due(at("2026-12-01T18:00:00.001Z")), full);
    assert_eq!(due(at("2026-12-01T18:00:04.999Z")), full);
    assert_eq!(due(at("2026-12-01T18:00:05.001Z")), at("2026-12-01T18:00:10Z"));
}

#[test]
fn a_timer_that_a_fast_clock_fired_early_does_not_fire_again_at_once() {
    let full = at("2026-12-01T18:00:05Z");
    assert_eq!(next_due(full, at("2026-12-01T18:00:00Z")), full);
    assert_eq!(next_due(full, at("2026-12-01T18:00:04.999Z")), at("2026-12-01T18:00:05.999Z"));
    assert_eq!(next_due(full, full), at("2026-12-01T18:00:06Z"));
}

#[test]
fn a_block_that_ends_by_itself_is_released_with_the_holds() {
    let blocked = |release_at| Event::SeatsBlocked {
        block: Uuid::nil(),
        seats: Vec::new(),
        reason: "Press".to_owned(),
        release_at,
        by: UserId(Uuid::nil()),
        fingerprint: None,
        screen_block: None,
        awaited: Vec::new(),
    };
    let end = at("2026-12-01T18:00:00Z");
    assert_eq!(react(&blocked(Some(end))), Some(Task::Watch(end)));
    assert_eq!(react(&blocked(None)), None);
}

#[test]
fn the_timer_is_armed_again_after_another_time_and_the_first_guest_from_elsewhere() {
    let change = |free_until| Event::ScreeningChanged {
        change: Uuid::nil(),
        promise: crate::examples::promise(1, 25_000).into(),
        by: UserId(Uuid::nil()),
        at: at("2026-12-01T18:00:00Z"),
        free_until,
        bookings: 0,
        fingerprint: None,
    };
    assert_eq!(react(&change(Some(at("2026-12-08T18:00:00Z")))), Some(Task::Rearm));
    assert_eq!(react(&change(None)), None, "other prices are no other time");
}

#[test]
fn seats_of_a_move_are_checked_against_its_end() {
    let id = PaymentId(Uuid::from_u128(8));
    let moved = Event::SeatsMovedIn {
        booking: BOOKING,
        customer: UserId(Uuid::nil()),
        payment: PaymentId(Uuid::nil()),
        id,
        seats: Vec::new(),
        given: Vec::new(),
        amount: inr(25_000),
        quote: None,
    };
    assert_eq!(react(&moved), Some(Task::CheckMove(BOOKING, id)));
}

#[test]
fn a_sale_at_the_counter_is_completed() {
    let booking = BookingId(Uuid::from_u128(1));
    let amount = inr(25_000);
    let sale = CounterSale {
        payment: PaymentId(Uuid::from_u128(2)),
        method: booking::PaymentMethod::Upi,
        till: None,
        by: UserId(Uuid::nil()),
        reason: None,
        buyer: Buyer::default(),
    };
    let (customer, seats, at, fingerprint) =
        (UserId(booking.0), Vec::new(), at("2026-12-01T18:00:00Z"), None);
    let sold = Event::SeatsSoldAtCounter {
        booking,
        customer,
        seats,
        amount,
        sale,
        at,
        fingerprint,
        quote: None,
        promotion: None,
    };
    assert_eq!(react(&sold), Some(Task::Complete(booking, None)));
}
