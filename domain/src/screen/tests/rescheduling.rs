//! Slots of screenings that get another time or screen.

use super::{
    added, busy_with,
    calendar::{hours, reserve, schedule, scheduled, unschedule, wanted},
    given,
};
use crate::{
    examples::{at, fingerprint, layout, screening, uuid},
    screen::{Command, Event, Refusal},
};

fn reserved(n: u8, from: i64, to: i64) -> Event {
    Event::SlotReserved { screening: screening(n), wanted: wanted(n, from, to) }
}

fn taken(n: u8, from: i64, to: i64) -> Event {
    let promise = wanted(n, from, to).promise;
    Event::SlotTaken { screening: screening(n), change: uuid(n), promise }
}

fn take(n: u8) -> Command {
    Command::TakeSlot { change: uuid(n) }
}

fn leave(n: u8, taken_by: Option<u8>) -> Command {
    Command::VacateSlot { screening: screening(n), change: uuid(99), taken_by: taken_by.map(uuid) }
}

fn busy(n: u8, from: i64, to: i64) -> Result<Vec<Event>, Refusal> {
    Err(busy_with(n, from, to, false, 0))
}

#[test]
fn a_screening_may_be_moved_over_its_own_slot_and_has_both_until_it_has_decided() {
    let history = [added(), scheduled(1, 3_600, 7_200)];
    assert_eq!(given(&history).decide(reserve(1, 5_400, 9_000), at(0)), Ok(vec![reserved(1, 5_400, 9_000)]));
    let both = [&history[..], &[reserved(1, 5_400, 9_000)]].concat();
    assert_eq!(given(&both).decide(schedule(2, 3_600, 5_400), at(0)), busy(1, 3_600, 7_200));
    assert_eq!(given(&both).decide(schedule(2, 7_200, 9_000), at(0)), busy(1, 5_400, 9_000));
    assert!(given(&both).decide(schedule(2, 9_000, 9_600), at(0)).is_ok());

    let moved = [&both[..], &[taken(1, 5_400, 9_000)]].concat();
    assert!(given(&moved).decide(schedule(2, 3_600, 5_400), at(0)).is_ok());
    assert_eq!(given(&moved).decide(schedule(2, 3_600, 5_401), at(0)), busy(1, 5_400, 9_000));
}

#[test]
fn of_two_changes_to_the_same_slot_the_second_is_refused() {
    let history = [added(), scheduled(1, 0, 600), scheduled(2, 600, 1_200), reserved(1, 3_600, 7_200)];
    assert_eq!(given(&history).decide(reserve(2, 7_199, 7_800), at(-1)), busy(1, 3_600, 7_200));
    assert!(given(&history).decide(reserve(2, 7_200, 7_800), at(-1)).is_ok());
}

#[test]
fn a_slot_needs_an_open_venue_a_start_to_come_and_a_show() {
    let history = [added(), scheduled(1, 3_600, 7_200)];
    let with = |opening_hours, show_cancelled| Command::ReserveSlot {
        screening: screening(1),
        wanted: wanted(1, 10_800, 14_400),
        opening_hours,
        show_cancelled,
    };
    let refused = |command, now| given(&history).decide(command, at(now)).unwrap_err();
    let mut closed = hours("00:00", "00:00");
    closed.active = false;
    assert_eq!(refused(with(closed, false), 0), Refusal::VenueInactive);
    assert_eq!(refused(with(hours("00:00", "00:00"), true), 0), Refusal::ShowCancelled);
    assert_eq!(refused(with(hours("00:00", "00:00"), false), 10_800), Refusal::InThePast);
    let hours = hours("00:00", "02:00");
    assert!(matches!(refused(with(hours, false), 0), Refusal::OutsideOpeningHours { .. }));
}

#[test]
fn another_screen_has_the_seats_of_its_room_and_the_own_one_those_that_are_on_sale() {
    let other = [added(), Event::LayoutChanged { layout: layout(2) }];
    let seats_of =
        |history: &[Event]| match &given(history).decide(reserve(1, 3_600, 7_200), at(0)).unwrap()[..] {
            [Event::SlotReserved { wanted, .. }] => wanted.promise.layout.clone(),
            events => panic!("{events:?}"),
        };
    assert_eq!(seats_of(&other), layout(2));
    let own = [&other[..], &[scheduled(1, 0, 600)]].concat();
    assert_eq!(seats_of(&own), layout(4));
}

