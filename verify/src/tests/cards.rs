//! Money captured by card, and logs in which it is lost or invented.

use jiff::Timestamp;
use ticketshow_domain::screening::ReleaseReason;

use crate::tests::{Invariant, Step, breaks_only, broken, prologue, story::*, verify, with};

/// Booking 1 of seat A-1 paid by card with payment 1.
fn bought_by_card() -> Vec<Step> {
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

/// The same up to the sale, with another event in place of the capture.
fn bought_after(capture: Vec<Step>) -> Vec<Step> {
    let steps = vec![reserved(1, &["A-1"]), booking_opened(1, &["A-1"]), requested_by_card(1, 1)];
    let sold = vec![sold(1, 1, &["A-1"]), confirmed(1, 1, &["A-1"], "code 1")];
    [prologue(), steps, vec![card_opened(1, 1)], capture, sold].concat()
}

#[test]
fn a_cancelled_booking_s_card_payment_goes_back_to_the_card() {
    let cancelled = vec![
        booking_cancelled(1),
        released(1, &["A-1"], ReleaseReason::CancelledByCustomer),
        refund_requested(1, 300),
        refund_completed(1, 300),
        refunded(1, 1),
    ];
    let report = verify(&with(bought_by_card(), cancelled), Some(Timestamp::MAX));
    assert!(report.is_clean() && report.in_flight.is_empty(), "{report}");
}

#[test]
fn an_accepted_amount_pays_for_the_booking() {
    let steps = bought_after(vec![mismatched(1, 299), accepted(1)]);
    assert!(broken(&steps).is_empty(), "{}", verify(&steps, None));
}

#[test]
fn captured_money_is_in_flight_until_it_is_overdue() {
    let top_up = with(prologue(), vec![top_up_opened(7), captured(7)]);
    let report = verify(&top_up, Some(time(5)));
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.in_flight.len(), report.in_flight[0].booking), (1, None));
    let overdue = verify(&top_up, Some(time(6)));
    assert_eq!(overdue.violations.len(), 1, "{overdue}");
    assert_eq!(overdue.violations[0].invariant, Invariant::CardAccounted);

    let cancelled = vec![booking_cancelled(1), released(1, &["A-1"], ReleaseReason::CancelledByCustomer)];
    let never_refunded = verify(&with(bought_by_card(), cancelled), Some(Timestamp::MAX));
    assert_eq!(never_refunded.violations.len(), 1, "{never_refunded}");
    assert_eq!(never_refunded.violations[0].invariant, Invariant::CardAccounted);
}

#[test]
fn money_captured_twice_is_refunded() {
    let taken = with(prologue(), vec![stray_opened(7, 6), captured(7)]);
    let report = verify(&taken, Some(Timestamp::MAX));
    assert_eq!(report.violations.len(), 1, "{report}");
    assert_eq!(report.violations[0].invariant, Invariant::CardAccounted);
    let back =
        verify(&with(taken, vec![refund_requested(7, 300), refund_completed(7, 300)]), Some(Timestamp::MAX));
    assert!(back.is_clean() && back.in_flight.is_empty(), "{back}");
}

#[test]
fn providers_and_administrators_may_take_their_time() {
    for last in [vec![mismatched(7, 299)], vec![captured(7), refund_requested(7, 300)]] {
        let steps = [prologue(), vec![top_up_opened(7)], last].concat();
        let report = verify(&steps, Some(Timestamp::MAX));
        assert!(report.is_clean() && report.in_flight.len() == 1, "{report}");
    }
}

#[test]
fn lost_and_invented_card_money_is_found() {
    let breaks = |steps: Vec<Step>| {
        breaks_only(Invariant::CardAccounted, &[prologue(), vec![top_up_opened(7)], steps].concat());
    };
    breaks(vec![captured_of(7, 299), credited(top_up(7), 299, 1_299)]);
    breaks(vec![captured(7), credited(top_up(7), 301, 1_301)]);
    breaks(vec![credited(top_up(7), 300, 1_300)]);
    breaks(vec![credited(top_up(9), 300, 1_300)]);
    breaks(vec![mismatched(7, 299), credited(top_up(7), 299, 1_299)]);
    breaks(vec![captured(7), refund_requested(7, 299), refund_completed(7, 300)]);
    breaks(vec![captured(7), refund_requested(7, 300), refund_completed(7, 301)]);
    breaks(vec![
        captured(7),
        credited(top_up(7), 300, 1_300),
        refund_requested(7, 300),
        refund_completed(7, 300),
    ]);
    breaks(vec![captured(7), refund_requested_to_wallet(7), refund_completed_to_wallet(7)]);
    breaks(vec![captured(7), refund_requested_to_wallet(7), credited(refund(7), 299, 1_299)]);
}

#[test]
fn a_booking_confirmed_by_a_card_payment_of_a_different_amount_is_found() {
    breaks_only(Invariant::CardAccounted, &bought_after(vec![captured_of(1, 299)]));
    let given_back = vec![refund_requested(1, 300), refund_completed(1, 300)];
    breaks_only(Invariant::CardAccounted, &with(bought_by_card(), given_back));
}

#[test]
fn a_booking_confirmed_by_a_card_without_a_capture_is_found() {
    breaks_only(Invariant::SoldIsPaid, &bought_after(Vec::new()));
    breaks_only(Invariant::SoldIsPaid, &with(bought_after(Vec::new()), vec![captured(1)]));
}

#[test]
fn a_card_refund_to_the_wallet_that_is_recorded_twice_is_found() {
    let once = vec![
        top_up_opened(7),
        captured(7),
        refund_requested_to_wallet(7),
        credited(refund(7), 300, 1_300),
        refund_completed_to_wallet(7),
    ];
    let steps = with(prologue(), once);
    assert!(broken(&steps).is_empty(), "{}", verify(&steps, None));
    breaks_only(Invariant::RefundOnce, &with(steps, vec![refund_completed_to_wallet(7)]));
}
