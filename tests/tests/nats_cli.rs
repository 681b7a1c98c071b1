//! The `nats` command line is a door for operators: what it shows must be readable without our code, and every command that
//! `docs/operations.md` lists must work.

use std::process::Command;

use ticketshow_tests::{Folder, Stack, find_tool, plain_rows};

const OPERATIONS: &str = include_str!("../../docs/operations.md");

/// Runs one command line, with double quotes as a shell has them; what it printed.
fn nats(stack: &Stack, folder: &Folder, line: &str) -> String {
    let quoted = line.split('"').enumerate();
    let arguments: Vec<&str> = quoted
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .skip(1)
        .collect();
    let output = Command::new(find_tool("nats"))
        .args(["--server", &stack.nats.url()])
        .args(arguments)
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .output()
        .expect("the nats command line can be run");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{line}: {out}{err}");
    format!("{out}{err}")
}

#[tokio::test]
async fn what_the_command_line_shows_is_readable_and_the_manual_is_right() {
    let stack = Stack::start().await;
    let folder = Folder::new("nats-cli");
    let nats = |line: &str| nats(&stack, &folder, line);
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id");
    ada.pay(booking).await.expect(200);

    let streams = nats("nats stream ls --names --all");
    for name in ["EVENTS", "TIMERS", "PARKED"] {
        assert!(streams.lines().any(|line| line.trim() == name), "{streams}");
    }
    let subjects = nats("nats stream subjects EVENTS --names");
    assert!(subjects.contains(&format!("tix.screening.{screening}")), "{subjects}");
    assert!(!subjects.contains('@'), "an e-mail address is no part of a subject: {subjects}");
    let view = nats(&format!(r#"nats sub --stream EVENTS --all --wait 1s "tix.booking.{booking}""#));
    assert!(view.contains("Tix-Events: booking_opened,payment_requested"), "{view}");
    assert!(view.contains("booking_confirmed"), "{view}");
    assert!(!view.contains(&ada.email), "{view}");
    let consumers = nats("nats consumer report EVENTS");
    assert!(consumers.contains("payment") && consumers.contains("hold"), "{consumers}");

    let mut listed = 0;
    for line in OPERATIONS.lines().filter(|line| line.starts_with("nats ")) {
        let (line, _comment) = line.split_once(" #").unwrap_or((line, ""));
        nats(&line.replace("<booking id>", booking));
        listed += 1;
    }
    assert!(listed >= 8, "the manual lists {listed} commands");
}
