//! Second factors: setting, using and removing them.

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use ticketshow_command_api::StaffSessions;
use ticketshow_domain::account::Account;
use ticketshow_http::{Limits, Quota};
use ticketshow_nats::{
    clock,
    executor::outcome::Freshness,
    kv::pending::{PendingRequests, Purpose},
};
use ticketshow_tests::eventually;
use uuid::Uuid;

use crate::fixture::{Answer, Fixture, PASSWORD, Person};

/// Sets a second factor with the code of a step ago, so that those of this step and the next are still unused. Returns its
/// nonce and its recovery codes.
async fn set(fixture: &Fixture, person: &Person) -> (Uuid, Vec<String>) {
    let offered = fixture.post("/me/second-factor").token(&person.token).gives(201).await;
    let secret = offered.id("secret");
    assert!(offered.id("otpauth_url").contains(&format!("secret={secret}&")), "{offered:?}");
    let codes = offered.body["recovery_codes"].as_array().unwrap().iter();
    let codes: Vec<_> = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);

    let account = fixture.edge.keys.account(&person.email);
    let requests = PendingRequests::new(&fixture.connection, u32::MAX);
    let pending = requests.get(Purpose::SecondFactor, &account, clock::now()).await.unwrap();
    let nonce = pending.unwrap().nonce;
    assert_eq!(fixture.edge.second_factors.secret(nonce), secret);
    let confirm = |otp: String| {
        fixture.post("/me/second-factor/confirm").token(&person.token).json(json!({ "otp": otp }))
    };
    assert_eq!(confirm("1".to_owned()).send().await.body["errors"][0]["pointer"], "/otp");
    confirm(otp(fixture, nonce, -30)).gives(204).await;
    (nonce, codes)
}

/// The code that an authenticator shows some seconds from now.
fn otp(fixture: &Fixture, nonce: Uuid, seconds: i64) -> String {
    let at: Timestamp = clock::now() + SignedDuration::from_secs(seconds);
    fixture.edge.second_factors.otp(nonce, at)
}

async fn log_in(fixture: &Fixture, body: Value) -> Answer {
    fixture.post("/auth/login").json(body).send().await
}

#[tokio::test]
async fn a_sign_in_needs_the_second_factor_and_each_code_works_once() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let (nonce, _) = set(&fixture, &ada).await;

    let first = log_in(&fixture, json!({ "email": ada.email, "password": PASSWORD })).await;
    assert_eq!(first.outcome(), (401, "second-factor-needed"));
    assert!(!first.headers.contains_key("set-cookie"));
    let challenge = first.id("challenge");
    let second =
        |otp: &str| log_in(&fixture, json!({ "email": ada.email, "challenge": challenge, "otp": otp }));
    assert_eq!(second("12345").await.outcome(), (401, "bad-credentials"));
    let code = otp(&fixture, nonce, 30);
    assert_eq!(second(&code).await.outcome(), (200, ""));
    assert_eq!(second(&code).await.outcome(), (401, "bad-credentials"), "a code that was seen is worthless");

    let bob = fixture.customer().await;
    let forged = json!({ "email": bob.email, "challenge": challenge });
    assert_eq!(log_in(&fixture, forged).await.outcome(), (401, "bad-credentials"));
    let wrong = json!({ "email": ada.email, "password": "a wrong password", "otp": code });
    assert_eq!(log_in(&fixture, wrong).await.outcome(), (401, "bad-credentials"));
}

#[tokio::test]
async fn a_recovery_code_signs_in_once() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let (_, codes) = set(&fixture, &ada).await;
    let with = |code: &str| {
        log_in(&fixture, json!({ "email": ada.email, "password": PASSWORD, "recovery_code": code }))
    };
    assert_eq!(with(&codes[3].to_lowercase()).await.outcome(), (200, ""));
    assert_eq!(with(&codes[3]).await.outcome(), (401, "bad-credentials"));
    assert_eq!(with(&codes[4]).await.outcome(), (200, ""));
}

