//! Wheelchair places that are kept for those who ask for them, until some time before the start.

use super::*;
use crate::{
    Layout, Row,
    booking::CancelledBy,
    pricing::{Terms, WantedSeat},
    promise::Promise,
    screening::{MovedSeats, Wish},
};

/// Places are kept until two hours before the start.
const KEPT_UNTIL: i64 = START - 7_200;

/// One row of four: A-1 for a wheelchair, A-2 for a companion, A-3 and A-4 for everybody.
fn room(wheelchair_minutes: Option<u32>) -> Event {
    let row = Row {
        label: "A".into(),
        category: "gold".into(),
        seats: 4,
        accessible: vec![1],
        companions: vec![2],
        ..Row::default()
    };
    let terms = Terms { wheelchair_minutes, ..Terms::default() };
    let promise = Promise { layout: Layout { rows: vec![row] }, terms, ..promise() };
    Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise) }
}

fn want(names: &[(&str, bool)]) -> Command {
    let seat = |(name, wheelchair): &(&str, bool)| WantedSeat {
        seat: SeatName((*name).into()),
        ticket_type: None,
        wheelchair: *wheelchair,
    };
    let seats = names.iter().map(seat).collect();
    Command::ReserveSeats { booking: booking(1), customer: user(1), seats, fingerprint: None }
}

fn kept(names: &[&str]) -> Result<Vec<Event>, Refusal> {
    Err(Refusal::KeptForWheelchairs { seats: seats(names), until: at(KEPT_UNTIL) })
}

#[test]
fn kept_places_are_for_those_who_ask_for_them_until_the_time_and_for_everybody_from_then_on() {
    let house = given(&[room(Some(120))]);
    assert_eq!(
        house.decide(want(&[("A-1", false), ("A-2", false)]), at(KEPT_UNTIL - 1)),
        kept(&["A-1", "A-2"])
    );
    assert!(house.decide(want(&[("A-1", false), ("A-2", false)]), at(KEPT_UNTIL)).is_ok());
    assert!(house.decide(want(&[("A-1", true), ("A-2", true), ("A-3", false)]), at(0)).is_ok());
    assert!(house.decide(want(&[("A-3", false), ("A-4", false)]), at(0)).is_ok());
    let always = given(&[room(None)]);
    assert!(always.decide(want(&[("A-1", false), ("A-2", false)]), at(0)).is_ok());
}

#[test]
fn who_comes_along_needs_somebody_in_a_wheelchair() {
    let house = given(&[room(Some(120))]);
    assert_eq!(house.decide(want(&[("A-2", true)]), at(0)), kept(&["A-2"]));
    assert_eq!(house.decide(want(&[("A-1", true), ("A-2", false)]), at(0)), kept(&["A-2"]));
    let until_the_start = given(&[room(Some(0))]);
    assert!(until_the_start.decide(want(&[("A-1", false)]), at(START - 1)).is_err());
    assert_eq!(until_the_start.0.next_lapse(), None);
}

/// Booking 1 moves to seats, from `given` or from another screening.
fn move_to(names: &[&str], given: Option<&[&str]>, by: CancelledBy) -> Command {
    Command::MoveIn(moved(names, &[], given, by))
}

fn moved(names: &[&str], asked: &[&str], given: Option<&[&str]>, by: CancelledBy) -> MovedSeats {
    MovedSeats {
        booking: booking(1),
        customer: user(1),
        payment: payment(1),
        id: payment(8),
        seats: seats(names),
        wheelchairs: seats(asked),
        given: given.map(seats),
        starts_at: at(START),
        amount: rupees(500),
        quote: quoted(names),
        by,
    }
}

#[test]
fn a_customer_does_not_move_to_kept_places_without_having_one() {
    let bought = |names: &[&str]| given(&[room(Some(120)), reserved(1, 1, names, 480), sold(1, 1, 1, names)]);
    let others = ["A-3", "A-4"];
    let to_place = |by| move_to(&["A-1", "A-4"], Some(&others[..]), by);
    let house = bought(&others);
    assert_eq!(house.decide(to_place(CancelledBy::Customer), at(600)), kept(&["A-1"]));
    assert!(house.decide(to_place(CancelledBy::House), at(600)).is_ok());
    assert!(house.decide(to_place(CancelledBy::Customer), at(KEPT_UNTIL)).is_ok());
    let entering = move_to(&["A-1", "A-2"], None, CancelledBy::Customer);
    assert_eq!(given(&[room(Some(120))]).decide(entering, at(600)), kept(&["A-1", "A-2"]));
    let with_place = bought(&["A-1", "A-4"]);
    let closer = move_to(&["A-1", "A-2"], Some(&["A-1", "A-4"]), CancelledBy::Customer);
    assert!(with_place.decide(closer, at(600)).is_ok(), "a companion may sit beside the place");
}

