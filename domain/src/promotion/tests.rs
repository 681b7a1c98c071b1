//! Rules of a promotion as given, when, then.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    SeatName, VenueId,
    examples::{Given, at, booking, fingerprint, pointers, show, user, uuid, venue},
    hold::PricedSeat,
    pricing::TicketType,
};

fn given(history: &[Event]) -> Given<Promotion> {
    Given::new(history)
}

fn terms(uses_max: u32, uses_per_customer_max: Option<u32>) -> PromotionTerms {
    PromotionTerms {
        reduction: Reduction::Percent(10),
        valid_from: Some(at(100)),
        valid_until: Some(at(10_000)),
        shows: [show()].into(),
        venues: [venue()].into(),
        ticket_types: [].into(),
        weekdays: [].into(),
        uses_max,
        uses_per_customer_max,
        name: None,
    }
}

#[test]
fn a_promotion_may_have_a_name_that_customers_read() {
    let named = |name: &str| PromotionTerms { name: Some(name.to_owned()), ..terms(1, None) };
    let tidy = created(named("  Tuesday   price "));
    assert_eq!(tidy, created(named("Tuesday price")));
    assert_eq!(created(named(" ")), created(terms(1, None)), "a blank name is none");
    let wrong = create("tuesday", named(&"x".repeat(61)), None);
    let Err(Refusal::Invalid(flaws)) = given(&[]).decide(wrong, at(0)) else { panic!("it is too long") };
    assert_eq!(pointers(&flaws), ["/name"]);
    let json = serde_json::to_value(named("Tuesday price")).unwrap();
    assert_eq!(json["name"], "Tuesday price");
    assert_eq!(serde_json::from_value::<PromotionTerms>(json).unwrap(), named("Tuesday price"));
    assert_eq!(
        serde_json::to_value(terms(1, None)).unwrap().get("name"),
        None,
        "as in the log of older versions"
    );
}

fn create(code: &str, terms: PromotionTerms, key: Option<&str>) -> Command {
    let (promotion, code, fingerprint) = (PromotionId(uuid(7)), Some(Code::new(code)), key.map(fingerprint));
    Command::CreatePromotion { promotion, code, terms, by: user(99), fingerprint }
}

fn created(terms: PromotionTerms) -> Event {
    given(&[]).decide(create("tuesday", terms, Some("body")), at(0)).unwrap().remove(0)
}

fn tuesday() -> Occasion {
    Occasion { show: show(), venue: venue(), day: Day::Tuesday }
}

fn take(n: u8, customer: u8) -> Command {
    let (booking, customer, until) = (booking(n), user(customer), at(1_000));
    Command::TakeUse { booking, customer, screening: tuesday(), until }
}

fn taken(n: u8, customer: u8) -> Event {
    Event::UseTaken { booking: booking(n), customer: user(customer), until: at(1_000) }
}

fn keep(n: u8) -> Command {
    Command::KeepUse { booking: booking(n) }
}

fn kept(n: u8) -> Event {
    Event::UseKept { booking: booking(n) }
}

fn give_back(n: u8) -> Command {
    Command::ReturnUse { booking: booking(n) }
}

fn returned(n: u8, kept: bool) -> Event {
    Event::UseReturned { booking: booking(n), kept }
}

#[test]
fn a_code_has_one_promotion_in_any_letter_case() {
    let event = created(terms(2, None));
    let Event::PromotionCreated { code, .. } = &event else { panic!("{event:?}") };
    assert_eq!(code.as_ref().map(Code::text), Some("TUESDAY"));
    assert_eq!(
        given(std::slice::from_ref(&event)).decide(create("tuesday", terms(2, None), Some("body")), at(0)),
        Ok(vec![])
    );
    for typed in ["Tues day", "\u{FEFF}TUESDAY", "ＴＵＥＳＤＡＹ"] {
        assert_eq!(Code::new(typed), Code::new("tuesday"), "{typed:?}");
    }
    assert_eq!(Code::new("two\u{2013}for"), Code::new("TWO-FOR"));
    for key in [None, Some("other")] {
        let again = given(std::slice::from_ref(&event)).decide(create("tuesday", terms(2, None), key), at(0));
        assert_eq!(again, Err(Refusal::CodeTaken));
    }
}

#[test]
fn wrong_terms_are_named() {
    let wrong = PromotionTerms {
        reduction: Reduction::Percent(0),
        valid_until: Some(at(100)),
        uses_per_customer_max: Some(0),
        ..terms(USES_LARGEST + 1, None)
    };
    let refused = given(&[]).decide(create("tuesday", wrong, None), at(0));
    let Err(Refusal::Invalid(flaws)) = refused else { panic!("{refused:?}") };
    assert_eq!(pointers(&flaws), ["/percent", "/valid_until", "/uses_max", "/uses_per_customer_max"]);
    for code in ["abc", "with ümlaut", &"X".repeat(33)] {
        let refused = given(&[]).decide(create(code, terms(1, None), None), at(0));
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{code}");
    }
}

