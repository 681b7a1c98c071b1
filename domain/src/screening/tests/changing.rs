//! Changes of prices, time and screen.

use super::*;
use crate::{
    Layout, Row, ScreenId,
    booking::CancelledBy,
    examples::{layout, row},
    promise::Promise,
    rescheduling::WantedChange,
    screen,
    screening::{
        ClaimStatus, Seat,
        changing::{CHANGES_MAX, ChangeOutcome, Unchangeable},
    },
    seat_return::{RefundWay, SeatReturn},
};

const WEEK: i64 = 7 * 86_400;
const HALF_AN_HOUR: i64 = 1_800;

/// Change `n`, after `number` others.
fn wanted(n: u8, number: u32, change: impl FnOnce(&mut Promise)) -> WantedChange {
    let mut terms = promise();
    change(&mut terms);
    WantedChange { id: uuid(n), number, promise: Arc::new(terms), by: user(9), fingerprint: None }
}

fn later(terms: &mut Promise) {
    (terms.starts_at, terms.ends_at) = (at(START + HALF_AN_HOUR), at(START + HALF_AN_HOUR + 9_000));
    terms.cancel_until = at(START + HALF_AN_HOUR - 7_200);
}

/// Another screen with these seats.
fn elsewhere(layout: Layout) -> impl FnOnce(&mut Promise) {
    |terms| (terms.screen, terms.layout) = (ScreenId(uuid(210)), layout)
}

fn dearer(terms: &mut Promise) {
    terms.prices.insert("gold".to_owned(), 40_000);
}

fn change(wanted: WantedChange) -> Command {
    Command::ChangeScreening { wanted }
}

fn reprice(wanted: WantedChange) -> Command {
    Command::ChangePrices { wanted }
}

fn changed(wanted: &WantedChange, free_until: Option<i64>, bookings: u32, seconds: i64) -> Event {
    Event::ScreeningChanged {
        change: wanted.id,
        promise: Arc::clone(&wanted.promise),
        by: user(9),
        at: at(seconds),
        free_until: free_until.map(at),
        bookings,
        fingerprint: None,
    }
}

/// Booking 1 has bought A-1 and B-1, booking 2 holds A-2.
fn busy() -> Vec<Event> {
    let names = ["A-1", "B-1"];
    vec![opened(), reserved(1, 1, &names, 480), sold(1, 1, 1, &names), reserved(2, 2, &["A-2"], 480)]
}

fn after(more: &[Event]) -> Screening {
    given(&[busy(), more.to_vec()].concat()).0
}

fn decide(history: &[Event], command: Command, seconds: i64) -> Result<Vec<Event>, Refusal> {
    given(history).decide(command, at(seconds))
}

fn prices_of(state: &Screening, n: u8) -> Vec<i64> {
    let reservation = state.reservation(screening(1), booking(n)).unwrap();
    assert_eq!(
        reservation.amount.amount_minor,
        reservation.seats.iter().map(|seat| seat.price_minor).sum::<i64>()
    );
    reservation.seats.iter().map(|seat| seat.price_minor).collect()
}

#[test]
fn new_prices_are_for_seats_sold_from_now_on() {
    let wanted = wanted(50, 0, dearer);
    let then = decide(&busy(), reprice(wanted.clone()), 10).unwrap();
    assert_eq!(then, [changed(&wanted, None, 1, 10)]);
    let state = after(&then);
    assert_eq!(prices_of(&state, 1), [30_000, 20_000], "paid");
    assert_eq!(prices_of(&state, 2), [30_000], "held");
    assert!(state.change_count() == 1 && state.reschedulings(screening(1), uuid(50)).next().is_none());

    let reserve_now = given(&[busy(), then].concat()).decide(reserve(3, 3, &["A-3"]), at(20)).unwrap();
    let [Event::SeatsReserved { amount, .. }] = &reserve_now[..] else { panic!("{reserve_now:?}") };
    assert_eq!(amount.amount_minor, 40_000);
    // A second change leaves both prices alone.
    let again = super::changing::wanted(51, 1, |terms| {
        terms.prices.insert("gold".into(), 1);
    });
    let history = [&busy()[..], &[changed(&wanted, None, 1, 10)], &reserve_now].concat();
    let then = given(&history).decide(reprice(again), at(30)).unwrap();
    let state = given(&[history, then].concat()).0;
    assert_eq!((prices_of(&state, 2), prices_of(&state, 3)), (vec![30_000], vec![40_000]));
}

