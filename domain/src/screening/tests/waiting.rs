//! The waiting list: seats that become free go to the first in line whose wish they fulfil.

use uuid::Uuid;

use super::*;
use crate::{
    Decider, Gap, Row,
    booking::CancelledBy,
    examples::{execute, pointers, row},
    pricing::TaxRate,
    promise::Promise,
    screening::{PlaceState, WantedBlock, Wish},
    seat_return::{RefundWay, SeatReturn},
};

const OFFER: i64 = 900;

/// A sold-out screening: bookings 1 to 4 have bought two seats each, of gold row A and silver row B.
fn sold_out() -> Screening {
    with_rows(vec![row("A", "gold", 4), row("B", "silver", 4)])
}

fn with_rows(rows: Vec<Row>) -> Screening {
    on_terms(promise(), rows)
}

fn on_terms(mut promise: Promise, rows: Vec<Row>) -> Screening {
    promise.layout.rows = rows;
    let mut screening_state = Screening::default();
    screening_state.evolve(&Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise) });
    for (n, names) in [(1, ["A-1", "A-2"]), (2, ["A-3", "A-4"]), (3, ["B-1", "B-2"]), (4, ["B-3", "B-4"])] {
        screening_state.evolve(&reserved(n, 100 + n, &names, 480));
        screening_state.evolve(&sold(n, 100 + n, n, &names));
    }
    screening_state
}

fn join(place: u8, customer: u8, seats: u32, categories: &[&str]) -> Command {
    let categories = categories.iter().map(|category| (*category).to_owned()).collect();
    let wish = Wish { seats, categories, wheelchair: false };
    Command::JoinWaitingList { place: uuid(place), customer: user(customer), wish, fingerprint: None }
}

/// A sold-out screening with these places: number, customer and place in one.
fn waiting(places: &[(u8, u32, &[&str])]) -> Screening {
    let mut state = sold_out();
    for (n, seats, categories) in places {
        let joined = execute(&mut state, &join(*n, *n, *seats, categories), at(0)).unwrap();
        assert_eq!(joined.len(), 1);
    }
    state
}

fn give_back(state: &mut Screening, n: u8, when: i64) -> Vec<Event> {
    execute(state, &release(n, ReleaseReason::CancelledByCustomer), at(when)).unwrap()
}

/// Gives some seats of booking `n` back.
fn take_back(n: u8, names: &[&str]) -> Command {
    take_back_as(n, n, names)
}

/// Gives some seats of booking `n` back, in a return with an id of its own.
fn take_back_as(id: u8, n: u8, names: &[&str]) -> Command {
    let returned = SeatReturn {
        id: payment(id),
        seats: seats(names),
        by: CancelledBy::Customer,
        refund: RefundWay::Original,
        reason: None,
        fingerprint: None,
        counter: None,
    };
    Command::TakeBackSeats { booking: booking(n), returned }
}

/// The offers among events: place, seats and end of the hold.
fn offers(events: &[Event]) -> Vec<(u8, Vec<String>, Timestamp)> {
    let pairs = events.windows(2).filter_map(|pair| {
        let [reserved, offered] = pair else { return None };
        let Event::SeatsOffered { place, booking, customer, held_until } = offered else { return None };
        let Event::SeatsReserved { booking: held, customer: holder, seats, held_until: until, .. } = reserved
        else {
            panic!("an offer without a hold: {events:?}");
        };
        assert_eq!((booking, customer, held_until), (held, holder, until));
        let place = u8::try_from(place.as_u128()).unwrap();
        Some((place, seats.iter().map(|seat| seat.0.clone()).collect(), *held_until))
    });
    pairs.collect()
}

fn places(events: &[Event]) -> Vec<u8> {
    offers(events).into_iter().map(|(place, ..)| place).collect()
}

