//! House seats: kept back from sale, and released.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use ticketshow_nats::clock;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_blocked_seat_is_not_for_sale_until_it_is_released() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let path = format!("/screenings/{screening}/blocks");
    let body = |seats: &[&str]| json!({ "seats": seats, "reason": " Press ", "release_at": null });
    let block = |key: &str, seats: &[&str]| fixture.ask(&path).key(key).json(body(seats));

    let blocked = block("k", &["A-1", "A-2"]).gives(201).await;
    assert_eq!(blocked.body["reason"], "Press");
    assert_eq!(block("k", &["A-1", "A-2"]).gives(201).await.body, blocked.body);
    assert_eq!(block("k", &["A-3"]).send().await.outcome(), (422, "idempotency-key-reused"));
    let taken = fixture.reserve(&ada, screening, &["A-2", "A-3"]).send().await;
    assert_eq!((taken.outcome(), &taken.body["seats"]), ((409, "seat-taken"), &json!(["A-2"])));
    let held = fixture.reserve(&ada, screening, &["A-3"]).gives(201).await;
    let over_held = block("l", &["A-3", "A-4"]).send().await;
    assert_eq!((over_held.outcome(), &over_held.body["seats"]), ((409, "seat-taken"), &json!(["A-3"])));
    assert!(over_held.position() >= held.position());

    let id = blocked.id("block_id");
    let release = |id: &str| fixture.call(Method::DELETE, &format!("{path}/{id}"));
    release(&id).token(&ada.token).gives(403).await;
    for _ in 0..2 {
        assert_eq!(release(&id).token(&fixture.admin).gives(204).await.body, Value::Null);
    }
    fixture.reserve(&ada, screening, &["A-2"]).gives(201).await;
    let nothing = release("00000000-0000-0000-0000-000000000001").token(&fixture.admin).send().await;
    assert_eq!(nothing.outcome(), (404, "not-found"));
}

#[tokio::test]
async fn a_block_needs_a_reason_and_an_end_before_the_start() {
    let fixture = Fixture::open().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let block = |reason: &str, hours: i64| {
        let release_at = clock::now() + SignedDuration::from_hours(hours);
        let body = json!({ "seats": ["A-1"], "reason": reason, "release_at": release_at });
        fixture.ask(&format!("/screenings/{screening}/blocks")).json(body)
    };
    for (reason, hours, pointer) in
        [("Press", -1, "/release_at"), ("Press", 3, "/release_at"), ("", 1, "/reason")]
    {
        let refused = block(reason, hours).send().await;
        assert_eq!(
            (refused.outcome(), &refused.body["errors"][0]["pointer"]),
            ((422, "invalid"), &json!(pointer))
        );
    }
    block("Press", 1).gives(201).await;
}
