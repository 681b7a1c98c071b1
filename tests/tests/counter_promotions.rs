//! Codes and offers at the counter: the seller reads the price first, and each use is counted once, even if services are killed.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_tests::{Answer, Client, Stack, eventually_within, inr, plain_rows, seat_status};
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_mins(1);
const USES: usize = 5;

/// A code that no other test uses, and its promotion: 20 % off.
async fn create(admin: &Client, stem: &str, uses_max: usize) -> (String, String) {
    let code = format!("{stem}-{:08X}", rand::random::<u32>());
    let body = json!({"code": code, "percent": 20, "uses_max": uses_max, "name": "Friends of the house"});
    let promotion = admin.post("/promotions", &body).await.expect(201).str("promotion_id").to_owned();
    (code, promotion)
}

fn named(seats: &[&str]) -> Vec<Value> {
    seats.iter().map(|seat| json!({"seat": seat})).collect()
}

async fn quote(seller: &Client, screening: &str, seats: &[&str], code: Option<&str>) -> Answer {
    let mut body = json!({"screening_id": screening, "seats": named(seats)});
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    seller.post("/box-office/quotes", &body).await
}

fn sale(screening: &str, seats: &[&str], promotion: &str, amount: i64) -> Value {
    json!({
        "screening_id": screening, "seats": named(seats), "method": "upi", "promotion_id": promotion, "amount": inr(amount),
    })
}

async fn uses(admin: &Client, promotion: &str) -> Option<u64> {
    let list = admin.get("/promotions?limit=100").try_send().await.ok()?;
    list.json["items"].as_array()?.iter().find(|one| one["promotion_id"] == promotion)?["uses"].as_u64()
}

async fn uses_when(admin: &Client, promotion: &str, wanted: usize) {
    eventually_within(PATIENCE, "the uses to be counted", async || {
        (uses(admin, promotion).await? == u64::try_from(wanted).ok()?).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_code_lowers_a_sale_at_the_counter_and_counts_with_those_used_online() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let (code, promotion) = create(&admin, "FRIENDS", 1).await;
    let full = quote(&admin, &screening, &["A-1", "A-2"], None).await.expect(200);
    assert_eq!((&full.json["amount"], &full.json["promotion"]), (&inr(50_000), &Value::Null));
    quote(&admin, &screening, &["A-1"], Some("NO-SUCH-CODE")).await.expect_problem(404, "unknown-code");
    quote(&admin, &screening, &["Z-1"], None).await.expect_problem(422, "unknown-seat");
    quote(&admin, &screening, &[], None).await.expect_problem(422, "seat-count");
    let quoted = quote(&admin, &screening, &["A-1", "A-2"], Some(&code.to_lowercase())).await.expect(200);
    assert_eq!((&quoted.json["amount"], &quoted.json["discount"]), (&inr(40_000), &inr(10_000)));
    let known = json!({"promotion_id": promotion, "code": code, "name": "Friends of the house"});
    assert_eq!(quoted.json["promotion"], known);
    // A price uses nothing.
    uses_when(&admin, &promotion, 0).await;

    let sell = async |body: &Value, key: &str| admin.post("/box-office/sales", body).key(key).await;
    let body = sale(&screening, &["A-1", "A-2"], &promotion, 40_000);
    sell(&sale(&screening, &["A-1", "A-2"], &promotion, 50_000), "other-price")
        .await
        .expect_problem(409, "amount-changed");
    let mut gift = body.clone();
    (gift["method"], gift["reason"]) = (json!("complimentary"), json!("Press"));
    sell(&gift, "gift").await.expect_problem(422, "invalid");
    let sold = sell(&body, "friends").await.expect(201);
    assert_eq!((&sold.json["amount"], &sold.json["discount"]), (&inr(40_000), &inr(10_000)));
    assert_eq!(sell(&body, "friends").await.expect(201).json, sold.json);
    uses_when(&admin, &promotion, 1).await;

    // Used up, at the counter as online. What the screening refuses uses nothing.
    quote(&admin, &screening, &["A-3"], Some(&code)).await.expect_problem(409, "code-used-up");
    sell(&sale(&screening, &["A-3"], &promotion, 20_000), "late").await.expect_problem(409, "code-used-up");
    let ada = stack.customer().await;
    let held = ada.reserve(&screening, &["A-4"]).await.expect(201);
    let used = json!({"code": code});
    let path = format!("/bookings/{}/promotion", held.str("booking_id"));
    ada.client.post(&path, &used).await.expect_problem(409, "code-used-up");
    let (once, spare) = create(&admin, "SPARE", 1).await;
    sell(&sale(&screening, &["A-1"], &spare, 20_000), "taken").await.expect_problem(409, "seat-taken");
    quote(&admin, &screening, &["A-3"], Some(&once)).await.expect(200);

    let booking = sold.str("booking_id");
    let listed =
        admin.get(&format!("/admin/bookings?q={booking}")).min_position(sold.position()).await.expect(200);
    let seen = &listed.json["items"][0];
    assert_eq!((&seen["amount"], &seen["promotion"]), (&inr(40_000), &known));

    // A seat that is given back is worth what was paid for it; the use returns with the end of the booking.
    let back = json!({"seats": ["A-1"], "refund": "none"});
    admin.post(&format!("/bookings/{booking}/cancellation"), &back).await.expect(202);
    uses_when(&admin, &promotion, 1).await;
    let gone = admin.post(&format!("/bookings/{booking}/cancellation"), &json!({"reason": "Rang up"})).await;
    assert_eq!(gone.expect(202).json["refund"]["amount"], inr(20_000));
    uses_when(&admin, &promotion, 0).await;
    quote(&admin, &screening, &["A-1"], Some(&code)).await.expect(200);
    stack.verify();
}

#[tokio::test]
async fn the_best_offer_is_in_the_price_at_the_counter() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let shown = eventually_within(PATIENCE, "the screening to be shown", async || {
        let shown = admin.get(&format!("/screenings/{screening}")).try_send().await.ok()?;
        (shown.status == 200).then_some(shown.json)
    })
    .await;
    for percent in [10, 30, 20] {
        let terms = json!({"percent": percent, "shows": [shown["show_id"]], "uses_max": 1});
        admin.post("/promotions", &terms).await.expect(201);
    }
    let quoted = eventually_within(PATIENCE, "the offers to be found", async || {
        let quoted = quote(&admin, &screening, &["A-1"], None).await.expect(200);
        (quoted.json["amount"] == inr(17_500)).then_some(quoted)
    })
    .await;
    let promotion = quoted.json["promotion"]["promotion_id"].as_str().unwrap();
    let body = sale(&screening, &["A-1"], promotion, 17_500);
    let sold = admin.post("/box-office/sales", &body).await.expect(201);
    assert_eq!(sold.json["amount"], inr(17_500));
    // The best offer is used up, so the price is full: online it is the same.
    let quoted = quote(&admin, &screening, &["A-2"], None).await.expect(200);
    assert_eq!((&quoted.json["amount"], &quoted.json["promotion"]), (&inr(25_000), &Value::Null));
    stack.verify();
}

#[tokio::test]
async fn a_second_sale_with_the_key_of_the_first_does_not_return_its_use() {
    const ROUNDS: usize = 10;
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(2, 10)).await;
    let (_, promotion) = create(&admin, "TWICE", ROUNDS + 1).await;
    let sell = async |row: &str, round: usize| {
        let body = sale(&screening, &[&format!("{row}-{round}")], &promotion, 20_000);
        admin.post("/box-office/sales", &body).key(&format!("{promotion}-{round}")).await
    };
    for round in 1..=ROUNDS {
        // At the same time, so that both may find no sale before they take the use.
        let (one, two) = tokio::join!(sell("A", round), sell("B", round));
        let (sold, refused) = if one.status == 201 { (one, two) } else { (two, one) };
        sold.expect(201);
        refused.expect_problem(422, "idempotency-key-reused");
    }
    uses_when(&admin, &promotion, ROUNDS).await;
    stack.verify();
}

