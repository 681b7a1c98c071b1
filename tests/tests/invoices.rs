//! Invoices and credit notes: payments and refunds, numbered without gaps, even if services are killed.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_tests::{
    CUSTOMER_PASSWORD, Client, Stack, eventually_within, inr, login, plain_rows, tomorrow,
};
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_mins(1);

/// Documents of all bookings, once there are so many of one booking.
async fn documents_when(admin: &Client, booking: &str, count: usize) -> Vec<Value> {
    eventually_within(PATIENCE, "the documents of the booking", async || {
        let listed = all(admin).await?;
        let of_booking = listed.iter().filter(|document| document["booking_id"] == booking).count();
        (of_booking == count).then_some(listed)
    })
    .await
}

async fn all(admin: &Client) -> Option<Vec<Value>> {
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/admin/invoices?limit=100{cursor}")).try_send().await.ok()?;
        listed.extend(page.json["items"].as_array()?.iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Some(listed),
        }
    }
}

/// Numbers of a kind, in the order of the list, which count up from 1.
fn expect_no_gap(documents: &[Value], kind: &str) -> usize {
    let mut years = std::collections::BTreeMap::<&str, u64>::new();
    let numbers = documents.iter().filter(|document| document["kind"] == kind);
    for document in numbers.clone() {
        let number = document["number"].as_str().unwrap();
        let (series, count) = number.rsplit_once('-').unwrap();
        let last = years.entry(series).or_default();
        assert_eq!(count.parse::<u64>().unwrap(), *last + 1, "{number}");
        *last += 1;
    }
    numbers.count()
}

#[tokio::test]
async fn a_booking_has_an_invoice_and_a_credit_note_for_what_goes_back() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let plain = stack.screening(&admin, &plain_rows(2, 5)).await;
    let plain = eventually_within(PATIENCE, "the screening to be seen", async || {
        let shown = admin.get(&format!("/screenings/{plain}")).try_send().await.ok()?;
        (shown.status == 200).then_some(shown.json)
    })
    .await;
    let terms = json!({
        "show_id": plain["show_id"], "screen_id": plain["screen_id"],
        "starts_at": (tomorrow() + Duration::from_hours(6)).to_string(), "prices": plain["prices"],
        "fee": {"per": "booking", "amount": inr(1_000)},
        "tax_rates": [{"name": "CGST", "percent_hundredths": 900}, {"name": "SGST", "percent_hundredths": 900}],
    });
    let screening = admin.post("/screenings", &terms).await.expect(201).str("screening_id").to_owned();
    let ada = stack.customer_with(&admin, 100_000).await;
    let body = json!({"screening_id": screening, "seats": ["A-1", "A-2"]});
    let booking = ada.client.post("/bookings", &body).await.expect(201).str("booking_id").to_owned();
    let path = format!("/bookings/{booking}/invoice.pdf");
    eventually_within(PATIENCE, "the hold to be seen", async || {
        let answer = ada.client.get(&path).try_send().await.ok()?;
        (answer.status == 409).then_some(())
    })
    .await;
    ada.client.get(&path).await.expect_problem(409, "not-confirmed");

    let paid = ada.pay(&booking).await.expect(200);
    let printed = ada.client.get(&path).min_position(paid.position()).await.expect(200);
    assert!(printed.body.starts_with(b"%PDF"));
    let hindi = ada.client.get(&path).header("accept-language", "hi-IN,en;q=0.5").await.expect(200);
    assert_ne!(hindi.body, printed.body, "the words are those of the reader");
    stack.customer().await.client.get(&path).await.expect(404);
    admin.get(&path).await.expect(200);
    let listed = documents_when(&admin, &booking, 1).await;
    let invoice = listed.iter().find(|document| document["booking_id"] == *booking).unwrap();
    assert_eq!((&invoice["kind"], &invoice["amount"]), (&json!("invoice"), &inr(51_000)));
    assert_eq!(invoice["net"], inr(51_000 - 7_780), "51,000 × 18 / 118 is 7,779.66");
    let shares: Vec<&Value> =
        invoice["tax"].as_array().unwrap().iter().map(|tax| &tax["amount"]["amount_minor"]).collect();
    assert_eq!(shares, [&json!(3_890), &json!(3_890)]);

    let one = json!({"seats": ["A-2"]});
    ada.client.post(&format!("/bookings/{booking}/cancellation"), &one).await.expect(202);
    documents_when(&admin, &booking, 2).await;
    ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    let listed = documents_when(&admin, &booking, 3).await;
    let back: i64 = listed
        .iter()
        .filter(|document| document["booking_id"] == *booking && document["kind"] == "credit_note")
        .map(|document| document["amount"]["amount_minor"].as_i64().unwrap())
        .sum();
    assert_eq!(back, 50_000, "both seats without the fee");
    expect_no_gap(&listed, "invoice");
    expect_no_gap(&listed, "credit_note");
    ada.client.get(&path).await.expect(200);

    files_have_headings_in_words(&admin).await;
    let none = admin.get("/admin/invoices?from=2020-01-01&to=2020-01-31").await.expect(200);
    assert_eq!(none.json["items"], json!([]));
    ada.client.get("/admin/invoices").await.expect(403);
    one_venue_has_its_own(stack, &admin, plain["venue_id"].as_str().unwrap(), &booking).await;
    stack.verify();
}

