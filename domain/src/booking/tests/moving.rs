//! A paid booking that moves to other seats.

use super::*;
use crate::{
    Currency,
    examples::{inr, seats},
    pricing::{Fee, FeePer, WantedSeat},
    seat_move::{MoveRefusal, MoveTarget, SeatMove, Settlement, WantedMove},
    seat_return::{RefundWay, SeatReturn},
};
use CancelledBy::{Customer, House};
use Settlement::{Pay, Refund, Waive};

/// The booking has bought A-1 for 300 rupees.
pub(super) fn paid(method: PaymentMethod) -> Vec<Event> {
    vec![opened(), requested(1, method), confirmed(1, method)]
}

fn then(more: &[Event]) -> Given<Booking> {
    given(&[paid(PaymentMethod::Wallet), more.to_vec()].concat())
}

/// One seat for `price` rupees.
pub(super) fn target(to: u8, name: &str, price: i64) -> MoveTarget {
    MoveTarget {
        screening: screening(to),
        seats: vec![gold(name, price * 100)],
        currency: Currency::INR,
        starts_at: at(2 * START),
        cancel_until: at(2 * CANCEL_UNTIL),
        charges: Charges::default(),
        cancellation_fee_minor: 0,
        wheelchairs: Vec::new(),
    }
}

pub(super) fn request(id: u8, to: MoveTarget, settle: Settlement, by: CancelledBy) -> Command {
    let (id, method, reason, fingerprint) = (payment(id), None, None, None);
    Command::RequestMove { wanted: WantedMove { id, to, settle, method, by, reason, fingerprint } }
}

pub(super) fn wanted(id: u8, to: MoveTarget, settle: Settlement) -> SeatMove {
    SeatMove {
        id: payment(id),
        payment: payment(1),
        method: PaymentMethod::Wallet,
        from: screening(1),
        given: seats(&["A-1"]),
        to,
        settle,
        by: Customer,
        to_pay: None,
        due: None,
        fingerprint: None,
        apart: None,
        pay_until: None,
        waived: None,
        reason: None,
    }
}

pub(super) fn requested_move(wanted: SeatMove) -> Event {
    Event::MoveRequested { booking: booking(1), customer: user(1), wanted }
}

pub(super) fn refused_move(wanted: SeatMove, reason: MoveRefusal) -> Event {
    Event::MoveRefused { booking: booking(1), customer: user(1), wanted, reason, seats: vec![] }
}

pub(super) fn moved(moved: SeatMove) -> Event {
    Event::BookingMoved { booking: booking(1), customer: user(1), moved, tickets: new_tickets() }
}

pub(super) fn new_tickets() -> Vec<Ticket> {
    vec![Ticket { seat: SeatName("A-2".into()), code: "new code".into() }]
}

pub(super) fn complete(id: u8) -> Command {
    Command::CompleteMove { id: payment(id), tickets: new_tickets() }
}

fn refuse(id: u8) -> Command {
    Command::RefuseMove { id: payment(id), reason: MoveRefusal::SeatTaken, seats: vec![] }
}

fn even(id: u8, to: u8) -> SeatMove {
    wanted(id, target(to, "A-2", 300), Refund)
}

fn ask(id: u8, to: u8) -> Command {
    request(id, target(to, "A-2", 300), Refund, Customer)
}

fn call_off(of: u8) -> Command {
    let reservation = Reservation { screening: screening(of), ..reservation() };
    Command::CallOff { reservation, reason: None, cascade: uuid(90) }
}

#[test]
fn a_booking_gets_new_seats_and_tickets_and_its_old_terms_end() {
    assert_eq!(then(&[]).decide(ask(8, 2), at(0)), Ok(vec![requested_move(even(8, 2))]));
    let moving = then(&[requested_move(even(8, 2))]);
    assert_eq!(moving.decide(ask(8, 2), at(0)), Ok(vec![]));
    assert_eq!(moving.decide(ask(9, 2), at(0)), Err(Refusal::MoveInProgress));
    assert_eq!(moving.decide(complete(8), at(0)), Ok(vec![moved(even(8, 2))]));

    let after = then(&[requested_move(even(8, 2)), moved(even(8, 2))]);
    assert_eq!(after.decide(complete(8), at(0)), Ok(vec![]));
    assert_eq!(after.decide(refuse(8), at(0)), Ok(vec![]), "it is too late");
    let opened = after.0.opened.as_ref().unwrap();
    assert_eq!((opened.screening, opened.cancel_until), (screening(2), at(2 * CANCEL_UNTIL)));
    assert_eq!((opened.tickets.clone(), opened.amount()), (new_tickets(), rupees(300)));
    assert!(after.decide(ask(9, 1), at(2 * CANCEL_UNTIL - 1)).is_ok(), "the new cut-off counts");
}

