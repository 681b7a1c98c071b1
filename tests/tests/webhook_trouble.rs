//! Notices of the payment provider that come twice, late, in another order, decorated, old, forged or not at all, and money that
//! is not what was asked for. Customers get what they paid for once, and all other money is refunded or waits for an
//! administrator.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_dodo_sim::{Fault, Faults, Mangling, MovementKind, NoticeState, PaymentFault};
use ticketshow_tests::{Client, Customer, DodoSim, Stack, eventually, eventually_within, plain_rows};

const PATIENCE: Duration = Duration::from_mins(1);

/// A house that takes cards, and a screening of it.
struct House {
    sim: DodoSim,
    stack: Stack,
    admin: Client,
    screening: String,
}

impl House {
    async fn open() -> Self {
        let (stack, sim) = Stack::with_cards(&[]).await;
        let admin = stack.admin().await;
        let screening = stack.screening(&admin, &plain_rows(2, 10)).await;
        Self { sim, stack, admin, screening }
    }

    /// Faults of notices from now on.
    fn mangle(&self, webhooks: Vec<Fault<Mangling>>) {
        self.sim.set_faults(Faults { webhooks, ..Faults::default() });
    }

    /// Holds a seat and opens its checkout: the booking, our payment, and the page.
    async fn checkout(&self, customer: &Customer, seat: &str) -> (String, String, String) {
        let held = customer.reserve(&self.screening, &[seat]).await.expect(201);
        let booking = held.str("booking_id").to_owned();
        let path = format!("/bookings/{booking}/payment");
        let opened = customer.client.post(&path, &json!({"method": "card"})).await.expect(201);
        (booking, opened.str("payment_id").to_owned(), opened.str("checkout_url").to_owned())
    }

    /// Holds a seat and pays for it at the provider: the booking and our payment.
    async fn pay(&self, customer: &Customer, seat: &str) -> (String, String) {
        let (booking, payment, page) = self.checkout(customer, seat).await;
        self.sim.pay(&page).await;
        (booking, payment)
    }

    /// Money the provider captured, minus refunds.
    fn at_provider(&self) -> i64 {
        let signed = |kind, amount: i64| match kind {
            MovementKind::Capture => amount,
            MovementKind::Refund | MovementKind::Chargeback => -amount,
        };
        self.sim.ledger().iter().map(|movement| signed(movement.kind, movement.amount)).sum()
    }
}

async fn becomes(customer: &Customer, booking: &str, status: &str) -> Value {
    let path = format!("/bookings/{booking}");
    eventually_within(PATIENCE, &format!("the booking to be {status}"), async || {
        let seen = customer.client.get(&path).try_send().await.ok()?;
        (seen.json["status"] == status).then_some(seen.json)
    })
    .await
}

#[tokio::test]
async fn notices_may_come_twice_in_any_order_and_with_fields_that_nobody_knows() {
    let house = House::open().await;
    house.mangle(vec![
        Fault::always(Mangling::Duplicate),
        Fault::always(Mangling::Shuffle { within_millis: 1500 }),
        Fault::sometimes(0.5, Mangling::ExtraFields),
        Fault::sometimes(0.5, Mangling::TwoSignatures),
        Fault::sometimes(0.5, Mangling::UnknownType),
    ]);
    let ada = house.stack.customer_with(&house.admin, 1).await;
    let mut bookings = Vec::new();
    for seat in ["A-1", "A-2", "A-3"] {
        bookings.push(house.pay(&ada, seat).await.0);
    }

    for booking in &bookings {
        becomes(&ada, booking, "confirmed").await;
    }

    house.sim.settled().await;
    let refused: Vec<_> =
        house.sim.notices().into_iter().filter(|notice| notice.state != NoticeState::Delivered).collect();
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(house.at_provider(), 75_000);
    house.stack.verify();
}

#[tokio::test]
async fn forged_and_stale_notices_are_refused_and_good_ones_taken_later() {
    let house = House::open().await;
    let ada = house.stack.customer().await;
    for (seat, mangling) in [("A-1", Mangling::WrongSignature), ("A-2", Mangling::OldTimestamp)] {
        house.mangle(vec![Fault::next(1, mangling).on("payment.succeeded")]);
        let (booking, _) = house.pay(&ada, seat).await;
        eventually("the notice to be refused", async || {
            let notices = house.sim.notices();
            let notice = notices.iter().rev().find(|notice| notice.kind == "payment.succeeded")?;
            let first = serde_json::to_value(notice.attempts.first()?).ok()?;
            assert_eq!(first["outcome"]["status"], 401, "{notice:?}");
            Some(())
        })
        .await;

        house.sim.advance(Duration::from_secs(5));

        becomes(&ada, &booking, "confirmed").await;
    }
    house.stack.verify();
}

#[tokio::test]
async fn another_amount_brings_no_ticket_and_waits_for_a_person() {
    let house = House::open().await;
    let payments = vec![Fault::next(1, PaymentFault::AmountOff { minor: -1 })];
    house.sim.set_faults(Faults { payments, ..Faults::default() });
    let ada = house.stack.customer().await;

    let (booking, payment) = house.pay(&ada, "A-1").await;

    let path = format!("/payments/{payment}");
    eventually_within(PATIENCE, "the payment to be in review", async || {
        let seen = ada.client.get(&path).try_send().await.ok()?;
        (seen.json["status"] == "review").then_some(())
    })
    .await;
    let seen = ada.client.get(&format!("/bookings/{booking}")).await.expect(200);
    assert_ne!(seen.json["status"], "confirmed");

    let decision = format!("/admin/payments/{payment}/decision");
    let decided = house.admin.post(&decision, &json!({"decision": "refund"})).await;
    assert!(decided.status < 300, "{} {}", decided.status, decided.text());
    eventually_within(PATIENCE, "the money to go back", async || (house.at_provider() == 0).then_some(()))
        .await;
    house.stack.verify();
}

#[tokio::test]
async fn who_pays_twice_gets_one_of_them_back() {
    let house = House::open().await;
    house.sim.set_faults(Faults { payments: vec![Fault::next(1, PaymentFault::Twice)], ..Faults::default() });
    let ada = house.stack.customer().await;

    let (booking, _) = house.pay(&ada, "A-1").await;

    becomes(&ada, &booking, "confirmed").await;
    eventually_within(PATIENCE, "the second payment to go back", async || {
        (house.sim.ledger().len() == 3).then_some(())
    })
    .await;
    assert_eq!(house.at_provider(), 25_000);
    house.stack.verify();
}
