//! Paying by card at the provider's page, and the fate of the money when things go wrong. The provider is the
//! simulator; everything else is real.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use ticketshow_dodo_sim::{Fault, RequestFault};
use ticketshow_tests::{Customer, DodoSim, Stack, eventually_within, inr, plain_rows, seat_status};

const PATIENCE: Duration = Duration::from_secs(30);

/// A held booking of two seats, 500 rupees.
async fn hold(ada: &Customer, screening: &str, seats: &[&str]) -> String {
    ada.reserve(screening, seats).await.expect(201).str("booking_id").to_owned()
}

/// The provider's page for a booking.
async fn page(ada: &Customer, booking: &str) -> String {
    let path = format!("/bookings/{booking}/payment");
    let opened = ada.client.post(&path, &json!({"method": "card"})).await.expect(201);
    opened.str("checkout_url").to_owned()
}

async fn balance(ada: &Customer) -> Value {
    ada.client.get("/wallet").await.expect(200).json["balance"].clone()
}

#[tokio::test]
async fn a_card_buys_the_seats_and_gets_its_money_back_when_they_are_cancelled() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(2, 10)).await;
    let ada = stack.customer().await;
    let held = ada.reserve(&screening, &["A-1", "A-2"]).await.expect(201);
    let booking = held.str("booking_id");

    let path = format!("/bookings/{booking}/payment");
    let opened = ada.client.post(&path, &json!({"method": "card"})).key("once").await.expect(201);
    assert_eq!(opened.str("status"), "paying");
    assert!(
        opened.str("held_until") > held.str("held_until"),
        "the hold was not extended: {}",
        opened.text()
    );
    // Asking again is answered with the same page, whatever the key.
    for key in ["once", "twice"] {
        let again = ada.client.post(&path, &json!({"method": "card"})).key(key).await.expect(201);
        assert_eq!(again.json["checkout_url"], opened.json["checkout_url"]);
        assert_eq!(again.json["payment_id"], opened.json["payment_id"]);
    }

    sim.pay(opened.str("checkout_url")).await;
    let confirmed = ada
        .booking_when(PATIENCE, booking, "the booking to be confirmed", |b| b["status"] == "confirmed")
        .await;
    assert_eq!(confirmed["tickets"].as_array().map(Vec::len), Some(2));
    assert_eq!(balance(&ada).await, inr(0));
    ada.client.post(&path, &json!({"method": "card"})).await.expect_problem(409, "already-paid");

    let cancelled = ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    assert_eq!(cancelled.str("status"), "cancelled");
    ada.booking_when(PATIENCE, booking, "the money to be back", |b| b["status"] == "refunded").await;
    sim.settled().await;
    let moved: Vec<_> = sim.ledger().iter().map(|movement| movement.amount).collect();
    assert_eq!(moved.len(), 2, "one payment and one refund: {moved:?}");
    assert_eq!(balance(&ada).await, inr(0), "it went to the card, not to the wallet");
    let map = ada.client.get(&format!("/screenings/{screening}/seats")).await.expect(200);
    assert_eq!(seat_status(&map.json, "A-1"), "free");
    stack.verify();
}

#[tokio::test]
async fn a_declined_card_leaves_the_hold_for_the_wallet() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let booking = hold(&ada, &screening, &["A-1"]).await;
    sim.pay_declined(&page(&ada, &booking).await).await;
    ada.booking_when(PATIENCE, &booking, "the decline to arrive", |b| b["status"] == "held").await;
    let paid = ada.pay(&booking).await.expect(200);
    assert_eq!(paid.str("status"), "confirmed");
    stack.verify();
}

#[tokio::test]
async fn a_payment_page_that_was_left_leaves_the_hold_and_speaks_of_no_declined_card() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let booking = hold(&ada, &screening, &["A-1"]).await;
    sim.cancel(&page(&ada, &booking).await).await;
    ada.booking_when(PATIENCE, &booking, "the page to be given up", |b| b["status"] == "held").await;
    let history = ada.client.get(&format!("/bookings/{booking}/history")).await.expect(200).text();
    assert!(history.contains("left without paying") && !history.contains("declined"), "{history}");
    ada.pay(&booking).await.expect(200);
    // Mails of a booking are queued in the order of its events.
    let mails = eventually_within(PATIENCE, "the confirmation to be queued", async || {
        let mails = admin.get(&format!("/admin/mails?booking_id={booking}")).await.expect(200).text();
        mails.contains("booking_confirmed").then_some(mails)
    })
    .await;
    assert!(!mails.contains("payment_failed"), "the customer was still choosing how to pay: {mails}");
    stack.verify();
}

