//! Roles, disabled accounts and ended sessions: permissions end at once.

use axum::http::Method;
use serde_json::json;
use ticketshow_command_api::{EnsureError, ensure_administrator};
use ticketshow_domain::{
    UserId,
    account::{Account, Command, Profile, Role},
};
use ticketshow_nats::{
    clock,
    executor::outcome::Freshness,
    log::metadata::{Actor, Metadata},
};

use crate::fixture::{Answer, Fixture, PASSWORD, Person};

async fn grant(fixture: &Fixture, by: &Person, to: UserId, role: &str) -> Answer {
    let call = fixture.call(Method::PUT, &format!("/admin/accounts/{to}/role")).token(&by.token);
    call.json(json!({ "role": role })).send().await
}

async fn set_state(fixture: &Fixture, user: UserId, body: serde_json::Value) -> Answer {
    let call = fixture.call(Method::PUT, &format!("/admin/accounts/{user}/state")).token(&fixture.admin);
    call.json(body).send().await
}

async fn profile(fixture: &Fixture, person: &Person) -> Profile {
    let account = fixture.edge.keys.account(&person.email);
    let seen = fixture.executor.state::<Account>(&account, Freshness::Fresh).await.unwrap();
    seen.state.profile.unwrap()
}

/// Sends the account a command without the handler that would also end its sessions.
pub async fn execute(fixture: &Fixture, person: &Person, command: Command) {
    let metadata = Metadata {
        time: clock::now(),
        actor: Actor::System,
        correlation: clock::new_id(),
        causation: None,
        trace: None,
    };
    let account = fixture.edge.keys.account(&person.email);
    fixture.executor.execute(&account, command, metadata, |_: &Account| ()).await.unwrap();
}

fn show() -> serde_json::Value {
    json!({ "title": "Dune", "description": "", "duration_minutes": 150, "language": "English" })
}

#[tokio::test]
async fn a_removed_administrator_does_not_take_the_role_back() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.administrator().await, fixture.administrator().await);
    fixture.post("/shows").token(&ada.token).json(show()).gives(201).await;

    assert_eq!(grant(&fixture, &bob, ada.user, "customer").await.outcome(), (200, ""));

    assert_eq!(grant(&fixture, &ada, ada.user, "admin").await.outcome(), (401, "unauthorized"));
    let credit = json!({ "amount": { "amount_minor": 1, "currency": "INR" }, "reason": "Mine" });
    let path = format!("/admin/wallets/{}/credits", ada.user);
    fixture.post(&path).token(&ada.token).json(credit).gives(401).await;
    assert_eq!(profile(&fixture, &ada).await.role, Role::Customer);
}

#[tokio::test]
async fn a_role_in_a_token_does_not_outlive_the_role() {
    let fixture = Fixture::open().await;
    let ada = fixture.administrator().await;
    execute(
        &fixture,
        &ada,
        Command::GrantRole { role: Role::Staff, venues: None, by: UserId(clock::new_id()) },
    )
    .await;
    fixture.post("/shows").token(&ada.token).json(show()).gives(403).await;
    let unknown = json!({ "code": "unknown" });
    fixture.post("/check-ins").token(&ada.token).json(unknown.clone()).gives(404).await;
    execute(
        &fixture,
        &ada,
        Command::GrantRole { role: Role::Customer, venues: None, by: UserId(clock::new_id()) },
    )
    .await;
    fixture.post("/check-ins").token(&ada.token).json(unknown).gives(403).await;
}

#[tokio::test]
async fn administrators_change_neither_their_own_role_nor_their_own_state() {
    let fixture = Fixture::open().await;
    let ada = fixture.administrator().await;
    assert_eq!(grant(&fixture, &ada, ada.user, "customer").await.outcome(), (409, "own-account"));
    let close = fixture.call(Method::PUT, &format!("/admin/accounts/{}/state", ada.user)).token(&ada.token);
    let refused = close.json(json!({ "disabled": true, "reason": "Holidays" })).send().await;
    assert_eq!(refused.outcome(), (409, "own-account"));
    fixture.post("/shows").token(&ada.token).json(show()).gives(201).await;
}

