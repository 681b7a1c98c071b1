//! Seats of paid bookings that are given back, by their customer or by staff.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use ticketshow_domain::{
    BookingId, Currency, Money, PaymentId, ScreeningId, SeatName,
    booking::{self, Booking, PaymentMethod, Ticket},
    hold::Standing,
    payment::RefundTarget::Wallet,
    screening::{self, Screening},
};
use ticketshow_nats::{clock, executor::outcome::Freshness};

use crate::{
    bookings::payments::metadata,
    fixture::{Call, Fixture, Person, signer},
};

/// A booking that was paid from the wallet, without the sagas.
pub async fn paid(fixture: &Fixture, person: &Person, screening: ScreeningId, seats: &[&str]) -> BookingId {
    let held = fixture.reserve(person, screening, seats).gives(201).await;
    let (booking, payment) = (held.id("booking_id").parse().unwrap(), PaymentId(clock::new_id()));
    let seen = fixture.executor.state::<Screening>(&screening, Freshness::Fresh).await.unwrap();
    let reservation = seen.state.reservation(screening, booking).unwrap();
    let (standing, method) = (Standing::Held(clock::now()), PaymentMethod::Wallet);
    let pay = booking::Command::PayBooking { reservation, standing, payment, method, fingerprint: None };
    let sell = screening::Command::SellSeats { booking, payment };
    let ticket = |seat: &&str| {
        let seat = SeatName((*seat).to_owned());
        Ticket { code: signer().sign(screening, booking, &seat), seat }
    };
    let confirm = booking::Command::ConfirmBooking { payment, tickets: seats.iter().map(ticket).collect() };
    fixture.executor.execute(&booking, pay, metadata(), |_: &Booking| ()).await.unwrap();
    fixture.executor.execute(&screening, sell, metadata(), |_: &Screening| ()).await.unwrap();
    fixture.executor.execute(&booking, confirm, metadata(), |_: &Booking| ()).await.unwrap();
    booking
}

async fn payment_of(fixture: &Fixture, booking: BookingId) -> PaymentId {
    let seen = fixture.executor.state::<Booking>(&booking, Freshness::Fresh).await.unwrap();
    seen.state.opened.unwrap().winner().unwrap().payment
}

fn inr(amount_minor: i64) -> Value {
    json!({ "amount_minor": amount_minor, "currency": "INR" })
}

fn cancellation<'a>(fixture: &'a Fixture, token: &str, booking: BookingId) -> Call<'a> {
    fixture.post(&format!("/bookings/{booking}/cancellation")).token(token)
}

#[tokio::test]
async fn seats_are_given_back_one_after_the_other_until_the_booking_is_cancelled() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let screening = fixture.screening().await;
    let booking = paid(&fixture, &ada, screening, &["A-1", "A-2", "B-1"]).await;
    let back = |seats: Value| cancellation(&fixture, &ada.token, booking).json(json!({ "seats": seats }));

    let first = back(json!(["B-1"])).gives(202).await;
    assert_eq!(
        first.body,
        json!({
            "booking_id": booking, "reference": booking.reference(), "status": "confirmed", "returned": ["B-1"],
            "seats": ["A-1", "A-2"], "amount": inr(60_000),
            "refund": { "status": "requested", "amount": inr(20_000), "to": "wallet" },
        })
    );
    fixture.reserve(&bob, screening, &["B-1"]).gives(201).await;
    let void = fixture.ask("/check-ins");
    let code = signer().sign(screening, booking, &SeatName("B-1".to_owned()));
    assert_eq!(void.json(json!({ "code": code })).send().await.outcome(), (409, "void"));

    assert_eq!(back(json!(["B-1"])).send().await.outcome(), (409, "void"));
    assert_eq!(back(json!(["A-5"])).send().await.outcome(), (422, "unknown-seat"));
    assert_eq!(back(json!(["A-1", "A-1"])).send().await.outcome(), (422, "duplicate-seat"));
    assert_eq!(back(json!([])).send().await.outcome(), (422, "invalid"), "nothing is not everything");
    let last = cancellation(&fixture, &ada.token, booking).gives(202).await;
    assert_eq!((&last.body["status"], &last.body["seats"]), (&json!("cancelled"), &json!([])));
    assert_eq!(last.body["returned"], json!(["A-1", "A-2"]));
    assert_eq!(last.body["refund"]["amount"], inr(60_000), "only the rest");
    let again = cancellation(&fixture, &ada.token, booking).gives(202).await;
    assert_eq!(again.body["refund"]["amount"], inr(60_000));
    assert_eq!(back(json!(["A-1"])).send().await.outcome(), (409, "booking-cancelled"));
}

