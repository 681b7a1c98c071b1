//! Holds that keep ending unpaid, and claims that are forgotten.

use super::*;
use crate::Decider;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// A screening that starts in a month.
fn opened_early() -> Event {
    let mut promise = promise();
    promise.starts_at = at(30 * DAY);
    Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise) }
}

/// Holds of customer 1 that lapsed at these moments, each on the first seat and released.
fn lapsed(ends: &[i64]) -> Vec<Event> {
    let lapsed = (1..)
        .zip(ends)
        .flat_map(|(n, end)| [reserved(n, 1, &["A-1"], *end), released(n, &["A-1"], ReleaseReason::Lapsed)]);
    [opened_early()].into_iter().chain(lapsed).collect()
}

fn cooling(until: i64) -> Result<Vec<Event>, Refusal> {
    Err(Refusal::CoolingDown(at(until)))
}

#[test]
fn two_holds_a_day_may_lapse_and_each_further_one_doubles_the_wait() {
    let reserve = |history: &[Event], now| given(history).decide(reserve(9, 1, &["B-1"]), at(now));
    assert!(reserve(&lapsed(&[480, 960]), 960).is_ok());
    for (ends, minutes) in [(3, 5), (4, 10), (5, 20), (6, 40)] {
        let ends: Vec<i64> = (1..=ends).map(|n| n * 480).collect();
        let (history, last) = (lapsed(&ends), *ends.last().unwrap());
        let until = last + minutes * MINUTE;
        assert_eq!(reserve(&history, last), cooling(until));
        assert_eq!(reserve(&history, until - 1), cooling(until));
        assert!(reserve(&history, until).is_ok());
    }
}

#[test]
fn without_a_cool_down_nobody_waits() {
    let ends: Vec<i64> = (1..=20).map(|n| n * 480).collect();
    let mut history = lapsed(&ends);
    for n in 100..120 {
        history.extend([
            reserved(n, 1, &["A-1"], 20_000),
            released(n, &["A-1"], ReleaseReason::CancelledByCustomer),
        ]);
    }
    let mut context = context(at(10_000));
    assert!(given(&history).0.decide(&reserve(200, 1, &["B-1"]), &context).is_err());
    context.policy.cool_down_seconds = 0;
    assert!(given(&history).0.decide(&reserve(200, 1, &["B-1"]), &context).is_ok());
}

#[test]
fn others_and_other_screenings_do_not_wait() {
    let history = lapsed(&[480, 480, 480]);
    assert!(given(&history).decide(reserve(9, 2, &["A-1"]), at(480)).is_ok());
    assert!(given(&[opened_early()]).decide(reserve(9, 1, &["A-1"]), at(480)).is_ok());
}

#[test]
fn a_lapsed_hold_counts_before_it_is_released() {
    let mut history = lapsed(&[480, 480]);
    history.push(reserved(8, 1, &["A-2"], 960));
    assert!(given(&history).decide(reserve(9, 1, &["B-1"]), at(959)).is_ok());
    assert_eq!(given(&history).decide(reserve(9, 1, &["A-2"]), at(960)), cooling(960 + 5 * MINUTE));
    history.push(released(8, &["A-2"], ReleaseReason::Lapsed));
    assert_eq!(given(&history).decide(reserve(9, 1, &["A-2"]), at(960)), cooling(960 + 5 * MINUTE));
}

#[test]
fn the_wait_is_a_day_at_most_and_a_day_without_a_lapse_forgets_them_all() {
    let ends: Vec<i64> = (1..=40).map(|n| n * 480).collect();
    let (history, last) = (lapsed(&ends), 40 * 480);
    let reserve = |now| given(&history).decide(reserve(90, 1, &["B-1"]), at(now));
    assert_eq!(reserve(last), cooling(last + DAY));
    assert!(reserve(last + DAY).is_ok());
    let mut later = lapsed(&ends);
    later.extend([reserved(90, 1, &["A-1"], last + DAY), released(90, &["A-1"], ReleaseReason::Lapsed)]);
    assert!(given(&later).decide(super::reserve(91, 1, &["B-1"]), at(last + DAY)).is_ok());
}

