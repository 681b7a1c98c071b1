//! Notes of staff about bookings.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::json;
use ticketshow_domain::{BookingId, booking::Booking};
use ticketshow_nats::executor::outcome::Freshness;
use uuid::Uuid;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_note_is_written_once_by_staff_and_names_no_unknown_booking() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let held = fixture.reserve(&ada, screening, &["A-1"]).gives(201).await;
    let booking: BookingId = held.id("booking_id").parse().unwrap();
    let path = format!("/bookings/{booking}/notes");
    let write = |text: &str| fixture.ask(&path).json(json!({ "text": text }));

    let first = write("  Rang:\ncomes  later. ").key("k").gives(201).await;
    assert_eq!(first.body["text"], json!("Rang:\ncomes  later."));
    let again = write("  Rang:\ncomes  later. ").key("k").gives(201).await;
    assert_eq!(again.body, first.body, "its time included");
    assert_eq!(write("Other").key("k").send().await.outcome(), (422, "idempotency-key-reused"));
    write("Another").gives(201).await;
    let seen = fixture.executor.state::<Booking>(&booking, Freshness::Fresh).await.unwrap();
    assert_eq!((seen.state.notes.len(), seen.state.opened.is_none()), (2, true));

    for wrong in ["", " \n ", &"x".repeat(2_001), "\u{202e}"] {
        assert_eq!(write(wrong).send().await.outcome(), (422, "invalid"), "{wrong:?}");
    }
    let customer = fixture.call(Method::POST, &path).token(&ada.token).json(json!({ "text": "Mine" }));
    customer.gives(403).await;
    fixture.project_position().await;
    let sale = json!({ "screening_id": screening, "seats": [{ "seat": "B-1" }], "method": "upi" });
    let walk_in = fixture.ask("/box-office/sales").json(sale).gives(201).await.id("booking_id");
    fixture.ask(&format!("/bookings/{walk_in}/notes")).json(json!({ "text": "x" })).gives(201).await;
    let account = "UPDATE accounts SET erased = true WHERE user_id = $1";
    sqlx::query(account).bind(ada.user.0).execute(&fixture.database).await.unwrap();
    assert_eq!(write("Late").send().await.outcome(), (409, "account-erased"));
    let unknown = format!("/bookings/{}/notes", Uuid::from_u128(7));
    fixture.ask(&unknown).json(json!({ "text": "x" })).gives(404).await;
}