#[test]
fn a_customer_who_asks_moves_to_kept_places_with_somebody_in_a_wheelchair() {
    let house = given(&[room(Some(120))]);
    let enter = |names: &[&str], asked: &[&str]| {
        house.decide(Command::MoveIn(moved(names, asked, None, CancelledBy::Customer)), at(600))
    };
    assert!(enter(&["A-1", "A-2"], &["A-1", "A-2"]).is_ok());
    assert!(enter(&["A-1", "A-3"], &["A-1"]).is_ok());
    assert_eq!(enter(&["A-1", "A-2"], &["A-1"]), kept(&["A-2"]));
    assert_eq!(enter(&["A-2", "A-3"], &["A-2", "A-3"]), kept(&["A-2"]), "nobody has a wheelchair place");
    assert_eq!(enter(&["A-2", "A-3"], &["A-1", "A-2"]), kept(&["A-2"]), "A-1 is not among the seats");
    let Event::ScreeningOpened { promise, .. } = room(Some(120)) else { panic!("not opened") };
    let asked =
        |seat: &str, wheelchair| WantedSeat { seat: SeatName(seat.into()), ticket_type: None, wheelchair };
    let mut state = Screening::default();
    crate::Decider::evolve(&mut state, &Event::ScreeningOpened { screening: screening(1), promise });
    let target = state.move_target(screening(1), &[asked("A-1", true), asked("A-3", false)]).unwrap();
    assert_eq!(target.wheelchairs, seats(&["A-1"]));
}

#[test]
fn the_release_is_recorded_once_by_the_timer_of_the_screening() {
    let mut history = vec![room(Some(120))];
    assert_eq!(given(&history).0.next_lapse(), Some(at(KEPT_UNTIL)));
    let tick = || Command::ReleaseLapsedHolds;
    assert_eq!(given(&history).decide(tick(), at(KEPT_UNTIL - 1)), Ok(vec![]));
    let then = given(&history).decide(tick(), at(KEPT_UNTIL)).unwrap();
    assert_eq!(then, [Event::WheelchairPlacesReleased {}]);
    history.extend(then);
    assert_eq!(given(&history).0.next_lapse(), None);
    assert_eq!(given(&history).decide(tick(), at(KEPT_UNTIL + 1)), Ok(vec![]));
}

#[test]
fn people_wait_for_a_category_of_places_only_where_they_are_for_everybody_some_day() {
    let join = |wheelchair_minutes: Option<u32>, now: i64| {
        let row = Row {
            label: "A".into(),
            category: "place".into(),
            seats: 1,
            accessible: vec![1],
            ..Row::default()
        };
        let terms = Terms { wheelchair_minutes, ..Terms::default() };
        let promise = Promise { layout: Layout { rows: vec![row] }, terms, ..promise() };
        let opened = Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise) };
        let history = [opened, reserved(1, 1, &["A-1"], 480), sold(1, 1, 7, &["A-1"])];
        let wish = Wish { seats: 1, categories: vec!["place".to_owned()], wheelchair: false };
        let (place, customer) = (uuid(50), user(5));
        let command = Command::JoinWaitingList { place, customer, wish, fingerprint: None };
        given(&history).decide(command, at(now))
    };
    assert!(join(Some(120), 10).is_ok());
    for never in [None, Some(0)] {
        assert!(matches!(join(never, 10), Err(Refusal::Invalid(_))), "{never:?}");
    }
}

#[test]
fn who_waits_is_offered_kept_places_once_they_are_for_everybody() {
    let mut history = vec![room(Some(120))];
    let others = given(&history).decide(want(&[("A-3", false), ("A-4", false)]), at(0)).unwrap();
    history.extend(others);
    history.push(sold(1, 1, 7, &["A-3", "A-4"]));
    let join = Command::JoinWaitingList {
        place: uuid(50),
        customer: user(5),
        wish: Wish { seats: 2, categories: vec![], wheelchair: false },
        fingerprint: None,
    };
    let joined = given(&history).decide(join, at(10)).unwrap();
    history.extend(joined);
    let then = given(&history).decide(Command::ReleaseLapsedHolds, at(KEPT_UNTIL)).unwrap();
    let [
        Event::WheelchairPlacesReleased {},
        Event::GuestsReminded { .. },
        Event::SeatsReserved { seats: offered, customer, .. },
        Event::SeatsOffered { .. },
    ] = &then[..]
    else {
        panic!("{then:?}")
    };
    assert_eq!((offered, *customer), (&seats(&["A-1", "A-2"]), user(5)));
}
