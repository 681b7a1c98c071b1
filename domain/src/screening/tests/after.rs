//! Outcomes of a reservation: extended, sold, released, cancelled, checked in.

use super::*;
use crate::{
    Fingerprint, SeatStatus,
    examples::{Given, execute},
    hold::Standing,
    screening::{Seat, TicketUse},
};

fn ticket_use(at: Timestamp) -> TicketUse {
    TicketUse { at, by: user(99), device: None }
}

#[test]
fn a_hold_is_extended_once_and_never_past_the_start() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480)];
    let extend = || Command::ExtendHold { booking: booking(1) };
    assert_eq!(given(&history).decide(extend(), at(479)), Ok(vec![extended(1, 1_079)]));
    assert_eq!(given(&history).decide(extend(), at(480)), Err(Refusal::HoldExpired));
    let again = [opened(), reserved(1, 1, &["A-1"], 480), extended(1, 1_079)];
    assert_eq!(given(&again).decide(extend(), at(1_000)), Ok(vec![]));
    let late = [opened(), reserved(1, 1, &["A-1"], START - 100)];
    assert_eq!(given(&late).decide(extend(), at(START - 200)), Ok(vec![extended(1, START)]));
    let never_shorter = [opened(), reserved(1, 1, &["A-1"], 5_000)];
    assert_eq!(given(&never_shorter).decide(extend(), at(0)), Ok(vec![extended(1, 5_000)]));
}

#[test]
fn an_extended_hold_lapses_when_its_extension_does() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480), extended(1, 1_000)];
    let extended = given(&history);
    assert_eq!(extended.0.next_lapse(), Some(at(1_000)));
    assert!(extended.decide(reserve(2, 2, &["A-1"]), at(999)).is_err());
    assert!(extended.decide(reserve(2, 2, &["A-1"]), at(1_000)).is_ok());
}

#[test]
fn what_is_over_is_not_extended() {
    let over = |event| given(&[opened(), reserved(1, 1, &["A-1"], 480), event]);
    let extend = || Command::ExtendHold { booking: booking(1) };
    let cases = [
        (sold(1, 1, 7, &["A-1"]), Refusal::AlreadySold(payment(7))),
        (released(1, &["A-1"], ReleaseReason::Lapsed), Refusal::HoldExpired),
        (released(1, &["A-1"], ReleaseReason::GivenUp), Refusal::GivenUp),
        (released(1, &["A-1"], ReleaseReason::CancelledByCustomer), Refusal::BookingCancelled),
        (released(1, &["A-1"], ReleaseReason::CancelledByHouse), Refusal::BookingCancelled),
    ];
    for (event, refusal) in cases {
        assert_eq!(over(event).decide(extend(), at(0)), Err(refusal));
    }
}

#[test]
fn the_holder_buys_even_after_the_hold_lapsed_unless_somebody_else_was_faster() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480)];
    let bought = Ok(vec![sold(1, 1, 7, &["A-1"])]);
    assert_eq!(given(&history).decide(sell(1, 7), at(479)), bought);
    assert_eq!(given(&history).decide(sell(1, 7), at(481)), bought);

    let lapsed = released(1, &["A-1"], ReleaseReason::Lapsed);
    let free_again = [opened(), reserved(1, 1, &["A-1"], 480), lapsed.clone()];
    assert_eq!(given(&free_again).decide(sell(1, 7), at(500)), bought);

    let other_holds = [opened(), reserved(1, 1, &["A-1"], 480), lapsed, reserved(2, 2, &["A-1"], 960)];
    let taken = Err(Refusal::SeatTaken(seats(&["A-1"])));
    assert_eq!(given(&other_holds).decide(sell(1, 7), at(959)), taken);
    let then = vec![released(2, &["A-1"], ReleaseReason::Lapsed), sold(1, 1, 7, &["A-1"])];
    assert_eq!(given(&other_holds).decide(sell(1, 7), at(960)), Ok(then));
}

#[test]
fn the_first_payment_buys_the_seats() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480), sold(1, 1, 7, &["A-1"])];
    assert_eq!(given(&history).decide(sell(1, 7), at(0)), Ok(vec![]));
    assert_eq!(given(&history).decide(sell(1, 8), at(0)), Err(Refusal::AlreadySold(payment(7))));
}

