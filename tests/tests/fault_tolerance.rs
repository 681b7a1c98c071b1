//! Parts are killed while people book. Nothing acknowledged is lost, nothing is sold twice, and everything comes back by itself.

use std::time::Duration;

use serde_json::json;
use sqlx::{Connection, PgConnection};
use ticketshow_tests::{Client, Customer, Stack, eventually_within, plain_rows, survive_outage_of_nats};
use tokio::task::JoinSet;

/// The answer to one customer about one seat.
struct Answered {
    customer: Customer,
    booking: Option<String>,
    paid: bool,
}

/// Reserves and pays, despite any faults meanwhile.
async fn book(customer: Customer, screening: String, seat: String) -> Answered {
    let body = json!({"screening_id": screening, "seats": [seat]});
    let held = customer.client.post("/bookings", &body).key(&seat).try_send().await.ok();
    let booking =
        held.filter(|answer| answer.status == 201).map(|answer| answer.str("booking_id").to_owned());
    let mut paid = false;
    if let Some(booking) = &booking {
        let path = format!("/bookings/{booking}/payment");
        let answer = customer.client.post(&path, &json!({"method": "wallet"})).key(&seat).try_send().await;
        paid = answer.is_ok_and(|answer| answer.status == 200);
    }
    Answered { customer, booking, paid }
}

/// 200 bookings at once by 20 customers, of a row each.
fn book_200(customers: &[Customer], screening: &str) -> JoinSet<Answered> {
    let mut bookings = JoinSet::new();
    for (row, customer) in customers.iter().enumerate() {
        for number in 1..=10 {
            let seat = format!("{}-{number}", (b'A'..).map(char::from).nth(row).expect("a letter"));
            bookings.spawn(book(customer.clone(), screening.to_owned(), seat));
        }
    }
    bookings
}

async fn twenty_customers(stack: &Stack, admin: &Client) -> Vec<Customer> {
    let mut customers = Vec::new();
    for _ in 0..20 {
        customers.push(stack.customer_with(admin, 1_000_000).await);
    }
    customers
}

/// Every acknowledged booking is there, and every acknowledged payment has a ticket.
async fn check(answered: Vec<Answered>) -> usize {
    let mut acknowledged = 0;
    for Answered { customer, booking, paid } in answered {
        let Some(booking) = booking else { continue };
        acknowledged += 1;
        let path = format!("/bookings/{booking}");
        let seen = eventually_within(Duration::from_secs(30), "the booking to be shown", async || {
            let answer = customer.client.get(&path).try_send().await.ok()?;
            let settled = !paid || answer.json["status"] == "confirmed";
            (answer.status == 200 && settled).then_some(answer)
        })
        .await;
        if paid {
            assert!(seen.json["tickets"][0]["code"].is_string(), "{}", seen.text());
        }
    }
    acknowledged
}

#[tokio::test]
async fn a_server_killed_amid_200_bookings_loses_none_that_it_acknowledged() {
    let mut stack = Stack::start_with(&[
        ("TICKETSHOW_HOLDS_MAX", "10"),
        ("TICKETSHOW_LIVE_HOLDS_PER_USER", "0"),
        ("TICKETSHOW_HELD_SEATS_PER_ADDRESS", "0"),
    ])
    .await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(20, 10)).await;
    let customers = twenty_customers(&stack, &admin).await;

    let mut bookings = book_200(&customers, &screening);
    let mut answered = Vec::new();
    while answered.iter().filter(|answered: &&Answered| answered.paid).count() < 30 {
        answered.push(bookings.join_next().await.expect("200 bookings are more than 30").unwrap());
    }
    stack.server.kill();
    answered.extend(bookings.join_all().await);
    assert!(answered.iter().any(|answered| !answered.paid), "the server was killed too late to matter");
    stack.server.restart().await;

    let acknowledged = check(answered).await;
    assert!(acknowledged >= 30);
    // Repeating with the same keys settles the open bookings of every customer.
    for answered in book_200(&customers, &screening).join_all().await {
        assert!(answered.paid, "booking {:?} was not settled by a repeat", answered.booking);
    }
    for customer in &customers {
        let wallet = customer.client.get("/wallet").await.expect(200);
        assert_eq!(wallet.json["balance"]["amount_minor"], 750_000, "ten seats were paid once each");
    }
    stack.verify();
}

