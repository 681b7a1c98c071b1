//! Amounts that are divided add up to the whole, and limits of ticket types.

use proptest::{collection::vec, prelude::*};

use super::*;

fn kind(name: &str) -> TicketType {
    TicketType(name.to_owned())
}

fn rate(name: &str, percent_hundredths: u32) -> TaxRate {
    TaxRate { name: name.to_owned(), percent_hundredths }
}

fn parts(amount_minor: i64, rates: &[TaxRate]) -> Vec<i64> {
    tax_shares(amount_minor, rates).iter().map(|share| share.amount_minor).collect()
}

#[test]
fn tax_is_taken_out_of_the_amount() {
    assert_eq!(parts(11_800, &[rate("GST", 1_800)]), [1_800]);
    assert_eq!(parts(11_800, &[rate("CGST", 900), rate("SGST", 900)]), [900, 900]);
    // 152.54 is rounded to 153, and the odd unit goes to the first.
    assert_eq!(parts(1_000, &[rate("CGST", 900), rate("SGST", 900)]), [77, 76]);
    assert_eq!(parts(1_000, &[]), Vec::<i64>::new());
    assert_eq!(parts(1_000, &[rate("Zero", 0)]), [0]);
}

#[test]
fn the_largest_remainders_are_rounded_up() {
    assert_eq!(distribute(100, &[1, 1, 1]), [34, 33, 33]);
    assert_eq!(distribute(100, &[0, 1, 2]), [0, 33, 67]);
    assert_eq!(distribute(100, &[0, 0]), [0, 0]);
    assert_eq!(distribute(1, &[]), Vec::<i64>::new());
}

proptest! {
    #[test]
    fn parts_add_up_to_the_whole(amount in 0..=PRICE_MAX_MINOR * 100, weights in vec(0..=PRICE_MAX_MINOR, 1..100)) {
        let parts = distribute(amount, &weights);
        let whole = if weights.iter().sum::<i64>() == 0 { 0 } else { amount };
        prop_assert_eq!(parts.iter().sum::<i64>(), whole);
        prop_assert!(parts.iter().all(|part| (0..=amount).contains(part)));
    }

    #[test]
    fn a_part_is_never_larger_than_its_weight_if_the_whole_is_not(weights in vec(0..1_000_i64, 1..20), share in 0..=100_i64) {
        let amount = weights.iter().sum::<i64>() * share / 100;
        for (part, weight) in distribute(amount, &weights).iter().zip(&weights) {
            prop_assert!(part <= weight);
        }
    }

    #[test]
    fn tax_and_the_price_without_it_add_up(amount in 0..=PRICE_MAX_MINOR * 100, rates in vec(0..1_000_u32, 0..10)) {
        let rates: Vec<TaxRate> = rates.into_iter().map(|hundredths| rate("GST", hundredths)).collect();
        let tax: i64 = parts(amount, &rates).iter().sum();
        let sum: i64 = rates.iter().map(|rate| i64::from(rate.percent_hundredths)).sum();
        prop_assert!((0..=amount).contains(&tax));
        // To the nearest minor unit.
        let exact = i128::from(amount) * i128::from(sum);
        let off = i128::from(tax) * i128::from(10_000 + sum) - exact;
        prop_assert!(off.abs() * 2 <= i128::from(10_000 + sum));
    }
}

#[test]
fn the_fee_is_for_each_ticket_or_once() {
    let charges = |per| Charges { fee: Some(Fee { per, amount_minor: 500 }), tax_rates: Vec::new() };
    assert_eq!(charges(FeePer::Ticket).fees_minor(3), 1_500);
    assert_eq!(charges(FeePer::Booking).fees_minor(3), 500);
    assert_eq!(Charges::default().fees_minor(3), 0);
}

fn family() -> Terms {
    let child = TypeLimit { max: Some(2), needs_accessible: false, needs_type: Some(kind("adult")) };
    let companion = TypeLimit { max: None, needs_accessible: true, needs_type: None };
    Terms {
        limits: BTreeMap::from([(kind("child"), child), (kind("companion"), companion)]),
        ..Terms::default()
    }
}

#[test]
fn a_child_comes_with_an_adult_and_a_companion_with_a_wheelchair_place() {
    let (adult, child, companion) = (kind("adult"), kind("child"), kind("companion"));
    let check = |tickets: &[(&TicketType, bool)]| {
        family().check_limits(tickets).map_err(|(kind, limit)| (kind.0, limit))
    };
    assert_eq!(check(&[(&adult, false), (&child, false), (&child, true)]), Ok(()));
    assert_eq!(check(&[(&child, false)]), Err(("child".to_owned(), BrokenLimit::NeedsType(kind("adult")))));
    let three = [(&adult, false), (&child, false), (&child, false), (&child, false)];
    assert_eq!(check(&three), Err(("child".to_owned(), BrokenLimit::TooMany { max: 2 })));
    assert_eq!(check(&[(&adult, true), (&companion, false)]), Ok(()));
    let alone = Err(("companion".to_owned(), BrokenLimit::NeedsAccessible));
    assert_eq!(check(&[(&adult, false), (&companion, false)]), alone);
    // The companion's own seat does not count, nor does one wheelchair place for two companions.
    assert_eq!(check(&[(&adult, false), (&companion, true)]), alone);
    assert_eq!(check(&[(&adult, true), (&companion, false), (&companion, false)]), alone);
}