fn offer_of(state: &Screening, place: u8) -> crate::BookingId {
    match state.place(uuid(place)).unwrap().state {
        PlaceState::Offered(booking) => booking,
        state @ (PlaceState::Waiting(_) | PlaceState::Left) => panic!("{state:?}"),
    }
}

#[test]
fn seats_that_become_free_are_held_for_the_first_in_line_in_the_same_commit() {
    let mut state = waiting(&[(11, 2, &[]), (12, 2, &[])]);
    let events = give_back(&mut state, 1, 1_000);
    let held = vec!["A-1".to_owned(), "A-2".to_owned()];
    assert_eq!(offers(&events), [(11, held, at(1_000 + OFFER))]);
    let claim = state.claim(offer_of(&state, 11)).unwrap();
    assert_eq!((claim.customer, claim.amount), (user(11), rupees(600)));
    let taken = Refusal::SeatTaken(seats(&["A-1"]));
    assert_eq!(state.decide(&reserve(20, 20, &["A-1"]), &context(at(1_001))), Err(taken));
    assert_eq!(state.position_in_line(uuid(11)), None);
    assert_eq!(state.position_in_line(uuid(12)), Some(1));
    assert_eq!(places(&give_back(&mut state, 2, 2_000)), [12]);
    assert_eq!(places(&give_back(&mut state, 3, 3_000)), [0; 0], "nobody waits any more");
}

#[test]
fn a_wish_that_is_too_large_is_passed_over_and_keeps_its_place() {
    let mut state = waiting(&[(11, 3, &[]), (12, 1, &[]), (13, 1, &[])]);
    assert_eq!(places(&give_back(&mut state, 1, 10)), [12, 13]);
    assert_eq!(state.position_in_line(uuid(11)), Some(1));
    // Two are free now, and one that was offered comes back.
    assert_eq!(places(&give_back(&mut state, 2, 20)), [0; 0]);
    let declined = Command::CancelHold { booking: offer_of(&state, 12) };
    assert_eq!(places(&execute(&mut state, &declined, at(30)).unwrap()), [11]);
}

#[test]
fn an_offer_that_lapses_goes_to_the_next_in_line_and_its_place_is_lost() {
    let mut state = waiting(&[(11, 2, &[]), (12, 2, &[])]);
    give_back(&mut state, 1, 0);
    assert_eq!(state.next_lapse(), Some(at(OFFER)));
    let events = execute(&mut state, &Command::ReleaseLapsedHolds, at(OFFER)).unwrap();
    assert_eq!(places(&events), [12]);
    assert_eq!(state.decide(&sell(99, 9), &context(at(OFFER))), Err(Refusal::UnknownBooking));
    let late = Command::SellSeats { booking: offer_of(&state, 11), payment: payment(9) };
    let taken = Refusal::SeatTaken(seats(&["A-1", "A-2"]));
    assert_eq!(state.decide(&late, &context(at(OFFER))), Err(taken));
    // They may queue again, behind the others.
    assert_eq!(state.decide(&join(11, 11, 2, &[]), &context(at(OFFER))), Ok(vec![]), "a late repeat");
    assert!(execute(&mut state, &join(21, 11, 2, &[]), at(OFFER)).is_ok());
}

#[test]
fn who_lets_offers_lapse_cannot_keep_seats_by_queueing_again() {
    let mut state = waiting(&[(11, 2, &[]), (12, 2, &[])]);
    give_back(&mut state, 1, 0);
    // Two customers let the same seats lapse in turn and queue again at once.
    for (turn, (place, customer)) in [(21, 11), (22, 12), (23, 11), (24, 12)].into_iter().enumerate() {
        let lapsed = at(OFFER * (i64::try_from(turn).unwrap() + 1));
        let events = execute(&mut state, &Command::ReleaseLapsedHolds, lapsed).unwrap();
        assert_eq!(places(&events).len(), 1);
        assert!(execute(&mut state, &join(place, customer, 2, &[]), lapsed).is_ok(), "place {place}");
    }
    let third = OFFER * 5;
    execute(&mut state, &Command::ReleaseLapsedHolds, at(third)).unwrap();
    let again = |when| state.decide(&join(25, 11, 2, &[]), &context(at(when)));
    let until = third + 300;
    assert_eq!(again(third), Err(Refusal::CoolingDown(at(until))));
    assert_eq!(again(until - 1), Err(Refusal::CoolingDown(at(until))));
    assert!(again(until).is_ok());
}

