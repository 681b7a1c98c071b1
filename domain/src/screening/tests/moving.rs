//! Paid bookings that move to other seats.

use super::*;
use crate::{
    booking::CancelledBy,
    screening::{ClaimStatus, MovedSeats},
    seat_return::{RefundWay, SeatReturn},
};
use CancelledBy::{Customer, House};

const END: i64 = START + 9_000;

/// Booking 1 has bought A-1 and B-1.
fn bought() -> Vec<Event> {
    let names = ["A-1", "B-1"];
    vec![opened(), reserved(1, 1, &names, 480), sold(1, 1, 1, &names)]
}

fn then(more: &[Event]) -> Given<Screening> {
    given(&[bought(), more.to_vec()].concat())
}

fn moved(n: u8, id: u8, by: CancelledBy, given: Option<&[&str]>, names: &[&str]) -> MovedSeats {
    let (booking, customer, payment, id) = (booking(n), user(n), payment(1), payment(id));
    let (seats_in, given) = (seats(names), given.map(seats));
    let (amount, quote, wheelchairs, starts_at) = (rupees(500), quoted(names), Vec::new(), at(START));
    let seats = seats_in;
    MovedSeats { booking, customer, payment, id, seats, wheelchairs, given, starts_at, amount, quote, by }
}

/// Booking 1 exchanges A-1 and B-1.
fn exchange(id: u8, names: &[&str]) -> Command {
    Command::MoveIn(moved(1, id, Customer, Some(&["A-1", "B-1"]), names))
}

/// Booking `n` comes from another screening.
fn enter(n: u8, by: CancelledBy, names: &[&str]) -> Command {
    Command::MoveIn(moved(n, 8, by, None, names))
}

fn moved_in(n: u8, id: u8, names: &[&str], given: &[&str]) -> Event {
    let (booking, customer, id) = (booking(n), user(n), payment(id));
    let (payment, amount) = (payment(1), rupees(500));
    let (seats, given, quote) = (seats(names), seats(given), Some(quoted(names)));
    Event::SeatsMovedIn { booking, customer, payment, id, seats, given, amount, quote }
}

fn begin(id: u8, names: &[&str]) -> Command {
    Command::BeginMove { booking: booking(1), id: payment(id), seats: seats(names) }
}

fn begun(id: u8) -> Event {
    Event::MoveBegun { booking: booking(1), id: payment(id) }
}

fn ended(id: u8) -> Event {
    Event::MoveEnded { booking: booking(1), id: payment(id) }
}

fn end(id: u8) -> Command {
    Command::EndMove { booking: booking(1), id: payment(id) }
}

fn leave(n: u8, id: u8) -> Command {
    Command::MoveOut { booking: booking(n), id: payment(id) }
}

fn take_back(names: &[&str]) -> Command {
    let (id, by, refund, seats) = (payment(20), Customer, RefundWay::Original, seats(names));
    let returned = SeatReturn { id, seats, by, refund, reason: None, fingerprint: None, counter: None };
    Command::TakeBackSeats { booking: booking(1), returned }
}

#[test]
fn seats_are_exchanged_in_one_commit_and_the_old_tickets_are_void() {
    let event = moved_in(1, 8, &["A-2", "B-1"], &["A-1"]);
    assert_eq!(then(&[]).decide(exchange(8, &["A-2", "B-1"]), at(600)), Ok(vec![event.clone()]));

    let after = then(&[event]);
    assert_eq!(after.decide(exchange(8, &["A-2", "B-1"]), at(END)), Ok(vec![]), "it happens once");
    assert!(after.decide(reserve(2, 2, &["A-1"]), at(700)).is_ok(), "the old seat is free");
    let taken = after.decide(reserve(2, 2, &["A-2"]), at(700));
    assert_eq!(taken, Err(Refusal::SeatTaken(seats(&["A-2"]))));
    assert!(after.decide(check_in(1, "A-2"), at(START)).is_ok());
    assert_eq!(after.decide(check_in(1, "A-1"), at(START)), Err(Refusal::TicketVoid));
    assert!(after.decide(check_in(1, "B-1"), at(START)).is_ok(), "the seat that it keeps");
}

#[test]
fn a_booking_can_return_to_a_seat_that_it_had() {
    let history = [moved_in(1, 8, &["A-2", "B-1"], &["A-1"]), moved_in(1, 9, &["A-1", "B-1"], &["A-2"])];
    let after = then(&history);
    assert!(after.decide(check_in(1, "A-1"), at(START)).is_ok());
    assert_eq!(after.decide(check_in(1, "A-2"), at(START)), Err(Refusal::TicketVoid));
    assert_eq!(after.decide(exchange(8, &["A-2", "B-1"]), at(700)), Err(Refusal::MoveOver), "a late repeat");
}