#[test]
fn seats_are_not_sold_from_the_start_on() {
    let history = [opened(), reserved(1, 1, &["A-1"], START)];
    assert!(given(&history).decide(sell(1, 7), at(START - 1)).is_ok());
    assert_eq!(given(&history).decide(sell(1, 7), at(START)), Err(Refusal::BookingClosed(at(START))));
}

#[test]
fn what_was_given_up_or_cancelled_is_not_sold() {
    for (reason, refusal) in [
        (ReleaseReason::GivenUp, Refusal::GivenUp),
        (ReleaseReason::CancelledByCustomer, Refusal::BookingCancelled),
        (ReleaseReason::CancelledByHouse, Refusal::BookingCancelled),
    ] {
        let history = [opened(), reserved(1, 1, &["A-1"], 480), released(1, &["A-1"], reason)];
        assert_eq!(given(&history).decide(sell(1, 7), at(0)), Err(refusal));
    }
}

#[test]
fn only_a_cancellation_takes_sold_seats_back() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480), sold(1, 1, 7, &["A-1"])];
    for reason in [ReleaseReason::Lapsed, ReleaseReason::GivenUp] {
        assert_eq!(given(&history).decide(release(1, reason), at(0)), Ok(vec![]));
    }
    for reason in [ReleaseReason::CancelledByCustomer, ReleaseReason::CancelledByHouse] {
        let then = Ok(vec![released(1, &["A-1"], reason)]);
        assert_eq!(given(&history).decide(release(1, reason), at(0)), then);
    }
}

#[test]
fn a_customer_cancels_a_hold_but_not_what_was_sold_meanwhile() {
    let cancel = || Command::CancelHold { booking: booking(1) };
    let history = vec![opened(), reserved(1, 1, &["A-1"], 480)];
    let by_customer = released(1, &["A-1"], ReleaseReason::CancelledByCustomer);
    assert_eq!(given(&history).decide(cancel(), at(0)), Ok(vec![by_customer.clone()]));

    let after = |event| given(&[history.clone(), vec![event]].concat()).decide(cancel(), at(0));
    assert_eq!(after(by_customer), Ok(vec![]));
    assert_eq!(after(released(1, &["A-1"], ReleaseReason::CancelledByHouse)), Ok(vec![]));
    assert_eq!(after(sold(1, 1, 7, &["A-1"])), Err(Refusal::AlreadySold(payment(7))));
    assert_eq!(after(released(1, &["A-1"], ReleaseReason::Lapsed)), Err(Refusal::HoldExpired));
    assert_eq!(after(released(1, &["A-1"], ReleaseReason::GivenUp)), Err(Refusal::GivenUp));
}

#[test]
fn a_release_is_done_once_and_only_a_lapse_can_become_final_later() {
    let lapsed = [opened(), reserved(1, 1, &["A-1"], 480), released(1, &["A-1"], ReleaseReason::Lapsed)];
    let then = Ok(vec![released(1, &[], ReleaseReason::GivenUp)]);
    assert_eq!(given(&lapsed).decide(release(1, ReleaseReason::GivenUp), at(0)), then);
    assert_eq!(given(&lapsed).decide(release(1, ReleaseReason::Lapsed), at(0)), Ok(vec![]));
    let given_up = [opened(), reserved(1, 1, &["A-1"], 480), released(1, &["A-1"], ReleaseReason::GivenUp)];
    let again = release(1, ReleaseReason::CancelledByCustomer);
    assert_eq!(given(&given_up).decide(again, at(0)), Ok(vec![]));
}

#[test]
fn the_end_of_a_lapsed_booking_leaves_the_next_owner_alone() {
    let history = [
        opened(),
        reserved(1, 1, &["A-1"], 480),
        released(1, &["A-1"], ReleaseReason::Lapsed),
        reserved(2, 2, &["A-1"], 960),
        released(1, &[], ReleaseReason::GivenUp),
    ];
    assert_eq!(given(&history).0.seats().next().unwrap().booking(), Some(booking(2)));
}