#[tokio::test]
async fn a_server_that_dies_amid_sales_counts_each_use_once() {
    let mut stack = Stack::start_with(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(2, 10)).await;
    let (_, promotion) = create(&admin, "CRASH", USES).await;
    let seats: Vec<String> =
        ["A", "B"].iter().flat_map(|row| (1..=10).map(move |number| format!("{row}-{number}"))).collect();
    let mut sales = JoinSet::new();
    for seat in &seats {
        let (client, body) = (admin.clone(), sale(&screening, &[seat], &promotion, 20_000));
        let key = seat.clone();
        sales.spawn(async move {
            let sold = client.post("/box-office/sales", &body).key(&key).try_send().await;
            sold.is_ok_and(|sold| sold.status == 201)
        });
    }
    // During the first answers.
    while !sales.join_next().await.expect("one sale is answered").expect("no panic") {}
    stack.server.kill();
    while sales.join_next().await.is_some() {}
    stack.server.restart().await;

    // Every sale is asked for again with its key: those that were decided answer as before, and the others get the uses that are left.
    let admin = stack.admin().await;
    let mut sold = 0;
    for seat in &seats {
        let body = sale(&screening, &[seat], &promotion, 20_000);
        let answer = admin.post("/box-office/sales", &body).key(seat).await;
        if answer.status == 201 {
            assert_eq!(answer.json["amount"], inr(20_000));
            sold += 1;
        } else {
            answer.expect_problem(409, "code-used-up");
        }
    }
    assert_eq!(sold, USES, "no use is lost, and none is had twice");
    uses_when(&admin, &promotion, sold).await;
    let map = admin.get(&format!("/screenings/{screening}/seats")).await.expect(200);
    let on_map = seats.iter().filter(|seat| seat_status(&map.json, seat) == "sold").count();
    assert_eq!(on_map, sold);
    stack.verify();
}
