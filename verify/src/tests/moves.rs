//! Bookings that move to other seats, and logs in which their seats or their money are lost or invented.

use jiff::Timestamp;
use ticketshow_domain::screening::ReleaseReason::{CancelledByCustomer, Moved};

use crate::tests::{Invariant, Step, bought, breaks_only, story::*, verify, with};

/// Booking 1 moves from under id 8, for this much more, or less.
fn moved(difference: i64) -> Vec<Step> {
    let debit = (difference > 0).then(|| debited(1, 8, difference, 700 - difference));
    let steps = [move_requested(1, 8, difference)].into_iter().chain(debit);
    let then = [seats_moved_in(1, 8, &["A-2"], &["A-1"]), booking_moved(1, 8, difference)];
    steps.chain(then).collect()
}

#[track_caller]
fn is_clean(steps: &[Step]) {
    let report = verify(steps, Some(Timestamp::MAX));
    assert!(report.is_clean() && report.in_flight.is_empty(), "{report}");
}

#[track_caller]
fn is_overdue(invariant: Invariant, steps: &[Step]) {
    let report = verify(steps, Some(Timestamp::MAX));
    assert_eq!(report.violations.len(), 1, "{report}");
    assert_eq!(report.violations[0].invariant, invariant, "{report}");
}

#[test]
fn a_moved_booking_has_its_new_seats_and_no_rupee_is_lost() {
    is_clean(&with(bought(), moved(0)));
    let dearer = with(bought(), moved(50));
    is_clean(&dearer);
    is_clean(&with(
        dearer.clone(),
        vec![released(1, &["A-2"], CancelledByCustomer), booking_cancelled_for(1, 350)]
            .into_iter()
            .chain([credited(refund(1), 350, 1_000), refunded(1, 1)])
            .collect(),
    ));
    breaks_only(
        Invariant::DebitSettled,
        &with(
            dearer,
            vec![
                released(1, &["A-2"], CancelledByCustomer),
                booking_cancelled_for(1, 350),
                credited(refund(1), 300, 950),
            ],
        ),
    );

    // No more than the booking is worth goes back.
    let ended = |amount| vec![released(1, &["A-2"], CancelledByCustomer), booking_cancelled_for(1, amount)];
    let back = |amount| vec![credited(refund(1), amount, 650 + amount), refunded(1, 1)];
    let dearer = with(bought(), moved(50));
    is_clean(&with(dearer.clone(), [ended(340), back(340)].concat()));
    breaks_only(Invariant::RefundWithinPayment, &with(dearer, [ended(351), back(351)].concat()));

    let cheaper = with(bought(), moved(-50));
    is_overdue(Invariant::DebitSettled, &cheaper);
    is_clean(&with(cheaper.clone(), vec![credited(refund(8), 50, 750), return_refunded(1, 8, 50)]));
    breaks_only(Invariant::DebitSettled, &with(cheaper, vec![credited(refund(8), 49, 749)]));
}

#[test]
fn a_move_that_does_not_come_about_returns_what_it_took() {
    let asked = with(bought(), vec![move_requested(1, 8, 50), debited(1, 8, 50, 650)]);
    is_overdue(Invariant::DebitSettled, &asked);
    let refused = with(asked, vec![move_refused(1, 8, 50)]);
    is_overdue(Invariant::DebitSettled, &refused);
    is_clean(&with(refused.clone(), vec![credited(refund(8), 50, 700)]));
    breaks_only(Invariant::DebitSettled, &with(refused, vec![credited(refund(8), 51, 701)]));
}

#[test]
fn a_move_takes_seats_from_nobody_and_ends_once() {
    let other = vec![reserved(2, &["A-2"])];
    breaks_only(Invariant::OneOwner, &with(with(bought(), other), moved(0)));
    let without_seats = vec![move_requested(1, 8, 0), booking_moved(1, 8, 0)];
    breaks_only(Invariant::ConfirmedHasSeats, &with(bought(), without_seats));
    let unpaid =
        vec![move_requested(1, 8, 50), seats_moved_in(1, 8, &["A-2"], &["A-1"]), booking_moved(1, 8, 50)];
    breaks_only(Invariant::SoldIsPaid, &with(bought(), unpaid));
    breaks_only(Invariant::ConfirmedHasSeats, &with(bought(), with(moved(0), vec![move_refused(1, 8, 0)])));
    let two = vec![move_requested(1, 8, 0), move_requested(1, 9, 0)];
    breaks_only(Invariant::ConfirmedHasSeats, &with(bought(), two));
}

#[test]
fn a_seat_that_a_booking_left_or_did_not_get_is_released() {
    let ended = vec![move_requested(1, 8, 0), move_refused(1, 8, 0)];
    // A process that stalled took its step after another one undid the move, and died.
    let late = with(bought(), with(ended, vec![seats_moved_in(1, 8, &["A-2"], &[])]));
    is_overdue(Invariant::SoldIsPaid, &late);
    let report = verify(&late, None);
    assert!(report.is_clean() && report.in_flight.len() == 1, "{report}");
    is_clean(&with(late, vec![released(1, &["A-2"], Moved)]));

    let left = vec![seats_moved_in(1, 8, &["A-2"], &[]), booking_moved(1, 8, 0)];
    let left = with(bought(), with(vec![move_requested(1, 8, 0)], left));
    is_overdue(Invariant::SoldIsPaid, &left);
    is_clean(&with(left, vec![released(1, &["A-1"], Moved)]));
}
