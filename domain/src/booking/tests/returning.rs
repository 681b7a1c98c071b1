//! Seats that are given back, some or all of them, and their refunds.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{
    Decider, Money,
    examples::seats,
    seat_move::{MoveRefusal, MoveTarget, Settlement, WantedMove},
    seat_return::{RefundWay, SeatReturn},
};

const NAMES: [&str; 3] = ["A-1", "A-2", "B-1"];

/// Three seats for 300, 300 and 200 rupees.
fn three_seats() -> Reservation {
    let price = |name: &str| if name.starts_with('A') { 30_000 } else { 20_000 };
    let priced = |name: &&str| PricedSeat {
        seat: SeatName((*name).into()),
        category: "gold".into(),
        price_minor: price(name),
        ticket_type: TicketType::default(),
        discount_minor: 0,
    };
    Reservation { seats: NAMES.iter().map(priced).collect(), amount: rupees(800), ..reservation() }
}

pub(super) fn paid(method: PaymentMethod) -> Vec<Event> {
    let ticket = |name: &&str| Ticket { seat: SeatName((*name).into()), code: format!("code of {name}") };
    let Event::BookingConfirmed { booking, screening, customer, payment, method, .. } = confirmed(1, method)
    else {
        unreachable!()
    };
    let (amount, tickets) = (rupees(800), NAMES.iter().map(ticket).collect());
    vec![
        Event::BookingOpened { reservation: three_seats(), sale: None },
        requested(1, method),
        Event::BookingConfirmed { booking, screening, customer, payment, method, amount, tickets },
    ]
}

fn given_back(id: u8, names: &[&str], refund: RefundWay) -> SeatReturn {
    let (id, by, reason, fingerprint) = (payment(id), CancelledBy::House, None, None);
    SeatReturn { id, seats: seats(names), by, refund, reason, fingerprint, counter: None }
}

fn give_back(id: u8, names: &[&str], refund: RefundWay) -> Command {
    Command::ReturnSeats { returned: given_back(id, names, refund) }
}

fn returned(id: u8, names: &[&str], refund: RefundWay, amount: Money) -> Event {
    Event::SeatsReturned {
        booking: booking(1),
        screening: screening(1),
        customer: user(1),
        returned: given_back(id, names, refund),
        due: RefundDue { amount, ..due(1, PaymentMethod::Wallet) },
    }
}

fn then(more: &[Event]) -> Given<Booking> {
    given(&[paid(PaymentMethod::Wallet), more.to_vec()].concat())
}

fn record(id: u8, amount: Money) -> Command {
    Command::RecordRefund { payment: payment(id), target: RefundTarget::Wallet, amount }
}

#[test]
fn the_price_of_exactly_these_seats_is_due() {
    let back = returned(8, &["B-1"], RefundWay::Original, rupees(200));
    assert_eq!(then(&[]).decide(give_back(8, &["B-1"], RefundWay::Original), at(0)), Ok(vec![back.clone()]));
    let after = then(&[back]);
    assert_eq!(after.decide(give_back(8, &["B-1"], RefundWay::Original), at(0)), Ok(vec![]));
    let opened = after.0.opened.as_ref().unwrap();
    assert_eq!((opened.status, opened.amount()), (BookingStatus::Confirmed, rupees(600)));
    let left: Vec<_> = opened.tickets.iter().map(|ticket| ticket.seat.0.as_str()).collect();
    assert_eq!(left, ["A-1", "A-2"]);
    assert_eq!(opened.reservation.amount, rupees(800), "what was paid stays known");
}

#[test]
fn the_last_seats_cancel_the_booking_and_refund_only_the_rest() {
    let history = [returned(8, &["B-1"], RefundWay::Original, rupees(200))];
    let cancelled = |to, amount| {
        let refund_due = Some(RefundDue { amount, to, ..due(1, PaymentMethod::Wallet) });
        Ok(vec![cancelled(CancelledBy::House, refund_due)])
    };
    let all = ["A-1", "A-2"];
    let after = then(&history);
    let original = after.decide(give_back(9, &all, RefundWay::Original), at(0));
    assert_eq!(original, cancelled(None, rupees(600)));
    let wallet = after.decide(give_back(9, &all, RefundWay::Wallet), at(0));
    assert_eq!(wallet, cancelled(Some(RefundTarget::Wallet), rupees(600)));
    let kept = after.decide(give_back(9, &all, RefundWay::None), at(0));
    assert_eq!(kept, Ok(vec![super::cancelled(CancelledBy::House, None)]));
}

#[test]
fn a_cascade_after_a_return_refunds_only_the_rest() {
    let after = then(&[returned(8, &["B-1"], RefundWay::None, rupees(200))]);
    let call_off = Command::CallOff { reservation: three_seats(), reason: None, cascade: uuid(90) };
    let Ok(events) = after.decide(call_off, at(0)) else { panic!("it cannot be refused") };
    let [Event::BookingCancelled { refund_due: Some(due), .. }] = events[..] else { panic!("{events:?}") };
    assert_eq!(due.amount, rupees(600));
}

#[test]
fn a_return_that_a_cascade_overtook_changes_nothing() {
    let after = then(&[cancelled(CancelledBy::House, Some(due(1, PaymentMethod::Wallet)))]);
    assert_eq!(after.decide(give_back(8, &["B-1"], RefundWay::Original), at(0)), Ok(vec![]));
    let unpaid = given(&paying());
    let early = unpaid.decide(give_back(8, &["A-1"], RefundWay::Original), at(0));
    assert_eq!(early, Err(Refusal::NotConfirmed));
}

