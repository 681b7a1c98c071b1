//! A correct log is clean, and for each invariant there is a log that violates it and no other.

mod cards;
mod changes;
mod counter;
mod differences;
mod invoices;
mod moves;
mod promotions;
mod returns;
mod story;
mod waiting;

use std::collections::BTreeSet;

use jiff::Timestamp;
use ticketshow_domain::{
    booking::{BookingStatus, FailureReason},
    screening::ReleaseReason,
};

use crate::{Report, Verifier, findings::Invariant, tests::story::*};

fn verify(steps: &[Step], settled_before: Option<Timestamp>) -> Report {
    let mut verifier = Verifier::default();
    for recorded in recorded(steps) {
        verifier.take(&recorded);
    }
    verifier.finish(settled_before)
}

/// The screening is open, and customer 1 has 1,000 rupees.
fn prologue() -> Vec<Step> {
    vec![scheduled(1, 10, 12), opened(), credited(credit(1), 1_000, 1_000)]
}

/// Booking 1 of seat A-1 paid by payment 1.
fn bought() -> Vec<Step> {
    [
        prologue(),
        vec![reserved(1, &["A-1"]), booking_opened(1, &["A-1"]), requested(1, 1)],
        vec![debited(1, 1, 300, 700), sold(1, 1, &["A-1"]), confirmed(1, 1, &["A-1"], "code 1")],
    ]
    .concat()
}

fn with(mut steps: Vec<Step>, more: Vec<Step>) -> Vec<Step> {
    steps.extend(more);
    steps
}

fn broken(steps: &[Step]) -> BTreeSet<Invariant> {
    let report = verify(steps, None);
    assert_eq!(report.is_clean(), report.violations.is_empty());
    report.violations.into_iter().map(|violation| violation.invariant).collect()
}

#[track_caller]
fn breaks_only(invariant: Invariant, steps: &[Step]) {
    assert_eq!(broken(steps), BTreeSet::from([invariant]), "{}", verify(steps, None));
}

/// Every legal course of events, once.
fn good() -> Vec<Step> {
    let lapses = vec![
        reserved(2, &["A-2"]),
        booking_opened(2, &["A-2"]),
        requested(2, 2),
        failed(2, 2, FailureReason::InsufficientFunds, BookingStatus::Held),
        released(2, &["A-2"], ReleaseReason::Lapsed),
        booking_expired(2),
    ];
    let too_late = vec![
        reserved(3, &["A-2", "A-3"]),
        booking_opened(3, &["A-2", "A-3"]),
        requested(3, 3),
        debited(3, 3, 600, 100),
        released(3, &["A-2", "A-3"], ReleaseReason::Lapsed),
        reserved(4, &["A-3"]),
        released(3, &[], ReleaseReason::GivenUp),
        credited(refund(3), 600, 700),
        failed(3, 3, FailureReason::SeatsGone, BookingStatus::Expired),
    ];
    let cancelled = vec![
        booking_opened(4, &["A-3"]),
        requested(4, 4),
        debited(4, 4, 300, 400),
        sold(4, 4, &["A-3"]),
        confirmed(4, 4, &["A-3"], "code 4"),
        booking_cancelled(4),
        released(4, &["A-3"], ReleaseReason::CancelledByCustomer),
        credited(refund(4), 300, 700),
        refunded(4, 4),
        reserved(5, &["A-3"]),
    ];
    let by_card = vec![
        booking_opened(5, &["A-3"]),
        requested_by_card(5, 5),
        card_opened(5, 5),
        captured(5),
        sold(5, 5, &["A-3"]),
        confirmed(5, 5, &["A-3"], "code 5"),
        card_opened(5, 6),
        captured(6),
        refund_requested_to_wallet(6),
        credited(refund(6), 300, 1_000),
        refund_completed_to_wallet(6),
        top_up_opened(7),
        captured(7),
        credited(top_up(7), 300, 1_300),
        top_up_opened(8),
        mismatched(8, 299),
        refund_requested(8, 299),
        refund_completed(8, 299),
    ];
    let calendar = vec![scheduled(2, 12, 14), scheduled(3, 8, 10), unscheduled(3), scheduled(4, 9, 10)];
    [bought(), vec![checked_in(1, "A-1")], lapses, too_late, cancelled, by_card, calendar].concat()
}