#[test]
fn lapsed_holds_are_released_when_they_are_due() {
    let history = [
        opened(),
        reserved(1, 1, &["A-1"], 480),
        reserved(2, 2, &["A-2"], 481),
        reserved(3, 3, &["A-3"], 482),
    ];
    let due = |now| given(&history).decide(Command::ReleaseLapsedHolds, at(now));
    assert_eq!(due(479), Ok(vec![]));
    assert_eq!(due(480), Ok(vec![released(1, &["A-1"], ReleaseReason::Lapsed)]));
    assert_eq!(due(481).unwrap().len(), 2);
}

#[test]
fn one_commit_releases_a_bounded_number_of_holds() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480), reserved(2, 2, &["A-2"], 481)];
    let mut context = context(at(500));
    context.policy.lapses_per_commit = 1;
    let screening = given(&history).0;
    let then = crate::Decider::decide(&screening, &Command::ReleaseLapsedHolds, &context);
    assert_eq!(then, Ok(vec![released(1, &["A-1"], ReleaseReason::Lapsed)]));
}

#[test]
fn a_screening_is_cancelled_once_and_only_if_that_was_decided_before_its_start() {
    let cancel =
        |decided_at| Command::CancelScreening { cascade: uuid(90), reason: None, decided_at: at(decided_at) };
    assert_eq!(given(&[opened()]).decide(cancel(START - 1), at(START + 9)), Ok(vec![cancelled()]));
    let closed = Err(Refusal::BookingClosed(at(START)));
    assert_eq!(given(&[opened()]).decide(cancel(START), at(START)), closed);
    assert_eq!(given(&[opened(), cancelled()]).decide(cancel(START), at(START)), Ok(vec![]));
}

/// A held, a sold and a released booking of a screening.
fn three_bookings() -> Vec<Event> {
    vec![
        opened(),
        reserved(1, 1, &["A-1"], 480),
        reserved(2, 2, &["A-2"], 480),
        sold(2, 2, 7, &["A-2"]),
        reserved(3, 3, &["A-3"], 480),
        released(3, &["A-3"], ReleaseReason::Lapsed),
    ]
}

#[test]
fn a_cancellation_tells_how_many_bookings_have_seats() {
    let cancel = Command::CancelScreening { cascade: uuid(90), reason: None, decided_at: at(0) };
    let then = Event::ScreeningCancelled { cascade: uuid(90), reason: None, bookings: 2 };
    assert_eq!(given(&three_bookings()).decide(cancel, at(0)), Ok(vec![then]));
}

#[test]
fn cancelled_bookings_give_their_seats_back_many_at_once_and_once() {
    let house = ReleaseReason::CancelledByHouse;
    let release =
        |all: &[u8]| Command::ReleaseCancelled { bookings: all.iter().map(|n| booking(*n)).collect() };
    let mut history = three_bookings();
    history.push(cancelled());
    let freed = vec![released(1, &["A-1"], house), released(2, &["A-2"], house), released(3, &[], house)];
    assert_eq!(given(&history).decide(release(&[1, 2, 3, 9]), at(0)), Ok(freed.clone()));
    history.extend(freed);
    assert_eq!(given(&history).decide(release(&[1, 2, 3]), at(0)), Ok(vec![]));
}

#[test]
fn a_screening_is_cleared_once_nobody_has_a_seat() {
    let record = || Command::RecordCleared;
    let mut history = three_bookings();
    assert_eq!(given(&history).decide(record(), at(0)), Ok(vec![]), "it is not cancelled");
    history.push(cancelled());
    history.push(released(1, &["A-1"], ReleaseReason::CancelledByHouse));
    assert_eq!(given(&history).decide(record(), at(0)), Ok(vec![]), "booking 2 has a seat");
    history.push(released(2, &["A-2"], ReleaseReason::CancelledByCustomer));
    let cleared = Event::ScreeningCleared { cascade: uuid(90) };
    assert_eq!(given(&history).decide(record(), at(0)), Ok(vec![cleared.clone()]));
    history.push(cleared);
    assert!(given(&history).0.is_cleared());
    assert_eq!(given(&history).decide(record(), at(0)), Ok(vec![]));
}

