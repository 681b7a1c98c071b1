//! Choices that leave a single seat.

use super::*;
use crate::{
    booking::{CancelledBy, PaymentMethod},
    counter::{Buyer, CounterSale, CounterSeat},
    pricing::SingleSeats,
    screening::MovedSeats,
};

/// A screening whose row B has eight seats, with an aisle after B-5.
fn opened_with(single_seats: SingleSeats) -> Event {
    let mut promise = promise();
    promise.terms.single_seats = single_seats;
    let row = &mut promise.layout.rows[1];
    (row.seats, row.aisles_after) = (8, vec![5]);
    Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise) }
}

fn left(names: &[&str]) -> Refusal {
    Refusal::SingleSeatLeft(seats(names))
}

#[test]
fn a_choice_that_leaves_a_single_seat_is_refused_where_the_house_says_so() {
    let refused = given(&[opened_with(SingleSeats::Refuse)]).decide(reserve(1, 1, &["B-2", "B-4"]), at(0));
    assert_eq!(refused, Err(left(&["B-1", "B-3", "B-5"])));
    for rule in [SingleSeats::Allow, SingleSeats::Warn] {
        assert!(given(&[opened_with(rule)]).decide(reserve(1, 1, &["B-2", "B-4"]), at(0)).is_ok());
    }
}

#[test]
fn lapsed_holds_and_the_seats_that_a_change_gives_up_count_as_free() {
    let history = [opened_with(SingleSeats::Refuse), reserved(1, 1, &["B-1", "B-2"], 480)];
    let beside = || reserve(2, 2, &["B-4"]);
    assert_eq!(given(&history).decide(beside(), at(479)), Err(left(&["B-3", "B-5"])));
    assert_eq!(given(&history).decide(beside(), at(480)), Err(left(&["B-5"])), "B-3 has neighbours again");
    let change = |names: &[&str]| Command::ChangeHold {
        booking: booking(2),
        customer: user(1),
        seats: wanted(names),
        replaced: booking(1),
        fingerprint: None,
    };
    assert_eq!(given(&history).decide(change(&["B-2", "B-3"]), at(0)), Err(left(&["B-1"])));
    assert!(given(&history).decide(change(&["B-3", "B-4", "B-5"]), at(0)).is_ok());
}

#[test]
fn a_single_seat_that_cannot_be_avoided_is_no_reason() {
    let history = [opened_with(SingleSeats::Refuse), reserved(1, 1, &["B-1", "B-2"], 480)];
    assert!(given(&history).decide(reserve(2, 2, &["B-4", "B-5"]), at(0)).is_ok(), "two of three seats");
    assert!(given(&history).decide(reserve(2, 2, &["B-7"]), at(0)).is_err(), "the middle of three");
    assert!(given(&history).decide(reserve(2, 2, &["B-6", "B-8", "B-7"]), at(0)).is_ok(), "all of them");
}

#[test]
fn customers_do_not_move_to_seats_that_leave_one_single_and_the_house_does() {
    let bought = [reserved(1, 1, &["B-1", "B-2"], 480), sold(1, 1, 1, &["B-1", "B-2"])];
    let history = [&[opened_with(SingleSeats::Refuse)][..], &bought].concat();
    let exchange = |names: &[&str], by| {
        let given = Some(seats(&["B-1", "B-2"]));
        let (booking, customer, payment, id) = (booking(1), user(1), payment(1), payment(8));
        let (seats, amount, quote) = (seats(names), rupees(500), quoted(names));
        Command::MoveIn(MovedSeats {
            booking,
            customer,
            payment,
            id,
            seats,
            wheelchairs: Vec::new(),
            given,
            starts_at: at(START),
            amount,
            quote,
            by,
        })
    };
    let decide = |names: &[&str], by| given(&history).decide(exchange(names, by), at(600));
    assert_eq!(
        decide(&["B-2", "B-3"], CancelledBy::Customer),
        Err(left(&["B-1"])),
        "the old seats are free then"
    );
    assert!(decide(&["B-4", "B-5"], CancelledBy::Customer).is_ok());
    assert!(decide(&["B-2", "B-3"], CancelledBy::House).is_ok());
}

#[test]
fn the_counter_may_leave_what_it_wants() {
    let seats = seats(&["B-2"]).into_iter();
    let sell = Command::SellAtCounter {
        booking: booking(1),
        customer: user(1),
        seats: seats.map(|seat| CounterSeat { seat, block: None, ticket_type: None }).collect(),
        sale: CounterSale {
            payment: payment(7),
            method: PaymentMethod::Upi,
            till: None,
            by: user(99),
            reason: None,
            buyer: Buyer::default(),
        },
        fingerprint: None,
    };
    assert!(given(&[opened_with(SingleSeats::Refuse)]).decide(sell, at(0)).is_ok());
}