#[test]
fn a_good_log_is_clean_even_if_nothing_may_be_in_flight() {
    let report = verify(&good(), Some(Timestamp::MAX));
    assert!(report.is_clean() && report.in_flight.is_empty(), "{report}");
    let steps = good().len() as u64;
    assert_eq!((report.positions, report.events, report.unlisted), (steps, steps, 0));
}

#[test]
fn an_empty_log_is_clean() {
    let report = verify(&[], Some(Timestamp::MAX));
    assert!(report.is_clean());
    assert_eq!(report.to_string(), "0 positions, 0 events: clean");
}

#[test]
fn a_message_that_is_no_commit_of_its_aggregate_is_reported() {
    let mut verifier = Verifier::default();
    verifier.take_unreadable(1, "message 1 on tix.wallet.a is a commit of wallet b".to_owned());
    let report = verifier.finish(None);
    assert_eq!(report.positions, 1);
    let broken: Vec<_> = report.violations.iter().map(|violation| violation.invariant).collect();
    assert_eq!(broken, [Invariant::OwnSubject]);
}

#[test]
fn money_between_debit_and_confirmation_is_in_flight_until_it_is_overdue() {
    let steps = &bought()[..bought().len() - 2];
    for steps in [steps, &bought()[..bought().len() - 1]] {
        // The attempt began at position 6.
        let report = verify(steps, Some(time(6)));
        assert!(report.is_clean(), "{report}");
        assert_eq!(report.in_flight.len(), 1);
        assert_eq!(
            (report.in_flight[0].booking, report.in_flight[0].payment),
            (Some(booking(1)), payment(1))
        );

        let overdue = verify(steps, Some(time(7)));
        let broken: Vec<_> = overdue.violations.iter().map(|violation| violation.invariant).collect();
        assert_eq!(broken, [Invariant::DebitSettled]);
    }
}

#[test]
fn an_attempt_without_a_debit_is_in_flight() {
    let report = verify(&bought()[..bought().len() - 3], Some(Timestamp::MAX));
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.in_flight.len(), 1);
}

#[test]
fn the_refund_of_a_cancelled_booking_is_in_flight_until_it_is_overdue() {
    let steps = with(bought(), vec![booking_cancelled(1)]);
    let report = verify(&steps, None);
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.in_flight.len(), 2, "money and seats: {report}");
    let overdue = verify(&steps, Some(Timestamp::MAX));
    let broken: BTreeSet<_> = overdue.violations.iter().map(|violation| violation.invariant).collect();
    assert_eq!(broken, BTreeSet::from([Invariant::DebitSettled, Invariant::SoldIsPaid]));
}

#[test]
fn a_missing_position_is_found() {
    let mut log = recorded(&prologue());
    log.pop();
    let mut verifier = Verifier::default();
    for (index, mut recorded) in log.into_iter().enumerate() {
        recorded.position += u64::from(index > 0);
        verifier.take(&recorded);
    }
    let report = verifier.finish(None);
    assert_eq!(report.violations.len(), 1, "{report}");
    assert_eq!(report.violations[0].invariant, Invariant::PositionsComplete);
}

#[test]
fn a_missing_or_repeated_version_is_found() {
    for change in [|version: u64| version + 1, |version: u64| version - 1] {
        let mut verifier = Verifier::default();
        let mut log = recorded(&with(prologue(), vec![extended(1)]));
        let last = log.last_mut().unwrap();
        last.version = change(last.version);
        for recorded in &log {
            verifier.take(recorded);
        }
        let report = verifier.finish(None);
        assert_eq!(report.violations.len(), 1, "{report}");
        assert_eq!(report.violations[0].invariant, Invariant::VersionsContiguous);
    }
}