/// The file for spreadsheets, in the language of the reader.
async fn files_have_headings_in_words(admin: &Client) {
    let file = admin.get("/admin/invoices").header("accept", "text/csv").await.expect(200);
    let text = file.text();
    assert!(text.starts_with('\u{feff}'), "Excel reads it as UTF-8");
    assert!(text.contains("Number,Kind,Day,Booking") && text.contains("Credit note"), "{text}");
    assert!(text.contains(",-250.00,"), "credit notes are negative: {text}");
    let hindi = admin
        .get("/admin/invoices")
        .header("accept", "text/csv")
        .header("accept-language", "hi-IN,en;q=0.5")
        .await;
    assert!(hindi.expect(200).text().contains("नंबर,प्रकार,दिन,बुकिंग"));
}

/// An accountant of one venue reads its documents, and no others.
async fn one_venue_has_its_own(stack: &Stack, admin: &Client, venue: &str, booking: &str) {
    let member = stack.customer().await;
    let role = json!({"role": "accountant", "venues": [venue]});
    admin.put(&format!("/admin/accounts/{}/role", member.user_id)).json(&role).await.expect(200);
    let accountant = login(&stack.client(), &member.email, CUSTOMER_PASSWORD).await;
    accountant.get("/admin/invoices").await.expect(403);
    let own = eventually_within(PATIENCE, "the role to be in the read model", async || {
        let own =
            accountant.get(&format!("/admin/invoices?limit=100&venue_id={venue}")).try_send().await.ok()?;
        (own.status == 200).then_some(own)
    })
    .await;
    let own = own.json["items"].as_array().unwrap().clone();
    assert!(own.len() == 3 && own.iter().all(|document| document["booking_id"] == booking), "{own:?}");
    accountant.get(&format!("/bookings/{booking}/invoice.pdf")).await.expect(200);
}

#[tokio::test]
async fn numbers_have_no_gap_though_the_server_dies_amid_payments() {
    let mut stack = Stack::start_with(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(4, 10)).await;
    let mut bookings = Vec::new();
    for row in ["A", "B", "C", "D"] {
        for pair in 0..5 {
            let customer = stack.customer_with(&admin, 100_000).await;
            let seats = [format!("{row}-{}", 2 * pair + 1), format!("{row}-{}", 2 * pair + 2)];
            let body = json!({"screening_id": screening, "seats": seats});
            let held = customer.client.post("/bookings", &body).await.expect(201);
            bookings.push((customer, held.str("booking_id").to_owned()));
        }
    }
    let mut payments = JoinSet::new();
    for (customer, booking) in &bookings {
        let (client, path) = (customer.client.clone(), format!("/bookings/{booking}/payment"));
        let key = booking.clone();
        payments.spawn(async move {
            let body = json!({"method": "wallet"});
            client.post(&path, &body).key(&key).try_send().await.is_ok_and(|paid| paid.status == 200)
        });
    }
    while !payments.join_next().await.expect("one payment is answered").expect("no panic") {}
    stack.server.kill();
    while payments.join_next().await.is_some() {}
    stack.server.restart().await;

    for (customer, booking) in &bookings {
        let body = json!({"method": "wallet"});
        eventually_within(PATIENCE, "the booking to be paid", async || {
            let path = format!("/bookings/{booking}/payment");
            let paid = customer.client.post(&path, &body).key(booking).try_send().await.ok()?;
            (paid.status == 200).then_some(())
        })
        .await;
    }
    let admin = stack.admin().await;
    let listed = eventually_within(PATIENCE, "an invoice for each booking", async || {
        all(&admin).await.filter(|listed| listed.len() == bookings.len())
    })
    .await;
    assert_eq!(expect_no_gap(&listed, "invoice"), bookings.len());
    stack.verify();
}
