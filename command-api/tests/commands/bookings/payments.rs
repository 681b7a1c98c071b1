//! Wallet payments, with a minimal payment saga.

use axum::http::Method;
use futures_util::StreamExt;
use serde_json::json;
use ticketshow_domain::{
    AnyEvent, BookingId, SeatName, UserId,
    booking::{self, Booking, FailureReason, Ticket},
    payment,
    screening::{self, Screening},
    wallet::{self, Reference, Wallet},
};
use ticketshow_nats::{
    clock,
    executor::{Executor, outcome::ExecuteError},
    log::metadata::{Actor, Metadata},
};
use tokio::task::AbortHandle;

use crate::fixture::{Call, Fixture, Person, tomorrow};

/// Completes all payments of one customer, until it is dropped. The log is shared with other tests.
pub struct Saga(AbortHandle);

impl Drop for Saga {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Saga {
    pub async fn run(fixture: &Fixture, whose: &Person) -> Self {
        let end = fixture.log.last_position().await.unwrap();
        let commits = fixture.log.tail(end, &["tix.booking.>"]).await.unwrap();
        let (executor, whose) = (fixture.executor.clone(), whose.user);
        let settling = tokio::spawn(async move {
            let mut commits = std::pin::pin!(commits);
            while let Some(commit) = commits.next().await {
                for recorded in commit.unwrap().events().unwrap() {
                    if let AnyEvent::Booking(event) = recorded.event {
                        settle(&executor, whose, event).await;
                    }
                }
            }
        });
        Self(settling.abort_handle())
    }
}

pub fn metadata() -> Metadata {
    let (time, correlation) = (clock::now(), clock::new_id());
    Metadata { time, actor: Actor::Saga("payment".into()), correlation, causation: None, trace: None }
}

/// After the doors of tomorrow's screenings have opened.
fn at_the_door() -> Metadata {
    Metadata { time: tomorrow("19:00").parse().unwrap(), ..metadata() }
}

async fn settle(executor: &Executor, whose: UserId, event: booking::Event) {
    let booking::Event::PaymentAttemptStarted { booking, screening, customer, payment, amount, .. } = event
    else {
        return;
    };
    if customer != whose {
        return;
    }
    let reference = Reference::payment(payment);
    let debit = wallet::Command::DebitWallet { customer, reference, amount, booking };
    let ended = match executor.execute(&customer, debit, metadata(), |_: &Wallet| ()).await {
        Err(ExecuteError::Refused { .. }) => {
            booking::Command::FailAttempt { payment, reason: FailureReason::InsufficientFunds }
        }
        paid => {
            paid.unwrap();
            let sell = screening::Command::SellSeats { booking, payment };
            let names =
                move |screening: &Screening| screening.names(&screening.claim(booking).unwrap().seats);
            let sold = executor.execute(&screening, sell, metadata(), names).await.unwrap();
            let ticket = |seat| Ticket { code: format!("code of {seat}"), seat };
            booking::Command::ConfirmBooking {
                payment,
                tickets: sold.answer.into_iter().map(ticket).collect(),
            }
        }
    };
    executor.execute(&booking, ended, metadata(), |_: &Booking| ()).await.unwrap();
}

pub fn pay<'a>(fixture: &'a Fixture, person: &Person, booking: &str) -> Call<'a> {
    fixture
        .post(&format!("/bookings/{booking}/payment"))
        .token(&person.token)
        .json(json!({ "method": "wallet" }))
}

pub async fn hold(fixture: &Fixture, person: &Person) -> String {
    let screening = fixture.screening().await;
    fixture.reserve(person, screening, &["A-1", "A-2"]).gives(201).await.id("booking_id")
}

#[tokio::test]
async fn paying_a_booking_returns_its_tickets() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let _saga = Saga::run(&fixture, &ada).await;
    fixture.credit(&ada, 100_000).await;
    let booking = hold(&fixture, &ada).await;

    let paid = pay(&fixture, &ada, &booking).key("k").gives(200).await;
    let expected = json!({
        "booking_id": booking, "status": "confirmed", "payment_id": paid.id("payment_id"), "method": "wallet",
        "reference": paid.body["reference"], "amount": { "amount_minor": 60_000, "currency": "INR" },
        "tickets": [{ "seat": "A-1", "code": "code of A-1" }, { "seat": "A-2", "code": "code of A-2" }],
    });
    assert_eq!(paid.body, expected);
    assert_eq!(pay(&fixture, &ada, &booking).key("k").gives(200).await.body, expected);
    assert_eq!(pay(&fixture, &ada, &booking).key("l").send().await.outcome(), (409, "already-paid"));
}

