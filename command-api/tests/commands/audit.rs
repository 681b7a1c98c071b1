//! Entries of calls in the security log.

use axum::http::Method;
use serde_json::json;
use ticketshow_domain::{UserId, account::Role, audit::AuditEntry};
use ticketshow_nats::consumers::audit::{AuditFilter, AuditTrail};
use ticketshow_tests::eventually;

use crate::fixture::{Fixture, PASSWORD};

/// The newest entry of an act with this outcome, once it is kept.
async fn kept(fixture: &Fixture, actor: Option<UserId>, action: &str, outcome: &str) -> AuditEntry {
    kept_where(fixture, actor, action, |entry| entry.outcome == outcome).await
}

async fn kept_where(
    fixture: &Fixture,
    actor: Option<UserId>,
    action: &str,
    wanted: impl Fn(&AuditEntry) -> bool,
) -> AuditEntry {
    let trail = AuditTrail::new(&fixture.connection);
    let filter = AuditFilter { actor, action: Some(action.to_owned()), ..AuditFilter::default() };
    eventually("the entry to be kept", async || {
        let page = trail.list(&filter, None, 100).await.ok()?;
        page.entries.into_iter().find(|entry| wanted(entry))
    })
    .await
}

#[tokio::test]
async fn sign_ins_failures_and_refused_rights_are_kept() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let wrong = json!({ "email": ada.email, "password": "not the password" });
    fixture.post("/auth/login").json(wrong).gives(401).await;
    let failed = kept(&fixture, None, "POST /auth/login", "bad-credentials").await;
    assert_eq!((failed.actor, failed.status, failed.network.as_str()), (None, 401, "0.0.0.0"));
    let signed_in = kept(&fixture, Some(ada.user), "POST /auth/login", "done").await;
    assert_eq!((signed_in.role, signed_in.session.is_some()), (Some(Role::Customer), true));

    fixture.post("/shows").token(&ada.token).json(json!({})).gives(403).await;
    let refused = kept(&fixture, Some(ada.user), "POST /shows", "forbidden").await;
    assert_eq!((refused.status, refused.session), (403, signed_in.session));
    let stored = serde_json::to_string(&[failed, signed_in, refused]).unwrap();
    assert!(!stored.contains(&ada.email) && !stored.contains(PASSWORD), "{stored}");
}

#[tokio::test]
async fn every_act_of_an_administrator_is_kept_also_those_without_an_event() {
    let fixture = Fixture::open().await;
    fixture.project_position().await;
    let ada = fixture.customer().await;
    let path = format!("/admin/wallets/{}/credits", ada.user);
    let amount = json!({ "amount_minor": 1, "currency": "INR" });
    let given = fixture.ask(&path).json(json!({ "amount": amount, "reason": "Sorry" })).gives(201).await;
    // The log is shared with other tests.
    let entry = kept_where(&fixture, None, "credits", |entry| entry.target == path).await;
    assert!(entry.actor.is_some());
    assert_eq!((entry.role, entry.status, entry.outcome.as_str()), (Some(Role::Admin), 201, "done"));
    assert_eq!(entry.action, "POST /admin/wallets/{user_id}/credits");
    assert_eq!(entry.correlation.to_string(), given.headers["correlation-id"].to_str().unwrap());
    let admin = entry.actor;

    // Acts that leave no event, and refused ones.
    let missing = uuid::Uuid::nil();
    let acts = [
        (
            Method::POST,
            format!("/admin/cascades/{missing}/retry"),
            "POST /admin/cascades/{id}/retry",
            "not-found",
        ),
        (Method::DELETE, "/admin/parked/payment:1".to_owned(), "DELETE /admin/parked/{id}", "not-found"),
    ];
    for (method, path, action, outcome) in acts {
        fixture.call(method, &path).token(&fixture.admin).send().await;
        kept(&fixture, admin, action, outcome).await;
    }
}