#[tokio::test]
async fn a_top_up_fills_the_wallet() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let ada = stack.customer().await;
    let top_up = |amount: Value| ada.client.post("/wallet/top-ups", &json!({"amount": amount}));
    top_up(inr(99)).await.expect(422);
    top_up(inr(5_000_001)).await.expect(422);
    let opened = top_up(inr(75_000)).key("k").await.expect(201);
    assert_eq!(top_up(inr(75_000)).key("k").await.expect(201).json, opened.json);
    top_up(inr(75_001)).key("k").await.expect_problem(422, "idempotency-key-reused");
    sim.pay(opened.str("checkout_url")).await;
    eventually_within(PATIENCE, "the wallet to be filled", async || {
        (balance(&ada).await == inr(75_000)).then_some(())
    })
    .await;
    let ledger = ada.client.get("/wallet/transactions").await.expect(200);
    assert_eq!(ledger.json["items"][0]["kind"], "top_up");
    stack.verify();
}

#[tokio::test]
async fn money_that_comes_after_the_hold_lapsed_buys_free_seats_and_else_goes_back() {
    let settings = [("TICKETSHOW_HOLD_SECONDS", "6"), ("TICKETSHOW_EXTENSION_SECONDS", "6")];
    let (stack, sim) = Stack::with_cards(&settings).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let (ada, bob) = (stack.customer().await, stack.customer_with(&admin, 100_000).await);
    let free_again = hold(&ada, &screening, &["A-1"]).await;
    let taken = hold(&ada, &screening, &["A-2"]).await;
    let pages = [page(&ada, &free_again).await, page(&ada, &taken).await];
    for booking in [&free_again, &taken] {
        ada.booking_when(PATIENCE, booking, "the hold to lapse", |b| b["status"] == "expired").await;
    }
    let bobs = hold(&bob, &screening, &["A-2"]).await;
    bob.pay(&bobs).await.expect(200);

    for page in &pages {
        sim.pay(page).await;
    }
    ada.booking_when(PATIENCE, &free_again, "the late money to buy the seat", |b| b["status"] == "confirmed")
        .await;
    eventually_within(PATIENCE, "the other money to go back", async || {
        (sim.ledger().len() == 3).then_some(())
    })
    .await;
    let seen = ada.client.get(&format!("/bookings/{taken}")).await.expect(200);
    assert_eq!(seen.str("status"), "expired");
    stack.verify();
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_and_may_be_asked_again_with_the_same_key() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer().await;
    let booking = hold(&ada, &screening, &["A-1"]).await;
    sim.add_request_fault(Fault::next(3, RequestFault::ErrorBefore).on("POST /checkouts")).await;
    let path = format!("/bookings/{booking}/payment");
    let pay = || ada.client.post(&path, &json!({"method": "card"})).key("k");
    pay().await.expect_problem(503, "payment-provider-unavailable");
    ada.booking_when(PATIENCE, &booking, "the hold to be kept", |b| b["status"] == "held").await;
    sim.heal();
    let opened = pay().await.expect(201);
    sim.pay(opened.str("checkout_url")).await;
    ada.booking_when(PATIENCE, &booking, "the booking to be confirmed", |b| b["status"] == "confirmed").await;
    stack.verify();
}

#[tokio::test]
async fn a_payment_that_nobody_told_us_of_is_asked_for() {
    let sim = DodoSim::start().await;
    let environment = sim.environment();
    let settings: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // The simulator does not know where to send its notices.
    let stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer().await;
    let booking = hold(&ada, &screening, &["A-1"]).await;
    sim.pay(&page(&ada, &booking).await).await;
    let path = format!("/bookings/{booking}");
    eventually_within(Duration::from_mins(1), "the provider to be asked", async || {
        let seen = ada.client.get(&path).await.expect(200);
        (seen.str("status") == "confirmed").then_some(())
    })
    .await;
    stack.verify();
}

