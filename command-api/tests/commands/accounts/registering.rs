//! Registering with a verified address, and signing in with a mailed code.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use ticketshow_domain::{AccountKey, Language, UserId, account::Account, mail::MailKind};
use ticketshow_http::{Limits, Quota};
use ticketshow_nats::{
    clock,
    executor::outcome::Freshness,
    kv::pending::{PendingRequest, PendingRequests, Purpose},
};
use ticketshow_tests::eventually;

use crate::{
    bookings::mails::wanted,
    fixture::{Answer, Call, Fixture, PASSWORD},
};

fn fresh_email() -> String {
    format!("ada-{}@example.org", clock::new_id())
}

fn registration(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "name": "Ada", "city": "Pune" })
}

async fn register(fixture: &Fixture, body: Value) -> PendingRequest {
    let account = fixture.edge.keys.account(body["email"].as_str().unwrap());
    let before = pending(fixture, Purpose::Registration, &account).await;
    fixture.post("/auth/register").json(body).gives(202).await;
    changed(fixture, Purpose::Registration, &account, before).await
}

async fn request_code(fixture: &Fixture, email: &str) -> String {
    let account = fixture.edge.keys.account(email);
    let before = pending(fixture, Purpose::SignIn, &account).await;
    fixture.post("/auth/code").json(json!({ "email": email })).gives(202).await;
    let request = changed(fixture, Purpose::SignIn, &account, before).await;
    fixture.edge.mailed_proofs.code(&account, request.nonce)
}

fn requests(fixture: &Fixture) -> PendingRequests {
    PendingRequests::new(&fixture.connection, u32::MAX)
}

async fn pending(fixture: &Fixture, purpose: Purpose, account: &AccountKey) -> Option<PendingRequest> {
    requests(fixture).get(purpose, account, clock::now()).await.unwrap()
}

async fn changed(
    fixture: &Fixture,
    purpose: Purpose,
    account: &AccountKey,
    before: Option<PendingRequest>,
) -> PendingRequest {
    eventually("a new request", async || {
        let now = pending(fixture, purpose, account).await;
        now.filter(|request| before.as_ref().is_none_or(|before| before.nonce != request.nonce))
    })
    .await
}

fn token(fixture: &Fixture, email: &str, request: &PendingRequest) -> String {
    fixture.edge.mailed_proofs.token(&fixture.edge.keys.account(email), request.nonce)
}

async fn verify(fixture: &Fixture, body: Value) -> Answer {
    fixture.post("/auth/verify").json(body).send().await
}

async fn log_in(fixture: &Fixture, email: &str, password: &str) -> Answer {
    fixture.post("/auth/login").json(json!({ "email": email, "password": password })).send().await
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn an_account_exists_once_its_address_is_verified_by_the_link() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let request = register(&fixture, registration(&email)).await;
    assert_eq!(log_in(&fixture, &email, PASSWORD).await.outcome(), (401, "bad-credentials"));

    let token = token(&fixture, &email, &request);
    let verified = verify(&fixture, json!({ "token": token })).await;
    assert_eq!(verified.outcome(), (204, ""));
    assert!(verified.position() > 0);
    let signed_in = log_in(&fixture, &email, PASSWORD).await;
    assert_eq!(
        (&signed_in.body["user"]["name"], &signed_in.body["user"]["city"]),
        (&json!("Ada"), &json!("Pune"))
    );
    // A link that is followed twice says the same.
    assert_eq!(verify(&fixture, json!({ "token": token })).await.outcome(), (204, ""));
}

#[tokio::test]
async fn an_account_exists_once_its_address_is_verified_by_the_code() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let request = register(&fixture, registration(&email)).await;
    let code = fixture.edge.mailed_proofs.code(&fixture.edge.keys.account(&email), request.nonce);
    let with = |code: &str| verify(&fixture, json!({ "email": email.to_uppercase(), "code": code }));
    assert_eq!(with(wrong(&code)).await.body["errors"][0]["pointer"], "/code");
    assert_eq!(with(&code).await.outcome(), (204, ""));
    assert_eq!(log_in(&fixture, &email, PASSWORD).await.outcome(), (200, ""));
}

/// Sends a proof as a page does.
fn from_a_page(fixture: &Fixture, body: Value) -> Call<'_> {
    fixture.post("/auth/verify").header("origin", "http://localhost:8000").json(body)
}