#[tokio::test]
async fn guessing_codes_is_limited() {
    let limits = Limits { failed_logins_per_email: "3/15m".parse::<Quota>().unwrap(), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let ada = fixture.customer().await;
    set(&fixture, &ada).await;
    let body = json!({ "email": ada.email, "password": PASSWORD, "otp": "12345" });
    for _ in 0..3 {
        assert_eq!(log_in(&fixture, body.clone()).await.outcome(), (401, "bad-credentials"));
    }
    assert_eq!(log_in(&fixture, body).await.outcome(), (429, "too-many-requests"));
}

#[tokio::test]
async fn a_second_factor_is_removed_by_a_confirmed_session() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let (nonce, _) = set(&fixture, &ada).await;
    let again = fixture.post("/me/second-factor").token(&ada.token).send().await;
    assert_eq!(again.outcome(), (409, "second-factor-set"));
    let confirm = fixture.post("/auth/confirm").token(&ada.token);
    confirm.json(json!({ "otp": otp(&fixture, nonce, 30) })).gives(204).await;
    fixture.call(Method::DELETE, "/me/second-factor").token(&ada.token).gives(204).await;
    fixture.log_in(&ada.email).await;
}

#[tokio::test]
async fn a_second_factor_that_is_set_or_removed_ends_all_other_sessions() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let refresh = |cookie: String| fixture.post("/auth/refresh").header("cookie", &cookie).gives(401);
    let elsewhere = fixture.log_in(&ada.email).await.cookie();
    let (_, codes) = set(&fixture, &ada).await;
    refresh(elsewhere).await;

    let body = json!({ "email": ada.email, "password": PASSWORD, "recovery_code": codes[0] });
    let elsewhere = fixture.post("/auth/login").json(body).gives(200).await.cookie();
    fixture.call(Method::DELETE, "/me/second-factor").token(&ada.token).gives(204).await;
    refresh(elsewhere).await;
    // The session that did both goes on.
    let rename = fixture.call(Method::PATCH, "/me").token(&ada.token).json(json!({ "name": "Countess" }));
    assert_ne!(rename.send().await.status, 401);
}

#[tokio::test]
async fn the_log_holds_neither_the_secret_nor_the_recovery_codes() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let (nonce, codes) = set(&fixture, &ada).await;
    let account = fixture.edge.keys.account(&ada.email);
    let seen = fixture.executor.state::<Account>(&account, Freshness::Fresh).await.unwrap();
    let stored = serde_json::to_string(&seen.state).unwrap();
    assert!(stored.contains(&nonce.to_string()));
    assert!(!stored.contains(&fixture.edge.second_factors.secret(nonce)) && !stored.contains(&codes[0]));
}

#[tokio::test]
async fn a_mailed_code_alone_signs_no_administrator_in_where_a_second_factor_is_demanded() {
    for demanded in [true, false] {
        let rules = StaffSessions { second_factor: demanded, ..StaffSessions::default() };
        let fixture = Fixture::open_with_rules(rules).await;
        let email = &fixture.admin_email;
        fixture.post("/auth/code").json(json!({ "email": email })).gives(202).await;
        let (account, requests) =
            (fixture.edge.keys.account(email), PendingRequests::new(&fixture.connection, u32::MAX));
        let request = eventually("the request", async || {
            requests.get(Purpose::SignIn, &account, clock::now()).await.unwrap()
        })
        .await;
        let code = fixture.edge.mailed_proofs.code(&account, request.nonce);
        let signed_in = fixture.post("/auth/code/login").json(json!({ "email": email, "code": code }));
        let expected = if demanded { (403, "second-factor-missing") } else { (200, "") };
        assert_eq!(signed_in.send().await.outcome(), expected);
    }
}

#[tokio::test]
async fn administrators_need_a_second_factor_where_it_is_demanded() {
    let rules = StaffSessions { second_factor: true, ..StaffSessions::default() };
    let fixture = Fixture::open_with_rules(rules).await;
    let show =
        || json!({ "title": "Dune", "description": "", "duration_minutes": 150, "language": "English" });
    assert_eq!(fixture.ask("/shows").json(show()).send().await.outcome(), (403, "second-factor-missing"));
    let (email, token) = (fixture.admin_email.clone(), fixture.admin.clone());
    let user = fixture.edge.tokens.check(&token, clock::now()).unwrap().user;
    let admin = Person { user, email, token };
    set(&fixture, &admin).await;
    fixture.ask("/shows").json(show()).gives(201).await;
}
