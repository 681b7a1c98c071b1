//! Two processes run the sagas at once: the active one hangs, the other takes over, and the first one comes back. Wallet
//! payments keep arriving meanwhile.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;
use ticketshow_tests::{Customer, LIFTED, Server, Stack, eventually_within, plain_rows, run_to_end};
use tokio::{task::JoinSet, time::MissedTickBehavior};

const PER_SECOND: u32 = 200;
const CREDIT_MINOR: i64 = 1_000_000_000;
const PRICE_MINOR: i64 = 25_000;
const CUSTOMERS: usize = 20;
const SCREENINGS: usize = 8;
/// Time that the active process hangs: longer than its lock lives.
const HANGS: Duration = Duration::from_secs(16);
const SETTLED: Duration = Duration::from_mins(2);

/// Reserves a seat and pays it; the customer's index and the booking.
async fn book(index: usize, customer: Customer, screening: String, seat: String) -> (usize, String) {
    let held = customer.reserve(&screening, &[&seat]).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    let path = format!("/bookings/{booking}/payment");
    let paid = customer.client.post(&path, &json!({"method": "wallet"})).key(&seat).await;
    assert!(matches!(paid.status, 200 | 202), "{} {}", paid.status, paid.text());
    (index, booking)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_payment_is_settled_once_while_two_processes_run_the_sagas() {
    let mut settings = LIFTED.to_vec();
    settings.extend([("TICKETSHOW_HOLDS_MAX", "1000"), ("TICKETSHOW_CUSTOMER_SEATS_MAX", "1000")]);
    let mut stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let mut screenings = Vec::new();
    for _ in 0..SCREENINGS {
        screenings.push(stack.screening(&admin, &plain_rows(26, 40)).await);
    }
    let mut customers = Vec::new();
    for _ in 0..CUSTOMERS {
        customers.push(stack.customer_with(&admin, CREDIT_MINOR).await);
    }
    assert!(stack.server.stop(), "the one-process server ends when asked to");
    let settings: Vec<(String, String)> =
        stack.settings().iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let borrowed: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut first = Server::start("sagas", &borrowed).await;
    let mut second = Server::start("sagas", &borrowed).await;
    let (commands, queries, _projectors) = tokio::join!(
        Server::start("command-api", &borrowed),
        Server::start("query-api", &borrowed),
        Server::start("projectors", &borrowed),
    );
    for customer in &mut customers {
        let token = customer.client.token().expect("a signed-in customer").to_owned();
        customer.client = commands.client().with_token(&token);
    }

    let faults = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        first.process().signal(Signal::STOP);
        tokio::time::sleep(HANGS).await;
        first.process().signal(Signal::CONT);
        tokio::time::sleep(Duration::from_secs(3)).await;
        // The machine of the active process vanishes, together with its work in progress.
        second.process().signal(Signal::STOP);
        tokio::time::sleep(HANGS).await;
        second.kill();
    };
    let load = async {
        let mut bookings = JoinSet::new();
        let mut tick = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for number in 0..26 * 40 * SCREENINGS {
            tick.tick().await;
            let (screening, seat) = (number % SCREENINGS, number / SCREENINGS);
            let seat =
                format!("{}-{}", (b'A'..).map(char::from).nth(seat / 40).expect("a letter"), seat % 40 + 1);
            let index = number % CUSTOMERS;
            bookings.spawn(book(index, customers[index].clone(), screenings[screening].clone(), seat));
        }
        bookings.join_all().await
    };
    let (accepted, ()) = tokio::join!(load, faults);

    eventually_within(SETTLED, "everything to be settled", async || {
        run_to_end(&["verify", "--settled", "5"], &settings).status.success().then_some(())
    })
    .await;
    let mut paid = [0; CUSTOMERS];
    for (index, booking) in accepted {
        paid[index] += 1;
        let token = customers[index].client.token().expect("a signed-in customer").to_owned();
        let client = queries.client().with_token(&token);
        eventually_within(SETTLED, "the booking to be confirmed", async || {
            let seen = client.get(&format!("/bookings/{booking}")).try_send().await.ok()?;
            (seen.json["status"] == "confirmed").then_some(())
        })
        .await;
    }
    for (customer, paid) in customers.iter().zip(paid) {
        let token = customer.client.token().expect("a signed-in customer").to_owned();
        let wallet = queries.client().with_token(&token).get("/wallet").await.expect(200);
        assert_eq!(wallet.json["balance"]["amount_minor"], CREDIT_MINOR - PRICE_MINOR * paid);
    }
}
