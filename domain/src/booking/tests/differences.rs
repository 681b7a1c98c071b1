//! Differences that are payments of their own, and refunds that several payments share.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*};

use super::{
    moving::{complete, moved, new_tickets, paid, refused_move, request, requested_move, target, wanted},
    *,
};
use crate::{
    Money, PaymentId,
    examples::seats,
    seat_move::{MoveRefusal, MoveTarget, SeatMove, Settlement, WantedMove},
    seat_return::{RefundWay, SeatReturn},
};
use CancelledBy::{Customer, House};
use PaymentMethod::{Card, Wallet};
use Settlement::Pay;

fn by_card(more: &[Event]) -> Given<Booking> {
    given(&[paid(Card), more.to_vec()].concat())
}

/// The booking of A-1, which a card paid, moves to a seat that costs 150 rupees more.
fn dearer(id: u8, apart: PaymentMethod) -> SeatMove {
    let pay_until = (apart == Card).then(|| at(600));
    let (to_pay, apart) = (Some(rupees(150)), Some(apart));
    SeatMove { method: Card, to_pay, apart, pay_until, ..wanted(id, target(2, "A-2", 450), Pay) }
}

fn ask(id: u8, method: Option<PaymentMethod>) -> Command {
    let (id, to, by, reason, fingerprint) = (payment(id), target(2, "A-2", 450), Customer, None, None);
    Command::RequestMove { wanted: WantedMove { id, to, settle: Pay, method, by, reason, fingerprint } }
}

fn paid_move(wanted: SeatMove) -> Event {
    Event::MovePaid { booking: booking(1), customer: user(1), wanted }
}

fn pay(id: u8) -> Command {
    Command::PayMove { id: payment(id) }
}

fn end(reason: MoveRefusal) -> Command {
    Command::RefuseMove { id: payment(8), reason, seats: vec![] }
}

#[test]
fn a_card_pays_a_difference_before_the_booking_moves() {
    let open = requested_move(dearer(8, Card));
    assert_eq!(by_card(&[]).decide(ask(8, None), at(0)), Ok(vec![open.clone()]));
    assert_eq!(by_card(&[]).decide(ask(8, Some(Card)), at(0)), Ok(vec![open.clone()]));
    let asked = by_card(std::slice::from_ref(&open));
    assert_eq!(asked.decide(ask(9, None), at(0)), Err(Refusal::MoveInProgress));
    assert_eq!(asked.decide(complete(8), at(0)), Err(Refusal::MoveNotPaid));
    let paid = paid_move(dearer(8, Card));
    assert_eq!(asked.decide(pay(8), at(0)), Ok(vec![paid.clone()]));

    let paid = by_card(&[open, paid]);
    assert_eq!(paid.decide(pay(8), at(0)), Ok(vec![]));
    for late in [MoveRefusal::GivenUp, MoveRefusal::NotPaid] {
        assert_eq!(paid.decide(end(late), at(0)), Err(Refusal::MoveInProgress), "the money is there");
    }
    assert_eq!(paid.decide(complete(8), at(0)), Ok(vec![moved(dearer(8, Card))]));
}

#[test]
fn an_open_checkout_can_be_given_up_and_its_money_comes_too_late() {
    for reason in [MoveRefusal::GivenUp, MoveRefusal::NotPaid] {
        let open = requested_move(dearer(8, Card));
        let over = refused_move(dearer(8, Card), reason);
        assert_eq!(by_card(std::slice::from_ref(&open)).decide(end(reason), at(0)), Ok(vec![over.clone()]));
        let over = by_card(&[open, over]);
        assert_eq!(over.decide(end(reason), at(0)), Ok(vec![]));
        assert_eq!(over.decide(pay(8), at(0)), Err(Refusal::MoveOver));
        assert!(over.decide(ask(9, None), at(0)).is_ok());
    }
    let from_wallet = by_card(&[requested_move(dearer(8, Wallet))]);
    assert_eq!(from_wallet.decide(end(MoveRefusal::GivenUp), at(0)), Err(Refusal::MoveInProgress));
}