#[test]
fn an_offer_is_paid_like_any_booking() {
    let mut state = waiting(&[(11, 1, &[]), (12, 2, &[])]);
    give_back(&mut state, 1, 0);
    let booking = offer_of(&state, 11);
    let pay = Command::SellSeats { booking, payment: payment(9) };
    assert!(matches!(&execute(&mut state, &pay, at(10)).unwrap()[..], [Event::SeatsSold { .. }]));
    assert_eq!(execute(&mut state, &pay, at(10)), Ok(vec![]));
    // Its customer may wait for more.
    assert!(execute(&mut state, &join(21, 11, 4, &[]), at(20)).is_ok());
}

#[test]
fn nobody_reserves_seats_of_a_lapsed_hold_before_those_who_wait() {
    let mut state = sold_out();
    give_back(&mut state, 1, 0);
    execute(&mut state, &reserve(20, 20, &["A-1", "A-2"]), at(0)).unwrap();
    execute(&mut state, &join(11, 11, 2, &[]), at(10)).unwrap();
    let lapsed = at(480);
    let taken = Refusal::SeatTaken(seats(&["A-1"]));
    assert_eq!(state.decide(&reserve(21, 21, &["A-1"]), &context(lapsed)), Err(taken));
    assert_eq!(places(&execute(&mut state, &Command::ReleaseLapsedHolds, lapsed).unwrap()), [11]);
}

#[test]
fn seats_that_suffice_for_nobody_in_line_can_be_reserved() {
    let mut state = waiting(&[(11, 3, &[]), (12, 2, &["silver"])]);
    assert_eq!(places(&give_back(&mut state, 1, 0)), [0; 0]);
    let reserved = execute(&mut state, &reserve(20, 20, &["A-1", "A-2"]), at(0)).unwrap();
    assert_eq!(reserved.len(), 1);
    // A lapsed hold on them, too.
    let again = execute(&mut state, &reserve(21, 21, &["A-1"]), at(480)).unwrap();
    assert_eq!(places(&again), [0; 0]);
    assert!(matches!(&again[..], [Event::SeatsReleased { .. }, Event::SeatsReserved { .. }]), "{again:?}");
}

#[test]
fn a_wish_names_categories() {
    let mut state = waiting(&[(11, 2, &["silver"]), (12, 2, &["gold", "silver"])]);
    assert_eq!(places(&give_back(&mut state, 1, 0)), [12]);
    let events = give_back(&mut state, 3, 0);
    assert_eq!(offers(&events)[0].1, ["B-1", "B-2"]);
}

#[test]
fn offered_seats_are_side_by_side_if_there_are_such() {
    let mut state = waiting(&[(11, 4, &[])]);
    assert_eq!(places(&execute(&mut state, &take_back(1, &["A-1"]), at(0)).unwrap()), [0; 0]);
    assert_eq!(places(&execute(&mut state, &take_back(3, &["B-2"]), at(0)).unwrap()), [0; 0]);
    assert_eq!(places(&execute(&mut state, &take_back(4, &["B-3"]), at(0)).unwrap()), [0; 0]);
    execute(&mut state, &Command::LeaveWaitingList { place: uuid(11) }, at(0)).unwrap();
    assert_eq!(state.decide(&join(12, 12, 2, &[]), &context(at(0))), Err(Refusal::SeatsAvailable));
    execute(&mut state, &join(13, 13, 4, &[]), at(0)).unwrap();
    let events = execute(&mut state, &take_back(2, &["A-4"]), at(0)).unwrap();
    assert_eq!(offers(&events)[0].1, ["A-1", "A-4", "B-2", "B-3"]);
}

