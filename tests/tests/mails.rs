//! Mails as they arrive in a customer's inbox, read back from a real one: tickets that the door can read, the end of
//! a booking, and the reset of a forgotten password.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it needs it")]

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use ticketshow_tests::{Customer, Inbox, Mail, Stack, eventually, inr, login, plain_rows};

/// A house that writes to its customers.
async fn house() -> (Stack, Inbox) {
    let inbox = Inbox::start().await;
    let url = inbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("TICKETSHOW_MAIL_FROM", "The House <house@example.org>")];
    (Stack::start_with(&settings).await, inbox)
}

/// A paid booking of two seats.
async fn book(stack: &Stack, ada: &Customer) -> Value {
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(5, 10)).await;
    let held = ada.reserve(&screening, &["C-4", "C-5"]).await.expect(201);
    let booking = held.str("booking_id");
    let paid = ada.pay(booking).await.expect(200);
    ada.client.get(&format!("/bookings/{booking}")).min_position(paid.position()).await.expect(200).json
}

/// Output of a poppler-utils tool for a PDF.
fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> Vec<u8> {
    let mut command = Command::new(tool);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("poppler-utils is installed (deploy/bootstrap.sh poppler)");
    let mut input = child.stdin.take().unwrap();
    let pdf = pdf.to_vec();
    let writing = std::thread::spawn(move || input.write_all(&pdf));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// The code on a page, as a scanner reads it.
fn scanned(pdf: &[u8], page: usize) -> Vec<String> {
    let page = page.to_string();
    let picture = poppler("pdftoppm", &["-gray", "-r", "200", "-f", &page, "-l", &page, "-"], pdf);
    // A grey picture of Netpbm: `P5 width height 255`, then one byte per pixel.
    let head: Vec<&[u8]> = picture.splitn(4, u8::is_ascii_whitespace).collect();
    let number = |text: &[u8]| std::str::from_utf8(text).unwrap().parse::<usize>().unwrap();
    let (width, height) = (number(head[1]), number(head[2]));
    let pixels = &picture[picture.len() - width * height..];
    let mut picture =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    picture.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
}

async fn check_confirmation(inbox: &Inbox, ada: &Customer, booking: &Value, mail: &Mail) {
    let id = booking["booking_id"].as_str().unwrap();
    for shown in [&mail.text, &mail.html] {
        for fact in [
            "The Lighthouse Keeper",
            "Rex",
            "12 Lake Road",
            "Mumbai",
            "Screen 1",
            "IST",
            "C-4",
            "₹250.00",
            "₹500.00",
            id,
        ] {
            assert!(shown.contains(fact), "{fact} is missing: {shown}");
        }
    }
    assert_eq!(mail.html.matches("<img ").count(), 2, "{}", mail.html);
    let pictures = mail.attachments.iter().filter(|(_, kind)| kind == "image/png").count();
    assert_eq!(pictures, 2, "{:?}", mail.attachments);

    let pdf = inbox.attachment(mail, "tickets.pdf").await;
    let text = String::from_utf8(poppler("pdftotext", &["-", "-"], &pdf)).unwrap();
    let reference = booking["reference"].as_str().unwrap();
    assert!(mail.subject.contains(reference), "{}", mail.subject);
    for fact in ["The Lighthouse Keeper", "12 Lake Road", "C-4", "C-5", "₹250.00", reference] {
        assert!(text.contains(fact), "{fact} is missing: {text}");
    }
    let codes = booking["tickets"].as_array().unwrap();
    for (page, ticket) in (1..).zip(codes) {
        assert_eq!(scanned(&pdf, page), [ticket["code"].as_str().unwrap()]);
    }
    let offered = ada.client.get(&format!("/bookings/{id}/tickets.pdf")).await.expect(200);
    assert_eq!(offered.body, pdf, "the PDF of the site is that of the mail");
}

#[tokio::test]
async fn a_paid_booking_is_mailed_with_tickets_that_the_door_can_read_and_so_is_its_end() {
    let (stack, inbox) = house().await;
    let admin = stack.admin().await;
    let ada = stack.customer_with(&admin, 50_000).await;
    let booking = book(&stack, &ada).await;
    let id = booking["booking_id"].as_str().unwrap();
    let mail = inbox.wait_for(&ada.email, "Your tickets: The Lighthouse Keeper").await;
    check_confirmation(&inbox, &ada, &booking, &mail).await;
    let qr = ada.client.get(&format!("/bookings/{id}/tickets/C-4/qr.svg")).await.expect(200);
    assert!(qr.text().contains("<svg"));

    ada.client.post(&format!("/bookings/{id}/mail"), &json!({})).await.expect(202);
    eventually("the confirmation to come again", async || {
        (inbox.mails_to(&ada.email).await.len() == 2).then_some(())
    })
    .await;

    ada.client.delete(&format!("/bookings/{id}")).await.expect(202);
    let end = inbox.wait_for(&ada.email, "Cancelled: The Lighthouse Keeper").await;
    assert!(end.text.contains("as you requested") && end.text.contains("₹500.00"), "{}", end.text);
    assert!(end.text.contains("wallet"), "{}", end.text);
    let log = eventually("three entries in the sent-log", async || {
        let log = admin.get(&format!("/admin/mails?booking_id={id}")).await.expect(200).json;
        let items = log["items"].as_array().unwrap().clone();
        items.iter().all(|item| item["state"] == "sent").then_some(items).filter(|items| items.len() == 3)
    })
    .await;
    assert_eq!(log[0]["kind"], "booking_cancelled");
    assert!(log.iter().all(|item| item["to"] == *ada.email), "{log:?}");
    eventually("the tickets to be void", async || {
        let pdf = ada.client.get(&format!("/bookings/{id}/tickets.pdf")).await;
        (pdf.problem() == Some("booking-cancelled")).then_some(())
    })
    .await;
    assert_eq!(ada.client.get("/wallet").await.expect(200).json["balance"], inr(50_000));
    stack.verify();
}

#[tokio::test]
async fn a_cascade_counts_whom_it_has_told() {
    let (stack, inbox) = house().await;
    let admin = stack.admin().await;
    let (ada, bob) = (stack.customer_with(&admin, 50_000).await, stack.customer_with(&admin, 50_000).await);
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    for (customer, seat) in [(&ada, "A-1"), (&bob, "A-2"), (&bob, "A-3")] {
        let held = customer.reserve(&screening, &[seat]).await.expect(201);
        customer.pay(held.str("booking_id")).await.expect(200);
    }
    let reason = json!({"reason": "The roof leaks"});
    let cancelled = admin.delete(&format!("/screenings/{screening}")).json(&reason).await.expect(202);
    let path = format!("/admin/cascades/{}", cancelled.str("cascade_id"));
    eventually("mails about three bookings", async || {
        let cascade = admin.get(&path).min_position(cancelled.position()).await.expect(200).json;
        (cascade["mailed"] == 3).then_some(())
    })
    .await;
    assert_eq!(
        inbox.mails_to(&bob.email).await.iter().filter(|mail| mail.text.contains("The roof leaks")).count(),
        2
    );
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_a_link_that_works_once() {
    let (stack, inbox) = house().await;
    let ada = stack.customer().await;
    let client = stack.client();
    client.post("/auth/forgotten", &json!({"email": ada.email.to_uppercase()})).await.expect(202);
    let mail = inbox.wait_for(&ada.email, "Choose a new password").await;
    let (_, token) = mail.text.split_once("/reset#token=").unwrap();
    let token = token.split_whitespace().next().unwrap();
    let chosen = json!({"token": token, "new_password": "another horse"});
    client.post("/auth/reset", &chosen).await.expect(204);
    login(&client, &ada.email, "another horse").await;
    client.post("/auth/reset", &chosen).await.expect_problem(422, "invalid");

    let admin = stack.admin().await;
    let log = admin.get(&format!("/admin/mails?to={}", ada.email)).await.expect(200).json;
    let kinds: Vec<_> = log["items"].as_array().unwrap().iter().map(|mail| &mail["kind"]).collect();
    assert_eq!(kinds, ["account_changed", "password_reset"], "newest first: {log}");
    assert_eq!(admin.get("/admin/mails?to=nobody@example.org").await.expect(200).json["items"], json!([]));
}

#[tokio::test]
async fn a_code_to_an_address_without_an_account_is_in_the_language_of_the_page() {
    let (stack, inbox) = house().await;
    let body = json!({"email": "newcomer@example.org"});
    let client = stack.client();
    client.post("/auth/code", &body).header("accept-language", "hi-IN,en;q=0.5").await.expect(202);
    let mail = inbox.wait_for("newcomer@example.org", "साइन इन करने का कोड").await;
    assert!(mail.text.contains("10 मिनट"), "{}", mail.text);
}

#[tokio::test]
async fn mails_to_an_address_without_an_account_are_found_by_it() {
    let (stack, inbox) = house().await;
    let admin = stack.admin().await;
    let found = async |to: &str| {
        let page = admin.get(&format!("/admin/mails?to={to}&limit=1")).await.expect(200).json;
        let mut items = page["items"].as_array().unwrap().clone();
        if let Some(cursor) = page["next_cursor"].as_str() {
            let next = admin.get(&format!("/admin/mails?to={to}&cursor={cursor}")).await.expect(200).json;
            items.extend(next["items"].as_array().unwrap().clone());
        }
        let addressed: Vec<_> = items
            .iter()
            .map(|mail| (mail["kind"].as_str().unwrap().to_owned(), mail["to"].as_str().map(str::to_owned)))
            .collect();
        addressed
    };
    let client = stack.client();
    let body = json!({"email": "Newcomer@example.org", "password": "a long password", "name": "Newcomer"});
    client.post("/auth/register", &body).await.expect(202);
    client.post("/auth/code", &json!({"email": "codes@example.org"})).await.expect(202);
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let sale = json!({"screening_id": screening, "seats": [{"seat": "A-1"}], "method": "upi",
        "customer": {"name": "Zoë", "email": "Codes@Example.org"}});
    admin.post("/box-office/sales", &sale).await.expect(201);

    for (to, kinds) in [
        ("NEWCOMER@example.org", &["address_verification"][..]),
        ("codes@example.org", &["booking_confirmed", "sign_in_code"][..]),
    ] {
        let to_lower = to.to_lowercase();
        eventually("the mails to be sent and found", async || {
            let mut seen = found(to).await;
            seen.sort();
            let wanted = kinds.iter().map(|kind| ((*kind).to_owned(), Some(to_lower.clone())));
            seen.into_iter().eq(wanted).then_some(())
        })
        .await;
        inbox.wait_for(&to_lower, "").await;
    }
    assert_eq!(found("nobody@example.org").await, []);
}
