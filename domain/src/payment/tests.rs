//! Rules of a payment as given, when, then, and its invariants under any sequence of commands.

mod disputes;
mod parts;
mod refunds;

use cqrs_es::test::TestFramework;

use super::{
    Command, Event, Payment, PaymentStatus, Purpose, RefundReason, RefundTarget, Refusal, ReviewDecision,
};
use crate::{
    Money,
    examples::{Given, at, booking, context, fingerprint, payment, rupees, user},
    seat_return::RefundWay,
};

fn given(history: &[Event]) -> Given<Payment> {
    Given::new(history)
}

fn request_with(amount: Money, body: &str) -> Command {
    Command::RequestPayment {
        payment: payment(1),
        customer: user(1),
        purpose: Purpose::Booking { booking: booking(1) },
        amount,
        fingerprint: Some(fingerprint(body)),
    }
}

fn opened() -> Event {
    Event::PaymentOpened {
        payment: payment(1),
        customer: user(1),
        purpose: Purpose::Booking { booking: booking(1) },
        amount: rupees(300),
        fingerprint: Some(fingerprint("body")),
    }
}

fn open_checkout(session: &str) -> Command {
    let url = format!("https://pay.example/{session}");
    Command::OpenCheckout { session: session.into(), url, expires_at: at(900) }
}

fn checkout_opened(session: &str) -> Event {
    let url = format!("https://pay.example/{session}");
    Event::CheckoutOpened { session: session.into(), url, expires_at: at(900) }
}

fn capture(provider_payment: &str, captured: Money) -> Command {
    Command::CapturePayment { provider_payment: provider_payment.into(), captured }
}

fn captured() -> Event {
    Event::PaymentCaptured { provider_payment: "pay_1".into(), captured: rupees(300) }
}

fn mismatched(captured: Money) -> Event {
    Event::PaymentMismatched { provider_payment: "pay_1".into(), captured }
}

fn fail() -> Command {
    Command::FailPayment { reason: "CARD_DECLINED".into() }
}

fn failed() -> Event {
    Event::PaymentAttemptFailed { reason: "CARD_DECLINED".into() }
}

fn decide(decision: ReviewDecision) -> Command {
    Command::DecideReview { decision, by: user(9) }
}

fn decided(decision: ReviewDecision) -> Event {
    Event::ReviewDecided { decision, by: user(9) }
}

#[test]
fn the_cqrs_es_adapter_decides_the_same() {
    TestFramework::<Payment>::with(context(at(0)))
        .given_no_previous_events()
        .when(request_with(rupees(300), "body"))
        .then_expect_events(vec![opened()]);
}

#[test]
fn every_state_survives_its_serialised_form() {
    let refund = Event::RefundRequested {
        target: RefundTarget::Card,
        reason: RefundReason::Decided,
        amount: rupees(300),
    };
    let disputed = Event::PaymentDisputed { dispute: "dsp_1".into(), amount: rupees(300) };
    let split = Event::PartSplitOff { part: payment(8), amount: rupees(100), refund: RefundWay::Original };
    for history in [
        vec![],
        vec![opened()],
        vec![opened(), checkout_opened("cks_1")],
        vec![opened(), failed()],
        vec![opened(), Event::PaymentExpired {}],
        vec![opened(), captured()],
        vec![opened(), mismatched(rupees(299))],
        vec![opened(), mismatched(rupees(299)), decided(ReviewDecision::Accept)],
        vec![opened(), captured(), refund],
        vec![opened(), captured(), disputed],
        vec![opened(), captured(), split],
    ] {
        let Given(payment) = given(&history);
        let json = serde_json::to_value(&payment).unwrap();
        let members: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            members,
            ["captured", "checkout", "decision", "dispute", "opened", "parts", "refund", "status"]
        );
        assert_eq!(serde_json::from_value::<Payment>(json).unwrap(), payment);
    }
}

#[test]
fn a_payment_is_requested_once() {
    let again = |amount, body| given(&[opened()]).decide(request_with(amount, body), at(0));
    assert_eq!(again(rupees(300), "body"), Ok(vec![]));
    assert_eq!(again(rupees(300), "other"), Err(Refusal::KeyReused));
    assert_eq!(again(rupees(301), "body"), Err(Refusal::KeyReused));
}

#[test]
fn nothing_happens_to_an_unknown_payment() {
    for command in [
        open_checkout("cks_1"),
        capture("pay_1", rupees(300)),
        fail(),
        Command::ExpirePayment,
        decide(ReviewDecision::Accept),
        Command::RequestRefund { target: RefundTarget::Card, reason: RefundReason::SeatsGone },
        Command::RecordRefundAttempt { attempt: 1 },
        Command::RecordRefundSubmitted { provider_refund: "ref_1".into() },
        Command::FailRefund { reason: String::new() },
        Command::ReviewRefund { reason: String::new() },
        Command::CompleteRefund { target: RefundTarget::Card },
    ] {
        assert_eq!(given(&[]).decide(command, at(0)), Err(Refusal::NotFound));
    }
}

