//! The same request again: by an impatient customer, by a client that lost the answer, after a restart.

use serde_json::json;
use ticketshow_tests::{Client, Stack, inr, plain_rows};

#[tokio::test]
async fn a_repeat_with_its_key_answers_the_same_also_after_a_restart() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let body = json!({"screening_id": screening, "seats": ["A-1", "A-2"]});
    let reserve = |client: &Client| client.post("/bookings", &body).key("one-booking");
    let payment = json!({"method": "wallet"});

    let first = reserve(&ada.client).await.expect(201);
    let again = reserve(&ada.client).await.expect(201);
    assert_eq!(first.json, again.json);
    let other = json!({"screening_id": screening, "seats": ["A-3"]});
    ada.client
        .post("/bookings", &other)
        .key("one-booking")
        .await
        .expect_problem(422, "idempotency-key-reused");
    let path = format!("/bookings/{}/payment", first.str("booking_id"));
    let paid = ada.client.post(&path, &payment).key("one-payment").await.expect(200);

    stack.server.kill();
    stack.server.restart().await;

    assert_eq!(reserve(&ada.client).await.expect(201).json["booking_id"], first.json["booking_id"]);
    ada.client
        .post("/bookings", &other)
        .key("one-booking")
        .await
        .expect_problem(422, "idempotency-key-reused");
    let repeated = ada.client.post(&path, &payment).key("one-payment").await.expect(200);
    assert_eq!(repeated.json, paid.json);
    let wallet = ada.client.get("/wallet").min_position(repeated.position()).await.expect(200);
    assert_eq!(wallet.json["balance"], inr(50_000), "the wallet was debited once");
    ada.pay(first.str("booking_id")).await.expect_problem(409, "already-paid");
    stack.verify();
}

#[tokio::test]
async fn what_an_administrator_creates_with_a_key_is_there_once() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let show = json!({"title": "Gangway", "description": "", "duration_minutes": 100, "language": "English",
        "genres": ["Musical"]});
    let other = json!({"title": "Gangway II", "description": "", "duration_minutes": 100, "language": "English",
        "genres": ["Musical"]});
    let first = admin.post("/shows", &show).key("gangway").await.expect(201);
    let again = admin.post("/shows", &show).key("gangway").await.expect(201);
    assert_eq!(first.json["show_id"], again.json["show_id"]);
    admin.post("/shows", &other).key("gangway").await.expect_problem(422, "idempotency-key-reused");
    admin.post("/shows", &other).key("gangway-two").await.expect(201);

    let ada = stack.customer().await;
    let credit = json!({"amount": inr(500), "reason": "goodwill"});
    let path = format!("/admin/wallets/{}/credits", ada.user_id);
    let mut position = 0;
    for _ in 0..3 {
        position = admin.post(&path, &credit).key("goodwill").await.expect(201).position();
    }
    let wallet = ada.client.get("/wallet").min_position(position).await.expect(200);
    assert_eq!(wallet.json["balance"], inr(500));
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let (ada, bob) = (stack.customer().await, stack.customer().await);
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let body = json!({"screening_id": screening, "seats": ["A-1"]});
    bob.client.post("/bookings", &body).key("k").await.expect_problem(409, "seat-taken");
    ada.client.delete(&format!("/bookings/{}", held.str("booking_id"))).await.expect(200);
    bob.client.post("/bookings", &body).key("k").await.expect(201);
}

#[tokio::test]
async fn an_outcome_of_a_payment_is_remembered() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let poor = stack.customer().await;
    let held = poor.reserve(&screening, &["A-1"]).await.expect(201);
    let path = format!("/bookings/{}/payment", held.str("booking_id"));
    let payment = json!({"method": "wallet"});
    poor.client.post(&path, &payment).key("k").await.expect_problem(402, "insufficient-funds");
    let credit = json!({"amount": inr(25_000), "reason": "goodwill"});
    admin.post(&format!("/admin/wallets/{}/credits", poor.user_id), &credit).await.expect(201);
    poor.client.post(&path, &payment).key("k").await.expect_problem(402, "insufficient-funds");
    poor.client.post(&path, &payment).key("another-attempt").await.expect(200);
}
