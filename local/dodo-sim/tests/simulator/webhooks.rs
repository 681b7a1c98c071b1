//! Webhooks to the merchant: contents, retries and faults.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_dodo_sim::{Fault, Faults, Mangling, NoticeState};
use ticketshow_tests::{DodoSim, eventually};

use crate::merchant::{Merchant, open, paid};

fn mangled(what: Mangling) -> Faults {
    Faults { webhooks: vec![Fault::next(1, what).on("payment.succeeded")], ..Faults::default() }
}

#[tokio::test]
async fn a_payment_notice_has_all_fields() {
    let sim = DodoSim::start().await;
    let merchant = Merchant::listening_to(&sim).await;
    let payment = paid(&sim, 11_800).await;
    sim.settled().await;

    let received = merchant.of_kind("payment.succeeded");
    assert_eq!((received.len(), &received[0].verified), (1, &Ok(())));
    let mut data = received[0].body["data"].clone();
    assert_eq!(data["payload_type"], "Payment");
    data.as_object_mut().unwrap().remove("payload_type");
    assert_eq!(data, sim.merchant().get(&format!("/payments/{payment}")).await.json);
}

#[tokio::test]
async fn a_refund_sends_a_notice_when_it_succeeds_or_fails_but_not_in_review() {
    let sim = DodoSim::start().await;
    let merchant = Merchant::listening_to(&sim).await;
    for what in [None, Some(json!("fail")), Some(json!("review"))] {
        let faults = what.map_or(json!({}), |what| json!({"refunds": [{"what": what, "left": 1}]}));
        sim.browser().call("PUT".parse().unwrap(), "/admin/faults").json(&faults).await.expect(204);
        let payment_id = paid(&sim, 500).await;
        let body = json!({"payment_id": payment_id, "metadata": {"refund_key": "our-1"}});
        sim.merchant().post("/refunds", &body).await.expect(200);
    }

    eventually("both webhooks", async || {
        let received = |kind| merchant.of_kind(kind).len();
        (received("refund.succeeded") == 1 && received("refund.failed") == 1).then_some(())
    })
    .await;
    let received = merchant.of_kind("refund.succeeded");
    assert_eq!(received[0].body["data"]["metadata"]["refund_key"], "our-1");
    eventually("one to be in review", async || {
        let listed = sim.merchant().get("/refunds?status=review").await.expect(200);
        (listed.json["items"].as_array().unwrap().len() == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_failed_delivery_is_retried_with_the_current_state() {
    let sim = DodoSim::start().await;
    let merchant = Merchant::listening_to(&sim).await;
    merchant.answer(503);
    let payment = paid(&sim, 500).await;
    eventually("the first try", async || (merchant.of_kind("payment.succeeded").len() == 1).then_some(()))
        .await;
    sim.merchant().post("/refunds", &json!({"payment_id": payment})).await.expect(200);
    merchant.answer(200);

    sim.advance(Duration::from_secs(5));
    sim.settled().await;

    let received = merchant.of_kind("payment.succeeded");
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].id, received[1].id);
    assert_eq!(received[0].body["data"]["refunds"], json!([]));
    assert_eq!(received[1].body["data"]["refunds"].as_array().unwrap().len(), 1);
    assert_eq!(received[0].body["timestamp"], received[1].body["timestamp"]);
}

#[tokio::test]
async fn deliveries_end_after_the_last_attempt() {
    let sim = DodoSim::start().await;
    let merchant = Merchant::listening_to(&sim).await;
    merchant.answer(301);
    paid(&sim, 500).await;
    let tried = || {
        sim.notices().into_iter().find(|notice| notice.kind == "payment.succeeded").unwrap().attempts.len()
    };
    for (before, hours) in [0, 1, 1, 1, 2, 5, 10, 10].into_iter().enumerate() {
        sim.advance(Duration::from_hours(hours));
        eventually("the next try", async || (tried() > before).then_some(())).await;
    }

    sim.settled().await;
    let notices = sim.notices();
    let notice = notices.iter().find(|notice| notice.kind == "payment.succeeded").unwrap();
    assert_eq!((notice.attempts.len(), notice.state), (8, NoticeState::GivenUp));

    merchant.answer(200);
    let path = format!("/admin/webhooks/{}/replay", notice.webhook_id);
    sim.browser().post(&path, &json!({})).await.expect(202);
    eventually("the replay", async || (merchant.of_kind("payment.succeeded").len() == 9).then_some(())).await;
}

#[tokio::test]
async fn forged_old_and_doubly_signed_notices_can_be_distinguished() {
    let sim = DodoSim::start().await;
    let merchant = Merchant::listening_to(&sim).await;
    let manglings = [Mangling::WrongSignature, Mangling::OldTimestamp, Mangling::TwoSignatures];
    for what in manglings {
        sim.set_faults(mangled(what));
        paid(&sim, 500).await;
        sim.settled().await;
    }

    let received = merchant.of_kind("payment.succeeded");
    assert_eq!(received[0].verified, Err("signature invalid".to_owned()));
    assert_eq!(received[1].verified, Err("signature timestamp too old".to_owned()));
    assert_eq!((received[2].verified.clone(), received[2].signatures), (Ok(()), 2));
}

#[tokio::test]
async fn a_notice_can_arrive_twice_late_with_extra_fields_or_never() {
    let sim = DodoSim::start().await;
    let merchant = Merchant::listening_to(&sim).await;
    sim.set_faults(mangled(Mangling::Duplicate));
    paid(&sim, 500).await;
    sim.settled().await;
    let received = merchant.of_kind("payment.succeeded");
    assert_eq!((received.len(), &received[0].id), (2, &received[1].id));

    sim.set_faults(mangled(Mangling::ExtraFields));
    paid(&sim, 500).await;
    sim.settled().await;
    assert_eq!(merchant.of_kind("payment.succeeded")[2].body["data"]["favourite_star"], "Vega");

    sim.set_faults(mangled(Mangling::UnknownType));
    paid(&sim, 500).await;
    sim.settled().await;
    assert_eq!(
        (merchant.of_kind("constellation.aligned").len(), merchant.of_kind("payment.succeeded").len()),
        (1, 4)
    );

    sim.set_faults(mangled(Mangling::Lose));
    paid(&sim, 500).await;
    sim.settled().await;
    assert_eq!(merchant.of_kind("payment.succeeded").len(), 4);

    sim.set_faults(mangled(Mangling::Delay { millis: 60_000 }));
    let (_, page) = open(&sim, 500).await;
    sim.pay(&page).await;
    eventually("the other notice", async || {
        (merchant.of_kind("payment.processing").len() == 5).then_some(())
    })
    .await;
    assert_eq!(merchant.of_kind("payment.succeeded").len(), 4);
    sim.advance(Duration::from_mins(1));
    eventually("the late notice", async || (merchant.of_kind("payment.succeeded").len() == 5).then_some(()))
        .await;
}

#[tokio::test]
async fn notices_overtake_each_other() {
    let sim = DodoSim::start().await;
    let merchant = Merchant::listening_to(&sim).await;
    let within_millis = 300;
    sim.set_faults(Faults {
        webhooks: vec![Fault::always(Mangling::Shuffle { within_millis })],
        ..Faults::default()
    });
    let mut paid_in_order = Vec::new();
    for _ in 0..10 {
        paid_in_order.push(Value::from(paid(&sim, 500).await));
    }
    sim.settled().await;

    let received = merchant.of_kind("payment.succeeded");
    let received: Vec<Value> =
        received.iter().map(|received| received.body["data"]["payment_id"].clone()).collect();
    assert_eq!(received.len(), 10);
    assert_ne!(received, paid_in_order);
}