#[test]
fn seats_that_are_given_back_after_new_prices_are_worth_what_they_cost() {
    let wanted = wanted(50, 0, dearer);
    let (id, refund) = (payment(7), RefundWay::Original);
    let (by, counter) = (CancelledBy::Customer, None);
    let returned =
        SeatReturn { id, seats: seats(&["A-1"]), by, refund, reason: None, fingerprint: None, counter };
    let history = [&busy()[..], &[changed(&wanted, None, 1, 10)]].concat();
    let then = decide(&history, Command::TakeBackSeats { booking: booking(1), returned }, 20).unwrap();
    let state = given(&[history, then].concat()).0;
    assert_eq!(state.claim(booking(1)).unwrap().amount.amount_minor, 20_000);
    assert_eq!(prices_of(&state, 1), [20_000]);
}

#[test]
fn another_time_can_be_cancelled_for_a_week_or_until_the_start() {
    let week_before = START - WEEK - 100;
    let wanted = wanted(50, 0, later);
    let then = decide(&busy(), change(wanted.clone()), week_before).unwrap();
    assert_eq!(then, [changed(&wanted, Some(week_before + WEEK), 1, week_before)]);
    let then = decide(&busy(), change(wanted.clone()), START - 600).unwrap();
    assert_eq!(then, [changed(&wanted, Some(START + HALF_AN_HOUR), 1, START - 600)]);

    // The ordinary cut-off has passed, but not for those who booked before.
    let state = after(&then);
    let claim = state.claim(booking(1)).unwrap();
    let terms = state.promise().unwrap();
    assert_eq!(claim.cancel_until(terms), at(START + HALF_AN_HOUR));
    let (id, refund) = (payment(7), RefundWay::Original);
    let (by, counter) = (CancelledBy::Customer, None);
    let give_back = |n| {
        let returned = SeatReturn { id, seats: vec![], by, refund, reason: None, fingerprint: None, counter };
        Command::TakeBackSeats { booking: booking(n), returned }
    };
    let late = [reserved(3, 3, &["B-5"], START), sold(3, 3, 3, &["B-5"])];
    let history = [&busy()[..], &then, &late].concat();
    let last = START + HALF_AN_HOUR - 1;
    assert!(decide(&history, give_back(1), last).is_ok());
    assert!(matches!(decide(&history, give_back(1), last + 1), Err(Refusal::TooLateToReturn(_))));
    assert!(matches!(decide(&history, give_back(3), last), Err(Refusal::TooLateToReturn(_))), "booked since");
}

#[test]
fn the_bookings_of_that_moment_learn_of_another_time() {
    let wanted = wanted(50, 0, later);
    let newer = reserved(3, 3, &["A-3"], 900);
    let state = after(&[changed(&wanted, Some(WEEK), 1, 10), newer]);
    let mut affected: Vec<_> = state.reschedulings(screening(1), uuid(50)).collect();
    affected.sort_by_key(|(booking, _)| *booking);
    let [(first, paid), (second, held)] = &affected[..] else { panic!("{affected:?}") };
    assert_eq!((*first, *second, paid.paid, held.paid), (booking(1), booking(2), true, false));
    assert_eq!((paid.before.starts_at, paid.after.starts_at), (at(START), at(START + HALF_AN_HOUR)));
    assert_eq!((paid.cancel_until, paid.free_until), (at(START + HALF_AN_HOUR - 7_200), at(WEEK)));
}

