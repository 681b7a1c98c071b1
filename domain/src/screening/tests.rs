//! Rules of a screening as given, when, then: opening and reserving here, the rest in its own file.

mod after;
mod blocks;
mod changing;
mod cool_down;
mod counter;
mod door;
mod messages;
mod moving;
mod reminding;
mod replacing;
mod returning;
mod screen_blocks;
mod single_seats;
mod types;
mod waiting;
mod wheelchairs;

use std::sync::Arc;

use cqrs_es::test::TestFramework;
use jiff::Timestamp;

use super::{Command, Event, Refusal, ReleaseReason, Screening};
use crate::{
    SeatName,
    examples::{
        Given, at, booking, context, fingerprint, payment, promise, quoted, rupees, screening, seats, user,
        uuid, wanted,
    },
};

const START: i64 = 86_400;

fn given(history: &[Event]) -> Given<Screening> {
    Given::new(history)
}

pub(super) fn opened() -> Event {
    Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise()) }
}

fn reserve(n: u8, customer: u8, names: &[&str]) -> Command {
    Command::ReserveSeats {
        booking: booking(n),
        customer: user(customer),
        seats: wanted(names),
        fingerprint: None,
    }
}

fn reserved(n: u8, customer: u8, names: &[&str], until: i64) -> Event {
    let price = |name: &&str| if name.starts_with('A') { 300 } else { 200 };
    Event::SeatsReserved {
        booking: booking(n),
        customer: user(customer),
        seats: seats(names),
        amount: rupees(names.iter().map(price).sum()),
        held_until: at(until),
        fingerprint: None,
        quote: Some(quoted(names)),
        replaces: None,
    }
}

fn released(n: u8, names: &[&str], reason: ReleaseReason) -> Event {
    Event::SeatsReleased { booking: booking(n), seats: seats(names), reason }
}

fn sell(n: u8, by: u8) -> Command {
    Command::SellSeats { booking: booking(n), payment: payment(by) }
}

fn sold(n: u8, customer: u8, by: u8, names: &[&str]) -> Event {
    Event::SeatsSold {
        booking: booking(n),
        customer: user(customer),
        payment: payment(by),
        seats: seats(names),
    }
}

fn cancelled() -> Event {
    Event::ScreeningCancelled { cascade: uuid(90), reason: None, bookings: 0 }
}

fn extended(n: u8, until: i64) -> Event {
    Event::HoldExtended { booking: booking(n), held_until: at(until) }
}

fn release(n: u8, reason: ReleaseReason) -> Command {
    Command::ReleaseSeats { booking: booking(n), reason }
}

fn check_in(n: u8, seat: &str) -> Command {
    Command::CheckInTickets {
        booking: booking(n),
        seats: seats(&[seat]),
        by: user(99),
        check_in: uuid(77),
        fingerprint: None,
    }
}

fn checked_in(n: u8, seat: &str, when: Timestamp) -> Event {
    let (booking, seat, by) = (booking(n), SeatName(seat.into()), user(99));
    Event::TicketCheckedIn {
        booking,
        seat,
        by,
        at: when,
        check_in: Some(uuid(77)),
        device: None,
        fingerprint: None,
    }
}

#[test]
fn the_cqrs_es_adapter_decides_the_same() {
    TestFramework::<Screening>::with(context(at(0)))
        .given(vec![opened()])
        .when(reserve(1, 1, &["A-1", "B-1"]))
        .then_expect_events(vec![reserved(1, 1, &["A-1", "B-1"], 480)]);
}

#[test]
fn a_screening_opens_once() {
    let open = || Command::OpenScreening {
        screening: screening(1),
        promise: Arc::new(promise()),
        blocks: Vec::new(),
    };
    assert_eq!(given(&[]).decide(open(), at(0)), Ok(vec![opened()]));
    assert_eq!(given(&[opened()]).decide(open(), at(0)), Ok(vec![]));
}

#[test]
fn nothing_can_be_asked_of_a_screening_that_does_not_exist() {
    let nothing = given(&[]);
    for command in [
        reserve(1, 1, &["A-1"]),
        Command::ExtendHold { booking: booking(1) },
        sell(1, 1),
        Command::CancelScreening { cascade: uuid(90), reason: None, decided_at: at(0) },
        check_in(1, "A-1"),
    ] {
        assert_eq!(nothing.decide(command, at(0)), Err(Refusal::NotFound));
    }
    for command in [release(1, ReleaseReason::GivenUp), Command::CancelHold { booking: booking(1) }] {
        assert_eq!(nothing.decide(command, at(0)), Err(Refusal::UnknownBooking));
    }
    assert_eq!(nothing.decide(Command::ReleaseLapsedHolds, at(0)), Ok(vec![]));
}

#[test]
fn an_unknown_booking_has_no_hold() {
    let opened = given(&[opened()]);
    for command in [
        Command::ExtendHold { booking: booking(1) },
        Command::CancelHold { booking: booking(1) },
        release(1, ReleaseReason::Lapsed),
        sell(1, 1),
        check_in(1, "A-1"),
    ] {
        assert_eq!(opened.decide(command, at(0)), Err(Refusal::UnknownBooking));
    }
}

#[test]
fn a_repeated_reservation_is_the_same_reservation() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480)];
    assert_eq!(given(&history).decide(reserve(1, 1, &["A-1"]), at(900)), Ok(vec![]));
}

#[test]
fn a_key_used_for_another_reservation_is_refused() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480)];
    let other_body = Command::ReserveSeats {
        booking: booking(1),
        customer: user(1),
        seats: wanted(&["A-2"]),
        fingerprint: Some(fingerprint("other")),
    };
    assert_eq!(given(&history).decide(other_body, at(0)), Err(Refusal::KeyReused));
    let other_customer = reserve(1, 2, &["A-1"]);
    assert_eq!(given(&history).decide(other_customer, at(0)), Err(Refusal::KeyReused));
}

