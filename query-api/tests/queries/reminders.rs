//! The choice about reminders.

use serde_json::json;

use crate::fixture::{ADA, TestApi};

const OFF: &str = "INSERT INTO reminder_choices (account_key, wanted) SELECT account_key, false FROM accounts
                   WHERE user_id = 'ac000000-0000-0000-0000-000000000001'";

#[tokio::test]
async fn reminders_are_on_until_they_are_turned_off() {
    let api = TestApi::open().await;
    assert_eq!(api.get_as(ADA, "/me").await.expect(200).json()["reminders"], json!(true));
    api.project(101, OFF).await;
    assert_eq!(api.get_as(ADA, "/me").await.expect(200).json()["reminders"], json!(false));
}

#[tokio::test]
async fn a_mail_program_that_opens_the_address_is_led_to_the_page() {
    let api = TestApi::open().await;
    let led = api.get("/reminders/unsubscribe?token=0a1b.2c3d").await.expect(303);
    assert_eq!(led.header("location"), "/reminders#token=0a1b.2c3d");
    let long = "a".repeat(201);
    for wrong in ["", "?token=", "?token=a%0d%0ab", "?token=//evil.example", &format!("?token={long}")] {
        assert_eq!(api.get(&format!("/reminders/unsubscribe{wrong}")).await.expect(404).slug(), "not-found");
    }
}