#[tokio::test]
async fn a_click_in_another_browser_opens_no_account_with_the_password_of_a_stranger() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    // The stranger registers the address of another person, who then follows the link in the mail.
    let request = register(&fixture, registration(&email)).await;
    let code = fixture.edge.mailed_proofs.code(&fixture.edge.keys.account(&email), request.nonce);
    let by_link = json!({ "token": token(&fixture, &email, &request) });
    for proof in [by_link.clone(), json!({ "email": email, "code": code })] {
        let refused = from_a_page(&fixture, proof).gives(422).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/password");
    }
    assert_eq!(log_in(&fixture, &email, PASSWORD).await.outcome(), (401, "bad-credentials"));

    let with = |password: &str| {
        let mut body = by_link.clone();
        body["password"] = password.into();
        from_a_page(&fixture, body)
    };
    let guessable = with("password").gives(422).await;
    assert_eq!(guessable.body["errors"][0]["pointer"], "/password");
    with("a horse of her own").gives(204).await;
    assert_eq!(log_in(&fixture, &email, PASSWORD).await.outcome(), (401, "bad-credentials"));
    assert_eq!(log_in(&fixture, &email, "a horse of her own").await.outcome(), (200, ""));
}

#[tokio::test]
async fn the_browser_that_registered_need_not_repeat_the_password() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let registered = fixture.post("/auth/register").json(registration(&email)).gives(202).await;
    let account = fixture.edge.keys.account(&email);
    let request = changed(&fixture, Purpose::Registration, &account, None).await;
    let body = json!({ "token": token(&fixture, &email, &request) });
    let mark = registered.cookie_named("ticketshow_browser");
    from_a_page(&fixture, body).header("cookie", &mark).gives(204).await;
    assert_eq!(log_in(&fixture, &email, PASSWORD).await.outcome(), (200, ""));
}

#[tokio::test]
async fn strangers_do_not_use_up_the_tries_of_the_browser_that_asked() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let asked = fixture.post("/auth/code").json(json!({ "email": email })).gives(202).await;
    let account = fixture.edge.keys.account(&email);
    let request = changed(&fixture, Purpose::SignIn, &account, None).await;
    let code = fixture.edge.mailed_proofs.code(&account, request.nonce);
    let sign_in = |code: &str| fixture.post("/auth/code/login").json(json!({ "email": email, "code": code }));
    for _ in 0..6 {
        sign_in(wrong(&code)).gives(401).await;
    }
    sign_in(&code).gives(401).await;
    sign_in(&code).header("cookie", &asked.cookie_named("ticketshow_browser")).gives(200).await;
}

#[tokio::test]
async fn codes_of_an_account_are_tried_a_few_times_a_day_by_browsers_that_it_does_not_know() {
    let fixture = Fixture::open_with(&Limits { code_tries_per_account: 7, ..Limits::OFF }).await;
    let ada = fixture.customer().await;
    let device = fixture.log_in(&ada.email).await.cookie_named("ticketshow_device");
    let sign_in =
        |code: &str| fixture.post("/auth/code/login").json(json!({ "email": ada.email, "code": code }));
    let first = request_code(&fixture, &ada.email).await;
    for _ in 0..5 {
        sign_in(wrong(&first)).gives(401).await;
    }
    let second = request_code(&fixture, &ada.email).await;
    for _ in 0..2 {
        sign_in(wrong(&second)).gives(401).await;
    }
    sign_in(&second).gives(401).await;
    let third = request_code(&fixture, &ada.email).await;
    sign_in(&third).gives(401).await;
    sign_in(&third).header("cookie", &device).gives(200).await;
    // A right code clears the count.
    sign_in(&request_code(&fixture, &ada.email).await).gives(200).await;
}

#[tokio::test]
async fn a_code_is_tried_five_times() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let request = register(&fixture, registration(&email)).await;
    let code = fixture.edge.mailed_proofs.code(&fixture.edge.keys.account(&email), request.nonce);
    for _ in 0..5 {
        verify(&fixture, json!({ "email": email, "code": wrong(&code) })).await;
    }
    assert_eq!(verify(&fixture, json!({ "email": email, "code": code })).await.outcome(), (422, "invalid"));

    let code = request_code(&fixture, &email).await;
    let sign_in = |code: &str| fixture.post("/auth/code/login").json(json!({ "email": email, "code": code }));
    for _ in 0..5 {
        assert_eq!(sign_in(wrong(&code)).send().await.outcome(), (401, "bad-credentials"));
    }
    assert_eq!(sign_in(&code).send().await.outcome(), (401, "bad-credentials"));
}

