//! The hosted page, as a browser without script meets it.

use serde_json::{Value, json};
use ticketshow_tests::DodoSim;

use crate::merchant::{open, order, paid};

#[tokio::test]
async fn the_page_shows_the_order_and_leads_back() {
    let sim = DodoSim::start().await;
    let (session, url) = open(&sim, 12_500).await;
    let path = url.strip_prefix(sim.origin()).unwrap();

    let page = sim.browser().get(path).await.expect(200).text();
    for part in [
        "Pay 125.00 INR",
        "value=\"4242424242424242\"",
        "Pay with declined card",
        "Cancel",
        "ann@example.com",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<script"));

    let back = sim.pay(&url).await;
    let session = sim.merchant().get(&format!("/checkouts/{session}")).await;
    let payment = session.str("payment_id");
    assert_eq!(back, format!("https://shop/back?booking=bk_1&payment_id={payment}&status=succeeded"));
}

#[tokio::test]
async fn cancelling_leads_to_the_cancel_address() {
    let sim = DodoSim::start().await;
    let (session, url) = open(&sim, 500).await;

    let back = sim.cancel(&url).await;

    assert!(back.starts_with("https://shop/cancel?booking=bk_1&payment_id=pay_"), "{back}");
    assert!(back.ends_with("&status=cancelled"), "{back}");
    let session = sim.merchant().get(&format!("/checkouts/{session}")).await;
    assert_eq!(session.str("payment_status"), "cancelled");
    assert!(sim.ledger().is_empty());
}

#[tokio::test]
async fn an_invalid_card_number_is_reported_beside_the_form() {
    let sim = DodoSim::start().await;
    let (_, url) = open(&sim, 500).await;
    let path = url.strip_prefix(sim.origin()).unwrap();
    let form = sim.browser().call("POST".parse().unwrap(), path);
    let form = form.header("content-type", "application/x-www-form-urlencoded");

    let page = form.body("card_number=my+card&action=pay").await.expect(422).text();

    assert!(page.contains("role=\"alert\"") && page.contains("12 to 19 digits"));
}

#[tokio::test]
async fn an_unknown_customer_enters_an_email() {
    let sim = DodoSim::start().await;
    let mut order = order(500);
    order.as_object_mut().unwrap().remove("customer");
    order["return_url"] = Value::Null;
    let session = sim.merchant().post("/checkouts", &order).await.expect(200);
    let path = session.str("checkout_url").strip_prefix(sim.origin()).unwrap().to_owned();
    let submit = |body: &str| {
        let form = sim.browser().call("POST".parse().unwrap(), &path);
        form.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned())
    };
    assert!(sim.browser().get(&path).await.text().contains("type=\"email\""));
    submit("card_number=4242424242424242").await.expect(422);

    let page = submit("card_number=4242424242424242&email=bob%40example.com").await.expect(200).text();

    assert!(page.contains("Payment succeeded"));
    let session = sim.merchant().get(&format!("/checkouts/{}", session.str("session_id"))).await;
    assert_eq!((session.str("customer_email"), session.str("customer_name")), ("bob@example.com", "bob"));
}

#[tokio::test]
async fn names_cannot_break_out_of_the_page() {
    let sim = DodoSim::start().await;
    let mut order = order(500);
    order["customer"] = json!({"email": "eve@example.com", "name": "<script>alert(1)</script>"});
    let session = sim.merchant().post("/checkouts", &order).await.expect(200);
    let path = session.str("checkout_url").strip_prefix(sim.origin()).unwrap().to_owned();

    let page = sim.browser().get(&path).await.expect(200).text();

    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
}

#[tokio::test]
async fn the_start_page_lists_movements_and_notices() {
    let sim = DodoSim::start().await;
    assert!(sim.browser().get("/").await.expect(200).text().contains("Nothing yet."));
    let payment = paid(&sim, 12_500).await;

    let page = sim.browser().get("/").await.expect(200).text();

    assert!(page.contains(&payment) && page.contains("125.00 INR") && page.contains("payment.succeeded"));
}
