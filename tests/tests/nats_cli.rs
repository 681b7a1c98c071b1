//! The `nats` command line is a door for operators: what it shows must be readable without our code.

use std::process::Command;

use ticketshow_tests::{Stack, find_tool, plain_rows};

fn nats(stack: &Stack, arguments: &[&str]) -> String {
    let output = Command::new(find_tool("nats"))
        .args(["--server", &stack.nats.url()])
        .args(arguments)
        .output()
        .expect("the nats command line can be run");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "nats {}: {out}{err}", arguments.join(" "));
    format!("{out}{err}")
}

#[tokio::test]
async fn streams_subjects_headers_and_consumers_have_plain_names() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id");
    ada.pay(booking).await.expect(200);

    let streams = nats(&stack, &["stream", "ls", "--names", "--all"]);
    for name in ["EVENTS", "TIMERS", "PARKED"] {
        assert!(streams.lines().any(|line| line.trim() == name), "{streams}");
    }
    let subjects = nats(&stack, &["stream", "subjects", "EVENTS", "--names"]);
    assert!(subjects.contains(&format!("tix.screening.{screening}")), "{subjects}");
    assert!(subjects.contains(&format!("tix.booking.{booking}")), "{subjects}");
    assert!(!subjects.contains('@'), "an e-mail address is no part of a subject: {subjects}");

    let view = nats(
        &stack,
        &["stream", "view", "EVENTS", "100", "--raw=false", "--subject", &format!("tix.booking.{booking}")],
    );
    assert!(view.contains("Tix-Events: booking_opened,payment_requested"), "{view}");
    assert!(view.contains("booking_confirmed"), "{view}");
    assert!(!view.contains(&ada.email), "{view}");

    let consumers = nats(&stack, &["consumer", "report", "EVENTS"]);
    for name in ["payment", "hold-expiry"] {
        assert!(consumers.contains(name) || consumers.contains(&name.replace('-', "_")), "{consumers}");
    }
}