#[test]
fn a_wallet_pays_a_difference_too_but_no_card_that_of_a_wallet() {
    let asked = by_card(&[]).decide(ask(8, Some(Wallet)), at(0));
    assert_eq!(asked, Ok(vec![requested_move(dearer(8, Wallet))]));
    let refused = given(&paid(Wallet)).decide(ask(8, Some(Card)), at(0));
    assert_eq!(refused, Err(Refusal::PaidOtherwise(rupees(150))));
    let refused = given(&paid(PaymentMethod::Cash)).decide(ask(8, None), at(0));
    assert_eq!(refused, Err(Refusal::PaidOtherwise(rupees(150))));
}

#[test]
fn a_cancellation_refunds_each_payment_what_it_took() {
    for apart in [Card, Wallet] {
        let moved = [requested_move(dearer(8, apart)), moved(dearer(8, apart))];
        let Ok(events) = by_card(&moved).decide(cancel(House), at(0)) else { panic!("it can be cancelled") };
        let [Event::SeatsReturned { returned, due, .. }, Event::BookingCancelled { refund_due, .. }] =
            &events[..]
        else {
            panic!("{events:?}")
        };
        assert_eq!((returned.seats.len(), returned.refund), (0, RefundWay::Original));
        let amount = rupees(150);
        assert_eq!(*due, RefundDue { payment: payment(8), method: apart, amount, to: None });
        assert_eq!(*refund_due, Some(RefundDue { amount: rupees(300), ..super::due(1, Card) }));
        let after = given(&[paid(Card), moved.to_vec(), events.clone()].concat());
        let opened = after.0.opened.as_ref().unwrap();
        assert_eq!(opened.contributed_minor(booking(1).0), 15_000);
        assert_eq!(opened.kept().amount_minor, 0);
        assert!(opened.is_paid_by(payment(8)) && opened.is_paid_by(payment(1)));
        assert!(!opened.is_paid_by(payment(9)));
        // Each is recorded by itself.
        let (target, amount) = (RefundTarget::Card, rupees(150));
        let record = Command::RecordRefund { payment: returned.id, target, amount };
        let recorded = after.decide(record, at(0));
        assert!(matches!(recorded.as_deref(), Ok([Event::ReturnRefunded { .. }])), "{recorded:?}");
    }
}

#[test]
fn cheaper_seats_after_dearer_ones_take_from_the_difference_first() {
    let history = [requested_move(dearer(8, Card)), moved(dearer(8, Card))];
    // 200 rupees less: 150 of the difference, and 50 of the payment that bought the booking.
    let cheaper = request(9, target(2, "A-3", 250), Settlement::Refund, Customer);
    let Ok(asked) = by_card(&history).decide(cheaper, at(0)) else { panic!("it may move") };
    let [Event::MoveRequested { wanted, .. }] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((wanted.payment, wanted.due), (payment(1), Some(rupees(50))));
    let asked = by_card(&[history.to_vec(), asked.clone()].concat());
    let Ok(done) = asked.decide(complete(9), at(0)) else { panic!("it moves") };
    let [Event::SeatsReturned { due, .. }, Event::BookingMoved { .. }] = &done[..] else {
        panic!("{done:?}")
    };
    assert_eq!((due.payment, due.amount), (payment(8), rupees(150)));
}

/// Money that each payment took and gave back, in minor units.
fn flows(history: &[Event]) -> BTreeMap<PaymentId, (i64, i64)> {
    let mut flows: BTreeMap<PaymentId, (i64, i64)> = BTreeMap::new();
    let mut note = |payment, took: Option<Money>, back: Option<Money>| {
        let flow = flows.entry(payment).or_default();
        flow.0 += took.map_or(0, |took| took.amount_minor);
        flow.1 += back.map_or(0, |back| back.amount_minor);
    };
    for event in history {
        if let Event::BookingConfirmed { payment, amount, .. } = event {
            note(*payment, Some(*amount), None);
        }
        if let Event::BookingMoved { moved, .. } = event {
            let payer = if moved.apart.is_some() { moved.id } else { moved.payment };
            note(payer, moved.to_pay, None);
            note(moved.payment, None, moved.due);
        }
        if let Event::SeatsReturned { due, .. } | Event::BookingCancelled { refund_due: Some(due), .. } =
            event
        {
            note(due.payment, None, Some(due.amount));
        }
    }
    flows
}