#[test]
fn the_active_claims_are_those_with_seats() {
    let state = given(&three_bookings()).0;
    let mut active: Vec<_> = state.active().map(|(booking, _)| booking).collect();
    active.sort_unstable();
    assert_eq!(active, [booking(1), booking(2)]);
    let reservation = state.reservation(screening(1), booking(2)).unwrap();
    assert_eq!((reservation.customer, reservation.amount), (user(2), rupees(300)));
    assert_eq!(state.reservation(screening(1), booking(9)), None);
}

#[test]
fn a_ticket_lets_in_once() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480), sold(1, 1, 7, &["A-1"])];
    let then = Ok(vec![checked_in(1, "A-1", at(START))]);
    assert_eq!(given(&history).decide(check_in(1, "A-1"), at(START)), then);
    let unknown = |seat: &str| Err(Refusal::UnknownSeat(SeatName(seat.into())));
    assert_eq!(given(&history).decide(check_in(1, "A-2"), at(START)), unknown("A-2"));
    assert_eq!(given(&history).decide(check_in(1, "Z-1"), at(START)), unknown("Z-1"));

    let used = [history.as_slice(), &[checked_in(1, "A-1", at(START))]].concat();
    assert_eq!(
        given(&used).decide(check_in(1, "A-1"), at(START + 60)),
        Ok(vec![]),
        "a repeat of the request"
    );
    let (seats, by) = (seats(&["A-1"]), user(99));
    let (check_in, fingerprint) = (uuid(78), None);
    let other = Command::CheckInTickets { booking: booking(1), seats, by, check_in, fingerprint };
    assert_eq!(
        given(&used).decide(other, at(START + 60)),
        Err(Refusal::AlreadyCheckedIn(ticket_use(at(START))))
    );
    assert!(given(&used).0.claim(booking(1)).unwrap().is_checked_in(&given(&used).0));
}

#[test]
fn an_unpaid_cancelled_or_called_off_booking_lets_nobody_in() {
    let held = [opened(), reserved(1, 1, &["A-1"], 480)];
    let sold = [held.to_vec(), vec![sold(1, 1, 7, &["A-1"])]].concat();
    let by_customer = released(1, &["A-1"], ReleaseReason::CancelledByCustomer);
    let void = Err(Refusal::TicketVoid);
    assert_eq!(given(&held).decide(check_in(1, "A-1"), at(0)), void);
    assert_eq!(given(&[sold.clone(), vec![by_customer]].concat()).decide(check_in(1, "A-1"), at(0)), void);
    assert_eq!(given(&[sold, vec![cancelled()]].concat()).decide(check_in(1, "A-1"), at(0)), void);
}

#[test]
fn a_ticket_is_either_used_or_cancelled_by_its_customer() {
    let sold = vec![opened(), reserved(1, 1, &["A-1", "A-2"], 480), sold(1, 1, 7, &["A-1", "A-2"])];
    let used = [sold.clone(), vec![checked_in(1, "A-2", at(START))]].concat();
    let by_customer = release(1, ReleaseReason::CancelledByCustomer);
    assert_eq!(given(&used).decide(by_customer.clone(), at(START)), Err(Refusal::CheckedIn));
    let gone = released(1, &["A-1", "A-2"], ReleaseReason::CancelledByCustomer);
    assert_eq!(given(&sold).decide(by_customer, at(START)), Ok(vec![gone.clone()]));
    let cancelled = [sold, vec![gone]].concat();
    assert_eq!(given(&cancelled).decide(check_in(1, "A-2"), at(START)), Err(Refusal::TicketVoid));

    let by_house = released(1, &["A-1", "A-2"], ReleaseReason::CancelledByHouse);
    let then = given(&used).decide(release(1, ReleaseReason::CancelledByHouse), at(START));
    assert_eq!(then, Ok(vec![by_house]), "the house decides at any time");
}

#[test]
fn the_next_owner_of_a_used_seat_gets_in_too() {
    let history = [
        opened(),
        reserved(1, 1, &["A-1"], 480),
        sold(1, 1, 7, &["A-1"]),
        checked_in(1, "A-1", at(100)),
        released(1, &["A-1"], ReleaseReason::CancelledByHouse),
        reserved(2, 2, &["A-1"], 480),
        sold(2, 2, 8, &["A-1"]),
    ];
    let Command::CheckInTickets { booking, seats, by, .. } = check_in(2, "A-1") else { unreachable!() };
    let (next, fingerprint) = (uuid(78), None);
    let next = Command::CheckInTickets { booking, seats, by, check_in: next, fingerprint };
    let then = given(&history).decide(next, at(START)).unwrap();
    assert!(matches!(then[..], [Event::TicketCheckedIn { .. }]), "{then:?}");
}