#[test]
fn a_run_of_seats_is_offered_before_scattered_ones() {
    let mut state = waiting(&[(11, 3, &[]), (12, 2, &[])]);
    // go to the second; then three single seats and a run.
    assert_eq!(offers(&give_back(&mut state, 4, 0))[0].1, ["B-3", "B-4"]);
    let events = give_back(&mut state, 2, 0);
    assert_eq!(places(&events), [0; 0]);
    let events = give_back(&mut state, 1, 0);
    assert_eq!(offers(&events)[0].1, ["A-1", "A-2", "A-3"]);
}

#[test]
fn seats_on_both_sides_of_an_aisle_or_a_gap_are_not_side_by_side() {
    let whole = row("A", "gold", 4);
    let gap = Row { gaps: vec![Gap { after: 2, width: 1 }], ..whole.clone() };
    let aisle = Row { aisles_after: vec![2], ..whole.clone() };
    for (row_a, expected) in [(whole, ["A-2", "A-3"]), (gap, ["A-3", "A-4"]), (aisle, ["A-3", "A-4"])] {
        let mut state = with_rows(vec![row_a, row("B", "silver", 4)]);
        execute(&mut state, &join(11, 11, 2, &[]), at(0)).unwrap();
        assert_eq!(places(&execute(&mut state, &take_back(1, &["A-2"]), at(0)).unwrap()), [0; 0]);
        assert_eq!(offers(&give_back(&mut state, 2, 0))[0].1, expected);
    }
}

#[test]
fn seats_for_wheelchair_users_are_not_offered_to_those_who_did_not_ask_for_them() {
    let row_a = Row { accessible: vec![1], companions: vec![2], ..row("A", "gold", 4) };
    let mut state = with_rows(vec![row_a, row("B", "silver", 4)]);
    execute(&mut state, &join(11, 11, 2, &[]), at(0)).unwrap();
    execute(&mut state, &join(12, 12, 2, &["gold"]), at(0)).unwrap();
    assert_eq!(places(&give_back(&mut state, 1, 0)), [0; 0], "A-1 and A-2 are kept");
    // Free seats that are offered to nobody can be reserved, and nobody has to wait for more than there are.
    assert_eq!(
        state.decide(&join(13, 13, 3, &["gold"]), &context(at(0))),
        Err(Refusal::SeatCount { max: 2 })
    );
    assert!(execute(&mut state, &reserve(20, 20, &["A-1", "A-2"]), at(0)).is_ok());
    assert_eq!(offers(&give_back(&mut state, 2, 0))[0].1, ["A-3", "A-4"]);
}

#[test]
fn a_category_of_seats_for_wheelchair_users_is_offered_only_to_those_who_ask_for_a_place() {
    let row_a = Row { accessible: vec![1, 3], companions: vec![2, 4], ..row("A", "gold", 4) };
    let mut state = with_rows(vec![row_a, row("B", "silver", 4)]);
    // An older version let people wait for it by its name.
    let wish = Wish { seats: 2, categories: vec!["gold".to_owned()], wheelchair: false };
    state.evolve(&Event::WaitingListJoined {
        place: uuid(10),
        customer: user(10),
        wish,
        number: 0,
        at: at(0),
        fingerprint: None,
    });
    let Err(Refusal::Invalid(flaws)) = state.decide(&join(11, 11, 2, &["gold"]), &context(at(0))) else {
        panic!("nobody waits in vain")
    };
    assert_eq!(pointers(&flaws), ["/wheelchair"]);
    let count = state.decide(&join(11, 11, 5, &["gold", "silver"]), &context(at(0)));
    assert_eq!(count, Err(Refusal::SeatCount { max: 4 }), "the silver ones");
    let many = state.decide(&join_with_wheelchair(13, 5, &["gold"]), &context(at(0)));
    assert!(matches!(many, Err(Refusal::Invalid(_))), "{many:?}");
    execute(&mut state, &join(11, 11, 2, &["gold", "silver"]), at(0)).unwrap();
    execute(&mut state, &join_with_wheelchair(12, 2, &["gold"]), at(0)).unwrap();
    let offered = vec!["A-1".to_owned(), "A-2".to_owned()];
    assert_eq!(offers(&give_back(&mut state, 1, 0)), [(12, offered, at(OFFER))]);
    assert_eq!(places(&give_back(&mut state, 3, 0)), [11]);
}

