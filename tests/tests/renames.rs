//! A corrected name of a show, venue, city or screen, everywhere it is shown.

use serde_json::{Value, json};
use ticketshow_tests::{Client, Inbox, Stack, eventually, inr, plain_rows};

const OLD: [&str; 5] = ["Old title", "Old house", "Bombay", "Old screen", "Old road"];
const NEW: [&str; 5] = ["New title", "New house", "Pune", "New screen", "New road"];

fn assert_renamed(what: &str, text: &str, names: &[&str]) {
    for name in names {
        assert!(text.contains(name), "{what} lacks {name}: {text}");
    }
    for name in OLD {
        assert!(!text.contains(name), "{what} still says {name}: {text}");
    }
}

async fn text(client: &Client, path: &str, position: u64) -> String {
    client.get(path).min_position(position).await.expect(200).text()
}

#[tokio::test]
async fn a_corrected_name_is_right_everywhere() {
    let inbox = Inbox::start().await;
    let url = inbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("TICKETSHOW_MAIL_FROM", "The House <house@example.org>")];
    let stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let [title, house, city, room, road] = OLD;
    let show = json!({"title": title, "description": "", "duration_minutes": 90, "language": "English"});
    let show = admin.post("/shows", &show).await.expect(201).str("show_id").to_owned();
    let venue = json!({"name": house, "address": road, "city": city, "timezone": "Asia/Kolkata",
        "opens_at": "00:00", "closes_at": "00:00"});
    let venue = admin.post("/venues", &venue).await.expect(201).str("venue_id").to_owned();
    let screen = json!({"name": room, "layout": {"rows": plain_rows(1, 4)}});
    let screen = admin.post(&format!("/venues/{venue}/screens"), &screen).await.expect(201);
    let screen = screen.str("screen_id").to_owned();
    // Soon enough for its doors to be open.
    let starts_at = ticketshow_tests::now() + jiff::SignedDuration::from_mins(50);
    let body = json!({"show_id": show, "screen_id": screen, "starts_at": starts_at.to_string(),
        "prices": {"standard": inr(25_000)}});
    let screening = admin.post("/screenings", &body).await.expect(201).str("screening_id").to_owned();
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    ada.pay(&booking).await.expect(200);
    inbox.wait_for(&ada.email, "Your tickets").await;

    let [title, house, city, room, road] = NEW;
    admin.patch(&format!("/shows/{show}"), &json!({"title": title})).await.expect(200);
    let address = json!({"name": house, "city": city, "address": road});
    admin.patch(&format!("/venues/{venue}"), &address).await.expect(200);
    let renamed = admin.patch(&format!("/screens/{screen}"), &json!({"name": room})).await.expect(200);
    let position = renamed.position();

    let client = &ada.client;
    let places = [title, house, city, room];
    for (path, names) in [
        (format!("/screenings/{screening}"), &places[..]),
        (format!("/screenings?city={city}"), &places),
        (format!("/shows/{show}/venues?city={city}"), &places),
        (format!("/shows?city={city}"), &[title, city]),
        ("/cities".to_owned(), &[city]),
        (format!("/search?q=title&city={city}"), &[title, city]),
        ("/bookings".to_owned(), &places),
        (format!("/bookings/{booking}"), &[title, house, city, room, road]),
    ] {
        assert_renamed(&path, &text(client, &path, position).await, names);
    }
    for path in ["/shows?city=Bombay", "/screenings?city=Bombay"] {
        let found: Value = client.get(path).await.expect(200).json;
        assert_eq!(found["items"], json!([]), "{path}");
    }
    for path in ["/admin/bookings", "/admin/sales?group_by=show,venue"] {
        assert_renamed(path, &text(&admin, path, position).await, &[title, house]);
    }

    client.post(&format!("/bookings/{booking}/mail"), &json!({})).await.expect(202);
    let again = eventually("the mail to be sent again", async || {
        let mails = inbox.mails_to(&ada.email).await;
        mails.into_iter().find(|mail| mail.subject.contains(title))
    })
    .await;
    assert_renamed("the mail", &again.text, &[title, house, city, room, road]);

    let booked = client.get(&format!("/bookings/{booking}")).await.expect(200).json;
    let code = booked["tickets"][0]["code"].as_str().expect("it is confirmed");
    let checked_in = admin.post("/check-ins", &json!({"code": code})).await.expect(200).text();
    assert_renamed("the door", &checked_in, &[title, house, room]);
}
