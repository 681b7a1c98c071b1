//! A booking that a card paid moves to dearer seats: its customer pays the difference, gives up, or is too late; and every payment gives
//! back what it took.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_dodo_sim::{Fault, Faults, MovementKind, PaymentFault};
use ticketshow_tests::{
    CUSTOMER_PASSWORD, Call, Client, Customer, DodoSim, Stack, eventually_within, inr, login, seat_status,
    tomorrow,
};

const PATIENCE: Duration = Duration::from_mins(4);

/// A screening whose seats of row A cost 300 rupees, and of row B 200.
async fn screening(admin: &Client) -> String {
    let venue = json!({"name": "Rex", "address": "12 Lake Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
        "opens_at": "00:00", "closes_at": "00:00"});
    let venue = admin.post("/venues", &venue).await.expect(201).str("venue_id").to_owned();
    let row = |label: &str, category: &str| json!({"label": label, "category": category, "seats": 10});
    let layout = json!({"rows": [row("A", "gold"), row("B", "silver")]});
    let path = format!("/venues/{venue}/screens");
    let screen = admin.post(&path, &json!({"name": "Screen 1", "layout": layout})).await.expect(201);
    let show = json!({"title": "The Lighthouse Keeper", "description": "A play about waiting.",
        "duration_minutes": 90, "language": "English", "genres": ["Drama"]});
    let show = admin.post("/shows", &show).await.expect(201);
    let body = json!({"show_id": show.str("show_id"), "screen_id": screen.str("screen_id"),
        "starts_at": tomorrow().to_string(), "prices": {"gold": inr(30_000), "silver": inr(20_000)}});
    admin.post("/screenings", &body).await.expect(201).str("screening_id").to_owned()
}

async fn bought_by_card(customer: &Customer, sim: &DodoSim, screening: &str, seats: &[&str]) -> String {
    let held = customer.reserve(screening, seats).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    let path = format!("/bookings/{booking}/payment");
    let opened = customer.client.post(&path, &json!({"method": "card"})).await.expect(201);
    sim.pay(opened.str("checkout_url")).await;
    customer.booking_when(PATIENCE, &booking, "the booking to be paid", |b| b["status"] == "confirmed").await;
    booking
}

fn ask(customer: &Customer, booking: &str, body: &Value, key: &str) -> Call {
    customer.client.post(&format!("/bookings/{booking}/move"), body).key(key)
}

async fn map_when(client: &Client, screening: &str, what: &str, wanted: impl Fn(&Value) -> bool) {
    let path = format!("/screenings/{screening}/seats");
    eventually_within(PATIENCE, what, async || {
        let map = client.get(&path).try_send().await.ok()?;
        (map.status == 200 && wanted(&map.json)).then_some(())
    })
    .await;
}

/// Waits until the booking says that a cancellation refunds these payments what they took, in minor units.
async fn refunded_in_parts(customer: &Customer, booking: &str, expected: &[(&str, i64)]) {
    let part = |(to, minor): &(&str, i64)| json!({"to": to, "amount": inr(*minor), "left": inr(*minor)});
    let (first, parts) = (expected[0].0, Value::Array(expected.iter().map(part).collect()));
    let has_parts = |seen: &Value| {
        let terms = &seen["cancellation"];
        terms["parts"] == parts && terms["to"] == first
    };
    customer.booking_when(PATIENCE, booking, "the parts of the refund", has_parts).await;
}

async fn no_differences(admin: &Client) {
    eventually_within(Duration::from_secs(30), "the reconciliation to be clean", async || {
        let seen = admin.get("/admin/reconciliation").try_send().await.ok()?;
        (seen.status == 200 && seen.json["unmatched"] == json!([])).then_some(())
    })
    .await;
}

/// Waits until these are the sales and refunds by payment method, in minor units.
async fn sold_by(admin: &Client, expected: &[(&str, i64, i64)]) {
    let expected: Vec<(Value, Value, Value)> =
        expected.iter().map(|(method, sold, refunded)| (json!(method), inr(*sold), inr(*refunded))).collect();
    eventually_within(PATIENCE, "each payment method to have its own", async || {
        let seen = admin.get("/admin/sales?group_by=method").try_send().await.ok()?;
        let sum = |sum: &Value| (sum["method"].clone(), sum["sold"].clone(), sum["refunded"].clone());
        let sums: Vec<_> = seen.json["items"].as_array()?.iter().map(sum).collect();
        (sums == expected).then_some(())
    })
    .await;
}

fn refunds(sim: &DodoSim) -> Vec<i64> {
    let ledger = sim.ledger();
    let back = ledger.iter().filter(|movement| movement.kind == MovementKind::Refund);
    let mut amounts: Vec<i64> = back.map(|movement| movement.amount).collect();
    amounts.sort_unstable();
    amounts
}