fn join_with_wheelchair(place: u8, seats: u32, categories: &[&str]) -> Command {
    let categories = categories.iter().map(|category| (*category).to_owned()).collect();
    let wish = Wish { seats, categories, wheelchair: true };
    Command::JoinWaitingList { place: uuid(place), customer: user(place), wish, fingerprint: None }
}

/// Row A has a wheelchair place with a companion's seat.
fn with_a_wheelchair_place() -> Screening {
    let row_a = Row { accessible: vec![1], companions: vec![2], ..row("A", "gold", 4) };
    with_rows(vec![row_a, row("B", "silver", 4)])
}

#[test]
fn a_wheelchair_place_is_offered_with_its_companion_s_seat_to_those_who_asked_for_one() {
    let mut state = with_a_wheelchair_place();
    execute(&mut state, &join(11, 11, 2, &[]), at(0)).unwrap();
    execute(&mut state, &join_with_wheelchair(12, 2, &[]), at(0)).unwrap();
    execute(&mut state, &join(13, 13, 2, &["gold"]), at(0)).unwrap();
    let offered = vec!["A-1".to_owned(), "A-2".to_owned()];
    assert_eq!(offers(&give_back(&mut state, 1, 0)), [(12, offered, at(OFFER))]);
    // Seats without a wheelchair place are not for them.
    execute(&mut state, &join_with_wheelchair(14, 1, &[]), at(0)).unwrap();
    assert_eq!(places(&give_back(&mut state, 2, 0)), [11]);
    let declined = Command::CancelHold { booking: offer_of(&state, 12) };
    let events = execute(&mut state, &declined, at(10)).unwrap();
    assert_eq!(offers(&events), [(14, vec!["A-1".to_owned()], at(10 + OFFER))], "A-2 stays for a companion");
}

#[test]
fn a_party_with_a_wheelchair_sits_together_and_waits_for_the_seat_beside_the_place() {
    let mut state = with_a_wheelchair_place();
    execute(&mut state, &join_with_wheelchair(11, 3, &[]), at(0)).unwrap();
    assert_eq!(places(&give_back(&mut state, 3, 0)), [0; 0], "no wheelchair place");
    assert_eq!(
        places(&execute(&mut state, &take_back(1, &["A-1"]), at(0)).unwrap()),
        [0; 0],
        "no seat beside it"
    );
    let events = execute(&mut state, &take_back_as(90, 1, &["A-2"]), at(0)).unwrap();
    assert_eq!(offers(&events)[0].1, ["A-1", "A-2", "B-1"]);
}

#[test]
fn nobody_waits_for_a_wheelchair_place_that_is_free_or_that_the_room_does_not_have() {
    let wheelchair_flaw = |refusal: Refusal| {
        let Refusal::Invalid(flaws) = &refusal else { panic!("{refusal:?}") };
        flaws.0[0].pointer == "/wheelchair"
    };
    let mut state = with_a_wheelchair_place();
    let refused = |state: &Screening, seats, categories: &[&str]| {
        state.decide(&join_with_wheelchair(11, seats, categories), &context(at(0))).unwrap_err()
    };
    assert!(wheelchair_flaw(refused(&state, 1, &["silver"])), "none is silver");
    assert!(wheelchair_flaw(refused(&sold_out(), 1, &[])), "the room has none");
    give_back(&mut state, 1, 0);
    assert_eq!(refused(&state, 2, &[]), Refusal::SeatsAvailable);
    let broken = Row { accessible: vec![1], aisles_after: vec![1], ..row("A", "gold", 4) };
    let broken = with_rows(vec![broken, row("B", "silver", 4)]);
    assert!(wheelchair_flaw(refused(&broken, 2, &[])), "an aisle is beside it");
}

