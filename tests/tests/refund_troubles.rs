//! Card refunds that fail at the provider, are refused for lack of funds, or take long. The customer gets the money once.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_dodo_sim::{Fault, Faults, MovementKind, RefundFault};
use ticketshow_tests::{Client, Customer, DodoSim, Stack, eventually_within, inr, plain_rows};

const PATIENCE: Duration = Duration::from_secs(45);

/// A house that takes cards, and a booking in it that was paid by card.
struct House {
    stack: Stack,
    sim: DodoSim,
    admin: Client,
    ada: Customer,
    booking: String,
    payment: String,
}

impl House {
    /// Every refund meets this fault.
    async fn with(fault: RefundFault) -> Self {
        let (stack, sim) = Stack::with_cards(&[]).await;
        sim.set_faults(Faults { refunds: vec![Fault::always(fault)], ..Faults::default() });
        let admin = stack.admin().await;
        let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
        let ada = stack.customer().await;
        let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
        let booking = held.str("booking_id").to_owned();
        let path = format!("/bookings/{booking}/payment");
        let opened = ada.client.post(&path, &json!({"method": "card"})).await.expect(201);
        let payment = opened.str("payment_id").to_owned();
        sim.pay(opened.str("checkout_url")).await;
        let house = Self { stack, sim, admin, ada, booking, payment };
        house.becomes("confirmed").await;
        house
    }

    async fn cancel(&self) {
        self.ada.client.delete(&format!("/bookings/{}", self.booking)).await.expect(202);
    }

    async fn becomes(&self, status: &str) {
        self.seen("bookings", &self.booking, &format!("the booking to be {status}"), |seen| {
            seen["status"] == status
        })
        .await;
    }

    /// Waits until the payment's refund has this status.
    async fn refund_becomes(&self, status: &str) {
        let what = format!("the refund to be {status}");
        self.seen("payments", &self.payment, &what, |seen| seen["refund"]["status"] == status).await;
    }

    async fn seen(&self, collection: &str, id: &str, what: &str, as_wanted: impl Fn(&Value) -> bool) {
        let path = format!("/{collection}/{id}");
        eventually_within(PATIENCE, what, async || {
            let seen = self.ada.client.get(&path).try_send().await.ok()?;
            (seen.status == 200 && as_wanted(&seen.json)).then_some(())
        })
        .await;
    }

    /// The customer's wallet balance, and the movements at the provider.
    async fn money(&self) -> (Value, Vec<MovementKind>) {
        let wallet = self.ada.client.get("/wallet").await.expect(200);
        let moved = self.sim.ledger().iter().map(|movement| movement.kind).collect();
        (wallet.json["balance"].clone(), moved)
    }
}

#[tokio::test]
async fn what_the_provider_cannot_send_back_goes_to_the_wallet() {
    let house = House::with(RefundFault::Fail).await;

    house.cancel().await;

    house.becomes("refunded").await;
    assert_eq!(house.money().await, (inr(25_000), vec![MovementKind::Capture]));
    house.stack.verify();
}

#[tokio::test]
async fn a_refund_without_funds_waits_for_the_house_which_tries_again() {
    let house = House::with(RefundFault::NoFunds).await;
    house.cancel().await;
    house.refund_becomes("review").await;
    assert_eq!(house.money().await, (inr(0), vec![MovementKind::Capture]));

    house.sim.heal();
    let retry = format!("/admin/refunds/{}/retry", house.payment);
    house.admin.post(&retry, &json!({})).await.expect(202);

    house.becomes("refunded").await;
    house.admin.post(&retry, &json!({})).await.expect_problem(409, "refund-under-way");
    assert_eq!(house.money().await, (inr(0), vec![MovementKind::Capture, MovementKind::Refund]));
    house.stack.verify();
}

#[tokio::test]
async fn a_refund_without_funds_can_go_to_the_wallet_instead() {
    let house = House::with(RefundFault::NoFunds).await;
    house.cancel().await;
    house.refund_becomes("review").await;

    let to_wallet = format!("/admin/refunds/{}/to-wallet", house.payment);
    house.admin.post(&to_wallet, &json!({})).await.expect(202);

    house.becomes("refunded").await;
    assert_eq!(house.money().await, (inr(25_000), vec![MovementKind::Capture]));
    house.stack.verify();
}

#[tokio::test]
async fn a_refund_that_takes_its_time_is_done_when_the_provider_says_so() {
    let house = House::with(RefundFault::StayPending).await;
    house.cancel().await;
    house.refund_becomes("submitted").await;
    let listed = house.sim.merchant().get("/refunds?status=pending").await.expect(200);
    let refund = listed.json["items"][0]["refund_id"].as_str().expect("the refund is pending").to_owned();

    house.sim.turn_refund(&refund, "succeeded").await;

    house.becomes("refunded").await;
    assert_eq!(house.money().await, (inr(0), vec![MovementKind::Capture, MovementKind::Refund]));
    house.stack.verify();
}