#[test]
fn nobody_gets_a_seat_of_another() {
    let other = [reserved(2, 2, &["A-2"], 480)];
    let held = then(&other);
    assert_eq!(held.decide(exchange(8, &["A-2", "B-1"]), at(479)), Err(Refusal::SeatTaken(seats(&["A-2"]))));
    let Ok(events) = held.decide(exchange(8, &["A-2", "B-1"]), at(480)) else {
        panic!("the hold has lapsed")
    };
    assert_eq!(events[0], released(2, &["A-2"], ReleaseReason::Lapsed));
    let sold = then(&[other.to_vec(), vec![sold(2, 2, 2, &["A-2"])]].concat());
    assert_eq!(sold.decide(enter(3, House, &["A-2"]), at(600)), Err(Refusal::SeatTaken(seats(&["A-2"]))));
}

#[test]
fn seats_are_exchanged_until_the_end_and_entered_until_the_start() {
    assert!(then(&[]).decide(exchange(8, &["A-2", "A-3"]), at(END - 1)).is_ok());
    assert_eq!(then(&[]).decide(exchange(8, &["A-2", "A-3"]), at(END)), Err(Refusal::Over(at(END))));
    assert!(then(&[]).decide(enter(2, House, &["A-2"]), at(START - 1)).is_ok());
    let late = then(&[]).decide(enter(2, House, &["A-2"]), at(START));
    assert_eq!(late, Err(Refusal::BookingClosed(at(START))));
    let off = then(&[cancelled()]);
    assert_eq!(off.decide(exchange(8, &["A-2", "A-3"]), at(600)), Err(Refusal::ScreeningCancelled));
    assert_eq!(off.decide(enter(2, House, &["A-2"]), at(600)), Err(Refusal::ScreeningCancelled));
}

#[test]
fn a_used_ticket_keeps_the_booking_in_its_seats() {
    let used = then(&[checked_in(1, "A-1", at(START))]);
    assert_eq!(used.decide(exchange(8, &["A-2", "B-1"]), at(START)), Err(Refusal::CheckedIn));
    assert_eq!(used.decide(begin(8, &["A-1", "B-1"]), at(START)), Err(Refusal::CheckedIn));
}

#[test]
fn only_all_seats_of_a_booking_move() {
    assert_eq!(then(&[]).decide(begin(8, &["A-1"]), at(600)), Err(Refusal::SeatsChanged));
    let others = Command::MoveIn(moved(1, 8, Customer, Some(&["A-1", "A-2"]), &["A-3", "B-2"]));
    assert_eq!(then(&[]).decide(others, at(600)), Err(Refusal::SeatsChanged));
    let unpaid = given(&[opened(), reserved(1, 1, &["A-1"], 480)]);
    assert_eq!(unpaid.decide(begin(8, &["A-1"]), at(100)), Err(Refusal::NotSold));
    // Named twice, one seat would stand for another, which nobody would have.
    let twice = Command::MoveIn(moved(1, 8, Customer, Some(&["A-1", "A-1"]), &["A-2"]));
    assert_eq!(then(&[]).decide(twice, at(600)), Err(Refusal::SeatsChanged));
    assert_eq!(then(&[]).decide(begin(8, &["B-1", "B-1"]), at(600)), Err(Refusal::SeatsChanged));
}

#[test]
fn the_old_screening_keeps_the_seats_until_the_booking_has_others() {
    assert_eq!(then(&[]).decide(begin(8, &["B-1", "A-1"]), at(600)), Ok(vec![begun(8)]));
    let moving = then(&[begun(8)]);
    assert_eq!(moving.decide(begin(8, &["A-1", "B-1"]), at(600)), Ok(vec![]));
    assert_eq!(moving.decide(begin(9, &["A-1", "B-1"]), at(600)), Err(Refusal::MoveInProgress));
    assert_eq!(moving.decide(take_back(&["A-1"]), at(600)), Err(Refusal::MoveInProgress));
    assert_eq!(moving.decide(check_in(1, "A-1"), at(START)), Err(Refusal::MoveInProgress));
    let cancel = release(1, ReleaseReason::CancelledByCustomer);
    assert_eq!(moving.decide(cancel, at(600)), Err(Refusal::MoveInProgress));
    let taken = moving.decide(reserve(2, 2, &["A-1"]), at(600));
    assert_eq!(taken, Err(Refusal::SeatTaken(seats(&["A-1"]))));
    assert!(moving.decide(release(1, ReleaseReason::CancelledByHouse), at(600)).is_ok(), "a cascade may");

    let left = released(1, &["A-1", "B-1"], ReleaseReason::Moved);
    assert_eq!(moving.decide(leave(1, 8), at(END)), Ok(vec![left.clone()]));
    let after = then(&[begun(8), left]);
    assert_eq!(after.decide(leave(1, 8), at(600)), Ok(vec![]));
    assert_eq!(after.decide(begin(8, &["A-1", "B-1"]), at(600)), Err(Refusal::MoveOver), "a late repeat");
    assert_eq!(after.decide(check_in(1, "A-1"), at(START)), Err(Refusal::TicketVoid));
    assert!(after.decide(reserve(2, 2, &["A-1", "B-1"]), at(600)).is_ok());
}