#[test]
fn a_booking_has_1_to_10_seats() {
    let names: Vec<String> = (1..=11).map(|n| format!("A-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let opened = given(&[opened()]);
    assert_eq!(opened.decide(reserve(1, 1, &[]), at(0)), Err(Refusal::SeatCount { max: 10 }));
    assert!(opened.decide(reserve(1, 1, &names[..1]), at(0)).is_ok());
    assert!(opened.decide(reserve(1, 1, &names[..10]), at(0)).is_ok());
    assert_eq!(opened.decide(reserve(1, 1, &names), at(0)), Err(Refusal::SeatCount { max: 10 }));
}

#[test]
fn a_seat_is_named_once_and_exists() {
    let opened = given(&[opened()]);
    let twice = opened.decide(reserve(1, 1, &["A-1", "A-1"]), at(0));
    assert_eq!(twice, Err(Refusal::DuplicateSeat(SeatName("A-1".into()))));
    assert!(opened.decide(reserve(1, 1, &["A-12"]), at(0)).is_ok());
    let beyond = opened.decide(reserve(1, 1, &["A-13"]), at(0));
    assert_eq!(beyond, Err(Refusal::UnknownSeat(SeatName("A-13".into()))));
}

#[test]
fn taken_seats_are_named() {
    let history = [opened(), reserved(1, 1, &["A-1", "A-2"], 480), sold(1, 1, 1, &["A-1", "A-2"])];
    let then = given(&history).decide(reserve(2, 2, &["A-1", "A-3", "A-2"]), at(0));
    assert_eq!(then, Err(Refusal::SeatTaken(seats(&["A-1", "A-2"]))));
}

#[test]
fn a_hold_frees_its_seats_to_the_second() {
    let history = [opened(), reserved(1, 1, &["A-1", "A-2"], 480)];
    let when = || reserve(2, 2, &["A-1"]);
    assert_eq!(given(&history).decide(when(), at(479)), Err(Refusal::SeatTaken(seats(&["A-1"]))));
    // All seats of the lapsed booking are released, not only the one that is wanted.
    let then = vec![released(1, &["A-1", "A-2"], ReleaseReason::Lapsed), reserved(2, 2, &["A-1"], 960)];
    assert_eq!(given(&history).decide(when(), at(480)), Ok(then));
}

#[test]
fn booking_closes_at_the_start() {
    let opened = given(&[opened()]);
    let closed = Err(Refusal::BookingClosed(at(START)));
    // The hold of the last second ends with it.
    let last = Ok(vec![reserved(1, 1, &["A-1"], START)]);
    assert_eq!(opened.decide(reserve(1, 1, &["A-1"]), at(START - 1)), last);
    assert_eq!(opened.decide(reserve(1, 1, &["A-1"]), at(START)), closed);
}

#[test]
fn a_cancelled_screening_sells_nothing() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480), cancelled()];
    let then = Err(Refusal::ScreeningCancelled);
    for command in [reserve(2, 2, &["A-2"]), Command::ExtendHold { booking: booking(1) }, sell(1, 1)] {
        assert_eq!(given(&history).decide(command, at(0)), then);
    }
}

#[test]
fn a_customer_has_at_most_3_unpaid_holds() {
    let mut history = vec![opened(), reserved(1, 1, &["A-1"], 480), reserved(2, 1, &["A-2"], 480)];
    assert!(given(&history).decide(reserve(4, 1, &["B-1"]), at(0)).is_ok());
    history.push(reserved(3, 1, &["A-3"], 500));
    let full = given(&history);
    let refused = Err(Refusal::TooManyHolds { max: 3 });
    assert_eq!(full.decide(reserve(4, 1, &["B-1"]), at(479)), refused);
    assert!(full.decide(reserve(4, 1, &["B-1"]), at(480)).is_ok(), "lapsed holds do not count");
    assert!(full.decide(reserve(4, 2, &["B-1"]), at(0)).is_ok(), "others are not concerned");
    history.push(sold(1, 1, 1, &["A-1"]));
    assert!(given(&history).decide(reserve(4, 1, &["B-1"]), at(0)).is_ok(), "what is paid is no hold");
}

#[test]
fn a_customer_has_at_most_40_seats() {
    let row = |label: &str, seats: u8| (1..=seats).map(|n| format!("{label}-{n}")).collect::<Vec<_>>();
    let mut promise = promise();
    (promise.layout.rows[0].seats, promise.layout.rows[1].seats) = (50, 50);
    let mut history = vec![Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise) }];
    let names = row("A", 39);
    for (n, names) in (1..).zip(names.chunks(10)) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        history.extend([reserved(n, 1, &names, 480), sold(n, 1, n, &names)]);
    }
    let most_but_one = given(&history);
    assert!(most_but_one.decide(reserve(9, 1, &["B-1"]), at(0)).is_ok());
    let refused = Err(Refusal::TooManySeats { max: 40 });
    assert_eq!(most_but_one.decide(reserve(9, 1, &["B-1", "B-2"]), at(0)), refused);
}

#[test]
fn a_fingerprint_goes_into_the_event_and_makes_the_repeat_known() {
    let keyed = || Command::ReserveSeats {
        booking: booking(1),
        customer: user(1),
        seats: wanted(&["A-1"]),
        fingerprint: Some(fingerprint("body")),
    };
    let events = given(&[opened()]).decide(keyed(), at(0)).unwrap();
    let history = [vec![opened()], events].concat();
    assert_eq!(given(&history).decide(keyed(), at(0)), Ok(vec![]));
}