#[test]
fn the_standing_of_a_booking_is_told() {
    let held = [opened(), reserved(1, 1, &["A-1"], 480)];
    let standing = |event: Option<Event>, now| {
        let history: Vec<_> = held.iter().cloned().chain(event).collect();
        given(&history).0.standing(booking(1), at(now))
    };
    assert_eq!(standing(None, 479), Some(Standing::Held(at(480))));
    assert_eq!(standing(None, 480), Some(Standing::Lapsed));
    assert_eq!(standing(Some(sold(1, 1, 7, &["A-1"])), 0), Some(Standing::Sold));
    assert_eq!(standing(Some(cancelled()), 0), Some(Standing::ScreeningCancelled));
    for (reason, expected) in [
        (ReleaseReason::Lapsed, Standing::Lapsed),
        (ReleaseReason::GivenUp, Standing::Lapsed),
        (ReleaseReason::CancelledByCustomer, Standing::Cancelled),
        (ReleaseReason::CancelledByHouse, Standing::Cancelled),
    ] {
        assert_eq!(standing(Some(released(1, &["A-1"], reason)), 0), Some(expected));
    }
    assert_eq!(given(&[opened()]).0.standing(booking(1), at(0)), None);
}

#[test]
fn a_seat_map_tells_free_held_and_sold() {
    let history =
        [opened(), reserved(1, 1, &["A-2"], 480), reserved(2, 2, &["A-3"], 480), sold(2, 2, 7, &["A-3"])];
    let map: Vec<_> = given(&history).0.seats().map(Seat::status).take(4).collect();
    assert_eq!(map, [SeatStatus::Free, SeatStatus::Held, SeatStatus::Sold, SeatStatus::Free]);
}

#[test]
fn tickets_are_checked_in_from_three_hours_before_the_start() {
    let history = [opened(), reserved(1, 1, &["A-1"], 480), sold(1, 1, 7, &["A-1"])];
    let doors = START - 3 * 3_600;
    let early = Err(Refusal::TooEarly(at(doors)));
    assert_eq!(given(&history).decide(check_in(1, "A-1"), at(doors - 1)), early);
    let then = Ok(vec![checked_in(1, "A-1", at(doors))]);
    assert_eq!(given(&history).decide(check_in(1, "A-1"), at(doors)), then);
    let ends_at = given(&history).0.promise().unwrap().ends_at;
    assert_eq!(given(&history).decide(check_in(1, "A-1"), ends_at), Err(Refusal::Over(ends_at)));
    let last = ends_at - jiff::SignedDuration::from_millis(1);
    assert!(given(&history).decide(check_in(1, "A-1"), last).is_ok());
}

#[test]
fn a_repeated_check_in_admits_nobody_again_and_another_request_of_its_name_is_refused() {
    let history = [opened(), reserved(1, 1, &["A-1", "A-2"], 480), sold(1, 1, 7, &["A-1", "A-2"])];
    let admit = |names: &[&str], body: &str| Command::CheckInTickets {
        booking: booking(1),
        seats: seats(names),
        by: user(99),
        check_in: uuid(77),
        fingerprint: Some(Fingerprint(body.to_owned())),
    };
    let Given(mut screening) = given(&history);
    let now = at(START);
    assert_eq!(execute(&mut screening, &admit(&["A-1"], "one"), now).unwrap().len(), 1);
    let undo = Command::UndoCheckIn { check_in: uuid(77), seat: SeatName("A-1".into()), by: user(98) };
    execute(&mut screening, &undo, now).unwrap();
    assert_eq!(
        execute(&mut screening, &admit(&["A-1"], "one"), now),
        Ok(vec![]),
        "an undone one stays undone"
    );
    assert_eq!(screening.admitted_by(uuid(77)), seats(&["A-1"]), "the first answer");
    for (names, body) in [(&["A-2"][..], "other"), (&[], "all")] {
        assert_eq!(execute(&mut screening, &admit(names, body), now), Err(Refusal::KeyReused));
    }
}

