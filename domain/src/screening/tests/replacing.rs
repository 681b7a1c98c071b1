//! Other seats in place of those that are held.

use super::*;
use crate::{Decider, screening::Wish};

fn change(n: u8, customer: u8, names: &[&str], replaced: u8) -> Command {
    Command::ChangeHold {
        booking: booking(n),
        customer: user(customer),
        seats: wanted(names),
        replaced: booking(replaced),
        fingerprint: None,
    }
}

/// Outcome of a hold that `n` replaces.
fn changed(n: u8, customer: u8, names: &[&str], until: i64, old: u8, given: &[&str]) -> Vec<Event> {
    let mut event = reserved(n, customer, names, until);
    if let Event::SeatsReserved { replaces, .. } = &mut event {
        *replaces = Some(booking(old));
    }
    vec![released(old, given, ReleaseReason::CancelledByCustomer), event]
}

fn held() -> Vec<Event> {
    vec![opened(), reserved(1, 1, &["A-1", "A-2"], 480)]
}

#[test]
fn other_seats_take_the_place_of_those_held_in_one_commit_and_gain_no_time() {
    let then = given(&held()).decide(change(2, 1, &["A-2", "B-1"], 1), at(100));
    assert_eq!(then, Ok(changed(2, 1, &["A-2", "B-1"], 480, 1, &["A-1", "A-2"])));
}

#[test]
fn a_seat_that_another_customer_has_leaves_the_hold_as_it_is() {
    let history = [held(), vec![reserved(3, 2, &["A-3"], 480)]].concat();
    let then = given(&history).decide(change(2, 1, &["A-1", "A-3"], 1), at(100));
    assert_eq!(then, Err(Refusal::SeatTaken(seats(&["A-3"]))));
    assert!(given(&history).decide(change(2, 1, &["A-1", "A-3"], 1), at(480)).is_err(), "both have lapsed");
    // A lapsed hold in the way is released, as by any reservation.
    let history = [held(), vec![reserved(3, 2, &["A-3"], 90)]].concat();
    let mut then = given(&history).decide(change(2, 1, &["A-1", "A-3"], 1), at(100)).unwrap();
    assert_eq!(then.remove(0), released(3, &["A-3"], ReleaseReason::Lapsed));
    assert_eq!(then, changed(2, 1, &["A-1", "A-3"], 480, 1, &["A-1", "A-2"]));
}

#[test]
fn only_a_live_hold_of_the_customer_is_replaced() {
    let refused = |history: &[Event], customer, now| {
        given(history).decide(change(2, customer, &["B-1"], 1), at(now)).unwrap_err()
    };
    assert_eq!(refused(&held(), 2, 100), Refusal::UnknownBooking);
    assert_eq!(refused(&[opened()], 1, 100), Refusal::UnknownBooking);
    assert_eq!(refused(&held(), 1, 480), Refusal::HoldExpired);
    assert!(given(&held()).decide(change(2, 1, &["B-1"], 1), at(479)).is_ok());
    let with = |event| [held(), vec![event]].concat();
    let over = |reason| with(released(1, &["A-1", "A-2"], reason));
    assert_eq!(refused(&over(ReleaseReason::Lapsed), 1, 100), Refusal::HoldExpired);
    assert_eq!(refused(&over(ReleaseReason::CancelledByCustomer), 1, 100), Refusal::BookingCancelled);
    assert_eq!(refused(&with(sold(1, 1, 7, &["A-1", "A-2"])), 1, 100), Refusal::AlreadySold(payment(7)));
    assert_eq!(refused(&with(cancelled()), 1, 100), Refusal::ScreeningCancelled);
}

#[test]
fn the_limits_count_what_is_held_afterwards() {
    let mut history = held();
    history.extend([reserved(2, 1, &["A-3"], 480), reserved(3, 1, &["B-1"], 480)]);
    assert_eq!(given(&history).decide(reserve(4, 1, &["B-2"]), at(0)), Err(Refusal::TooManyHolds { max: 3 }));
    assert!(given(&history).decide(change(4, 1, &["B-2"], 1), at(0)).is_ok());

    let mut context = context(at(0));
    context.policy.customer_seats_max = 5;
    let decide = |names: &[&str]| given(&history).0.decide(&change(4, 1, names, 1), &context);
    assert!(decide(&["A-1", "A-2", "B-2"]).is_ok());
    assert_eq!(decide(&["A-1", "A-2", "B-2", "B-3"]), Err(Refusal::TooManySeats { max: 5 }));
}