#[tokio::test]
async fn postgres_may_go_and_come_back() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    ada.client.get("/bookings").await.expect(200);
    stack.postgres.kill();

    // Commands need only the log; queries answer 503.
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let read = ada.client.get("/bookings").await;
    assert!(read.status == 503 || read.status == 504, "{} {}", read.status, read.text());
    assert!(read.header("retry-after").is_some());

    stack.postgres.restart().await;
    let path = format!("/bookings/{}", held.str("booking_id"));
    eventually_within(Duration::from_secs(30), "the read models to catch up", async || {
        let seen = ada.client.get(&path).min_position(held.position()).try_send().await.ok()?;
        (seen.status == 200).then_some(())
    })
    .await;
    ada.pay(held.str("booking_id")).await.expect(200);
    stack.server.wait_until_ready().await;
    stack.verify();
}

#[tokio::test]
async fn nats_server_may_go_and_come_back() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let kept = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let path = format!("/bookings/{}", kept.str("booking_id"));
    ada.client.get(&path).min_position(kept.position()).await.expect(200);
    stack.nats.kill();

    // Reads are still answered from Postgres; commands are refused for now.
    ada.client.get(&path).await.expect(200);
    let refused = ada.reserve(&screening, &["A-2"]).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.header("retry-after").is_some());

    stack.nats.restart().await;
    let held = eventually_within(Duration::from_secs(30), "reservations to be taken again", async || {
        let body = json!({"screening_id": screening, "seats": ["A-2"]});
        let answer = ada.client.post("/bookings", &body).key("A-2").try_send().await.ok()?;
        (answer.status == 201).then_some(answer)
    })
    .await;
    for booking in [kept.str("booking_id"), held.str("booking_id")] {
        eventually_within(Duration::from_secs(30), "the payment to be settled", async || {
            let answer =
                ada.client.post(&format!("/bookings/{booking}/payment"), &json!({"method": "wallet"}));
            let answer = answer.key(booking).try_send().await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }
    stack.server.wait_until_ready().await;
    stack.verify();
}

#[tokio::test]
async fn seats_are_reserved_after_a_reconnect_to_nats_without_postgres() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    stack.postgres.kill();
    stack.nats.kill();
    stack.nats.restart().await;

    eventually_within(Duration::from_secs(30), "reservations to be taken again", async || {
        let body = json!({"screening_id": screening, "seats": ["A-1"]});
        let answer = ada.client.post("/bookings", &body).key("A-1").try_send().await.ok()?;
        (answer.status == 201).then_some(())
    })
    .await;

    stack.postgres.restart().await;
    stack.server.wait_until_ready().await;
    stack.verify();
}

#[tokio::test]
async fn seats_are_reserved_while_the_read_models_are_built() {
    /// Classid and objid of the projectors' advisory lock for creating schemas. A migration waits for it.
    const LOCK: &str = "SELECT pg_advisory_lock(7629176, 3)";
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let database = stack.settings().iter().find(|(name, _)| *name == "DATABASE_URL").unwrap().1.to_owned();
    let mut migration = PgConnection::connect(&database).await.unwrap();
    sqlx::query(LOCK).execute(&mut migration).await.unwrap();
    stack.server.respawn();

    let held = eventually_within(Duration::from_secs(30), "a reservation", async || {
        let body = json!({"screening_id": screening, "seats": ["A-1"]});
        let answer = ada.client.post("/bookings", &body).key("A-1").try_send().await.ok()?;
        (answer.status == 201).then_some(answer)
    })
    .await;
    let refused = ada.client.get("/bookings").await.expect_problem(503, "read-models");
    assert!(refused.header("retry-after").is_some());
    let health = stack.server.operations().get("/readyz").await.expect(503);
    assert_eq!(health.json["dependencies"]["read-models"], "being built from the log", "{}", health.text());
    assert_eq!(health.json["dependencies"]["log"], "ok", "{}", health.text());

    migration.close().await.unwrap();
    stack.server.wait_until_ready().await;
    let path = format!("/bookings/{}", held.str("booking_id"));
    ada.client.get(&path).min_position(held.position()).await.expect(200);
    ada.pay(held.str("booking_id")).await.expect(200);
    stack.verify();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_during_an_outage_of_nats_end_in_503_and_do_not_pile_up() {
    survive_outage_of_nats(Duration::from_secs(20)).await;
}
