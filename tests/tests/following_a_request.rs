//! One correlation id leads through the log lines of every service, from the request to the mail.

use serde_json::{Value, json};
use ticketshow_tests::{Inbox, Nats, Stack, find_tool, plain_rows};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const CORRELATION: &str = "0af76519-16cd-43dd-8448-eb211c80319c";

/// The messages of the lines that carry the correlation id, their own or of the request that they are about.
fn lines(log: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ours = |line: &Value| {
        let in_span = line["spans"]
            .as_array()
            .is_some_and(|spans| spans.iter().any(|span| span["correlation"] == CORRELATION));
        in_span || line["correlation"] == CORRELATION
    };
    lines.filter(ours).collect()
}

/// The trace header of each message under `subject`.
fn traced(nats: &Nats, stream: &str, subject: &str) -> usize {
    let output = std::process::Command::new(find_tool("nats"))
        .args([
            "--server",
            &nats.url(),
            "sub",
            "--stream",
            stream,
            "--all",
            "--wait",
            "1s",
            "--headers-only",
            subject,
        ])
        .output()
        .expect("the nats command line can be run");
    String::from_utf8_lossy(&output.stdout).matches(&format!("traceparent: {TRACE}")).count()
}

#[tokio::test]
async fn one_id_leads_from_the_request_to_the_mail() {
    let inbox = Inbox::start().await;
    let url = inbox.url();
    let level = "info,ticketshow_http=debug,ticketshow_nats=debug";
    let settings = [("SMTP_URL", url.as_str()), ("TICKETSHOW_LOG", level), ("TICKETSHOW_LOG_FORMAT", "json")];
    let mut stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let wanted = json!({"screening_id": screening, "seats": ["A-1"]});
    let held = ada.client.post("/bookings", &wanted).header("traceparent", TRACE).await.expect(201);
    assert_eq!(held.header("correlation-id"), Some(CORRELATION));
    let booking = held.str("booking_id");
    let path = format!("/bookings/{booking}/payment");
    ada.client.post(&path, &json!({"method": "wallet"})).header("traceparent", TRACE).await.expect(200);
    inbox.wait_for(&ada.email, "Your tickets").await;

    // The mail arrives a moment before the saga says so.
    let log = ticketshow_tests::eventually("the mail to be processed", async || {
        let log = stack.server.process().log();
        log.contains(r#""message":"mail processed""#).then_some(log)
    })
    .await;
    let lines = lines(&log);
    let logged = |message: &str| lines.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    assert_eq!(logged("answered").len(), 2, "{lines:#?}");
    for aggregate in ["screening", "booking", "wallet"] {
        let prefix = format!("tix.{aggregate}.");
        let of_it =
            |line: &&&Value| line["subject"].as_str().is_some_and(|subject| subject.starts_with(&prefix));
        assert!(logged("committed").iter().filter(of_it).count() > 0, "nothing of a {aggregate}: {lines:#?}");
    }
    assert_eq!(logged("mail processed").len(), 1, "{lines:#?}");
    assert!(!log.contains(&ada.email), "an address has no place in the log");

    assert_eq!(traced(&stack.nats, "EVENTS", &format!("tix.booking.{booking}")), 2);
    assert!(traced(&stack.nats, "MAILS", &format!("mail.*.{booking}.*")) >= 2);
}