#[test]
fn a_slot_is_reserved_taken_and_dropped_once() {
    let history = [added(), scheduled(1, 0, 600), reserved(1, 3_600, 7_200)];
    assert_eq!(given(&history).decide(reserve(1, 3_600, 7_200), at(-1)), Ok(vec![]));
    let mut keyed = wanted(1, 3_600, 7_200);
    keyed.fingerprint = Some(fingerprint("other"));
    let keyed = Command::ReserveSlot {
        screening: screening(1),
        wanted: keyed,
        opening_hours: hours("00:00", "00:00"),
        show_cancelled: false,
    };
    assert_eq!(given(&history).decide(keyed, at(-1)), Err(Refusal::KeyReused));
    assert_eq!(given(&history).decide(take(1), at(-1)), Ok(vec![taken(1, 3_600, 7_200)]));
    let dropped = Event::SlotDropped { screening: screening(1), change: uuid(1) };
    let drop = || Command::DropSlot { change: uuid(1) };
    assert_eq!(given(&history).decide(drop(), at(-1)), Ok(vec![dropped.clone()]));
    for end in [taken(1, 3_600, 7_200), dropped] {
        let over = [&history[..], &[end]].concat();
        assert_eq!(given(&over).decide(take(1), at(-1)), Ok(vec![]));
        assert_eq!(given(&over).decide(drop(), at(-1)), Ok(vec![]));
    }
}

#[test]
fn a_screening_that_came_back_keeps_its_slot_from_a_late_repeat() {
    let away = Event::SlotVacated { screening: screening(1), change: uuid(99) };
    let history = [added(), scheduled(1, 0, 600)];
    assert_eq!(given(&history).decide(leave(1, None), at(-1)), Ok(vec![away.clone()]));
    let back = [&history[..], &[away, reserved(1, 3_600, 7_200), taken(1, 3_600, 7_200)]].concat();
    assert_eq!(given(&back).decide(leave(1, None), at(-1)), Ok(vec![]), "the first one, repeated");
    assert!(!given(&back).decide(leave(1, Some(1)), at(-1)).unwrap().is_empty());
}

#[test]
fn a_screening_that_went_away_is_not_scheduled_again_by_a_late_repeat() {
    let away = Event::SlotVacated { screening: screening(1), change: uuid(99) };
    let history = [added(), scheduled(1, 3_600, 7_200), away];
    assert_eq!(given(&history).decide(schedule(1, 3_600, 7_200), at(0)), Ok(vec![]));
    assert!(given(&history).decide(schedule(2, 3_600, 7_200), at(0)).is_ok(), "its slot is free");
}

#[test]
fn a_cancelled_screening_loses_its_reserved_slots_and_gets_no_other() {
    let history = [added(), scheduled(1, 3_600, 7_200), reserved(1, 10_800, 14_400)];
    let gone = given(&history).decide(unschedule(1, 0), at(0)).unwrap();
    let over = [&history[..], &gone].concat();
    assert!(given(&over).decide(schedule(2, 10_800, 14_400), at(0)).is_ok());
    assert_eq!(given(&over).decide(take(1), at(0)), Ok(vec![]));
    let mut again = wanted(1, 10_800, 14_400);
    again.id = uuid(50);
    let command = Command::ReserveSlot {
        screening: screening(1),
        wanted: again,
        opening_hours: hours("00:00", "00:00"),
        show_cancelled: false,
    };
    assert_eq!(given(&over).decide(command, at(0)), Err(Refusal::Unscheduled));

    // It came from another screen, and was cancelled before it had taken the slot.
    let arriving = [added(), reserved(1, 10_800, 14_400)];
    let gone = given(&arriving).decide(unschedule(1, 0), at(0)).unwrap();
    assert_eq!(gone.len(), 1);
    let over = [&arriving[..], &gone].concat();
    assert!(given(&over).decide(schedule(2, 10_800, 14_400), at(0)).is_ok());
}
