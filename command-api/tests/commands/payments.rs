//! Wallet payments, with a minimal payment saga.

use axum::http::Method;
use futures_util::StreamExt;
use serde_json::json;
use ticketshow_domain::{
    AnyEvent, UserId,
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

use crate::house::{Call, House, Person};

/// Completes all payments of one customer, until it is dropped. The log is shared with other tests.
pub struct Saga(AbortHandle);

impl Drop for Saga {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Saga {
    pub async fn run(house: &House, whose: &Person) -> Self {
        let end = house.log.last_position().await.unwrap();
        let commits = house.log.tail(end, &["tix.booking.>"]).await.unwrap();
        let (executor, whose) = (house.executor.clone(), whose.user);
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

fn metadata() -> Metadata {
    let (time, correlation) = (clock::now(), clock::new_id());
    Metadata { time, actor: Actor::Saga("payment".into()), correlation, causation: None, trace: None }
}

async fn settle(executor: &Executor, whose: UserId, event: booking::Event) {
    let booking::Event::PaymentRequested { booking, screening, customer, payment, amount, .. } = event else {
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

pub fn pay<'a>(house: &'a House, person: &Person, booking: &str) -> Call<'a> {
    house
        .post(&format!("/bookings/{booking}/payment"))
        .token(&person.token)
        .json(json!({ "method": "wallet" }))
}

pub async fn hold(house: &House, person: &Person) -> String {
    let screening = house.screening().await;
    house.reserve(person, screening, &["A-1", "A-2"]).gives(201).await.id("booking_id")
}

#[tokio::test]
async fn paying_a_booking_returns_its_tickets() {
    let house = House::open().await;
    let ada = house.customer().await;
    let _saga = Saga::run(&house, &ada).await;
    house.credit(&ada, 100_000).await;
    let booking = hold(&house, &ada).await;

    let paid = pay(&house, &ada, &booking).key("k").gives(200).await;
    let expected = json!({
        "booking_id": booking, "status": "confirmed", "payment_id": paid.id("payment_id"), "method": "wallet",
        "amount": { "amount_minor": 60_000, "currency": "INR" },
        "tickets": [{ "seat": "A-1", "code": "code of A-1" }, { "seat": "A-2", "code": "code of A-2" }],
    });
    assert_eq!(paid.body, expected);
    assert_eq!(pay(&house, &ada, &booking).key("k").gives(200).await.body, expected);
    assert_eq!(pay(&house, &ada, &booking).key("l").send().await.told(), (409, "already-paid"));
}

fn cancel<'a>(house: &'a House, person: &Person, booking: &str) -> Call<'a> {
    house.call(Method::DELETE, &format!("/bookings/{booking}")).token(&person.token)
}

#[tokio::test]
async fn cancelling_a_paid_booking_starts_a_refund() {
    let house = House::open().await;
    let (ada, bob) = (house.customer().await, house.customer().await);
    let saga = Saga::run(&house, &ada).await;
    house.credit(&ada, 100_000).await;
    let screening = house.screening().await;
    let booking = house.reserve(&ada, screening, &["A-1", "A-2"]).gives(201).await.id("booking_id");
    let paid = pay(&house, &ada, &booking).gives(200).await;
    drop(saga);

    assert_eq!(cancel(&house, &bob, &booking).send().await.told(), (404, "not-found"));
    let cancelled = cancel(&house, &ada, &booking).gives(202).await;
    let refund = |status| {
        let amount = json!({ "amount_minor": 60_000, "currency": "INR" });
        json!({ "booking_id": booking, "status": "cancelled",
            "refund": { "status": status, "amount": amount, "to": "wallet" } })
    };
    assert_eq!(cancelled.body, refund("requested"));
    assert!(cancelled.position() > paid.position());
    house.reserve(&bob, screening, &["A-1"]).gives(201).await;

    let (payment, target) = (paid.id("payment_id").parse().unwrap(), payment::RefundTarget::Wallet);
    let amount = serde_json::from_value(cancelled.body["refund"]["amount"].clone()).unwrap();
    let record = booking::Command::RecordRefund { payment, target, amount };
    let booking_id = booking.parse().unwrap();
    house.executor.execute(&booking_id, record, metadata(), |_: &Booking| ()).await.unwrap();
    assert_eq!(cancel(&house, &ada, &booking).gives(202).await.body, refund("completed"));
}

#[tokio::test]
async fn a_booking_with_a_used_ticket_cannot_be_cancelled() {
    let house = House::open().await;
    let ada = house.customer().await;
    let _saga = Saga::run(&house, &ada).await;
    house.credit(&ada, 100_000).await;
    let booking = hold(&house, &ada).await;
    pay(&house, &ada, &booking).gives(200).await;
    let screening = screening_of(&house, &booking).await;
    let (booking_id, seat, by) = (booking.parse().unwrap(), "A-1".parse().unwrap(), UserId(clock::new_id()));
    let check_in = screening::Command::CheckInTicket { booking: booking_id, seat, by };
    house.executor.execute(&screening, check_in, metadata(), |_: &Screening| ()).await.unwrap();
    assert_eq!(cancel(&house, &ada, &booking).send().await.told(), (409, "checked-in"));
}

#[tokio::test]
async fn a_paid_booking_cannot_be_cancelled_shortly_before_the_start() {
    let house = House::open().await;
    let ada = house.customer().await;
    let _saga = Saga::run(&house, &ada).await;
    house.credit(&ada, 100_000).await;
    let screening = house.screening_in(jiff::SignedDuration::from_mins(119)).await;
    let paid = house.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    pay(&house, &ada, &paid).gives(200).await;
    let refused = cancel(&house, &ada, &paid).send().await;
    assert_eq!(refused.told(), (409, "too-late-to-cancel"));
    assert!(refused.body["until"].is_string(), "{refused:?}");
    // What is only held may still be given back.
    let held = house.reserve(&ada, screening, &["A-2"]).gives(201).await.id("booking_id");
    cancel(&house, &ada, &held).gives(200).await;
}

#[tokio::test]
async fn insufficient_funds_is_an_outcome_that_its_key_repeats() {
    let house = House::open().await;
    let ada = house.customer().await;
    let _saga = Saga::run(&house, &ada).await;
    let booking = hold(&house, &ada).await;

    let refused = pay(&house, &ada, &booking).key("k").send().await;
    assert_eq!(refused.told(), (402, "insufficient-funds"));
    house.credit(&ada, 100_000).await;
    assert_eq!(pay(&house, &ada, &booking).key("k").gives(402).await.body, refused.body);
    pay(&house, &ada, &booking).key("l").gives(200).await;
}

#[tokio::test]
async fn a_slow_payment_is_202_and_its_key_returns_the_outcome_later() {
    let house = House::open().await;
    let ada = house.customer().await;
    house.credit(&ada, 100_000).await;
    let booking = hold(&house, &ada).await;
    let accepted = pay(&house, &ada, &booking).key("k").gives(202).await;
    assert_eq!(accepted.body["status"], "paying");
    assert_eq!(pay(&house, &ada, &booking).key("l").send().await.told(), (409, "payment-in-progress"));

    let requested = booking::Event::PaymentRequested {
        booking: booking.parse().unwrap(),
        screening: screening_of(&house, &booking).await,
        customer: ada.user,
        payment: accepted.id("payment_id").parse().unwrap(),
        method: booking::PaymentMethod::Wallet,
        amount: serde_json::from_value(accepted.body["amount"].clone()).unwrap(),
        fingerprint: None,
    };
    settle(&house.executor, ada.user, requested).await;
    let paid = pay(&house, &ada, &booking).key("k").gives(200).await;
    assert_eq!(paid.body["payment_id"], accepted.body["payment_id"]);
}

async fn screening_of(house: &House, booking: &str) -> ticketshow_domain::ScreeningId {
    let seen = house
        .executor
        .state::<Booking>(&booking.parse().unwrap(), ticketshow_nats::executor::outcome::Freshness::Fresh)
        .await;
    seen.unwrap().state.opened.unwrap().reservation.screening
}

#[tokio::test]
async fn a_booking_cancelled_during_payment_cannot_be_paid() {
    let house = House::open().await;
    let ada = house.customer().await;
    let booking = hold(&house, &ada).await;
    pay(&house, &ada, &booking).gives(202).await;
    house.call(Method::DELETE, &format!("/bookings/{booking}")).token(&ada.token).gives(200).await;
    assert_eq!(pay(&house, &ada, &booking).send().await.told(), (409, "booking-cancelled"));
}

#[tokio::test]
async fn customers_can_pay_only_their_own_bookings_and_only_by_known_methods() {
    let house = House::open().await;
    let (ada, bob) = (house.customer().await, house.customer().await);
    let booking = hold(&house, &ada).await;
    assert_eq!(pay(&house, &bob, &booking).send().await.told(), (404, "not-found"));
    let by = async |method: &str| {
        let call = house.post(&format!("/bookings/{booking}/payment")).token(&ada.token);
        call.json(json!({ "method": method })).send().await
    };
    assert_eq!(by("barter").await.body["errors"][0]["pointer"], "/method");
    // This house has no provider.
    assert_eq!(by("card").await.told(), (503, "payment-provider-unavailable"));
}

#[tokio::test]
async fn a_booking_held_on_one_replica_is_paid_on_another() {
    let house = House::open().await;
    let ada = house.customer().await;
    let _saga = Saga::run(&house, &ada).await;
    house.credit(&ada, 100_000).await;
    let screening = house.screening().await;
    let replica = house.replica().await;
    // The replica has the screening in memory as it was before.
    replica.reserve(&ada, screening, &["B-1"]).gives(201).await;
    let booking = house.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    house.project_booking(booking.parse().unwrap(), screening, ada.user).await;
    pay(&replica, &ada, &booking).gives(200).await;
}

#[tokio::test]
async fn a_lapsed_hold_cannot_be_paid() {
    let house = House::open().await;
    let ada = house.customer().await;
    let screening = house.screening().await;
    let booking = clock::new_id();
    // Held by a command of nine minutes ago.
    let reserve = screening::Command::ReserveSeats {
        booking: ticketshow_domain::BookingId(booking),
        customer: UserId(ada.user.0),
        seats: vec!["A-1".parse().unwrap()],
        fingerprint: None,
    };
    let past = Metadata { time: clock::now() - jiff::SignedDuration::from_mins(9), ..metadata() };
    house.executor.execute(&screening, reserve, past, |_: &Screening| ()).await.unwrap();
    house.project_booking(ticketshow_domain::BookingId(booking), screening, ada.user).await;
    assert_eq!(pay(&house, &ada, &booking.to_string()).send().await.told(), (409, "hold-expired"));
}
