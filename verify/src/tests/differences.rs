//! Differences that a card paid for a booking that a card paid, and logs in which their money is lost or invented.

use jiff::Timestamp;
use ticketshow_domain::screening::ReleaseReason::CancelledByCustomer;

use crate::tests::{Invariant, Step, breaks_only, prologue, story::*, verify, with};

/// Booking 1 of seat A-1 paid by card with payment 1.
fn bought() -> Vec<Step> {
    let steps = vec![
        reserved(1, &["A-1"]),
        booking_opened(1, &["A-1"]),
        requested_by_card(1, 1),
        card_opened(1, 1),
        captured(1),
        sold(1, 1, &["A-1"]),
        confirmed(1, 1, &["A-1"], "code 1"),
    ];
    with(prologue(), steps)
}

/// Booking 1 moves from under id 8 for 50 rupees more, which payment 8 takes with these steps.
fn moved(captured: Vec<Step>) -> Vec<Step> {
    let asked = vec![by_card(move_requested(1, 8, 50)), difference_opened(1, 8, 50)];
    let then = vec![
        by_card(move_paid(1, 8, 50)),
        seats_moved_in(1, 8, &["A-2"], &["A-1"]),
        by_card(booking_moved(1, 8, 50)),
    ];
    [asked, captured, then].concat()
}

#[track_caller]
fn is_clean(steps: &[Step]) {
    let report = verify(steps, Some(Timestamp::MAX));
    assert!(report.is_clean() && report.in_flight.is_empty(), "{report}");
}

#[test]
fn each_payment_of_a_booking_gives_back_what_it_took() {
    let dearer = with(bought(), moved(vec![captured_of(8, 50)]));
    is_clean(&dearer);
    let over = vec![
        contributed(1, 8, 9, 50),
        booking_cancelled_for(1, 300),
        released(1, &["A-2"], CancelledByCustomer),
        split_off(8, 9, 50),
    ];
    let back = vec![
        refund_requested(9, 50),
        refund_completed(9, 50),
        refund_requested(1, 300),
        refund_completed(1, 300),
        refunded(1, 1),
    ];
    is_clean(&[dearer.clone(), over, part_opened(8, 9, 50).to_vec(), back].concat());

    let too_much = vec![contributed(1, 8, 9, 60), booking_cancelled_for(1, 300)];
    breaks_only(Invariant::RefundWithinPayment, &with(dearer, too_much));
}

#[test]
fn a_booking_moves_only_once_its_difference_is_captured() {
    breaks_only(Invariant::SoldIsPaid, &with(bought(), moved(vec![])));
}

#[test]
fn another_amount_than_the_difference_goes_back() {
    let asked = vec![by_card(move_requested(1, 8, 50)), difference_opened(1, 8, 50), mismatched(8, 49)];
    let back = vec![by_card(move_refused(1, 8, 50)), refund_requested(8, 49), refund_completed(8, 49)];
    is_clean(&[bought(), asked.clone(), back].concat());
    let moves_all_the_same = vec![
        by_card(move_paid(1, 8, 50)),
        seats_moved_in(1, 8, &["A-2"], &["A-1"]),
        by_card(booking_moved(1, 8, 50)),
    ];
    breaks_only(Invariant::SoldIsPaid, &[bought(), asked, moves_all_the_same].concat());
}

#[test]
fn money_that_comes_after_the_end_of_a_move_goes_back() {
    let late = vec![
        by_card(move_requested(1, 8, 50)),
        difference_opened(1, 8, 50),
        by_card(move_refused(1, 8, 50)),
        captured_of(8, 50),
    ];
    let back = vec![refund_requested(8, 50), refund_completed(8, 50)];
    is_clean(&[bought(), late.clone(), back].concat());
    let report = verify(&with(bought(), late), Some(Timestamp::MAX));
    assert!(!report.is_clean(), "{report}");
}
