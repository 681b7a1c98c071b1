//! Rooms that are out of use.

use super::{
    added,
    calendar::{reserve, schedule, scheduled, unschedule, wanted},
    given,
};
use crate::{
    examples::{at, layout, screening, uuid},
    screen::{Command, Event, Refusal},
};

fn retired() -> Event {
    Event::ScreenRetired {}
}

fn in_use(screenings: usize, first_at: i64) -> Result<Vec<Event>, Refusal> {
    Err(Refusal::ScreenInUse { screenings, first_at: at(first_at) })
}

#[test]
fn a_room_is_retired_and_brought_back_once() {
    assert_eq!(given(&[added()]).decide(Command::RetireScreen, at(0)), Ok(vec![retired()]));
    let gone = [added(), retired()];
    assert_eq!(given(&gone).decide(Command::RetireScreen, at(0)), Ok(vec![]));
    let back = Event::ScreenReactivated {};
    assert_eq!(given(&gone).decide(Command::ReactivateScreen, at(0)), Ok(vec![back.clone()]));
    let again = [added(), retired(), back];
    assert_eq!(given(&again).decide(Command::ReactivateScreen, at(0)), Ok(vec![]));
    assert!(given(&again).decide(schedule(1, 3_600, 7_200), at(0)).is_ok());
}

#[test]
fn nothing_is_scheduled_in_a_retired_room_nor_moved_there() {
    let gone = given(&[added(), retired()]);
    assert_eq!(gone.decide(schedule(1, 3_600, 7_200), at(0)), Err(Refusal::ScreenRetired));
    assert_eq!(gone.decide(reserve(1, 3_600, 7_200), at(0)), Err(Refusal::ScreenRetired));
}

#[test]
fn a_retired_room_can_still_be_corrected() {
    let gone = given(&[added(), retired()]);
    assert!(gone.decide(Command::RenameScreen { name: "Old hall".into() }, at(0)).is_ok());
    assert!(gone.decide(Command::ChangeLayout { layout: layout(9) }, at(0)).is_ok());
}

#[test]
fn a_room_is_not_retired_before_its_last_screening_has_begun() {
    let history = [added(), scheduled(1, 3_600, 7_200), scheduled(2, 7_200, 9_000)];
    assert_eq!(given(&history).decide(Command::RetireScreen, at(0)), in_use(2, 3_600));
    assert_eq!(given(&history).decide(Command::RetireScreen, at(3_600)), in_use(1, 7_200));
    assert_eq!(given(&history).decide(Command::RetireScreen, at(7_199)), in_use(1, 7_200));
    assert_eq!(given(&history).decide(Command::RetireScreen, at(7_200)), Ok(vec![retired()]));
}

#[test]
fn a_repeat_after_the_room_was_retired_is_still_recognised() {
    let history = [added(), scheduled(1, 3_600, 7_200), retired()];
    assert_eq!(given(&history).decide(schedule(1, 3_600, 7_200), at(9_000)), Ok(vec![]));
}

#[test]
fn what_was_called_off_does_not_keep_a_room_in_use() {
    let history = [added(), scheduled(1, 3_600, 7_200)];
    let [freed] = &given(&history).decide(unschedule(1, 0), at(0)).unwrap()[..] else { panic!("one event") };
    let history = [&history[..], std::slice::from_ref(freed)].concat();
    assert_eq!(given(&history).decide(Command::RetireScreen, at(0)), Ok(vec![retired()]));
}

#[test]
fn a_slot_that_is_reserved_for_a_change_keeps_a_room_in_use() {
    let change = Event::SlotReserved { screening: screening(1), wanted: wanted(1, 3_600, 7_200) };
    let coming = [added(), change.clone()];
    assert_eq!(given(&coming).decide(Command::RetireScreen, at(0)), in_use(1, 3_600));
    let dropped = Event::SlotDropped { screening: screening(1), change: uuid(1) };
    let stays = [added(), change.clone(), dropped];
    assert_eq!(given(&stays).decide(Command::RetireScreen, at(0)), Ok(vec![retired()]));
    // One screening with two slots counts once.
    let moving = [added(), scheduled(1, 1_800, 3_000), change];
    assert_eq!(given(&moving).decide(Command::RetireScreen, at(0)), in_use(1, 1_800));
}
