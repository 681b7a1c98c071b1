//! Roles, credits and parked messages.

use axum::http::Method;
use serde_json::json;
use ticketshow_command_api::StaffSessions;
use uuid::Uuid;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_role_takes_effect_with_the_next_token() {
    let fixture = Fixture::open().await;
    fixture.project_position().await;
    let ada = fixture.customer().await;
    let grant = |user: Uuid, role: &str| {
        let call = fixture.call(Method::PUT, &format!("/admin/accounts/{user}/role"));
        call.token(&fixture.admin).json(json!({ "role": role }))
    };
    let granted = grant(ada.user.0, "admin").gives(200).await;
    assert_eq!((&granted.body["email"], &granted.body["role"]), (&json!(ada.email), &json!("admin")));
    let body = json!({ "title": "Dune", "description": "", "duration_minutes": 150, "language": "English" });
    fixture.post("/shows").token(&ada.token).json(body.clone()).gives(401).await;
    let token = fixture.log_in(&ada.email).await.id("access_token");
    fixture.post("/shows").token(&token).json(body).gives(201).await;

    assert_eq!(grant(ada.user.0, "king").send().await.body["errors"][0]["pointer"], "/role");
    fixture.project_position().await;
    grant(Uuid::nil(), "staff").gives(404).await;
}

#[tokio::test]
async fn a_credit_is_given_once_per_key() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let path = format!("/admin/wallets/{}/credits", ada.user);
    let body = |minor: i64, reason: &str| json!({ "amount": { "amount_minor": minor, "currency": "INR" }, "reason": reason });
    let give = |key: &str, body| fixture.ask(&path).key(key).json(body);
    let given = give("k", body(500, "Sorry")).gives(201).await;
    assert_eq!(given.body["balance_after"], json!({ "amount_minor": 500, "currency": "INR" }));
    give("l", body(100, "Sorry")).gives(201).await;
    assert_eq!(give("k", body(500, "Sorry")).gives(201).await.body, given.body);
    for other in [body(501, "Sorry"), body(500, "Really sorry")] {
        assert_eq!(give("k", other).send().await.outcome(), (422, "idempotency-key-reused"));
    }
}

#[tokio::test]
async fn a_credit_needs_a_valid_amount_and_an_account() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let path = format!("/admin/wallets/{}/credits", ada.user);
    for minor in [0, -1] {
        let body = json!({ "amount": { "amount_minor": minor, "currency": "INR" }, "reason": "x" });
        assert_eq!(
            fixture.ask(&path).json(body).gives(422).await.body["errors"][0]["pointer"],
            "/amount/amount_minor"
        );
    }
    let foreign = json!({ "amount": { "amount_minor": 1, "currency": "EUR" }, "reason": "x" });
    assert_eq!(fixture.ask(&path).json(foreign).send().await.outcome(), (422, "wrong-currency"));
    let one_more = json!({ "amount": { "amount_minor": 1, "currency": "INR" }, "reason": "x" });
    fixture.project_position().await;
    fixture.ask(&format!("/admin/wallets/{}/credits", Uuid::nil())).json(one_more).gives(404).await;
}

#[tokio::test]
async fn a_rebuild_starts_once_a_projector_is_running() {
    let fixture = Fixture::open().await;
    let rebuild = |name: &str| fixture.ask(&format!("/admin/projections/{name}/rebuild"));
    let projector = fixture.projector().await;
    let begun = rebuild("read-models").gives(202).await;
    assert_eq!(begun.body, json!({ "name": "read-models", "already_running": false }));
    rebuild("unread-models").gives(404).await;
    projector.abort();
}

#[tokio::test]
async fn an_unknown_parked_message_can_neither_be_retried_nor_dropped() {
    let fixture = Fixture::open().await;
    for id in ["payment-1", "payment", "payment-x", "%2F"] {
        fixture.ask(&format!("/admin/parked/{id}/retry")).gives(404).await;
        fixture.call(Method::DELETE, &format!("/admin/parked/{id}")).token(&fixture.admin).gives(404).await;
    }
}