#[test]
fn a_move_that_a_screening_refuses_leaves_the_booking_as_it_was() {
    let moving = then(&[requested_move(even(8, 2))]);
    let refused = refused_move(even(8, 2), MoveRefusal::SeatTaken);
    assert_eq!(moving.decide(refuse(8), at(0)), Ok(vec![refused.clone()]));
    let after = then(&[requested_move(even(8, 2)), refused]);
    assert_eq!(after.decide(refuse(8), at(0)), Ok(vec![]));
    assert_eq!(after.decide(complete(8), at(0)), Err(Refusal::MoveOver));
    assert_eq!(after.0.opened.as_ref().unwrap().tickets, tickets());
    assert!(after.decide(ask(9, 2), at(0)).is_ok());
}

#[test]
fn a_customer_moves_until_the_cut_off_and_the_house_later() {
    assert!(then(&[]).decide(ask(8, 2), at(CANCEL_UNTIL - 1)).is_ok());
    let late = then(&[]).decide(ask(8, 2), at(CANCEL_UNTIL));
    assert_eq!(late, Err(Refusal::TooLateToCancel(at(CANCEL_UNTIL))));
    assert!(then(&[]).decide(request(8, target(2, "A-2", 300), Refund, House), at(START)).is_ok());
}

#[test]
fn only_a_paid_booking_moves_and_with_all_its_seats() {
    assert_eq!(given(&paying()).decide(ask(8, 2), at(0)), Err(Refusal::NotConfirmed));
    assert_eq!(given(&[]).decide(ask(8, 2), at(0)), Err(Refusal::NotFound));
    let mut two = target(2, "A-2", 300);
    two.seats.push(two.seats[0].clone());
    assert_eq!(
        then(&[]).decide(request(8, two, Refund, Customer), at(0)),
        Err(Refusal::OtherSeatCount { has: 1 })
    );
    let same = request(8, target(1, "A-1", 300), Refund, Customer);
    assert_eq!(then(&[]).decide(same, at(0)), Err(Refusal::SameSeats));
}

#[test]
fn what_cheaper_seats_leave_goes_back_under_the_id_of_the_move() {
    for settle in [Refund, Pay] {
        let cheaper = SeatMove { due: Some(rupees(100)), ..wanted(8, target(2, "A-2", 200), settle) };
        let asked = then(&[]).decide(request(8, target(2, "A-2", 200), settle, Customer), at(0));
        assert_eq!(asked, Ok(vec![requested_move(cheaper.clone())]));
        let after = then(&[requested_move(cheaper.clone()), moved(cheaper)]);
        assert_eq!(after.0.opened.as_ref().unwrap().amount(), rupees(200));
        let (payment, target, amount) = (payment(8), RefundTarget::Wallet, rupees(100));
        let record = Command::RecordRefund { payment, target, amount };
        let recorded = Event::ReturnRefunded { booking: booking(1), payment, seats: vec![], target, amount };
        assert_eq!(after.decide(record, at(0)), Ok(vec![recorded]));
        let Ok(events) = after.decide(cancel(House), at(0)) else { panic!("it can be cancelled") };
        let [Event::BookingCancelled { refund_due: Some(due), .. }] = events[..] else {
            panic!("{events:?}")
        };
        assert_eq!(due.amount, rupees(200), "only the rest");
    }
}

#[test]
fn dearer_seats_are_paid_from_the_wallet_or_waived_by_the_house() {
    let dearer = || target(2, "A-2", 450);
    let asked = then(&[]).decide(request(8, dearer(), Refund, Customer), at(0));
    assert_eq!(asked, Err(Refusal::DifferenceToPay(rupees(150))));
    let paying = SeatMove { to_pay: Some(rupees(150)), ..wanted(8, dearer(), Pay) };
    let asked = then(&[]).decide(request(8, dearer(), Pay, Customer), at(0));
    assert_eq!(asked, Ok(vec![requested_move(paying.clone())]));
    let after = then(&[requested_move(paying.clone()), moved(paying)]);
    assert_eq!(after.0.opened.as_ref().unwrap().amount(), rupees(450), "all of it goes back later");

    for price in [450, 200] {
        let waived = Some(rupees(price - 300));
        let waived = SeatMove { waived, ..wanted(8, target(2, "A-2", 300), Waive) };
        let asked = then(&[]).decide(request(8, target(2, "A-2", price), Waive, Customer), at(0));
        assert_eq!(asked, Ok(vec![requested_move(waived)]), "the old price counts as paid");
    }
    let even = wanted(8, target(2, "A-2", 300), Waive);
    let asked = then(&[]).decide(request(8, target(2, "A-2", 300), Waive, Customer), at(0));
    assert_eq!(asked, Ok(vec![requested_move(even)]), "there is nothing to waive");
}

