//! Ticket types, fees, tax and terms of cancellation, from the offer to the accounts.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_tests::{Client, Stack, eventually_within, inr, now, tomorrow};

const PATIENCE: Duration = Duration::from_mins(1);

/// A screening tomorrow for adults, children and companions; the first seat is a wheelchair place.
async fn family_screening(stack: &Stack, admin: &Client, terms: &Value) -> String {
    let rows = json!([{"label": "A", "category": "gold", "seats": 10, "accessible": [1]},
                      {"label": "B", "category": "silver", "seats": 10}]);
    let plain = stack.screening(admin, &rows).await;
    let plain = shown(admin, &format!("/screenings/{plain}")).await;
    let starts_at = (tomorrow() + Duration::from_hours(6)).to_string();
    let mut body = json!({
        "show_id": plain["show_id"], "screen_id": plain["screen_id"], "starts_at": starts_at,
        "prices": {"gold": {"adult": inr(30_000), "child": inr(15_000), "companion": inr(0)}, "silver": inr(20_000)},
        "ticket_types": {"child": {"max": 3, "needs_type": "adult"}, "companion": {"needs_accessible": true}},
    });
    for (name, value) in terms.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    admin.post("/screenings", &body).await.expect(201).str("screening_id").to_owned()
}

/// The answer of a query, once the read models have what it is about.
async fn shown(client: &Client, path: &str) -> Value {
    eventually_within(PATIENCE, path, async || {
        let answer = client.get(path).try_send().await.ok()?;
        (answer.status == 200).then_some(answer.json)
    })
    .await
}

fn seat(seat: &str, ticket_type: &str) -> Value {
    json!({"seat": seat, "ticket_type": ticket_type})
}

async fn reserve(client: &Client, screening: &str, seats: &Value) -> ticketshow_tests::Answer {
    client.post("/bookings", &json!({"screening_id": screening, "seats": seats})).await
}

#[tokio::test]
async fn a_house_refuses_choices_that_leave_a_single_seat() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = family_screening(stack, &admin, &json!({"single_seats": "refuse"})).await;
    assert_eq!(shown(&admin, &format!("/screenings/{screening}")).await["single_seats"], "refuse");
    let ada = stack.customer().await;
    let refused = reserve(&ada.client, &screening, &json!(["B-2", "B-4"])).await;
    assert_eq!(refused.expect_problem(409, "single-seat-left").json["seats"], json!(["B-1", "B-3"]));
    let held = reserve(&ada.client, &screening, &json!(["B-2", "B-1"])).await.expect(201);
    // The seats of her own hold count as free.
    let body =
        json!({"screening_id": screening, "seats": ["B-2", "B-3"], "replaces": held.str("booking_id")});
    ada.client.post("/bookings", &body).await.expect_problem(409, "single-seat-left");

    let warned = family_screening(stack, &admin, &json!({})).await;
    assert_eq!(shown(&admin, &format!("/screenings/{warned}")).await["single_seats"], "warn");
    reserve(&ada.client, &warned, &json!(["B-2", "B-4"])).await.expect(201);
    stack.verify();
}

async fn balance_when(client: &Client, minor: i64) {
    eventually_within(PATIENCE, "the money to be in the wallet", async || {
        let wallet = client.get("/wallet").try_send().await.ok()?;
        (wallet.json["balance"] == inr(minor)).then_some(())
    })
    .await;
}

/// The screening shows its terms, and its seat map the prices of the types.
async fn is_offered(admin: &Client, screening: &str, terms: &Value) {
    let offered = shown(admin, &format!("/screenings/{screening}")).await;
    assert_eq!(offered["prices"]["gold"]["child"], inr(15_000));
    assert_eq!(offered["prices"]["silver"], inr(20_000));
    assert_eq!(offered["ticket_types"]["child"]["needs_type"], "adult");
    assert_eq!(offered["cancellation"], terms["cancellation"]);
    let map = admin.get(&format!("/screenings/{screening}/seats")).await.expect(200);
    assert_eq!(map.json["rows"][0]["prices"]["companion"], inr(0));
    assert_eq!(
        (&map.json["rows"][1]["prices"], &map.json["rows"][1]["seats"][0]["price"]),
        (&Value::Null, &inr(20_000))
    );
}

async fn wrong_tickets_are_refused(client: &Client, screening: &str) {
    let ask = async |seats: Value| reserve(client, screening, &seats).await;
    ask(json!(["A-2"])).await.expect_problem(422, "ticket-type-missing");
    ask(json!([seat("A-2", "senior")])).await.expect_problem(422, "unknown-ticket-type");
    ask(json!([seat("A-2", "child")])).await.expect_problem(422, "ticket-type-limit");
    ask(json!([seat("A-2", "adult"), seat("A-3", "companion")]))
        .await
        .expect_problem(422, "ticket-type-limit");
}