#[tokio::test]
async fn a_credit_above_the_ceiling_needs_a_second_administrator() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let path = format!("/admin/wallets/{}/credits", ada.user);
    let body =
        |minor: i64| json!({ "amount": { "amount_minor": minor, "currency": "INR" }, "reason": "Sorry" });
    fixture.ask(&path).json(body(5_000_000)).gives(201).await;
    let proposed = fixture.ask(&path).key("large").json(body(5_000_001)).gives(202).await;
    assert_eq!(proposed.body["status"], "pending");
    assert_eq!(fixture.ask(&path).key("large").json(body(5_000_001)).gives(202).await.body, proposed.body);
    let approval = format!("{path}/{}/approval", proposed.id("credit_id"));
    assert_eq!(fixture.post(&approval).token(&bob.token).send().await.outcome(), (403, "forbidden"));
    assert_eq!(fixture.ask(&approval).send().await.outcome(), (409, "own-proposal"));

    let role = fixture.call(Method::PUT, &format!("/admin/accounts/{}/role", bob.user));
    role.token(&fixture.admin).json(json!({ "role": "admin" })).gives(200).await;
    let second = fixture.log_in(&bob.email).await.id("access_token");
    let given = fixture.post(&approval).token(&second).gives(201).await;
    assert_eq!(given.body["balance_after"]["amount_minor"], 10_000_001);
    assert_eq!(fixture.post(&approval).token(&second).gives(201).await.body, given.body, "once");
    let unknown = format!("{path}/{}/approval", Uuid::nil());
    assert_eq!(fixture.post(&unknown).token(&second).send().await.status, 404);
    for minor in [0, -1, 1_000_000_000_001, i64::MAX] {
        let refused = fixture.ask(&path).json(body(minor)).send().await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/amount/amount_minor", "{minor}");
    }
}

#[tokio::test]
async fn credits_above_the_sum_of_a_day_need_a_second_administrator() {
    let rules = StaffSessions { credits_per_day_minor: Some(1_000), ..StaffSessions::default() };
    let fixture = Fixture::open_with_rules(rules).await;
    let ada = fixture.customer().await;
    let path = format!("/admin/wallets/{}/credits", ada.user);
    let body =
        |minor: i64| json!({ "amount": { "amount_minor": minor, "currency": "INR" }, "reason": "Sorry" });
    let first = fixture.ask(&path).key("first").json(body(600)).gives(201).await;
    let proposed = fixture.ask(&path).key("second").json(body(401)).gives(202).await;
    assert_eq!(proposed.body["status"], "pending");
    fixture.ask(&path).key("third").json(body(400)).gives(201).await;
    // Repeats get the answers of the first calls.
    assert_eq!(fixture.ask(&path).key("first").json(body(600)).gives(201).await.body, first.body);
    assert_eq!(fixture.ask(&path).key("second").json(body(401)).gives(202).await.body, proposed.body);
    let approval = format!("{path}/{}/approval", proposed.id("credit_id"));
    assert_eq!(fixture.ask(&approval).send().await.outcome(), (409, "own-proposal"));

    // Another administrator has a sum of their own, of which the read models know a part.
    let second = fixture.administrator().await;
    let given = "INSERT INTO credits (customer_id, credit_id, amount_minor, currency, status, made_by, created_at, given_by)
                 VALUES ($1, $2, 700, 'INR', 'given', $3, now() - $4 * interval '1 hour', $3)";
    for hours in [23_u32, 25] {
        let insert =
            sqlx::query(given).bind(ada.user.0).bind(Uuid::from_u128(hours.into())).bind(second.user.0);
        insert.bind(f64::from(hours)).execute(&fixture.database).await.unwrap();
    }
    let give = |minor: i64| fixture.post(&path).token(&second.token).json(body(minor));
    give(301).gives(202).await;
    give(300).gives(201).await;
    fixture.post(&approval).token(&second.token).gives(201).await;
}
