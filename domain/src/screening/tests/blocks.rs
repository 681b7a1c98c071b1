//! House seats: blocked, released by hand or by themselves, never sold meanwhile.

use super::*;
use crate::{Fingerprint, Flaw, screening::WantedBlock};

fn wanted(names: &[&str], release_at: Option<i64>) -> WantedBlock {
    WantedBlock { seats: seats(names), reason: "Press".to_owned(), release_at: release_at.map(at) }
}

fn block(n: u8, names: &[&str], release_at: Option<i64>) -> Command {
    let wanted = wanted(names, release_at);
    Command::BlockSeats { block: uuid(n), wanted, by: user(99), fingerprint: None }
}

fn blocked(n: u8, names: &[&str], release_at: Option<i64>) -> Event {
    Event::SeatsBlocked {
        block: uuid(n),
        seats: seats(names),
        reason: "Press".to_owned(),
        release_at: release_at.map(at),
        by: user(99),
        fingerprint: None,
        screen_block: None,
        awaited: Vec::new(),
    }
}

fn unblocked(n: u8, names: &[&str], by: Option<u8>) -> Event {
    Event::BlockReleased { block: uuid(n), seats: seats(names), by: by.map(user), awaited: Vec::new() }
}

fn taken<T>(names: &[&str]) -> Result<T, Refusal> {
    Err(Refusal::SeatTaken(seats(names)))
}

#[test]
fn a_blocked_seat_can_be_neither_held_nor_sold_nor_blocked_again() {
    assert_eq!(
        given(&[opened()]).decide(block(1, &["A-1"], None), at(0)),
        Ok(vec![blocked(1, &["A-1"], None)])
    );
    let history = [opened(), blocked(1, &["A-1", "A-2"], None)];
    assert_eq!(given(&history).decide(reserve(1, 1, &["A-2", "B-1"]), at(0)), taken(&["A-2"]));
    assert_eq!(given(&history).decide(block(2, &["A-1", "B-1"], None), at(0)), taken(&["A-1"]));
    assert!(given(&history).decide(reserve(1, 1, &["B-1"]), at(0)).is_ok());

    // A payment that comes late does not get the seats that the house took meanwhile.
    let late = [
        opened(),
        reserved(1, 1, &["A-1"], 480),
        released(1, &["A-1"], ReleaseReason::Lapsed),
        blocked(1, &["A-1"], None),
    ];
    assert_eq!(given(&late).decide(sell(1, 7), at(500)), taken(&["A-1"]));
    let given_up = [late.as_slice(), &[released(1, &[], ReleaseReason::GivenUp)]].concat();
    assert_eq!(given(&given_up).decide(reserve(2, 2, &["A-1"]), at(500)), taken(&["A-1"]));
}

#[test]
fn held_and_sold_seats_cannot_be_blocked_but_lapsed_ones_can() {
    let history =
        [opened(), reserved(1, 1, &["A-1"], 480), reserved(2, 2, &["A-2"], 480), sold(2, 2, 7, &["A-2"])];
    assert_eq!(given(&history).decide(block(1, &["A-1", "A-2"], None), at(479)), taken(&["A-1", "A-2"]));
    let then = vec![released(1, &["A-1"], ReleaseReason::Lapsed), blocked(1, &["A-1"], None)];
    assert_eq!(given(&history).decide(block(1, &["A-1"], None), at(480)), Ok(then));
}

#[test]
fn a_block_is_released_by_hand_once() {
    let mut history = vec![opened(), blocked(1, &["A-1", "A-2"], None)];
    let release = || Command::ReleaseBlock { block: uuid(1), by: user(98) };
    let then = unblocked(1, &["A-1", "A-2"], Some(98));
    assert_eq!(given(&history).decide(release(), at(10)), Ok(vec![then.clone()]));
    history.push(then);
    assert_eq!(given(&history).decide(release(), at(11)), Ok(vec![]));
    assert!(given(&history).decide(reserve(1, 1, &["A-1"]), at(11)).is_ok());
    assert_eq!(
        given(&history).decide(block(1, &["A-1"], None), at(11)),
        Ok(vec![]),
        "a late repeat blocks nothing"
    );
    let unknown = Command::ReleaseBlock { block: uuid(2), by: user(98) };
    assert_eq!(given(&history).decide(unknown, at(11)), Err(Refusal::UnknownBlock));
}