#[tokio::test]
async fn of_administrators_who_remove_each_other_at_once_one_remains() {
    let fixture = Fixture::open().await;
    let mut both = (fixture.administrator().await, fixture.administrator().await);
    for _ in 0..10 {
        let (ada, bob) = &both;
        tokio::join!(grant(&fixture, ada, bob.user, "customer"), grant(&fixture, bob, ada.user, "customer"),);
        let roles = (profile(&fixture, ada).await.role, profile(&fixture, bob).await.role);
        assert!(roles.0 == Role::Admin || roles.1 == Role::Admin);
        both = (fixture.administrator().await, fixture.administrator().await);
    }
}

#[tokio::test]
async fn a_changed_role_ends_the_sessions_of_its_account() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.administrator().await);
    let cookie = fixture.log_in(&ada.email).await.cookie();
    assert_eq!(grant(&fixture, &bob, ada.user, "staff").await.outcome(), (200, ""));
    fixture.post("/auth/refresh").header("cookie", &cookie).gives(401).await;
    assert_eq!(fixture.log_in(&ada.email).await.body["user"]["role"], "staff");
}

#[tokio::test]
async fn a_disabled_account_cannot_be_used_until_it_is_enabled() {
    let fixture = Fixture::open().await;
    let ada = fixture.administrator().await;
    let cookie = fixture.log_in(&ada.email).await.cookie();
    let refused = set_state(&fixture, ada.user, json!({ "disabled": true })).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/reason");

    let disable = json!({ "disabled": true, "reason": "The password was stolen." });
    set_state(&fixture, ada.user, disable.clone()).await;
    assert_eq!(set_state(&fixture, ada.user, disable).await.outcome(), (204, ""));

    let log_in = |password| {
        let body = json!({ "email": ada.email, "password": password });
        fixture.post("/auth/login").json(body)
    };
    assert_eq!(log_in("a wrong password").send().await.outcome(), (401, "bad-credentials"));
    assert_eq!(log_in(PASSWORD).send().await.outcome(), (403, "account-disabled"));
    fixture.post("/auth/refresh").header("cookie", &cookie).gives(401).await;
    fixture.post("/shows").token(&ada.token).json(show()).gives(401).await;

    assert_eq!(set_state(&fixture, ada.user, json!({ "disabled": false })).await.outcome(), (204, ""));
    log_in(PASSWORD).gives(200).await;
}

#[tokio::test]
async fn a_session_that_was_not_ended_does_not_serve_a_disabled_account() {
    let fixture = Fixture::open().await;
    let ada = fixture.administrator().await;
    let cookie = fixture.log_in(&ada.email).await.cookie();
    let by = UserId(clock::new_id());
    execute(&fixture, &ada, Command::DisableAccount { reason: "Stolen".into(), by }).await;
    fixture.post("/shows").token(&ada.token).json(show()).gives(403).await;
    let refused = fixture.post("/auth/refresh").header("cookie", &cookie).send().await;
    assert_eq!(refused.outcome(), (403, "account-disabled"));
}

#[tokio::test]
async fn an_administrator_signs_a_person_out_everywhere() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let cookie = fixture.log_in(&ada.email).await.cookie();
    let end = |token: &str| {
        fixture.call(Method::DELETE, &format!("/admin/accounts/{}/sessions", ada.user)).token(token)
    };
    end(&ada.token).gives(403).await;
    end(&fixture.admin).gives(204).await;
    fixture.post("/auth/refresh").header("cookie", &cookie).gives(401).await;
    fixture.log_in(&ada.email).await;
}

#[tokio::test]
async fn the_first_administrator_needs_a_good_password() {
    let fixture = Fixture::open().await;
    let email = format!("admin-{}@example.org", clock::new_id());
    for weak in ["x", "password"] {
        let refused = ensure_administrator(&fixture.state, &email, weak.to_owned()).await;
        assert!(matches!(refused, Err(EnsureError::Weak(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn the_settings_make_no_administrator_of_a_stranger_who_registered_the_address_first() {
    let fixture = Fixture::open().await;
    let stranger = fixture.customer().await;
    let ensure = |password: &str| ensure_administrator(&fixture.state, &stranger.email, password.to_owned());
    assert!(matches!(ensure("the operator's own").await, Err(EnsureError::OtherPassword)));
    assert_eq!(profile(&fixture, &stranger).await.role, Role::Customer);

    ensure(PASSWORD).await.unwrap();
    assert_eq!(profile(&fixture, &stranger).await.role, Role::Admin);
    ensure("the operator's own").await.unwrap();
    fixture.log_in(&stranger.email).await;
}