#[test]
fn a_seat_with_two_owners_is_found() {
    let held = with(prologue(), vec![reserved(1, &["A-1"])]);
    breaks_only(Invariant::OneOwner, &with(held.clone(), vec![reserved(2, &["A-2", "A-1"])]));
    breaks_only(Invariant::OneOwner, &with(held.clone(), vec![reserved(2, &["A-2", "A-2"])]));
    let lapsed = ReleaseReason::Lapsed;
    breaks_only(Invariant::OneOwner, &with(held.clone(), vec![released(2, &["A-1"], lapsed)]));
    breaks_only(Invariant::OneOwner, &with(held.clone(), vec![released(1, &["A-2"], lapsed)]));
    breaks_only(Invariant::OneOwner, &with(held, vec![reserved(2, &["Z-9"])]));
    breaks_only(Invariant::OneOwner, &[reserved(1, &["A-1"])]);
}

#[test]
fn a_seat_sold_over_another_owner_is_found() {
    let steps = vec![
        reserved(2, &["A-1"]),
        reserved(1, &["A-2"]),
        booking_opened(1, &["A-1"]),
        requested(1, 1),
        debited(1, 1, 300, 700),
        sold(1, 1, &["A-1"]),
        confirmed(1, 1, &["A-1"], "code 1"),
    ];
    breaks_only(Invariant::OneOwner, &with(prologue(), steps));
}

#[test]
fn unpaid_seats_are_found() {
    let held = with(prologue(), vec![reserved(1, &["A-1"])]);
    breaks_only(Invariant::SoldIsPaid, &with(held, vec![sold(1, 1, &["A-1"])]));

    let debit = bought().len() - 3;
    let mut never_debited = bought();
    never_debited.remove(debit);
    breaks_only(Invariant::SoldIsPaid, &never_debited);

    let begun = vec![reserved(1, &["A-1"]), booking_opened(1, &["A-1"]), requested_by_card(1, 1)];
    let sold = vec![sold(1, 1, &["A-1"]), confirmed(1, 1, &["A-1"], "code 1")];
    breaks_only(Invariant::SoldIsPaid, &[prologue(), begun, sold].concat());

    let failed = vec![
        reserved(1, &["A-1"]),
        booking_opened(1, &["A-1"]),
        requested(1, 1),
        story::sold(1, 1, &["A-1"]),
        failed(1, 1, FailureReason::InsufficientFunds, BookingStatus::Held),
    ];
    breaks_only(Invariant::SoldIsPaid, &with(prologue(), failed));
}

#[test]
fn a_confirmed_booking_without_its_seats_is_found() {
    let mut never_sold = bought();
    never_sold.remove(never_sold.len() - 2);
    breaks_only(Invariant::ConfirmedHasSeats, &never_sold);

    let released_by_operator = released(1, &["A-1"], ReleaseReason::CancelledByHouse);
    breaks_only(Invariant::ConfirmedHasSeats, &with(bought(), vec![released_by_operator]));
}

#[test]
fn tickets_for_other_seats_are_found() {
    for seats in [&["A-2"][..], &["A-1", "A-2"], &["A-1", "A-1"], &[]] {
        let mut steps = bought();
        steps.pop();
        breaks_only(Invariant::TicketsForOwnSeats, &with(steps, vec![confirmed(1, 1, seats, "code 1")]));
    }
    breaks_only(Invariant::TicketsForOwnSeats, &with(bought(), vec![checked_in(2, "A-1")]));
    breaks_only(Invariant::TicketsForOwnSeats, &with(bought(), vec![checked_in(1, "A-2")]));
    let held = with(prologue(), vec![reserved(1, &["A-1"]), checked_in(1, "A-1")]);
    breaks_only(Invariant::TicketsForOwnSeats, &held);
}

