//! A log that fills up: seen before it is full, refused with 503 when it is, and healed without a restart.

use serde_json::json;
use ticketshow_tests::{Answer, Client, Stack};

const SMALL: &str = "1048576";
const LARGE: &str = "67108864";

async fn add_show(admin: &Client) -> Answer {
    let show = json!({"title": "The Lighthouse Keeper", "description": "A play about waiting. ".repeat(150),
        "duration_minutes": 90, "language": "English", "genres": ["Drama"]});
    admin.post("/shows", &show).await
}

/// State of the streams in `/readyz`, which stays ready.
async fn readiness(stack: &Stack) -> String {
    let ready = stack.server.operations().get("/readyz").await.expect(200);
    ready.json["dependencies"]["streams"].as_str().unwrap_or_default().to_owned()
}

/// Waits until `/readyz`, which is a second old at most, says this of the streams.
async fn readiness_becomes(stack: &Stack, beginning: &str) {
    ticketshow_tests::eventually(&format!("{beginning} in /readyz"), async || {
        readiness(stack).await.starts_with(beginning).then_some(())
    })
    .await;
}

async fn events(admin: &Client) -> serde_json::Value {
    let streams = admin.get("/admin/streams").await.expect(200).json;
    let streams = streams["items"].as_array().expect("a list");
    assert_eq!(streams.len(), 12);
    streams.iter().find(|stream| stream["name"] == "EVENTS").expect("the log").clone()
}

#[tokio::test]
async fn a_log_that_fills_up_is_announced_refused_and_healed_without_a_restart() {
    let mut stack = Stack::start_with(&[("TICKETSHOW_EVENTS_BYTES_MAX", SMALL)]).await;
    let admin = stack.admin().await;
    assert_eq!(readiness(&stack).await, "ok");
    assert_eq!(events(&admin).await["nearly_full"], false);

    let mut shows = 0;
    while events(&admin).await["nearly_full"] == false {
        add_show(&admin).await.expect(201);
        shows += 1;
    }
    assert!(shows > 100, "{shows}");
    readiness_becomes(&stack, "EVENTS is 8").await;

    let refused = loop {
        let answer = add_show(&admin).await;
        if answer.status != 201 {
            break answer;
        }
    };
    let refused = refused.expect_problem(503, "unavailable");
    assert!(refused.header("retry-after").is_some());
    stack.client().get("/shows").await.expect(200);
    readiness_becomes(&stack, "EVENTS is 9").await;

    let pid = stack.server.pid();
    stack.server.set("TICKETSHOW_EVENTS_BYTES_MAX", LARGE);
    let raised = stack.server.command(&["admin", "topology"]);
    assert!(raised.status.success(), "{}", String::from_utf8_lossy(&raised.stderr));

    add_show(&admin).await.expect(201);
    assert_eq!(stack.server.pid(), pid);
    readiness_becomes(&stack, "ok").await;
    assert_eq!(events(&admin).await["limit_bytes"], 67_108_864);
    ticketshow_tests::eventually("the metrics to follow", async || {
        let metrics = stack.server.operations().get("/metrics").await.expect(200).text();
        let limit = "ticketshow_stream_limit_bytes{stream=\"EVENTS\"} 67108864";
        (metrics.contains(limit) && metrics.contains("ticketshow_stream_bytes{stream=\"MAILS\"} "))
            .then_some(())
    })
    .await;

    stack.server.set("TICKETSHOW_EVENTS_BYTES_MAX", SMALL);
    let lowered = stack.server.command(&["admin", "topology"]);
    assert!(!lowered.status.success());
    let message = String::from_utf8_lossy(&lowered.stderr).into_owned();
    assert!(message.contains("more than its new limit of 1048576"), "{message}");
    stack.verify();
}
