//! Holding and releasing seats.

use axum::http::Method;
use serde_json::json;
use ticketshow_domain::{BookingId, ScreeningId};
use uuid::Uuid;

use crate::fixture::Fixture;

#[tokio::test]
async fn seats_are_held_for_the_first_caller() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let screening = fixture.screening().await;
    let held = fixture.reserve(&ada, screening, &["A-1", "B-12"]).gives(201).await;
    assert_eq!(held.body["status"], "held");
    assert_eq!(held.body["seats"], json!(["A-1", "B-12"]));
    assert_eq!(held.body["amount"], json!({ "amount_minor": 50_000, "currency": "INR" }));
    assert!(held.id("held_until").ends_with('Z'));
    let booking: BookingId = held.id("booking_id").parse().unwrap();
    assert_eq!(held.body["reference"], json!(booking.reference().to_string()));

    let taken = fixture.reserve(&bob, screening, &["B-12", "B-11"]).send().await;
    assert_eq!((taken.outcome(), &taken.body["seats"]), ((409, "seat-taken"), &json!(["B-12"])));
    assert!(taken.position() >= held.position());
}

#[tokio::test]
async fn a_repeat_is_the_same_booking_on_every_replica() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let first = fixture.reserve(&ada, screening, &["A-1"]).key("k").gives(201).await;
    assert_eq!(fixture.reserve(&ada, screening, &["A-1"]).key("k").gives(201).await.body, first.body);
    let replica = fixture.replica().await;
    assert_eq!(replica.reserve(&ada, screening, &["A-1"]).key("k").gives(201).await.body, first.body);
    let reused = fixture.reserve(&ada, screening, &["A-2"]).key("k").send().await;
    assert_eq!(reused.outcome(), (422, "idempotency-key-reused"));
    let other = fixture.reserve(&ada, screening, &["A-2"]).key("l").gives(201).await;
    assert_ne!(other.id("booking_id"), first.id("booking_id"));
}

#[tokio::test]
async fn a_refused_hold_names_its_reason() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let outcome = async |seats: &[&str]| {
        let refused = fixture.reserve(&ada, screening, seats).send().await;
        (refused.status.as_u16(), refused.slug().to_owned())
    };
    let wrong = |slug: &str| (422, slug.to_owned());
    assert_eq!(outcome(&["Z-1"]).await, wrong("unknown-seat"));
    assert_eq!(outcome(&["A-1", "A-1"]).await, wrong("duplicate-seat"));
    assert_eq!(outcome(&[]).await, wrong("seat-count"));
    let names: Vec<String> = (1..=11).map(|n| format!("A-{n}")).collect();
    assert_eq!(outcome(&names.iter().map(String::as_str).collect::<Vec<_>>()).await, wrong("seat-count"));
    for seat in ["A-1", "A-2", "A-3"] {
        assert_eq!(outcome(&[seat]).await.0, 201);
    }
    assert_eq!(outcome(&["A-4"]).await, (409, "too-many-holds".to_owned()));
    assert_eq!(
        fixture.reserve(&ada, ScreeningId(Uuid::nil()), &["A-1"]).send().await.outcome(),
        (404, "not-found")
    );
}

#[tokio::test]
async fn a_hold_is_cancelled_and_cancelling_again_changes_nothing() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let screening = fixture.screening().await;
    let booking = fixture.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    let cancel = |token: &str| fixture.call(Method::DELETE, &format!("/bookings/{booking}")).token(token);
    assert_eq!(cancel(&bob.token).send().await.outcome(), (404, "not-found"));

    let cancelled = cancel(&ada.token).gives(200).await;
    let reference = booking.parse::<BookingId>().unwrap().reference();
    assert_eq!(
        cancelled.body,
        json!({ "booking_id": booking, "reference": reference, "status": "cancelled", "refund": null })
    );
    fixture.reserve(&bob, screening, &["A-1"]).gives(201).await;
    assert_eq!(cancel(&ada.token).gives(200).await.body, cancelled.body);
}

#[tokio::test]
async fn a_booking_of_another_replica_is_found_through_the_read_model() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let booking = fixture.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    let replica = fixture.replica().await;
    let cancel = || replica.call(Method::DELETE, &format!("/bookings/{booking}")).token(&ada.token);
    assert_eq!(cancel().send().await.outcome(), (503, "read-model-behind"));
    fixture.project_booking(booking.parse().unwrap(), screening, ada.user).await;
    cancel().gives(200).await;
}

#[tokio::test]
async fn an_unknown_booking_is_not_found() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    fixture.project_position().await;
    let cancel = fixture.call(Method::DELETE, &format!("/bookings/{}", Uuid::nil())).token(&ada.token);
    assert_eq!(cancel.send().await.outcome(), (404, "not-found"));
}
