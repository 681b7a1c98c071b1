//! Traces: the work that a request causes is exported to a collector as one trace, and an unavailable collector
//! delays no request.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use serde_json::json;
use ticketshow_tests::{Collector, Customer, Port, Stack, eventually, plain_rows};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// Longest time that a refund takes at the simulated provider.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest answer with an unavailable collector. A request that waited for it would take five seconds and more.
const ANSWER_MAX: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_booking_is_one_trace_from_the_request_to_the_reaction_of_the_saga() {
    let collector = Collector::start().await;
    let stack = Stack::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let traceparent = format!("00-{TRACE}-{CALLER}-01");

    let wanted = json!({"screening_id": screening, "seats": ["A-1"]});
    let held = ada.client.post("/bookings", &wanted).header("traceparent", &traceparent).await.expect(201);
    assert_eq!(held.header("correlation-id"), Some("0af76519-16cd-43dd-8448-eb211c80319c"));
    let booking = held.str("booking_id");
    let path = format!("/bookings/{booking}/payment");
    let paid = ada.client.post(&path, &json!({"method": "wallet"})).header("traceparent", &traceparent);
    paid.await.expect(200);

    let reserving = collector.wait_for(TRACE, "POST /api/v1/bookings").await;
    assert_eq!((reserving.service.as_str(), reserving.parent.as_str()), ("ticketshow-serve", CALLER));
    assert_eq!(reserving.attribute("http.route"), Some("/api/v1/bookings"));
    assert_eq!(reserving.attribute("http.response.status_code"), Some("201"));
    let paying = collector.wait_for(TRACE, "POST /api/v1/bookings/{id}/payment").await;
    let child = async |name: &str, parent: &str, outcome: Option<&str>| {
        eventually(&format!("{name:?} below {parent}"), async || {
            let mut spans =
                collector.spans().into_iter().filter(|span| span.name == name && span.parent == parent);
            spans.find(|span| span.attribute("ticketshow.outcome") == outcome)
        })
        .await
    };
    let command = child("command booking", &paying.id, Some("changed")).await;
    let commit = child("commit booking", &command.id, Some("stored")).await;
    let saga = child("saga payment", &command.id, None).await;
    let debit = child("command wallet", &saga.id, Some("changed")).await;
    let debited = child("commit wallet", &debit.id, Some("stored")).await;
    for span in [&command, &commit, &saga, &debit, &debited] {
        assert_eq!(span.trace, TRACE, "{span:?}");
    }

    for span in collector.spans() {
        let text = span.json.to_string();
        for private in [ada.email.as_str(), &ada.user_id, booking, "A-1", "Bearer"] {
            assert!(!text.contains(private), "{private} has no place in {text}");
        }
    }
}

#[tokio::test]
async fn a_request_without_a_trace_begins_one_whose_id_is_the_correlation_id() {
    let collector = Collector::start().await;
    let settings =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()), ("OTEL_SERVICE_NAME", "the box office")];
    let stack = Stack::start_with(&settings).await;

    let answer = stack.client().get("/shows").await.expect(200);

    let trace = answer.header("correlation-id").map(|id| id.replace('-', "")).expect("a correlation id");
    let span = collector.wait_for(&trace, "GET /api/v1/shows").await;
    assert_eq!((span.service.as_str(), span.parent.as_str()), ("the box office", ""));
    let probes = |span: &ticketshow_tests::ExportedSpan| span.name.contains("/readyz");
    assert!(!collector.spans().iter().any(probes), "probes are no part of a trace");
}

#[tokio::test]
async fn the_calls_of_a_refund_are_in_the_trace_of_the_request_that_led_to_it() {
    let collector = Collector::start().await;
    let (stack, sim) = Stack::with_cards(&[("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer().await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id");
    let path = format!("/bookings/{booking}/payment");
    let opened = ada.client.post(&path, &json!({"method": "card"})).await.expect(201);
    sim.pay(opened.str("checkout_url")).await;
    ada.booking_when(PATIENCE, booking, "the booking to be confirmed", |b| b["status"] == "confirmed").await;

    let traceparent = format!("00-{TRACE}-{CALLER}-01");
    let cancelling = ada.client.delete(&format!("/bookings/{booking}")).header("traceparent", &traceparent);
    cancelling.await.expect(202);
    ada.booking_when(PATIENCE, booking, "the money to be back", |b| b["status"] == "refunded").await;

    for call in ["payment provider GET /payments/{id}", "payment provider POST /refunds"] {
        let called = collector.wait_for(TRACE, call).await;
        let caller = eventually(&format!("the parent of {call:?}"), async || {
            collector.spans().into_iter().find(|span| span.id == called.parent)
        })
        .await;
        assert_eq!((caller.name.as_str(), caller.trace.as_str()), ("saga card-refund", TRACE));
    }
    let opening = "payment provider POST /checkouts";
    assert!(
        !collector.spans().iter().any(|span| span.trace == TRACE && span.name == opening),
        "the checkout belongs to the request to pay"
    );
}

#[tokio::test]
async fn a_collector_that_is_away_or_silent_holds_nobody_up() {
    let nobody = format!("http://127.0.0.1:{}", Port::free());
    let mut stack = Stack::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &nobody)]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;

    answers_at_once(&ada, &screening, "A-1").await;
    let before = eventually("dropped spans to be counted", async || dropped(&stack).await).await;
    answers_at_once(&ada, &screening, "A-2").await;
    eventually("more of them", async || dropped(&stack).await.filter(|now| *now > before)).await;
    let log = stack.server.process().log();
    assert_eq!(log.matches("the collector takes no spans").count(), 1, "{log}");

    let silent = TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
    let silent_at = silent.local_addr().expect("a bound listener has an address");
    stack.server.set("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{silent_at}"));
    stack.server.restart().await;
    answers_at_once(&ada, &screening, "A-3").await;
    assert!(stack.server.stop(), "the server does not wait for the collector");
}

/// Books a seat and expects each answer soon.
async fn answers_at_once(ada: &Customer, screening: &str, seat: &str) {
    let asked = Instant::now();
    let held = ada.reserve(screening, &[seat]).await.expect(201);
    assert!(asked.elapsed() < ANSWER_MAX, "a reservation took {:?}", asked.elapsed());
    let asked = Instant::now();
    ada.pay(held.str("booking_id")).await.expect(200);
    assert!(asked.elapsed() < ANSWER_MAX, "a payment took {:?}", asked.elapsed());
}

/// Spans that no collector took; `None` if none were counted.
async fn dropped(stack: &Stack) -> Option<f64> {
    let metrics = stack.server.operations().get("/metrics").await.expect(200).text();
    let value =
        metrics.lines().find_map(|line| line.strip_prefix(r#"ticketshow_spans_dropped{by="collector"} "#));
    value?.parse().ok()
}
