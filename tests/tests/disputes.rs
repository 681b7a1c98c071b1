//! Money that the log does not know of: disputes, and what happens at the provider without us. An administrator sees it, and
//! no money is returned twice.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_dodo_sim::MovementKind::{self, Capture, Chargeback, Refund};
use ticketshow_tests::{Client, Customer, DodoSim, Inbox, Stack, eventually_within, plain_rows, seat_status};

const PATIENCE: Duration = Duration::from_secs(45);

/// A house that takes cards, and a booking in it that was paid by card.
struct House {
    stack: Stack,
    sim: DodoSim,
    admin: Client,
    ada: Customer,
    screening: String,
    booking: String,
    payment: String,
    /// The provider's id of the payment.
    provider_payment: String,
}

impl House {
    async fn with_a_booking() -> Self {
        Self::with_a_booking_and(&[]).await
    }

    /// `settings` are added to the server's environment.
    async fn with_a_booking_and(settings: &[(&str, &str)]) -> Self {
        let (stack, sim) = Stack::with_cards(settings).await;
        let admin = stack.admin().await;
        let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
        let ada = stack.customer().await;
        let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
        let booking = held.str("booking_id").to_owned();
        let path = format!("/bookings/{booking}/payment");
        let opened = ada.client.post(&path, &json!({"method": "card"})).await.expect(201);
        let payment = opened.str("payment_id").to_owned();
        sim.pay(opened.str("checkout_url")).await;
        let provider_payment = sim.ledger()[0].payment_id.clone();
        let house = Self { stack, sim, admin, ada, screening, booking, payment, provider_payment };
        house.booking_becomes("confirmed").await;
        house
    }

    /// Opens a dispute about the payment.
    async fn dispute(&self) -> String {
        let path = format!("/admin/payments/{}/disputes", self.provider_payment);
        let opened = self.sim.browser().post(&path, &json!({})).await.expect(200);
        opened.str("dispute_id").to_owned()
    }

    async fn decide(&self, dispute: &str, status: &str) {
        let path = format!("/admin/disputes/{dispute}");
        self.sim.browser().post(&path, &json!({"status": status})).await.expect(200);
    }

    async fn cancel(&self) {
        self.ada.client.delete(&format!("/bookings/{}", self.booking)).await.expect(202);
    }

    async fn booking_becomes(&self, status: &str) {
        let path = format!("/bookings/{}", self.booking);
        eventually_within(PATIENCE, &format!("the booking to be {status}"), async || {
            let seen = self.ada.client.get(&path).try_send().await.ok()?;
            (seen.status == 200 && seen.json["status"] == status).then_some(())
        })
        .await;
    }

    /// Waits until reconciliation lists exactly one mismatch, of this kind.
    async fn lists(&self, kind: &str) -> Value {
        eventually_within(PATIENCE, &format!("reconciliation to list {kind}"), async || {
            let unmatched = self.unmatched().await;
            (unmatched.len() == 1 && unmatched[0]["kind"] == kind).then(|| unmatched[0].clone())
        })
        .await
    }

    async fn lists_nothing(&self) {
        eventually_within(PATIENCE, "reconciliation to list nothing", async || {
            self.unmatched().await.is_empty().then_some(())
        })
        .await;
    }

    async fn unmatched(&self) -> Vec<Value> {
        let answer = self.admin.get("/admin/reconciliation").await.expect(200);
        answer.json["unmatched"].as_array().cloned().unwrap_or_default()
    }

    fn moved(&self) -> Vec<MovementKind> {
        self.sim.ledger().iter().map(|movement| movement.kind).collect()
    }
}

#[tokio::test]
async fn a_lost_dispute_voids_unused_tickets_and_sends_no_second_refund() {
    let house = House::with_a_booking().await;
    let dispute = house.dispute().await;
    let listed = house.lists("dispute_open").await;
    assert_eq!(
        (listed["payment_id"].as_str(), listed["provider_id"].as_str()),
        (Some(&*house.payment), Some(&*dispute))
    );

    house.decide(&dispute, "dispute_lost").await;

    house.booking_becomes("refunded").await;
    let map = house.stack.client().get(&format!("/screenings/{}/seats", house.screening)).await.expect(200);
    assert_eq!(seat_status(&map.json, "A-1"), "free");
    house.lists_nothing().await;
    assert_eq!(house.moved(), [Capture, Chargeback]);
    house.stack.verify();
}