#[test]
fn seats_that_the_house_releases_are_offered_too() {
    let mut state = sold_out();
    give_back(&mut state, 1, 0);
    let wanted = WantedBlock { seats: seats(&["A-1", "A-2"]), reason: "Press".to_owned(), release_at: None };
    let block = Command::BlockSeats { block: uuid(80), wanted, by: user(99), fingerprint: None };
    execute(&mut state, &block, at(0)).unwrap();
    execute(&mut state, &join(11, 11, 2, &[]), at(0)).unwrap();
    let released = Command::ReleaseBlock { block: uuid(80), by: user(99) };
    assert_eq!(places(&execute(&mut state, &released, at(10)).unwrap()), [11]);
}

#[test]
fn a_customer_has_one_place_and_waits_for_no_seats_that_are_free() {
    let state = waiting(&[(11, 2, &[])]);
    let refused = |command: Command| state.decide(&command, &context(at(5))).unwrap_err();
    assert_eq!(refused(join(12, 11, 1, &[])), Refusal::AlreadyWaiting(uuid(11)));
    assert_eq!(refused(join(11, 12, 2, &[])), Refusal::KeyReused);
    assert_eq!(refused(join(12, 12, 0, &[])), Refusal::SeatCount { max: 10 });
    assert_eq!(refused(join(12, 12, 11, &[])), Refusal::SeatCount { max: 10 });
    assert_eq!(refused(join(12, 12, 5, &["gold"])), Refusal::SeatCount { max: 4 });
    assert!(matches!(refused(join(12, 12, 1, &["box"])), Refusal::Invalid(_)));
    assert!(matches!(refused(join(12, 12, 1, &["gold", "gold"])), Refusal::Invalid(_)));
    assert_eq!(refused(Command::LeaveWaitingList { place: uuid(12) }), Refusal::UnknownPlace);
    assert_eq!(state.decide(&join(11, 11, 2, &[]), &context(at(5))), Ok(vec![]), "a repeat");
    let free = given(&[opened()]);
    assert_eq!(free.decide(join(12, 12, 2, &[]), at(0)), Err(Refusal::SeatsAvailable));
}

#[test]
fn a_customer_who_has_left_gets_no_offer_and_may_join_again() {
    let mut state = waiting(&[(11, 2, &[]), (12, 2, &[])]);
    let leave = Command::LeaveWaitingList { place: uuid(11) };
    let left = Event::WaitingListLeft { place: uuid(11), customer: user(11) };
    assert_eq!(execute(&mut state, &leave, at(0)), Ok(vec![left]));
    assert_eq!(execute(&mut state, &leave, at(0)), Ok(vec![]));
    assert!(execute(&mut state, &join(21, 11, 2, &[]), at(0)).is_ok());
    assert_eq!((state.position_in_line(uuid(12)), state.position_in_line(uuid(21))), (Some(1), Some(2)));
    assert_eq!(places(&give_back(&mut state, 1, 0)), [12]);
}

#[test]
fn a_list_ends_with_the_start_of_the_screening_and_with_its_cancellation() {
    let mut state = waiting(&[(11, 2, &[])]);
    assert_eq!(places(&give_back(&mut state, 1, START)), [0; 0]);
    assert_eq!(
        state.decide(&join(12, 12, 8, &[]), &context(at(START))),
        Err(Refusal::BookingClosed(at(START)))
    );
    let mut state = waiting(&[(11, 2, &[])]);
    state.evolve(&cancelled());
    let command = Command::ReleaseCancelled { bookings: vec![booking(1), booking(2)] };
    assert_eq!(places(&execute(&mut state, &command, at(10)).unwrap()), [0; 0]);
    assert_eq!(state.decide(&join(12, 12, 8, &[]), &context(at(10))), Err(Refusal::ScreeningCancelled));
}