#[test]
fn a_change_is_made_once_and_the_next_one_waits_for_its_end() {
    let wanted_now = wanted(50, 0, later);
    let history = [&busy()[..], &[changed(&wanted_now, Some(WEEK), 1, 10)]].concat();
    assert_eq!(decide(&history, change(wanted_now.clone()), 20), Ok(vec![]));
    let keyed = WantedChange { fingerprint: Some(fingerprint("other")), ..wanted_now };
    assert_eq!(decide(&history, change(keyed), 20), Err(Refusal::KeyReused));
    let dearer_then = |terms: &mut Promise| {
        later(terms);
        dearer(terms);
    };
    let next = || reprice(wanted(51, 1, dearer_then));
    assert_eq!(decide(&history, next(), 20), Err(Unchangeable::InProgress.into()));
    let complete = Command::CompleteChange { change: uuid(50) };
    assert_eq!(decide(&history, complete.clone(), 20), Ok(vec![Event::ChangeCompleted { change: uuid(50) }]));
    let over = [&history[..], &[Event::ChangeCompleted { change: uuid(50) }]].concat();
    assert_eq!(decide(&over, complete, 20), Ok(vec![]));
    assert!(decide(&over, next(), 20).is_ok());
    // A change that was prepared before the other one was made.
    assert_eq!(decide(&over, reprice(wanted(51, 0, dearer_then)), 20), Err(Unchangeable::InProgress.into()));
}

#[test]
fn seats_keep_their_numbers_in_a_room_that_is_numbered_in_another_order() {
    // Row A is odd on the left and even on the right, and the pit has places for standing.
    let numbers = vec![3, 1, 2, 4];
    let row_a = Row { numbers, accessible: vec![1], ..row("A", "gold", 4) };
    let pit = Row { standing: true, ..row("PIT", "silver", 30) };
    let house = Layout { rows: vec![pit, row("B", "silver", 2), row_a] };
    let then = decide(&busy(), change(wanted(50, 0, elsewhere(house))), 10).unwrap();
    let state = after(&then);
    let owners: Vec<_> = state.seats().map(Seat::booking).collect();
    assert_eq!(owners[30..], [Some(booking(1)), None, None, Some(booking(1)), Some(booking(2)), None]);
    assert_eq!(state.names(&state.claim(booking(1)).unwrap().seats), seats(&["A-1", "B-1"]));

    // Without number 2, there is no seat for booking 2.
    let odd = Row { numbers: vec![3, 1, 5, 7], ..row("A", "gold", 4) };
    let missing = wanted(50, 0, elsewhere(Layout { rows: vec![odd, row("B", "silver", 2)] }));
    let refused = given(&busy()).0.check_change(&missing, at(10));
    assert_eq!(refused, Err(Unchangeable::SeatsMissing(seats(&["A-2"])).into()));
}

#[test]
fn every_refusal_of_a_reserved_slot_is_recorded_and_final() {
    let cancelled = Event::ScreeningCancelled { cascade: uuid(90), reason: None, bookings: 2 };
    let too_small = || elsewhere(Layout { rows: vec![row("A", "gold", 1), row("B", "silver", 4)] });
    let cases: [(Vec<Event>, WantedChange, i64, &str); 5] = [
        (vec![cancelled], wanted(50, 0, later), 0, "the screening is cancelled"),
        (vec![], wanted(50, 0, later), START, "booking closed at"),
        (vec![], wanted(50, 0, |terms| terms.starts_at = at(-1)), 0, "the start lies in the past"),
        (vec![], wanted(50, 3, later), 0, "another change of the screening is under way"),
        (vec![], wanted(50, 0, too_small()), 0, "the other screen has no seats A-2"),
    ];
    for (more, wanted, seconds, expected) in cases {
        let history = [busy(), more].concat();
        let then = decide(&history, change(wanted.clone()), seconds).unwrap();
        let [Event::ChangeRefused { change: id, reason, .. }] = &then[..] else { panic!("{then:?}") };
        assert!(*id == uuid(50) && reason.starts_with(expected), "{reason}");
        let state = given(&[history, then].concat());
        assert_eq!(state.0.known_change(uuid(50)).unwrap().outcome, ChangeOutcome::Refused);
        assert_eq!(state.decide(change(wanted), at(0)), Ok(vec![]), "decided before");
    }
}