fn cancel<'a>(fixture: &'a Fixture, person: &Person, booking: &str) -> Call<'a> {
    fixture.call(Method::DELETE, &format!("/bookings/{booking}")).token(&person.token)
}

#[tokio::test]
async fn cancelling_a_paid_booking_starts_a_refund() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let saga = Saga::run(&fixture, &ada).await;
    fixture.credit(&ada, 100_000).await;
    let screening = fixture.screening().await;
    let booking = fixture.reserve(&ada, screening, &["A-1", "A-2"]).gives(201).await.id("booking_id");
    let paid = pay(&fixture, &ada, &booking).gives(200).await;
    drop(saga);

    assert_eq!(cancel(&fixture, &bob, &booking).send().await.outcome(), (404, "not-found"));
    let cancelled = cancel(&fixture, &ada, &booking).gives(202).await;
    let refund = |status| {
        let amount = json!({ "amount_minor": 60_000, "currency": "INR" });
        json!({ "booking_id": booking, "reference": cancelled.body["reference"], "status": "cancelled",
            "refund": { "status": status, "amount": amount, "to": "wallet" } })
    };
    assert_eq!(cancelled.body, refund("requested"));
    assert!(cancelled.position() > paid.position());
    fixture.reserve(&bob, screening, &["A-1"]).gives(201).await;

    let (payment, target) = (paid.id("payment_id").parse().unwrap(), payment::RefundTarget::Wallet);
    let amount = serde_json::from_value(cancelled.body["refund"]["amount"].clone()).unwrap();
    let record = booking::Command::RecordRefund { payment, target, amount };
    let booking_id = booking.parse().unwrap();
    fixture.executor.execute(&booking_id, record, metadata(), |_: &Booking| ()).await.unwrap();
    assert_eq!(cancel(&fixture, &ada, &booking).gives(202).await.body, refund("completed"));
}

#[tokio::test]
async fn a_booking_with_a_used_ticket_cannot_be_cancelled() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let _saga = Saga::run(&fixture, &ada).await;
    fixture.credit(&ada, 100_000).await;
    let booking = hold(&fixture, &ada).await;
    pay(&fixture, &ada, &booking).gives(200).await;
    let screening = screening_of(&fixture, &booking).await;
    let check_in = scan(booking.parse().unwrap());
    fixture.executor.execute(&screening, check_in, at_the_door(), |_: &Screening| ()).await.unwrap();
    assert_eq!(cancel(&fixture, &ada, &booking).send().await.outcome(), (409, "checked-in"));
}

/// A check-in of seat A-1.
fn scan(booking: BookingId) -> screening::Command {
    let (seats, by) = (vec!["A-1".parse().unwrap()], UserId(clock::new_id()));
    let (check_in, fingerprint) = (clock::new_id(), None);
    screening::Command::CheckInTickets { booking, seats, by, check_in, fingerprint }
}

#[tokio::test]
async fn a_ticket_that_is_used_while_it_is_cancelled_is_not_refunded() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let _saga = Saga::run(&fixture, &ada).await;
    for _ in 0..10 {
        fixture.credit(&ada, 60_000).await;
        let booking = hold(&fixture, &ada).await;
        pay(&fixture, &ada, &booking).gives(200).await;
        let screening = screening_of(&fixture, &booking).await;
        let check_in = scan(booking.parse().unwrap());
        let scan = fixture.executor.execute(&screening, check_in, at_the_door(), |_: &Screening| ());
        let (cancelled, scanned) = tokio::join!(cancel(&fixture, &ada, &booking).send(), scan);
        let outcome = if scanned.is_ok() { 409 } else { 202 };
        assert_eq!(cancelled.outcome().0, outcome, "{cancelled:?} {scanned:?}");
    }
}

#[tokio::test]
async fn a_paid_booking_cannot_be_cancelled_shortly_before_the_start() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let _saga = Saga::run(&fixture, &ada).await;
    fixture.credit(&ada, 100_000).await;
    let screening = fixture.screening_in(jiff::SignedDuration::from_mins(119)).await;
    let paid = fixture.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    pay(&fixture, &ada, &paid).gives(200).await;
    let refused = cancel(&fixture, &ada, &paid).send().await;
    assert_eq!(refused.outcome(), (409, "too-late-to-cancel"));
    assert!(refused.body["until"].is_string(), "{refused:?}");
    // Held seats may still be given back.
    let held = fixture.reserve(&ada, screening, &["A-2"]).gives(201).await.id("booking_id");
    cancel(&fixture, &ada, &held).gives(200).await;
}

