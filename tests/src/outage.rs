//! Load on a server without its nats-server.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{task::JoinSet, time::MissedTickBehavior};
use uuid::Uuid;

use crate::{LIFTED, Stack, plain_rows};

/// Requests per second.
const RATE: u32 = 300;
/// Longest time until an answer.
const ANSWER_MAX: Duration = Duration::from_secs(8);
/// Growth of the server's memory in the second half of the outage that counts as flat.
const GROWTH_MAX_KIB: u64 = 32 * 1024;

/// Kills nats-server for `outage` while 300 requests a second arrive: every answer must come within 8 s, none may be a success
/// that needs the log, and the server's memory must stay flat. Afterwards seats are sold again.
///
/// # Panics
///
/// If one of these does not hold.
pub async fn survive_outage_of_nats(outage: Duration) {
    let mut stack = Stack::start_with(&LIFTED).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    ada.reserve(&screening, &["A-1"]).await.expect(201);
    stack.nats.kill();

    let mut answers = JoinSet::new();
    let mut arrival = tokio::time::interval(Duration::from_secs(1) / RATE);
    arrival.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let total = RATE * u32::try_from(outage.as_secs()).expect("an outage of seconds");
    let mut at_half = 0;
    let mut slowest = Duration::ZERO;
    for number in 0..total {
        arrival.tick().await;
        if number == total / 2 {
            at_half = memory_kib(stack.server.pid());
        }
        let call = match number % 4 {
            // A screening in memory, one of many that are not, and reads with and without the log.
            0 => ada.client.post("/bookings", &json!({"screening_id": screening, "seats": ["A-2"]})),
            1 => ada.client.post(
                "/bookings",
                &json!({"screening_id": Uuid::from_u128(number.into()), "seats": ["A-2"]}),
            ),
            2 => ada.client.get("/me/sessions"),
            _ => ada.client.get(&format!("/screenings/{screening}/seats")),
        };
        answers.spawn(async move {
            let asked = Instant::now();
            let answer = call.await;
            (number, answer, asked.elapsed())
        });
        while let Some(answered) = answers.try_join_next() {
            slowest = slowest.max(check(answered.expect("a request")));
        }
    }
    let at_end = memory_kib(stack.server.pid());
    while let Some(answered) = answers.join_next().await {
        slowest = slowest.max(check(answered.expect("a request")));
    }
    println!(
        "{total} requests, slowest answer {slowest:?}, memory {at_half} KiB at half time, {at_end} KiB at the end"
    );
    assert!(at_end < at_half + GROWTH_MAX_KIB, "memory grew from {at_half} KiB to {at_end} KiB");

    stack.nats.restart().await;
    stack.server.wait_until_ready().await;
    let held = ada.reserve(&screening, &["A-3"]).await.expect(201);
    ada.pay(held.str("booking_id")).await.expect(200);
    stack.verify();
}

/// Checks one answer and returns the time that it took.
fn check((number, answer, took): (u32, crate::Answer, Duration)) -> Duration {
    assert!(took < ANSWER_MAX, "{} took {took:?}", answer.what);
    let expected = if number % 4 == 3 { 200 } else { 503 };
    assert_eq!(answer.status, expected, "{}: {}", answer.what, answer.text());
    if expected == 503 {
        assert!(answer.header("retry-after").is_some(), "{}: {}", answer.what, answer.text());
    }
    took
}

/// Memory of a process that is not swapped out.
fn memory_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the memory of a process");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