#[test]
fn a_code_that_is_issued_twice_is_found() {
    let again = vec![
        reserved(2, &["A-2"]),
        booking_opened(2, &["A-2"]),
        requested(2, 2),
        debited(2, 2, 300, 400),
        sold(2, 2, &["A-2"]),
        confirmed(2, 2, &["A-2"], "code 1"),
    ];
    breaks_only(Invariant::CodesUnique, &with(bought(), again));
}

#[test]
fn a_confirmed_booking_that_fails_is_found() {
    let seats_gone = failed(1, 1, FailureReason::SeatsGone, BookingStatus::Confirmed);
    breaks_only(Invariant::ConfirmedStays, &with(bought(), vec![seats_gone]));
    breaks_only(Invariant::ConfirmedStays, &with(bought(), vec![booking_expired(1)]));
    let paid_twice = failed(1, 2, FailureReason::PaidTwice, BookingStatus::Held);
    let mut steps = bought();
    steps.insert(6, requested(1, 2));
    breaks_only(Invariant::ConfirmedStays, &with(steps.clone(), vec![paid_twice]));
    let again = confirmed(1, 2, &["A-1"], "code 2");
    breaks_only(Invariant::ConfirmedStays, &with(steps, vec![again]));
}

#[test]
fn another_attempt_of_a_confirmed_booking_may_fail() {
    let mut steps = bought();
    steps.insert(6, requested(1, 2));
    let paid_twice = failed(1, 2, FailureReason::PaidTwice, BookingStatus::Confirmed);
    assert_eq!(broken(&with(steps, vec![paid_twice])), BTreeSet::new());
}

#[test]
fn lost_and_invented_money_is_found() {
    let begun = vec![reserved(1, &["A-1"]), booking_opened(1, &["A-1"]), requested(1, 1)];
    let begun = with(prologue(), begun);
    let seats_gone = failed(1, 1, FailureReason::SeatsGone, BookingStatus::Expired);
    let breaks = |steps: Vec<Step>| breaks_only(Invariant::DebitSettled, &with(begun.clone(), steps));

    breaks(vec![debited(1, 1, 300, 700), seats_gone.clone()]);
    breaks(vec![debited(1, 1, 300, 700), credited(refund(1), 299, 999), seats_gone]);
    breaks(vec![debited(1, 1, 301, 699)]);
    breaks(vec![debited(1, 7, 300, 700)]);
    breaks(vec![credited(refund(1), 300, 1_300)]);
    breaks(vec![credited(refund(7), 300, 1_300)]);
    breaks_only(Invariant::DebitSettled, &with(bought(), vec![credited(refund(1), 300, 1_000)]));
    let recorded_only =
        vec![booking_cancelled(1), released(1, &["A-1"], ReleaseReason::CancelledByCustomer), refunded(1, 1)];
    breaks_only(Invariant::DebitSettled, &with(bought(), recorded_only));
}

#[test]
fn a_payment_that_is_refunded_twice_is_found() {
    let captured = vec![captured(6), refund_requested_to_wallet(6), credited(refund(6), 300, 1_300)];
    breaks_only(Invariant::RefundOnce, &[prologue(), captured, vec![refund_completed(6, 300)]].concat());
    let by_card = vec![refund_completed(6, 300), refund_completed(6, 300)];
    breaks_only(Invariant::RefundOnce, &with(prologue(), by_card));
    let cancelled = vec![
        booking_cancelled(1),
        released(1, &["A-1"], ReleaseReason::CancelledByCustomer),
        credited(refund(1), 300, 1_000),
        refunded(1, 1),
        refunded(1, 1),
    ];
    breaks_only(Invariant::RefundOnce, &with(bought(), cancelled));
}

#[test]
fn a_negative_balance_is_found() {
    let begun = vec![reserved(1, &["A-1"]), booking_opened(1, &["A-1"]), requested(1, 1)];
    let steps = [vec![scheduled(1, 10, 12), opened()], begun, vec![debited(1, 1, 300, -300)]].concat();
    breaks_only(Invariant::WalletSolvent, &steps);
}

#[test]
fn a_balance_that_differs_from_the_ledger_is_found() {
    breaks_only(Invariant::LedgerAdds, &with(prologue(), vec![credited(credit(2), 100, 1_101)]));
}

