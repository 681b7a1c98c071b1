//! Card payments and refunds, with a simulated provider.

use serde_json::json;
use ticketshow_domain::{
    Currency, Money, PaymentId, UserId,
    payment::{Command, Payment, PaymentStatus, Purpose, RefundStatus},
};
use ticketshow_sagas::{DodoSettings, SagaDependencies};
use ticketshow_tests::{DODO_API_KEY, DodoSim, eventually};
use ticketshow_tickets::Signer;

use crate::fixture::{Fixture, PRICE_MINOR, Replica};

const PRICE: Money = Money { amount_minor: PRICE_MINOR, currency: Currency::INR };

fn product_id(sim: &DodoSim) -> String {
    let setting = sim.environment().into_iter().find(|(name, _)| *name == "DODO_PAYMENTS_PRODUCT_ID");
    setting.expect("the simulator has a product").1
}

/// Starts a process that runs the sagas, with a call budget. Opening its first page and the check at start share a call.
async fn start_sagas(fixture: &Fixture, sim: &DodoSim, calls_per_minute: u32) -> Replica {
    let settings = DodoSettings {
        base_url: sim.origin().to_owned(),
        api_key: DODO_API_KEY.to_owned(),
        product_id: product_id(sim),
        return_url: "http://localhost:8000/payments/return".to_owned(),
        currency: Currency::INR,
        calls_per_minute,
    };
    let dependencies = SagaDependencies::new(Signer::from_secret(&[7; 32]));
    fixture.start_sagas_with(dependencies.with_cards(settings).unwrap()).await
}

/// Requests a payment for something other than a booking.
async fn request(fixture: &Fixture, customer: UserId, purpose: Purpose) -> PaymentId {
    let payment = PaymentId(fixture.id());
    let command = Command::RequestPayment { payment, customer, purpose, amount: PRICE, fingerprint: None };
    fixture.execute::<Payment>(&payment, command).await;
    payment
}

/// Captures money at the provider that nobody requested, so that it goes back to the card.
async fn stray(fixture: &Fixture, sim: &DodoSim) -> PaymentId {
    let cart = json!([{"product_id": product_id(sim), "quantity": 1, "amount": PRICE_MINOR}]);
    let session =
        sim.merchant().post("/checkouts", &json!({"product_cart": cart, "billing_currency": "INR"})).await;
    let provider_payment = sim.pay_anyway(session.expect(200).str("session_id"));
    let of = PaymentId(fixture.id());
    let payment = request(fixture, UserId(fixture.id()), Purpose::Stray { of }).await;
    let capture = Command::CapturePayment { provider_payment, captured: PRICE };
    fixture.execute::<Payment>(&payment, capture).await;
    payment
}

/// Number of refunds at the provider.
async fn made(sim: &DodoSim) -> usize {
    let refunds = sim.merchant().get("/refunds?page_size=100").await.expect(200);
    refunds.json["items"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn no_refund_is_announced_before_its_call_has_its_turn() {
    let (fixture, sim) = (Fixture::build().await, DodoSim::start().await);
    let sagas = start_sagas(&fixture, &sim, 6).await;
    let mut payments = Vec::new();
    for _ in 0..10 {
        payments.push(stray(&fixture, &sim).await);
    }
    // The burst is enough for three; the others wait ten seconds for each of their calls.
    eventually("three refunds", async || (made(&sim).await >= 3).then_some(())).await;
    let mut announced = 0;
    for payment in &payments {
        let state: Payment = fixture.state(payment).await;
        announced += usize::from(state.refund().is_some_and(|refund| refund.attempts > 0));
    }
    assert!(announced < payments.len(), "nothing had to wait");
    eventually("the announced refunds", async || (made(&sim).await >= announced).then_some(())).await;
    sagas.stop().await;
}

async fn refund_becomes(fixture: &Fixture, payment: PaymentId, status: RefundStatus) {
    eventually(&format!("a refund to become {status:?}"), async || {
        let state: Payment = fixture.state(&payment).await;
        state.refund().is_some_and(|refund| refund.status == status).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_refund_that_lost_its_timer_gets_one_when_the_sagas_start() {
    let (fixture, sim) = (Fixture::build().await, DodoSim::start().await);
    fixture.lay_out_read_models().await;
    let sagas = start_sagas(&fixture, &sim, 600).await;
    let payment = stray(&fixture, &sim).await;
    refund_becomes(&fixture, payment, RefundStatus::Submitted).await;
    // Once a later refund is submitted, the consumer has taken every commit of the first one.
    let later = stray(&fixture, &sim).await;
    refund_becomes(&fixture, later, RefundStatus::Submitted).await;
    sagas.stop().await;

    fixture.lose_timer("card-refund", &payment.to_string()).await;
    let insert = "INSERT INTO read.payments (payment_id, customer_id, method, status, amount_minor, currency,
                      refund_status, refund_target, refund_requested_at, created_at, position)
                  VALUES ($1, $1, 'card', 'refunding', 25000, 'INR', 'submitted', 'card', now(), now(), 1)";
    sqlx::query(insert).bind(payment.0).execute(&fixture.pool).await.unwrap();
    let sagas = start_sagas(&fixture, &sim, 600).await;
    refund_becomes(&fixture, payment, RefundStatus::Completed).await;
    sagas.stop().await;
}

#[tokio::test]
async fn captured_money_does_not_wait_behind_checkouts() {
    let (fixture, sim) = (Fixture::build().await, DodoSim::start().await);
    // One call a minute after the first eight.
    let sagas = start_sagas(&fixture, &sim, 1).await;
    let customer = UserId(fixture.id());
    let paying = request(&fixture, customer, Purpose::TopUp).await;
    let session = eventually("the page to open", async || {
        let state: Payment = fixture.state(&paying).await;
        state.checkout().map(|checkout| checkout.session.clone())
    })
    .await;
    let mut others = Vec::new();
    for _ in 0..300 {
        others.push(request(&fixture, UserId(fixture.id()), Purpose::TopUp).await);
    }
    let capture = Command::CapturePayment { provider_payment: sim.pay_anyway(&session), captured: PRICE };
    fixture.execute::<Payment>(&paying, capture).await;
    eventually("the wallet to be filled", async || {
        (fixture.balance(customer).await == PRICE_MINOR).then_some(())
    })
    .await;
    // A payment that would wait longer than a minute is refused at once and delays no other.
    let last = *others.last().expect("there are many");
    eventually("the last one to be turned away", async || {
        let state: Payment = fixture.state(&last).await;
        (state.status() == PaymentStatus::Failed).then_some(())
    })
    .await;
    sagas.stop().await;
}
