//! Sales at the counter: one commit decides the seats, against everybody who wants them.

use super::*;
use crate::{
    Fingerprint, Money, TillId,
    booking::PaymentMethod,
    counter::{Buyer, CounterSale, CounterSeat, SaleDiscount},
    examples::pointers,
    screening::WantedBlock,
};

fn sale(method: PaymentMethod) -> CounterSale {
    let till = (method == PaymentMethod::Cash).then(|| TillId(uuid(50)));
    CounterSale { payment: payment(7), method, till, by: user(99), reason: None, buyer: Buyer::default() }
}

fn free(reason: Option<&str>) -> CounterSale {
    CounterSale { reason: reason.map(ToOwned::to_owned), ..sale(PaymentMethod::Complimentary) }
}

fn wanted(names: &[&str], block: Option<u8>) -> Vec<CounterSeat> {
    let block = block.map(uuid);
    seats(names).into_iter().map(|seat| CounterSeat { seat, block, ticket_type: None }).collect()
}

fn sell_now(n: u8, seats: Vec<CounterSeat>, sale: CounterSale) -> Command {
    Command::SellAtCounter { booking: booking(n), customer: user(1), seats, sale, fingerprint: None }
}

fn sold_now(n: u8, names: &[&str], amount: Money, sale: CounterSale, seconds: i64) -> Event {
    Event::SeatsSoldAtCounter {
        booking: booking(n),
        customer: user(1),
        seats: seats(names),
        amount,
        sale,
        at: at(seconds),
        fingerprint: None,
        quote: Some(if amount.amount_minor == 0 { quoted(names).free() } else { quoted(names) }),
        promotion: None,
    }
}

fn cash(n: u8, names: &[&str]) -> Command {
    sell_now(n, wanted(names, None), sale(PaymentMethod::Cash))
}

fn price(names: &[&str]) -> Money {
    rupees(names.iter().map(|name| if name.starts_with('A') { 300 } else { 200 }).sum())
}

fn blocked(n: u8, names: &[&str], release_at: Option<i64>) -> Event {
    let wanted =
        WantedBlock { seats: seats(names), reason: "Press".to_owned(), release_at: release_at.map(at) };
    let command = Command::BlockSeats { block: uuid(n), wanted, by: user(99), fingerprint: None };
    given(&[opened()]).decide(command, at(0)).unwrap().remove(0)
}

fn unblocked(n: u8, names: &[&str], by: Option<u8>) -> Event {
    Event::BlockReleased { block: uuid(n), seats: seats(names), by: by.map(user), awaited: Vec::new() }
}

fn taken<T>(names: &[&str]) -> Result<T, Refusal> {
    Err(Refusal::SeatTaken(seats(names)))
}

#[test]
fn a_sale_takes_its_seats_in_one_commit_and_they_stay_sold() {
    let then = sold_now(1, &["A-1", "B-1"], price(&["A-1", "B-1"]), sale(PaymentMethod::Cash), 5);
    assert_eq!(given(&[opened()]).decide(cash(1, &["A-1", "B-1"]), at(5)), Ok(vec![then.clone()]));
    let history = [opened(), then];
    assert_eq!(given(&history).decide(reserve(2, 2, &["B-1"]), at(10_000)), taken(&["B-1"]));
    assert_eq!(given(&history).decide(cash(2, &["A-1"]), at(10_000)), taken(&["A-1"]));
    assert_eq!(given(&history).decide(Command::ReleaseLapsedHolds, at(10_000)), Ok(vec![]));
    assert_eq!(given(&history).0.next_lapse(), None, "there is no hold to lapse");
}

#[test]
fn a_held_seat_is_not_sold_at_the_counter_until_its_hold_lapses() {
    let history = [opened(), reserved(2, 2, &["A-1"], 480)];
    assert_eq!(given(&history).decide(cash(1, &["A-1"]), at(479)), taken(&["A-1"]));
    let then = given(&history).decide(cash(1, &["A-1"]), at(480)).unwrap();
    assert_eq!(then[0], released(2, &["A-1"], ReleaseReason::Lapsed));
    assert_eq!(then.len(), 2);
    let late = [history.as_slice(), &then].concat();
    assert_eq!(given(&late).decide(sell(2, 9), at(481)), taken(&["A-1"]), "a late payment goes back");
}

