//! Some seats of a paid booking are given back: exactly their price is refunded, once, and the rest stays as it was,
//! even if services are killed meanwhile.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_dodo_sim::{Fault, MovementKind, RequestFault};
use ticketshow_tests::{Client, DodoSim, Stack, eventually_within, inr, plain_rows, seat_status};

/// A lost answer of the provider is checked after a minute and a half.
const PATIENCE: Duration = Duration::from_mins(4);

fn is_refunded(booking: &Value, returns: usize) -> bool {
    let done = |back: &&Value| back["refund"]["status"] == "completed";
    booking["returns"].as_array().is_some_and(|all| all.iter().filter(done).count() == returns)
}

async fn balance_when(client: &Client, minor: i64) {
    eventually_within(PATIENCE, "the money to be in the wallet", async || {
        let wallet = client.get("/wallet").try_send().await.ok()?;
        (wallet.json["balance"] == inr(minor)).then_some(())
    })
    .await;
}

/// Gives seats back, over any number of restarts.
async fn give_back(client: &Client, booking: &str, key: &str, body: &Value) -> Value {
    let path = format!("/bookings/{booking}/cancellation");
    eventually_within(PATIENCE, "the seats to be given back", async || {
        let answer = client.post(&path, body).key(key).try_send().await.ok()?;
        assert!(answer.status < 400 || answer.status >= 500, "{} {}", answer.status, answer.text());
        (answer.status == 202).then_some(answer.json)
    })
    .await
}

/// Movements at the provider: captured and returned.
fn moved(sim: &DodoSim) -> (i64, Vec<i64>) {
    let (mut captured, mut returned) = (0, Vec::new());
    for movement in sim.ledger() {
        match movement.kind {
            MovementKind::Capture => captured += movement.amount,
            MovementKind::Refund => returned.push(movement.amount),
            MovementKind::Chargeback => panic!("unexpected chargeback: {movement:?}"),
        }
    }
    returned.sort_unstable();
    (captured, returned)
}

async fn no_differences(admin: &Client) {
    let seen = eventually_within(Duration::from_secs(30), "the reconciliation to be clean", async || {
        let seen = admin.get("/admin/reconciliation").try_send().await.ok()?;
        (seen.status == 200 && seen.json["unmatched"] == json!([])).then_some(seen.json)
    })
    .await;
    assert_eq!(seen["unmatched"], json!([]), "{seen}");
}

#[tokio::test]
async fn a_wallet_gets_back_what_the_seats_cost_over_any_number_of_restarts() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1", "A-2", "A-3"]).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    let paid = ada.pay(&booking).await.expect(200);
    let code = |seat: usize| paid.json["tickets"][seat]["code"].as_str().unwrap().to_owned();
    balance_when(&ada.client, 25_000).await;

    let first = give_back(&ada.client, &booking, "one", &json!({"seats": ["A-2"]})).await;
    assert_eq!((&first["status"], &first["seats"]), (&json!("confirmed"), &json!(["A-1", "A-3"])));
    stack.server.restart().await;
    let again = give_back(&ada.client, &booking, "one", &json!({"seats": ["A-2"]})).await;
    assert_eq!(again["returned"], json!(["A-2"]));
    balance_when(&ada.client, 50_000).await;
    let seen = ada.booking_when(PATIENCE, &booking, "the return to be refunded", |b| is_refunded(b, 1)).await;
    assert_eq!((&seen["status"], &seen["amount"]), (&json!("confirmed"), &inr(50_000)));
    assert_eq!(seen["tickets"].as_array().map(Vec::len), Some(2));
    assert_eq!(seen["refund"], Value::Null);
    assert_eq!(
        seen["returns"][0]["refund"],
        json!({"status": "completed", "amount": inr(25_000), "to": "wallet"})
    );

    let map = ada.client.get(&format!("/screenings/{screening}/seats")).await.expect(200);
    assert_eq!((seat_status(&map.json, "A-1"), seat_status(&map.json, "A-2")), ("sold", "free"));
    admin.post("/check-ins", &json!({"code": code(1)})).await.expect_problem(409, "void");
    ada.client.get(&format!("/bookings/{booking}/tickets.pdf")).await.expect(200);
    ada.client.get(&format!("/bookings/{booking}/tickets/A-2/qr.svg")).await.expect(404);
    let history = ada.client.get(&format!("/bookings/{booking}/history")).await.expect(200);
    assert!(
        history.text().contains("You gave seat A-2 back. ₹250.00 will be refunded."),
        "{}",
        history.text()
    );
    assert!(
        history.text().contains("₹250.00 for seat A-2 has been refunded to your wallet."),
        "{}",
        history.text()
    );

    // The house keeps the price of one seat; a cancelled screening refunds only the last.
    give_back(&admin, &booking, "two", &json!({"seats": ["A-1"], "refund": "none", "reason": "Damage"}))
        .await;
    stack.server.restart().await;
    admin.delete(&format!("/screenings/{screening}")).await.expect(202);
    ada.booking_when(PATIENCE, &booking, "the rest to be refunded", |b| b["status"] == "refunded").await;
    balance_when(&ada.client, 75_000).await;
    let sales = admin.get("/admin/sales?group_by=show").await.expect(200);
    let refunded: i64 = sales.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["seats_refunded"].as_i64().unwrap())
        .sum();
    assert_eq!(refunded, 2, "{}", sales.text());
    no_differences(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn a_card_gets_each_part_back_once_although_answers_are_lost_and_services_die() {
    let (mut stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer().await;
    let held = ada.reserve(&screening, &["A-1", "A-2", "A-3", "A-4"]).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    let path = format!("/bookings/{booking}/payment");
    let opened = ada.client.post(&path, &json!({"method": "card"})).await.expect(201);
    sim.pay(opened.str("checkout_url")).await;
    ada.booking_when(PATIENCE, &booking, "the booking to be confirmed", |b| b["status"] == "confirmed").await;

    // The refund is made, and its answer is lost.
    sim.add_request_fault(Fault::next(1, RequestFault::DropAfter).on("POST /refunds")).await;
    give_back(&ada.client, &booking, "one", &json!({"seats": ["A-1"]})).await;
    stack.server.restart().await;
    give_back(&ada.client, &booking, "two", &json!({"seats": ["A-2"]})).await;
    give_back(&admin, &booking, "three", &json!({"seats": ["A-3"], "refund": "wallet"})).await;
    balance_when(&ada.client, 25_000).await;
    sim.settled().await;
    ada.booking_when(PATIENCE, &booking, "three returns to be refunded", |b| is_refunded(b, 3)).await;
    assert_eq!(moved(&sim), (100_000, vec![25_000, 25_000]));

    ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    stack.server.restart().await;
    sim.settled().await;
    ada.booking_when(PATIENCE, &booking, "the rest to be refunded", |b| b["status"] == "refunded").await;
    sim.settled().await;
    assert_eq!(moved(&sim), (100_000, vec![25_000, 25_000, 25_000]));
    balance_when(&ada.client, 25_000).await;
    let refunds = admin.get("/admin/refunds?status=completed").await.expect(200);
    assert_eq!(refunds.json["items"].as_array().map(Vec::len), Some(4), "{}", refunds.text());
    no_differences(&admin).await;
    stack.verify();
}