#[tokio::test]
async fn a_family_and_a_companion_pay_what_their_tickets_cost() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let terms = json!({
        "fee": {"per": "ticket", "amount": inr(1_180)},
        "tax_rates": [{"name": "CGST", "percent_hundredths": 900}, {"name": "SGST", "percent_hundredths": 900}],
        "cancellation": {"until_minutes": 60, "fee_minor": 2_500},
    });
    let screening = family_screening(stack, &admin, &terms).await;
    is_offered(&admin, &screening, &terms).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    wrong_tickets_are_refused(&ada.client, &screening).await;
    let seats = json!([seat("A-1", "adult"), seat("A-2", "companion"), seat("A-3", "child"), "B-1"]);
    let held = reserve(&ada.client, &screening, &seats).await.expect(201);
    let types: Vec<&str> = held.json["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["ticket_type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["adult", "companion", "child", "standard"]);
    let total = 30_000 + 15_000 + 20_000 + 4 * 1_180;
    assert_eq!((&held.json["fees"], &held.json["amount"]), (&inr(4 * 1_180), &inr(total)));
    let tax: i64 = held.json["tax"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tax| tax["amount"]["amount_minor"].as_i64().unwrap())
        .sum();
    assert_eq!(tax, (total * 1_800 * 2 + 11_800) / (11_800 * 2), "{}", held.text());

    let booking = held.str("booking_id").to_owned();
    ada.pay(&booking).await.expect(200);
    balance_when(&ada.client, 100_000 - total).await;
    let seen =
        ada.booking_when(PATIENCE, &booking, "the booking", |seen| seen["status"] == "confirmed").await;
    for field in ["lines", "fees", "discount", "tax", "amount"] {
        assert_eq!(seen[field], held.json[field], "{field}");
    }
    assert_eq!(seen["cancellation"]["refund"], inr(65_000 - 2_500));
    let guests = admin.get(&format!("/screenings/{screening}/guests")).await.expect(200);
    assert_eq!(guests.json["items"][0]["ticket_types"], json!(["adult", "companion", "child", "standard"]));
    let door = admin.get(&format!("/screenings/{screening}/door")).await.expect(200);
    assert!(
        door.json["tickets"].as_array().unwrap().iter().any(|ticket| ticket["ticket_type"] == "companion")
    );

    // The adult cannot leave before the companion and the child.
    let path = format!("/bookings/{booking}/cancellation");
    let back = ada.client.post(&path, &json!({"seats": ["A-1"]})).await;
    back.expect_problem(422, "ticket-type-limit");
    ada.client.post(&path, &json!({"seats": ["A-3"]})).key("one").await.expect(202);
    balance_when(&ada.client, 100_000 - total + 15_000 - 2_500).await;
    let seen = ada
        .booking_when(PATIENCE, &booking, "three seats", |seen| seen["seats"].as_array().unwrap().len() == 3)
        .await;
    assert_eq!(seen["amount"], inr(50_000 + 3 * 1_180));

    // The house returns everything that is left, fees too.
    admin.post(&path, &json!({"reason": "The projector broke."})).key("two").await.expect(202);
    balance_when(&ada.client, 100_000 - 1_180 - 2_500).await;
    types_are_sold(&admin).await;
    reconciled(&admin).await;
    stack.verify();
}

async fn types_are_sold(admin: &Client) {
    let sales = eventually_within(PATIENCE, "the sales", async || {
        let sales = admin.get("/admin/sales?group_by=ticket_type").try_send().await.ok()?;
        sales.json["items"]
            .as_array()?
            .iter()
            .any(|row| row["ticket_type"] == "companion")
            .then_some(sales.json)
    })
    .await;
    assert!(sales["items"].as_array().unwrap().iter().any(|row| row["ticket_type"] == "child"), "{sales}");
}

