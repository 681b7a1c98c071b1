//! Sessions of a till: one open at a time, cash entered once, and the count compared with what should be there.

use super::*;
use crate::examples::{Given, at, booking, inr, payment, pointers, user, uuid};

fn till(n: u8) -> TillId {
    TillId(uuid(n))
}

fn given(history: &[Event]) -> Given<Till> {
    Given::new(history)
}

fn open(n: u8, float: i64) -> Command {
    Command::OpenTill { till: till(n), seller: user(1), float: inr(float), fingerprint: None }
}

fn opened(n: u8, float: i64) -> Event {
    Event::TillOpened { till: till(n), seller: user(1), float: inr(float), fingerprint: None }
}

fn take(n: u8, by: u8, amount: i64) -> Command {
    Command::TakeCash { till: till(n), booking: booking(by), payment: payment(by), amount: inr(amount) }
}

fn taken(n: u8, by: u8, amount: i64) -> Event {
    Event::CashTaken { till: till(n), booking: booking(by), payment: payment(by), amount: inr(amount) }
}

fn give_back(n: u8, by: u8, amount: i64) -> Command {
    Command::ReturnCash { till: till(n), booking: booking(by), payment: payment(by), amount: inr(amount) }
}

fn returned(n: u8, by: u8, amount: i64) -> Event {
    Event::CashReturned { till: till(n), booking: booking(by), payment: payment(by), amount: inr(amount) }
}

fn close(n: u8, counted: i64) -> Command {
    Command::CloseTill { till: till(n), counted: inr(counted) }
}

fn closed(n: u8, counted: i64, expected: i64) -> Event {
    Event::TillClosed { till: till(n), counted: inr(counted), expected: inr(expected), at: at(60) }
}

#[test]
fn a_seller_has_one_open_session() {
    assert_eq!(given(&[]).decide(open(1, 500), at(0)), Ok(vec![opened(1, 500)]));
    let history = [opened(1, 500)];
    assert_eq!(given(&history).decide(open(1, 500), at(0)), Ok(vec![]), "a repeat");
    assert_eq!(given(&history).decide(open(1, 501), at(0)), Err(Refusal::KeyReused));
    assert_eq!(given(&history).decide(open(2, 500), at(0)), Err(Refusal::TillOpen(till(1))));
    let next = [opened(1, 500), closed(1, 500, 500)];
    assert_eq!(given(&next).decide(open(2, 500), at(61)), Ok(vec![opened(2, 500)]));
}

#[test]
fn the_drawer_should_hold_the_float_and_the_sales_less_the_refunds() {
    let history = [opened(1, 500), taken(1, 1, 300), taken(1, 2, 200), returned(1, 1, 300)];
    assert_eq!(given(&history).decide(close(1, 690), at(60)), Ok(vec![closed(1, 690, 700)]));
}

#[test]
fn cash_is_entered_once_even_after_the_session_was_closed() {
    let history = [opened(1, 500), taken(1, 1, 300), returned(1, 1, 300), closed(1, 500, 500)];
    assert_eq!(given(&history).decide(take(1, 1, 300), at(61)), Ok(vec![]));
    assert_eq!(given(&history).decide(give_back(1, 1, 300), at(61)), Ok(vec![]));
    assert_eq!(given(&history).decide(take(1, 2, 200), at(61)), Ok(vec![taken(1, 2, 200)]));
    assert_eq!(given(&history).decide(give_back(1, 2, 200), at(61)), Ok(vec![returned(1, 2, 200)]));
    assert_eq!(given(&history).decide(take(2, 2, 200), at(61)), Err(Refusal::UnknownTill));
}

#[test]
fn a_session_is_closed_once() {
    let history = [opened(1, 500), closed(1, 490, 500)];
    assert_eq!(given(&history).decide(close(1, 490), at(61)), Ok(vec![]), "a repeat");
    assert_eq!(given(&history).decide(close(1, 500), at(61)), Err(Refusal::Closed(inr(490))));
    assert_eq!(given(&history).decide(close(2, 500), at(61)), Err(Refusal::UnknownTill));
}

#[test]
fn cash_is_not_negative() {
    let refused = |refused| match refused {
        Err(Refusal::Invalid(flaws)) => pointers(&flaws).join(" "),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(given(&[]).decide(open(1, -1), at(0))), "/float/amount_minor");
    assert_eq!(refused(given(&[opened(1, 0)]).decide(close(1, -1), at(0))), "/counted/amount_minor");
    let too_much = Policy::AMOUNT_LARGEST + 1;
    assert_eq!(refused(given(&[]).decide(open(1, too_much), at(0))), "/float/amount_minor");
}

#[test]
fn sessions_closed_a_month_ago_are_forgotten_and_open_ones_are_not() {
    let mut till = given(&[opened(1, 500), closed(1, 500, 500), opened(2, 500)]).0;
    till.forget(at(60) + CLOSED_KEPT);
    assert_eq!(till.sessions.len(), 2);
    till.forget(at(61) + CLOSED_KEPT);
    assert_eq!((till.sessions.len(), till.open()), (1, Some(TillId(uuid(2)))));
}
