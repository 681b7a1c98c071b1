//! The provider's own client reads what the simulator answers.

use dodopayments::models::{
    CheckoutSessionBillingAddress, CheckoutSessionsCreateParams, CountryCode, Currency, CustomerRequest,
    IntentStatus, NewCustomer, ProductItemReq, ProductsCreateParams, RefundStatus, RefundsCreateParams,
    RefundsCreateParamsItemsItem, TaxCategory,
};
use dodopayments::{Client, ClientConfig, Error};
use serde_json::{Value, json};
use ticketshow_dodo_sim::PRODUCT_ID;
use ticketshow_tests::{DODO_API_KEY, DodoSim, eventually};

fn client(sim: &DodoSim) -> Client {
    let config = ClientConfig::new(sim.origin()).with_api_key(DODO_API_KEY).with_max_retries(0);
    Client::new(config).unwrap()
}

fn checkout(amount: i64) -> CheckoutSessionsCreateParams {
    let customer =
        NewCustomer { email: "ann@example.com".to_owned(), name: Some("Ann".to_owned()), phone_number: None };
    let billing = CheckoutSessionBillingAddress {
        country: Box::new(CountryCode::In),
        city: None,
        state: None,
        street: None,
        zipcode: None,
    };
    CheckoutSessionsCreateParams {
        product_cart: Some(vec![ProductItemReq {
            product_id: PRODUCT_ID.to_owned(),
            quantity: 1,
            addons: None,
            amount: Some(amount),
            credit_entitlements: None,
        }]),
        customer: Some(Box::new(CustomerRequest::NewCustomer(Box::new(customer)))),
        billing_address: Some(Box::new(billing)),
        billing_currency: Some(Box::new(Currency::Inr)),
        return_url: Some("https://shop/back".to_owned()),
        metadata: Some(Box::new([("payment_id".to_owned(), json!("our-1"))].into())),
        ..CheckoutSessionsCreateParams::default()
    }
}

