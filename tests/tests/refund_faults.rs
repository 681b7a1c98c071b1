//! Card refunds while the provider loses answers, fails, is busy and sends every webhook twice in any order, and the services are
//! killed again and again. Each refund is made exactly once, and the money is right to the minor unit.
//!
//! A hundred bookings, or as many as `TICKETSHOW_FAULT_REFUNDS` says (1 to 200), with the call budget and the rate limit of
//! production. `make fault` runs it, as it takes minutes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use ticketshow_dodo_sim::{
    Behaviour, Fault, Faults, Mangling, Movement, MovementKind, RateLimit, RequestFault,
};
use ticketshow_tests::{Client, Customer, DodoSim, Stack, held_within, plain_rows};

/// Number of bookings that are paid and cancelled.
fn bookings() -> usize {
    let setting = std::env::var("TICKETSHOW_FAULT_REFUNDS").ok();
    setting.map_or(100, |count| count.parse().expect("TICKETSHOW_FAULT_REFUNDS is a number")).clamp(1, 200)
}

/// Price of each, in paise.
const PRICE: i64 = 25_000;
/// Limit of the whole run. A lost answer is checked after a minute and a half, five times at most.
const PATIENCE: Duration = Duration::from_mins(15);
/// Shortest time between two calls for one refund.
const BETWEEN_CALLS: SignedDuration = SignedDuration::from_secs(90);

/// The provider on a bad day. One call in ten is done but not answered.
fn bad_day() -> Faults {
    let webhooks = vec![
        Fault::sometimes(0.3, Mangling::Duplicate),
        Fault::sometimes(0.5, Mangling::Shuffle { within_millis: 3000 }),
        Fault::sometimes(0.05, Mangling::WrongSignature),
        Fault::sometimes(0.05, Mangling::OldTimestamp),
        Fault::sometimes(0.1, Mangling::UnknownType),
        Fault::sometimes(0.05, Mangling::Lose),
    ];
    let requests = vec![
        Fault::sometimes(0.1, RequestFault::DropAfter).on("POST /refunds"),
        Fault::sometimes(0.05, RequestFault::ErrorAfter).on("POST /refunds"),
        Fault::sometimes(0.03, RequestFault::ErrorBefore).on("POST /refunds"),
        Fault::sometimes(0.02, RequestFault::TooManyRequests { retry_after: 1 }).on("POST /refunds"),
        Fault::sometimes(0.05, RequestFault::DropBefore).on("GET /"),
        Fault::sometimes(0.05, RequestFault::ErrorBefore).on("GET /"),
    ];
    Faults { seed: 4, requests, webhooks, ..Faults::default() }
}

/// Reserves, pays at the provider's page, and waits for the ticket.
async fn buy(customer: Customer, screening: &str, seat: &str, sim: &DodoSim) -> (Customer, String) {
    let held = customer.reserve(screening, &[seat]).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    let path = format!("/bookings/{booking}/payment");
    let deadline = Instant::now() + Duration::from_mins(3);
    // On a busy machine the page may take longer than the answer waits for; asking again gives the same one.
    let page = loop {
        let opened = customer.client.post(&path, &json!({"method": "card"})).key(seat).await;
        if opened.status == 201 {
            break opened.str("checkout_url").to_owned();
        }
        assert!(Instant::now() < deadline, "{} {}", opened.status, opened.text());
    };
    sim.pay(&page).await;
    until(&customer, &booking, "confirmed").await;
    (customer, booking)
}

