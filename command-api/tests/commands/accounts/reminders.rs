//! Reminders are turned off and on by their readers, with and without an account.

use axum::http::Method;
use serde_json::json;
use ticketshow_domain::{AccountKey, account::Account};
use ticketshow_http::Limits;
use ticketshow_nats::executor::outcome::Freshness;

use crate::fixture::{Answer, Fixture};

async fn are_off(fixture: &Fixture, account: &AccountKey) -> bool {
    fixture.executor.state::<Account>(account, Freshness::Fresh).await.unwrap().state.reminders_off
}

async fn choose(fixture: &Fixture, token: &str, wanted: bool) -> Answer {
    let body = json!({ "token": token, "wanted": wanted });
    fixture.call(Method::PUT, "/reminders").json(body).send().await
}

#[tokio::test]
async fn the_link_of_a_reminder_turns_them_off_and_on_without_signing_in() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let keys = &fixture.edge.keys;
    // A buyer at the counter has no account.
    for account in [keys.account(&ada.email), keys.account(&format!("counter-{}", ada.email))] {
        let token = fixture.edge.reminder_tokens.token(&account);
        assert!(!are_off(&fixture, &account).await);
        assert_eq!(choose(&fixture, &token, false).await.status, 204);
        assert!(are_off(&fixture, &account).await);
        assert_eq!(choose(&fixture, &token, true).await.status, 204);
        assert!(!are_off(&fixture, &account).await);
        assert_eq!(choose(&fixture, &token, true).await.status, 204, "a repeat changes nothing");
    }
}

#[tokio::test]
async fn a_mail_program_unsubscribes_by_one_post_as_rfc_8058_says() {
    let fixture = Fixture::open().await;
    let account = fixture.edge.keys.account(&fixture.customer().await.email);
    let token = fixture.edge.reminder_tokens.token(&account);
    let path = format!("/reminders/unsubscribe?token={token}");
    let form = ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click".to_vec());
    for _ in 0..2 {
        let answer = fixture.post(&path).raw(form.0, form.1.clone()).send().await;
        assert_eq!(answer.status, 204, "{answer:?}");
        assert!(are_off(&fixture, &account).await);
    }
}

#[tokio::test]
async fn a_link_changes_the_choice_a_few_times_only() {
    let twice = "2/1h".parse().unwrap();
    let fixture = Fixture::open_with(&Limits { profile_changes_per_user: twice, ..Limits::OFF }).await;
    let [ada, bob] = ["ada@example.org", "bob@example.org"].map(|email| fixture.edge.keys.account(email));
    let token = fixture.edge.reminder_tokens.token(&ada);
    for wanted in [false, true] {
        assert_eq!(choose(&fixture, &token, wanted).await.status, 204);
    }
    assert_eq!(choose(&fixture, &token, false).await.outcome(), (429, "too-many-requests"));
    let answer = fixture.post(&format!("/reminders/unsubscribe?token={token}")).send().await;
    assert_eq!(answer.outcome(), (429, "too-many-requests"));
    assert!(!are_off(&fixture, &ada).await);
    let other = fixture.edge.reminder_tokens.token(&bob);
    assert_eq!(choose(&fixture, &other, false).await.status, 204, "others have quotas of their own");
}

#[tokio::test]
async fn a_forged_token_turns_nothing_off() {
    let fixture = Fixture::open().await;
    let account = fixture.edge.keys.account(&fixture.customer().await.email);
    let token = fixture.edge.reminder_tokens.token(&account);
    let other = fixture.edge.reminder_tokens.token(&AccountKey("0".repeat(32)));
    let (_, signature) = other.split_once('.').unwrap();
    for wrong in [String::new(), token[..token.len() - 1].to_owned(), format!("{account}.{signature}")] {
        assert_eq!(choose(&fixture, &wrong, false).await.outcome(), (404, "not-found"));
        let answer = fixture.post(&format!("/reminders/unsubscribe?token={wrong}")).send().await;
        assert_eq!(answer.outcome(), (404, "not-found"));
    }
    fixture.post("/reminders/unsubscribe").gives(404).await;
    assert!(!are_off(&fixture, &account).await);
}

#[tokio::test]
async fn the_profile_turns_them_off_too() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let account = fixture.edge.keys.account(&ada.email);
    let change = |body| fixture.call(Method::PATCH, "/me").token(&ada.token).json(body);
    assert_eq!(change(json!({ "reminders": false })).gives(200).await.body["reminders"], json!(false));
    assert!(are_off(&fixture, &account).await);
    assert_eq!(change(json!({ "city": "Pune" })).gives(200).await.body["reminders"], json!(false));
    assert_eq!(change(json!({ "reminders": true })).gives(200).await.body["reminders"], json!(true));
    change(json!({ "reminders": "no" })).gives(422).await;
}
