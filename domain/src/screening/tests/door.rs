//! Check-ins made without a network.

use super::*;
use crate::{
    examples::{Given, execute},
    screening::{Admission, OfflineCheckIn, TicketUse},
};

fn bought() -> Vec<Event> {
    vec![opened(), reserved(1, 1, &["A-1", "A-2"], 480), sold(1, 1, 7, &["A-1", "A-2"])]
}

/// Check-in number `n` of a seat of booking 1.
fn offline(n: u8, seat: &str, when: i64) -> OfflineCheckIn {
    let (check_in, online) = (uuid(n), [uuid(100 + n), uuid(200)]);
    OfflineCheckIn { check_in, online, booking: booking(1), seat: SeatName(seat.into()), at: at(when) }
}

fn report(check_ins: &[OfflineCheckIn], device: &str) -> Command {
    Command::ReportCheckIns { check_ins: check_ins.to_vec(), by: user(98), device: device.to_owned() }
}

fn used(when: i64, device: &str) -> TicketUse {
    TicketUse { at: at(when), by: user(98), device: Some(device.to_owned()) }
}

#[test]
fn a_door_without_a_network_reports_its_check_ins_with_their_times() {
    let Given(mut screening) = given(&bought());
    let (first, second) = (offline(1, "A-1", START - 60), offline(2, "A-2", START - 30));
    let now = at(START + 600);
    let events = execute(&mut screening, &report(&[first.clone(), second.clone()], "Door 1"), now).unwrap();
    let admitted = |check_in: &OfflineCheckIn| Event::TicketCheckedIn {
        booking: booking(1),
        seat: check_in.seat.clone(),
        by: user(98),
        at: check_in.at,
        check_in: Some(check_in.check_in),
        device: Some("Door 1".to_owned()),
        fingerprint: None,
    };
    assert_eq!(events, [admitted(&first), admitted(&second)]);
    assert_eq!(screening.admission(&first), Admission::Admitted);
    let online = given(&[bought(), events].concat()).decide(check_in(1, "A-1"), now);
    assert_eq!(online, Err(Refusal::AlreadyCheckedIn(used(START - 60, "Door 1"))));
}

#[test]
fn the_first_of_two_doors_that_reaches_the_log_admits_and_the_other_is_a_conflict_with_its_own_time() {
    let Given(mut screening) = given(&bought());
    let (later, earlier) = (offline(1, "A-1", START), offline(2, "A-1", START - 90));
    execute(&mut screening, &report(std::slice::from_ref(&later), "Door 1"), at(START + 60)).unwrap();
    let conflict = Event::AdmissionConflicted {
        booking: booking(1),
        seat: SeatName("A-1".into()),
        by: user(98),
        at: at(START - 90),
        check_in: uuid(2),
        device: Some("Door 2".to_owned()),
        used: Some(used(START, "Door 1")),
    };
    let other = report(std::slice::from_ref(&earlier), "Door 2");
    assert_eq!(execute(&mut screening, &other, at(START + 120)), Ok(vec![conflict]));
    assert_eq!(screening.admission(&earlier), Admission::AlreadyUsed(used(START, "Door 1")));
    assert_eq!(screening.admission(&later), Admission::Admitted, "the first one stays as it was");

    let undo = Command::UndoCheckIn { check_in: uuid(1), seat: SeatName("A-1".into()), by: user(98) };
    execute(&mut screening, &undo, at(START + 130)).unwrap();
    for repeat in [report(&[later], "Door 1"), other] {
        assert_eq!(
            execute(&mut screening, &repeat, at(START + 140)),
            Ok(vec![]),
            "an undone one stays undone"
        );
    }
}

#[test]
fn a_ticket_shown_twice_at_one_door_is_a_conflict_within_the_report() {
    let Given(mut screening) = given(&bought());
    let twice = [offline(1, "A-1", START), offline(2, "A-1", START + 5), offline(1, "A-1", START)];
    assert_eq!(execute(&mut screening, &report(&twice, "Door 1"), at(START + 60)).unwrap().len(), 2);
    assert_eq!(screening.admission(&twice[1]), Admission::AlreadyUsed(used(START, "Door 1")));
}

#[test]
fn a_report_that_repeats_a_check_in_whose_answer_was_lost_is_no_conflict() {
    let Given(mut screening) = given(&bought());
    let reported = offline(1, "A-1", START);
    let seats = vec![SeatName("A-1".into())];
    let (by, check_in, fingerprint) = (user(98), uuid(101), None);
    let online = Command::CheckInTickets { booking: booking(1), seats, by, check_in, fingerprint };
    execute(&mut screening, &online, at(START)).unwrap();
    let report = report(std::slice::from_ref(&reported), "Door 1");
    let undo = Command::UndoCheckIn { check_in: uuid(101), seat: SeatName("A-1".into()), by: user(98) };
    for _ in 0..2 {
        assert_eq!(execute(&mut screening, &report, at(START + 60)), Ok(vec![]));
        assert_eq!(screening.admission(&reported), Admission::Admitted);
        execute(&mut screening, &undo, at(START + 70)).unwrap();
    }
    assert_eq!(screening.standing_check_in(&reported), None, "an undone one stays undone");
}

#[test]
fn a_booking_that_was_cancelled_in_between_is_void_and_the_admission_is_kept_as_a_conflict() {
    let gone = released(1, &["A-1", "A-2"], ReleaseReason::CancelledByCustomer);
    for over in [gone, cancelled()] {
        let Given(mut screening) = given(&[bought(), vec![over]].concat());
        let reported = offline(1, "A-1", START - 60);
        let events =
            execute(&mut screening, &report(std::slice::from_ref(&reported), "Door 1"), at(START)).unwrap();
        assert!(matches!(events[..], [Event::AdmissionConflicted { used: None, .. }]), "{events:?}");
        assert_eq!(screening.admission(&reported), Admission::Void);
    }
}

#[test]
fn a_report_of_an_unknown_ticket_or_an_impossible_time_brings_nothing() {
    let Given(mut screening) = given(&bought());
    let doors = START - 3 * 3_600;
    for (n, when, now, expected) in [
        (1, doors - 301, START, Admission::WrongTime),
        (2, START + 301, START, Admission::WrongTime),
        (3, doors - 300, START, Admission::Admitted),
    ] {
        let reported = offline(n, "A-1", when);
        execute(&mut screening, &report(std::slice::from_ref(&reported), "Door 1"), at(now)).unwrap();
        assert_eq!(screening.admission(&reported), expected, "{when}");
    }
    let ahead = offline(4, "A-2", START + 300);
    let events = execute(&mut screening, &report(&[ahead], "Door 1"), at(START)).unwrap();
    let [Event::TicketCheckedIn { at: when, .. }] = events[..] else { panic!("{events:?}") };
    assert_eq!(when, at(START), "nothing is recorded in the future");

    let other_booking = OfflineCheckIn { booking: booking(9), ..offline(5, "A-1", START) };
    for unknown in [other_booking, offline(6, "B-1", START), offline(7, "Z-1", START)] {
        let report = report(std::slice::from_ref(&unknown), "Door 1");
        assert_eq!(execute(&mut screening, &report, at(START)), Ok(vec![]));
        assert_eq!(screening.admission(&unknown), Admission::Unknown);
    }
    let nowhere = given(&[]).decide(report(&[], "Door 1"), at(0));
    assert_eq!(nowhere, Err(Refusal::NotFound));
}