#[tokio::test]
async fn the_newest_mail_wins_and_forged_proofs_do_not() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let first = register(&fixture, registration(&email)).await;
    let second = register(&fixture, registration(&email)).await;
    for token in [token(&fixture, &email, &first), String::new(), "a.b.c".to_owned()] {
        let refused = verify(&fixture, json!({ "token": token })).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/token");
    }
    for neither in [json!({}), json!({ "email": email }), json!({ "token": "x", "code": "000000" })] {
        assert_eq!(verify(&fixture, neither).await.outcome(), (422, "invalid"));
    }
    let token = token(&fixture, &email, &second);
    assert_eq!(verify(&fixture, json!({ "token": token })).await.outcome(), (204, ""));
}

#[tokio::test]
async fn an_expired_registration_opens_no_account() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let request = register(&fixture, registration(&email)).await;
    let left = request.expires_at.duration_since(clock::now());
    assert!(left <= SignedDuration::from_hours(24) && left > SignedDuration::from_hours(23));

    let token = token(&fixture, &email, &request);
    let expired = PendingRequest { expires_at: clock::now(), ..request };
    let account = fixture.edge.keys.account(&email);
    requests(&fixture).put(Purpose::Registration, &account, &expired).await.unwrap();
    assert_eq!(verify(&fixture, json!({ "token": token })).await.outcome(), (422, "invalid"));
}

#[tokio::test]
async fn registering_does_not_tell_who_has_an_account() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let (known, unknown) = (registration(&ada.email), registration(&fresh_email()));
    let mut answers = Vec::new();
    for body in [known, unknown] {
        answers.push(fixture.post("/auth/register").json(body).gives(202).await);
    }
    assert_eq!(answers[0].body, answers[1].body);
    let mut names = answers.iter().map(|answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    });
    assert_eq!(names.next(), names.next());

    let mails = eventually("the mail to the owner", async || {
        let mails = wanted(&fixture, ada.user).await;
        (!mails.is_empty()).then_some(mails)
    })
    .await;
    let account = fixture.edge.keys.account(&ada.email);
    assert_eq!(mails[0].mail.matter, MailKind::AccountExists { account });
    assert_eq!(log_in(&fixture, &ada.email, PASSWORD).await.outcome(), (200, ""));
}

#[tokio::test]
async fn a_mail_to_an_unverified_address_holds_nothing_that_a_stranger_entered() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let mut body = registration(&email);
    body["name"] = "your card was charged, see evil.example".into();
    let request = register(&fixture, body).await;
    let mails = eventually("the mail", async || {
        let mails = wanted(&fixture, UserId(request.nonce)).await;
        (!mails.is_empty()).then_some(mails)
    })
    .await;
    let stored = serde_json::to_string(&mails[0].mail).unwrap();
    assert!(stored.contains(&email) && !stored.contains("evil"), "{stored}");
}

#[tokio::test]
async fn mails_to_an_address_without_an_account_are_in_the_language_of_the_page() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let account = fixture.edge.keys.account(&email);
    for (path, purpose, body) in [
        ("/auth/code", Purpose::SignIn, json!({ "email": email })),
        ("/auth/register", Purpose::Registration, registration(&email)),
    ] {
        for (accepted, language) in [("hi-IN,en;q=0.5", Some(Language::Hi)), ("fr", None)] {
            let before = pending(&fixture, purpose, &account).await;
            fixture.post(path).header("accept-language", accepted).json(body.clone()).gives(202).await;
            let request = changed(&fixture, purpose, &account, before).await;
            let mails = eventually("the mail", async || {
                let mails = wanted(&fixture, UserId(request.nonce)).await;
                (!mails.is_empty()).then_some(mails)
            })
            .await;
            assert_eq!(mails[0].mail.matter.language(), language, "{path} {accepted}");
        }
    }
}

