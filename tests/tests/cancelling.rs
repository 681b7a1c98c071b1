//! Bookings, screenings, shows and venues are cancelled: every customer gets the money back once, even if services
//! are killed meanwhile.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_tests::{Answer, Client, Stack, eventually, eventually_within, inr, plain_rows};

/// The show of a screening.
async fn show_of(client: &Client, screening: &str) -> String {
    let path = format!("/screenings/{screening}");
    let known = eventually("the screening to be in the read models", async || {
        let known = client.get(&path).await;
        (known.status == 200).then_some(known.json)
    })
    .await;
    let show = known["show"]["show_id"].as_str().or(known["show_id"].as_str());
    show.expect("a screening has a show").to_owned()
}

async fn finished(admin: &Client, cascade: &str) -> Value {
    let path = format!("/admin/cascades/{cascade}");
    eventually_within(Duration::from_mins(1), "the cascade to finish", async || {
        let answer = admin.get(&path).try_send().await.ok()?;
        answer.json["finished_at"].is_string().then_some(answer.json)
    })
    .await
}

async fn settled_balance(client: &Client, minor: i64) {
    eventually("the money to be in the wallet", async || {
        let wallet = client.get("/wallet").try_send().await.ok()?;
        (wallet.json["balance"] == inr(minor)).then_some(())
    })
    .await;
}

fn refunds_in(ledger: &Answer) -> usize {
    let items = ledger.json["items"].as_array().expect("a list");
    items.iter().filter(|item| item["kind"] == "refund").count()
}

#[tokio::test]
async fn a_customer_cancels_and_has_the_money_back_in_the_wallet() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = format!("/bookings/{}", held.str("booking_id"));
    let paid = ada.pay(held.str("booking_id")).await.expect(200);
    let code = paid.json["tickets"][0]["code"].as_str().unwrap().to_owned();

    let cancelled = ada.client.delete(&booking).await.expect(202);
    assert_eq!(cancelled.str("status"), "cancelled");
    assert_eq!(
        cancelled.json["refund"],
        json!({"status": "requested", "amount": inr(25_000), "to": "wallet"})
    );
    settled_balance(&ada.client, 100_000).await;
    eventually("the booking to be refunded", async || {
        let seen = ada.client.get(&booking).await.expect(200);
        (seen.str("status") == "refunded").then_some(())
    })
    .await;
    assert_eq!(refunds_in(&ada.client.get("/wallet/transactions").await.expect(200)), 1);
    ada.client.delete(&booking).await.expect(202);
    // The seat is free again, and the ticket lets nobody in.
    ada.reserve(&screening, &["A-1"]).await.expect(201);
    admin.post("/check-ins", &json!({"code": code})).await.expect_problem(409, "void");
    stack.verify();
}