#[test]
fn prices_alone_are_refused_without_a_trace() {
    let refused = |change_prices: fn(&mut Promise), seconds| {
        decide(&busy(), reprice(wanted(50, 0, change_prices)), seconds).unwrap_err()
    };
    let missing = refused(
        |terms| {
            terms.prices.remove("gold");
        },
        0,
    );
    let categories = vec!["gold".to_owned()];
    assert_eq!(missing, Unchangeable::Terms(screen::Refusal::PriceMissing { categories }).into());
    let wrong = refused(
        |terms| {
            terms.prices.insert("royal".to_owned(), 1);
        },
        0,
    );
    assert!(matches!(wrong, Refusal::Unchangeable(Unchangeable::Terms(screen::Refusal::Invalid(_)))));
    assert_eq!(refused(dearer, START), Refusal::BookingClosed(at(START)));
    let unknown = given(&[]).decide(reprice(wanted(50, 0, dearer)), at(0));
    assert_eq!(unknown, Err(Refusal::NotFound));
}

#[test]
fn a_screening_is_changed_at_most_a_hundred_times() {
    let mut state = given(&[opened()]).0;
    for number in 0..u32::try_from(CHANGES_MAX).unwrap() {
        let mut wanted = wanted(50, number, dearer);
        wanted.id = uuid::Uuid::from_u128(1_000 + u128::from(number));
        crate::Decider::evolve(&mut state, &changed(&wanted, None, 0, 0));
    }
    let next = wanted(50, state.change_count(), dearer);
    assert_eq!(state.check_change(&next, at(0)), Err(Unchangeable::TooOften { max: CHANGES_MAX }.into()));
}

#[test]
fn another_screen_must_have_every_seat_that_is_taken_and_as_accessible() {
    let check = |layout| after(&[]).check_change(&wanted(50, 0, elsewhere(layout)), at(0));
    let two = |gold, silver| Layout { rows: vec![row("A", "gold", gold), row("B", "silver", silver)] };
    assert_eq!(check(two(1, 4)), Err(Unchangeable::SeatsMissing(seats(&["A-2"])).into()), "held");
    assert_eq!(check(two(1, 0)).unwrap_err(), Unchangeable::SeatsMissing(seats(&["A-2", "B-1"])).into());
    assert_eq!(check(two(2, 1)), Ok(()));

    let mut accessible = promise();
    accessible.layout.rows[0].accessible = vec![1, 5];
    let open = Event::ScreeningOpened { screening: screening(1), promise: Arc::new(accessible) };
    let history = [vec![open], busy()[1..].to_vec()].concat();
    let check = |accessible: &[u16]| {
        let mut there = layout(12);
        there.rows[0].accessible = accessible.to_vec();
        given(&history).0.check_change(&wanted(50, 0, elsewhere(there)), at(0))
    };
    assert_eq!(check(&[5]), Err(Unchangeable::NotAccessible(seats(&["A-1"])).into()));
    assert_eq!(check(&[1]), Ok(()), "nobody has A-5");
}

#[test]
fn on_another_screen_every_owner_keeps_seat_price_ticket_and_check_in() {
    let block = Event::SeatsBlocked {
        block: uuid(60),
        seats: seats(&["B-2"]),
        reason: "Press".to_owned(),
        release_at: None,
        by: user(9),
        fingerprint: None,
        screen_block: None,
        awaited: Vec::new(),
    };
    let used = Event::TicketCheckedIn {
        booking: booking(1),
        seat: SeatName("B-1".to_owned()),
        by: user(9),
        at: at(5),
        check_in: Some(uuid(61)),
        device: None,
        fingerprint: None,
    };
    // The rows come in another order and categories, so every seat has another number and price.
    let there = Layout { rows: vec![row("C", "gold", 5), row("B", "gold", 3), row("A", "silver", 20)] };
    let wanted = wanted(50, 0, elsewhere(there));
    let history = [busy(), vec![block, used]].concat();
    let then = decide(&history, change(wanted), 10).unwrap();
    let mut state = given(&[history, then].concat());
    assert_eq!(prices_of(&state.0, 1), [30_000, 20_000]);
    let claim = state.0.claim(booking(1)).unwrap();
    assert_eq!(claim.status, ClaimStatus::Sold(payment(1)));
    assert_eq!(state.0.names(&claim.seats), seats(&["A-1", "B-1"]));
    assert_eq!(state.0.checked_in_at(claim.seats[1]), Some(at(5)));
    for taken in ["A-1", "A-2", "B-1", "B-2"] {
        let refused = state.decide(reserve(7, 7, &[taken]), at(20));
        assert_eq!(refused, Err(Refusal::SeatTaken(seats(&[taken]))), "{taken}");
    }
    let free = state.decide(reserve(7, 7, &["A-20", "C-1"]), at(20)).unwrap();
    assert!(matches!(&free[..], [Event::SeatsReserved { amount, .. }] if amount.amount_minor == 50_000));
    state = Given(state.0);
    let released = state.decide(Command::ReleaseBlock { block: uuid(60), by: user(9) }, at(20)).unwrap();
    assert!(
        matches!(&released[..], [Event::BlockReleased { seats: names, .. }] if *names == seats(&["B-2"]))
    );
}

