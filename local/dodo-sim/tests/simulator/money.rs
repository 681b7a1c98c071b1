//! Outcomes of sessions, payments and refunds.

use std::time::Duration;

use serde_json::json;
use ticketshow_dodo_sim::{Behaviour, DECLINED_CARD, MovementKind, RateLimit, SUCCESS_CARD};
use ticketshow_tests::{DodoSim, eventually};

use crate::merchant::{Merchant, open, order, paid};

#[tokio::test]
async fn a_session_expires_after_a_day() {
    let sim = DodoSim::start().await;
    let (_, page) = open(&sim, 500).await;
    let path = page.strip_prefix(sim.origin()).unwrap();

    sim.advance(Duration::from_hours(24) - Duration::from_secs(5));
    sim.browser().get(path).await.expect(200);
    sim.advance(Duration::from_secs(5));
    sim.browser().get(path).await.expect(410);
}

#[tokio::test]
async fn a_confirmed_session_lives_for_a_quarter_of_an_hour_and_has_its_payment() {
    let sim = DodoSim::start().await;
    let mut order = order(500);
    order["confirm"] = json!(true);
    let session = sim.merchant().post("/checkouts", &order).await.expect(200);
    let payment = session.str("payment_id").to_owned();
    let status = async || sim.merchant().get(&format!("/payments/{payment}")).await.str("status").to_owned();
    assert_eq!(status().await, "requires_payment_method");

    let page = session.str("checkout_url").to_owned();
    sim.pay(&page).await;
    assert_eq!(status().await, "succeeded");

    let session = sim.merchant().post("/checkouts", &order).await.expect(200);
    let path = session.str("checkout_url").strip_prefix(sim.origin()).unwrap().to_owned();
    sim.advance(Duration::from_mins(15));
    sim.browser().get(&path).await.expect(410);
}

#[tokio::test]
async fn a_payment_is_processing_until_the_bank_answers() {
    let behaviour =
        Behaviour { payment_delay_millis: 3_600_000, rate_limit: RateLimit::Off, ..Behaviour::default() };
    let sim = DodoSim::start_with(behaviour).await;
    let payment = paid(&sim, 500).await;
    let status = async || sim.merchant().get(&format!("/payments/{payment}")).await.str("status").to_owned();
    assert_eq!(status().await, "processing");
    assert!(sim.ledger().is_empty());

    sim.advance(Duration::from_hours(1));

    eventually("the bank's answer", async || (status().await == "succeeded").then_some(())).await;
    assert_eq!(sim.ledger().len(), 1);
}

#[tokio::test]
async fn a_declined_customer_may_try_another_card() {
    let sim = DodoSim::start().await;
    let (session, page) = open(&sim, 500).await;
    assert!(sim.pay_declined(&page).await.contains("status=failed"));
    let first = sim.merchant().get(&format!("/checkouts/{session}")).await.str("payment_id").to_owned();
    let failed = sim.merchant().get(&format!("/payments/{first}")).await;
    assert_eq!(failed.str("error_code"), "CARD_DECLINED");

    sim.pay(&page).await;

    let second = sim.merchant().get(&format!("/checkouts/{session}")).await.expect(200);
    assert_eq!(second.str("payment_status"), "succeeded");
    assert_ne!(second.str("payment_id"), first);
    assert_eq!(sim.ledger().len(), 1);
}

#[tokio::test]
async fn a_session_is_paid_once_except_in_races() {
    let sim = DodoSim::start().await;
    let (session, page) = open(&sim, 500).await;
    sim.pay(&page).await;
    let path = page.strip_prefix(sim.origin()).unwrap();
    sim.browser().get(path).await.expect(409);
    assert_eq!(sim.ledger().len(), 1);

    let again = sim.pay_anyway(&session);

    assert_eq!(sim.ledger().last().unwrap().payment_id, again);
    assert_eq!(sim.ledger().len(), 2);
}

#[tokio::test]
async fn a_dispute_that_is_lost_takes_the_money_once() {
    let sim = DodoSim::start().await;
    let merchant = Merchant::listening_to(&sim).await;
    let payment = paid(&sim, 500).await;
    let path = format!("/admin/payments/{payment}/disputes");
    let dispute = sim.browser().post(&path, &json!({})).await.expect(200).str("dispute_id").to_owned();
    let path = format!("/admin/disputes/{dispute}");
    for status in ["dispute_challenged", "dispute_lost", "dispute_lost"] {
        sim.browser().post(&path, &json!({"status": status})).await.expect(200);
    }

    let kinds: Vec<MovementKind> = sim.ledger().iter().map(|movement| movement.kind).collect();
    assert_eq!(kinds, [MovementKind::Capture, MovementKind::Chargeback]);
    sim.settled().await;
    let received = merchant.of_kind("dispute.opened");
    assert_eq!(received[0].body["data"]["amount"], "500");
    let shown = sim.merchant().get(&format!("/disputes/{dispute}")).await.expect(200);
    assert_eq!(shown.str("dispute_status"), "dispute_lost");
}

#[tokio::test]
async fn refunds_have_a_time_limit() {
    let sim = DodoSim::start().await;
    let payment = paid(&sim, 500).await;
    sim.advance(Duration::from_hours(24 * 30 + 1));

    let refused = sim.merchant().post("/refunds", &json!({"payment_id": payment})).await.expect(400);

    assert_eq!(refused.str("code"), "REFUND_WINDOW_EXPIRED");
}

#[tokio::test]
async fn only_captured_money_is_refunded() {
    let sim = DodoSim::start().await;
    let (session, _) = open(&sim, 500).await;
    let (payment, _) = sim.simulator.pay_session(&session, DECLINED_CARD).unwrap();
    let refused = sim.merchant().post("/refunds", &json!({"payment_id": payment})).await.expect(400);
    assert_eq!(refused.str("code"), "PAYMENT_NOT_SUCCEEDED");

    let payment = sim.simulator.pay_session(&session, SUCCESS_CARD).unwrap().0;
    let too_much =
        json!({"payment_id": payment, "items": [{"item_id": "pdt_TicketShowBookings001", "amount": 501}]});
    let refused = sim.merchant().post("/refunds", &too_much).await.expect(400);
    assert_eq!(refused.str("code"), "REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT");
}

#[tokio::test]
async fn the_eleventh_call_of_a_second_is_one_too_many() {
    let sim = DodoSim::start_with(Behaviour::default()).await;
    let calls = (0..11).map(|_| sim.merchant().get("/products"));
    let mut statuses = Vec::new();
    for call in calls {
        let answer = call.await;
        if answer.status == 429 {
            assert_eq!((answer.str("code"), answer.header("retry-after")), ("TOO_MANY_REQUESTS", Some("1")));
        } else {
            assert!(answer.header("x-ratelimit-remaining").is_some());
        }
        statuses.push(answer.status);
    }

    assert_eq!(statuses[..10], [200; 10]);
    assert_eq!(statuses[10], 429);
}