#[test]
fn five_holds_given_back_count_as_one_that_lapsed() {
    let mut history = lapsed(&[480, 480]);
    for n in 10..15 {
        assert!(given(&history).decide(reserve(n, 1, &["B-1"]), at(480)).is_ok(), "{n}");
        history.push(reserved(n, 1, &["B-1"], 960));
        history.push(released(n, &["B-1"], ReleaseReason::CancelledByCustomer));
    }
    assert_eq!(given(&history).decide(reserve(15, 1, &["B-1"]), at(480)), cooling(960 + 5 * MINUTE));
}

#[test]
fn paid_bookings_that_are_cancelled_and_money_that_went_back_do_not_count() {
    let mut history = vec![opened_early()];
    for n in 1..30 {
        history.push(reserved(n, 1, &["A-1"], 480));
        if n % 2 == 0 {
            history.push(sold(n, 1, n, &["A-1"]));
            history.push(released(n, &["A-1"], ReleaseReason::CancelledByCustomer));
        } else {
            history.push(released(n, &["A-1"], ReleaseReason::GivenUp));
        }
    }
    assert!(given(&history).decide(reserve(99, 1, &["A-1"]), at(480)).is_ok());
}

#[test]
fn holds_that_the_house_takes_back_count_unless_the_screening_is_cancelled() {
    let taken = |n| [reserved(n, 1, &["A-1"], 480), released(n, &["A-1"], ReleaseReason::CancelledByHouse)];
    let history: Vec<Event> = [opened_early()].into_iter().chain((1..=3).flat_map(taken)).collect();
    assert_eq!(given(&history).decide(reserve(9, 1, &["A-1"]), at(0)), cooling(480 + 5 * MINUTE));
    let called_off: Vec<Event> =
        [opened_early(), cancelled()].into_iter().chain((1..=3).flat_map(taken)).collect();
    assert!(given(&called_off).0.unpaid.is_empty());
}

#[test]
fn the_house_takes_back_what_is_unpaid_only() {
    let history = [
        opened_early(),
        reserved(1, 1, &["A-1"], 480),
        reserved(2, 1, &["A-2"], 480),
        sold(2, 1, 2, &["A-2"]),
    ];
    let take_back = |n| given(&history).decide(Command::TakeBackHold { booking: booking(n) }, at(0));
    assert_eq!(take_back(1), Ok(vec![released(1, &["A-1"], ReleaseReason::CancelledByHouse)]));
    assert_eq!(take_back(2), Err(Refusal::AlreadySold(payment(2))));
    assert_eq!(take_back(3), Err(Refusal::UnknownBooking));
}

#[test]
fn released_claims_are_forgotten_after_a_week_and_their_customers_with_them() {
    let mut screening = given(&lapsed(&[480, 480, 480])).0;
    let week = 7 * DAY;
    screening.forget(at(480 + week));
    assert!(screening.claim(booking(1)).is_some());
    screening.forget(at(481 + week));
    assert_eq!(screening.claims().count(), 0);
    assert!(screening.unpaid.is_empty());
    assert!(screening.released.is_empty());
}

#[test]
fn claims_that_a_late_payment_may_need_are_kept() {
    let history = [
        opened_early(),
        reserved(1, 1, &["A-1"], 480),
        reserved(2, 1, &["A-2"], 480),
        extended(2, 960),
        released(2, &["A-2"], ReleaseReason::Lapsed),
        reserved(3, 1, &["A-3"], 480),
        sold(3, 1, 3, &["A-3"]),
        reserved(4, 1, &["A-4"], 480),
        released(4, &["A-4"], ReleaseReason::Lapsed),
        sold(4, 1, 4, &["A-4"]),
    ];
    let mut screening = given(&history).0;
    screening.forget(at(29 * DAY));
    for n in 1..=4 {
        assert!(screening.claim(booking(n)).is_some(), "{n}");
    }
    let sold = Given(screening).decide(sell(2, 2), at(29 * DAY));
    assert_eq!(sold, Ok(vec![super::sold(2, 1, 2, &["A-2"])]));
}
