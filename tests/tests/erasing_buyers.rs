//! A buyer at the counter without an account asks to be erased: their details are gone from every store, and the
//! tickets stay valid.

use serde_json::{Value, json};
use ticketshow_tests::{Answer, Client, Inbox, Stack, eventually, plain_rows, planted};

/// Texts about the buyer, each in another field.
const NAME: &str = "Plant21 Name";
const ADDRESS: &str = "plant22.address@example.com";
const PHONE: &str = "+91 77123 45677";
const NOTES: [&str; 2] = ["plant23 comes in a wheelchair", "plant24 rang again"];

fn all() -> Vec<String> {
    let [first, second] = NOTES;
    [NAME, "plant22.address", PHONE, "7712345677", first, second].map(str::to_owned).to_vec()
}

async fn sell(seller: &Client, screening: &str, seat: &str, customer: Value) -> Answer {
    let seats = json!([{"seat": seat}]);
    let body = json!({"screening_id": screening, "seats": seats, "method": "upi", "customer": customer});
    seller.post("/box-office/sales", &body).await.expect(201)
}

async fn note(staff: &Client, booking: &str, text: &str) -> u64 {
    staff.post(&format!("/bookings/{booking}/notes"), &json!({"text": text})).await.expect(201).position()
}

/// The only booking that a search of the desk finds; `None` if it finds none.
async fn found(staff: &Client, q: &str) -> Option<Value> {
    let page = staff.get(&format!("/admin/bookings?q={}", q.replace('+', "%2B").replace(' ', "%20"))).await;
    let items = page.expect(200).json["items"].as_array().expect("a list").clone();
    assert!(items.len() <= 1, "{items:?}");
    items.into_iter().next()
}

/// Everything that staff read about a screening and a booking.
async fn pages(staff: &Client, screening: &str, booking: &str) -> Vec<(String, String)> {
    let mut read = Vec::new();
    for path in [
        format!("/screenings/{screening}/guests"),
        format!("/screenings/{screening}/door"),
        format!("/admin/bookings?screening_id={screening}"),
        format!("/admin/mails?booking_id={booking}"),
        format!("/admin/history/booking/{booking}"),
        format!("/admin/history/screening/{screening}"),
        "/admin/payments?limit=100".to_owned(),
        "/admin/audit?limit=100".to_owned(),
    ] {
        let page = staff.get(&path).await.expect(200).text();
        read.push((path, page));
    }
    let csv = staff.get(&format!("/screenings/{screening}/guests")).header("accept", "text/csv").await;
    read.push(("guests as CSV".to_owned(), csv.expect(200).text()));
    read
}