#[test]
fn a_block_ends_by_itself_and_a_late_timer_changes_nothing() {
    let history = vec![opened(), blocked(1, &["A-1"], Some(100)), blocked(2, &["A-2"], Some(200))];
    assert_eq!(given(&history).0.next_lapse(), Some(at(100)));
    assert_eq!(given(&history).decide(Command::ReleaseLapsedHolds, at(99)), Ok(vec![]));
    assert_eq!(given(&history).decide(reserve(1, 1, &["A-1"]), at(99)), taken(&["A-1"]));
    let over = unblocked(1, &["A-1"], None);
    assert_eq!(given(&history).decide(Command::ReleaseLapsedHolds, at(100)), Ok(vec![over.clone()]));
    let reserved = given(&history).decide(reserve(1, 1, &["A-1"]), at(100)).unwrap();
    assert_eq!(reserved[0], over, "from that moment on, even if the timer is late");

    let again = [history.as_slice(), &[over, reserved[1].clone()]].concat();
    assert_eq!(given(&again).decide(Command::ReleaseLapsedHolds, at(150)), Ok(vec![]));
    let by_hand = Command::ReleaseBlock { block: uuid(1), by: user(98) };
    assert_eq!(given(&again).decide(by_hand, at(150)), Ok(vec![]));
    assert_eq!(given(&again).0.seats().next(), Some(crate::screening::Seat::Held(booking(1))));
}

#[test]
fn a_block_names_a_reason_seats_and_an_end_before_the_start() {
    let decide = |wanted: WantedBlock| {
        let command = Command::BlockSeats { block: uuid(1), wanted, by: user(99), fingerprint: None };
        given(&[opened()]).decide(command, at(50))
    };
    let pointers = |refused| match refused {
        Err(Refusal::Invalid(flaws)) => flaws.0.into_iter().map(|Flaw { pointer, .. }| pointer).collect(),
        other => panic!("{other:?}"),
    };
    let none: Vec<String> =
        pointers(decide(WantedBlock { reason: " ".to_owned(), ..wanted(&["A-1"], Some(50)) }));
    assert_eq!(none, ["/reason", "/release_at"]);
    let late: Vec<String> = pointers(decide(wanted(&["A-1"], Some(START))));
    assert_eq!(late, ["/release_at"]);
    assert!(matches!(decide(wanted(&[], None)), Err(Refusal::SeatCount { .. })));
    let unknown = Refusal::UnknownSeat(SeatName("Z-1".to_owned()));
    assert_eq!(decide(wanted(&["Z-1"], None)), Err(unknown));
    assert_eq!(
        given(&[opened(), cancelled()]).decide(block(1, &["A-1"], None), at(0)),
        Err(Refusal::ScreeningCancelled)
    );
}

#[test]
fn another_request_with_the_same_key_is_refused() {
    let history = [opened(), blocked(1, &["A-1"], None)];
    let fingerprint = Some(Fingerprint("f".repeat(32)));
    let other =
        Command::BlockSeats { block: uuid(1), wanted: wanted(&["A-2"], None), by: user(99), fingerprint };
    assert_eq!(given(&history).decide(other, at(0)), Err(Refusal::KeyReused));
}

#[test]
fn blocked_seats_do_not_keep_a_cancelled_screening_from_being_cleared() {
    let history = [opened(), blocked(1, &["A-1"], None), cancelled()];
    let cleared = Event::ScreeningCleared { cascade: uuid(90) };
    assert_eq!(given(&history).decide(Command::RecordCleared, at(0)), Ok(vec![cleared]));
}