#[test]
fn a_move_that_did_not_come_about_leaves_the_seats_as_they_were() {
    assert_eq!(then(&[begun(8)]).decide(end(8), at(600)), Ok(vec![ended(8)]));
    let after = then(&[begun(8), ended(8)]);
    assert_eq!(after.decide(end(8), at(600)), Ok(vec![]));
    assert_eq!(after.decide(begin(8, &["A-1", "B-1"]), at(600)), Err(Refusal::MoveOver));
    assert!(after.decide(check_in(1, "A-1"), at(START)).is_ok());
    assert!(after.decide(begin(9, &["A-1", "B-1"]), at(600)).is_ok(), "another move may begin");
    // A slower run of the same move comes too late.
    assert_eq!(then(&[]).decide(end(8), at(600)), Ok(vec![ended(8)]));
    assert_eq!(then(&[ended(8)]).decide(begin(8, &["A-1", "B-1"]), at(600)), Err(Refusal::MoveOver));
    let late = then(&[ended(8)]).decide(exchange(8, &["A-2", "B-1"]), at(600));
    assert_eq!(late, Err(Refusal::MoveOver), "the booking would take it for done");
    let exchanged = then(&[moved_in(1, 8, &["A-2", "B-1"], &["A-1"])]);
    assert_eq!(exchanged.decide(end(8), at(600)), Ok(vec![]), "it is too late to end it");
    assert!(exchanged.0.has_sold_exactly(booking(1), &seats(&["B-1", "A-2"])));
    assert!(!then(&[ended(8)]).0.has_sold_exactly(booking(1), &seats(&["B-1", "A-2"])));
    assert_eq!(then(&[begun(8)]).decide(end(9), at(600)), Ok(vec![]), "another one goes on");
}

#[test]
fn a_booking_enters_another_screening_as_sold_and_leaves_it_if_it_does_not_come() {
    let entered = moved_in(2, 8, &["A-2"], &[]);
    assert_eq!(then(&[]).decide(enter(2, Customer, &["A-2"]), at(600)), Ok(vec![entered.clone()]));
    let after = then(std::slice::from_ref(&entered));
    assert_eq!(after.decide(enter(2, Customer, &["A-2"]), at(600)), Ok(vec![]));
    assert_eq!(after.0.claim(booking(2)).unwrap().status, ClaimStatus::Sold(payment(1)));
    assert!(after.decide(check_in(2, "A-2"), at(START)).is_ok());
    assert_eq!(after.decide(leave(2, 9), at(600)), Ok(vec![]), "of another move");

    let left = released(2, &["A-2"], ReleaseReason::Moved);
    assert_eq!(after.decide(leave(2, 8), at(600)), Ok(vec![left.clone()]));
    let gone = then(&[entered, left]);
    assert_eq!(gone.decide(enter(2, Customer, &["A-2"]), at(600)), Err(Refusal::MoveOver));
    assert!(gone.decide(Command::MoveIn(moved(2, 9, Customer, None, &["A-2"])), at(600)).is_ok());
}

#[test]
fn a_customer_who_moves_keeps_to_the_limit_of_seats_and_the_house_does_not() {
    let mut context = context(at(600));
    context.policy.customer_seats_max = 2;
    let mut entering = moved(1, 8, Customer, None, &["A-2"]);
    entering.booking = booking(2);
    let state = then(&[]).0;
    let by_customer = crate::Decider::decide(&state, &Command::MoveIn(entering.clone()), &context);
    assert_eq!(by_customer, Err(Refusal::TooManySeats { max: 2 }));
    let by_house = Command::MoveIn(MovedSeats { by: House, ..entering });
    assert!(crate::Decider::decide(&state, &by_house, &context).is_ok());
}