/// Waits until the booking has that status, over any number of restarts.
async fn until(customer: &Customer, booking: &str, status: &str) {
    let path = format!("/bookings/{booking}");
    let mut last = None;
    let held = held_within(PATIENCE, async || {
        let seen = customer.client.get(&path).try_send().await.ok()?;
        last = Some(seen.text());
        if seen.json["status"] == status {
            return Some(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        None
    })
    .await;
    assert!(held.is_some(), "booking {booking} is not {status}: {last:?}");
}

async fn cancel(customer: &Customer, booking: &str) {
    let path = format!("/bookings/{booking}");
    let done = held_within(Duration::from_mins(1), async || {
        let answer = customer.client.delete(&path).try_send().await.ok()?;
        assert!(answer.status < 400 || answer.status >= 500, "{} {}", answer.status, answer.text());
        (answer.status < 300).then_some(())
    })
    .await;
    assert!(done.is_some(), "booking {booking} cannot be cancelled");
}

/// Movements of each of our payments, by kind.
fn by_payment(ledger: &[Movement]) -> BTreeMap<String, (Vec<i64>, Vec<i64>)> {
    let mut payments: BTreeMap<String, (Vec<i64>, Vec<i64>)> = BTreeMap::new();
    for movement in ledger {
        let payment = movement.metadata["payment_id"].as_str().expect("every checkout names our payment");
        let (captured, returned) = payments.entry(payment.to_owned()).or_default();
        match movement.kind {
            MovementKind::Capture => captured.push(movement.amount),
            MovementKind::Refund => returned.push(movement.amount),
            MovementKind::Chargeback => panic!("unexpected chargeback: {movement:?}"),
        }
    }
    payments
}

#[tokio::test]
async fn each_refund_is_made_exactly_once_despite_faults_and_restarts() {
    let (mut stack, sim) =
        Stack::with_cards(&[("TICKETSHOW_HOLDS_MAX", "10"), ("TICKETSHOW_LIVE_HOLDS_PER_USER", "0")]).await;
    let rate_limit = RateLimit::On;
    sim.simulator.set_behaviour(Behaviour { rate_limit, refund_delay_millis: 100, ..Behaviour::default() });
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(20, 10)).await;

    let bought = buy_all(&stack, &screening, &sim).await;
    assert_eq!(sim.ledger().len(), bookings());

    sim.set_faults(bad_day());
    let mut cancelled = 0;
    for (customer, booking) in &bought {
        cancel(customer, booking).await;
        cancelled += 1;
        // Server and sagas are one process here: it dies in the middle of refunds that it has just asked for.
        if cancelled % (bookings() / 5).max(1) == 0 {
            stack.server.restart().await;
        }
    }
    for (number, (customer, booking)) in bought.iter().enumerate() {
        until(customer, booking, "refunded").await;
        if number % (bookings() / 4).max(1) == 0 {
            stack.server.restart().await;
        }
    }
    sim.heal();
    sim.advance(Duration::from_hours(1));
    sim.settled().await;

    check(&sim.ledger());
    let admin = stack.admin().await;
    for payment in by_payment(&sim.ledger()).keys() {
        check_calls(&admin, payment).await;
    }
    stack.verify();
}

/// The confirmed bookings, ten of each customer, eight at a time.
async fn buy_all(stack: &Stack, screening: &str, sim: &DodoSim) -> Vec<(Customer, String)> {
    let mut customers = Vec::new();
    for _ in 0..bookings().div_ceil(10) {
        customers.push(stack.customer().await);
    }
    let seats = (0..bookings()).map(|number| {
        let row = char::from(b'A' + u8::try_from(number / 10).expect("twenty rows"));
        (customers[number / 10].clone(), format!("{row}-{}", number % 10 + 1))
    });
    let buyers = stream::iter(seats)
        .map(async |(customer, seat): (Customer, String)| buy(customer, screening, &seat, sim).await)
        .buffer_unordered(8);
    buyers.collect().await
}

/// Every payment was taken once and given back once, in full.
fn check(ledger: &[Movement]) {
    let payments = by_payment(ledger);
    assert_eq!(payments.len(), bookings());
    for (payment, (captured, returned)) in &payments {
        assert_eq!(
            (captured.as_slice(), returned.as_slice()),
            ([PRICE].as_slice(), [PRICE].as_slice()),
            "{payment}"
        );
    }
}

/// Asserts that calls are at least `BETWEEN_CALLS` apart and that no refund is in review.
async fn check_calls(admin: &Client, payment: &str) {
    let history = admin.get(&format!("/admin/history/payment/{payment}")).await.expect(200);
    let mut last: Option<Timestamp> = None;
    for event in history.json["events"].as_array().expect("a history has events") {
        match event["type"].as_str().expect("an event has a type") {
            "refund_attempted" => {
                let at: Timestamp = event["data"]["at"].as_str().expect("it has a time").parse().unwrap();
                let waited = last.map(|before| at.duration_since(before));
                assert!(waited.is_none_or(|waited| waited >= BETWEEN_CALLS), "{payment}: {waited:?}");
                last = Some(at);
            }
            "refund_put_in_review" => panic!("{payment} is in review: {event}"),
            _ => {}
        }
    }
}