#[test]
fn no_offer_outlasts_the_start() {
    let mut state = waiting(&[(11, 2, &[])]);
    assert_eq!(offers(&give_back(&mut state, 1, START - 60))[0].2, at(START));
}

#[test]
fn a_list_has_a_largest_length() {
    let mut state = sold_out();
    let max = context(at(0)).policy.waiting_places_max;
    for n in 0..max {
        let id = Uuid::from_u128(1_000 + n as u128);
        let wish = Wish { seats: 1, categories: vec![], wheelchair: false };
        let joins =
            Command::JoinWaitingList { place: id, customer: crate::UserId(id), wish, fingerprint: None };
        execute(&mut state, &joins, at(0)).unwrap();
    }
    let full = Err(Refusal::WaitingListFull { max });
    assert_eq!(state.decide(&join(11, 11, 1, &[]), &context(at(0))), full);
}

#[test]
fn places_that_are_over_are_forgotten_after_a_week() {
    let week = 7 * 86_400;
    let mut state = waiting(&[(11, 2, &[]), (12, 8, &[])]);
    give_back(&mut state, 1, 0);
    state.forget(at(week));
    assert!(state.place(uuid(11)).is_some());
    state.forget(at(week + 1));
    assert!(state.place(uuid(11)).is_none() && state.place_of(user(11)).is_none());
    assert_eq!(state.position_in_line(uuid(12)), Some(1), "it still waits");
}

#[test]
fn the_offers_for_the_largest_block_fit_into_a_commit() {
    let events = offers_for_the_largest_block(promise());
    assert_eq!(events.len(), 1 + 2 * crate::Policy::WAITING_PLACES_LARGEST);
}

#[test]
fn offers_on_the_longest_terms_fit_into_a_commit_as_far_as_they_go() {
    let mut promise = promise();
    let rate = |n| TaxRate { name: format!("Entertainment tax of state {n:04}"), percent_hundredths: 100 };
    promise.terms.charges.tax_rates = (0..10).map(rate).collect();
    let events = offers_for_the_largest_block(promise);
    assert!(events.len() > 200, "{}", events.len());
}

/// Returns the events of the release of 500 seats for which as many customers wait as can.
fn offers_for_the_largest_block(promise: Promise) -> Vec<Event> {
    let rows = vec![row("A", "gold", 4), row("B", "silver", 4), row("STAGE", "gold", 500)];
    let mut state = on_terms(promise, rows);
    let names: Vec<String> = (1..=500).map(|n| format!("STAGE-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let wanted = WantedBlock { seats: seats(&names), reason: "Press".to_owned(), release_at: None };
    let block = Command::BlockSeats { block: uuid(80), wanted, by: user(99), fingerprint: None };
    execute(&mut state, &block, at(0)).unwrap();
    for n in 0..crate::Policy::WAITING_PLACES_LARGEST {
        let id = Uuid::from_u128(1_000 + n as u128);
        let wish = Wish { seats: 2, categories: vec![], wheelchair: false };
        let joins =
            Command::JoinWaitingList { place: id, customer: crate::UserId(id), wish, fingerprint: None };
        execute(&mut state, &joins, at(0)).unwrap();
    }
    let released = Command::ReleaseBlock { block: uuid(80), by: user(99) };
    let events = execute(&mut state, &released, at(10)).unwrap();
    let bytes: usize = events.iter().map(|event| serde_json::to_vec(event).unwrap().len()).sum();
    assert!(bytes < 240 * 1024, "{bytes}");
    events
}
