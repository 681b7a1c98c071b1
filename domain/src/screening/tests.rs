//! The rules of a screening, told as given, when, then.

use std::{collections::BTreeMap, sync::Arc};

use cqrs_es::test::TestFramework;
use jiff::Timestamp;

use super::{Command, Event, Promise, Refusal, ReleaseReason, Screening, Standing};
use crate::{
    Currency, Fingerprint, Layout, Row, SeatName, SeatStatus,
    given::{
        Given, at, booking, context, payment, print, rupees, screen, screening, seats, show, user, uuid,
        venue,
    },
};

const START: i64 = 86_400;

fn given(history: &[Event]) -> Given<Screening> {
    Given::new(history)
}

pub(super) fn promise() -> Arc<Promise> {
    let row = |label: &str, category: &str, seats| Row {
        label: label.into(),
        category: category.into(),
        seats,
        aisles_after: vec![],
        accessible: vec![],
    };
    Arc::new(Promise {
        show: show(),
        show_title: "Dune".into(),
        venue: venue(),
        venue_name: "Regal".into(),
        city: "Mumbai".into(),
        timezone: "Asia/Kolkata".parse().unwrap(),
        screen: screen(),
        screen_name: "Screen 1".into(),
        starts_at: at(START),
        ends_at: at(START + 9_000),
        cancel_until: at(START - 7_200),
        layout: Layout { rows: vec![row("A", "gold", 12), row("B", "silver", 12)] },
        prices: BTreeMap::from([("gold".into(), 30_000), ("silver".into(), 20_000)]),
        currency: Currency::INR,
    })
}

pub(super) fn opened() -> Event {
    Event::ScreeningOpened { screening: screening(1), promise: promise() }
}

fn reserve(n: u8, customer: u8, names: &[&str]) -> Command {
    Command::ReserveSeats {
        booking: booking(n),
        customer: user(customer),
        seats: seats(names),
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
    Event::ScreeningCancelled { cascade: uuid(90), reason: None }
}

fn extended(n: u8, until: i64) -> Event {
    Event::HoldExtended { booking: booking(n), held_until: at(until) }
}

fn release(n: u8, reason: ReleaseReason) -> Command {
    Command::ReleaseSeats { booking: booking(n), reason }
}

fn check_in(n: u8, seat: &str) -> Command {
    Command::CheckInTicket { booking: booking(n), seat: SeatName(seat.into()), by: user(99) }
}

fn checked_in(n: u8, seat: &str, when: Timestamp) -> Event {
    Event::TicketCheckedIn { booking: booking(n), seat: SeatName(seat.into()), by: user(99), at: when }
}

#[test]
fn the_skin_for_cqrs_es_decides_the_same() {
    TestFramework::<Screening>::with(context(at(0)))
        .given(vec![opened()])
        .when(reserve(1, 1, &["A-1", "B-1"]))
        .then_expect_events(vec![reserved(1, 1, &["A-1", "B-1"], 480)]);
}

#[test]
fn a_screening_opens_once() {
    let open = || Command::OpenScreening { screening: screening(1), promise: promise() };
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
        Command::CancelScreening { cascade: uuid(90), reason: None },
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
        seats: seats(&["A-2"]),
        fingerprint: Some(Fingerprint("other".into())),
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
fn a_customer_has_at_most_20_seats() {
    let a: Vec<String> = (1..=10).map(|n| format!("A-{n}")).collect();
    let b: Vec<String> = (1..=9).map(|n| format!("B-{n}")).collect();
    let a: Vec<&str> = a.iter().map(String::as_str).collect();
    let b: Vec<&str> = b.iter().map(String::as_str).collect();
    let history = [opened(), reserved(1, 1, &a, 480), sold(1, 1, 1, &a), reserved(2, 1, &b, 480)];
    let nineteen = given(&history);
    assert!(nineteen.decide(reserve(3, 1, &["B-10"]), at(0)).is_ok());
    let refused = Err(Refusal::TooManySeats { max: 20 });
    assert_eq!(nineteen.decide(reserve(3, 1, &["B-10", "B-11"]), at(0)), refused);
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
fn a_screening_is_cancelled_once_and_only_before_its_start() {
    let cancel = || Command::CancelScreening { cascade: uuid(90), reason: None };
    assert_eq!(given(&[opened()]).decide(cancel(), at(START - 1)), Ok(vec![cancelled()]));
    let closed = Err(Refusal::BookingClosed(at(START)));
    assert_eq!(given(&[opened()]).decide(cancel(), at(START)), closed);
    assert_eq!(given(&[opened(), cancelled()]).decide(cancel(), at(START)), Ok(vec![]));
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
    let then = Err(Refusal::AlreadyCheckedIn(at(START)));
    assert_eq!(given(&used).decide(check_in(1, "A-1"), at(START + 60)), then);
    assert!(given(&used).0.claim(booking(1)).unwrap().is_checked_in(&given(&used).0));
}

#[test]
fn an_unpaid_cancelled_or_called_off_booking_lets_nobody_in() {
    let held = vec![opened(), reserved(1, 1, &["A-1"], 480)];
    let sold = [held.clone(), vec![sold(1, 1, 7, &["A-1"])]].concat();
    let by_customer = released(1, &["A-1"], ReleaseReason::CancelledByCustomer);
    let void = Err(Refusal::TicketVoid);
    assert_eq!(given(&held).decide(check_in(1, "A-1"), at(0)), void);
    assert_eq!(given(&[sold.clone(), vec![by_customer]].concat()).decide(check_in(1, "A-1"), at(0)), void);
    assert_eq!(given(&[sold, vec![cancelled()]].concat()).decide(check_in(1, "A-1"), at(0)), void);
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
    let then = Ok(vec![checked_in(2, "A-1", at(300))]);
    assert_eq!(given(&history).decide(check_in(2, "A-1"), at(300)), then);
}

#[test]
fn the_standing_of_a_booking_is_told() {
    let held = vec![opened(), reserved(1, 1, &["A-1"], 480)];
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
    let map: Vec<_> = given(&history).0.seats().map(super::Seat::status).take(4).collect();
    assert_eq!(map, [SeatStatus::Free, SeatStatus::Held, SeatStatus::Sold, SeatStatus::Free]);
}

#[test]
fn a_fingerprint_goes_into_the_event_and_makes_the_repeat_known() {
    let keyed = || Command::ReserveSeats {
        booking: booking(1),
        customer: user(1),
        seats: seats(&["A-1"]),
        fingerprint: print("body"),
    };
    let events = given(&[opened()]).decide(keyed(), at(0)).unwrap();
    let history = [vec![opened()], events].concat();
    assert_eq!(given(&history).decide(keyed(), at(0)), Ok(vec![]));
}
