//! One ticket of a booking is shown by a link, without an account, until the customer ends the link or gives the seat back.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_tests::{Client, Stack, eventually_within, plain_rows};

const PATIENCE: Duration = Duration::from_secs(30);

/// The links of a booking, as its owner sees them, once there are this many.
async fn listed(client: &Client, booking: &str, count: usize) -> Vec<Value> {
    eventually_within(PATIENCE, "the links to be listed", async || {
        let seen = client.get(&format!("/bookings/{booking}/shares")).try_send().await.ok()?;
        let items = seen.json["items"].as_array()?.clone();
        (items.len() == count).then_some(items)
    })
    .await
}

#[tokio::test]
async fn a_friend_sees_one_ticket_until_its_owner_gives_it_back() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1", "A-2"]).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    let paid = ada.pay(&booking).await.expect(200);
    let shares = format!("/bookings/{booking}/shares");

    let share = async |seat: &str| {
        let made = ada.client.post(&shares, &json!({"seat": seat})).await.expect(201);
        (made.str("share_id").to_owned(), made.str("link").to_owned())
    };
    let (first, second) = (share("A-1").await, share("A-2").await);
    let friend = stack.client();
    let open = async |link: &str| {
        let (_, token) = link.split_once("#token=").unwrap();
        friend.post("/shares/open", &json!({"token": token})).await
    };
    stack.server.restart().await;
    let shown = eventually_within(PATIENCE, "the ticket to be shown", async || {
        let (_, token) = first.1.split_once("#token=").unwrap();
        let shown = friend.post("/shares/open", &json!({"token": token})).try_send().await.ok()?;
        (shown.status == 200).then_some(shown)
    })
    .await;
    assert_eq!((&shown.json["seat"], &shown.json["code"]), (&json!("A-1"), &paid.json["tickets"][0]["code"]));
    assert!(!shown.text().contains("A-2"), "{}", shown.text());

    let links = listed(&ada.client, &booking, 2).await;
    assert_eq!((&links[0]["share_id"], &links[1]["share_id"]), (&json!(first.0), &json!(second.0)));
    ada.client.delete(&format!("{shares}/{}", first.0)).await.expect(204);
    open(&first.1).await.expect(404);
    let given = json!({"seats": ["A-2"]});
    ada.client.post(&format!("/bookings/{booking}/cancellation"), &given).await.expect(202);
    open(&second.1).await.expect(404);
    listed(&ada.client, &booking, 0).await;

    let history = ada.client.get(&format!("/bookings/{booking}/history")).await.expect(200);
    for sentence in [
        "A link that shows the ticket for seat A-1 was made.",
        "The link to the ticket for seat A-1 was ended.",
    ] {
        assert!(history.text().contains(sentence), "{sentence}: {}", history.text());
    }
    stack.verify();
}
