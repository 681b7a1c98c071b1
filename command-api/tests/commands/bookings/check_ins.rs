//! Tickets at the door.

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use ticketshow_domain::{
    BookingId, PaymentId, ScreeningId, SeatName,
    screening::{Command, Screening},
};
use ticketshow_nats::clock;

use crate::{
    bookings::payments::metadata,
    fixture::{Fixture, Person, signer},
};

/// A booking that a customer paid.
pub async fn paid(fixture: &Fixture, person: &Person, screening: ScreeningId, seats: &[&str]) -> BookingId {
    let held = fixture.reserve(person, screening, seats).gives(201).await;
    let (booking, payment) = (held.id("booking_id").parse().unwrap(), PaymentId(clock::new_id()));
    let command = Command::SellSeats { booking, payment };
    fixture.executor.execute(&screening, command, metadata(), |_: &Screening| ()).await.unwrap();
    booking
}

/// The code of a seat that a customer bought.
pub async fn bought(fixture: &Fixture, person: &Person, screening: ScreeningId, seat: &str) -> String {
    let booking = paid(fixture, person, screening, &[seat]).await;
    signer().sign(screening, booking, &SeatName(seat.to_owned()))
}

#[tokio::test]
async fn a_check_in_is_bound_to_its_screening_and_to_the_hours_before_it() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let soon = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let late = fixture.screening_in(SignedDuration::from_hours(4)).await;
    let (here, other) =
        (bought(&fixture, &ada, soon, "A-1").await, bought(&fixture, &ada, late, "A-1").await);
    let scan = |code: &str, door: ScreeningId| {
        fixture.ask("/check-ins").json(json!({ "code": code, "screening_id": door }))
    };

    let refused = scan(&other, soon).send().await;
    assert_eq!(refused.outcome(), (409, "other-screening"));
    assert_eq!(refused.body["screening"]["screening_id"], json!(late));
    let early = scan(&other, late).send().await;
    assert_eq!(early.outcome(), (409, "too-early"));
    let from: Timestamp = early.id("from").parse().unwrap();
    let wait = from.duration_since(clock::now()).as_secs();
    assert!((3_000..=3_600).contains(&wait), "the doors open in an hour, not in {wait} s");
    scan(&here, soon).gives(200).await;
    assert_eq!(scan(&here, soon).send().await.outcome(), (409, "already-used"));
}

#[tokio::test]
async fn a_check_in_whose_answer_was_lost_is_repeated_and_one_made_by_mistake_is_undone() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let code = bought(&fixture, &ada, screening, "A-1").await;
    let scan = |key: &str| fixture.ask("/check-ins").key(key).json(json!({ "code": code }));
    let first = scan("k").gives(200).await;
    assert_eq!(scan("k").gives(200).await.body, first.body);
    assert_eq!(scan("l").send().await.outcome(), (409, "already-used"));

    let undo = |id: &str| fixture.call(Method::DELETE, &format!("/check-ins/{id}"));
    let id = first.id("check_in_id");
    undo(&id).token(&ada.token).gives(403).await;
    for _ in 0..2 {
        assert_eq!(undo(&id).token(&fixture.admin).gives(204).await.body, Value::Null);
    }
    assert_eq!(scan("k").gives(200).await.body, first.body, "a late repeat admits nobody again");
    let again = scan("l").gives(200).await;
    undo(&id).token(&fixture.admin).gives(204).await;
    assert_eq!(
        scan("m").send().await.outcome(),
        (409, "already-used"),
        "a late repeat undoes no later check-in"
    );
    assert_ne!(again.id("check_in_id"), id);
    undo("7").token(&fixture.admin).gives(404).await;
}

#[tokio::test]
async fn a_key_is_not_used_for_another_ticket() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let booking = paid(&fixture, &ada, screening, &["A-1", "A-2"]).await;
    let code = |seat: &str| signer().sign(screening, booking, &SeatName(seat.to_owned()));
    let scan = |seat: &str| fixture.ask("/check-ins").key("k").json(json!({ "code": code(seat) }));
    scan("A-1").gives(200).await;
    assert_eq!(scan("A-2").send().await.outcome(), (422, "idempotency-key-reused"));
    scan("A-1").gives(200).await;
}

#[tokio::test]
async fn guests_without_their_tickets_are_admitted_by_the_number_of_their_booking() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let booking = paid(&fixture, &ada, screening, &["A-1", "A-2", "A-3"]).await;
    let number = booking.reference().to_string();
    let admit = |body: Value| fixture.ask("/check-ins").json(body);
    let seats = |answer: &Value| -> Vec<String> {
        let admitted = answer["admitted"].as_array().unwrap();
        admitted.iter().map(|admitted| admitted["seat"].as_str().unwrap().to_owned()).collect()
    };

    let typed = number.to_lowercase().replace('-', " ");
    let body = json!({ "reference": typed, "seats": ["A-2"], "screening_id": screening });
    let one = admit(body.clone()).key("one").gives(200).await;
    assert_eq!((&one.body["reference"], &one.body["seat"]), (&json!(number), &json!("A-2")));
    assert_eq!(seats(&one.body), ["A-2"]);
    assert_eq!(admit(body.clone()).key("one").gives(200).await.body, one.body);
    assert_eq!(admit(body).send().await.outcome(), (409, "already-used"));
    let party = json!({ "reference": number, "screening_id": screening });
    let rest = admit(party.clone()).key("rest").gives(200).await;
    assert_eq!(seats(&rest.body), ["A-1", "A-3"], "all who are not in yet");
    assert_eq!(admit(party.clone()).key("rest").gives(200).await.body, rest.body);
    assert_eq!(admit(party.clone()).send().await.outcome(), (409, "already-used"));

    let last = rest.body["admitted"][1]["check_in_id"].as_str().unwrap();
    fixture.call(Method::DELETE, &format!("/check-ins/{last}")).token(&fixture.admin).gives(204).await;
    assert_eq!(seats(&admit(party).gives(200).await.body), ["A-3"]);

    let wrong_seat = json!({ "reference": number, "seats": ["B-1"], "screening_id": screening });
    assert_eq!(admit(wrong_seat).send().await.outcome(), (422, "unknown-seat"));
    for invalid in [
        json!({}),
        json!({ "reference": number }),
        json!({ "reference": "K7QM", "screening_id": screening }),
        json!({ "reference": number, "seats": [], "screening_id": screening }),
        json!({ "reference": number, "code": "x", "screening_id": screening }),
        json!({ "code": "x", "seats": ["A-1"] }),
    ] {
        assert_eq!(admit(invalid.clone()).send().await.outcome(), (422, "invalid"), "{invalid}");
    }
}

#[tokio::test]
async fn a_number_of_another_screening_is_refused_with_its_place_and_time() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let here = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let there = fixture.screening_in(SignedDuration::from_hours(4)).await;
    let booking = paid(&fixture, &ada, there, &["A-1"]).await;
    let number = json!({ "reference": booking.reference(), "screening_id": here });
    let admit = || fixture.ask("/check-ins").json(number.clone());
    assert_eq!(admit().send().await.outcome(), (404, "not-found"), "the read models do not have it yet");
    fixture.project_booking(booking, there, ada.user).await;
    assert_eq!(admit().send().await.outcome(), (404, "not-found"), "it is not paid yet");
    let sold = sqlx::query("UPDATE bookings SET claim = 'sold' WHERE booking_id = $1").bind(booking.0);
    sold.execute(&fixture.database).await.unwrap();
    let refused = admit().send().await;
    assert_eq!(refused.outcome(), (409, "other-screening"));
    assert_eq!(refused.body["screening"]["screening_id"], json!(there));
}
