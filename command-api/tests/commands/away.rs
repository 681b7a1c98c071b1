//! Outages: reported as such, and over once the dependency is back.

use axum::http::{Method, header};
use serde_json::json;
use ticketshow_http::Limits;
use ticketshow_tests::{Nats, Postgres, eventually};

use crate::{
    fixture::{Fixture, provisioned},
    line::Line,
};

#[tokio::test]
async fn without_the_log_commands_fail() {
    let mut nats = Nats::start().await;
    let postgres = Postgres::start().await;
    provisioned(&nats.url()).await;
    let fixture = Fixture::open_at(&nats, &postgres, &Limits::OFF).await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;

    nats.kill();
    let away = fixture.reserve(&ada, screening, &["A-1"]).key("k").gives(503).await;
    assert!(away.headers.contains_key(header::RETRY_AFTER));
    nats.restart().await;
    eventually("the reservation to work again", async || {
        let answer = fixture.reserve(&ada, screening, &["A-1"]).key("k").send().await;
        (answer.status == 201).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_credit_without_a_key_whose_answer_got_lost_is_given_once() {
    let nats = Nats::start().await;
    let postgres = Postgres::start().await;
    provisioned(&nats.url()).await;
    let line = Line::to(&nats).await;
    let fixture = Fixture::open_by(line.url(), &postgres, &Limits::OFF).await;
    let ada = fixture.customer().await;
    let path = format!("/admin/wallets/{}/credits", ada.user);
    let body = json!({ "amount": { "amount_minor": 500, "currency": "INR" }, "reason": "Sorry" });
    let credit = || fixture.ask(&path).json(body.clone());
    credit().key("first").gives(201).await;

    // Stored, but the answer is lost on its way.
    line.silent_after("HPUB tix.wallet.");
    let lost = credit().gives(503).await;
    let key = lost.body["idempotency_key"].as_str().unwrap();
    line.restore();
    let given = eventually("the credit to be given", async || {
        let answer = credit().key(key).send().await;
        (answer.status == 201).then_some(answer)
    })
    .await;
    assert_eq!(given.body["balance_after"]["amount_minor"], 1_000);
    assert_eq!(credit().key(key).gives(201).await.body, given.body);
    assert_eq!(credit().key("last").gives(201).await.body["balance_after"]["amount_minor"], 1_500);
}

#[tokio::test]
async fn without_the_read_models_only_lookups_fail() {
    let nats = Nats::start().await;
    let mut postgres = Postgres::start().await;
    provisioned(&nats.url()).await;
    let fixture = Fixture::open_at(&nats, &postgres, &Limits::OFF).await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;

    postgres.kill();
    let grant = || {
        let call =
            fixture.call(Method::PUT, &format!("/admin/accounts/{}/role", ada.user)).token(&fixture.admin);
        call.json(json!({ "role": "staff" }))
    };
    assert_eq!(grant().send().await.outcome(), (503, "unavailable"));
    let booking = fixture.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    fixture.call(Method::DELETE, &format!("/bookings/{booking}")).token(&ada.token).gives(200).await;
    postgres.restart().await;
    eventually("the role to be granted", async || (grant().send().await.status == 200).then_some(())).await;
}
