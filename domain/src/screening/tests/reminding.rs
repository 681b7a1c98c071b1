//! The reminder on the day.

use super::*;
use crate::{Context, Decider};

/// Three hours before the start.
const DUE: i64 = START - 3 * 3_600;

fn at_timer(history: &[Event], now: i64) -> Vec<Event> {
    let events = given(history).decide(Command::ReleaseLapsedHolds, at(now)).unwrap();
    events.into_iter().filter(|event| matches!(event, Event::GuestsReminded { .. })).collect()
}

fn reminded(starts_at: i64, bookings: u32) -> Event {
    let held_until = at(starts_at - 3 * 3_600 + 480);
    Event::GuestsReminded { starts_at: at(starts_at), held_until, bookings }
}

/// Booking `n` of customer `n`, held at `held` and paid.
fn bought(n: u8, seat: &str, held: i64) -> Vec<Event> {
    vec![reserved(n, n, &[seat], held + 480), sold(n, n, n, &[seat])]
}

fn one_guest() -> Vec<Event> {
    [vec![opened()], bought(1, "A-1", 0)].concat()
}

/// The start moves to `starts_at`, as decided at `when`.
fn moved(starts_at: i64, when: i64) -> Event {
    let mut promise = promise();
    promise.starts_at = at(starts_at);
    promise.ends_at = at(starts_at + 7_200);
    Event::ScreeningChanged {
        change: uuid(60),
        promise: Arc::new(promise),
        by: user(99),
        at: at(when),
        free_until: Some(at(starts_at)),
        bookings: 1,
        fingerprint: None,
    }
}

#[test]
fn guests_with_paid_seats_are_reminded_once_three_hours_before_the_start() {
    let history = [one_guest(), vec![reserved(2, 2, &["A-2"], DUE + 400)]].concat();
    assert_eq!(at_timer(&history, DUE - 1), []);
    assert_eq!(at_timer(&history, DUE), [reminded(START, 1)]);
    let history = [history, vec![reminded(START, 1)]].concat();
    assert_eq!(at_timer(&history, DUE + 1), []);
}

#[test]
fn who_books_later_than_that_is_not_reminded() {
    let history = [vec![opened()], bought(1, "A-1", DUE + 1)].concat();
    assert_eq!(at_timer(&history, DUE + 600), []);
    let history = [history, bought(2, "A-2", DUE)].concat();
    assert_eq!(at_timer(&history, DUE + 600), [reminded(START, 1)], "only the one of the moment itself");
    let state = given(&history).0;
    let guests: Vec<_> = state.guests_held_until(at(DUE + 480)).map(|(booking, _)| booking).collect();
    assert_eq!(guests, [booking(2)]);
}

#[test]
fn a_late_timer_reminds_until_the_start() {
    assert_eq!(at_timer(&one_guest(), START - 1), [reminded(START, 1)]);
    assert_eq!(at_timer(&one_guest(), START), []);
}

#[test]
fn nobody_is_reminded_of_a_cancelled_screening_or_where_the_house_does_not_want_it() {
    assert_eq!(at_timer(&[one_guest(), vec![cancelled()]].concat(), DUE), []);
    let mut context: Context = context(at(DUE));
    assert!(context.policy.sends_reminders());
    context.policy.reminder_seconds = 0;
    assert!(!context.policy.sends_reminders());
    let state = given(&one_guest()).0;
    assert_eq!(state.decide(&Command::ReleaseLapsedHolds, &context), Ok(vec![]));
    assert_eq!(state.next_reminder(&context), None);
}

#[test]
fn the_reminder_follows_another_time() {
    let later = START + 7_200;
    let history = [one_guest(), vec![moved(later, 1_000)]].concat();
    assert_eq!(at_timer(&history, DUE), [], "two hours later now");
    assert_eq!(at_timer(&history, DUE + 7_200), [reminded(later, 1)]);
    // Reminded of the old time, and again of the new one.
    let history = [one_guest(), vec![reminded(START, 1), moved(START + 86_400, DUE + 1)]].concat();
    assert_eq!(at_timer(&history, DUE + 86_400), [reminded(START + 86_400, 1)]);
    // A customer who reads of the new time in the last hours needs no other mail.
    let history = [one_guest(), vec![moved(later, DUE + 7_200)]].concat();
    assert_eq!(at_timer(&history, DUE + 7_201), []);
}

#[test]
fn the_timer_knows_when_the_reminder_is_due() {
    let next = |history: &[Event], now| given(history).0.next_reminder(&context(at(now)));
    assert_eq!(next(&one_guest(), 0), Some(at(DUE)));
    assert_eq!(next(&one_guest(), DUE), None);
    assert_eq!(next(&[one_guest(), vec![moved(START + 60, 1_000)]].concat(), 2_000), Some(at(DUE + 60)));
    assert_eq!(next(&[one_guest(), vec![reminded(START, 1)]].concat(), DUE), None);
}
