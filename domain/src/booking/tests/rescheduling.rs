//! Bookings of a screening that got another time or screen.

use super::*;
use crate::{
    examples::{screen, screening},
    rescheduling::{Placement, Rescheduling},
};

fn rescheduling(change: u8, paid: bool, free_until: i64) -> Rescheduling {
    let place =
        |seconds| Placement { screen: screen(), screen_name: "One".to_owned(), starts_at: at(seconds) };
    Rescheduling {
        change: uuid(change),
        screening: screening(1),
        before: place(86_400),
        after: place(90_000),
        cancel_until: at(82_800),
        free_until: at(free_until),
        paid,
    }
}

fn follow(rescheduling: Rescheduling) -> Command {
    Command::FollowChange { rescheduling }
}

fn followed(rescheduling: Rescheduling) -> Event {
    Event::BookingRescheduled { booking: booking(1), customer: user(1), rescheduling }
}

fn paid() -> Vec<Event> {
    vec![opened(), requested(1, PaymentMethod::Wallet), confirmed(1, PaymentMethod::Wallet)]
}

fn then(history: &[Event], more: &[Event]) -> Given<Booking> {
    given(&[history, more].concat())
}

fn give_back() -> Command {
    Command::CancelBooking { by: CancelledBy::Customer, reason: None, cascade: None, released: false }
}

#[test]
fn a_paid_booking_follows_a_change_once() {
    let change = rescheduling(50, true, 90_000);
    let event = followed(change.clone());
    assert_eq!(given(&paid()).decide(follow(change.clone()), at(10)), Ok(vec![event.clone()]));
    assert_eq!(then(&paid(), std::slice::from_ref(&event)).decide(follow(change), at(10)), Ok(vec![]));
    let next = rescheduling(51, true, 80_000);
    assert!(!then(&paid(), &[event]).decide(follow(next), at(10)).unwrap().is_empty());
}

#[test]
fn its_customer_may_cancel_without_charge_after_the_cut_off() {
    let changed = [followed(rescheduling(50, true, 90_000))];
    assert_eq!(
        given(&paid()).decide(give_back(), at(CANCEL_UNTIL)),
        Err(Refusal::TooLateToCancel(at(CANCEL_UNTIL)))
    );
    assert_eq!(
        then(&paid(), &changed).decide(give_back(), at(89_999)),
        Err(Refusal::SeatsNotReleased),
        "in time"
    );
    let late = Err(Refusal::TooLateToCancel(at(90_000)));
    assert_eq!(then(&paid(), &changed).decide(give_back(), at(90_000)), late);
    // A week that ends before the cut-off takes nothing away.
    let early = [followed(rescheduling(50, true, 10))];
    assert_eq!(then(&paid(), &early).decide(give_back(), at(82_799)), Err(Refusal::SeatsNotReleased));
}

#[test]
fn nothing_is_kept_from_the_refund_while_it_is_free() {
    let reservation = Reservation { cancellation_fee_minor: 500, ..reservation() };
    let history = [
        vec![Event::BookingOpened { reservation, sale: None }],
        paid()[1..].to_vec(),
        vec![followed(rescheduling(50, true, 90_000))],
    ]
    .concat();
    let refund_at = |seconds| {
        let events = given(&history).decide(cancel(CancelledBy::Customer), at(seconds)).unwrap();
        let [Event::BookingCancelled { refund_due: Some(due), .. }] = &events[..] else {
            panic!("{events:?}")
        };
        due.amount.amount_minor
    };
    assert_eq!((refund_at(89_999), refund_at(90_000)), (30_000, 29_500));
}

#[test]
fn a_booking_that_is_about_to_be_confirmed_follows_then() {
    let paying = [opened(), requested(1, PaymentMethod::Wallet)];
    let refused = given(&paying).decide(follow(rescheduling(50, true, 90_000)), at(10));
    assert_eq!(refused, Err(Refusal::NotConfirmed));
    let held = rescheduling(50, false, 90_000);
    assert_eq!(given(&paying).decide(follow(held.clone()), at(10)), Ok(vec![followed(held.clone())]));
    assert_eq!(given(&[]).decide(follow(held), at(10)), Err(Refusal::NotFound));
}

#[test]
fn a_booking_that_is_over_or_elsewhere_does_not_follow() {
    let change = || follow(rescheduling(50, true, 90_000));
    let over = [cancelled(CancelledBy::Customer, None)];
    assert_eq!(then(&paid(), &over).decide(change(), at(10)), Ok(vec![]));
    assert_eq!(then(&[opened()], &[expired()]).decide(change(), at(10)), Ok(vec![]));
    let mut elsewhere = rescheduling(50, true, 90_000);
    elsewhere.screening = screening(2);
    assert_eq!(given(&paid()).decide(follow(elsewhere), at(10)), Ok(vec![]));
}
