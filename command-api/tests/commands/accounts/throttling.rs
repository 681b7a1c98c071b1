//! Guessing passwords is limited, and nobody can lock another person out.

use axum::http::header;
use serde_json::json;
use ticketshow_http::{Limits, Quota};
use ticketshow_nats::clock;
use ticketshow_tests::{Nats, Postgres, eventually};

use crate::{
    bookings::mails::reset_token,
    fixture::{Answer, Call, Fixture, PASSWORD, Person, provisioned},
};

const STRANGER: &str = "203.0.113.1";
const HOME: &str = "198.51.100.1";

fn quota(text: &str) -> Quota {
    text.parse().unwrap()
}

fn log_in<'a>(fixture: &'a Fixture, person: &Person, network: &str, password: &str) -> Call<'a> {
    let body = json!({ "email": person.email, "password": password });
    fixture.post("/auth/login").header("x-forwarded-for", network).json(body)
}

async fn guess(fixture: &Fixture, person: &Person, network: &str) -> Answer {
    log_in(fixture, person, network, "a wrong password").send().await
}

#[tokio::test]
async fn wrong_passwords_from_one_network_do_not_lock_the_owner_out() {
    let limits = Limits { failed_logins_per_email: quota("3/15m"), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let ada = fixture.customer().await;
    let device =
        log_in(&fixture, &ada, STRANGER, PASSWORD).gives(200).await.cookie_named("ticketshow_device");
    for _ in 0..3 {
        assert_eq!(guess(&fixture, &ada, STRANGER).await.outcome(), (401, "bad-credentials"));
    }
    let stopped = guess(&fixture, &ada, STRANGER).await;
    assert_eq!(stopped.outcome(), (429, "too-many-requests"));
    assert!(stopped.headers.contains_key(header::RETRY_AFTER));

    log_in(&fixture, &ada, HOME, PASSWORD).gives(200).await;
    // A browser that has signed in before, in the very network of the stranger.
    log_in(&fixture, &ada, STRANGER, PASSWORD).header("cookie", &device).gives(200).await;
    // It has its own limit, and is no ticket to other accounts.
    for _ in 0..3 {
        log_in(&fixture, &ada, STRANGER, "a wrong password").header("cookie", &device).gives(401).await;
    }
    log_in(&fixture, &ada, STRANGER, "a wrong password").header("cookie", &device).gives(429).await;
    let bob = fixture.customer().await;
    for _ in 0..3 {
        log_in(&fixture, &bob, STRANGER, "a wrong password").header("cookie", &device).gives(401).await;
    }
    log_in(&fixture, &bob, STRANGER, "a wrong password").header("cookie", &device).gives(429).await;
}

#[tokio::test]
async fn many_networks_are_limited_together_and_a_reset_lets_the_owner_in_at_once() {
    let limits = Limits { failed_logins_per_account: quota("3/1h"), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let ada = fixture.customer().await;
    for network in 1..=3 {
        guess(&fixture, &ada, &format!("203.0.113.{network}")).await;
    }
    assert_eq!(guess(&fixture, &ada, "203.0.113.4").await.outcome(), (429, "too-many-requests"));
    log_in(&fixture, &ada, HOME, PASSWORD).gives(429).await;

    let token = reset_token(&fixture, &ada).await;
    let body = json!({ "token": token, "new_password": "another horse" });
    let reset = fixture.post("/auth/reset").header("x-forwarded-for", HOME).json(body).gives(204).await;
    log_in(&fixture, &ada, HOME, "another horse").gives(200).await;

    // The strangers go on, and the browser of the reset is not concerned.
    for network in 1..=9 {
        guess(&fixture, &ada, &format!("203.0.113.{network}")).await;
    }
    let device = reset.cookie_named("ticketshow_device");
    log_in(&fixture, &ada, HOME, "another horse").header("cookie", &device).gives(200).await;
}

#[tokio::test]
async fn a_browser_is_known_until_the_password_is_reset() {
    let limits = Limits { failed_logins_per_account: quota("1/1h"), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let ada = fixture.customer().await;
    let device = log_in(&fixture, &ada, HOME, PASSWORD).gives(200).await.cookie_named("ticketshow_device");
    let guess_with =
        |device: &str| log_in(&fixture, &ada, STRANGER, "a wrong password").header("cookie", device);
    for _ in 0..3 {
        guess_with(&device).gives(401).await;
    }

    let token = reset_token(&fixture, &ada).await;
    let body = json!({ "token": token, "new_password": "another horse" });
    let reset = fixture.post("/auth/reset").json(body).gives(204).await;
    guess_with(&device).gives(401).await;
    guess_with(&device).gives(429).await;
    guess_with(&reset.cookie_named("ticketshow_device")).gives(401).await;
}

#[tokio::test]
async fn a_session_changes_its_password_however_many_strangers_guess() {
    let limits = Limits { failed_logins_per_email: quota("1/15m"), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let ada = fixture.customer().await;
    guess(&fixture, &ada, STRANGER).await;
    let body = json!({ "current_password": PASSWORD, "new_password": "another horse" });
    let change = fixture.post("/auth/password").token(&ada.token).header("x-forwarded-for", STRANGER);
    change.json(body).gives(204).await;
}

#[tokio::test]
async fn others_do_not_use_up_the_reset_mails_of_an_account() {
    let limits = Limits { reset_mails_per_email: quota("1/1h"), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let ada = fixture.customer().await;
    let forgotten = |network: &str| {
        let call = fixture.post("/auth/forgotten").header("x-forwarded-for", network);
        call.json(json!({ "email": ada.email })).gives(202)
    };
    for network in [STRANGER, STRANGER, HOME] {
        forgotten(network).await;
    }
    eventually("a mail for each network", async || {
        (crate::bookings::mails::wanted(&fixture, ada.user).await.len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_network_guesses_at_few_accounts() {
    let limits = Limits { failed_logins_per_address: quota("2/1h"), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    for expected in [(401, "bad-credentials"), (401, "bad-credentials"), (429, "too-many-requests")] {
        let person = fixture.customer().await;
        assert_eq!(guess(&fixture, &person, STRANGER).await.outcome(), expected);
        log_in(&fixture, &person, HOME, PASSWORD).gives(200).await;
    }
}

#[tokio::test]
async fn many_networks_have_a_few_mails_sent_to_an_account_together() {
    let limits = Limits { reset_mails_per_account: quota("2/1h"), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let ada = fixture.customer().await;
    let body = json!({ "email": ada.email });
    let ask = |path: &'static str, network: &str| {
        fixture.post(path).header("x-forwarded-for", network).json(body.clone()).gives(202)
    };
    for network in 1..=6 {
        ask("/auth/forgotten", &format!("203.0.113.{network}")).await;
    }
    // Mails of each kind are counted for themselves.
    ask("/auth/code", HOME).await;
    let mails = async || crate::bookings::mails::wanted(&fixture, ada.user).await.len();
    eventually("two links and a code", async || (mails().await >= 3).then_some(())).await;
    assert_eq!(mails().await, 3);
}

#[tokio::test]
async fn one_network_has_a_few_mails_sent_to_all_accounts_together() {
    let limits = Limits { reset_mails_per_address: quota("2/1h"), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let ask = |path: &'static str, name: &str, network: &str| {
        let body = json!({ "email": format!("{name}-{}@example.org", clock::new_id()) });
        fixture.post(path).header("x-forwarded-for", network).json(body)
    };
    ask("/auth/forgotten", "ada", STRANGER).gives(202).await;
    ask("/auth/code", "bob", STRANGER).gives(202).await;
    for path in ["/auth/forgotten", "/auth/code"] {
        ask(path, "eve", STRANGER).gives(429).await;
        ask(path, "eve", HOME).gives(202).await;
    }
}

#[tokio::test]
async fn right_passwords_are_limited_too() {
    let fixture = Fixture::open_with(&Limits { logins_per_account: quota("3/15m"), ..Limits::OFF }).await;
    // Signs in once.
    let ada = fixture.customer().await;
    for _ in 0..2 {
        log_in(&fixture, &ada, HOME, PASSWORD).gives(200).await;
    }
    log_in(&fixture, &ada, HOME, PASSWORD).gives(429).await;
    fixture.customer().await;
}

#[tokio::test]
async fn a_password_that_could_not_be_checked_is_not_counted() {
    let mut nats = Nats::start().await;
    let postgres = Postgres::start().await;
    provisioned(&nats.url()).await;
    let limits = Limits { failed_logins_per_email: quota("1/1h"), ..Limits::OFF };
    let fixture = Fixture::open_at(&nats, &postgres, &limits).await;
    let ada = fixture.customer().await;

    nats.kill();
    for _ in 0..2 {
        log_in(&fixture, &ada, HOME, PASSWORD).gives(503).await;
    }
    nats.restart().await;
    eventually("signing in to work again", async || {
        let answer = log_in(&fixture, &ada, HOME, PASSWORD).send().await;
        assert_ne!(answer.status, 429);
        (answer.status == 200).then_some(())
    })
    .await;
}
