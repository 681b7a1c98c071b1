//! Waiting lists: a log in which they are not served in order is reported.

use super::*;

/// The screening is sold to booking 1, and customers 11 and 12 wait for two seats and for one.
fn in_line() -> Vec<Step> {
    with(bought(), vec![joined(11, 2, 0), joined(12, 1, 1)])
}

#[test]
fn a_list_that_is_served_in_order_is_clean() {
    let steps = vec![
        reserved(21, &["A-2", "A-3"]),
        offered(11, 21),
        joined(13, 1, 2),
        left(12),
        reserved(22, &["A-4"]),
        offered(13, 22),
    ];
    assert_eq!(broken(&with(in_line(), steps)), BTreeSet::new());
}

#[test]
fn a_smaller_wish_may_be_served_before_one_that_the_seats_do_not_suffice_for() {
    assert_eq!(broken(&with(in_line(), vec![reserved(21, &["A-2"]), offered(12, 21)])), BTreeSet::new());
}

#[test]
fn nobody_is_served_before_another_whose_wish_the_seats_fulfil() {
    let steps = vec![joined(13, 1, 2), reserved(21, &["A-2"]), offered(13, 21)];
    breaks_only(Invariant::ListInOrder, &with(in_line(), steps));
}

#[test]
fn a_place_is_served_once_and_with_the_seats_of_its_wish() {
    let served = vec![reserved(21, &["A-2", "A-3"]), offered(11, 21)];
    let again = with(served.clone(), vec![reserved(22, &["A-4", "A-5"]), offered(11, 22)]);
    let of_another = vec![reserved(21, &["A-2", "A-3"]), offered(11, 22)];
    let too_few = vec![reserved(21, &["A-2"]), offered(11, 21)];
    let gone = vec![left(11), reserved(21, &["A-2", "A-3"]), offered(11, 21)];
    for steps in [again, of_another, too_few, gone] {
        breaks_only(Invariant::ListInOrder, &with(in_line(), steps));
    }
}

#[test]
fn a_customer_has_one_place_and_the_last_comes_last() {
    breaks_only(Invariant::ListInOrder, &with(in_line(), vec![joined(11, 1, 2)]));
    breaks_only(Invariant::ListInOrder, &with(in_line(), vec![joined(13, 1, 0)]));
}
