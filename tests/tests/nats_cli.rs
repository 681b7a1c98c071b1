//! Operators use the `nats` command line: its output must be readable without our code, and every command that
//! `docs/operations.md` lists must work.

use std::process::Command;

use ticketshow_tests::{Folder, Stack, eventually, find_tool, plain_rows, run_to_end};

const OPERATIONS: &str = include_str!("../../docs/operations.md");

/// Runs a line in a shell whose `nats` knows the server. Returns its output.
fn run(stack: &Stack, folder: &Folder, line: &str) -> String {
    let known = format!("nats() {{ '{}' \"$@\"; }}", find_tool("nats").display());
    let output = Command::new("sh")
        .args(["-c", &format!("{known}\n{line}")])
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("NATS_URL", stack.nats.url())
        .output()
        .expect("a shell can be run");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{line}: {out}{err}");
    format!("{out}{err}")
}

#[tokio::test]
async fn what_the_command_line_shows_is_readable_and_the_manual_is_right() {
    let stack = Stack::start().await;
    let folder = Folder::new("nats-cli");
    let nats = |line: &str| run(&stack, &folder, line);
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id");
    let paid = ada.pay(booking).await.expect(200);
    let correlation = paid.header("correlation-id").expect("every answer has a correlation id").to_owned();
    let mails = format!("/admin/mails?booking_id={booking}");
    eventually("the mail to be in the sent-log", async || {
        let listed = admin.get(&mails).await.expect(200);
        (!listed.json["items"].as_array()?.is_empty()).then_some(())
    })
    .await;

    let streams = nats("nats stream ls --names --all");
    for name in ["EVENTS", "TIMERS", "PARKED"] {
        assert!(streams.lines().any(|line| line.trim() == name), "{streams}");
    }
    let subjects = nats("nats stream subjects EVENTS --names");
    assert!(subjects.contains(&format!("tix.screening.{screening}")), "{subjects}");
    assert!(!subjects.contains('@'), "an e-mail address is no part of a subject: {subjects}");
    let last = nats(&format!(r#"nats stream get EVENTS --last-for "tix.booking.{booking}""#));
    assert!(last.contains("Tix-Events: booking_confirmed"), "{last}");
    let arguments = ["admin", "log", "--subject", &format!("tix.booking.{booking}")];
    let printed = run_to_end(&arguments, &[("NATS_URL".to_owned(), stack.nats.url())]);
    let view = String::from_utf8_lossy(&printed.stdout);
    assert!(view.contains("booking_opened") && view.contains("payment_requested"), "{view}");
    assert!(view.contains("booking_confirmed"), "{view}");
    assert!(!view.contains(&ada.email), "{view}");
    let consumers = nats("nats consumer report EVENTS");
    assert!(consumers.contains("payment") && consumers.contains("hold"), "{consumers}");

    let mut listed = 0;
    for line in OPERATIONS.lines().filter(|line| line.starts_with("nats ")) {
        let line = line.replace("<booking id>", booking).replace("<correlation id>", &correlation);
        nats(&line);
        listed += 1;
    }
    assert!(listed >= 10, "the manual lists {listed} commands");
}