#[test]
fn seats_of_a_block_are_sold_only_to_a_sale_that_names_it() {
    let history = [opened(), blocked(60, &["A-1", "A-2"], None), blocked(61, &["B-1"], None)];
    assert_eq!(given(&history).decide(cash(1, &["A-1"]), at(0)), taken(&["A-1"]));
    let other = sell_now(1, wanted(&["A-1"], Some(61)), sale(PaymentMethod::Cash));
    assert_eq!(given(&history).decide(other, at(0)), taken(&["A-1"]));
    let own = sell_now(1, wanted(&["A-1"], Some(60)), sale(PaymentMethod::Upi));
    let then = vec![
        unblocked(60, &["A-1"], Some(99)),
        sold_now(1, &["A-1"], price(&["A-1"]), sale(PaymentMethod::Upi), 0),
    ];
    assert_eq!(given(&history).decide(own, at(0)), Ok(then.clone()));
    let after = [history.as_slice(), &then].concat();
    assert_eq!(given(&after).decide(reserve(2, 2, &["A-2"]), at(0)), taken(&["A-2"]), "the rest stays");
    let release = Command::ReleaseBlock { block: uuid(60), by: user(98) };
    assert_eq!(given(&after).decide(release, at(1)), Ok(vec![unblocked(60, &["A-2"], Some(98))]));
}

#[test]
fn a_block_that_is_over_is_released_as_a_whole_before_the_sale() {
    let history = [opened(), blocked(60, &["A-1", "A-2"], Some(100))];
    for block in [None, Some(60)] {
        let then =
            given(&history).decide(sell_now(1, wanted(&["A-1"], block), sale(PaymentMethod::Upi)), at(100));
        assert_eq!(then.unwrap()[0], unblocked(60, &["A-1", "A-2"], None));
    }
}

#[test]
fn complimentary_tickets_cost_nothing_and_need_a_reason() {
    let then = given(&[opened()]).decide(sell_now(1, wanted(&["A-1"], None), free(Some(" Press "))), at(0));
    let nothing = Money { amount_minor: 0, ..price(&["A-1"]) };
    assert_eq!(then, Ok(vec![sold_now(1, &["A-1"], nothing, free(Some("Press")), 0)]));
    for reason in [None, Some(" "), Some(&*"x".repeat(201))] {
        match given(&[opened()]).decide(sell_now(1, wanted(&["A-1"], None), free(reason)), at(0)) {
            Err(Refusal::Invalid(flaws)) => assert_eq!(pointers(&flaws), ["/reason"]),
            other => panic!("{other:?}"),
        }
    }
    let state = given(&[opened(), sold_now(1, &["A-1"], nothing, free(Some("Press")), 0)]).0;
    let reservation = state.reservation(super::screening(1), booking(1)).unwrap();
    assert_eq!((reservation.amount, reservation.seats[0].price_minor), (nothing, 0));
}

#[test]
fn cash_needs_an_open_till() {
    let without = CounterSale { till: None, ..sale(PaymentMethod::Cash) };
    let refused = given(&[opened()]).decide(sell_now(1, wanted(&["A-1"], None), without), at(0));
    assert_eq!(refused, Err(Refusal::NoOpenTill));
    let machine = sell_now(1, wanted(&["A-1"], None), sale(PaymentMethod::CardTerminal));
    assert!(given(&[opened()]).decide(machine, at(0)).is_ok());
}

#[test]
fn the_counter_sells_until_the_end_of_the_screening() {
    let end = given(&[opened()]).0.promise().unwrap().ends_at;
    let before = end - jiff::SignedDuration::from_millis(1);
    assert!(before > at(START));
    assert!(given(&[opened()]).decide(cash(1, &["A-1"]), before).is_ok());
    assert_eq!(given(&[opened()]).decide(cash(1, &["A-1"]), end), Err(Refusal::Over(end)));
    let history = [opened(), cancelled()];
    assert_eq!(given(&history).decide(cash(1, &["A-1"]), at(0)), Err(Refusal::ScreeningCancelled));
}

#[test]
fn a_sale_names_each_seat_once_and_only_seats_that_exist() {
    let decide = |names: &[&str]| given(&[opened()]).decide(cash(1, names), at(0));
    assert_eq!(decide(&[]), Err(Refusal::SeatCount { max: crate::Policy::BOOKING_SEATS_LARGEST }));
    assert_eq!(decide(&["A-1", "A-1"]), Err(Refusal::DuplicateSeat(seats(&["A-1"]).remove(0))));
    assert_eq!(decide(&["Z-1"]), Err(Refusal::UnknownSeat(seats(&["Z-1"]).remove(0))));
}