#[test]
fn the_first_checkout_stays() {
    let then = given(&[opened()]).decide(open_checkout("cks_1"), at(0));
    assert_eq!(then, Ok(vec![checkout_opened("cks_1")]));
    let history = [opened(), checkout_opened("cks_1")];
    for session in ["cks_1", "cks_2"] {
        assert_eq!(given(&history).decide(open_checkout(session), at(0)), Ok(vec![]));
    }
}

#[test]
fn a_settled_payment_opens_no_checkout() {
    for event in [failed(), Event::PaymentExpired {}, captured()] {
        let then = given(&[opened(), event]).decide(open_checkout("cks_1"), at(0));
        assert_eq!(then, Err(Refusal::Settled));
    }
}

#[test]
fn money_is_captured_once() {
    let then = given(&[opened()]).decide(capture("pay_1", rupees(300)), at(0));
    assert_eq!(then, Ok(vec![captured()]));
    let history = [opened(), captured()];
    assert_eq!(given(&history).decide(capture("pay_1", rupees(300)), at(0)), Ok(vec![]));
    let second = given(&history).decide(capture("pay_2", rupees(300)), at(0));
    assert_eq!(second, Err(Refusal::OtherProviderPayment));
}

#[test]
fn another_amount_or_currency_is_put_in_review() {
    let euros = Money { currency: "EUR".parse().unwrap(), ..rupees(300) };
    let paisa = |more: i64| Money { amount_minor: 30_000 + more, ..rupees(0) };
    for other in [paisa(-1), paisa(1), euros] {
        let then = given(&[opened()]).decide(capture("pay_1", other), at(0));
        assert_eq!(then, Ok(vec![mismatched(other)]));
    }
    let history = [opened(), mismatched(paisa(1))];
    assert_eq!(given(&history).0.status(), PaymentStatus::Review);
    assert_eq!(given(&history).decide(capture("pay_1", paisa(1)), at(0)), Ok(vec![]));
}

#[test]
fn money_that_comes_late_is_money() {
    for event in [failed(), Event::PaymentExpired {}] {
        let history = [opened(), event];
        let then = given(&history).decide(capture("pay_1", rupees(300)), at(0));
        assert_eq!(then, Ok(vec![captured()]));
        let history = [history.as_slice(), &[captured()]].concat();
        assert_eq!(given(&history).0.status(), PaymentStatus::Captured);
    }
}

#[test]
fn an_attempt_ends_once() {
    assert_eq!(given(&[opened()]).decide(fail(), at(0)), Ok(vec![failed()]));
    let expired = Event::PaymentExpired {};
    assert_eq!(given(&[opened()]).decide(Command::ExpirePayment, at(0)), Ok(vec![expired.clone()]));
    for event in [failed(), expired] {
        let history = [opened(), event];
        assert_eq!(given(&history).decide(fail(), at(0)), Ok(vec![]));
        assert_eq!(given(&history).decide(Command::ExpirePayment, at(0)), Ok(vec![]));
    }
}

#[test]
fn late_news_of_failure_never_touches_what_is_captured() {
    for event in [captured(), mismatched(rupees(299))] {
        let history = [opened(), event];
        assert_eq!(given(&history).decide(fail(), at(0)), Ok(vec![]));
        assert_eq!(given(&history).decide(Command::ExpirePayment, at(0)), Ok(vec![]));
    }
}

#[test]
fn an_administrator_accepts_what_did_not_match() {
    let history = [opened(), mismatched(rupees(299))];
    let accepted = decided(ReviewDecision::Accept);
    let then = given(&history).decide(decide(ReviewDecision::Accept), at(0));
    assert_eq!(then, Ok(vec![accepted.clone()]));
    let history = [opened(), mismatched(rupees(299)), accepted];
    assert_eq!(given(&history).0.status(), PaymentStatus::Captured);
    assert_eq!(given(&history).decide(decide(ReviewDecision::Accept), at(0)), Ok(vec![]));
    let other = given(&history).decide(decide(ReviewDecision::Refund), at(0));
    assert_eq!(other, Err(Refusal::NotInReview));
}

#[test]
fn an_administrator_sends_back_what_did_not_match() {
    let history = [opened(), mismatched(rupees(299))];
    let sent_back = vec![
        decided(ReviewDecision::Refund),
        Event::RefundRequested {
            target: RefundTarget::Card,
            reason: RefundReason::Decided,
            amount: rupees(299),
        },
    ];
    let then = given(&history).decide(decide(ReviewDecision::Refund), at(0));
    assert_eq!(then, Ok(sent_back.clone()));
    let history = [history.to_vec(), sent_back].concat();
    assert_eq!(given(&history).decide(decide(ReviewDecision::Refund), at(0)), Ok(vec![]));
    let other = given(&history).decide(decide(ReviewDecision::Accept), at(0));
    assert_eq!(other, Err(Refusal::NotInReview));
}

#[test]
fn what_matched_is_not_in_review() {
    for history in [vec![opened()], vec![opened(), captured()], vec![opened(), failed()]] {
        let then = given(&history).decide(decide(ReviewDecision::Accept), at(0));
        assert_eq!(then, Err(Refusal::NotInReview));
    }
}
