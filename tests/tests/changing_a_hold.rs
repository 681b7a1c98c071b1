//! Other seats in place of those that are held: in one step, or not at all.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_tests::{Answer, Customer, Stack, inr, plain_rows};
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_mins(1);

async fn change(customer: &Customer, screening: &str, seats: &[&str], replaced: &str, key: &str) -> Answer {
    let body = json!({"screening_id": screening, "seats": seats, "replaces": replaced});
    customer.client.post("/bookings", &body).key(key).await
}

async fn hold(customer: &Customer, screening: &str, seats: &[&str]) -> (String, Value) {
    let held = customer.reserve(screening, seats).await.expect(201);
    (held.str("booking_id").to_owned(), held.json["held_until"].clone())
}

#[tokio::test]
async fn a_hold_changes_in_one_step_or_stays_as_it_is() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let (ada, bob) = (stack.customer_with(&admin, 100_000).await, stack.customer_with(&admin, 100_000).await);
    let (first, until) = hold(&ada, &screening, &["A-1", "A-2"]).await;
    let (theirs, _) = hold(&bob, &screening, &["A-5"]).await;

    // One of the old seats, and a new one.
    let changed = change(&ada, &screening, &["A-2", "A-3"], &first, "one").await.expect(201);
    let second = changed.str("booking_id");
    assert_ne!(second, first);
    assert_eq!((&changed.json["held_until"], &changed.json["amount"]), (&until, &inr(50_000)));
    let repeat = change(&ada, &screening, &["A-2", "A-3"], &first, "one").await.expect(201);
    assert_eq!(repeat.json, changed.json);
    change(&ada, &screening, &["A-4"], &first, "one").await.expect_problem(422, "idempotency-key-reused");
    let map = ada.client.get(&format!("/screenings/{screening}/seats"));
    let map = map.min_position(changed.position()).await.expect(200);
    let held = map.json["rows"][0]["seats"].as_array().unwrap().iter();
    let held: Vec<&Value> = held.filter(|seat| seat["status"] == "held").map(|seat| &seat["seat"]).collect();
    assert_eq!(held, [&json!("A-2"), &json!("A-3"), &json!("A-5")]);
    let old =
        ada.client.get(&format!("/bookings/{first}")).min_position(changed.position()).await.expect(200);
    assert_eq!(old.str("status"), "cancelled");
    let history = ada.client.get(&format!("/bookings/{first}/history")).await.expect(200);
    assert!(history.text().contains("You chose seats A-2 and A-3 instead"), "{}", history.text());

    // Bob has A-5, and Ada cannot see his booking.
    let taken = change(&ada, &screening, &["A-2", "A-5"], second, "two").await;
    assert_eq!(taken.expect_problem(409, "seat-taken").json["seats"], json!(["A-5"]));
    change(&ada, &screening, &["A-6"], &theirs, "three").await.expect_problem(404, "not-found");
    change(&ada, &screening, &["A-6"], &first, "four").await.expect_problem(409, "booking-cancelled");
    ada.pay(second).await.expect(200);
    change(&ada, &screening, &["A-6"], second, "five").await.expect_problem(409, "already-paid");
    stack.verify();
}

#[tokio::test]
async fn of_many_changes_of_one_hold_one_comes_about() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(2, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let (first, _) = hold(&ada, &screening, &["A-1", "A-2"]).await;
    let mut changes = JoinSet::new();
    for number in 1..=8 {
        let (client, body) = (
            ada.client.clone(),
            json!({"screening_id": screening, "seats": ["A-2", format!("B-{number}")], "replaces": first}),
        );
        changes.spawn(async move { client.post("/bookings", &body).await.status });
    }
    let mut statuses = changes.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    stack.verify();
}

#[tokio::test]
async fn a_code_goes_on_with_the_new_seats() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let code = format!("SEATS-{:08X}", rand::random::<u32>());
    let terms = json!({"code": code, "percent": 50, "uses_max": 1, "uses_per_customer_max": 1});
    admin.post("/promotions", &terms).await.expect(201);
    let ada = stack.customer_with(&admin, 100_000).await;
    let (first, _) = hold(&ada, &screening, &["A-1", "A-2"]).await;
    let path = format!("/bookings/{first}/promotion");
    ada.client.post(&path, &json!({"code": code})).await.expect(200);

    let changed = change(&ada, &screening, &["A-2", "A-3", "A-4"], &first, "one").await.expect(201);
    assert_eq!((&changed.json["discount"], &changed.json["amount"]), (&inr(37_500), &inr(37_500)));
    assert_eq!(changed.json["promotion"]["code"], json!(code));
    let repeat = change(&ada, &screening, &["A-2", "A-3", "A-4"], &first, "one").await.expect(201);
    assert_eq!(repeat.json, changed.json);
    // The saga ends the first booking meanwhile, which leaves the use alone.
    let second = changed.str("booking_id");
    ada.booking_when(PATIENCE, &first, "the discount to be off", |seen| seen["promotion"].is_null()).await;
    assert_eq!(ada.pay(second).await.expect(200).json["amount"], inr(37_500));
    stack.verify();
}

#[tokio::test]
async fn a_hold_that_is_being_paid_does_not_change_and_one_whose_payment_failed_does() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 10).await;
    let (first, until) = hold(&ada, &screening, &["A-1"]).await;
    ada.pay(&first).await.expect_problem(402, "insufficient-funds");
    let changed = change(&ada, &screening, &["A-2"], &first, "one").await.expect(201);
    assert_eq!(changed.json["held_until"], until);
    ada.booking_when(PATIENCE, &first, "the old booking to end", |seen| seen["status"] == "cancelled").await;
    ada.pay(&first).await.expect_problem(409, "booking-cancelled");

    let second = changed.str("booking_id");
    let path = format!("/bookings/{second}/payment");
    let page = ada.client.post(&path, &json!({"method": "card"})).await.expect(201);
    change(&ada, &screening, &["A-3"], second, "two").await.expect_problem(409, "payment-in-progress");
    sim.pay_declined(page.str("checkout_url")).await;
    ada.booking_when(PATIENCE, second, "the payment to fail", |seen| seen["status"] == "held").await;
    let third = change(&ada, &screening, &["A-3"], second, "three").await.expect(201);
    // The extension of the first checkout is not extended again, and gives no more time than a new hold has.
    assert!(third.str("held_until") < page.str("held_until"), "{}", third.text());
    let path = format!("/bookings/{}/payment", third.str("booking_id"));
    let page = ada.client.post(&path, &json!({"method": "card"})).await.expect(201);
    assert_eq!(page.json["held_until"], third.json["held_until"]);
    sim.pay(page.str("checkout_url")).await;
    let done = |seen: &Value| seen["status"] == "confirmed";
    ada.booking_when(PATIENCE, third.str("booking_id"), "the seats to be paid", done).await;
    stack.verify();
}
