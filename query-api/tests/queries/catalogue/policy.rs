//! Limits and time windows for pages.

use insta::assert_json_snapshot;

use crate::fixture::TestApi;

#[tokio::test]
async fn anyone_may_read_the_limits_and_the_currency() {
    let api = TestApi::open().await;
    let policy = api.get("/policy").await.expect(200);
    assert_json_snapshot!(policy.json(), @r#"
    {
      "booking_seats_max": 10,
      "cancel_cutoff_seconds": 7200,
      "card_min": {
        "amount_minor": 50,
        "currency": "INR"
      },
      "currency": {
        "code": "INR",
        "decimals": 2
      },
      "customer_seats_max": 40,
      "extension_seconds": 600,
      "has_waiting_lists": true,
      "hold_seconds": 480,
      "holds_max": 3,
      "languages": [
        "en",
        "hi"
      ],
      "offer_seconds": 900,
      "pass_kinds": [],
      "passes": false,
      "screen_seats_max": 10000,
      "sends_reminders": true,
      "ticket_types": [
        "standard",
        "adult",
        "child",
        "senior",
        "student",
        "companion"
      ],
      "ticket_types_max": 20,
      "top_up_max": {
        "amount_minor": 5000000,
        "currency": "INR"
      },
      "top_up_min": {
        "amount_minor": 100,
        "currency": "INR"
      }
    }
    "#);
    api.call("/policy", &[("if-none-match", policy.header("etag"))]).await.expect(304);
}