#[tokio::test]
async fn the_code_to_an_account_is_in_the_language_that_it_has_chosen() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let chosen = json!({ "language": "hi" });
    fixture.call(Method::PATCH, "/me").token(&ada.token).json(chosen).gives(200).await;
    fixture
        .post("/auth/code")
        .header("accept-language", "en")
        .json(json!({ "email": ada.email }))
        .gives(202)
        .await;
    let mails = eventually("the mail", async || {
        let mails = wanted(&fixture, ada.user).await;
        (!mails.is_empty()).then_some(mails)
    })
    .await;
    assert_eq!(mails[0].mail.matter.language(), Some(Language::Hi));
}

#[tokio::test]
async fn a_key_is_not_reused_for_another_password() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let with = |body: Value| fixture.post("/auth/register").key("k").json(body);
    with(registration(&email)).gives(202).await;
    let account = fixture.edge.keys.account(&email);
    changed(&fixture, Purpose::Registration, &account, None).await;
    with(registration(&email)).gives(202).await;
    for (member, value) in [("password", "another horse"), ("name", "Eve")] {
        let mut other = registration(&email);
        other[member] = value.into();
        assert_eq!(with(other).send().await.outcome(), (422, "idempotency-key-reused"), "{member}");
    }
}

#[tokio::test]
async fn mails_to_an_address_are_limited() {
    let limits = Limits { reset_mails_per_email: "1/1h".parse::<Quota>().unwrap(), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let ada = fixture.customer().await;
    for _ in 0..3 {
        fixture.post("/auth/register").json(registration(&ada.email)).gives(202).await;
        fixture.post("/auth/code").json(json!({ "email": ada.email })).gives(202).await;
    }
    let mails = eventually("one mail of each kind", async || {
        let mails = wanted(&fixture, ada.user).await;
        (mails.len() >= 2).then_some(mails)
    })
    .await;
    assert_eq!(mails.len(), 2);
}

#[tokio::test]
async fn a_code_signs_in_once_and_opens_an_account_if_there_is_none() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let code = request_code(&fixture, &email).await;
    let sign_in = |code: &str| fixture.post("/auth/code/login").json(json!({ "email": email, "code": code }));
    let opened = sign_in(&code).gives(200).await;
    assert_eq!(opened.body["user"]["email"], email);
    fixture.post("/auth/refresh").header("cookie", &opened.cookie()).gives(200).await;
    assert_eq!(sign_in(&code).send().await.outcome(), (401, "bad-credentials"));

    let code = request_code(&fixture, &email).await;
    let again = sign_in(&code).gives(200).await;
    assert_eq!(again.body["user"]["user_id"], opened.body["user"]["user_id"]);
}

#[tokio::test]
async fn a_code_opens_no_account_with_the_password_of_a_stranger() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    register(&fixture, registration(&email)).await;
    let code = request_code(&fixture, &email).await;
    let body = json!({ "email": email, "code": code });
    fixture.post("/auth/code/login").json(body).gives(200).await;
    assert_eq!(log_in(&fixture, &email, PASSWORD).await.outcome(), (401, "bad-credentials"));
}

#[tokio::test]
async fn every_change_is_mailed_to_the_owner() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let body = json!({ "current_password": PASSWORD, "new_password": "another horse" });
    fixture.post("/auth/password").token(&ada.token).json(body).gives(204).await;
    let path = format!("/admin/accounts/{}/state", ada.user);
    let close = json!({ "disabled": true, "reason": "Stolen" });
    for body in [close, json!({ "disabled": false })] {
        fixture.call(axum::http::Method::PUT, &path).token(&fixture.admin).json(body).gives(204).await;
    }
    eventually("three mails", async || {
        let mails = wanted(&fixture, ada.user).await;
        let changes = mails.iter().filter(|entry| entry.mail.matter.kind() == "account_changed").count();
        (changes == 3).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_account_of_an_earlier_version_counts_as_verified() {
    let fixture = Fixture::open().await;
    // Registered by an event alone, as earlier versions did.
    let ada = fixture.customer().await;
    let account = fixture.edge.keys.account(&ada.email);
    assert_eq!(pending(&fixture, Purpose::Registration, &account).await, None);
    let seen = fixture.executor.state::<Account>(&account, Freshness::Fresh).await.unwrap();
    assert!(seen.state.profile.is_some());
    fixture.log_in(&ada.email).await;
}
