//! Promotions, and logs in which they are used too often or without a use.

use ticketshow_domain::{
    PromotionId,
    promotion::{Code, Event, PromotionTerms, Reduction},
};

use super::*;

const PROMOTION: PromotionId = PromotionId(uuid::Uuid::from_u128(77));

/// A promotion that may be used once.
fn created() -> Step {
    let terms = PromotionTerms {
        reduction: Reduction::Percent(10),
        valid_from: None,
        valid_until: None,
        shows: [].into(),
        venues: [].into(),
        ticket_types: [].into(),
        weekdays: [].into(),
        uses_max: 1,
        uses_per_customer_max: None,
        name: None,
    };
    let (promotion, code, by) = (PROMOTION, Some(Code::new("tuesday")), customer());
    on_promotion(PROMOTION, Event::PromotionCreated { promotion, code, terms, by, fingerprint: None })
}

fn taken(n: u8) -> Step {
    on_promotion(PROMOTION, Event::UseTaken { booking: booking(n), customer: customer(), until: time(480) })
}

fn kept(n: u8) -> Step {
    on_promotion(PROMOTION, Event::UseKept { booking: booking(n) })
}

fn returned(n: u8) -> Step {
    on_promotion(PROMOTION, Event::UseReturned { booking: booking(n), kept: true })
}

/// A booking that is about to be paid with the discount.
fn about_to_pay() -> Vec<Step> {
    vec![reserved(1, &["A-1"]), created(), taken(1), kept(1), discounted(1, &["A-1"], PROMOTION)]
}

#[test]
fn a_code_is_used_as_often_as_it_allows() {
    let again = |more: Vec<Step>| with(prologue(), [vec![created(), taken(1)], more].concat());
    assert!(verify(&again(vec![kept(1), returned(1), taken(2)]), None).is_clean());
    breaks_only(Invariant::UsesWithinLimit, &again(vec![taken(2)]));
    breaks_only(Invariant::UsesWithinLimit, &again(vec![kept(1), taken(2)]));
    breaks_only(Invariant::UsesWithinLimit, &again(vec![kept(2)]));
}

#[test]
fn a_discount_has_a_use_until_its_booking_ends() {
    assert!(verify(&with(prologue(), about_to_pay()), None).is_clean());
    let without = vec![reserved(1, &["A-1"]), created(), taken(1), discounted(1, &["A-1"], PROMOTION)];
    assert!(broken(&with(prologue(), without)).contains(&Invariant::DiscountHasUse));
    breaks_only(Invariant::DiscountHasUse, &with(prologue(), with(about_to_pay(), vec![returned(1)])));

    let over = with(about_to_pay(), vec![booking_expired(1)]);
    assert!(verify(&with(prologue(), over.clone()), None).is_clean(), "its use is on the way back");
    let report = verify(&with(prologue(), over.clone()), Some(Timestamp::MAX));
    assert_eq!(
        report.violations.iter().map(|found| found.invariant).collect::<Vec<_>>(),
        [Invariant::DiscountHasUse]
    );
    assert!(verify(&with(prologue(), with(over, vec![returned(1)])), Some(Timestamp::MAX)).is_clean());
}