#[tokio::test]
async fn a_repeated_return_gives_nothing_back_twice() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let booking = paid(&fixture, &ada, screening, &["A-1", "A-2", "A-3"]).await;
    let back = |seats: Value, key: &str| {
        cancellation(&fixture, &ada.token, booking).json(json!({ "seats": seats })).key(key)
    };
    let amount = Money { amount_minor: 30_000, currency: Currency::INR };
    let first = back(json!(["A-1"]), "k").gives(202).await;
    assert_eq!(back(json!(["A-1"]), "k").gives(202).await.body, first.body);
    assert_eq!(back(json!(["A-2"]), "k").send().await.outcome(), (422, "idempotency-key-reused"));
    back(json!(["A-2"]), "l").gives(202).await;
    assert_eq!(
        back(json!(["A-1"]), "k").gives(202).await.body,
        first.body,
        "as if nothing had happened since"
    );
    let last = back(json!(["A-3"]), "m").gives(202).await;
    let refund = booking::Command::RecordRefund {
        payment: payment_of(&fixture, booking).await,
        target: Wallet,
        amount,
    };
    fixture.executor.execute(&booking, refund, metadata(), |_: &Booking| ()).await.unwrap();
    assert_eq!(back(json!(["A-3"]), "m").gives(202).await.body, last.body);
    assert_eq!(back(json!(["A-1"]), "k").gives(202).await.body, first.body);
    let now = cancellation(&fixture, &ada.token, booking).gives(202).await;
    assert_eq!(
        (&now.body["status"], &now.body["refund"]["status"]),
        (&json!("refunded"), &json!("completed"))
    );
}

#[tokio::test]
async fn no_refund_is_promised_for_what_staff_cancelled_without_one() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let booking = paid(&fixture, &ada, screening, &["A-1"]).await;
    let none = || cancellation(&fixture, &fixture.admin, booking).json(json!({ "refund": "none" })).key("k");
    assert_eq!(none().gives(202).await.body["refund"], Value::Null);
    assert_eq!(none().gives(202).await.body["refund"], Value::Null);
    let original = cancellation(&fixture, &fixture.admin, booking).json(json!({ "refund": "original" }));
    assert_eq!(original.gives(202).await.body["refund"], Value::Null);
    assert_eq!(cancellation(&fixture, &ada.token, booking).gives(202).await.body["refund"], Value::Null);
    let delete = fixture.call(Method::DELETE, &format!("/bookings/{booking}")).token(&ada.token);
    assert_eq!(delete.gives(200).await.body["refund"], Value::Null);
}

#[tokio::test]
async fn staff_are_customers_of_their_own_bookings() {
    let fixture = Fixture::open().await;
    let seller = fixture.administrator().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(1)).await;
    let booking = paid(&fixture, &seller, screening, &["A-1"]).await;
    let call = |token: &str, body: Value| cancellation(&fixture, token, booking).json(body);
    let late = call(&seller.token, json!({})).send().await;
    assert_eq!(late.outcome(), (409, "too-late-to-cancel"));
    for exception in
        [json!({ "refund": "original" }), json!({ "refund": "none" }), json!({ "reason": "Ill" })]
    {
        assert_eq!(call(&seller.token, exception).send().await.outcome(), (403, "forbidden"));
    }
    call(&fixture.admin, json!({ "refund": "original" })).gives(202).await;
}

