//! Accounts: registering, signing in, staying signed in, signing out.

use axum::http::{Method, header};
use serde_json::json;
use ticketshow_http::{Limits, Quota};

use ticketshow_domain::{
    UserId,
    account::{Account, Command, Role},
    mail::{AccountChange, MailKind},
};
use ticketshow_nats::{
    clock,
    consumers::mail::MailEntry,
    executor::outcome::Freshness,
    log::metadata::{Actor, Metadata},
};
use ticketshow_tests::eventually;

use crate::{
    accounts::authority::execute,
    bookings::mails::wanted,
    fixture::{Fixture, PASSWORD},
};

fn registration(email: &str) -> serde_json::Value {
    json!({ "email": email, "password": PASSWORD, "name": " Ada ", "city": "Pune" })
}

fn fresh_email() -> String {
    format!("ada-{}@example.org", clock::new_id())
}

#[tokio::test]
async fn an_email_has_one_account_regardless_of_letter_case() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let opened = fixture.ask("/admin/accounts").json(registration(&email.to_uppercase())).gives(201).await;
    assert!(opened.position() > 0);
    assert_eq!(
        opened.body,
        json!({ "user_id": opened.id("user_id"), "email": email, "name": "Ada", "city": "Pune", "role": "customer" })
    );

    let again = fixture.ask("/admin/accounts").json(registration(&format!(" {email} "))).send().await;
    assert_eq!(again.outcome(), (409, "email-taken"));
}

#[tokio::test]
async fn names_are_stored_as_they_look_also_those_that_are_sealed() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let mut typed = registration(&email);
    typed["name"] = " Zoe\u{308}\u{a0}\u{a0}Kaur ".into();
    typed["city"] = " Me\u{301}rida ".into();
    let opened = fixture.ask("/admin/accounts").json(typed).gives(201).await;
    assert_eq!((&opened.body["name"], &opened.body["city"]), (&json!("Zoë Kaur"), &json!("Mérida")));
    let signed_in = fixture.log_in(&email).await;
    let user = &signed_in.body["user"];
    assert_eq!((&user["name"], &user["city"]), (&json!("Zoë Kaur"), &json!("Mérida")));

    for name in ["\u{fe0f}", "\u{301}", "\u{3164}", &format!("Z{}", "\u{301}".repeat(60))] {
        let mut hidden = registration(&fresh_email());
        hidden["name"] = name.into();
        let refused = fixture.ask("/admin/accounts").json(hidden).gives(422).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/name", "{name:?}");
    }
}

#[tokio::test]
async fn an_address_has_one_account_however_a_browser_writes_its_domain() {
    let fixture = Fixture::open().await;
    let local = fresh_email().replace("@example.org", "");
    let typed = format!("{local}@Müller-Kino.example");
    let opened = fixture.ask("/admin/accounts").json(registration(&typed)).gives(201).await;
    assert_eq!(opened.body["email"], format!("{local}@xn--mller-kino-9db.example"));
    let again = fixture.ask("/admin/accounts").json(registration(&opened.id("email"))).send().await;
    assert_eq!(again.outcome(), (409, "email-taken"));
    for typed in [typed, opened.id("email")] {
        assert_eq!(fixture.log_in(&typed).await.status, 200, "{typed}");
    }
}

#[tokio::test]
async fn an_account_that_an_older_version_kept_as_it_was_typed_is_found() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let key = fixture.edge.keys.account(&ada.email);
    let seen = fixture.executor.state::<Account>(&key, Freshness::Fresh).await.unwrap();
    let password_hash = seen.state.profile.unwrap().password_hash;
    let typed = format!("{}@müller-kino.example", fresh_email().replace("@example.org", ""));
    let older = fixture.edge.keys.older_account(&typed).unwrap();
    let user = UserId(clock::new_id());
    // New addresses are in ASCII; what the older version kept is the key.
    let (email, name, role) = (ada.email.as_str().into(), "Ada".into(), Role::Customer);
    let command =
        Command::RegisterAccount { user, email, name, city: None, password_hash, role, fingerprint: None };
    let metadata = Metadata {
        time: clock::now(),
        actor: Actor::System,
        correlation: clock::new_id(),
        causation: None,
        trace: None,
    };
    fixture.executor.execute(&older, command, metadata, |_: &Account| ()).await.unwrap();

    for email in [typed.clone(), typed.replace("müller-kino", "xn--mller-kino-9db")] {
        let signed_in = fixture.log_in(&email).await;
        assert_eq!(signed_in.body["user"]["user_id"], user.to_string(), "{email}");
        let again = fixture.ask("/admin/accounts").json(registration(&email)).send().await;
        assert_eq!(again.outcome(), (409, "email-taken"));
    }
}

