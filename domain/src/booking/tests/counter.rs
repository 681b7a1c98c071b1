//! Bookings that were sold at the counter: opened as sold, and their money handed back at the counter.

use super::*;
use crate::{
    TillId, UserId,
    counter::{Buyer, CounterRefund, CounterSale},
    seat_return::{RefundWay, SeatReturn},
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
    let mut reservation = Reservation { amount, ..reservation() };
    reservation.seats[0].price_minor = amount.amount_minor;
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

fn two_seats() -> Vec<Event> {
    let seats = vec![gold("A-1", 30_000), gold("A-2", 30_000)];
    let reservation = Reservation { seats, amount: rupees(600), ..reservation() };
    let open = Command::OpenSold { reservation, sale: sale(7, PaymentMethod::Upi), tickets: tickets() };
    given(&[]).decide(open, at(0)).unwrap()
}

fn give_back_in_cash(n: u8, name: &str, till: Option<u8>) -> Command {
    let counter = CounterRefund { refund: uuid(n), till: till.map(|till| TillId(uuid(till))), by: user(98) };
    Command::ReturnSeats {
        returned: SeatReturn {
            id: payment(n),
            seats: vec![SeatName(name.into())],
            by: CancelledBy::House,
            refund: RefundWay::Cash,
            reason: None,
            fingerprint: None,
            counter: Some(counter),
        },
    }
}

#[test]
fn seats_of_a_sale_are_handed_back_in_cash_one_by_one_and_once() {
    let history = two_seats();
    let first = given(&history).decide(give_back_in_cash(8, "A-1", Some(51)), at(0)).unwrap();
    assert!(
        matches!(&first[..], [Event::SeatsReturned { due, .. }] if due.amount == rupees(300)),
        "{first:?}"
    );
    let after = [history, first].concat();
    let opened = given(&after).0.opened.unwrap();
    assert!(opened.returns[0].refunded && opened.returns[0].counter.is_some(), "the event hands it back");
    assert_eq!(given(&after).decide(give_back_in_cash(8, "A-1", Some(51)), at(1)), Ok(vec![]), "a repeat");
    assert_eq!(
        given(&after).decide(
            Command::RecordRefund { payment: payment(8), target: RefundTarget::Wallet, amount: rupees(300) },
            at(1)
        ),
        Ok(vec![]),
        "the money is back"
    );

    let last = given(&after).decide(give_back_in_cash(9, "A-2", Some(51)), at(1)).unwrap();
    let [
        Event::BookingCancelled { refund_due: Some(due), .. },
        Event::BookingRefunded {
            payment: paid,
            target: PaymentMethod::Cash,
            amount,
            counter: Some(counter),
            ..
        },
    ] = &last[..]
    else {
        panic!("{last:?}")
    };
    assert_eq!((due.amount, *amount, *paid, counter.refund), (rupees(300), rupees(300), payment(7), uuid(9)));
    let over = [after, last].concat();
    assert_eq!(given(&over).decide(give_back_in_cash(9, "A-2", Some(51)), at(2)), Ok(vec![]), "a repeat");
    assert_eq!(given(&over).decide(hand_back(1, PaymentMethod::Cash), at(2)), Err(Refusal::AlreadyRefunded));
}

#[test]
fn cash_is_handed_back_from_a_till_and_for_money_that_a_seller_took() {
    let without = given(&two_seats()).decide(give_back_in_cash(8, "A-1", None), at(0));
    assert_eq!(without, Err(Refusal::NoOpenTill));
    let free =
        given(&sold(PaymentMethod::Complimentary)).decide(give_back_in_cash(8, "A-1", Some(51)), at(0));
    assert_eq!(free, Err(Refusal::NothingPaid));
    let online = then(&[confirmed(1, PaymentMethod::Wallet)]);
    assert_eq!(
        given(&online).decide(give_back_in_cash(8, "A-1", Some(51)), at(0)),
        Err(Refusal::NotSoldAtCounter)
    );
}

/// A sale to a person without an account: the id of the booking names them.
fn sold_to(buyer: Buyer, customer: UserId) -> Vec<Event> {
    let Command::OpenSold { reservation, sale, tickets } = open_sold(7, PaymentMethod::Cash) else {
        panic!()
    };
    let (reservation, sale) = (Reservation { customer, ..reservation }, CounterSale { buyer, ..sale });
    given(&[]).decide(Command::OpenSold { reservation, sale, tickets }, at(0)).unwrap()
}

fn walk_in() -> UserId {
    UserId(booking(1).0)
}

fn named() -> Buyer {
    Buyer { name: Some("Ada".into()), ..Buyer::default() }
}

fn erase(by: Option<UserId>) -> Command {
    Command::EraseBuyer { booking: booking(1), by }
}

fn noted(n: u8) -> Event {
    let (text, fingerprint) = ("Rang.".into(), None);
    let (booking, customer) = (booking(1), walk_in());
    Event::NoteAdded { booking, customer, note: uuid(n), text, by: user(99), fingerprint, at: None }
}

#[test]
fn a_buyer_without_an_account_is_erased_once_and_keeps_the_tickets() {
    let history = sold_to(named(), walk_in());
    let erased = |by| Event::BuyerErased { booking: booking(1), customer: walk_in(), by };
    let then = given(&history).decide(erase(Some(user(99))), at(9)).unwrap();
    assert_eq!(then, [erased(Some(user(99)))]);
    assert_eq!(given(&history).decide(erase(None), at(9)), Ok(vec![erased(None)]), "its time is over");

    let after = [history.clone(), then].concat();
    let state = given(&after).0.opened.unwrap();
    assert_eq!(state.sale.unwrap().buyer, Buyer::default());
    let before = given(&history).0.opened.unwrap();
    assert_eq!((state.status, state.tickets, state.paid), (before.status, before.tickets, before.paid));
    assert_eq!(given(&after).decide(erase(None), at(10)), Ok(vec![]), "a repeat");
}

#[test]
fn notes_are_erased_with_the_buyer_and_none_is_added_later() {
    let nameless = sold_to(Buyer::default(), walk_in());
    assert_eq!(given(&nameless).decide(erase(None), at(9)), Ok(vec![]), "nothing is known");
    let history = [nameless, vec![noted(1)]].concat();
    let then = given(&history).decide(erase(None), at(9)).unwrap();
    assert!(matches!(then[..], [Event::BuyerErased { .. }]), "{then:?}");
    let history = [history, then].concat();
    assert!(given(&history).0.notes.is_empty());
    let Event::NoteAdded { booking, customer, text, by, fingerprint, .. } = noted(1) else { panic!() };
    for note in [uuid(1), uuid(2)] {
        let (text, fingerprint) = (text.clone(), fingerprint.clone());
        let add = Command::AddNote { booking, customer, note, text, by, fingerprint };
        assert_eq!(given(&history).decide(add, at(10)), Err(Refusal::BuyerErased));
    }
}

#[test]
fn a_customer_with_an_account_is_erased_by_nobody_else() {
    let history = sold_to(named(), user(2));
    assert_eq!(given(&history).decide(erase(Some(user(99))), at(9)), Err(Refusal::CustomerHasAccount));
    let reservation = Reservation { customer: user(2), ..reservation() };
    let online = [Event::BookingOpened { reservation, sale: None }];
    assert_eq!(given(&online).decide(erase(Some(user(99))), at(9)), Err(Refusal::CustomerHasAccount));
    assert_eq!(given(&[]).decide(erase(Some(user(99))), at(9)), Err(Refusal::NotFound));
}
