//! Seats that a screening keeps back because its screen does. Guests keep theirs; what they give up is not sold again.

use super::*;
use crate::{ScreenId, screen::HouseBlock};

fn block(n: u8, of: u8, names: &[&str]) -> HouseBlock {
    let (seats, reason) = (seats(names), "Broken seat".to_owned());
    HouseBlock { id: uuid(n), seats, reason, by: user(99), screen_block: Some(uuid(of)), release_at: None }
}

fn follow(n: u8, of: u8, names: &[&str]) -> Command {
    Command::FollowBlock { screen: promise().screen, block: block(n, of, names) }
}

fn blocked(n: u8, of: u8, names: &[&str], awaited: &[&str]) -> Event {
    Event::SeatsBlocked {
        block: uuid(n),
        seats: seats(names),
        reason: "Broken seat".to_owned(),
        release_at: None,
        by: user(99),
        fingerprint: None,
        screen_block: Some(uuid(of)),
        awaited: seats(awaited),
    }
}

fn grown(n: u8, names: &[&str]) -> Event {
    Event::BlockGrown { block: uuid(n), seats: seats(names) }
}

fn unblocked(n: u8, names: &[&str], awaited: &[&str]) -> Event {
    Event::BlockReleased { block: uuid(n), seats: seats(names), by: Some(user(98)), awaited: seats(awaited) }
}

/// A-1 is held by a booking until 480, A-2 is sold to another.
fn history() -> Vec<Event> {
    vec![opened(), reserved(1, 1, &["A-1"], 480), reserved(2, 2, &["A-2"], 480), sold(2, 2, 7, &["A-2"])]
}

#[test]
fn a_screening_opens_with_its_blocks() {
    let open =
        |blocks| Command::OpenScreening { screening: screening(1), promise: Arc::new(promise()), blocks };
    let then = given(&[]).decide(open(vec![block(5, 1, &["A-1", "B-1"]), block(6, 2, &["B-1"])]), at(0));
    let expected = vec![opened(), blocked(5, 1, &["A-1", "B-1"], &[]), blocked(6, 2, &[], &["B-1"])];
    assert_eq!(then, Ok(expected.clone()));
    let taken = given(&expected).decide(reserve(1, 1, &["A-1", "B-1"]), at(1));
    assert_eq!(taken, Err(Refusal::SeatTaken(seats(&["A-1", "B-1"]))));
    // The seat of two blocks stays with the second one.
    let release = Command::ReleaseScreenBlock { block: uuid(1), by: user(98) };
    let then = given(&expected).decide(release, at(1));
    assert_eq!(then, Ok(vec![unblocked(5, &["A-1", "B-1"], &[]), grown(6, &["B-1"])]));
}

#[test]
fn a_screening_follows_once_and_guests_keep_their_seats() {
    let mut history = history();
    let then = blocked(5, 1, &["A-3"], &["A-1", "A-2"]);
    assert_eq!(given(&history).decide(follow(5, 1, &["A-1", "A-2", "A-3"]), at(0)), Ok(vec![then.clone()]));
    history.push(then);
    for repeated in [5, 6] {
        let again = given(&history).decide(follow(repeated, 1, &["A-1", "A-2", "A-3"]), at(0));
        assert_eq!(again, Ok(vec![]), "the same block of the screen");
    }
    let guests = given(&history).0.guests_of_screen_block(uuid(1));
    assert_eq!(guests, [(SeatName("A-1".into()), booking(1)), (SeatName("A-2".into()), booking(2))]);
    assert!(given(&history).decide(sell(1, 8), at(10)).is_ok(), "who holds a seat can buy it");
    assert_eq!(given(&[]).decide(follow(5, 1, &["A-1"]), at(0)), Err(Refusal::NotFound));
    let begun = given(&[opened()]).decide(follow(5, 1, &["A-1"]), at(START));
    assert_eq!(begun, Ok(vec![]));
    let off = given(&[opened(), cancelled()]).decide(follow(5, 1, &["A-1"]), at(0));
    assert_eq!(off, Ok(vec![]));
    let unknown = given(&[opened()]).decide(follow(5, 1, &["Z-9"]), at(0));
    assert_eq!(unknown, Ok(vec![]), "this room has no such seat");
}