#[test]
fn a_check_in_is_undone_until_the_end_and_the_ticket_admits_again() {
    let mut history = vec![opened(), reserved(1, 1, &["A-1"], 480), sold(1, 1, 7, &["A-1"])];
    history.push(checked_in(1, "A-1", at(START)));
    let undo = |n: u8| {
        let (seat, by) = (SeatName("A-1".into()), user(98));
        Command::UndoCheckIn { check_in: uuid(n), seat, by }
    };
    let (seat, by) = (SeatName("A-1".into()), user(98));
    let undone = Event::CheckInUndone { booking: booking(1), seat, check_in: uuid(77), by };
    let ends_at = given(&history).0.promise().unwrap().ends_at;
    let before = ends_at - jiff::SignedDuration::from_secs(1);
    assert_eq!(given(&history).decide(undo(77), before), Ok(vec![undone.clone()]));
    assert_eq!(given(&history).decide(undo(77), ends_at), Err(Refusal::Over(ends_at)));
    assert_eq!(given(&history).decide(undo(78), before), Ok(vec![]), "another check-in stays");
    history.push(undone);
    assert_eq!(given(&history).decide(undo(77), before), Ok(vec![]));
    let (seats, by, check_in, fingerprint) = (seats(&["A-1"]), user(99), uuid(78), None);
    let again = Command::CheckInTickets { booking: booking(1), seats, by, check_in, fingerprint };
    assert_eq!(given(&history).decide(again, before).unwrap().len(), 1);
    assert!(!given(&history).0.claim(booking(1)).unwrap().is_checked_in(&given(&history).0));
}

#[test]
fn a_party_is_admitted_together_or_one_by_one() {
    let history = [opened(), reserved(1, 1, &["A-1", "A-2"], 480), sold(1, 1, 7, &["A-1", "A-2"])];
    let by = user(99);
    let admit = |n: u8, names: &[&str]| Command::CheckInTickets {
        booking: booking(1),
        seats: seats(names),
        by,
        check_in: uuid(n),
        fingerprint: None,
    };
    let now = at(START);
    let both = vec![checked_in(1, "A-1", now), checked_in(1, "A-2", now)];
    assert_eq!(given(&history).decide(admit(77, &[]), now), Ok(both.clone()));
    assert_eq!(given(&history).decide(admit(77, &["A-2"]), now), Ok(vec![checked_in(1, "A-2", now)]));
    let unknown = Err(Refusal::UnknownSeat(SeatName("B-1".into())));
    assert_eq!(given(&history).decide(admit(77, &["A-1", "B-1"]), now), unknown, "all of them or nobody");
    let twice = Err(Refusal::DuplicateSeat(SeatName("A-1".into())));
    assert_eq!(given(&history).decide(admit(77, &["A-1", "A-1"]), now), twice);

    let one_in = [history.as_slice(), &[checked_in(1, "A-1", now)]].concat();
    let used = Err(Refusal::AlreadyCheckedIn(ticket_use(now)));
    assert_eq!(given(&one_in).decide(admit(78, &["A-1", "A-2"]), now), used);
    let rest = given(&one_in).decide(admit(78, &[]), now).unwrap();
    assert_eq!(rest.len(), 1, "the other one: {rest:?}");
    assert_eq!(given(&one_in).0.admitted_by(uuid(77)), seats(&["A-1"]));

    let all_in = [history.as_slice(), &both].concat();
    assert_eq!(given(&all_in).decide(admit(77, &[]), now), Ok(vec![]), "a repeat of the request");
    assert_eq!(given(&all_in).decide(admit(78, &[]), now), used);
    let doors = Err(Refusal::TooEarly(at(START - 3 * 3600)));
    assert_eq!(given(&history).decide(admit(77, &[]), at(START - 3 * 3600 - 1)), doors);
}

#[test]
fn a_booking_is_found_by_its_number() {
    let history = given(&[opened(), reserved(1, 1, &["A-1"], 480)]);
    assert_eq!(history.0.bookings_of(booking(1).reference()), [booking(1)]);
    let other = crate::BookingId(uuid::Uuid::max()).reference();
    assert!(history.0.bookings_of(other).is_empty());
}
