//! Seats of a paid booking that are given back.

use super::*;
use crate::{
    booking::CancelledBy,
    examples::{execute, fingerprint},
    screening::{Admission, OfflineCheckIn},
    seat_return::{RefundWay, SeatReturn},
};

const CUT_OFF: i64 = START - 7_200;
const END: i64 = START + 9_000;

fn given_back(id: u8, by: CancelledBy, names: &[&str]) -> SeatReturn {
    let (id, refund, reason, fingerprint) = (payment(id), RefundWay::Original, None, None);
    SeatReturn { id, seats: seats(names), by, refund, reason, fingerprint, counter: None }
}

fn take_back(id: u8, by: CancelledBy, names: &[&str]) -> Command {
    Command::TakeBackSeats { booking: booking(1), returned: given_back(id, by, names) }
}

fn taken_back(id: u8, by: CancelledBy, names: &[&str], left: u32) -> Event {
    Event::SeatsTakenBack { booking: booking(1), returned: given_back(id, by, names), left }
}

/// Booking 1 has bought and B-1 for 800 rupees.
fn bought() -> Vec<Event> {
    let names = ["A-1", "A-2", "B-1"];
    vec![opened(), reserved(1, 1, &names, 480), sold(1, 1, 1, &names)]
}

fn then(more: &[Event]) -> Given<Screening> {
    given(&[bought(), more.to_vec()].concat())
}

use CancelledBy::{Customer, House};

#[test]
fn some_seats_are_given_back_and_the_others_stay() {
    let back = taken_back(8, Customer, &["A-2"], 2);
    assert_eq!(given(&bought()).decide(take_back(8, Customer, &["A-2"]), at(600)), Ok(vec![back.clone()]));

    let after = then(&[back]);
    let claim = after.0.claim(booking(1)).unwrap();
    assert_eq!((after.0.names(&claim.seats), claim.amount), (seats(&["A-1", "B-1"]), rupees(500)));
    assert!(after.decide(reserve(2, 2, &["A-2"]), at(700)).is_ok(), "the seat is free");
    assert!(after.decide(check_in(1, "A-1"), at(START)).is_ok());
    assert_eq!(after.decide(check_in(1, "A-2"), at(START)), Err(Refusal::TicketVoid));
    assert_eq!(after.decide(take_back(9, Customer, &["A-2"]), at(700)), Err(Refusal::TicketVoid));
}

#[test]
fn returns_follow_one_another_until_the_booking_ends() {
    let history = [taken_back(8, Customer, &["A-2"], 2), taken_back(9, House, &["A-1"], 1)];
    let last = taken_back(10, House, &["B-1"], 0);
    assert_eq!(then(&history).decide(take_back(10, House, &[]), at(700)), Ok(vec![last.clone()]));

    let after = then(&[history.to_vec(), vec![last]].concat());
    let claim = after.0.claim(booking(1)).unwrap();
    assert_eq!(claim.status, super::super::ClaimStatus::Released(ReleaseReason::CancelledByHouse));
    assert_eq!((claim.amount, after.0.active().count()), (rupees(200), 0), "what it had last");
    assert_eq!(after.decide(take_back(11, House, &[]), at(700)), Err(Refusal::BookingCancelled));
    assert_eq!(after.decide(check_in(1, "B-1"), at(START)), Err(Refusal::TicketVoid));
}

#[test]
fn a_return_happens_once() {
    let after = then(&[taken_back(8, Customer, &["A-2"], 2)]);
    assert_eq!(
        after.decide(take_back(8, Customer, &["A-2"]), at(END)),
        Ok(vec![]),
        "even when it is too late"
    );
    let Command::TakeBackSeats { booking, mut returned } = take_back(8, Customer, &["A-1"]) else {
        unreachable!()
    };
    returned.fingerprint = Some(fingerprint("another body"));
    let other = Command::TakeBackSeats { booking, returned };
    assert_eq!(after.decide(other, at(700)), Err(Refusal::KeyReused));
}

#[test]
fn a_customer_gives_seats_back_until_the_cut_off_and_the_house_until_the_end() {
    let bought = given(&bought());
    assert!(bought.decide(take_back(8, Customer, &["A-1"]), at(CUT_OFF - 1)).is_ok());
    let late = bought.decide(take_back(8, Customer, &["A-1"]), at(CUT_OFF));
    assert_eq!(late, Err(Refusal::TooLateToReturn(at(CUT_OFF))));
    assert!(bought.decide(take_back(8, House, &["A-1"]), at(END - 1)).is_ok());
    assert_eq!(bought.decide(take_back(8, House, &["A-1"]), at(END)), Err(Refusal::Over(at(END))));
}

#[test]
fn a_used_ticket_keeps_its_seat_but_not_the_others() {
    let used = then(&[checked_in(1, "A-1", at(START))]);
    assert_eq!(used.decide(take_back(8, House, &["A-1"]), at(START)), Err(Refusal::CheckedIn));
    assert_eq!(used.decide(take_back(8, House, &[]), at(START)), Err(Refusal::CheckedIn));
    assert!(used.decide(take_back(8, House, &["A-2", "B-1"]), at(START)).is_ok());
}

#[test]
fn only_paid_seats_of_the_booking_are_given_back() {
    let held = given(&[opened(), reserved(1, 1, &["A-1"], 480)]);
    assert_eq!(held.decide(take_back(8, Customer, &["A-1"]), at(0)), Err(Refusal::NotSold));
    let bought = given(&bought());
    let unknown = |name: &str| Err(Refusal::UnknownSeat(SeatName(name.into())));
    assert_eq!(bought.decide(take_back(8, Customer, &["A-3"]), at(0)), unknown("A-3"));
    assert_eq!(bought.decide(take_back(8, Customer, &["Z-1"]), at(0)), unknown("Z-1"));
    let twice = bought.decide(take_back(8, Customer, &["A-1", "A-1"]), at(0));
    assert_eq!(twice, Err(Refusal::DuplicateSeat(SeatName("A-1".into()))));
    let called_off = then(&[cancelled()]).decide(take_back(8, House, &["A-1"]), at(0));
    assert_eq!(called_off, Err(Refusal::ScreeningCancelled), "the cascade refunds everything");
}

#[test]
fn a_door_without_a_network_learns_that_the_ticket_of_a_returned_seat_is_void() {
    let resold = [
        taken_back(8, House, &["A-1"], 2),
        reserved(2, 2, &["A-1"], 480),
        sold(2, 2, 2, &["A-1"]),
        Event::TicketCheckedIn {
            booking: booking(2),
            seat: SeatName("A-1".into()),
            by: user(99),
            at: at(START),
            check_in: Some(uuid(77)),
            device: None,
            fingerprint: None,
        },
    ];
    let Given(mut screening) = then(&resold);
    let (check_in, online, seat) = (uuid(60), [uuid(61); 2], SeatName("A-1".into()));
    let reported = OfflineCheckIn { check_in, online, booking: booking(1), seat, at: at(START) };
    let (check_ins, by, device) = (vec![reported.clone()], user(98), "Door 1".to_owned());
    execute(&mut screening, &Command::ReportCheckIns { check_ins, by, device }, at(START + 60)).unwrap();
    assert_eq!(screening.admission(&reported), Admission::Void);
}
