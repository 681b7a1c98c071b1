//! Faults of calls, payments and refunds.

use std::time::{Duration, Instant};

use serde_json::json;
use ticketshow_dodo_sim::{Fault, Faults, MovementKind, PaymentFault, RefundFault, RequestFault};
use ticketshow_tests::{DodoSim, eventually};

use crate::merchant::{open, order, paid};

fn calls(what: RequestFault) -> Faults {
    Faults { requests: vec![Fault::next(1, what).on("POST /refunds")], ..Faults::default() }
}

#[tokio::test]
async fn the_work_can_be_done_and_the_response_lost() {
    let sim = DodoSim::start().await;
    for (what, done) in [(RequestFault::DropAfter, 1), (RequestFault::DropBefore, 0)] {
        let payment = paid(&sim, 500).await;
        sim.set_faults(calls(what));

        let lost = sim.merchant().post("/refunds", &json!({"payment_id": payment})).try_send().await;

        lost.unwrap_err();
        let payment = sim.merchant().get(&format!("/payments/{payment}")).await.expect(200);
        assert_eq!(payment.json["refunds"].as_array().unwrap().len(), done);
    }
}

#[tokio::test]
async fn the_provider_can_fail_before_and_after_the_work() {
    let sim = DodoSim::start().await;
    for (what, done) in [(RequestFault::ErrorAfter, 1), (RequestFault::ErrorBefore, 0)] {
        let payment = paid(&sim, 500).await;
        sim.set_faults(calls(what));

        let failed = sim.merchant().post("/refunds", &json!({"payment_id": payment})).await.expect(500);

        assert_eq!(failed.str("code"), "INTERNAL_SERVER_ERROR");
        let payment = sim.merchant().get(&format!("/payments/{payment}")).await.expect(200);
        assert_eq!(payment.json["refunds"].as_array().unwrap().len(), done);
    }
}

#[tokio::test]
async fn the_provider_can_be_busy_or_slow() {
    let sim = DodoSim::start().await;
    let payment = paid(&sim, 500).await;
    sim.set_faults(calls(RequestFault::TooManyRequests { retry_after: 7 }));
    let busy = sim.merchant().post("/refunds", &json!({"payment_id": payment})).await.expect(429);
    assert_eq!(busy.header("retry-after"), Some("7"));

    sim.set_faults(calls(RequestFault::SlowAfter { millis: 200 }));
    let asked = Instant::now();
    sim.merchant().post("/refunds", &json!({"payment_id": payment})).await.expect(200);
    assert!(asked.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_different_amount_or_currency_can_be_captured() {
    let sim = DodoSim::start().await;
    let payments = vec![
        Fault::next(1, PaymentFault::AmountOff { minor: -1 }),
        Fault::next(1, PaymentFault::Currency { code: "USD".to_owned() }),
    ];
    sim.set_faults(Faults { payments, ..Faults::default() });

    let payment = paid(&sim, 500).await;

    let movement = &sim.ledger()[0];
    assert_eq!((movement.payment_id.clone(), movement.amount), (payment, 499));
    assert_eq!(movement.currency, "USD");
}

#[tokio::test]
async fn a_customer_can_pay_twice() {
    let sim = DodoSim::start().await;
    sim.set_faults(Faults { payments: vec![Fault::next(1, PaymentFault::Twice)], ..Faults::default() });

    paid(&sim, 500).await;

    let ledger = sim.ledger();
    assert_eq!(ledger.len(), 2);
    assert_ne!(ledger[0].payment_id, ledger[1].payment_id);
    assert_eq!(ledger[0].metadata, ledger[1].metadata);
}

#[tokio::test]
async fn a_refund_can_wait_for_a_review() {
    let sim = DodoSim::start().await;
    sim.set_faults(Faults { refunds: vec![Fault::next(1, RefundFault::StayPending)], ..Faults::default() });
    let payment = paid(&sim, 500).await;
    let refund = sim.merchant().post("/refunds", &json!({"payment_id": payment})).await.expect(200);
    sim.advance(Duration::from_hours(24));
    let path = format!("/refunds/{}", refund.str("refund_id"));
    assert_eq!(sim.merchant().get(&path).await.str("status"), "pending");

    sim.turn_refund(refund.str("refund_id"), "succeeded").await;

    assert_eq!(sim.merchant().get(&path).await.str("status"), "succeeded");
    assert_eq!(sim.ledger().last().unwrap().kind, MovementKind::Refund);
}

#[tokio::test]
async fn a_refund_can_be_refused_or_be_followed_by_a_dispute() {
    let sim = DodoSim::start().await;
    let refunds = vec![Fault::next(1, RefundFault::NoFunds)];
    sim.set_faults(Faults { refunds, ..Faults::default() });
    let payment = paid(&sim, 500).await;
    let refused = sim.merchant().post("/refunds", &json!({"payment_id": payment})).await.expect(400);
    assert_eq!(refused.str("code"), "INSUFFICIENT_WALLET_FUNDS");

    sim.set_faults(Faults { refunds: vec![Fault::next(1, RefundFault::DisputeAfter)], ..Faults::default() });
    sim.merchant().post("/refunds", &json!({"payment_id": payment})).await.expect(200);

    eventually("a dispute", async || {
        let payment = sim.merchant().get(&format!("/payments/{payment}")).await;
        (payment.json["disputes"][0]["dispute_status"] == "dispute_opened").then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_expired_session_can_be_paid() {
    let sim = DodoSim::start().await;
    let (session, _) = open(&sim, 500).await;
    sim.advance(Duration::from_hours(48));

    let payment = sim.pay_anyway(&session);

    assert_eq!(sim.merchant().get(&format!("/payments/{payment}")).await.str("status"), "succeeded");
}

#[tokio::test]
async fn invalid_json_is_refused() {
    let sim = DodoSim::start().await;
    let call = sim.merchant().call("POST".parse().unwrap(), "/checkouts");
    let refused = call.header("content-type", "text/plain").body(order(500).to_string()).await.expect(415);
    assert_eq!(refused.str("code"), "INVALID_REQUEST_BODY");
    let faults = sim.browser().call("PUT".parse().unwrap(), "/admin/faults");
    faults.header("content-type", "text/plain").body("{}").await.expect(415);
    sim.merchant().delete("/products").await.expect(405);
    assert_eq!(sim.merchant().get("/subscriptions").await.expect(404).str("code"), "NOT_FOUND");
}