#[tokio::test]
async fn a_repeated_account_of_an_administrator_gets_the_first_answer() {
    let fixture = Fixture::open().await;
    let email = fresh_email();
    let open = |body| fixture.ask("/admin/accounts").key("k").json(body);
    let first = open(registration(&email)).gives(201).await;
    let token = fixture.log_in(&email).await.id("access_token");
    fixture.call(Method::PATCH, "/me").token(&token).json(json!({ "name": "Bob" })).gives(200).await;

    assert_eq!(open(registration(&email)).gives(201).await.body, first.body);
    let mut other = registration(&email);
    other["name"] = "Eve".into();
    assert_eq!(open(other).send().await.outcome(), (422, "idempotency-key-reused"));
    fixture.post("/admin/accounts").token(&token).json(registration(&fresh_email())).gives(403).await;
}

#[tokio::test]
async fn invalid_values_are_reported_with_pointers() {
    let fixture = Fixture::open().await;
    for (member, value) in
        [("email", "nobody"), ("password", "short"), ("password", "password1"), ("name", " ")]
    {
        let mut body = registration(&fresh_email());
        body[member] = value.into();
        let refused = fixture.post("/auth/register").json(body).send().await;
        assert_eq!(refused.outcome(), (422, "invalid"));
        assert_eq!(refused.body["errors"][0]["pointer"], format!("/{member}"));
    }
}

#[tokio::test]
async fn an_unknown_email_and_a_wrong_password_get_the_same_answer() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let try_in = async |email: &str, password: &str| {
        fixture.post("/auth/login").json(json!({ "email": email, "password": password })).send().await
    };
    let (wrong, unknown) = (try_in(&ada.email, "wrong horse").await, try_in("nobody@example.org", "x").await);
    assert_eq!(wrong.outcome(), (401, "bad-credentials"));
    assert_eq!(wrong.body, unknown.body);
}

#[tokio::test]
async fn wrong_passwords_are_limited_and_right_ones_are_not() {
    let quota: Quota = "3/15m".parse().unwrap();
    let fixture = Fixture::open_with(&Limits { failed_logins_per_email: quota, ..Limits::OFF }).await;
    let ada = fixture.customer().await;
    for _ in 0..5 {
        fixture.log_in(&ada.email).await;
    }
    let guess = || fixture.post("/auth/login").json(json!({ "email": ada.email, "password": "wrong horse" }));
    for _ in 0..3 {
        guess().gives(401).await;
    }
    let stopped = guess().gives(429).await;
    assert!(stopped.headers.contains_key(header::RETRY_AFTER));
    fixture.post("/auth/login").json(json!({ "email": ada.email, "password": PASSWORD })).gives(429).await;
    fixture.customer().await;
}

#[tokio::test]
async fn registrations_from_one_address_are_limited() {
    let quota: Quota = "2/1h".parse().unwrap();
    let fixture = Fixture::open_with(&Limits { registrations_per_address: quota, ..Limits::OFF }).await;
    for _ in 0..2 {
        fixture.post("/auth/register").json(registration(&fresh_email())).gives(202).await;
    }
    fixture.post("/auth/register").json(registration(&fresh_email())).gives(429).await;
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_gets_the_same_token_again() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let signed_in = fixture.log_in(&ada.email).await;
    assert_eq!(signed_in.body["token_type"], "Bearer");
    assert_eq!(signed_in.body["expires_in"], 600);
    let set = signed_in.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/api/v1/auth"));

    let refresh = |cookie: String| fixture.post("/auth/refresh").header("cookie", &cookie);
    let refreshed = refresh(signed_in.cookie()).gives(200).await;
    assert_eq!(refreshed.body["user"]["email"], ada.email);
    assert_ne!(refreshed.cookie(), signed_in.cookie());

    // A repeat or another tab a moment later.
    let repeated = refresh(signed_in.cookie()).gives(200).await;
    assert_eq!(repeated.cookie(), refreshed.cookie());
}

