//! A sold-out screening: seats that become free are held for the first in line for whom they are enough, once, even
//! if services are killed meanwhile.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_tests::{Answer, Customer, Inbox, Stack, eventually_within, plain_rows};

/// A freed seat is offered within a minute.
const A_MINUTE: Duration = Duration::from_mins(1);

async fn join(customer: &Customer, screening: &str, seats: u32) -> Answer {
    customer.client.post(&format!("/screenings/{screening}/waiting-list"), &json!({"seats": seats})).await
}

/// The places of a customer, over any number of restarts.
async fn places_when(customer: &Customer, what: &str, as_wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    eventually_within(A_MINUTE, what, async || {
        let seen = customer.client.get("/me/waiting-list").try_send().await.ok()?;
        let items = seen.json["items"].as_array()?.clone();
        as_wanted(&items).then_some(items)
    })
    .await
}

async fn offer_to(customer: &Customer) -> Value {
    let seen = places_when(customer, "seats to be offered", |places| {
        places.iter().any(|p| p["status"] == "offered")
    })
    .await;
    seen[0].clone()
}

/// The only booking of a customer, in any status.
async fn booking_of(customer: &Customer) -> Value {
    eventually_within(A_MINUTE, "seats to be offered", async || {
        let seen = customer.client.get("/bookings").try_send().await.ok()?;
        seen.json["items"].as_array()?.first().cloned()
    })
    .await
}

/// Buys seats from the wallet.
async fn buy(customer: &Customer, screening: &str, seats: &[&str]) -> String {
    let held = customer.reserve(screening, seats).await.expect(201);
    customer.pay(held.str("booking_id")).await.expect(200);
    held.str("booking_id").to_owned()
}

/// Cancels a booking, over any number of restarts.
async fn cancel(customer: &Customer, booking: &str) {
    eventually_within(A_MINUTE, "the booking to be cancelled", async || {
        let answer = customer.client.delete(&format!("/bookings/{booking}")).try_send().await.ok()?;
        [200, 202].contains(&answer.status).then_some(())
    })
    .await;
}

#[tokio::test]
async fn freed_seats_go_to_the_first_in_line_whom_they_suffice_although_everything_is_killed() {
    let inbox = Inbox::start().await;
    let url = inbox.url();
    let mut stack = Stack::start_with(&[("SMTP_URL", &url)]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 3)).await;
    let list = format!("/screenings/{screening}/waiting-list");
    let rich = async || stack.customer_with(&admin, 100_000).await;
    let (ada, bob, carol, dan, eve) = (rich().await, rich().await, rich().await, rich().await, rich().await);
    join(&carol, &screening, 2).await.expect_problem(409, "seats-available");
    let two = buy(&ada, &screening, &["A-1", "A-2"]).await;
    let one = buy(&bob, &screening, &["A-3"]).await;

    // Carol waits for more seats than will be free.
    let first = join(&carol, &screening, 3).await.expect(201);
    assert_eq!((&first.json["position"], &first.json["status"]), (&json!(1), &json!("waiting")));
    let second = join(&dan, &screening, 2).await.expect(201);
    assert_eq!(second.json["position"], json!(2));
    assert_eq!(join(&eve, &screening, 1).await.expect(201).json["position"], json!(3));
    let twice = join(&dan, &screening, 1).await.expect_problem(409, "already-waiting");
    assert_eq!(twice.json["place_id"], second.json["place_id"]);
    let seen = places_when(&dan, "the place to be listed", |places| places.len() == 1).await;
    assert_eq!((&seen[0]["position"], &seen[0]["booking_id"]), (&json!(2), &Value::Null));

    // Killed as soon as the seats are free.
    let cancelling = ada.client.delete(&format!("/bookings/{two}"));
    let (_, ()) = tokio::join!(cancelling.try_send(), async { stack.server.kill() });
    stack.server.restart().await;
    cancel(&ada, &two).await;
    let offer = offer_to(&dan).await;
    assert_eq!((&offer["seats"], &offer["position"]), (&json!(2), &Value::Null));
    let booking = offer["booking_id"].as_str().unwrap().to_owned();
    let held = dan.client.get(&format!("/bookings/{booking}")).await.expect(200);
    assert_eq!((held.str("status"), &held.json["seats"]), ("held", &json!(["A-1", "A-2"])));
    assert_eq!(held.json["held_until"], offer["held_until"]);
    bob.reserve(&screening, &["A-1"]).await.expect_problem(409, "seat-taken");
    let mail = inbox.wait_for(&dan.email, "Seats for you").await;
    assert!(mail.text.contains(&format!("/checkout/{booking}")), "{}", mail.text);

    // Paid over a restart.
    stack.server.restart().await;
    eventually_within(A_MINUTE, "the offer to be paid", async || {
        let path = format!("/bookings/{booking}/payment");
        let paid = dan.client.post(&path, &json!({"method": "wallet"})).key("pay").try_send().await.ok()?;
        (paid.status == 200).then_some(())
    })
    .await;
    places_when(&dan, "the place to be gone", <[Value]>::is_empty).await;

    // Eve gives up her offer. Nobody else in line wants a single seat, so it is free for anyone.
    cancel(&bob, &one).await;
    let offer = offer_to(&eve).await;
    stack.server.restart().await;
    eve.client.delete(&list).await.expect(204);
    eve.client.delete(&list).await.expect(204);
    places_when(&eve, "the place to be gone", <[Value]>::is_empty).await;
    let path = format!("/bookings/{}", offer["booking_id"].as_str().unwrap());
    let seen = eve.client.get(&path).await.expect(200);
    assert_eq!(seen.str("status"), "cancelled");
    bob.reserve(&screening, &["A-3"]).await.expect(201);

    let seen = places_when(&carol, "Carol to be first", |places| places[0]["position"] == json!(1)).await;
    let place = seen[0]["place_id"].as_str().unwrap();
    eve.client.delete(&format!("/me/waiting-list/{place}")).await.expect(404);
    carol.client.delete(&format!("/me/waiting-list/{place}")).await.expect(204);
    places_when(&carol, "the place to be gone", <[Value]>::is_empty).await;
    stack.verify();
}

