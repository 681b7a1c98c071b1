//! Time for cleaning after each screening.

use super::{
    added, busy_with,
    calendar::{reserve, schedule, scheduled, wanted},
    given,
};
use crate::{
    examples::{at, fingerprint, layout, pointers, screen, screening, venue},
    screen::{Command, Event, Refusal},
};

fn turnaround(minutes: u16) -> Event {
    Event::TurnaroundChanged { minutes }
}

fn busy(n: u8, from: i64, to: i64) -> Result<(), Refusal> {
    Err(busy_with(n, from, to, false, 15))
}

#[test]
fn a_new_room_may_have_a_time_for_cleaning() {
    let with = |turnaround_minutes| Command::AddScreen {
        screen: screen(),
        venue: venue(),
        name: "Screen 1".into(),
        layout: layout(4),
        turnaround_minutes,
        fingerprint: Some(fingerprint("body")),
    };
    assert_eq!(given(&[]).decide(with(0), at(0)), Ok(vec![added()]));
    assert_eq!(given(&[]).decide(with(15), at(0)), Ok(vec![added(), turnaround(15)]));
    assert!(given(&[]).decide(with(240), at(0)).is_ok());
    let Err(Refusal::Invalid(flaws)) = given(&[]).decide(with(241), at(0)) else { panic!("refused") };
    assert_eq!(pointers(&flaws), ["/turnaround_minutes"]);
}

#[test]
fn the_time_for_cleaning_is_changed() {
    let history = [added(), turnaround(15)];
    let change = |minutes| given(&history).decide(Command::ChangeTurnaround { minutes }, at(0));
    assert_eq!(change(15), Ok(vec![]));
    assert_eq!(change(0), Ok(vec![turnaround(0)]));
    assert_eq!(change(240), Ok(vec![turnaround(240)]));
    assert!(matches!(change(241), Err(Refusal::Invalid(_))));
}

#[test]
fn a_room_is_cleaned_before_and_after_each_screening() {
    let history = [added(), turnaround(15), scheduled(1, 3_600, 7_200), scheduled(2, 14_400, 18_000)];
    let when = |from, to| given(&history).decide(schedule(3, from, to), at(0)).map(|_| ());
    assert_eq!(when(8_100, 13_500), Ok(()));
    assert_eq!(when(8_099, 13_500), busy(1, 3_600, 7_200));
    assert_eq!(when(8_100, 13_501), busy(2, 14_400, 18_000));
    assert_eq!(when(1_000, 2_700), Ok(()));
    assert_eq!(when(1_000, 2_701), busy(1, 3_600, 7_200));
    assert_eq!(when(18_900, 20_000), Ok(()));
    assert_eq!(when(18_899, 20_000), busy(2, 14_400, 18_000));
}

#[test]
fn a_change_to_another_time_keeps_the_time_for_cleaning_too() {
    let history = [added(), turnaround(15), scheduled(1, 3_600, 7_200), scheduled(2, 14_400, 18_000)];
    let when = |from, to| given(&history).decide(reserve(2, from, to), at(0)).map(|_| ());
    assert_eq!(when(8_099, 11_699), busy(1, 3_600, 7_200));
    assert_eq!(when(8_100, 11_700), Ok(()));
    // Its own slot is no obstacle.
    assert_eq!(when(14_460, 18_060), Ok(()));
    let change = Event::SlotReserved { screening: screening(2), wanted: wanted(2, 8_100, 11_700) };
    let reserved = [&history[..], &[change]].concat();
    let beside = |from| given(&reserved).decide(schedule(3, from, 13_000), at(0)).map(|_| ());
    assert_eq!(beside(12_599), busy(2, 8_100, 11_700));
    assert_eq!(beside(12_600), Ok(()));
}

#[test]
fn a_longer_time_for_cleaning_leaves_scheduled_screenings_where_they_are() {
    let history = [added(), scheduled(1, 3_600, 7_200), scheduled(2, 7_200, 9_000), turnaround(15)];
    let then = given(&history).decide(schedule(1, 3_600, 7_200), at(0));
    assert_eq!(then, Ok(vec![]), "a repeat");
    assert_eq!(given(&history).decide(schedule(3, 9_000, 9_600), at(0)).map(|_| ()), busy(2, 7_200, 9_000));
    assert!(given(&history).decide(schedule(3, 9_900, 9_960), at(0)).is_ok());
}
