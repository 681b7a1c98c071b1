//! Seats that are given back, and logs in which their money is lost or invented.

use jiff::Timestamp;
use ticketshow_domain::{booking::PaymentMethod, seat_return::RefundWay};

use crate::tests::{Invariant, Step, breaks_only, prologue, story::*, verify, with};

/// Booking 1 of two seats for 600 rupees, of which one seat is given back under id 8.
fn returned(method: PaymentMethod, refund: RefundWay) -> Vec<Step> {
    let names = ["A-1", "A-2"];
    let paid = if method == PaymentMethod::Wallet {
        vec![requested(1, 1), debited(1, 1, 600, 400)]
    } else {
        vec![requested_by_card(1, 1), card_opened_of(1, 1, 600), captured_of(1, 600)]
    };
    let bought = vec![sold(1, 1, &names), confirmed_for(1, 1, &names, "code 1", 600)];
    let back = seats_returned(1, 8, &["A-2"], 300, method, refund).to_vec();
    [prologue(), vec![reserved(1, &names), booking_opened(1, &names)], paid, bought, back].concat()
}

#[track_caller]
fn is_clean(steps: &[Step]) {
    let report = verify(steps, Some(Timestamp::MAX));
    assert!(report.is_clean() && report.in_flight.is_empty(), "{report}");
}

#[test]
fn a_wallet_gets_back_what_the_seat_cost() {
    let due = returned(PaymentMethod::Wallet, RefundWay::Original);
    breaks_overdue(Invariant::DebitSettled, &due);
    let back = with(due.clone(), vec![credited(refund(8), 300, 700), return_refunded(1, 8, 300)]);
    is_clean(&back);
    is_clean(&returned(PaymentMethod::Wallet, RefundWay::None));

    breaks_only(Invariant::DebitSettled, &with(due.clone(), vec![credited(refund(8), 299, 699)]));
    breaks_only(Invariant::DebitSettled, &with(due.clone(), vec![return_refunded(1, 8, 300)]));
    let too_much = vec![booking_cancelled(1), credited(refund(1), 600, 1_300)];
    let found = super::broken(&with(back, too_much));
    assert!(found.contains(&Invariant::RefundWithinPayment) && found.contains(&Invariant::DebitSettled));
}

#[test]
fn a_card_gets_its_part_back_as_a_payment_of_its_own() {
    let due = returned(PaymentMethod::Card, RefundWay::Original);
    breaks_overdue(Invariant::CardAccounted, &due);
    let split = with(due.clone(), vec![split_off(1, 8, 300)]);
    breaks_overdue(Invariant::CardAccounted, &split);
    let part = with(split.clone(), part_opened(1, 8, 300).to_vec());
    breaks_overdue(Invariant::CardAccounted, &part);
    let back =
        with(part, vec![refund_requested(8, 300), refund_completed(8, 300), return_refunded(1, 8, 300)]);
    is_clean(&back);

    breaks_only(Invariant::CardAccounted, &with(due.clone(), part_opened(1, 8, 300).to_vec()));
    breaks_only(Invariant::CardAccounted, &with(split, part_opened(1, 8, 301).to_vec()));
    breaks_only(Invariant::CardAccounted, &with(due, vec![split_off(1, 8, 601)]));
    let whole = vec![booking_cancelled(1), refund_requested(1, 600), refund_completed(1, 600)];
    let found = super::broken(&with(back, whole));
    assert!(found.contains(&Invariant::RefundWithinPayment) && found.contains(&Invariant::CardAccounted));
}

#[track_caller]
fn breaks_overdue(invariant: Invariant, steps: &[Step]) {
    let report = verify(steps, Some(Timestamp::MAX));
    assert_eq!(report.violations.len(), 1, "{report}");
    assert_eq!(report.violations[0].invariant, invariant, "{report}");
}