#[test]
fn a_late_payment_cannot_buy_a_seat_that_is_gone() {
    let lapsed =
        Event::SeatsReleased { booking: booking(2), seats: seats(&["A-2"]), reason: ReleaseReason::Lapsed };
    let small = Layout { rows: vec![row("A", "gold", 1), row("B", "silver", 4)] };
    let wanted = wanted(50, 0, elsewhere(small));
    let history = [busy(), vec![lapsed]].concat();
    let then = decide(&history, change(wanted), 900).unwrap();
    let pay_late = Command::SellSeats { booking: booking(2), payment: payment(2) };
    assert!(decide(&history, pay_late.clone(), 1_000).is_ok(), "without the change");
    assert_eq!(decide(&[history, then].concat(), pay_late, 1_000), Err(Refusal::GivenUp));
}

#[test]
fn those_who_wait_are_offered_the_seats_of_a_larger_screen() {
    use crate::screening::Wish;
    let all: Vec<String> = (1..=12).flat_map(|n| [format!("A-{n}"), format!("B-{n}")]).collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    let joined = Event::WaitingListJoined {
        place: uuid(70),
        customer: user(5),
        wish: Wish { seats: 2, categories: Vec::new(), wheelchair: false },
        number: 0,
        at: at(1),
        fingerprint: None,
    };
    let history = [opened(), reserved(1, 1, &names, 480), sold(1, 1, 1, &names), joined];
    let same_seats = decide(&history, change(wanted(50, 0, later)), 10).unwrap();
    assert_eq!(same_seats.len(), 1);
    let then = decide(&history, change(wanted(50, 0, elsewhere(layout(13)))), 10).unwrap();
    let kinds: Vec<_> = then.iter().map(crate::WireEvent::wire_type).collect();
    assert_eq!(kinds, ["screening_changed", "seats_reserved", "seats_offered"]);
}

#[test]
fn the_blocks_of_a_screen_stay_with_it() {
    let blocked = |screen_block| Event::SeatsBlocked {
        block: uuid(60),
        seats: seats(&["B-2"]),
        reason: "Broken seat".to_owned(),
        release_at: None,
        by: user(9),
        fingerprint: None,
        screen_block,
        awaited: screen_block.map_or_else(Vec::new, |_| seats(&["A-2"])),
    };
    let without_it = || elsewhere(Layout { rows: vec![row("A", "gold", 12), row("B", "silver", 1)] });
    let wanted = wanted(50, 0, without_it());
    let history = [busy(), vec![blocked(Some(uuid(61)))]].concat();
    let then = decide(&history, change(wanted.clone()), 10).unwrap();
    let left = Event::BlockReleased {
        block: uuid(60),
        seats: seats(&["B-2"]),
        by: Some(user(9)),
        awaited: seats(&["A-2"]),
    };
    assert_eq!(then[0], left);
    assert!(matches!(&then[1..], [Event::ScreeningChanged { .. }]), "{then:?}");
    let state = given(&[history.clone(), then].concat()).0;
    assert!(state.guests_of_screen_block(uuid(61)).is_empty());
    // At another time on the same screen they stay, and so do the other house seats of the screening.
    let stays = decide(&history, change(super::changing::wanted(50, 0, later)), 10).unwrap();
    assert!(matches!(&stays[..], [Event::ScreeningChanged { .. }]), "{stays:?}");
    let house = [busy(), vec![blocked(None)]].concat();
    let refused = decide(&house, change(wanted), 10).unwrap();
    assert!(matches!(&refused[..], [Event::ChangeRefused { .. }]), "the other screen has no B-2");
}