#[test]
fn a_code_is_used_as_often_as_it_may_be() {
    let history = [created(terms(2, None)), taken(1, 1), taken(2, 2)];
    assert_eq!(given(&history).decide(take(1, 1), at(200)), Ok(vec![]));
    assert_eq!(given(&history).decide(take(3, 3), at(200)), Err(Refusal::UsedUp));
    // A use lapses with its hold, to the millisecond, unless it was kept.
    let paid = [&history[..], &[kept(1)]].concat();
    assert_eq!(given(&paid).0.uses(at(999)), 2);
    assert_eq!(given(&paid).0.uses(at(1_000)), 1);
    let later =
        Command::TakeUse { booking: booking(3), customer: user(3), screening: tuesday(), until: at(2_000) };
    assert!(given(&paid).decide(later.clone(), at(1_000)).is_ok());
    assert_eq!(given(&paid).decide(give_back(1), at(999)), Ok(vec![returned(1, true)]));
    let back = [&paid[..], &[returned(1, true), taken(3, 3)]].concat();
    assert_eq!(given(&back).0.uses(at(999)), 2);
    assert_eq!(given(&back).decide(give_back(1), at(999)), Ok(vec![]));
}

#[test]
fn the_use_of_a_sale_at_the_counter_counts_once_even_if_it_has_lapsed() {
    let count = |n| Command::CountUse { booking: booking(n), customer: user(n) };
    let history = [created(terms(2, None)), taken(1, 1)];
    assert_eq!(given(&[]).decide(count(1), at(200)), Err(Refusal::NotFound));
    assert_eq!(given(&history).decide(count(1), at(999)), Ok(vec![kept(1)]));
    let late = given(&history).decide(count(1), at(1_000)).unwrap();
    let until = at(1_000) + SALE_USE;
    assert_eq!(late, [Event::UseTaken { booking: booking(1), customer: user(1), until }, kept(1)]);
    let counted = given(&[&history[..], &late].concat());
    assert_eq!(counted.decide(count(1), at(9_000)), Ok(vec![]));
    assert_eq!(counted.0.uses(at(100_000)), 1);
    assert_eq!(counted.decide(give_back(1), at(9_000)), Ok(vec![returned(1, true)]));
}

#[test]
fn a_lapsed_use_is_not_kept() {
    let history = [created(terms(2, None)), taken(1, 1)];
    assert_eq!(given(&history).decide(keep(1), at(999)), Ok(vec![kept(1)]));
    assert_eq!(given(&history).decide(keep(1), at(1_000)), Err(Refusal::UsedUp));
    assert_eq!(given(&history).decide(keep(2), at(999)), Err(Refusal::UsedUp));
    let history = [&history[..], &[kept(1)]].concat();
    assert_eq!(given(&history).decide(keep(1), at(5_000)), Ok(vec![]));
}

#[test]
fn a_customer_uses_a_code_so_many_times() {
    let history = [created(terms(9, Some(1))), taken(1, 1)];
    assert_eq!(given(&history).decide(take(2, 1), at(200)), Err(Refusal::UsedUpByYou));
    assert_eq!(given(&history).decide(take(2, 2), at(200)), Ok(vec![taken(2, 2)]));
    assert_eq!(given(&history).decide(give_back(1), at(200)), Ok(vec![returned(1, false)]));
    let back = [&history[..], &[returned(1, false)]].concat();
    assert_eq!(given(&back).decide(take(2, 1), at(200)), Ok(vec![taken(2, 1)]));
}

#[test]
fn a_code_has_its_time_and_its_screenings() {
    let history = [created(terms(2, None))];
    assert_eq!(given(&history).decide(take(1, 1), at(99)), Err(Refusal::NotYet(at(100))));
    assert!(given(&history).decide(take(1, 1), at(100)).is_ok());
    assert_eq!(given(&history).decide(take(1, 1), at(10_000)), Err(Refusal::Ended(at(10_000))));
    let elsewhere = Command::TakeUse {
        booking: booking(1),
        customer: user(1),
        screening: Occasion { venue: VenueId(uuid(77)), ..tuesday() },
        until: at(1_000),
    };
    assert_eq!(given(&history).decide(elsewhere, at(200)), Err(Refusal::OtherScreening));
    let unknown = given(&[]).decide(take(1, 1), at(200));
    assert_eq!(unknown, Err(Refusal::NotFound));
}

