//! A card payment as a customer meets it: the provider's page, the mail with the tickets, the cancellation, the mail about the
//! money, and books that agree with the provider's.

use std::time::Duration;

use serde_json::json;
use ticketshow_dodo_sim::MovementKind;
use ticketshow_tests::{Client, Customer, Inbox, Stack, eventually_within, plain_rows};

const PATIENCE: Duration = Duration::from_secs(45);

async fn becomes(customer: &Customer, booking: &str, status: &str) {
    let path = format!("/bookings/{booking}");
    eventually_within(PATIENCE, &format!("the booking to be {status}"), async || {
        let seen = customer.client.get(&path).try_send().await.ok()?;
        (seen.json["status"] == status).then_some(())
    })
    .await;
}

/// The administrator's books agree with the provider's.
async fn books_agree(admin: &Client) {
    let books = admin.get("/admin/reconciliation").await.expect(200);
    assert_eq!(books.json["unmatched"], json!([]), "{}", books.text());
}

#[tokio::test]
async fn a_card_pays_for_tickets_that_are_mailed_and_gets_its_money_back() {
    let inbox = Inbox::start().await;
    let (stack, sim) = Stack::with_cards(&[("SMTP_URL", &inbox.url())]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer().await;
    let held = ada.reserve(&screening, &["A-1", "A-2"]).await.expect(201);
    let booking = held.str("booking_id");
    let path = format!("/bookings/{booking}/payment");
    let opened = ada.client.post(&path, &json!({"method": "card"})).await.expect(201);

    let back = sim.pay(opened.str("checkout_url")).await;

    assert!(back.contains("/payments/return?") && back.contains("status=succeeded"), "{back}");
    becomes(&ada, booking, "confirmed").await;
    let mail = inbox.wait_for(&ada.email, "Your tickets").await;
    assert!(mail.text.contains("The Lighthouse Keeper"), "{}", mail.text);
    assert!(inbox.attachment(&mail, "tickets.pdf").await.starts_with(b"%PDF"));

    ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);

    becomes(&ada, booking, "refunded").await;
    inbox.wait_for(&ada.email, "Cancelled").await;
    let mail = inbox.wait_for(&ada.email, "Your refund of").await;
    assert!(mail.subject.contains("500"), "{}", mail.subject);
    sim.settled().await;
    let moved: Vec<(MovementKind, i64)> =
        sim.ledger().iter().map(|movement| (movement.kind, movement.amount)).collect();
    assert_eq!(moved, [(MovementKind::Capture, 50_000), (MovementKind::Refund, 50_000)]);
    books_agree(&admin).await;
    stack.verify();
}