#[tokio::test]
async fn a_customer_whose_bank_took_the_money_back_is_promised_no_refund() {
    let inbox = Inbox::start().await;
    let house = House::with_a_booking_and(&[("SMTP_URL", &inbox.url())]).await;
    let dispute = house.dispute().await;

    house.decide(&dispute, "dispute_lost").await;

    house.booking_becomes("refunded").await;
    let mail = inbox.wait_for(&house.ada.email, "Cancelled").await;
    assert!(mail.text.contains("Your bank has returned ₹250.00"), "{}", mail.text);
    assert!(!mail.text.contains("We are refunding"), "{}", mail.text);
    // A mail about something later shows that those before it were decided on.
    let later = house.stack.customer_with(&house.admin, 100_000).await;
    let held = later.reserve(&house.screening, &["A-2"]).await.expect(201);
    later.pay(held.str("booking_id")).await;
    inbox.wait_for(&later.email, "Your tickets").await;
    let subjects: Vec<_> =
        inbox.mails_to(&house.ada.email).await.into_iter().map(|mail| mail.subject).collect();
    assert!(!subjects.iter().any(|subject| subject.contains("refund")), "{subjects:?}");
}

#[tokio::test]
async fn a_cancelled_booking_is_not_refunded_before_its_dispute_is_decided() {
    for (decision, back) in [("dispute_won", Refund), ("dispute_accepted", Chargeback)] {
        let house = House::with_a_booking().await;
        let dispute = house.dispute().await;
        house.lists("dispute_open").await;
        house.cancel().await;
        house.booking_becomes("cancelled").await;
        assert_eq!(house.moved(), [Capture]);

        house.decide(&dispute, decision).await;

        house.booking_becomes("refunded").await;
        assert_eq!(house.moved(), [Capture, back]);
        house.stack.verify();
    }
}

#[tokio::test]
async fn a_capture_that_the_log_does_not_know_is_listed() {
    let house = House::with_a_booking().await;
    let unknown = "01900000-0000-7000-8000-0000000000aa";
    let body = json!({
        "product_cart": [{"product_id": ticketshow_dodo_sim::PRODUCT_ID, "quantity": 1, "amount": 4_200}],
        "customer": {"email": "eve@example.com", "name": "Eve"},
        "return_url": "http://localhost:8000/back",
        "metadata": {"payment_id": unknown},
    });
    let session = house.sim.merchant().post("/checkouts", &body).await.expect(200);
    let captured = house.sim.pay_anyway(session.str("session_id"));

    let listed = house.lists("provider_capture_differs").await;

    assert_eq!(
        (listed["payment_id"].as_str(), listed["provider_id"].as_str()),
        (Some(unknown), Some(&*captured))
    );
    assert_eq!((&listed["expected"], &listed["found"]["amount_minor"]), (&Value::Null, &json!(4_200)));
}

#[tokio::test]
async fn what_was_returned_by_hand_in_parts_is_not_sent_again() {
    let house = House::with_a_booking().await;
    let item = json!({"item_id": ticketshow_dodo_sim::PRODUCT_ID, "amount": 10_000});
    let part = json!({"payment_id": house.provider_payment, "items": [item]});
    let rest = json!({"payment_id": house.provider_payment});
    for refund in [part, rest] {
        house.sim.merchant().post("/refunds", &refund).await.expect(200);
        house.sim.settled().await;
    }

    house.cancel().await;

    house.booking_becomes("refunded").await;
    assert_eq!(house.moved(), [Capture, Refund, Refund]);
    house.stack.verify();
}

#[tokio::test]
async fn a_refund_made_by_hand_is_not_sent_again() {
    let house = House::with_a_booking().await;
    house.sim.merchant().post("/refunds", &json!({"payment_id": house.provider_payment})).await.expect(200);
    house.sim.settled().await;

    house.cancel().await;

    house.booking_becomes("refunded").await;
    assert_eq!(house.moved(), [Capture, Refund]);
    house.lists_nothing().await;
    house.stack.verify();
}
