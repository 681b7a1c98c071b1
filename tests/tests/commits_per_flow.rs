//! Commits to the log per flow. Each waits for the disk, so one more makes every booking slower.

use serde_json::json;
use ticketshow_tests::{Client, Stack, inr, plain_rows};

/// The position of a commit made now, which belongs to no flow.
async fn mark(stack: &Stack, admin: &Client) -> u64 {
    settled(stack).await;
    let show = json!({"title": "A mark", "description": "", "duration_minutes": 1, "language": "English", "genres": []});
    admin.post("/shows", &show).await.expect(201).position()
}

/// Waits until no saga has anything left to do.
async fn settled(stack: &Stack) {
    ticketshow_tests::eventually("the sagas to settle", async || {
        stack.server.command(&["verify", "--settled", "0"]).status.success().then_some(())
    })
    .await;
}

/// Counts the commits of a flow.
async fn commits(stack: &Stack, admin: &Client, flow: impl Future<Output = ()>) -> u64 {
    let before = mark(stack, admin).await;
    flow.await;
    mark(stack, admin).await - before - 1
}

#[tokio::test]
async fn a_booking_and_its_end_take_no_more_commits_than_they_need() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let customer = stack.customer_with(&admin, 100_000).await;
    // From the first invoice on, `verify` waits for all of them.
    let first = customer.reserve(&screening, &["A-10"]).await.expect(201).str("booking_id").to_owned();
    let paid = customer.pay(&first).await.expect(200);
    let invoice = format!("/bookings/{first}/invoice.pdf");
    customer.client.get(&invoice).min_position(paid.position()).await.expect(200);

    let mut booking = String::new();
    let by_wallet = commits(&stack, &admin, async {
        booking = customer.reserve(&screening, &["A-1"]).await.expect(201).str("booking_id").to_owned();
        customer.pay(&booking).await.expect(200);
    })
    .await;
    let cancelled = commits(&stack, &admin, async {
        customer.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    })
    .await;
    let by_card = commits(&stack, &admin, async {
        let booking = customer.reserve(&screening, &["A-2"]).await.expect(201);
        let path = format!("/bookings/{}/payment", booking.str("booking_id"));
        let payment = customer.client.post(&path, &json!({"method": "card"})).await.expect(201);
        sim.pay(payment.str("checkout_url")).await;
        sim.settled().await;
    })
    .await;
    let credited = commits(&stack, &admin, async {
        let body = json!({"amount": inr(100), "reason": "goodwill"});
        admin
            .post(&format!("/admin/wallets/{}/credits", customer.user_id), &body)
            .key("goodwill")
            .await
            .expect(201);
    })
    .await;

    let counted =
        [("by wallet", by_wallet), ("cancelled", cancelled), ("by card", by_card), ("credited", credited)];
    // The last one of a booking numbers its invoice, and the last one of a cancellation its credit note.
    assert_eq!(counted, [("by wallet", 6), ("cancelled", 5), ("by card", 9), ("credited", 1)]);
}
