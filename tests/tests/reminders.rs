//! The reminder on the day: one mail to each who has paid seats, and none to others.

use std::time::Duration;

use serde_json::json;
use ticketshow_tests::{Customer, Inbox, Mail, Stack, eventually, eventually_within, plain_rows};

const PATIENCE: Duration = Duration::from_mins(3);
/// The screening starts in a day, so the reminder is due this long after it was scheduled.
const DUE_AFTER_SECONDS: i64 = 45;

async fn buy(customer: &Customer, screening: &str, seat: &str) -> String {
    let held = customer.reserve(screening, &[seat]).await.expect(201);
    customer.pay(held.str("booking_id")).await.expect(200);
    held.str("booking_id").to_owned()
}

async fn reminders_to(inbox: &Inbox, customer: &Customer) -> Vec<Mail> {
    let mails = inbox.mails_to(&customer.email).await;
    mails
        .into_iter()
        .filter(|mail| ["Today at", "Tomorrow at"].iter().any(|start| mail.subject.starts_with(start)))
        .collect()
}

#[tokio::test]
async fn guests_are_reminded_once_before_the_start() {
    let inbox = Inbox::start().await;
    let (url, before) = (inbox.url(), (24 * 3_600 - DUE_AFTER_SECONDS).to_string());
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("TICKETSHOW_HOLD_SECONDS", "10"),
        ("TICKETSHOW_REMINDER_SECONDS", before.as_str()),
    ];
    let mut stack = Stack::start_with(&settings).await;
    let policy = stack.client().get("/policy").await.expect(200);
    assert_eq!(policy.json["sends_reminders"], json!(true));
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 5)).await;
    let rich = async || stack.customer_with(&admin, 100_000).await;
    let (ada, bob, carol, dan) = (rich().await, rich().await, rich().await, rich().await);
    let booking = buy(&ada, &screening, "A-1").await;
    let given_up = buy(&bob, &screening, "A-2").await;
    bob.client.delete(&format!("/bookings/{given_up}")).await.expect(202);
    buy(&dan, &screening, "A-5").await;
    dan.client.patch("/me", &json!({"reminders": false})).await.expect(200);

    let mail =
        eventually_within(PATIENCE, "the reminder", async || reminders_to(&inbox, &ada).await.pop()).await;
    for shown in ["A-1", "Rex, 12 Lake Road, Mumbai", "Screen 1", &format!("/bookings/{booking}")] {
        assert!(mail.text.contains(shown), "{shown}: {}", mail.text);
    }
    assert!(mail.html.contains("https://www.google.com/maps/search/"), "{}", mail.html);

    // Ada's mail program turns them off, without signing in.
    let source = inbox.source(&mail).await;
    assert!(source.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{source}");
    let (_, address) = source.split_once("List-Unsubscribe: <").expect(&source);
    let (_, path) = address.split_once('>').expect("an end").0.split_once("/api/v1").expect("the API");
    let (_, token) = path.split_once("?token=").expect("a token");
    assert!(mail.html.contains(&format!("/reminders#token={token}")), "{}", mail.html);
    let one_click = stack.client().post(path, &json!({})).body("List-Unsubscribe=One-Click");
    one_click.header("content-type", "application/x-www-form-urlencoded").await.expect(204);
    let wants =
        async |customer: &Customer| customer.client.get("/me").await.expect(200).json["reminders"].clone();
    eventually("the choice to be read", async || (wants(&ada).await == json!(false)).then_some(())).await;
    assert_eq!(wants(&carol).await, json!(true));

    // Carol books later than that. Events that are read again after a restart remind nobody twice.
    buy(&carol, &screening, "A-3").await;
    stack.server.restart().await;
    let confirmed = format!("/bookings/{}/mail", buy(&carol, &screening, "A-4").await);
    carol.client.post(&confirmed, &json!({})).await.expect(202);
    inbox.wait_for(&carol.email, "Your tickets").await;
    let counts = [&ada, &bob, &carol, &dan].map(|customer| reminders_to(&inbox, customer));
    let [of_ada, of_bob, of_carol, of_dan] = counts;
    let counts = (of_ada.await.len(), of_bob.await.len(), of_carol.await.len(), of_dan.await.len());
    assert_eq!(counts, (1, 0, 0, 0));
    stack.verify();
}