#[test]
fn a_move_keeps_the_reason_of_the_house() {
    let reason = Some("The seat was broken.".to_owned());
    let mut request = request(8, target(2, "A-2", 300), Refund, House);
    let Command::RequestMove { wanted: asked } = &mut request else { panic!("it is a move") };
    asked.reason.clone_from(&reason);
    let kept = SeatMove { by: House, reason, ..even(8, 2) };
    assert_eq!(then(&[]).decide(request, at(0)), Ok(vec![requested_move(kept)]));
}

#[test]
fn money_that_a_seller_took_does_not_go_back_by_itself_and_what_is_free_stays_free() {
    let cash = given(&paid(PaymentMethod::Cash));
    let cheaper = |settle| request(8, target(2, "A-2", 200), settle, House);
    assert_eq!(cash.decide(cheaper(Refund), at(0)), Err(Refusal::SoldAtCounter));
    assert!(cash.decide(cheaper(Waive), at(0)).is_ok());

    let mut free = paid(PaymentMethod::Complimentary);
    if let Event::BookingOpened { reservation, .. } = &mut free[0] {
        reservation.amount = rupees(0);
        reservation.seats[0].price_minor = 0;
    }
    let asked = given(&free).decide(request(8, target(2, "A-2", 450), Refund, House), at(0));
    let Ok([Event::MoveRequested { wanted, .. }]) = asked.as_deref() else { panic!("{asked:?}") };
    assert_eq!((wanted.to.seats[0].price_minor, wanted.to_pay, wanted.due), (0, None, None));
}