fn code(error: &Error) -> (u16, String) {
    let Error::Api { status, message } = error else { panic!("{error}") };
    let body: Value = serde_json::from_str(message).unwrap();
    assert!(body["message"].is_string(), "{body}");
    (*status, body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_official_client_sells_and_refunds() {
    let sim = DodoSim::start().await;
    let client = client(&sim);

    let preview = client.checkout_sessions().preview().body(checkout(11_800)).await.unwrap();
    assert_eq!((preview.total_price, preview.total_tax), (11_800, Some(1_800)));

    let session = client.checkout_sessions().create().body(checkout(11_800)).await.unwrap();
    assert!(session.session_id.starts_with("cks_") && session.session_id.len() == 25);
    let status = client.checkout_sessions().retrieve().id(&session.session_id).await.unwrap();
    assert!(status.payment_id.is_none() && status.payment_status.is_none());
    sim.pay(&session.checkout_url.unwrap()).await;

    let status = client.checkout_sessions().retrieve().id(&session.session_id).await.unwrap();
    assert!(matches!(status.payment_status.as_deref(), Some(IntentStatus::Succeeded)));
    let payment_id = status.payment_id.unwrap();
    let payment = client.payments().retrieve().payment_id(&payment_id).await.unwrap();
    assert!(payment.payment_id.starts_with("pay_") && payment.business_id.starts_with("bus_"));
    assert_eq!((payment.total_amount, payment.tax), (11_800, Some(1_800)));
    assert!(matches!(*payment.currency, Currency::Inr));
    assert_eq!(payment.metadata["payment_id"], "our-1");
    assert_eq!(payment.card_last_four.as_deref(), Some("4242"));

    let wanted = RefundsCreateParams {
        payment_id: Some(payment_id.clone()),
        metadata: Some(Box::new([("refund_key".to_owned(), json!("our-1"))].into())),
        ..RefundsCreateParams::default()
    };
    let refund = client.refunds().create().body(wanted.clone()).await.unwrap();
    assert!(refund.refund_id.starts_with("ref_") && !refund.is_partial);
    assert!(matches!(*refund.status, RefundStatus::Pending));
    eventually("the refund to succeed", async || {
        let refund = client.refunds().retrieve().refund_id(&refund.refund_id).await.unwrap();
        assert_eq!(refund.metadata["refund_key"], "our-1");
        matches!(*refund.status, RefundStatus::Succeeded).then_some(())
    })
    .await;

    let refused = client.refunds().create().body(wanted).await.unwrap_err();
    assert_eq!(code(&refused), (400, "PAYMENT_ALREADY_REFUNDED".to_owned()));
    let payment = client.payments().retrieve().payment_id(&payment_id).await.unwrap();
    assert_eq!(payment.refunds[0].refund_id, refund.refund_id);
}

#[tokio::test]
async fn the_official_client_refunds_a_part() {
    let sim = DodoSim::start().await;
    let client = client(&sim);
    let session = client.checkout_sessions().create().body(checkout(10_000)).await.unwrap();
    let payment = sim.pay_anyway(&session.session_id);
    let part = |amount| RefundsCreateParams {
        payment_id: Some(payment.clone()),
        items: Some(vec![RefundsCreateParamsItemsItem {
            item_id: Some(PRODUCT_ID.to_owned()),
            amount: Some(amount),
            tax_inclusive: Some(true),
        }]),
        ..RefundsCreateParams::default()
    };

    let refund = client.refunds().create().body(part(4_000)).await.unwrap();
    assert!(refund.is_partial && refund.amount == Some(4_000));
    let items = client.payments().retrieve_line_items().payment_id(&payment).await.unwrap();
    assert_eq!(items.items[0]["refundable_amount"], 6_000);
    let refused = client.refunds().create().body(part(6_001)).await.unwrap_err();
    assert_eq!(code(&refused), (400, "LINE_ITEM_REFUND_AMOUNT_TOO_HIGH".to_owned()));
}

#[tokio::test]
async fn the_official_client_lists() {
    let sim = DodoSim::start().await;
    let client = client(&sim);
    for _ in 0..3 {
        let session = client.checkout_sessions().create().body(checkout(10_000)).await.unwrap();
        let payment_id = Some(sim.pay_anyway(&session.session_id));
        let wanted = RefundsCreateParams { payment_id, ..RefundsCreateParams::default() };
        client.refunds().create().body(wanted).await.unwrap();
    }

    let page = client.payments().list().query(json!({"page_size": 2, "status": "succeeded"})).await.unwrap();
    let next = page.get_next_page().await.unwrap().unwrap();
    assert_eq!((page.items.len(), next.items.len()), (2, 1));
    let none = client.payments().list().query(json!({"currency": "USD"})).await.unwrap();
    assert!(none.items.is_empty());
    assert_eq!(client.refunds().list().await.unwrap().items.len(), 3);
    assert!(client.disputes().list().await.unwrap().items.is_empty());
    let products = client.products().list().await.unwrap();
    assert_eq!(products.items[0].product_id, PRODUCT_ID);
}

#[tokio::test]
async fn the_first_product_is_suitable_for_tickets() {
    let sim = DodoSim::start().await;

    let product = client(&sim).products().retrieve().id(PRODUCT_ID).await.unwrap();

    let price = serde_json::to_value(&product.price).unwrap();
    assert_eq!(price["type"], "one_time_price");
    assert_eq!((&price["pay_what_you_want"], &price["tax_inclusive"]), (&json!(true), &json!(true)));
    assert_eq!((&price["currency"], &price["price"]), (&json!("INR"), &json!(100)));
}

#[tokio::test]
async fn the_official_client_creates_a_product() {
    let sim = DodoSim::start().await;
    let price = json!({"type": "one_time_price", "price": 50_000, "currency": "INR", "discount": 10,
        "purchasing_power_parity": false, "tax_inclusive": false});
    let wanted = ProductsCreateParams {
        name: Some("Membership".to_owned()),
        price: Some(Box::new(serde_json::from_value(price).unwrap())),
        tax_category: Some(Box::new(TaxCategory::DigitalProducts)),
        ..ProductsCreateParams::default()
    };

    let product = client(&sim).products().create().body(wanted).await.unwrap();

    let mut order = checkout(1);
    order.product_cart.as_mut().unwrap()[0].product_id = product.product_id;
    let preview = client(&sim).checkout_sessions().preview().body(order).await.unwrap();
    // 500.00 less 10 %, and 18 % tax on top; the amount of the cart is ignored for a fixed price.
    assert_eq!(preview.total_price, 53_100);
}

#[tokio::test]
async fn the_official_client_reads_errors() {
    let sim = DodoSim::start().await;
    let client = client(&sim);
    let stranger = Client::new(ClientConfig::new(sim.origin()).with_api_key("sk_wrong").with_max_retries(0));

    let refused = stranger.unwrap().products().list().await.unwrap_err();
    assert_eq!(code(&refused), (401, "UNAUTHORIZED".to_owned()));
    let refused = client.payments().retrieve().payment_id("pay_nobody").await.unwrap_err();
    assert_eq!(code(&refused), (404, "NOT_FOUND".to_owned()));
    let refused = client.checkout_sessions().create().body(checkout(99)).await.unwrap_err();
    assert_eq!(code(&refused), (422, "REQUEST_AMOUNT_BELOW_MINIMUM".to_owned()));
    let mut order = checkout(500);
    order.product_cart.as_mut().unwrap()[0].amount = None;
    let refused = client.checkout_sessions().create().body(order).await.unwrap_err();
    assert_eq!(code(&refused), (422, "PAY_AS_YOU_WANT_AMOUNT_REQUIRED".to_owned()));
    let order = CheckoutSessionsCreateParams::default();
    let refused = client.checkout_sessions().create().body(order).await.unwrap_err();
    assert_eq!(code(&refused), (422, "INVALID_REQUEST_BODY".to_owned()));
    let metadata = (0..51).map(|key| (key.to_string(), json!("value"))).collect();
    let order = CheckoutSessionsCreateParams { metadata: Some(Box::new(metadata)), ..checkout(500) };
    let refused = client.checkout_sessions().create().body(order).await.unwrap_err();
    assert_eq!(code(&refused), (422, "MAXIMUM_KEYS_REACHED".to_owned()));
    let query = json!({"page_size": 101});
    let refused = client.payments().list().query(query).await.unwrap_err();
    assert_eq!(code(&refused), (422, "INVALID_REQUEST_PARAMETERS".to_owned()));
}
