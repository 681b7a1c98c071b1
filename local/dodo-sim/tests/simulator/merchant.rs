//! A merchant's server: its calls to the provider, and the webhooks it receives.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use ticketshow_dodo_sim::PRODUCT_ID;
use ticketshow_tests::{DODO_WEBHOOK_KEY, DodoSim};
use tokio::net::TcpListener;

/// One webhook as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub id: String,
    pub body: Value,
    /// Result of the verification.
    pub verified: Result<(), String>,
    pub signatures: usize,
}

/// Takes webhooks, verifies them, and answers as configured.
#[derive(Debug, Clone)]
pub struct Merchant {
    state: Arc<Mutex<(Vec<Received>, StatusCode)>>,
}

impl Merchant {
    /// A server that answers 200 to everything the simulator sends from now on.
    pub async fn listening_to(sim: &DodoSim) -> Self {
        let merchant = Self { state: Arc::new(Mutex::new((Vec::new(), StatusCode::OK))) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(take)).with_state(merchant.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        sim.simulator.deliver_to(&url);
        merchant
    }

    pub fn answer(&self, status: u16) {
        self.state.lock().unwrap().1 = StatusCode::from_u16(status).unwrap();
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().0.clone()
    }

    /// Those of one type.
    pub fn of_kind(&self, kind: &str) -> Vec<Received> {
        self.received().into_iter().filter(|received| received.body["type"] == kind).collect()
    }
}

async fn take(State(merchant): State<Merchant>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let verified = Webhook::new(DODO_WEBHOOK_KEY).unwrap().verify(&body, &headers);
    let received = Received {
        id: text("webhook-id"),
        body: serde_json::from_slice(&body).unwrap(),
        verified: verified.map_err(|error| error.to_string()),
        signatures: text("webhook-signature").split(' ').count(),
    };
    let mut state = merchant.state.lock().unwrap();
    state.0.push(received);
    state.1
}

/// Request of a shop for an order of `amount` minor units.
pub fn order(amount: i64) -> Value {
    json!({
        "product_cart": [{"product_id": PRODUCT_ID, "quantity": 1, "amount": amount}],
        "customer": {"email": "ann@example.com", "name": "Ann", "phone_number": null},
        "billing_address": {"country": "IN", "city": null, "state": null, "street": null, "zipcode": null},
        "billing_currency": "INR",
        "return_url": "https://shop/back?booking=bk_1", "cancel_url": "https://shop/cancel?booking=bk_1",
        "metadata": {"payment_id": "our-1"},
        "feature_flags": {"allow_currency_selection": false, "redirect_immediately": true},
        "confirm": false,
    })
}

/// Opens a session: its id and the address of its page.
pub async fn open(sim: &DodoSim, amount: i64) -> (String, String) {
    let answer = sim.merchant().post("/checkouts", &order(amount)).await.expect(200);
    (answer.str("session_id").to_owned(), answer.str("checkout_url").to_owned())
}

/// Opens a session and pays it: the id of the payment.
pub async fn paid(sim: &DodoSim, amount: i64) -> String {
    let (session, page) = open(sim, amount).await;
    sim.pay(&page).await;
    sim.merchant().get(&format!("/checkouts/{session}")).await.expect(200).str("payment_id").to_owned()
}
