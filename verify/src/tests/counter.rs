//! Sales at the counter, and the cash of tills.

use ticketshow_domain::booking::PaymentMethod;

use super::*;

/// Seat A-1 sold for cash to booking 1, cancelled, and its money handed back.
fn sold_and_handed_back() -> Vec<Step> {
    vec![
        till_opened(1, 500),
        sold_at_counter(1, 1, &["A-1"], PaymentMethod::Cash),
        booking_opened(1, &["A-1"]),
        requested_at_counter(1, 1),
        confirmed(1, 1, &["A-1"], "code 1"),
        cash_taken(1, 1, 300),
        till_closed(1, 800),
        booking_cancelled(1),
        released(1, &["A-1"], ReleaseReason::CancelledByHouse),
        till_opened(2, 400),
        handed_back(1, 1, 2),
        cash_returned(2, 1, 300),
        till_closed(2, 100),
    ]
}

#[test]
fn cash_that_was_taken_and_handed_back_is_clean_at_the_end() {
    let report = verify(&with(prologue(), sold_and_handed_back()), Some(Timestamp::MAX));
    assert!(report.is_clean() && report.in_flight.is_empty(), "{report}");
}

#[test]
fn a_sale_is_in_flight_at_each_step_and_its_refund_waits_for_a_person() {
    for (steps, waits_for) in [
        (2, ["its cash in the till", "its tickets"].as_slice()),
        (5, &["its cash in the till"]),
        (6, &[]),
        (9, &["its refund at the counter"]),
        (11, &["its cash in the till"]),
    ] {
        let log = with(prologue(), sold_and_handed_back()[..steps].to_vec());
        let report = verify(&log, Some(time(0)));
        let mut found: Vec<_> = report.in_flight.iter().map(|waiting| waiting.waits_for).collect();
        found.sort_unstable();
        assert!(report.is_clean(), "{report}");
        assert_eq!(found, waits_for, "after {steps} steps");
    }
    let owed = with(prologue(), sold_and_handed_back()[..9].to_vec());
    assert!(verify(&owed, Some(Timestamp::MAX)).is_clean(), "money may wait for its owner for years");
}

#[test]
fn a_seat_is_not_sold_by_the_counter_and_online() {
    let sale = || sold_at_counter(2, 2, &["A-1"], PaymentMethod::Upi);
    for wrong in [vec![reserved(1, &["A-1"]), sale()], vec![sale(), reserved(1, &["A-1"])]] {
        assert!(broken(&with(prologue(), wrong)).contains(&Invariant::OneOwner));
    }
    assert!(broken(&with(prologue(), vec![blocked(1, &["A-1"]), sale()])).contains(&Invariant::OneOwner));
}

#[test]
fn a_booking_that_no_sale_paid_is_found() {
    let mut steps = sold_and_handed_back()[..7].to_vec();
    steps[1] = sold_at_counter(1, 2, &["A-1"], PaymentMethod::Cash);
    assert!(broken(&with(prologue(), steps)).contains(&Invariant::SoldIsPaid));
}

#[test]
fn a_till_that_does_not_add_up_is_found() {
    for (at, wrong) in [(6, till_closed(1, 700)), (9, till_opened(1, 400)), (0, till_opened(3, 500))] {
        let mut steps = sold_and_handed_back();
        steps[at] = wrong;
        assert!(broken(&with(prologue(), steps)).contains(&Invariant::TillAdds), "step {at}");
    }
}

#[test]
fn cash_that_is_in_no_till_twice_or_too_much_is_found() {
    let twice = [sold_and_handed_back()[..6].to_vec(), vec![cash_taken(1, 1, 300)]].concat();
    breaks_only(Invariant::CashInTill, &with(prologue(), twice));
    let mut different = sold_and_handed_back()[..6].to_vec();
    different[5] = cash_taken(1, 1, 299);
    breaks_only(Invariant::CashInTill, &with(prologue(), different));
    let unknown = vec![till_opened(1, 0), cash_taken(1, 9, 300)];
    breaks_only(Invariant::CashInTill, &with(prologue(), unknown));
    let mut missing = sold_and_handed_back()[..9].to_vec();
    missing.truncate(5);
    let report = verify(&with(prologue(), missing), Some(Timestamp::MAX));
    let found: BTreeSet<_> = report.violations.into_iter().map(|violation| violation.invariant).collect();
    assert_eq!(found, BTreeSet::from([Invariant::CashInTill]));
}

/// Two seats sold for cash to booking 1 for 600 rupees, of which one is handed back for `amount` from session 1.
fn one_of_two_handed_back(amount: i64) -> Vec<Step> {
    let names = ["A-1", "A-2"];
    let sale = vec![
        till_opened(1, 500),
        sold_at_counter(1, 1, &names, PaymentMethod::Cash),
        booking_opened(1, &names),
        requested_at_counter(1, 1),
        confirmed_for(1, 1, &names, "code 1", 600),
        cash_taken(1, 1, 600),
    ];
    let back = seat_handed_back(1, 8, "A-2", amount, 1).to_vec();
    [sale, back, vec![cash_returned_for(1, 1, 8, amount)]].concat()
}

#[test]
fn a_seat_that_is_handed_back_in_cash_leaves_the_rest_for_later() {
    let is_clean = |steps: &[Step]| {
        let report = verify(steps, Some(Timestamp::MAX));
        assert!(report.is_clean() && report.in_flight.is_empty(), "{report}");
    };
    let back = |amount| with(prologue(), one_of_two_handed_back(amount));
    is_clean(&back(300));
    let mut unentered = one_of_two_handed_back(300);
    unentered.pop();
    let report = verify(&with(prologue(), unentered), Some(Timestamp::MAX));
    let found: BTreeSet<_> = report.violations.into_iter().map(|violation| violation.invariant).collect();
    assert_eq!(found, BTreeSet::from([Invariant::CashInTill]));

    // The rest, for 300 rupees.
    let rest = || {
        let released = released(1, &["A-1"], ReleaseReason::CancelledByHouse);
        vec![booking_cancelled(1), released, handed_back(1, 1, 1), cash_returned(1, 1, 300)]
    };
    is_clean(&with(back(300), rest()));
    breaks_only(Invariant::RefundWithinPayment, &with(back(301), rest()));
}
