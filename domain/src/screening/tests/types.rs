//! Ticket types: prices, limits and the seats that stay when some are given back.

use std::collections::BTreeMap;

use super::*;
use crate::{
    booking::{CancelledBy, PaymentMethod},
    counter::{Buyer, CounterSale, CounterSeat},
    pricing::{BrokenLimit, Charges, Fee, FeePer, TicketType, TypeLimit, WantedSeat},
    promise::Promise,
    screening::{MovedSeats, Wish},
    seat_return::{RefundWay, SeatReturn},
};

fn kind(name: &str) -> TicketType {
    TicketType(name.to_owned())
}

/// Gold seats for adults and children, a rupee fee per ticket; one price for silver seats.
fn family() -> Event {
    let mut promise = promise();
    let prices = BTreeMap::from([(kind("adult"), 30_000), (kind("child"), 15_000)]);
    promise.terms.type_prices = BTreeMap::from([("gold".to_owned(), prices)]);
    let limit = TypeLimit { max: Some(2), needs_accessible: false, needs_type: Some(kind("adult")) };
    promise.terms.limits = BTreeMap::from([(kind("child"), limit)]);
    promise.terms.charges =
        Charges { fee: Some(Fee { per: FeePer::Ticket, amount_minor: 100 }), tax_rates: vec![] };
    Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise) }
}

fn want(seat: &str, ticket_type: Option<&str>) -> WantedSeat {
    WantedSeat { seat: SeatName(seat.to_owned()), ticket_type: ticket_type.map(kind), wheelchair: false }
}

fn reserve_typed(wanted: &[(&str, Option<&str>)]) -> Command {
    let seats = wanted.iter().map(|(seat, ticket_type)| want(seat, *ticket_type)).collect();
    Command::ReserveSeats { booking: booking(1), customer: user(1), seats, fingerprint: None }
}

fn decide(wanted: &[(&str, Option<&str>)]) -> Result<Vec<Event>, Refusal> {
    given(&[family()]).decide(reserve_typed(wanted), at(0))
}