/// Waits until the key is destroyed: nobody opens the texts in the log then.
async fn until_erased(staff: &Client, booking: &str) {
    eventually("the key of the buyer to be destroyed", async || {
        let history = staff.get(&format!("/admin/history/booking/{booking}")).try_send().await.ok()?;
        let planted = all().iter().any(|text| history.text().contains(text.as_str()));
        (history.status == 200 && !planted && history.text().contains("buyer_erased")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nothing_that_a_buyer_said_at_the_counter_is_found_after_the_erasure_and_the_tickets_admit() {
    let inbox = Inbox::start().await;
    let early = ("TICKETSHOW_CHECK_IN_SECONDS", "31536000");
    let stack = Stack::start_with(&[("SMTP_URL", &inbox.url()), early]).await;
    let admin = stack.admin().await;
    stack.customer().await;
    let screening = stack.screening(&admin, &plain_rows(1, 5)).await;
    let customer = json!({"name": NAME, "email": ADDRESS, "phone": PHONE});
    let sold = sell(&admin, &screening, "A-1", customer).await;
    let booking = sold.str("booking_id");
    let other = sell(&admin, &screening, "A-2", json!({"name": "Bob", "phone": "022 5550 1234"})).await;
    let tickets = inbox.wait_for(ADDRESS, "Your tickets").await;
    assert!(!tickets.text.is_empty());
    let position = note(&admin, booking, NOTES[0]).await;
    admin.get("/me").min_position(position).await.expect(200);
    for q in [NAME, ADDRESS, PHONE] {
        assert_eq!(found(&admin, q).await.expect("the booking")["booking_id"], *booking, "{q}");
    }
    let known: String = pages(&admin, &screening, booking).await.into_iter().map(|(_, page)| page).collect();
    for text in [NAME, ADDRESS, NOTES[0]] {
        assert!(known.contains(text), "{text} was not planted");
    }
    let before = planted::totals(&admin).await;

    let erase = format!("/admin/bookings/{booking}/customer");
    let position = admin.delete(&erase).await.expect(202).position();
    admin.get("/me").min_position(position).await.expect(200);
    until_erased(&admin, booking).await;
    for q in [NAME, ADDRESS, PHONE] {
        assert_eq!(found(&admin, q).await, None, "{q}");
    }
    let late = json!({"text": NOTES[1]});
    admin.post(&format!("/bookings/{booking}/notes"), &late).await.expect_problem(409, "account-erased");
    assert_eq!(admin.delete(&erase).await.expect(202).position(), position, "a repeat changes nothing");

    nothing_is_left(&stack, &admin, &screening, booking).await;
    let rebuilt = stack.server.command(&["replay", "--verify"]);
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    nothing_is_left(&stack, &admin, &screening, booking).await;
    assert_eq!(planted::totals(&admin).await, before, "the books are as before");
    let kept = found(&admin, "022 5550 1234").await.expect("the booking of the other");
    assert_eq!((&kept["booking_id"], &kept["customer"]["name"]), (&other.json["booking_id"], &json!("Bob")));
    assert_eq!(kept["buyer_erased"], false);

    let code = &sold.json["tickets"][0]["code"];
    admin.post("/check-ins", &json!({"code": code})).await.expect(200);
    stack.verify();
}

async fn nothing_is_left(stack: &Stack, admin: &Client, screening: &str, booking: &str) {
    planted::expect_nowhere(stack, &all()).await;
    for (path, page) in pages(admin, screening, booking).await {
        planted::expect_nothing_in(&path, &page, &all());
    }
    let own = found(admin, booking).await.expect("the booking stays");
    assert_eq!((&own["customer"]["name"], &own["customer"]["email"]), (&json!("erased"), &json!("erased")));
    let notes: Vec<&Value> =
        own["notes"].as_array().expect("notes").iter().map(|note| &note["text"]).collect();
    assert_eq!(notes, ["erased"]);
    assert_eq!(own["buyer_erased"], true);
    let mails = admin.get(&format!("/admin/mails?booking_id={booking}")).await.expect(200);
    assert_eq!(mails.json["items"][0]["to"], "erased");
    let to = admin.get(&format!("/admin/mails?to={ADDRESS}")).await.expect(200);
    assert_eq!(to.json["items"], json!([]));
}

#[tokio::test]
async fn a_customer_with_an_account_is_erased_by_nobody_else() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 5)).await;
    let ada = stack.customer().await;
    let sold = sell(&admin, &screening, "A-1", json!({"email": ada.email, "name": "Ada L."})).await;
    let erase = format!("/admin/bookings/{}/customer", sold.str("booking_id"));
    admin.delete(&erase).await.expect_problem(409, "customer-has-account");
    ada.client.delete(&erase).await.expect_problem(403, "forbidden");
    stack.client().delete(&erase).await.expect_problem(401, "unauthorized");
    let missing = "/admin/bookings/00000000-0000-7000-8000-000000000000/customer";
    admin.delete(missing).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn erasing_a_buyer_needs_a_fresh_confirmation() {
    let stack = Stack::start_with(&[("TICKETSHOW_CONFIRMATION_SECONDS", "1")]).await;
    let admin = stack.admin().await;
    let missing = "/admin/bookings/00000000-0000-7000-8000-000000000000/customer";
    eventually("the sign-in to be no longer fresh", async || {
        let answer = admin.delete(missing).await;
        (answer.status == 403).then(|| answer.expect_problem(403, "confirmation-needed"))
    })
    .await;
}

#[tokio::test]
async fn a_repeated_sale_is_answered_as_before_though_its_buyer_was_erased() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 5)).await;
    let body = json!({"screening_id": screening, "seats": [{"seat": "A-1"}], "method": "upi", "customer": {"name": "Ivy"}});
    let request =
        async |body: &Value| admin.post("/box-office/sales", body).key("a-sale-that-is-repeated").await;
    let sold = request(&body).await.expect(201);
    let booking = sold.str("booking_id");
    admin.delete(&format!("/admin/bookings/{booking}/customer")).await.expect(202);
    eventually("the key of the buyer to be destroyed", async || {
        let history = admin.get(&format!("/admin/history/booking/{booking}")).try_send().await.ok()?;
        (history.text().contains("buyer_erased") && !history.text().contains("Ivy")).then_some(())
    })
    .await;
    assert_eq!(request(&body).await.expect(201).json, sold.json);
    let mut other = body;
    other["customer"]["name"] = json!("Eve");
    request(&other).await.expect_problem(422, "idempotency-key-reused");
    stack.verify();
}