#[test]
fn a_reference_that_moves_money_twice_is_found() {
    breaks_only(Invariant::ReferenceOnce, &with(prologue(), vec![credited(credit(1), 100, 1_100)]));
}

#[test]
fn overlapping_screenings_are_found() {
    for (from, to) in [(11, 13), (9, 11), (10, 12), (9, 13)] {
        breaks_only(Invariant::CalendarFree, &with(prologue(), vec![scheduled(2, from, to)]));
    }
}

/// Booking 1 is bought, and its screening is cancelled.
fn cancelled_screening() -> Vec<Step> {
    with(bought(), vec![screening_cancelled(1), booking_cancelled(1)])
}

#[test]
fn a_cancelled_and_cleared_screening_is_clean() {
    let house = released(1, &["A-1"], ReleaseReason::CancelledByHouse);
    let rest = vec![house, screening_cleared(), credited(refund(1), 300, 1_000), refunded(1, 1)];
    let report = verify(&with(cancelled_screening(), rest), Some(Timestamp::MAX));
    assert!(report.is_clean() && report.in_flight.is_empty(), "{report}");
}

#[test]
fn a_cancelled_screening_that_sells_a_seat_is_found() {
    let cancelled = with(prologue(), vec![screening_cancelled(0)]);
    breaks_only(Invariant::CancelledIsCleared, &with(cancelled, vec![reserved(2, &["A-2"])]));
    let sold_late = vec![
        reserved(2, &["A-2"]),
        booking_opened(2, &["A-2"]),
        requested(2, 2),
        debited(2, 2, 300, 700),
        screening_cancelled(1),
        sold(2, 2, &["A-2"]),
    ];
    breaks_only(Invariant::CancelledIsCleared, &with(prologue(), sold_late));
}

#[test]
fn a_screening_that_is_cleared_too_early_is_found() {
    let held = with(prologue(), vec![reserved(2, &["A-2"]), screening_cancelled(1)]);
    breaks_only(Invariant::CancelledIsCleared, &with(held, vec![screening_cleared()]));
    breaks_only(Invariant::CancelledIsCleared, &with(prologue(), vec![screening_cleared()]));
}

#[test]
fn a_seat_kept_after_a_cancellation_is_found_once_it_is_overdue() {
    let steps = with(prologue(), vec![reserved(2, &["A-2"]), screening_cancelled(1)]);
    assert!(verify(&steps, None).is_clean());
    let overdue = verify(&steps, Some(Timestamp::MAX));
    let broken: Vec<_> = overdue.violations.iter().map(|violation| violation.invariant).collect();
    assert_eq!(broken, [Invariant::CancelledIsCleared]);
}

#[test]
fn a_report_of_a_ruined_log_stays_readable() {
    let steps = with(prologue(), (0..1_200).map(|_| reserved(1, &["A-1"])).collect());
    let report = verify(&steps, None);
    assert_eq!((report.violations.len(), report.unlisted), (1_000, 199));
    assert!(report.to_string().ends_with("1203 positions, 1203 events: NOT CLEAN"), "{report}");
}

#[test]
fn a_blocked_seat_has_no_owner_and_a_block_releases_its_own_seats() {
    let good = [blocked(1, &["A-1"]), unblocked(1, &["A-1"]), reserved(1, &["A-1"]), blocked(2, &["A-2"])];
    assert_eq!(broken(&with(prologue(), good.to_vec())), BTreeSet::new());
    for wrong in [
        vec![blocked(1, &["A-1"]), reserved(1, &["A-1"])],
        vec![reserved(1, &["A-1"]), blocked(1, &["A-1"])],
        vec![blocked(1, &["A-1"]), blocked(2, &["A-1"])],
        vec![blocked(1, &["A-1"]), blocked(2, &["A-2"]), unblocked(2, &["A-1"])],
    ] {
        breaks_only(Invariant::OneOwner, &with(prologue(), wrong));
    }
}
