//! Holds that nobody pays in time.

use std::time::Duration;

use ticketshow_tests::{Stack, eventually, eventually_within, plain_rows};

#[tokio::test]
async fn a_hold_lapses_frees_its_seats_and_cannot_be_paid_any_more() {
    let stack = Stack::start_with(&[("TICKETSHOW_HOLD_SECONDS", "2")]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let (ada, bob) = (stack.customer_with(&admin, 100_000).await, stack.customer_with(&admin, 100_000).await);
    let held = ada.reserve(&screening, &["A-1", "A-2"]).await.expect(201);
    let booking = held.str("booking_id");
    bob.reserve(&screening, &["A-2"]).await.expect_problem(409, "seat-taken");

    // The first request after the lapse gets the seat, even before the timer has released it.
    let taken = eventually("the seat to be free for another", async || {
        let answer = bob.reserve(&screening, &["A-2"]).await;
        (answer.status == 201).then_some(answer)
    })
    .await;
    ada.pay(booking).await.expect_problem(409, "hold-expired");
    let seen =
        ada.client.get(&format!("/bookings/{booking}")).min_position(taken.position()).await.expect(200);
    assert_eq!(seen.str("status"), "expired");
    bob.pay(taken.str("booking_id")).await.expect(200);

    // Nobody asks for A-5: the saga frees it, within the lapse and the 5 s that timers are rounded to.
    let forgotten = ada.reserve(&screening, &["A-5"]).await.expect(201);
    let path = format!("/bookings/{}", forgotten.str("booking_id"));
    eventually_within(Duration::from_secs(15), "the forgotten booking to expire", async || {
        let seen = ada.client.get(&path).min_position(forgotten.position()).await.expect(200);
        (seen.str("status") == "expired").then_some(())
    })
    .await;
    let map = ada.client.get(&format!("/screenings/{screening}/seats")).await.expect(200);
    assert_eq!(map.text().matches(r#""status":"free""#).count(), 9, "{}", map.text());
    stack.verify();
}