#[test]
fn a_change_after_an_extension_gains_no_time_and_no_second_extension() {
    let history = [held(), vec![extended(1, 1_000)]].concat();
    // Any new hold would end at 580.
    let then = given(&history).decide(change(2, 1, &["B-1"], 1), at(100)).unwrap();
    assert_eq!(then, changed(2, 1, &["B-1"], 580, 1, &["A-1", "A-2"]));
    let history = [history, then].concat();
    let extend = Command::ExtendHold { booking: booking(2) };
    assert_eq!(given(&history).decide(extend.clone(), at(200)), Ok(vec![extended(2, 580)]), "no more time");
    let history = [history, vec![extended(2, 580)]].concat();
    assert_eq!(given(&history).decide(extend.clone(), at(300)), Ok(vec![]), "recorded once");
    let history = [held(), changed(2, 1, &["B-1"], 480, 1, &["A-1", "A-2"])].concat();
    assert_eq!(given(&history).decide(extend, at(200)), Ok(vec![extended(2, 800)]), "its first one");
}

#[test]
fn a_hold_that_replaced_an_extended_one_is_forgotten_unless_a_card_payment_of_it_began() {
    let week = 7 * 86_400;
    let history = [
        held(),
        vec![extended(1, 1_000)],
        changed(2, 1, &["B-1"], 580, 1, &["A-1", "A-2"]),
        changed(3, 1, &["B-2"], 580, 2, &["B-1"]),
        changed(4, 1, &["B-3"], 580, 3, &["B-2"]),
    ]
    .concat();
    let mut replaced = given(&history).0;
    replaced.forget(at(581 + week));
    let left = |state: &Screening| [1, 2, 3].map(|n| state.claim(booking(n)).is_some());
    assert_eq!(left(&replaced), [true, false, false], "the page of the first may still be paid");

    let mut history = history;
    history.insert(history.len() - 2, extended(3, 580));
    let mut paid_late = given(&history).0;
    paid_late.forget(at(581 + week));
    assert_eq!(left(&paid_late), [true, false, true]);
}

#[test]
fn a_repeat_changes_nothing_and_a_key_has_one_meaning() {
    let keyed = |names: &[&str], body: &str| {
        let mut command = change(2, 1, names, 1);
        if let Command::ChangeHold { fingerprint: print, .. } = &mut command {
            *print = Some(fingerprint(body));
        }
        command
    };
    let events = given(&held()).decide(keyed(&["B-1"], "one"), at(100)).unwrap();
    let history = [held(), events].concat();
    assert_eq!(given(&history).decide(keyed(&["B-1"], "one"), at(200)), Ok(vec![]));
    assert_eq!(given(&history).decide(keyed(&["B-2"], "two"), at(200)), Err(Refusal::KeyReused));
}

#[test]
fn a_change_counts_as_a_hold_given_back() {
    let mut history = held();
    let mut changes = 0;
    let refused = loop {
        let (old, new) = (1 + changes, 2 + changes);
        match given(&history).decide(change(new, 1, &["A-1"], old), at(10)) {
            Ok(events) => history.extend(events),
            Err(refusal) => break refusal,
        }
        changes += 1;
    };
    // Five count as one that lapsed, and two of those are excused. The last hold can still be paid.
    assert_eq!((changes, refused), (15, Refusal::CoolingDown(at(480 + 300))));
    assert!(given(&history).decide(sell(1 + changes, 7), at(20)).is_ok());
}

#[test]
fn seats_that_a_change_leaves_go_to_those_who_wait() {
    let mut promise = promise();
    (promise.layout.rows[0].seats, promise.layout.rows[1].seats) = (3, 1);
    let mut history = vec![
        Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise) },
        reserved(1, 1, &["A-1", "A-2"], 480),
        reserved(2, 2, &["A-3"], 480),
    ];
    let wish = Wish { seats: 2, categories: vec![], wheelchair: false };
    let join = Command::JoinWaitingList { place: uuid(50), customer: user(4), wish, fingerprint: None };
    let joined = given(&history).decide(join, at(0)).unwrap();
    history.extend(joined);
    let then = given(&history).decide(change(9, 1, &["B-1"], 1), at(100)).unwrap();
    let [_, _, Event::SeatsReserved { customer, seats: offered, .. }, Event::SeatsOffered { .. }] = &then[..]
    else {
        panic!("{then:?}")
    };
    assert_eq!((*customer, offered), (user(4), &seats(&["A-1", "A-2"])));
}
