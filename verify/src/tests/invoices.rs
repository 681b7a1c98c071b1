//! Invoices and credit notes: numbers without gaps, and one document for each payment or refund.

use ticketshow_domain::invoices::DocumentKind::{CreditNote, Invoice};

use super::*;

/// Position of the confirmation in [`bought`], and its version in the booking.
const PAID: (u64, u64) = (9, 3);
/// The same of a cancellation that follows it.
const CANCELLED: (u64, u64) = (10, 4);

fn bought_and_cancelled() -> Vec<Step> {
    with(bought(), vec![booking_cancelled(1)])
}

#[test]
fn a_document_for_what_was_paid_and_one_for_what_goes_back_are_clean() {
    let documents = vec![issued(Invoice, 1, 1, PAID, 300), issued(CreditNote, 1, 1, CANCELLED, 300)];
    assert_eq!(broken(&with(bought_and_cancelled(), documents)), BTreeSet::new());
}

#[test]
fn a_gap_and_a_double_in_the_numbers_are_found() {
    for number in [0, 2] {
        let documents = vec![issued(Invoice, number, 1, PAID, 300)];
        breaks_only(Invariant::NumbersGapless, &with(bought(), documents));
    }
}

#[test]
fn a_document_with_another_amount_kind_or_source_or_a_second_one_is_found() {
    for wrong in [
        vec![issued(Invoice, 1, 1, PAID, 299)],
        vec![issued(CreditNote, 1, 1, PAID, 300)],
        vec![issued(Invoice, 1, 2, PAID, 300)],
        vec![issued(Invoice, 1, 1, (8, 2), 300)],
        vec![issued(Invoice, 1, 1, PAID, 300), issued(Invoice, 2, 1, PAID, 300)],
    ] {
        breaks_only(Invariant::MoneyDocumented, &with(bought(), wrong));
    }
}

#[test]
fn money_that_the_register_passed_over_or_never_reached_is_found() {
    let skipped = vec![issued(CreditNote, 1, 1, CANCELLED, 300)];
    breaks_only(Invariant::MoneyDocumented, &with(bought_and_cancelled(), skipped));
    let behind = with(bought_and_cancelled(), vec![issued(Invoice, 1, 1, PAID, 300)]);
    assert_eq!(broken(&behind), BTreeSet::new(), "the credit note comes later");
    let later = verify(&behind, Some(Timestamp::MAX));
    let later: BTreeSet<_> = later.violations.iter().map(|violation| violation.invariant).collect();
    assert!(later.contains(&Invariant::MoneyDocumented), "{later:?}");
}
