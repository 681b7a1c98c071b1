//! A simulator with a file forgets nothing.

use std::io::Write;

use serde_json::json;
use ticketshow_dodo_sim::{Behaviour, RateLimit, Settings, Simulator};
use ticketshow_tests::{Client, DODO_API_KEY, DODO_WEBHOOK_KEY, Folder, eventually};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::merchant::order;

async fn start(folder: &Folder) -> (Simulator, Client, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let conduct = Behaviour { rate_limit: RateLimit::Off, refund_delay_millis: 300, ..Behaviour::default() };
    let simulator = Simulator::open(Settings {
        api_key: DODO_API_KEY.to_owned(),
        webhook_secret: DODO_WEBHOOK_KEY.to_owned(),
        webhook_url: None,
        currency: "INR".to_owned(),
        origin: origin.clone(),
        file: Some(folder.join("dodo.json")),
        conduct,
    });
    let simulator = simulator.unwrap();
    let task = tokio::spawn(simulator.clone().serve(listener, std::future::pending()));
    (simulator, Client::new(&origin).with_token(DODO_API_KEY), task)
}

#[tokio::test]
async fn a_restart_keeps_payments_and_settles_refunds() {
    let folder = Folder::new("dodo-sim");
    let (simulator, merchant, task) = start(&folder).await;
    let session = merchant.post("/checkouts", &order(500)).await.expect(200);
    let (payment, _) = simulator.pay_session(session.str("session_id"), "4242424242424242").unwrap();
    let refund = merchant.post("/refunds", &json!({"payment_id": payment})).await.expect(200);
    let refund = format!("/refunds/{}", refund.str("refund_id"));
    task.abort();
    drop((simulator, merchant));
    // Killed in the middle of a line.
    let mut file = std::fs::File::options().append(true).open(folder.join("dodo.json")).unwrap();
    file.write_all(b"[{\"movement\":{\"at\":\"2026-").unwrap();

    let (simulator, merchant, task) = start(&folder).await;

    assert_eq!(merchant.get(&format!("/payments/{payment}")).await.expect(200).str("status"), "succeeded");
    eventually("the refund", async || {
        (merchant.get(&refund).await.expect(200).str("status") == "succeeded").then_some(())
    })
    .await;
    let ledger = simulator.ledger();
    assert_eq!(ledger.len(), 2);
    task.abort();
    drop((simulator, merchant));
    let (simulator, _, _) = start(&folder).await;
    assert_eq!(simulator.ledger(), ledger);
}
