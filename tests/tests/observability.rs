//! Metrics of waiting work, on which the alerts depend (`deploy/observability`).

use std::time::Duration;

use serde_json::json;
use ticketshow_dodo_sim::{Fault, Faults, RefundFault};
use ticketshow_tests::{Port, Stack, eventually_within, plain_rows};

/// Waits until a metric has a value that is wanted.
async fn measures(stack: &Stack, metric: &str, is_wanted: impl Fn(f64) -> bool) {
    eventually_within(Duration::from_secs(45), metric, async || {
        let metrics = stack.server.operations().get("/metrics").try_send().await.ok()?.text();
        let value = metrics.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '))?;
        is_wanted(value.parse().ok()?).then_some(())
    })
    .await;
}

fn is(wanted: u32) -> impl Fn(f64) -> bool {
    move |value| (value - f64::from(wanted)).abs() < 0.5
}

#[tokio::test]
async fn refunds_and_mails_that_wait_are_measured_until_they_are_done() {
    let nobody = format!("smtp://127.0.0.1:{}", Port::free());
    let (stack, sim) = Stack::with_cards(&[("SMTP_URL", &nobody)]).await;
    sim.set_faults(Faults { refunds: vec![Fault::always(RefundFault::NoFunds)], ..Faults::default() });
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer().await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let path = format!("/bookings/{}", held.str("booking_id"));
    let opened = ada.client.post(&format!("{path}/payment"), &json!({"method": "card"})).await.expect(201);
    sim.pay(opened.str("checkout_url")).await;
    eventually_within(Duration::from_secs(45), "the booking to be confirmed", async || {
        let booking = ada.client.get(&path).await.expect(200);
        (booking.json["status"] == "confirmed").then_some(())
    })
    .await;
    measures(&stack, "ticketshow_refunds_open", is(0)).await;

    ada.client.delete(&path).await.expect(202);

    measures(&stack, "ticketshow_refunds_open", is(1)).await;
    measures(&stack, "ticketshow_refunds_overdue", is(0)).await;
    // The cancellation at least, which no mail server takes.
    measures(&stack, r#"ticketshow_consumer_pending{consumer="mailing"}"#, |mails| mails > 0.5).await;

    let retry = format!("/admin/refunds/{}/to-wallet", opened.str("payment_id"));
    eventually_within(Duration::from_secs(45), "the refund to wait for a decision", async || {
        (admin.post(&retry, &json!({})).await.status == 202).then_some(())
    })
    .await;
    measures(&stack, "ticketshow_refunds_open", is(0)).await;
}