#[tokio::test]
async fn a_stolen_token_is_noticed_however_often_the_thief_has_refreshed_it() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let signed_in = fixture.log_in(&ada.email).await;
    let refresh = |cookie: String| fixture.post("/auth/refresh").header("cookie", &cookie);
    let mut thief = signed_in.cookie();
    for _ in 0..5 {
        thief = refresh(thief).gives(200).await.cookie();
    }

    let owner = refresh(signed_in.cookie()).send().await;
    assert_eq!(owner.outcome(), (401, "session-ended"));
    assert_eq!(refresh(thief).send().await.outcome(), (401, "session-ended"));
    eventually("the mail to the owner", async || {
        let mails = wanted(&fixture, ada.user).await;
        let stolen = |mail: &MailEntry| {
            let change = AccountChange::SessionStolen;
            matches!(&mail.mail.matter, MailKind::AccountChanged { change: found, .. } if *found == change)
        };
        mails.iter().any(stolen).then_some(())
    })
    .await;
}

#[tokio::test]
async fn changes_of_an_account_are_mailed_a_few_times_an_hour() {
    let fixture =
        Fixture::open_with(&Limits { mails_per_user: "2/1h".parse().unwrap(), ..Limits::OFF }).await;
    let ada = fixture.customer().await;
    let refresh =
        |cookie: String, status| fixture.post("/auth/refresh").header("cookie", &cookie).gives(status);
    for _ in 0..4 {
        let stolen = fixture.log_in(&ada.email).await.cookie();
        let newer = refresh(stolen.clone(), 200).await.cookie();
        refresh(newer, 200).await;
        refresh(stolen, 401).await;
    }
    // A mail that was asked for after all of them.
    fixture.post("/auth/forgotten").json(json!({ "email": ada.email })).gives(202).await;
    let mails = eventually("the last mail", async || {
        let mails = wanted(&fixture, ada.user).await;
        let is_last = |mail: &MailEntry| matches!(mail.mail.matter, MailKind::PasswordReset { .. });
        mails.iter().any(is_last).then_some(mails)
    })
    .await;
    assert_eq!(mails.len(), 3, "{mails:?}");
}

#[tokio::test]
async fn an_invented_token_ends_no_session() {
    let fixture = Fixture::open().await;
    let cookie = fixture.log_in(&fixture.customer().await.email).await.cookie();
    let refresh = |cookie: &str| fixture.post("/auth/refresh").header("cookie", cookie);
    let fresh = refresh(&cookie).gives(200).await.cookie();
    let (known, _) = fresh.rsplit_once('.').unwrap();
    let invented = format!("{known}.{}", "A".repeat(43));
    refresh(&invented).gives(401).await;
    refresh(&fresh).gives(200).await;
}

#[tokio::test]
async fn a_session_begun_with_the_old_password_ends_even_if_it_was_missed() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let cookie = fixture.log_in(&ada.email).await.cookie();
    let account = fixture.edge.keys.account(&ada.email);
    let seen = fixture.executor.state::<Account>(&account, Freshness::Fresh).await.unwrap();
    let replaces = seen.state.profile.unwrap().password_hash;
    let new = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$bmV3".into();
    execute(&fixture, &ada, Command::ChangePassword { replaces, password_hash: new }).await;

    let refused = fixture.post("/auth/refresh").header("cookie", &cookie).send().await;
    assert_eq!(refused.outcome(), (401, "session-ended"));
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let fixture = Fixture::open().await;
    let signed_in = fixture.log_in(&fixture.customer().await.email).await;
    let out = fixture.post("/auth/logout").header("cookie", &signed_in.cookie()).gives(204).await;
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    fixture.post("/auth/refresh").header("cookie", &signed_in.cookie()).gives(401).await;
    fixture.post("/auth/logout").gives(204).await;
    fixture.post("/auth/refresh").gives(401).await;
}