#[tokio::test]
async fn a_notice_is_believed_only_with_the_providers_signature() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let notice = json!({"type": "payment.succeeded", "data": {"payload_type": "Payment"}});
    let forged = stack
        .client()
        .post("/webhooks/dodo", &notice)
        .header("webhook-id", "msg_forged")
        .header("webhook-timestamp", &ticketshow_tests::now().as_second().to_string())
        .header("webhook-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    forged.await.expect(401);
    stack.client().post("/webhooks/dodo", &notice).await.expect(401);
    drop(sim);
}

#[tokio::test]
async fn without_a_provider_cards_are_turned_down_at_once() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer().await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id");
    let path = format!("/bookings/{booking}/payment");
    let refused = ada.client.post(&path, &json!({"method": "card"})).await;
    refused.expect_problem(503, "payment-provider-unavailable");
    let top_up = ada.client.post("/wallet/top-ups", &json!({"amount": inr(10_000)})).await;
    top_up.expect_problem(503, "payment-provider-unavailable");
    let path = format!("/bookings/{booking}");
    let seen = ada.client.get(&path).min_position(held.position()).await.expect(200);
    assert_eq!(seen.str("status"), "held");
}

#[tokio::test]
async fn a_payment_whose_page_would_open_after_a_minute_is_turned_away_with_the_wait() {
    let (stack, _sim) = Stack::with_cards(&[
        ("DODO_PAYMENTS_CALLS_PER_MINUTE", "1"),
        ("TICKETSHOW_OPEN_CHECKOUTS_PER_USER", "0"),
        ("TICKETSHOW_TOP_UPS_PER_USER", "0"),
    ])
    .await;
    let ada = stack.customer().await;
    // Eight calls are free, and one payment waits for the ninth.
    let top_up = async |_| ada.client.post("/wallet/top-ups", &json!({"amount": inr(10_000)})).await;
    let answers = join_all((0..16).map(top_up)).await;

    let (away, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 503);
    assert!(others.len() <= 9, "{} pages were opened or promised", others.len());
    for answer in away {
        assert_eq!(answer.header("retry-after"), Some("60"));
        answer.expect_problem(503, "payment-provider-unavailable");
    }
}

#[tokio::test]
async fn what_is_too_small_for_a_card_is_paid_from_the_wallet() {
    let (stack, _sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let known = stack.screening(&admin, &plain_rows(1, 2)).await;
    let known = ticketshow_tests::eventually("the screening to be in the read models", async || {
        let answer = admin.get(&format!("/screenings/{known}")).try_send().await.ok()?;
        (answer.status == 200).then_some(answer.json)
    })
    .await;
    let row = |label: &str| json!({"label": label, "category": label, "seats": 4});
    let screen = json!({"name": "Screen 2", "layout": {"rows": [row("A"), row("B")]}});
    let path = format!("/venues/{}/screens", known["venue_id"].as_str().expect("an id"));
    let screen = admin.post(&path, &screen).await.expect(201);
    let screening = json!({"show_id": known["show_id"], "screen_id": screen.str("screen_id"),
        "starts_at": known["starts_at"], "prices": {"A": inr(25), "B": inr(0)}});
    let screening = admin.post("/screenings", &screening).await.expect(201).str("screening_id").to_owned();

    let ada = stack.customer_with(&admin, 1_000).await;
    for (seat, slug) in [("A-1", "too-small-for-card"), ("B-1", "nothing-to-pay")] {
        let booking = hold(&ada, &screening, &[seat]).await;
        let path = format!("/bookings/{booking}/payment");
        let refused = ada.client.post(&path, &json!({"method": "card"})).await.expect_problem(422, slug);
        assert_eq!(refused.json["least"], inr(50));
        let paid = ada.pay(&booking).await.expect(200);
        assert_eq!(paid.str("status"), "confirmed", "{seat}");
        ada.client.get("/wallet").min_position(paid.position()).await.expect(200);
    }
    assert_eq!(balance(&ada).await, inr(975));
}
