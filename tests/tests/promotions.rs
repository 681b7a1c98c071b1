//! Codes that lower prices: many requests at once, holds that lapse, bookings that end, and every use is accounted for.

use std::{str::FromStr, time::Duration};

use serde_json::{Value, json};
use ticketshow_tests::{Client, Customer, Stack, eventually_within, inr, plain_rows};
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_mins(1);
const CUSTOMERS: usize = 30;
const USES: usize = 10;

async fn create(admin: &Client, code: &str, terms: Value) -> String {
    let mut body = json!({"code": code});
    for (name, value) in terms.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    admin.post("/promotions", &body).await.expect(201).str("promotion_id").to_owned()
}

/// A code that no other test uses.
fn fresh(stem: &str) -> String {
    format!("{stem}-{:08x}", rand::random::<u32>())
}

async fn hold(customer: &Customer, screening: &str, seats: &[&str]) -> String {
    customer.reserve(screening, seats).await.expect(201).str("booking_id").to_owned()
}

async fn use_code(customer: &Customer, booking: &str, code: &str) -> ticketshow_tests::Answer {
    customer.client.post(&format!("/bookings/{booking}/promotion"), &json!({"code": code})).await
}

/// The promotion once it has so many uses.
async fn uses_when(admin: &Client, promotion: &str, uses: usize) {
    eventually_within(PATIENCE, "the uses to be counted", async || {
        let list = admin.get("/promotions?limit=100").try_send().await.ok()?;
        let found =
            list.json["items"].as_array()?.iter().find(|one| one["promotion_id"] == promotion)?.clone();
        (found["uses"] == json!(uses)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_code_is_used_as_often_as_it_may_be_however_many_ask() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(3, 10)).await;
    let code = fresh("RUSH");
    let promotion = create(&admin, &code, json!({"percent": 20, "uses_max": USES})).await;
    let mut holds = Vec::new();
    for number in 0..CUSTOMERS {
        let customer = stack.customer_with(&admin, 100_000).await;
        let seat = format!("{}-{}", ["A", "B", "C"][number / 10], number % 10 + 1);
        let booking = hold(&customer, &screening, &[&seat]).await;
        holds.push((customer, booking));
    }
    let mut asking = JoinSet::new();
    for (customer, booking) in holds {
        let code = code.to_lowercase();
        asking.spawn(async move {
            let answer = use_code(&customer, &booking, &code).await;
            (customer, booking, answer)
        });
    }
    let (mut lucky, mut others) = (Vec::new(), Vec::new());
    while let Some(asked) = asking.join_next().await {
        let (customer, booking, answer) = asked.unwrap();
        if answer.status == 200 {
            assert_eq!((&answer.json["discount"], &answer.json["amount"]), (&inr(5_000), &inr(20_000)));
            lucky.push((customer, booking));
        } else {
            answer.expect_problem(409, "code-used-up");
            others.push((customer, booking));
        }
    }
    assert_eq!((lucky.len(), others.len()), (USES, CUSTOMERS - USES));

    // Half of them pay, the others change their minds: their uses go to five of those who were late.
    let kept = lucky.split_off(USES / 2);
    for (customer, booking) in &kept {
        let paid = customer.pay(booking).await.expect(200);
        assert_eq!(paid.json["amount"], inr(20_000));
    }
    uses_when(&admin, &promotion, kept.len()).await;
    for (customer, booking) in &lucky[1..] {
        customer.client.delete(&format!("/bookings/{booking}")).await.expect(200);
    }
    let (customer, booking) = &lucky[0];
    let full = customer.client.delete(&format!("/bookings/{booking}/promotion")).await.expect(200);
    assert_eq!((&full.json["amount"], &full.json["promotion"]), (&inr(25_000), &Value::Null));
    for (customer, booking) in others.iter().take(lucky.len()) {
        eventually_within(PATIENCE, "a use to return", async || {
            (use_code(customer, booking, &code).await.status == 200).then_some(())
        })
        .await;
    }
    let (customer, booking) = others.last().unwrap();
    use_code(customer, booking, &code).await.expect_problem(409, "code-used-up");

    // A booking that is cancelled returns its use, and gets back what it paid.
    let (customer, booking) = &kept[0];
    let gone = customer.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    assert_eq!(gone.json["refund"]["amount"], inr(20_000));
    uses_when(&admin, &promotion, kept.len() - 1).await;
    stack.verify();
}

/// The invoice keeps what each ticket cost less, and by which promotion.
async fn invoice_has_the_discount(customer: &Customer, booking: &str, paid: u64, promotion: &str) {
    let path = format!("/bookings/{booking}/invoice.pdf");
    customer.client.get(&path).min_position(paid).await.expect(200);
    let export = customer.client.get("/me/export").await.expect(200);
    let invoice = &export.json["invoices"][0];
    let lines = invoice["lines"].as_array().expect("a list");
    let sums: Vec<_> = lines.iter().map(|line| (&line["amount_minor"], &line["discount_minor"])).collect();
    assert_eq!(sums, [(&json!(19_999), &json!(5_001)), (&json!(20_000), &json!(5_000))]);
    assert_eq!((&invoice["booking_id"], &invoice["promotion_id"]), (&json!(booking), &json!(promotion)));
}

#[tokio::test]
async fn a_discount_is_paid_as_shown_and_returned_seat_by_seat() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let (code, other) = (fresh("HALF"), fresh("OFF"));
    create(&admin, &code, json!({"percent": 50, "uses_per_customer_max": 1})).await;
    let promotion = create(&admin, &other, json!({"amount": inr(10_001)})).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let booking = hold(&ada, &screening, &["A-1", "A-2"]).await;
    use_code(&ada, &booking, "NO-SUCH-CODE").await.expect_problem(404, "unknown-code");
    use_code(&ada, &booking, &code).await.expect(200);
    // Another code replaces the first, whose use returns.
    let answer = use_code(&ada, &booking, &other).await.expect(200);
    assert_eq!(answer.json["amount"], inr(39_999));
    let discounts: Vec<i64> = answer.json["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["discount"]["amount_minor"].as_i64().unwrap())
        .collect();
    assert_eq!(discounts, [5_001, 5_000]);
    let seen =
        ada.booking_when(PATIENCE, &booking, "the discount", |seen| seen["amount"] == inr(39_999)).await;
    assert_eq!((&seen["status"], &seen["promotion"]["code"]), (&json!("held"), &json!(other.to_uppercase())));

    let paid = ada.pay(&booking).await.expect(200);
    invoice_has_the_discount(&ada, &booking, paid.position(), &promotion).await;
    use_code(&ada, &booking, &code).await.expect_problem(409, "already-paid");
    let path = format!("/bookings/{booking}/cancellation");
    let back = ada.client.post(&path, &json!({"seats": ["A-1"]})).key("one").await.expect(202);
    assert_eq!(back.json["refund"]["amount"], inr(19_999));
    let seen = ada
        .booking_when(PATIENCE, &booking, "one seat", |seen| seen["seats"].as_array().unwrap().len() == 1)
        .await;
    assert_eq!(seen["amount"], inr(20_000));

    // The code that was given up can be used again, once.
    let (second, third) = (hold(&ada, &screening, &["A-3"]).await, hold(&ada, &screening, &["A-4"]).await);
    use_code(&ada, &second, &code).await.expect(200);
    use_code(&ada, &third, &code).await.expect_problem(409, "code-used-up");
    stack.verify();
}

#[tokio::test]
async fn a_code_has_its_time_its_shows_and_its_managers() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 4)).await;
    let ada = stack.customer().await;
    let code = fresh("WHEN");
    let body = json!({"code": code, "percent": 10, "shows": [uuid::Uuid::nil()]});
    ada.client.post("/promotions", &body).await.expect_problem(403, "forbidden");
    admin.post("/promotions", &json!({"code": "abc", "percent": 10})).await.expect_problem(422, "invalid");
    admin.post("/promotions", &json!({"code": code, "percent": 101})).await.expect_problem(422, "invalid");
    let promotion = create(&admin, &code, json!({"percent": 10, "shows": [uuid::Uuid::nil()]})).await;
    admin.post("/promotions", &body).await.expect_problem(409, "code-taken");

    let booking = hold(&ada, &screening, &["A-1"]).await;
    use_code(&ada, &booking, &code).await.expect_problem(409, "code-not-valid");
    let path = format!("/promotions/{promotion}");
    let change = async |body: Value| admin.patch(&path, &body).await.expect(200);
    change(json!({"shows": [], "valid_until": "2020-01-01T00:00:00Z"})).await;
    use_code(&ada, &booking, &code).await.expect_problem(409, "code-not-valid");
    change(json!({"valid_until": "2199-01-01T00:00:00Z", "ticket_types": ["child"]})).await;
    use_code(&ada, &booking, &code).await.expect_problem(409, "code-not-valid");
    change(json!({"ticket_types": []})).await;
    use_code(&ada, &booking, &code).await.expect(200);
    stack.verify();
}