#[test]
fn while_a_move_is_open_the_customer_waits_and_the_house_ends_it() {
    let moving = then(&[requested_move(even(8, 2))]);
    let ask = Command::CancelBooking { by: Customer, reason: None, cascade: None, released: false };
    assert_eq!(moving.decide(ask, at(0)), Err(Refusal::MoveInProgress));
    let refund_due = Some(due(1, PaymentMethod::Wallet));
    let over = refused_move(even(8, 2), MoveRefusal::BookingCancelled);
    let both = |by| Ok(vec![over.clone(), cancelled(by, refund_due)]);
    assert_eq!(moving.decide(cancel(House), at(0)), both(House));
    assert_eq!(moving.decide(cancel(Customer), at(0)), both(Customer), "its seats were released before");
    let (id, seats, by) = (payment(20), seats(&["A-2"]), Customer);
    let returned = SeatReturn {
        id,
        seats,
        by,
        refund: RefundWay::Original,
        reason: None,
        fingerprint: None,
        counter: None,
    };
    let back = moving.decide(Command::ReturnSeats { returned }, at(0));
    assert_eq!(back, Err(Refusal::MoveInProgress), "the new seats, which it does not know yet");
    let mut two = paid(PaymentMethod::Wallet);
    if let Event::BookingOpened { reservation, .. } = &mut two[0] {
        reservation.amount = rupees(600);
        reservation.seats.push(PricedSeat { seat: SeatName("B-1".into()), ..reservation.seats[0].clone() });
    }
    two.push(requested_move(even(8, 2)));
    let seats = crate::examples::seats(&["B-1"]);
    let returned = SeatReturn {
        id,
        seats,
        by,
        refund: RefundWay::Original,
        reason: None,
        fingerprint: None,
        counter: None,
    };
    let Ok(events) = given(&two).decide(Command::ReturnSeats { returned }, at(0)) else { panic!("it may") };
    let [Event::MoveRefused { reason, .. }, Event::SeatsReturned { .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(*reason, MoveRefusal::SeatsChanged, "its screening took old seats back first");
}

#[test]
fn a_cascade_has_one_outcome_whichever_screening_it_hits() {
    let moving = then(&[requested_move(even(8, 2))]);
    let Ok(events) = moving.decide(call_off(1), at(0)) else { panic!("it cannot be refused") };
    let [Event::MoveRefused { .. }, Event::BookingCancelled { refund_due: Some(_), .. }] = events[..] else {
        panic!("{events:?}")
    };
    let refused = refused_move(even(8, 2), MoveRefusal::ScreeningCancelled);
    assert_eq!(moving.decide(call_off(2), at(0)), Ok(vec![refused]), "it stays where it is");
    assert_eq!(moving.decide(call_off(3), at(0)), Ok(vec![]));

    let after = then(&[requested_move(even(8, 2)), moved(even(8, 2))]);
    assert_eq!(after.decide(call_off(1), at(0)), Ok(vec![]), "it has moved away");
    let Ok(events) = after.decide(call_off(2), at(0)) else { panic!("it cannot be refused") };
    let [Event::BookingCancelled { screening: of, .. }] = events[..] else { panic!("{events:?}") };
    assert_eq!(of, screening(2));
}

#[test]
fn a_key_asks_for_one_move() {
    let moving = then(&[requested_move(even(8, 2))]);
    let Command::RequestMove { mut wanted } = ask(8, 3) else { unreachable!() };
    wanted.fingerprint = Some(fingerprint("another body"));
    assert_eq!(moving.decide(Command::RequestMove { wanted }, at(0)), Err(Refusal::KeyReused));
}

/// The booking has bought A-1 for an adult, with a discount of 50 rupees, and A-2 for a child, for a fee of a rupee per ticket.
fn family() -> Vec<Event> {
    let typed = |priced: PricedSeat, kind: &str, discount_minor| PricedSeat {
        ticket_type: TicketType(kind.to_owned()),
        discount_minor,
        ..priced
    };
    let seats = vec![typed(gold("A-1", 30_000), "adult", 5_000), typed(gold("A-2", 15_000), "child", 0)];
    let charges = fee(100);
    let amount = inr(charges.total_minor(&seats));
    let reservation = Reservation { seats, amount, charges, ..reservation() };
    vec![
        Event::BookingOpened { reservation, sale: None },
        requested(1, PaymentMethod::Wallet),
        confirmed(1, PaymentMethod::Wallet),
    ]
}

fn fee(amount_minor: i64) -> Charges {
    Charges { fee: Some(Fee { per: FeePer::Ticket, amount_minor }), tax_rates: Vec::new() }
}

fn want(seat: &str, kind: &str) -> WantedSeat {
    let ticket_type = Some(TicketType(kind.to_owned()));
    WantedSeat { seat: SeatName(seat.to_owned()), ticket_type, wheelchair: false }
}

#[test]
fn seats_of_a_move_have_the_types_of_those_they_replace() {
    let state = given(&family()).0;
    let typed = |to: u8, names: &[&str]| state.opened.as_ref().unwrap().typed(screening(to), &seats(names));
    assert_eq!(typed(1, &["C-1", "C-2"]), [want("C-1", "adult"), want("C-2", "child")]);
    assert_eq!(
        typed(1, &["A-2", "C-2"]),
        [want("A-2", "child"), want("C-2", "adult")],
        "A-2 stays a child's"
    );
    assert_eq!(typed(2, &["A-2", "C-2"]), [want("A-2", "adult"), want("C-2", "child")], "other seats there");
    let plain = given(&paid(PaymentMethod::Wallet)).0;
    let standard = plain.opened.unwrap().typed(screening(2), &seats(&["C-1"]));
    assert_eq!(standard, [SeatName("C-1".into()).into()], "the only type there");
}

#[test]
fn a_move_settles_discounts_and_fees_too() {
    let to = |charges| {
        let seats = vec![gold("C-1", 30_000), gold("C-2", 15_000)];
        MoveTarget { seats, charges, cancellation_fee_minor: 700, ..target(2, "C-1", 300) }
    };
    let difference = |settle, charges| {
        let events = given(&family()).decide(request(8, to(charges), settle, House), at(0)).unwrap();
        let [Event::MoveRequested { wanted, .. }] = &events[..] else { panic!("{events:?}") };
        (wanted.to_pay, wanted.due, wanted.to.amount())
    };
    // The first seat keeps the discount of the one that it replaces.
    assert_eq!(difference(Pay, fee(100)), (None, None, inr(40_200)));
    assert_eq!(difference(Pay, fee(150)), (Some(inr(100)), None, inr(40_300)));
    assert_eq!(difference(Pay, Charges::default()), (None, Some(inr(200)), inr(40_000)));
    assert_eq!(difference(Waive, fee(150)), (None, None, inr(40_200)), "the old price counts as paid");
}

#[test]
fn a_moved_booking_is_refunded_on_the_terms_of_its_new_screening() {
    let priced = vec![gold("C-1", 40_000), gold("C-2", 10_000)];
    let to =
        MoveTarget { seats: priced, charges: fee(150), cancellation_fee_minor: 700, ..target(2, "C-1", 300) };
    let (to_pay, moved) = (Some(inr(5_100)), wanted(8, to, Pay));
    let moved = SeatMove { given: seats(&["A-1", "A-2"]), to_pay, ..moved };
    let moved = Event::BookingMoved { booking: booking(1), customer: user(1), moved, tickets: Vec::new() };
    let state = given(&[family(), vec![moved]].concat()).0;
    let opened = state.opened.unwrap();
    assert_eq!(opened.amount(), inr(50_300));
    assert_eq!(opened.refund_of(&seats(&["C-2"]), Customer, at(0)), inr(10_000 - 700));
    assert_eq!(opened.full_refund_of(&opened.seat_names()), inr(50_300));
}