#[tokio::test]
async fn a_reason_has_no_invisible_characters() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let booking = paid(&fixture, &ada, screening, &["A-1"]).await;
    for deceptive in ["Ill\u{202e}llI", "I\u{200b}ll", "two\nlines"] {
        let call = cancellation(&fixture, &fixture.admin, booking).json(json!({ "reason": deceptive }));
        assert_eq!(call.send().await.outcome(), (422, "invalid"), "{deceptive:?}");
    }
}

#[tokio::test]
async fn only_staff_choose_the_way_of_the_money_and_may_after_the_cut_off() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let screening = fixture.screening_in(SignedDuration::from_hours(1)).await;
    let booking = paid(&fixture, &ada, screening, &["A-1", "A-2", "B-1", "B-2"]).await;
    let call = |token: &str, body: Value| cancellation(&fixture, token, booking).json(body);

    let late = call(&ada.token, json!({ "seats": ["A-1"] })).send().await;
    assert_eq!(late.outcome(), (409, "too-late-to-cancel"));
    for staff_only in [json!({ "refund": "wallet" }), json!({ "reason": "I am ill." })] {
        assert_eq!(call(&ada.token, staff_only).send().await.outcome(), (403, "forbidden"));
    }
    assert_eq!(call(&bob.token, json!({})).send().await.outcome(), (404, "not-found"));
    let cash = call(&fixture.admin, json!({ "refund": "cash" })).send().await;
    assert_eq!(cash.outcome(), (409, "no-open-till"));
    let float = json!({ "float": inr(0) });
    fixture.ask("/box-office/tills").json(float).gives(201).await;
    let cash = call(&fixture.admin, json!({ "refund": "cash" })).send().await;
    assert_eq!(cash.outcome(), (409, "not-sold-at-counter"), "money of a wallet goes back to it");
    let long = "long".repeat(200);
    assert_eq!(call(&fixture.admin, json!({ "reason": long })).send().await.status.as_u16(), 422);

    let ill = json!({ "seats": ["A-1"], "refund": "none", "reason": "No longer wanted." });
    assert_eq!(call(&fixture.admin, ill).gives(202).await.body["refund"], Value::Null);
    let original = call(&fixture.admin, json!({ "seats": ["A-2"], "refund": "original" })).gives(202).await;
    assert_eq!(original.body["refund"]["amount"], inr(30_000));
    let rest = call(&fixture.admin, json!({ "refund": "none" })).gives(202).await;
    assert_eq!((&rest.body["status"], &rest.body["refund"]), (&json!("cancelled"), &Value::Null));
}

#[tokio::test]
async fn a_used_ticket_is_not_given_back_and_an_unpaid_booking_is_cancelled() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let booking = paid(&fixture, &ada, screening, &["A-1", "A-2"]).await;
    let code = signer().sign(screening, booking, &SeatName("A-1".to_owned()));
    fixture.ask("/check-ins").json(json!({ "code": code })).gives(200).await;
    let staff = |body: Value| cancellation(&fixture, &fixture.admin, booking).json(body);
    assert_eq!(staff(json!({ "seats": ["A-1"] })).send().await.outcome(), (409, "checked-in"));
    assert_eq!(staff(json!({})).send().await.outcome(), (409, "checked-in"));
    staff(json!({ "seats": ["A-2"] })).gives(202).await;

    let held = fixture.reserve(&ada, screening, &["B-1"]).gives(201).await;
    let held: BookingId = held.id("booking_id").parse().unwrap();
    let some = cancellation(&fixture, &ada.token, held).json(json!({ "seats": ["B-1"] })).send().await;
    assert_eq!(some.outcome(), (409, "not-confirmed"));
    let all = cancellation(&fixture, &ada.token, held).gives(202).await;
    assert_eq!((&all.body["status"], &all.body["refund"]), (&json!("cancelled"), &Value::Null));
}
