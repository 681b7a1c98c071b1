//! Bookings that were sold at the counter: opened as sold, and their money handed back at the counter.

use super::*;
use crate::{
    TillId,
    counter::{Buyer, CounterRefund, CounterSale},
};

fn sale(by: u8, method: PaymentMethod) -> CounterSale {
    let (payment, till) = (payment(by), Some(TillId(uuid(50))));
    CounterSale { payment, method, till, by: user(99), reason: None, buyer: Buyer::default() }
}

fn tickets() -> Vec<Ticket> {
    vec![Ticket { seat: SeatName("A-1".into()), code: "code".to_owned() }]
}

fn open_sold(by: u8, method: PaymentMethod) -> Command {
    let amount = if method == PaymentMethod::Complimentary { rupees(0) } else { rupees(300) };
    let reservation = Reservation { amount, ..reservation() };
    Command::OpenSold { reservation, sale: sale(by, method), tickets: tickets() }
}

/// The commit of a sale.
fn sold(method: PaymentMethod) -> Vec<Event> {
    given(&[]).decide(open_sold(7, method), at(0)).unwrap()
}

/// A sold booking that the house cancelled.
fn cancelled_sale(method: PaymentMethod) -> Vec<Event> {
    let mut history = sold(method);
    history.extend(given(&history).decide(call_off(), at(0)).unwrap());
    history
}

fn hand_back(n: u8, target: PaymentMethod) -> Command {
    let till = (target == PaymentMethod::Cash).then(|| TillId(uuid(51)));
    Command::RefundAtCounter { target, counter: CounterRefund { refund: uuid(n), till, by: user(98) } }
}

#[test]
fn a_sale_opens_and_confirms_its_booking_in_one_commit() {
    let events = sold(PaymentMethod::Cash);
    let [Event::BookingOpened { sale: Some(_), .. }, Event::PaymentAttemptStarted { .. }, confirmed] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert!(
        matches!(confirmed, Event::BookingConfirmed { method: PaymentMethod::Cash, tickets: ours, .. } if *ours == tickets())
    );
    let state = given(&events).0.opened.unwrap();
    assert_eq!((state.status, state.tickets.len()), (BookingStatus::Confirmed, 1));
    assert_eq!(given(&events).decide(open_sold(7, PaymentMethod::Cash), at(9)), Ok(vec![]), "a repeat");
    assert_eq!(given(&events).decide(open_sold(8, PaymentMethod::Cash), at(9)), Err(Refusal::KeyReused));
    let gone = cancelled_sale(PaymentMethod::Cash);
    assert_eq!(given(&gone).decide(open_sold(7, PaymentMethod::Cash), at(9)), Ok(vec![]), "cancelled since");
}

#[test]
fn money_of_a_cancelled_sale_is_owed_unless_the_tickets_were_free() {
    let due = |method| match cancelled_sale(method).pop() {
        Some(Event::BookingCancelled { refund_due, .. }) => refund_due,
        other => panic!("{other:?}"),
    };
    for method in [PaymentMethod::Cash, PaymentMethod::CardTerminal, PaymentMethod::Upi] {
        assert_eq!(due(method), Some(super::due(7, method)));
    }
    assert_eq!(due(PaymentMethod::Complimentary), None);
}

#[test]
fn money_is_handed_back_once() {
    let history = cancelled_sale(PaymentMethod::CardTerminal);
    let then = given(&history).decide(hand_back(1, PaymentMethod::Cash), at(0)).unwrap();
    let [Event::BookingRefunded { target: PaymentMethod::Cash, counter: Some(counter), amount, .. }] =
        &then[..]
    else {
        panic!("{then:?}")
    };
    assert_eq!((counter.refund, *amount), (uuid(1), rupees(300)));
    let done = [history, then].concat();
    assert_eq!(given(&done).decide(hand_back(1, PaymentMethod::Cash), at(1)), Ok(vec![]), "a repeat");
    let again = given(&done).decide(hand_back(2, PaymentMethod::Upi), at(1));
    assert_eq!(again, Err(Refusal::AlreadyRefunded));
}

#[test]
fn money_is_handed_back_only_if_it_is_owed_at_the_counter() {
    let refused = |history: &[Event]| given(history).decide(hand_back(1, PaymentMethod::Upi), at(0));
    assert_eq!(refused(&[]), Err(Refusal::NotFound));
    assert_eq!(refused(&sold(PaymentMethod::Cash)), Err(Refusal::NotCancelled));
    assert_eq!(refused(&cancelled_sale(PaymentMethod::Complimentary)), Err(Refusal::NothingPaid));
    let online = then(&[
        confirmed(1, PaymentMethod::Wallet),
        cancelled(CancelledBy::House, Some(super::due(1, PaymentMethod::Wallet))),
    ]);
    assert_eq!(refused(&online), Err(Refusal::NotSoldAtCounter));
    let counter = CounterRefund { refund: uuid(1), till: None, by: user(98) };
    let without_till = Command::RefundAtCounter { target: PaymentMethod::Cash, counter };
    let history = cancelled_sale(PaymentMethod::Cash);
    assert_eq!(given(&history).decide(without_till, at(0)), Err(Refusal::NoOpenTill));
}