#[test]
fn an_offer_of_a_weekday_is_for_screenings_of_that_day() {
    let weekday = PromotionTerms { weekdays: [Day::Tuesday].into(), ..terms(2, None) };
    assert!(weekday.is_for(tuesday()));
    assert!(!weekday.is_for(Occasion { day: Day::Monday, ..tuesday() }));
    // The day is that of the venue: Monday evening in London is Tuesday morning in Kolkata.
    let promise = crate::examples::promise();
    let starts_at = "2026-11-30T20:00:00Z".parse().unwrap();
    let promise = crate::promise::Promise { starts_at, timezone: "Asia/Kolkata".parse().unwrap(), ..promise };
    assert_eq!(promise.occasion().day, Day::Tuesday);
}

fn seat(name: usize, kind: &str, price_minor: i64) -> PricedSeat {
    PricedSeat {
        seat: SeatName(format!("A-{name}")),
        category: "gold".to_owned(),
        price_minor,
        ticket_type: TicketType(kind.to_owned()),
        discount_minor: 0,
    }
}

#[test]
fn only_tickets_of_its_types_cost_less() {
    let adults = PromotionTerms { ticket_types: [TicketType("adult".to_owned())].into(), ..terms(1, None) };
    let seats = [seat(1, "adult", 30_000), seat(2, "child", 15_000), seat(3, "adult", 10_000)];
    assert_eq!(adults.discounts(&seats), [3_000, 0, 1_000]);
    let amount = PromotionTerms { reduction: Reduction::AmountMinor(50_000), ..adults };
    assert_eq!(amount.discounts(&seats), [30_000, 0, 10_000]);
}

#[test]
fn a_use_is_passed_on_after_the_end_of_the_promotion_and_one_that_lapsed_is_not() {
    let (from, until) = (booking(1), at(20_000));
    let pass = |customer| {
        let (booking, customer) = (booking(2), user(customer));
        Command::PassUse { from, booking, customer, screening: tuesday(), until }
    };
    let history = [created(terms(1, Some(1))), Event::UseTaken { booking: from, customer: user(1), until }];
    let passed = Event::UseTaken { booking: booking(2), customer: user(1), until };
    let events = given(&history).decide(pass(1), at(10_000)).unwrap();
    assert_eq!(events.last(), Some(&passed));
    assert_eq!(
        given(&history).decide(pass(2), at(10_000)),
        Err(Refusal::Ended(at(10_000))),
        "of another customer"
    );
    assert_eq!(given(&history).decide(pass(1), until), Err(Refusal::Ended(at(10_000))), "it lapsed");
}

proptest! {
    #[test]
    fn discounts_add_up_and_never_exceed_a_price(
        prices in vec(0..1_000_000_i64, 1..20),
        percent in 1..=100_u8,
        amount in 1..2_000_000_i64,
    ) {
        let seats: Vec<PricedSeat> = prices.iter().enumerate().map(|(n, price)| seat(n, "adult", *price)).collect();
        let all: i64 = prices.iter().sum();
        let expected = [
            (Reduction::Percent(percent), (all * i64::from(percent) + 50) / 100),
            (Reduction::AmountMinor(amount), amount.min(all)),
        ];
        for (reduction, off) in expected {
            let discounts = PromotionTerms { reduction, ..terms(1, None) }.discounts(&seats);
            prop_assert_eq!(discounts.iter().sum::<i64>(), off);
            prop_assert!(discounts.iter().zip(&prices).all(|(off, price)| (0..=*price).contains(off)));
        }
    }

    /// However requests interleave, no more bookings count than the promotion allows.
    #[test]
    fn never_more_than_the_allowed_uses(steps in vec((0..4_u8, 0..8_u8, 0..50_i64), 1..200)) {
        let mut state = given(&[created(terms(3, Some(2)))]).0;
        let mut now = 200;
        for (kind, n, pause) in steps {
            now += pause;
            let until = at(now + 60);
            let (booking, customer) = (booking(n), user(n / 3));
            let command = match kind {
                0 => Command::TakeUse { booking, customer, screening: tuesday(), until },
                1 => Command::KeepUse { booking },
                2 => {
                    let from = crate::examples::booking(n / 2);
                    Command::PassUse { from, booking, customer, screening: tuesday(), until }
                }
                _ => Command::ReturnUse { booking },
            };
            if let Ok(events) = state.decide(&command, &crate::examples::context(at(now))) {
                for event in &events {
                    state.evolve(event);
                }
            }
            prop_assert!(state.uses(at(now)) <= 3);
        }
    }
}
