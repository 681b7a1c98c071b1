//! Mails to those who booked: about seats that were given back, and messages of the house, each once, even if
//! services are killed.

use std::time::Duration;

use serde_json::json;
use ticketshow_tests::{Inbox, Stack, eventually_within, plain_rows};

const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn everybody_who_booked_gets_a_message_once_and_its_mails_are_counted() {
    let inbox = Inbox::start().await;
    let url = inbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("TICKETSHOW_MAIL_FROM", "The House <house@example.org>")];
    let mut stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let bob = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1", "A-2"]).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    ada.pay(&booking).await.expect(200);
    let other = bob.reserve(&screening, &["A-3"]).await.expect(201);
    bob.pay(other.str("booking_id")).await.expect(200);
    bob.reserve(&screening, &["A-4"]).await.expect(201);

    let path = format!("/bookings/{booking}/cancellation");
    ada.client.post(&path, &json!({"seats": ["A-2"]})).await.expect(202);
    let mail = inbox.wait_for(&ada.email, "Seats given back").await;
    assert!(mail.text.contains("We returned ₹250.00 for seat A-2 to your wallet."), "{}", mail.text);

    let path = format!("/screenings/{screening}/messages");
    let message = json!({"subject": "Later doors", "text": "The doors open at 7 pm.\n\nWe are sorry."});
    let sent = admin.post(&path, &message).key("once").await.expect(202);
    stack.server.restart().await;
    let admin = stack.admin().await;
    admin.post(&path, &message).key("once").await.expect(202);
    let cascade = format!("/admin/cascades/{}", sent.str("cascade_id"));
    let counted = eventually_within(PATIENCE, "both mails to be counted", async || {
        let seen = admin.get(&cascade).try_send().await.ok()?;
        (seen.status == 200 && seen.json["mailed"] == 2).then_some(seen.json)
    })
    .await;
    assert_eq!(
        (&counted["kind"], &counted["total"], &counted["cancelled"]),
        (&json!("message"), &json!(2), &json!(0))
    );
    for guest in [&ada, &bob] {
        let mail = inbox.wait_for(&guest.email, "Later doors").await;
        assert!(mail.text.contains("The doors open at 7 pm."), "{}", mail.text);
        let mails = inbox.mails_to(&guest.email).await;
        assert_eq!(mails.iter().filter(|mail| mail.subject.contains("Later doors")).count(), 1);
    }
    stack.verify();
}