#[tokio::test]
async fn an_offer_that_is_not_paid_goes_to_the_next_in_line() {
    let mut stack = Stack::start_with(&[("TICKETSHOW_OFFER_SECONDS", "5")]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 1)).await;
    let (ada, bob, carol) =
        (stack.customer_with(&admin, 50_000).await, stack.customer().await, stack.customer().await);
    let booking = buy(&ada, &screening, &["A-1"]).await;
    join(&bob, &screening, 1).await.expect(201);
    join(&carol, &screening, 1).await.expect(201);
    cancel(&ada, &booking).await;
    let lapsing = booking_of(&bob).await;
    stack.server.restart().await;
    let next = booking_of(&carol).await;
    assert_eq!((&lapsing["seats"], &next["seats"]), (&json!(["A-1"]), &json!(["A-1"])));
    let id = lapsing["booking_id"].as_str().unwrap();
    bob.booking_when(A_MINUTE, id, "the offer to lapse", |seen| seen["status"] == "expired").await;
    places_when(&bob, "the place to be lost", <[Value]>::is_empty).await;
    bob.client
        .post(&format!("/bookings/{id}/payment"), &json!({"method": "wallet"}))
        .await
        .expect_problem(409, "hold-expired");
    let history = carol
        .client
        .get(&format!("/bookings/{}/history", next["booking_id"].as_str().unwrap()))
        .await
        .expect(200);
    assert!(
        history.text().contains("These seats were offered to you from the waiting list."),
        "{}",
        history.text()
    );
    stack.verify();
}

#[tokio::test]
async fn a_cancelled_screening_ends_its_list() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 1)).await;
    let (ada, bob) = (stack.customer_with(&admin, 50_000).await, stack.customer().await);
    let booking = buy(&ada, &screening, &["A-1"]).await;
    join(&bob, &screening, 1).await.expect(201);
    admin.delete(&format!("/screenings/{screening}")).await.expect(202);
    ada.booking_when(A_MINUTE, &booking, "the money to be back", |seen| seen["status"] == "refunded").await;
    places_when(&bob, "the place to be gone", <[Value]>::is_empty).await;
    join(&bob, &screening, 1).await.expect_problem(409, "screening-cancelled");
    stack.verify();
}

#[tokio::test]
async fn a_wheelchair_place_is_offered_to_those_who_asked_for_one_and_to_nobody_else() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let row = json!([{"label": "A", "category": "standard", "seats": 4, "accessible": [1], "companions": [2]},
        {"label": "B", "category": "box", "seats": 1, "accessible": [1]}]);
    let screening = stack.screening(&admin, &row).await;
    let ada = stack.customer_with(&admin, 200_000).await;
    let (bob, carol, dan) = (stack.customer().await, stack.customer().await, stack.customer().await);
    let kept = buy(&ada, &screening, &["A-1", "A-2"]).await;
    buy(&ada, &screening, &["A-3", "A-4"]).await;
    join(&bob, &screening, 2).await.expect(201);
    let list = format!("/screenings/{screening}/waiting-list");
    let wish = json!({"seats": 2, "wheelchair": true});
    let joined = carol.client.post(&list, &wish).key("k").await.expect(201);
    assert_eq!(joined.json["wheelchair"], json!(true));
    assert_eq!(carol.client.post(&list, &wish).key("k").await.expect(201).json, joined.json);
    for impossible in [
        json!({"seats": 1, "categories": ["attic"], "wheelchair": true}),
        json!({"seats": 1, "categories": ["box"]}),
    ] {
        dan.client.post(&list, &impossible).await.expect_problem(422, "invalid");
    }

    cancel(&ada, &kept).await;
    let offer = offer_to(&carol).await;
    assert_eq!((&offer["wheelchair"], &offer["seats"]), (&json!(true), &json!(2)));
    let booking = carol.client.get(&format!("/bookings/{}", offer["booking_id"].as_str().unwrap())).await;
    assert_eq!(booking.json["seats"], json!(["A-1", "A-2"]));
    let seen = places_when(&bob, "Bob to wait", |places| places.len() == 1).await;
    assert_eq!((&seen[0]["status"], &seen[0]["wheelchair"]), (&json!("waiting"), &json!(false)));
    stack.verify();
}