#[tokio::test]
async fn pages_of_other_sites_cannot_use_the_cookie() {
    let fixture = Fixture::open().await;
    let cookie = fixture.log_in(&fixture.customer().await.email).await.cookie();
    for path in ["/auth/refresh", "/auth/logout"] {
        let foreign =
            fixture.post(path).header("cookie", &cookie).header("origin", "https://evil.org").send().await;
        assert_eq!(foreign.outcome(), (403, "foreign-origin"));
    }
    fixture
        .post("/auth/refresh")
        .header("cookie", &cookie)
        .header("origin", "http://localhost:8000")
        .gives(200)
        .await;
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let (here, elsewhere) = (fixture.log_in(&ada.email).await, fixture.log_in(&ada.email).await);
    let change = |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        fixture.post("/auth/password").token(&here.id("access_token")).json(body)
    };
    assert_eq!(
        change("wrong horse", "new horse 1").send().await.body["errors"][0]["pointer"],
        "/current_password"
    );
    assert_eq!(change(PASSWORD, "sunshine").send().await.body["errors"][0]["pointer"], "/new_password");
    assert_eq!(change(PASSWORD, "short").send().await.body["errors"][0]["pointer"], "/new_password");
    change(PASSWORD, "new horse 1").gives(204).await;

    fixture.post("/auth/refresh").header("cookie", &elsewhere.cookie()).gives(401).await;
    fixture.post("/auth/refresh").header("cookie", &here.cookie()).gives(200).await;
    fixture.post("/auth/login").json(json!({ "email": ada.email, "password": PASSWORD })).gives(401).await;
    fixture
        .post("/auth/login")
        .json(json!({ "email": ada.email, "password": "new horse 1" }))
        .gives(200)
        .await;
}

#[tokio::test]
async fn a_profile_is_updated_field_by_field() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    fixture.credit(&ada, 500).await;
    let change = |body| fixture.call(Method::PATCH, "/me").token(&ada.token).json(body);
    let moved = change(json!({ "city": "Pune" })).gives(200).await;
    assert_eq!(
        moved.body,
        json!({
            "user_id": ada.user, "email": ada.email, "name": "Ada", "city": "Pune", "role": "customer",
            "wallet_balance": { "amount_minor": 500, "currency": "INR" }, "reminders": true,
        })
    );
    let changed = change(json!({ "name": "Countess", "city": "" })).gives(200).await;
    assert_eq!((&changed.body["name"], &changed.body["city"]), (&json!("Countess"), &json!(null)));
    change(json!({ "role": "admin" })).gives(422).await;
    let hindi = change(json!({ "language": "hi" })).gives(200).await;
    assert_eq!((&hindi.body["language"], &hindi.body["name"]), (&json!("hi"), &json!("Countess")));
    change(json!({ "language": "xx" })).gives(422).await;
    let again = fixture.log_in(&ada.email).await;
    assert_eq!(again.body["user"]["language"], json!("hi"), "an app knows it at once");
}

#[tokio::test]
async fn sales_come_by_mail_to_those_who_want_them_and_may_read_them() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let choose = |token: &str, wanted: bool| {
        fixture.call(Method::PATCH, "/me").token(token).json(json!({ "sales_mail": wanted }))
    };
    assert_eq!(choose(&ada.token, true).gives(409).await.slug(), "no-sales");
    let all = json!({ "name": "Countess", "language": "hi", "sales_mail": true });
    let refused = fixture.call(Method::PATCH, "/me").token(&ada.token).json(all).gives(409).await;
    assert_eq!(refused.slug(), "no-sales");
    let same = fixture.log_in(&ada.email).await.body["user"].clone();
    assert_eq!((&same["name"], same.get("language")), (&json!("Ada"), None), "a refusal changes nothing");
    let path = format!("/admin/accounts/{}/role", ada.user);
    let accountant = json!({ "role": "accountant" });
    fixture.call(Method::PUT, &path).token(&fixture.admin).json(accountant).gives(200).await;
    let token = fixture.log_in(&ada.email).await.id("access_token");
    let on = choose(&token, true).gives(200).await;
    assert_eq!(on.body["sales_mail"], json!(true));
    assert_eq!(fixture.log_in(&ada.email).await.body["user"]["sales_mail"], json!(true));
    let off = choose(&token, false).gives(200).await;
    assert_eq!(off.body.get("sales_mail"), None);
}

#[tokio::test]
async fn callers_can_end_their_own_sessions_only() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let elsewhere = fixture.log_in(&ada.email).await;
    let session = elsewhere.cookie().split('.').nth(1).unwrap().to_owned();
    let end = |token: &str| fixture.call(Method::DELETE, &format!("/me/sessions/{session}")).token(token);
    end(&bob.token).gives(404).await;
    end(&ada.token).gives(204).await;
    end(&ada.token).gives(404).await;
    fixture.post("/auth/refresh").header("cookie", &elsewhere.cookie()).gives(401).await;
}