#[test]
fn a_screening_that_has_left_the_screen_does_not_follow_its_blocks() {
    let elsewhere = ScreenId(uuid(77));
    assert_ne!(promise().screen, elsewhere);
    let late = Command::FollowBlock { screen: elsewhere, block: block(5, 1, &["A-1"]) };
    assert_eq!(given(&[opened()]).decide(late, at(0)), Ok(vec![]));
}

#[test]
fn a_seat_that_a_guest_gives_up_belongs_to_the_block_from_that_moment() {
    let mut history = history();
    history.push(blocked(5, 1, &[], &["A-1", "A-2"]));
    let release = Command::ReleaseSeats { booking: booking(2), reason: ReleaseReason::CancelledByCustomer };
    let then = given(&history).decide(release, at(10)).unwrap();
    assert_eq!(then, [released(2, &["A-2"], ReleaseReason::CancelledByCustomer), grown(5, &["A-2"])]);
    history.extend(then);

    // The hold on A-1 is over: nobody else gets it, even before the timer has released it.
    let taken = Err(Refusal::SeatTaken(seats(&["A-1"])));
    assert_eq!(given(&history).decide(reserve(3, 3, &["A-1"]), at(480)), taken);
    let lapsed = given(&history).decide(Command::ReleaseLapsedHolds, at(480)).unwrap();
    assert_eq!(lapsed, [released(1, &["A-1"], ReleaseReason::Lapsed), grown(5, &["A-1"])]);
    history.extend(lapsed);
    assert_eq!(given(&history).decide(sell(1, 8), at(481)), taken, "nor does a late payment");
    assert_eq!(given(&history).decide(Command::ReleaseLapsedHolds, at(500)), Ok(vec![]));

    let free = Command::ReleaseScreenBlock { block: uuid(1), by: user(98) };
    let then = given(&history).decide(free.clone(), at(500)).unwrap();
    assert_eq!(then, [unblocked(5, &["A-2", "A-1"], &[])]);
    history.extend(then);
    assert_eq!(given(&history).decide(free, at(501)), Ok(vec![]));
    assert!(given(&history).decide(reserve(3, 3, &["A-1", "A-2"]), at(501)).is_ok());
}

#[test]
fn a_released_block_awaits_nothing_any_more() {
    let mut history = history();
    history.push(blocked(5, 1, &["A-3"], &["A-1", "A-2"]));
    let free = Command::ReleaseScreenBlock { block: uuid(1), by: user(98) };
    let then = given(&history).decide(free, at(10)).unwrap();
    assert_eq!(then, [unblocked(5, &["A-3"], &["A-1", "A-2"])]);
    history.extend(then);
    let release = Command::ReleaseSeats { booking: booking(2), reason: ReleaseReason::CancelledByCustomer };
    let then = given(&history).decide(release, at(20));
    assert_eq!(then, Ok(vec![released(2, &["A-2"], ReleaseReason::CancelledByCustomer)]));
    // Another block of the screen is followed all the same.
    let other = given(&history).decide(follow(6, 2, &["A-4"]), at(20));
    assert_eq!(other, Ok(vec![blocked(6, 2, &["A-4"], &[])]));
}

#[test]
fn house_seats_of_one_screening_can_be_released_and_sold_though_the_screen_keeps_them_back() {
    let history = [opened(), blocked(5, 1, &["A-1"], &[])];
    let release = Command::ReleaseBlock { block: uuid(5), by: user(98) };
    assert_eq!(given(&history).decide(release, at(0)), Ok(vec![unblocked(5, &["A-1"], &[])]));
}