#[test]
fn each_refund_is_recorded_once_and_not_for_money_that_is_kept() {
    let history = [
        returned(8, &["B-1"], RefundWay::Original, rupees(200)),
        returned(9, &["A-1"], RefundWay::None, rupees(300)),
    ];
    let refunded = Event::ReturnRefunded {
        booking: booking(1),
        payment: payment(8),
        seats: seats(&["B-1"]),
        target: RefundTarget::Wallet,
        amount: rupees(200),
    };
    assert_eq!(then(&history).decide(record(8, rupees(200)), at(0)), Ok(vec![refunded.clone()]));
    let after = then(&[history.to_vec(), vec![refunded]].concat());
    assert_eq!(after.decide(record(8, rupees(200)), at(0)), Ok(vec![]));
    assert_eq!(after.decide(record(9, rupees(300)), at(0)), Err(Refusal::UnknownPayment));
}

/// A move to seats with these prices, in rupees.
fn ask(id: u8, to: u8, prices: &[i64], settle: Settlement) -> Command {
    let priced = |(name, price): (&&str, &i64)| gold(name, price * 100);
    let seats = ["C-1", "C-2", "A-1"].iter().zip(prices).map(priced).collect();
    let (screening, currency) = (screening(to), rupees(0).currency);
    let to = MoveTarget {
        screening,
        seats,
        currency,
        starts_at: at(START),
        cancel_until: at(CANCEL_UNTIL),
        charges: Charges::default(),
        cancellation_fee_minor: 0,
        wheelchairs: Vec::new(),
    };
    let (id, method, by, reason, fingerprint) = (payment(id), None, CancelledBy::House, None, None);
    Command::RequestMove { wanted: WantedMove { id, to, settle, method, by, reason, fingerprint } }
}

fn commands() -> impl Strategy<Value = Command> {
    let ways = select(vec![RefundWay::Original, RefundWay::Wallet, RefundWay::None]);
    let back = (8..14_u8, vec(select(&NAMES[..]), 1..4), ways)
        .prop_map(|(id, names, refund)| give_back(id, &names, refund));
    let ask = (
        14..20_u8,
        1..3_u8,
        vec(100..500_i64, 1..4),
        select(vec![Settlement::Pay, Settlement::Refund, Settlement::Waive]),
    )
        .prop_map(|(id, to, prices, settle)| ask(id, to, &prices, settle));
    prop_oneof![
        6 => back,
        4 => ask,
        4 => (14..20_u8).prop_map(|id| Command::CompleteMove { id: payment(id), tickets: vec![] }),
        1 => (14..20_u8).prop_map(|id| {
            Command::RefuseMove { id: payment(id), reason: MoveRefusal::SeatTaken, seats: vec![] }
        }),
        1 => Just(cancel(CancelledBy::Customer)),
        1 => Just(Command::CallOff { reservation: three_seats(), reason: None, cascade: uuid(90) }),
        2 => (1..14_u8).prop_map(|id| record(id, rupees(1))),
    ]
}

proptest! {
    #[test]
    fn what_is_due_never_exceeds_what_was_paid(steps in vec(commands(), 1..30)) {
        let mut booking = then(&[]).0;
        let (mut paid_minor, mut due_minor, mut kept_minor) = (80_000, 0, 0);
        for command in steps {
            let Ok(events) = booking.decide(&command, &context(at(0))) else { continue };
            for event in &events {
                match event {
                    Event::BookingMoved { moved, .. } => {
                        paid_minor += moved.to_pay.map_or(0, |to_pay| to_pay.amount_minor);
                        due_minor += moved.due.map_or(0, |due| due.amount_minor);
                    }
                    Event::SeatsReturned { returned, due, .. } if returned.refund == RefundWay::None => {
                        kept_minor += due.amount.amount_minor;
                    }
                    Event::SeatsReturned { due, .. } | Event::BookingCancelled { refund_due: Some(due), .. } => {
                        due_minor += due.amount.amount_minor;
                    }
                    Event::BookingCancelled { refund_due: None, .. } => {
                        kept_minor += booking.opened.as_ref().unwrap().amount().amount_minor;
                    }
                    Event::BookingOpened { .. }
                    | Event::BookingRescheduled { .. }
                    | Event::PaymentAttemptStarted { .. }
                    | Event::PaymentAttemptFailed { .. }
                    | Event::BookingConfirmed { .. }
                    | Event::BookingExpired { .. }
                    | Event::ReturnRefunded { .. }
                    | Event::NoteAdded { .. }
                    | Event::BuyerErased { .. }
                    | Event::TicketShared { .. }
                    | Event::ShareEnded { .. }
                    | Event::MoveRequested { .. }
                    | Event::MovePaid { .. }
                    | Event::MoveRefused { .. }
                    | Event::DiscountApplied { .. }
                    | Event::DiscountRemoved { .. }
                    | Event::BookingRefunded { .. } => {}
                }
                booking.evolve(event);
            }
            prop_assert_eq!(booking.decide(&command, &context(at(0))), Ok(vec![]), "{:?} twice", command);
            let opened = booking.opened.as_ref().unwrap();
            let is_over = opened.status != BookingStatus::Confirmed;
            let left = if is_over { 0 } else { opened.amount().amount_minor };
            prop_assert_eq!(due_minor + kept_minor + left, paid_minor, "no rupee is lost or made");
        }
    }
}