/// An action on a booking.
#[derive(Debug, Clone)]
enum Act {
    /// All its seats are exchanged for others at this price each.
    Move(i64, Option<PaymentMethod>),
    /// Its first seat is given back.
    GiveBack(RefundWay),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let method = prop_oneof![Just(None), Just(Some(Wallet)), Just(Some(Card))];
    let way = prop_oneof![Just(RefundWay::Original), Just(RefundWay::Wallet)];
    let act = prop_oneof![
        3 => (1..600_i64, method).prop_map(|(price, method)| Act::Move(price, method)),
        1 => way.prop_map(Act::GiveBack),
    ];
    vec(act, 0..8)
}

/// Decides a command that may be refused, and appends its events.
fn attempt(history: &mut Vec<Event>, command: Command) -> bool {
    match given(history).decide(command, at(0)) {
        Ok(events) => {
            history.extend(events);
            true
        }
        Err(_) => false,
    }
}

fn act(history: &mut Vec<Event>, n: u8, act: &Act) {
    let opened = given(history).0.opened.unwrap();
    match *act {
        Act::Move(price, method) => {
            let seat = |place: usize| gold(&format!("M{n}-{place}"), price * 100);
            let to =
                MoveTarget { seats: (0..opened.left.len()).map(seat).collect(), ..target(2, "A-2", price) };
            let (id, by, reason, fingerprint) = (payment(100 + n), House, None, None);
            let wanted = WantedMove { id, to, settle: Pay, method, by, reason, fingerprint };
            if attempt(history, Command::RequestMove { wanted }) {
                attempt(history, Command::PayMove { id });
                assert!(attempt(history, Command::CompleteMove { id, tickets: new_tickets() }));
            }
        }
        Act::GiveBack(refund) if opened.left.len() > 1 => {
            let (id, names) = (payment(50 + n), vec![opened.left[0].seat.clone()]);
            let (by, reason, fingerprint, counter) = (House, None, None, None);
            let returned = SeatReturn { id, seats: names, by, refund, reason, fingerprint, counter };
            assert!(attempt(history, Command::ReturnSeats { returned }));
        }
        Act::GiveBack(_) => {}
    }
}

proptest! {
    #[test]
    fn no_payment_gives_back_more_than_it_took_and_in_the_end_each_gives_back_all(
        by_card in any::<bool>(),
        acts in acts(),
    ) {
        let mut history = super::returning::paid(if by_card { Card } else { Wallet });
        for (n, one) in acts.iter().enumerate() {
            act(&mut history, u8::try_from(n).unwrap(), one);
            for (payment, (took, back)) in flows(&history) {
                prop_assert!(back <= took, "{payment} took {took} and gave {back} back: {history:?}");
            }
            let worth = given(&history).0.opened.unwrap().amount().amount_minor;
            let left: i64 = flows(&history).values().map(|(took, back)| took - back).sum();
            prop_assert_eq!(left, worth, "what the seats cost is what is left");
        }
        prop_assert!(attempt(&mut history, cancel(House)));
        for (payment, (took, back)) in flows(&history) {
            prop_assert_eq!(took, back, "{} in {:?}", payment, history);
        }
    }
}

#[test]
fn a_seat_given_back_takes_from_the_difference_first_and_then_from_the_original() {
    let mut history = super::returning::paid(Card);
    // Three seats for 800 rupees become three for 300 each.
    act(&mut history, 0, &Act::Move(300, Some(Card)));
    let before = history.len();
    act(&mut history, 1, &Act::GiveBack(RefundWay::Original));
    let dues: Vec<_> = history[before..]
        .iter()
        .map(|event| {
            let Event::SeatsReturned { returned, due, .. } = event else { panic!("{event:?}") };
            (returned.seats.clone(), due.payment, due.amount.amount_minor)
        })
        .collect();
    assert_eq!(dues, [(vec![], payment(100), 10_000), (seats(&["M0-0"]), payment(1), 20_000)]);
    let opened = given(&history).0.opened.unwrap();
    assert_eq!(opened.contributed_minor(payment(51).0), 10_000);
    assert!(opened.is_paid_by(payment(100)) && !opened.has_money_of(payment(100)), "nothing of it is left");
    assert!(opened.has_money_of(payment(1)));
}