#[tokio::test]
async fn a_card_pays_the_difference_and_each_payment_is_refunded_what_it_took() {
    let (mut stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = screening(&admin).await;
    let (ada, bob) = (stack.customer().await, stack.customer_with(&admin, 100_000).await);
    let booking = bought_by_card(&ada, &sim, &screening, &["B-1", "B-2"]).await;

    let dear = json!({"seats": ["A-1", "A-2"], "settle": "pay"});
    let opened = ask(&ada, &booking, &dear, "one").await.expect(202);
    assert_eq!((&opened.json["paid"], &opened.json["method"]), (&inr(20_000), &json!("card")));
    assert_eq!(opened.json["seats"], json!(["B-1", "B-2"]), "the old seats stay until the money is there");
    let url = opened.str("checkout_url").to_owned();
    stack.server.restart().await;
    let again = ask(&ada, &booking, &dear, "one").await.expect(202);
    assert_eq!(again.str("checkout_url"), url, "a repeat gets the same page");
    let other = json!({"seats": ["A-3", "A-4"], "settle": "pay"});
    ask(&ada, &booking, &other, "two").await.expect_problem(409, "move-in-progress");
    bob.reserve(&screening, &["A-1"]).await.expect_problem(409, "seat-taken");
    bob.reserve(&screening, &["B-1"]).await.expect_problem(409, "seat-taken");
    let seen = ada
        .booking_when(PATIENCE, &booking, "the open move", |seen| {
            seen["open_move"]["checkout_url"] == json!(url)
        })
        .await;
    assert_eq!(seen["open_move"]["amount"], inr(20_000));

    sim.pay(&url).await;
    stack.server.restart().await;
    let seen = ada
        .booking_when(PATIENCE, &booking, "the new seats", |seen| seen["seats"] == json!(["A-1", "A-2"]))
        .await;
    assert_eq!((&seen["amount"], &seen["open_move"]), (&inr(60_000), &Value::Null));
    refunded_in_parts(&ada, &booking, &[("card", 40_000), ("card", 20_000)]).await;
    ask(&ada, &booking, &dear, "one").await.expect(200);
    let admin = stack.admin().await;
    map_when(&admin, &screening, "the old seats to be free", |map| {
        seat_status(map, "B-1") == "free" && seat_status(map, "A-1") == "sold"
    })
    .await;

    // A seat that is given back takes from the difference first: all 200 rupees of it, and 100 of the other payment.
    let path = format!("/bookings/{booking}/cancellation");
    let back = ada.client.post(&path, &json!({"seats": ["A-1"]})).key("back").await.expect(202);
    assert_eq!(back.json["refund"]["amount"], inr(30_000));
    eventually_within(PATIENCE, "both refunds", async || {
        sim.settled().await;
        (refunds(&sim) == [10_000, 20_000]).then_some(())
    })
    .await;
    stack.server.restart().await;
    // All of the difference is back: the rest is one refund.
    ada.booking_when(PATIENCE, &booking, "one payment to be left", |seen| {
        let terms = &seen["cancellation"];
        terms["refund"] == inr(30_000) && terms["parts"] == Value::Null && terms["to"] == "card"
    })
    .await;
    ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    ada.booking_when(PATIENCE, &booking, "the rest to be refunded", |b| b["status"] == "refunded").await;
    sim.settled().await;
    assert_eq!(refunds(&sim), [10_000, 20_000, 30_000]);
    no_differences(&stack.admin().await).await;
    stack.verify();
}

#[tokio::test]
async fn a_checkout_is_given_up_and_money_that_comes_later_goes_back() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = screening(&admin).await;
    let (ada, bob) = (stack.customer().await, stack.customer_with(&admin, 100_000).await);
    let booking = bought_by_card(&ada, &sim, &screening, &["B-1"]).await;
    let path = format!("/bookings/{booking}/move");
    ada.client.delete(&path).await.expect(204);

    let dear = json!({"seats": ["A-1"], "settle": "pay", "method": "card"});
    let opened = ask(&ada, &booking, &dear, "one").await.expect(202);
    bob.client.delete(&path).await.expect_problem(404, "not-found");
    for _ in 0..2 {
        ada.client.delete(&path).await.expect(204);
    }
    ask(&ada, &booking, &dear, "one").await.expect_problem(409, "move-given-up");
    let held = eventually_within(PATIENCE, "the new seat to be free", async || {
        let held = bob.reserve(&screening, &["A-1"]).await;
        (held.status == 201).then_some(held)
    })
    .await;
    bob.pay(held.str("booking_id")).await.expect(200);

    sim.pay(opened.str("checkout_url")).await;
    eventually_within(PATIENCE, "the late money to go back", async || {
        sim.settled().await;
        (refunds(&sim) == [10_000]).then_some(())
    })
    .await;
    let seen = ada.client.get(&format!("/bookings/{booking}")).await.expect(200);
    assert_eq!((&seen.json["seats"], &seen.json["open_move"]), (&json!(["B-1"]), &Value::Null));

    // The next one is paid from the wallet, and cancelling gives each its own back.
    let credit = json!({"amount": inr(15_000), "reason": "Goodwill"});
    let credits = format!("/admin/wallets/{}/credits", ada.user_id);
    admin.post(&credits, &credit).key("credit").await.expect(201);
    let from_wallet = json!({"seats": ["A-5"], "settle": "pay", "method": "wallet"});
    eventually_within(PATIENCE, "the booking to move", async || {
        (ask(&ada, &booking, &from_wallet, "two").try_send().await.ok()?.status == 200).then_some(())
    })
    .await;
    // Bob paid 300 rupees from the wallet, too.
    sold_by(&admin, &[("card", 20_000, 0), ("wallet", 40_000, 0)]).await;
    refunded_in_parts(&ada, &booking, &[("card", 20_000), ("wallet", 10_000)]).await;
    ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    ada.booking_when(PATIENCE, &booking, "the money to be back", |b| b["status"] == "refunded").await;
    sold_by(&admin, &[("card", 20_000, 20_000), ("wallet", 40_000, 10_000)]).await;
    eventually_within(PATIENCE, "the difference to be in the wallet", async || {
        let wallet = ada.client.get("/wallet").try_send().await.ok()?;
        (wallet.json["balance"] == inr(15_000)).then_some(())
    })
    .await;
    sim.settled().await;
    assert_eq!(refunds(&sim), [10_000, 20_000]);
    no_differences(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn a_difference_that_nobody_pays_in_time_or_that_a_bank_declines_frees_the_seats() {
    let settings = [("TICKETSHOW_HOLD_SECONDS", "6"), ("TICKETSHOW_EXTENSION_SECONDS", "6")];
    let (stack, sim) = Stack::with_cards(&settings).await;
    let admin = stack.admin().await;
    let screening = screening(&admin).await;
    let ada = stack.customer().await;
    let booking = bought_by_card(&ada, &sim, &screening, &["B-1"]).await;
    let is_open = |seen: &Value| seen["open_move"] != Value::Null;
    let is_over = |seen: &Value| seen["open_move"] == Value::Null && seen["seats"] == json!(["B-1"]);

    let declined = ask(&ada, &booking, &json!({"seats": ["A-1"], "settle": "pay"}), "one").await.expect(202);
    ada.booking_when(PATIENCE, &booking, "the open move", is_open).await;
    sim.pay_declined(declined.str("checkout_url")).await;
    ada.booking_when(PATIENCE, &booking, "the decline to arrive", is_over).await;
    map_when(&admin, &screening, "the seat to be free", |map| seat_status(map, "A-1") == "free").await;

    let late = ask(&ada, &booking, &json!({"seats": ["A-2"], "settle": "pay"}), "two").await.expect(202);
    ada.booking_when(PATIENCE, &booking, "the open move", is_open).await;
    ada.booking_when(PATIENCE, &booking, "the time to be over", is_over).await;
    map_when(&admin, &screening, "the seat to be free", |map| seat_status(map, "A-2") == "free").await;
    sim.pay(late.str("checkout_url")).await;
    eventually_within(PATIENCE, "the late money to go back", async || {
        sim.settled().await;
        (refunds(&sim) == [10_000]).then_some(())
    })
    .await;
    no_differences(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn another_amount_than_the_difference_goes_back_and_the_booking_stays_as_it_was() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = screening(&admin).await;
    let ada = stack.customer().await;
    let booking = bought_by_card(&ada, &sim, &screening, &["B-1"]).await;
    for (seat, minor, key) in [("A-1", -1, "less"), ("A-2", 1, "more")] {
        let wish = json!({"seats": [seat], "settle": "pay"});
        let opened = ask(&ada, &booking, &wish, key).await.expect(202);
        ada.booking_when(PATIENCE, &booking, "the open move", |seen| seen["open_move"] != Value::Null).await;
        let payments = vec![Fault::next(1, PaymentFault::AmountOff { minor })];
        sim.set_faults(Faults { payments, ..Faults::default() });
        sim.pay(opened.str("checkout_url")).await;
        ada.booking_when(PATIENCE, &booking, "the move to be over", |seen| {
            seen["open_move"] == Value::Null && seen["seats"] == json!(["B-1"])
        })
        .await;
        map_when(&admin, &screening, "the seat to be free", |map| seat_status(map, seat) == "free").await;
        ask(&ada, &booking, &wish, key).await.expect_problem(402, "difference-not-paid");
    }
    eventually_within(PATIENCE, "all of it to go back, once", async || {
        sim.settled().await;
        (refunds(&sim) == [9_999, 10_001]).then_some(())
    })
    .await;
    eventually_within(PATIENCE, "no administrator to be needed", async || {
        let seen = admin.get("/admin/payments?status=review").try_send().await.ok()?;
        (seen.status == 200 && seen.json["items"] == json!([])).then_some(())
    })
    .await;
    no_differences(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn the_desk_asks_a_customer_to_pay_a_difference_and_withdraws_it() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let screening = screening(&admin).await;
    let ada = stack.customer().await;
    let booking = bought_by_card(&ada, &sim, &screening, &["B-1"]).await;
    let path = format!("/bookings/{booking}/move");
    let asked = async |seat: &str, key: &str| {
        let wish = json!({"seats": [seat], "settle": "pay", "method": "card"});
        let opened = admin.post(&path, &wish).key(key).await.expect(202);
        let url = opened.str("checkout_url").to_owned();
        let waits = |seen: &Value| seen["open_move"]["checkout_url"] == json!(url);
        ada.booking_when(PATIENCE, &booking, "the customer to see it", waits).await;
        let listed = format!("/admin/bookings?q={booking}");
        eventually_within(PATIENCE, "the desk to see it", async || {
            let seen = admin.get(&listed).try_send().await.ok()?;
            waits(&seen.json["items"][0]).then_some(())
        })
        .await;
        url
    };

    asked("A-1", "one").await;
    admin.delete(&path).await.expect(204);
    let is_over = |seen: &Value| seen["open_move"] == Value::Null && seen["seats"] == json!(["B-1"]);
    ada.booking_when(PATIENCE, &booking, "the move to be over", is_over).await;
    map_when(&admin, &screening, "the seat to be free", |map| seat_status(map, "A-1") == "free").await;

    sim.pay(&asked("A-2", "two").await).await;
    ada.booking_when(PATIENCE, &booking, "the new seat", |seen| seen["seats"] == json!(["A-2"])).await;
    no_differences(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn staff_of_one_venue_do_not_give_up_a_move_to_another() {
    let (stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let here = screening(&admin).await;
    let path = format!("/screenings/{here}");
    let seen = eventually_within(PATIENCE, "the screening to be listed", async || {
        let seen = admin.get(&path).try_send().await.ok()?;
        (seen.status == 200).then_some(seen)
    })
    .await;
    let (venue, show) = (seen.str("venue_id").to_owned(), seen.str("show_id").to_owned());
    let elsewhere = json!({"name": "Lux", "address": "3 Hill Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
        "opens_at": "00:00", "closes_at": "00:00"});
    let elsewhere = admin.post("/venues", &elsewhere).await.expect(201).str("venue_id").to_owned();
    let layout = json!({"rows": [{"label": "A", "category": "gold", "seats": 10}]});
    let screens = format!("/venues/{elsewhere}/screens");
    let screen = admin.post(&screens, &json!({"name": "Screen 1", "layout": layout})).await.expect(201);
    let body = json!({"show_id": show, "screen_id": screen.str("screen_id"), "starts_at": tomorrow().to_string(),
        "prices": {"gold": inr(30_000)}});
    let there = admin.post("/screenings", &body).await.expect(201).str("screening_id").to_owned();

    let ada = stack.customer().await;
    let booking = bought_by_card(&ada, &sim, &here, &["B-1"]).await;
    let wish = json!({"screening_id": there, "seats": ["A-1"], "settle": "pay"});
    ask(&ada, &booking, &wish, "one").await.expect(202);
    let desk = async |venues: &[&str]| {
        let member = stack.customer().await;
        let path = format!("/admin/accounts/{}/role", member.user_id);
        let role = json!({"role": "box_office", "venues": venues});
        admin.put(&path).json(&role).await.expect(200);
        login(&stack.client(), &member.email, CUSTOMER_PASSWORD).await
    };
    let path = format!("/bookings/{booking}/move");
    desk(&[venue.as_str()]).await.delete(&path).await.expect_problem(403, "forbidden");
    desk(&[venue.as_str(), elsewhere.as_str()]).await.delete(&path).await.expect(204);
    ask(&ada, &booking, &wish, "one").await.expect_problem(409, "move-given-up");
    stack.verify();
}