fn keep(n: u8, id: u8, given: Option<&[&str]>, names: &[&str]) -> Command {
    Command::KeepForMove { moved: moved(n, id, Customer, given, names), until: at(600) }
}

fn kept(n: u8, id: u8, names: &[&str]) -> Event {
    Event::SeatsBlocked {
        block: payment(id).0,
        seats: seats(names),
        reason: format!("Booking {} moves here once the difference is paid", booking(n).reference()),
        release_at: Some(at(600)),
        by: user(n),
        fingerprint: None,
        screen_block: None,
        awaited: Vec::new(),
    }
}

fn let_go(id: u8, names: &[&str]) -> Event {
    Event::BlockReleased { block: payment(id).0, seats: seats(names), by: None, awaited: Vec::new() }
}

#[test]
fn new_seats_are_kept_until_the_difference_is_paid() {
    let own = ["A-1", "B-1"];
    // A seat that the booking has needs no keeping.
    let keeping = keep(1, 9, Some(&own), &["A-2", "B-1"]);
    assert_eq!(then(&[]).decide(keeping.clone(), at(0)), Ok(vec![kept(1, 9, &["A-2"])]));
    let waiting = then(&[kept(1, 9, &["A-2"])]);
    assert_eq!(waiting.decide(keeping.clone(), at(0)), Ok(vec![]));
    let rival = waiting.decide(enter(2, Customer, &["A-2"]), at(0));
    assert_eq!(rival, Err(Refusal::SeatTaken(seats(&["A-2"]))));
    let done = vec![let_go(9, &["A-2"]), moved_in(1, 9, &["A-2", "B-1"], &["A-1"])];
    assert_eq!(waiting.decide(exchange(9, &["A-2", "B-1"]), at(0)), Ok(done.clone()));
    assert_eq!(waiting.decide(exchange(9, &["A-2", "B-1"]), at(700)), Ok(done), "nobody was faster");
    let over = Command::EndKeeping { id: payment(9) };
    assert_eq!(waiting.decide(over.clone(), at(0)), Ok(vec![let_go(9, &["A-2"])]));
    let freed = then(&[kept(1, 9, &["A-2"]), let_go(9, &["A-2"])]);
    assert_eq!(freed.decide(over.clone(), at(0)), Ok(vec![]));
    assert_eq!(freed.decide(keeping.clone(), at(0)), Ok(vec![]), "a late repeat keeps nothing");
    assert_eq!(then(&[]).decide(over, at(0)), Ok(vec![]));
    assert_eq!(then(&[]).decide(keeping, at(600)), Err(Refusal::HoldExpired));
}

#[test]
fn seats_that_the_move_could_not_have_are_not_kept() {
    let taken = then(&[reserved(3, 3, &["A-2"], 480)]);
    let refused = taken.decide(keep(1, 8, Some(&["A-1", "B-1"]), &["A-2", "B-1"]), at(0));
    assert_eq!(refused, Err(Refusal::SeatTaken(seats(&["A-2"]))));
    let changed = then(&[]).decide(keep(1, 8, Some(&["A-1"]), &["A-2"]), at(0));
    assert_eq!(changed, Err(Refusal::SeatsChanged));
    assert_eq!(then(&[]).decide(keep(2, 8, None, &["A-2"]), at(0)), Ok(vec![kept(2, 8, &["A-2"])]));
}

#[test]
fn a_booking_does_not_move_to_a_time_that_its_customer_does_not_know() {
    let earlier = |by| MovedSeats { starts_at: at(START - 60), ..moved(2, 8, by, None, &["A-2"]) };
    let changed = Err(Refusal::TimeChanged(at(START)));
    for by in [Customer, House] {
        assert_eq!(then(&[]).decide(Command::MoveIn(earlier(by)), at(0)), changed);
        let keep = Command::KeepForMove { moved: earlier(by), until: at(600) };
        assert_eq!(then(&[]).decide(keep, at(0)), changed);
    }
    let waiting = then(&[kept(2, 8, &["A-2"])]);
    assert_eq!(
        waiting.decide(Command::MoveIn(earlier(Customer)), at(0)),
        changed,
        "not even to seats that wait"
    );
    let done = then(&[moved_in(2, 8, &["A-2"], &[])]);
    assert_eq!(done.decide(Command::MoveIn(earlier(Customer)), at(0)), Ok(vec![]), "a repeat is over");
}
