//! Sessions of staff and administrators end early, and need a fresh confirmation for money, roles and cascades.

use axum::http::Method;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};
use ticketshow_domain::UserId;
use ticketshow_http::Caller;
use ticketshow_nats::{
    clock,
    kv::sessions::{Session, Sessions, TokenHash},
};
use uuid::Uuid;

use crate::fixture::{Call, Fixture, PASSWORD, Person};

const SECRET: [u8; 32] = [9; 32];

fn ago(minutes: i64) -> Timestamp {
    clock::now() - SignedDuration::from_mins(minutes)
}

/// Begins a session in the past. Returns its access token and its cookie.
async fn session(
    fixture: &Fixture,
    person: &Person,
    created_at: Timestamp,
    used_at: Timestamp,
) -> (String, String) {
    let Caller { account, role, user, .. } = fixture.edge.tokens.check(&person.token, clock::now()).unwrap();
    let session = Session {
        id: clock::new_id(),
        account: account.clone(),
        user,
        token: TokenHash(Sha256::digest(SECRET).into()),
        spent: None,
        created_at,
        used_at,
        expires_at: clock::now() + SignedDuration::from_hours(24),
        user_agent: None,
        password: None,
        confirmed_at: None,
        rotations: 0,
    };
    Sessions::new(&fixture.connection).create(&session).await.unwrap();
    let cookie = format!("ticketshow_refresh={account}.{}.{}", session.id, URL_SAFE_NO_PAD.encode(SECRET));
    let caller = Caller { user, account, role, session: session.id, second_factor: false };
    (fixture.edge.tokens.issue(&caller, clock::now()), cookie)
}

fn credit<'a>(fixture: &'a Fixture, token: &str, to: UserId) -> Call<'a> {
    let amount = json!({ "amount_minor": 100, "currency": "INR" });
    let call = fixture.post(&format!("/admin/wallets/{to}/credits")).token(token);
    call.json(json!({ "amount": amount, "reason": "Goodwill" }))
}

fn refresh<'a>(fixture: &'a Fixture, cookie: &str) -> Call<'a> {
    fixture.post("/auth/refresh").header("cookie", cookie)
}

#[tokio::test]
async fn money_needs_a_sign_in_or_a_confirmation_of_the_last_five_minutes() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.administrator().await, fixture.customer().await);
    let (fresh, _) = session(&fixture, &ada, ago(4), ago(4)).await;
    credit(&fixture, &fresh, bob.user).gives(201).await;

    let (stale, _) = session(&fixture, &ada, ago(6), ago(1)).await;
    assert_eq!(credit(&fixture, &stale, bob.user).send().await.outcome(), (403, "confirmation-needed"));
    let grant = || {
        let call = fixture.call(Method::PUT, &format!("/admin/accounts/{}/role", bob.user)).token(&stale);
        call.json(json!({ "role": "staff" }))
    };
    assert_eq!(grant().send().await.outcome(), (403, "confirmation-needed"));
    // Calls about other things than money, roles and cascades are still allowed.
    let show = json!({ "title": "Dune", "description": "", "duration_minutes": 150, "language": "English" });
    fixture.post("/shows").token(&stale).json(show).gives(201).await;

    let confirm =
        |password: &str| fixture.post("/auth/confirm").token(&stale).json(json!({ "password": password }));
    let wrong = confirm("a wrong password").gives(422).await;
    assert_eq!(wrong.body["errors"][0]["pointer"], "/password");
    assert_eq!(credit(&fixture, &stale, bob.user).send().await.outcome(), (403, "confirmation-needed"));
    confirm(PASSWORD).gives(204).await;
    credit(&fixture, &stale, bob.user).gives(201).await;
    grant().gives(200).await;
}

/// The routes of money, roles, closed accounts, second factors, erased buyers and cascades, and the one that discards a step of one.
fn grave_acts() -> Vec<(Method, String)> {
    let some = Uuid::from_u128(7);
    [
        (Method::POST, format!("/admin/wallets/{some}/credits")),
        (Method::POST, format!("/admin/wallets/{some}/credits/{some}/approval")),
        (Method::POST, format!("/admin/payments/{some}/decision")),
        (Method::POST, format!("/admin/refunds/{some}/retry")),
        (Method::POST, format!("/admin/refunds/{some}/to-wallet")),
        (Method::PUT, format!("/admin/accounts/{some}/role")),
        (Method::PUT, format!("/admin/accounts/{some}/state")),
        (Method::DELETE, format!("/admin/bookings/{some}/customer")),
        (Method::POST, format!("/admin/cascades/{some}/retry")),
        (Method::DELETE, "/admin/parked/payment-1".to_owned()),
        (Method::DELETE, format!("/screenings/{some}")),
        (Method::DELETE, format!("/shows/{some}")),
        (Method::DELETE, format!("/venues/{some}")),
        (Method::POST, "/me/second-factor".to_owned()),
        (Method::DELETE, "/me/second-factor".to_owned()),
    ]
    .into()
}

#[tokio::test]
async fn every_grave_act_needs_a_fresh_confirmation() {
    let fixture = Fixture::open().await;
    let ada = fixture.administrator().await;
    let (stale, _) = session(&fixture, &ada, ago(6), ago(1)).await;
    for (method, path) in grave_acts() {
        let call = |token: &str| fixture.call(method.clone(), &path).token(token).json(json!({}));
        let refused = call(&stale).send().await;
        assert_eq!(refused.outcome(), (403, "confirmation-needed"), "{method} {path}");
        assert_ne!(call(&ada.token).send().await.slug(), "confirmation-needed", "{method} {path}");
    }
}

#[tokio::test]
async fn staff_and_administrators_are_signed_out_after_half_an_hour_without_activity() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.administrator().await, fixture.customer().await);
    let (token, cookie) = session(&fixture, &ada, ago(60), ago(29)).await;
    fixture.post("/shows").token(&token).json(json!({})).gives(422).await;
    refresh(&fixture, &cookie).gives(200).await;

    let (token, cookie) = session(&fixture, &ada, ago(60), ago(31)).await;
    fixture.post("/shows").token(&token).json(json!({})).gives(401).await;
    assert_eq!(refresh(&fixture, &cookie).send().await.outcome(), (401, "session-ended"));
    let (_, cookie) = session(&fixture, &bob, ago(60 * 24), ago(60 * 24)).await;
    refresh(&fixture, &cookie).gives(200).await;
}

#[tokio::test]
async fn staff_and_administrators_are_signed_out_after_twelve_hours() {
    let fixture = Fixture::open().await;
    let ada = fixture.administrator().await;
    let (_, cookie) = session(&fixture, &ada, ago(12 * 60 - 1), ago(1)).await;
    refresh(&fixture, &cookie).gives(200).await;
    let (token, cookie) = session(&fixture, &ada, ago(12 * 60 + 1), ago(1)).await;
    fixture.post("/shows").token(&token).json(json!({})).gives(401).await;
    refresh(&fixture, &cookie).gives(401).await;
}