async fn reconciled(admin: &Client) {
    eventually_within(PATIENCE, "the reconciliation to be clean", async || {
        let seen = admin.get("/admin/reconciliation").try_send().await.ok()?;
        (seen.status == 200 && seen.json["unmatched"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn terms_of_a_screening_forbid_a_cancellation_or_take_a_fee() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let never = family_screening(stack, &admin, &json!({"cancellation": "none"})).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = reserve(&ada.client, &never, &json!(["B-1"])).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    ada.pay(&booking).await.expect(200);
    let seen =
        ada.booking_when(PATIENCE, &booking, "the booking", |seen| seen["status"] == "confirmed").await;
    assert_eq!(seen["cancellation"]["possible"], false);
    ada.client.delete(&format!("/bookings/{booking}")).await.expect_problem(409, "too-late-to-cancel");
    let path = format!("/bookings/{booking}/cancellation");
    ada.client.post(&path, &json!({})).await.expect_problem(409, "too-late-to-cancel");

    let fee = family_screening(
        stack,
        &admin,
        &json!({"cancellation": {"until_minutes": 0, "fee_minor": 5_000},
        "fee": {"per": "booking", "amount": inr(700)}}),
    )
    .await;
    let held = reserve(&ada.client, &fee, &json!(["B-1", "B-2"])).await.expect(201);
    assert_eq!(held.json["amount"], inr(40_700));
    let booking = held.str("booking_id").to_owned();
    ada.pay(&booking).await.expect(200);
    balance_when(&ada.client, 100_000 - 20_000 - 40_700).await;
    let gone = ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    assert_eq!(gone.json["refund"]["amount"], inr(35_000));
    balance_when(&ada.client, 100_000 - 20_000 - 5_700).await;
    let seen = ada.booking_when(PATIENCE, &booking, "the refund", |seen| seen["status"] == "refunded").await;
    assert_eq!(seen["refund"]["amount"], inr(35_000));
    reconciled(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn a_counter_sells_by_type_and_a_copied_schedule_keeps_all_terms() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let terms = json!({"fee": {"per": "booking", "amount": inr(500)}, "cancellation": "none",
                       "tax_rates": [{"name": "GST", "percent_hundredths": 500}]});
    let screening = family_screening(stack, &admin, &terms).await;
    let sell = async |seats: Value| {
        let body = json!({"screening_id": screening, "seats": seats, "method": "upi"});
        admin.post("/box-office/sales", &body).await
    };
    sell(json!([{"seat": "A-5"}])).await.expect_problem(422, "ticket-type-missing");
    let unknown = sell(json!([seat("A-5", "adult"), seat("A-6", "senior")])).await;
    assert_eq!(unknown.json["errors"][0]["pointer"], "/seats/1/ticket_type", "{}", unknown.text());
    unknown.expect_problem(422, "unknown-ticket-type");
    let sold = sell(json!([seat("A-5", "adult"), seat("A-6", "child")])).await.expect(201);
    assert_eq!(
        (&sold.json["amount"], &sold.json["lines"][1]["ticket_type"]),
        (&inr(45_500), &json!("child"))
    );
    let code = sold.json["tickets"][1]["code"].as_str().unwrap();
    let early = admin.post("/check-ins", &json!({"code": code})).await;
    early.expect_problem(409, "too-early");

    let source = shown(&admin, &format!("/screenings/{screening}")).await;
    let day = source["starts_at"].as_str().unwrap()[..10].to_owned();
    let to: jiff::civil::Date = day.parse().unwrap();
    let to = to.checked_add(jiff::Span::new().days(7)).unwrap();
    let body = json!({"from": day, "days": 1, "to": to.to_string()});
    let path = format!("/venues/{}/schedule/copies", source["venue_id"].as_str().unwrap());
    let copied = admin.post(&path, &body).key(&now().to_string()).await.expect(202);
    let copy =
        copied.json["screenings"].as_array().unwrap().iter().find(|copy| copy["copy_of"] == json!(screening));
    let copy = copy.unwrap()["screening_id"].as_str().unwrap().to_owned();
    let copy = shown(&admin, &format!("/screenings/{copy}")).await;
    for field in ["prices", "ticket_types", "fee", "tax_rates", "cancellation"] {
        assert_eq!(copy[field], source[field], "{field}");
    }
    stack.verify();
}

#[tokio::test]
async fn a_moved_family_keeps_its_ticket_types_and_pays_the_difference_with_its_fees() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let fee = |minor: i64| json!({"fee": {"per": "ticket", "amount": inr(minor)}});
    let screening = family_screening(stack, &admin, &fee(1_000)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = reserve(&ada.client, &screening, &json!([seat("A-2", "adult"), seat("A-3", "child")])).await;
    let held = held.expect(201);
    assert_eq!(held.json["amount"], inr(47_000));
    let booking = held.str("booking_id").to_owned();
    ada.pay(&booking).await.expect(200);

    let path = format!("/bookings/{booking}/move");
    // Silver seats have one type, and it is neither of these.
    let silver = ada.client.post(&path, &json!({"seats": ["B-1", "B-2"], "settle": "pay"})).await;
    silver.expect_problem(422, "unknown-ticket-type");
    let moved = eventually_within(PATIENCE, "the move to be over", async || {
        let moved = ada.client.post(&path, &json!({"seats": ["A-3", "A-7"]})).key("same-price");
        moved.try_send().await.ok().filter(|moved| moved.status == 200)
    });
    let moved = moved.await;
    assert_eq!((&moved.json["amount"], &moved.json["refund"]), (&inr(47_000), &Value::Null));
    let types = |seen: &Value| {
        let lines = seen["lines"].as_array().unwrap();
        let one = |line: &Value| (line["seat"].as_str().unwrap().to_owned(), line["ticket_type"].clone());
        lines.iter().map(one).collect::<Vec<_>>()
    };
    let seen = ada
        .booking_when(PATIENCE, &booking, "the new seats", |seen| seen["seats"] == json!(["A-3", "A-7"]))
        .await;
    assert_eq!(types(&seen), [("A-3".to_owned(), json!("child")), ("A-7".to_owned(), json!("adult"))]);

    let tickets = seen["tickets"].as_array().unwrap();
    assert_eq!(tickets.len(), 2);
    // The house returns all that counts as paid, fees too.
    let back = format!("/bookings/{booking}/cancellation");
    ada.client.post(&back, &json!({"seats": ["A-3"]})).key("child").await.expect(202);
    balance_when(&ada.client, 100_000 - 47_000 + 15_000).await;
    admin.post(&back, &json!({"reason": "The projector broke."})).key("rest").await.expect(202);
    balance_when(&ada.client, 100_000 - 1_000).await;
    reconciled(&admin).await;
    stack.verify();
}