#[tokio::test]
async fn insufficient_funds_is_an_outcome_that_its_key_repeats() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let _saga = Saga::run(&fixture, &ada).await;
    let booking = hold(&fixture, &ada).await;

    let refused = pay(&fixture, &ada, &booking).key("k").send().await;
    assert_eq!(refused.outcome(), (402, "insufficient-funds"));
    fixture.credit(&ada, 100_000).await;
    assert_eq!(pay(&fixture, &ada, &booking).key("k").gives(402).await.body, refused.body);
    pay(&fixture, &ada, &booking).key("l").gives(200).await;
}

#[tokio::test]
async fn a_slow_payment_is_202_and_its_key_returns_the_outcome_later() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    fixture.credit(&ada, 100_000).await;
    let booking = hold(&fixture, &ada).await;
    let accepted = pay(&fixture, &ada, &booking).key("k").gives(202).await;
    assert_eq!(accepted.body["status"], "paying");
    assert_eq!(pay(&fixture, &ada, &booking).key("l").send().await.outcome(), (409, "payment-in-progress"));

    let requested = booking::Event::PaymentAttemptStarted {
        booking: booking.parse().unwrap(),
        screening: screening_of(&fixture, &booking).await,
        customer: ada.user,
        payment: accepted.id("payment_id").parse().unwrap(),
        method: booking::PaymentMethod::Wallet,
        amount: serde_json::from_value(accepted.body["amount"].clone()).unwrap(),
        fingerprint: None,
    };
    settle(&fixture.executor, ada.user, requested).await;
    let paid = pay(&fixture, &ada, &booking).key("k").gives(200).await;
    assert_eq!(paid.body["payment_id"], accepted.body["payment_id"]);
}

pub async fn screening_of(fixture: &Fixture, booking: &str) -> ticketshow_domain::ScreeningId {
    let seen = fixture
        .executor
        .state::<Booking>(&booking.parse().unwrap(), ticketshow_nats::executor::outcome::Freshness::Fresh)
        .await;
    seen.unwrap().state.opened.unwrap().reservation.screening
}

#[tokio::test]
async fn a_booking_cancelled_during_payment_cannot_be_paid() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let booking = hold(&fixture, &ada).await;
    pay(&fixture, &ada, &booking).gives(202).await;
    fixture.call(Method::DELETE, &format!("/bookings/{booking}")).token(&ada.token).gives(200).await;
    assert_eq!(pay(&fixture, &ada, &booking).send().await.outcome(), (409, "booking-cancelled"));
}

#[tokio::test]
async fn customers_can_pay_only_their_own_bookings_and_only_by_known_methods() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let booking = hold(&fixture, &ada).await;
    assert_eq!(pay(&fixture, &bob, &booking).send().await.outcome(), (404, "not-found"));
    let by = async |method: &str| {
        let call = fixture.post(&format!("/bookings/{booking}/payment")).token(&ada.token);
        call.json(json!({ "method": method })).send().await
    };
    assert_eq!(by("barter").await.body["errors"][0]["pointer"], "/method");
    // This fixture has no provider.
    assert_eq!(by("card").await.outcome(), (503, "payment-provider-unavailable"));
}

#[tokio::test]
async fn a_booking_held_on_one_replica_is_paid_on_another() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let _saga = Saga::run(&fixture, &ada).await;
    fixture.credit(&ada, 100_000).await;
    let screening = fixture.screening().await;
    let replica = fixture.replica().await;
    // The replica has the screening in memory as it was before.
    replica.reserve(&ada, screening, &["B-1"]).gives(201).await;
    let booking = fixture.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    fixture.project_booking(booking.parse().unwrap(), screening, ada.user).await;
    pay(&replica, &ada, &booking).gives(200).await;
}

#[tokio::test]
async fn a_lapsed_hold_cannot_be_paid() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let booking = clock::new_id();
    // Held by a command of nine minutes ago.
    let reserve = screening::Command::ReserveSeats {
        booking: ticketshow_domain::BookingId(booking),
        customer: UserId(ada.user.0),
        seats: vec![SeatName("A-1".to_owned()).into()],
        fingerprint: None,
    };
    let past = Metadata { time: clock::now() - jiff::SignedDuration::from_mins(9), ..metadata() };
    fixture.executor.execute(&screening, reserve, past, |_: &Screening| ()).await.unwrap();
    fixture.project_booking(ticketshow_domain::BookingId(booking), screening, ada.user).await;
    assert_eq!(pay(&fixture, &ada, &booking.to_string()).send().await.outcome(), (409, "hold-expired"));
}
