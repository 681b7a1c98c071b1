//! Links that show single tickets.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use ticketshow_domain::SeatName;

use crate::{
    bookings::returning::paid,
    fixture::{Answer, Fixture, signer},
};

async fn open(fixture: &Fixture, link: &str) -> Answer {
    let (_, token) = link.split_once("/shared#token=").unwrap();
    fixture.post("/shares/open").json(json!({ "token": token })).send().await
}

#[tokio::test]
async fn a_link_shows_one_ticket_and_nothing_else_until_it_is_ended() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let screening = fixture.screening().await;
    let booking = paid(&fixture, &ada, screening, &["A-1", "A-2"]).await;
    let path = format!("/bookings/{booking}/shares");
    let share = |token: &str, seat: &str| fixture.post(&path).token(token).json(json!({ "seat": seat }));

    let made = share(&ada.token, "A-2").key("k").gives(201).await;
    let again = share(&ada.token, "A-2").key("k").gives(201).await;
    assert_eq!(made.body, again.body);
    assert_eq!(made.body["seat"], json!("A-2"));
    assert_eq!(share(&ada.token, "A-1").key("k").send().await.outcome(), (422, "idempotency-key-reused"));
    assert_eq!(share(&ada.token, "B-1").send().await.outcome(), (422, "unknown-seat"));
    share(&bob.token, "A-2").gives(404).await;
    fixture.post(&path).json(json!({ "seat": "A-2" })).gives(401).await;

    let link = made.id("link");
    let shown = open(&fixture, &link).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert_eq!(shown.headers["referrer-policy"], "no-referrer");
    assert_eq!((&shown.body["seat"], &shown.body["show_title"]), (&json!("A-2"), &json!("Dune")));
    assert_eq!(shown.body["category"], json!("gold"));
    let code = signer().sign(screening, booking, &SeatName("A-2".to_owned()));
    assert_eq!(shown.body["code"], json!(code));
    assert!(shown.id("qr_svg").contains("<svg"));
    let text = shown.body.to_string();
    for hidden in [&*ada.email, "A-1", "amount", "price", "wallet", &ada.user.to_string()] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let (_, token) = link.split_once('=').unwrap();
    let forged = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    let body: Value = json!({ "token": forged });
    assert_eq!(fixture.post("/shares/open").json(body).send().await.outcome(), (404, "not-found"));

    let end =
        |token: &str, share: &str| fixture.call(Method::DELETE, &format!("{path}/{share}")).token(token);
    end(&bob.token, &made.id("share_id")).gives(404).await;
    assert_eq!(open(&fixture, &link).await.status, 200);
    end(&ada.token, &made.id("share_id")).gives(204).await;
    assert_eq!(open(&fixture, &link).await.outcome(), (404, "not-found"));
    end(&ada.token, &made.id("share_id")).gives(204).await;
    end(&ada.token, &booking.to_string()).gives(404).await;
}

#[tokio::test]
async fn a_link_is_void_once_its_seat_is_given_back_or_the_booking_is_cancelled() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let booking = paid(&fixture, &ada, screening, &["A-1", "A-2"]).await;
    let path = format!("/bookings/{booking}");
    let share = async |seat: &str| {
        let body = json!({ "seat": seat });
        fixture.post(&format!("{path}/shares")).token(&ada.token).json(body).send().await
    };
    let (first, second) = (share("A-1").await.id("link"), share("A-2").await.id("link"));
    let back = json!({ "seats": ["A-1"] });
    fixture.post(&format!("{path}/cancellation")).token(&ada.token).json(back).gives(202).await;
    assert_eq!(open(&fixture, &first).await.outcome(), (404, "not-found"));
    assert_eq!(share("A-1").await.outcome(), (422, "unknown-seat"));
    assert_eq!(open(&fixture, &second).await.status, 200);
    fixture.call(Method::DELETE, &path).token(&ada.token).gives(202).await;
    assert_eq!(open(&fixture, &second).await.outcome(), (404, "not-found"));
    assert_eq!(share("A-2").await.outcome(), (409, "booking-cancelled"));
}

#[tokio::test]
async fn an_unpaid_booking_has_no_ticket_to_share() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let booking = fixture.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    fixture.project_booking(booking.parse().unwrap(), screening, ada.user).await;
    let path = format!("/bookings/{booking}/shares");
    let answer = fixture.post(&path).token(&ada.token).json(json!({ "seat": "A-1" })).send().await;
    assert_eq!(answer.outcome(), (409, "not-confirmed"));
}