#[test]
fn seats_cost_what_their_types_cost_and_the_fee_is_added() {
    let events = decide(&[("A-1", Some("adult")), ("A-2", Some("child")), ("B-1", None)]).unwrap();
    let [Event::SeatsReserved { amount, quote: Some(quote), .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!(amount.amount_minor, 30_000 + 15_000 + 20_000 + 300);
    let types: Vec<&str> = quote.lines.iter().map(|line| line.ticket_type.0.as_str()).collect();
    assert_eq!(types, ["adult", "child", "standard"]);

    let state = given(&[vec![family()], events.clone()].concat()).0;
    let reservation = state.reservation(screening(1), booking(1)).unwrap();
    assert_eq!(reservation.seats, quote.lines);
    assert_eq!(reservation.charges.total_minor(&reservation.seats), amount.amount_minor);
}

#[test]
fn a_type_is_named_where_there_are_several() {
    let name = |seat: &str| SeatName(seat.to_owned());
    assert_eq!(decide(&[("A-1", None)]), Err(Refusal::TicketTypeMissing { number: 0, seat: name("A-1") }));
    let unknown = |number, name| Err(Refusal::UnknownTicketType { number, ticket_type: kind(name) });
    assert_eq!(decide(&[("A-1", Some("senior"))]), unknown(0, "senior"));
    assert_eq!(decide(&[("A-1", Some("adult")), ("B-1", Some("adult"))]), unknown(1, "adult"));
    assert!(decide(&[("B-1", Some("standard"))]).is_ok());
}

#[test]
fn a_booking_keeps_to_the_limits_of_its_types() {
    let refused = |limit| Err(Refusal::TicketTypeLimit { ticket_type: kind("child"), limit });
    assert_eq!(decide(&[("A-1", Some("child"))]), refused(BrokenLimit::NeedsType(kind("adult"))));
    let three =
        [("A-1", Some("adult")), ("A-2", Some("child")), ("A-3", Some("child")), ("A-4", Some("child"))];
    assert_eq!(decide(&three), refused(BrokenLimit::TooMany { max: 2 }));
    assert!(decide(&three[..3]).is_ok());
}

fn give_back(by: CancelledBy, name: &str) -> Command {
    let (id, refund) = (payment(9), RefundWay::Original);
    let (seats, reason, fingerprint, counter) = (seats(&[name]), None, None, None);
    let returned = SeatReturn { id, seats, by, refund, reason, fingerprint, counter };
    Command::TakeBackSeats { booking: booking(1), returned }
}

fn sold_family() -> Vec<Event> {
    let reserved = decide(&[("A-1", Some("adult")), ("A-2", Some("child"))]).unwrap();
    [vec![family()], reserved, vec![sold(1, 1, 1, &["A-1", "A-2"])]].concat()
}

#[test]
fn a_customer_cannot_leave_a_child_alone_but_the_house_can() {
    let refusal =
        Refusal::TicketTypeLimit { ticket_type: kind("child"), limit: BrokenLimit::NeedsType(kind("adult")) };
    let family = sold_family();
    assert_eq!(given(&family).decide(give_back(CancelledBy::Customer, "A-1"), at(0)), Err(refusal));
    assert!(given(&family).decide(give_back(CancelledBy::House, "A-1"), at(0)).is_ok());
}

#[test]
fn the_seats_that_stay_keep_their_prices() {
    let family = sold_family();
    let events = given(&family).decide(give_back(CancelledBy::Customer, "A-2"), at(0)).unwrap();
    let state = given(&[family, events].concat()).0;
    assert_eq!(state.claim(booking(1)).unwrap().amount.amount_minor, 30_100);
    let left = state.reservation(screening(1), booking(1)).unwrap();
    assert_eq!(left.seats.iter().map(|line| line.price_minor).collect::<Vec<_>>(), [30_000]);
}

#[test]
fn a_move_brings_its_types_and_prices_along() {
    let state = given(&[family()]).0;
    let target = |wanted: &[WantedSeat]| state.move_target(screening(1), wanted);
    let to = target(&[want("A-3", Some("adult")), want("A-4", Some("child"))]).unwrap();
    assert_eq!(to.amount().amount_minor, 45_200);
    assert_eq!(
        target(&[want("B-1", Some("adult"))]),
        Err(Refusal::UnknownTicketType { number: 0, ticket_type: kind("adult") })
    );
    let limit = BrokenLimit::NeedsType(kind("adult"));
    let alone = Refusal::TicketTypeLimit { ticket_type: kind("child"), limit };
    assert_eq!(target(&[want("A-4", Some("child"))]), Err(alone));

    let moved = MovedSeats {
        booking: booking(1),
        customer: user(1),
        payment: payment(1),
        id: payment(8),
        seats: to.new_seats(),
        wheelchairs: Vec::new(),
        given: None,
        starts_at: to.starts_at,
        amount: to.amount(),
        quote: to.quote(),
        by: CancelledBy::Customer,
    };
    let events = given(&[family()]).decide(Command::MoveIn(moved), at(0)).unwrap();
    let state = given(&[vec![family()], events].concat()).0;
    assert_eq!(state.ticket_types(booking(1), &seats(&["A-4", "A-3"])), [kind("child"), kind("adult")]);
    assert_eq!(state.reservation(screening(1), booking(1)).unwrap().seats, to.seats);
}

#[test]
fn an_offer_has_the_unrestricted_type_of_each_seat() {
    let mut promise = promise();
    let prices =
        |minors: [i64; 3]| ["child", "general", "senior"].map(kind).into_iter().zip(minors).collect();
    promise.terms.type_prices = BTreeMap::from([
        ("gold".to_owned(), prices([9_000, 8_000, 8_000])),
        ("silver".to_owned(), BTreeMap::from([(kind("standard"), 100), (kind("adult"), 200)])),
    ]);
    let limit = TypeLimit { max: Some(2), needs_accessible: false, needs_type: None };
    promise.terms.limits = BTreeMap::from([(kind("child"), limit.clone()), (kind("senior"), limit)]);
    assert_eq!(promise.unrestricted("gold"), Some((kind("general"), 8_000)));
    assert_eq!(promise.unrestricted("silver"), Some((kind("standard"), 100)));
    assert_eq!(promise.unrestricted("bronze"), None);

    let (customer, wish) =
        (user(2), Wish { seats: 1, categories: vec!["gold".to_owned()], wheelchair: false });
    let state = [
        Event::ScreeningOpened { screening: screening(1), promise: Arc::new(promise) },
        reserved(1, 1, &["A-1"], 480),
        Event::WaitingListJoined { place: uuid(7), customer, wish, number: 0, at: at(0), fingerprint: None },
    ];
    let events = given(&state).decide(release(1, ReleaseReason::CancelledByCustomer), at(1)).unwrap();
    let [_, Event::SeatsReserved { amount, quote: Some(quote), .. }, _] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((amount.amount_minor, &quote.lines[0].ticket_type), (8_000, &kind("general")));
}

#[test]
fn a_gift_at_the_counter_has_its_type_and_no_fee() {
    let seat = |name: &str, ticket_type| CounterSeat {
        seat: SeatName(name.to_owned()),
        block: None,
        ticket_type: Some(kind(ticket_type)),
    };
    let sale = |method| CounterSale {
        payment: payment(1),
        method,
        till: None,
        by: user(9),
        reason: Some("Press".to_owned()),
        buyer: Buyer::default(),
    };
    let sell = |method| {
        let seats = vec![seat("A-1", "adult"), seat("A-2", "child")];
        let (booking, customer, sale) = (booking(1), user(1), sale(method));
        let command = Command::SellAtCounter { booking, customer, seats, sale, fingerprint: None };
        given(&[family()]).decide(command, at(0)).unwrap()
    };
    for (method, total_minor) in [(PaymentMethod::Upi, 45_200), (PaymentMethod::Complimentary, 0)] {
        let events = sell(method);
        let [Event::SeatsSoldAtCounter { amount, .. }] = &events[..] else { panic!("{events:?}") };
        assert_eq!(amount.amount_minor, total_minor);
        let reservation =
            given(&[vec![family()], events].concat()).0.reservation(screening(1), booking(1)).unwrap();
        assert_eq!(reservation.seats[1].ticket_type, kind("child"));
        assert_eq!(reservation.charges.total_minor(&reservation.seats), total_minor);
    }
}

#[test]
fn a_promise_of_an_older_version_has_one_type() {
    let mut old = serde_json::to_value(promise()).unwrap();
    old.as_object_mut().unwrap().remove("terms");
    assert_eq!(serde_json::from_value::<Promise>(old).unwrap(), promise());
}
