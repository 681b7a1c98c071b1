//! Places on waiting lists, as their customers see them.

use serde_json::{Value, json};

use crate::fixture::{ADA, BOB, TestApi};

#[tokio::test]
async fn a_customer_sees_places_in_line_and_seats_that_are_offered() {
    let api = TestApi::open().await;
    let listed = api.get_as(ADA, "/me/waiting-list").await.expect(200).json();
    let places = listed["items"].as_array().unwrap();
    assert_eq!(places.len(), 2, "{listed}");
    let (offered, waiting) = (&places[0], &places[1]);
    assert_eq!(
        *waiting,
        json!({
            "place_id": "9a000000-0000-0000-0000-000000000002",
            "screening_id": "5e000000-0000-0000-0000-000000000001",
            "show_title": "Monsoon", "venue_name": "Rex", "city": "Mumbai",
            "starts_at": "2026-11-23T18:30:00+05:30",
            "status": "waiting", "seats": 1, "categories": ["gold"], "wheelchair": false, "position": 2,
            "booking_id": null, "held_until": null, "created_at": "2026-11-22T08:10:00Z",
        })
    );
    assert_eq!((&offered["status"], &offered["position"]), (&json!("offered"), &Value::Null));
    assert_eq!(offered["booking_id"], json!("b0000000-0000-0000-0000-000000000001"));
    assert_eq!(offered["held_until"], json!("2026-11-22T10:05:00Z"));

    let listed = api.get_as(BOB, "/me/waiting-list").await.expect(200).json();
    assert_eq!((&listed["items"][0]["position"], &listed["items"][1]), (&json!(1), &Value::Null));
    api.get("/me/waiting-list").await.expect(401);
}