#[tokio::test]
async fn a_ticket_lets_in_once_and_the_staff_sees_how_many_came() {
    let stack = Stack::start_with(&[("TICKETSHOW_CHECK_IN_SECONDS", "31536000")]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1", "A-2"]).await.expect(201);
    let paid = ada.pay(held.str("booking_id")).await.expect(200);
    let code = json!({"code": paid.json["tickets"][0]["code"]});

    ada.client.post("/check-ins", &code).await.expect_problem(403, "forbidden");
    // The seats may be sold a moment after the payment was answered.
    let inside = eventually("the ticket to be valid", async || {
        let answer = admin.post("/check-ins", &code).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(inside.str("seat"), "A-1");
    assert_eq!(inside.json["screening"]["screening_id"], *screening);
    let again = admin.post("/check-ins", &code).await.expect_problem(409, "already-used");
    assert!(again.json["used_at"].is_string(), "{}", again.text());
    let forged = json!({"code": format!("{}A", code["code"].as_str().unwrap())});
    admin.post("/check-ins", &forged).await.expect_problem(404, "not-found");

    let path = format!("/screenings/{screening}/check-ins");
    let counted = admin.get(&path).min_position(inside.position()).await.expect(200);
    assert_eq!((&counted.json["sold"], &counted.json["checked_in"]), (&json!(2), &json!(1)));
    ada.client.get(&path).await.expect_problem(403, "forbidden");
    let booking = format!("/bookings/{}", held.str("booking_id"));
    ada.client.delete(&booking).await.expect_problem(409, "checked-in");
}

#[tokio::test]
async fn a_cancelled_show_is_previewed_cancelled_and_counted() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let show = show_of(&admin, &screening).await;
    let (ada, bob) = (stack.customer_with(&admin, 100_000).await, stack.customer_with(&admin, 100_000).await);
    let paid = ada.reserve(&screening, &["A-1", "A-2"]).await.expect(201);
    ada.pay(paid.str("booking_id")).await.expect(200);
    let held = bob.reserve(&screening, &["A-3"]).await.expect(201);

    let wanted = json!({"show_id": show});
    let preview = eventually("the preview to know both bookings", async || {
        let preview = admin.post("/admin/cascades/preview", &wanted).await.expect(200);
        (preview.json["bookings"] == 2 && preview.json["amount"]["wallet"] == inr(50_000)).then_some(preview)
    })
    .await;
    assert_eq!((&preview.json["screenings"], &preview.json["customers"]), (&json!(1), &json!(2)));
    admin.post("/admin/cascades/preview", &json!({})).await.expect_problem(422, "invalid");

    let cancelled = admin.delete(&format!("/shows/{show}")).await.expect(202);
    let cascade = cancelled.str("cascade_id");
    assert_eq!(cancelled.str("status"), "cancelled");
    let done = finished(&admin, cascade).await;
    let counted =
        ["screenings", "total", "cancelled", "refunds_due", "refunded"].map(|name| done[name].clone());
    assert_eq!(counted, [1, 2, 2, 1, 1].map(Value::from), "{done}");
    assert_eq!((&done["kind"], &done["failed"]), (&json!("show"), &json!([])));
    settled_balance(&ada.client, 100_000).await;
    let seen = bob.client.get(&format!("/bookings/{}", held.str("booking_id"))).await.expect(200);
    assert_eq!(seen.str("status"), "cancelled");

    // Nothing comes after it: no seats, no other cascade, no screening of the show.
    bob.reserve(&screening, &["A-9"]).await.expect_problem(409, "screening-cancelled");
    assert_eq!(admin.delete(&format!("/shows/{show}")).await.expect(202).str("cascade_id"), cascade);
    let listed = admin.get("/admin/cascades").await.expect(200);
    assert!(listed.text().contains(cascade), "{}", listed.text());
    let retried = admin.post(&format!("/admin/cascades/{cascade}/retry"), &json!({})).await.expect(202);
    assert_eq!(retried.json["retried"], 0);
    stack.verify();
}

#[tokio::test]
async fn a_single_screening_is_called_off_with_a_reason() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    ada.pay(held.str("booking_id")).await.expect(200);

    let path = format!("/screenings/{screening}");
    ada.client.delete(&path).await.expect_problem(403, "forbidden");
    let cancelled = admin.delete(&path).json(&json!({"reason": "The projector broke."})).await.expect(202);
    ada.reserve(&screening, &["A-2"]).await.expect_problem(409, "screening-cancelled");
    let done = finished(&admin, cancelled.str("cascade_id")).await;
    assert_eq!((&done["kind"], &done["reason"]), (&json!("screening"), &json!("The projector broke.")));
    assert_eq!(admin.delete(&path).await.expect(202).str("cascade_id"), cancelled.str("cascade_id"));
    settled_balance(&ada.client, 100_000).await;
}

#[tokio::test]
async fn a_show_with_many_bookings_is_cancelled_while_the_server_is_killed() {
    const CUSTOMERS: usize = 20;
    const BOOKINGS: usize = 5;
    let mut stack =
        Stack::start_with(&[("TICKETSHOW_HOLDS_MAX", "10"), ("TICKETSHOW_LIVE_HOLDS_PER_USER", "0")]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(CUSTOMERS.try_into().unwrap(), 10)).await;
    let show = show_of(&admin, &screening).await;
    let mut customers = Vec::new();
    for row in (b'A'..).map(char::from).take(CUSTOMERS) {
        let customer = stack.customer_with(&admin, 1_000_000).await;
        for number in 1..=BOOKINGS {
            let held = customer.reserve(&screening, &[&format!("{row}-{number}")]).await.expect(201);
            customer.pay(held.str("booking_id")).await.expect(200);
        }
        customers.push(customer);
    }

    let cancelled = admin.delete(&format!("/shows/{show}")).await.expect(202);
    let cascade = cancelled.str("cascade_id").to_owned();
    for _ in 0..3 {
        stack.server.kill();
        stack.server.restart().await;
        // As far as it comes within a moment: somewhere in the middle.
        let path = format!("/admin/cascades/{cascade}");
        admin.get(&path).try_send().await.ok();
    }
    let done = finished(&admin, &cascade).await;
    let bookings = CUSTOMERS * BOOKINGS;
    assert_eq!((&done["cancelled"], &done["refunded"]), (&json!(bookings), &json!(bookings)), "{done}");
    for customer in customers {
        settled_balance(&customer.client, 1_000_000).await;
        assert_eq!(refunds_in(&customer.client.get("/wallet/transactions").await.expect(200)), BOOKINGS);
    }
    let verified = stack.server.command(&["verify", "--settled", "0"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