#[test]
fn a_price_is_that_of_a_sale_so_it_names_seats_too() {
    let max = crate::Policy::BOOKING_SEATS_LARGEST;
    let price = |seats: &[CounterSeat]| given(&[opened()]).0.counter_quote(seats);
    assert_eq!(price(&[]), Err(Refusal::SeatCount { max }));
    let many = vec![wanted(&["A-1"], None).remove(0); max + 1];
    assert_eq!(price(&many), Err(Refusal::SeatCount { max }));
    assert!(price(&wanted(&["A-1"], None)).is_ok());
}

#[test]
fn a_repeated_sale_changes_nothing_and_another_with_its_key_is_refused() {
    let mut history = vec![opened()];
    history.extend(given(&history).decide(cash(1, &["A-1"]), at(0)).unwrap());
    assert_eq!(given(&history).decide(cash(1, &["A-1"]), at(1)), Ok(vec![]));
    let closed_till = CounterSale { till: None, ..sale(PaymentMethod::Cash) };
    let repeat = sell_now(1, wanted(&["A-1"], None), closed_till);
    assert_eq!(given(&history).decide(repeat, at(1)), Ok(vec![]), "the till may be closed by now");
    let other = Command::SellAtCounter {
        booking: booking(1),
        customer: user(1),
        seats: wanted(&["A-2"], None),
        sale: sale(PaymentMethod::Cash),
        fingerprint: Some(Fingerprint("f".repeat(32))),
    };
    assert_eq!(given(&history).decide(other, at(1)), Err(Refusal::KeyReused));
}

#[test]
fn seats_of_a_cancelled_sale_are_free_again() {
    let mut history = vec![opened()];
    history.extend(given(&history).decide(cash(1, &["A-1"]), at(0)).unwrap());
    let release = Command::ReleaseSeats { booking: booking(1), reason: ReleaseReason::CancelledByHouse };
    let then = vec![released(1, &["A-1"], ReleaseReason::CancelledByHouse)];
    assert_eq!(given(&history).decide(release, at(1)), Ok(then));
}

#[test]
fn a_sale_for_less_is_decided_with_its_discount_at_the_prices_that_it_was_computed_for() {
    let promotion = crate::PromotionId(uuid(50));
    let sell = |seats_minor: Vec<i64>, full_minor, sale| Command::SellDiscounted {
        booking: booking(1),
        customer: user(1),
        seats: wanted(&["A-1", "B-1"], None),
        sale,
        fingerprint: None,
        discount: SaleDiscount { promotion, seats_minor, full_minor },
    };
    let upi = || sale(PaymentMethod::Upi);
    let full = price(&["A-1", "B-1"]).amount_minor;
    let then = given(&[opened()]).decide(sell(vec![3_000, 2_000], full, upi()), at(5)).unwrap();
    let [Event::SeatsSoldAtCounter { amount, quote: Some(quote), promotion: from, .. }] = &then[..] else {
        panic!("{then:?}");
    };
    assert_eq!(
        (amount.amount_minor, quote.total_minor(), *from),
        (full - 5_000, full - 5_000, Some(promotion))
    );
    let sold = given(&[&[opened()], &then[..]].concat());
    let reservation = sold.0.reservation(screening(1), booking(1)).unwrap();
    assert_eq!(reservation.amount.amount_minor, full - 5_000);
    assert_eq!(reservation.seats.iter().map(|seat| seat.discount_minor).collect::<Vec<_>>(), [3_000, 2_000]);
    assert_eq!(sold.decide(sell(vec![3_000, 2_000], full, upi()), at(6)), Ok(vec![]), "a repeat");

    let changed = Err(Refusal::PricesChanged);
    for (seats_minor, full_minor) in [
        (vec![3_000, 2_000], full - 1),
        (vec![3_000], full),
        (vec![-1, 2_000], full),
        (vec![30_001, 0], full),
    ] {
        assert_eq!(given(&[opened()]).decide(sell(seats_minor, full_minor, upi()), at(5)), changed.clone());
    }
    let gift = given(&[opened()]).decide(sell(vec![0, 0], full, free(Some("Press"))), at(5));
    assert_eq!(gift, changed, "what is free has no discount");
}