#[tokio::test]
async fn an_offer_without_a_code_lowers_prices_by_itself_as_often_as_it_may() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let shown = eventually_within(PATIENCE, "the screening to be shown", async || {
        let shown = admin.get(&format!("/screenings/{screening}")).try_send().await.ok()?;
        (shown.status == 200).then_some(shown.json)
    })
    .await;
    let (ada, bob) = (stack.customer_with(&admin, 100_000).await, stack.customer().await);
    let name = "Tuesday price";
    let terms = json!({"percent": 20, "name": name, "shows": [shown["show_id"]], "uses_max": 1});
    let offer = admin.post("/promotions", &terms).await.expect(201);
    assert_eq!(offer.json["code"], Value::Null);
    let offer = offer.str("promotion_id").to_owned();
    // The API finds a new offer within seconds.
    let lowered = async |customer: &Customer, seat: &str| {
        eventually_within(PATIENCE, "the offer to lower the price", async || {
            let held = customer.reserve(&screening, &[seat]).await.expect(201);
            if held.json["discount"] == inr(0) {
                let booking = held.str("booking_id");
                customer.client.delete(&format!("/bookings/{booking}")).await.expect(200);
                // Customers who give up many holds have to wait.
                tokio::time::sleep(Duration::from_secs(2)).await;
                return None;
            }
            Some(held)
        })
        .await
    };
    let held = lowered(&ada, "A-1").await;
    assert_eq!((&held.json["discount"], &held.json["amount"]), (&inr(5_000), &inr(20_000)));
    assert_eq!(held.json["promotion"], json!({"promotion_id": offer, "code": null}));
    let booking = held.str("booking_id").to_owned();
    let full = bob.reserve(&screening, &["A-2"]).await.expect(201);
    assert_eq!((&full.json["amount"], &full.json["promotion"]), (&inr(25_000), &Value::Null));

    let paid = ada.pay(&booking).await.expect(200);
    assert_eq!(paid.json["amount"], inr(20_000));
    uses_when(&admin, &offer, 1).await;
    let shown_booking = ada.client.get(&format!("/bookings/{booking}")).await.expect(200);
    let promotion = json!({"promotion_id": offer, "code": null, "name": name});
    assert_eq!(
        (&shown_booking.json["promotion"], &shown_booking.json["discount"]),
        (&promotion, &inr(5_000))
    );
    ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    uses_when(&admin, &offer, 0).await;
    let held = lowered(&bob, "A-3").await;
    let booking = held.str("booking_id").to_owned();
    bob.client.delete(&format!("/bookings/{booking}")).await.expect(200);

    // Another day of the week.
    let day = jiff::Timestamp::from_str(shown["starts_at"].as_str().unwrap()).unwrap();
    let zone = jiff::tz::TimeZone::get(shown["timezone"].as_str().unwrap()).unwrap();
    let is_monday = day.to_zoned(zone).weekday() == jiff::civil::Weekday::Monday;
    let other = if is_monday { "tuesday" } else { "monday" };
    let path = format!("/promotions/{offer}");
    admin.patch(&path, &json!({"weekdays": [other]})).await.expect(200);
    let full = bob.reserve(&screening, &["A-4"]).await.expect(201);
    assert_eq!(full.json["amount"], inr(25_000));
    stack.verify();
}
