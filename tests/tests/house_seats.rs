//! Seats that the house keeps back, and gives back by itself.

use std::time::Duration;

use jiff::ToSpan;
use serde_json::{Value, json};
use ticketshow_tests::{Stack, eventually_within, now, plain_rows, seat_status};

#[tokio::test]
async fn house_seats_are_for_sale_again_at_their_time_and_nobody_gets_them_before() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 4)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let path = format!("/screenings/{screening}/blocks");
    let seats_path = format!("/screenings/{screening}/seats");

    let block = |seats: &[&str], release_at: Value| {
        admin.post(&path, &json!({"seats": seats, "reason": "Press", "release_at": release_at}))
    };
    let soon = now().checked_add(3.seconds()).expect("the near future is in range");
    let timed = block(&["A-1"], json!(soon.to_string())).await.expect(201);
    let lasting = block(&["A-2", "A-3"], Value::Null).await.expect(201);
    ada.reserve(&screening, &["A-2"]).await.expect_problem(409, "seat-taken");

    let seen = ada.client.get(&seats_path).min_position(lasting.position()).await.expect(200);
    assert_eq!(seat_status(&seen.json, "A-2"), "blocked");
    assert!(!seen.text().contains("Press"), "customers do not see why");
    let listed = admin.get(&path).min_position(lasting.position()).await.expect(200);
    assert_eq!(listed.json["items"][0]["reason"], "Press");
    assert_eq!(listed.json["items"].as_array().map(Vec::len), Some(2));

    // Nobody asks for A-1: the saga releases it, within the 5 s that timers are rounded to.
    eventually_within(Duration::from_secs(20), "the block to end", async || {
        let seen = ada.client.get(&seats_path).min_position(timed.position()).await.expect(200);
        (seat_status(&seen.json, "A-1") == "free").then_some(())
    })
    .await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    ada.pay(held.str("booking_id")).await.expect(200);

    let id = lasting.str("block_id");
    let released = admin.delete(&format!("{path}/{id}")).await.expect(204);
    let seen = ada.client.get(&seats_path).min_position(released.position()).await.expect(200);
    assert_eq!(seat_status(&seen.json, "A-2"), "free");
    let listed = admin.get(&path).min_position(released.position()).await.expect(200);
    assert_eq!(listed.json["items"], json!([]));
    ada.reserve(&screening, &["A-2", "A-3"]).await.expect(201);
    stack.verify();
}
