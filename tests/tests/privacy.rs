//! Data about people: they can export all of it, and an administrator sees who did what.

use serde_json::json;
use ticketshow_tests::{CUSTOMER_PASSWORD, Stack, eventually, login, plain_rows};

#[tokio::test]
async fn a_person_gets_everything_kept_about_them_and_nothing_of_others() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let (ada, bob) = (stack.customer_with(&admin, 100_000).await, stack.customer_with(&admin, 100_000).await);
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id");
    let paid = ada.pay(booking).await.expect(200);
    bob.reserve(&screening, &["A-2"]).await.expect(201);
    ada.client.patch("/me", &json!({"name": "Ada the First"})).await.expect(200);
    let invoice = format!("/bookings/{booking}/invoice.pdf");
    ada.client.get(&invoice).min_position(paid.position()).await.expect(200);

    let export = eventually("the payment to be exported", async || {
        let export = ada.client.get("/me/export").min_position(paid.position()).await.expect(200);
        let listed = |list: &str, id: &str| {
            let entries = export.json[list].as_array().expect("a list");
            entries.iter().any(|entry| entry["booking_id"] == *id)
        };
        (listed("payments", booking) && listed("wallet_entries", booking)).then(|| export.clone())
    })
    .await;
    assert_eq!(export.json["account"]["email"], json!(ada.email));
    assert_eq!(export.json["bookings"][0]["booking_id"], *booking);
    assert_eq!(export.json["complete"], true);
    assert_eq!(export.json["invoices"][0]["booking_id"], *booking);
    assert_eq!(export.json["credits"][0]["amount_minor"], 100_000, "what the house gave");
    assert_eq!(export.json["sessions"].as_array().map(Vec::len), Some(1));
    let events = export.json["account_history"].as_array().expect("a list");
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap_or_default()).collect();
    assert_eq!(types.first(), Some(&"account_registered"));
    assert!(types.contains(&"profile_updated"), "{types:?}");
    let acts = export.json["security_log"].as_array().expect("a list");
    assert!(acts.iter().any(|act| act["action"] == "POST /auth/login"), "{acts:?}");
    let text = export.text();
    assert!(!text.contains("argon2"), "no password hash leaves");
    assert!(!text.contains(&bob.email) && !text.contains(&bob.user_id), "nothing of others");
    stack.client().get("/me/export").await.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn an_administrator_sees_who_did_what_from_where_and_with_what_outcome() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let ada = stack.customer_with(&admin, 100).await;
    ada.client.get("/admin/audit").await.expect_problem(403, "forbidden");
    let me = admin.get("/me").await.expect(200);
    let wrong = json!({"email": ada.email, "password": "not the password"});
    stack.client().post("/auth/login", &wrong).await.expect_problem(401, "bad-credentials");

    let find = async |query: &str, outcome: &str| {
        eventually("the act to be listed", async || {
            let acts = admin.get(&format!("/admin/audit?{query}&limit=100")).await.expect(200);
            let acts = acts.json["items"].as_array().expect("a list").clone();
            acts.into_iter().find(|act| act["outcome"] == *outcome)
        })
        .await
    };
    let credit = find(&format!("actor={}&action=credits", me.str("user_id")), "done").await;
    assert_eq!(credit["action"], "POST /admin/wallets/{user_id}/credits");
    assert_eq!((&credit["actor"]["role"], &credit["actor"]["email"]), (&json!("admin"), &me.json["email"]));
    assert_eq!((&credit["network"], &credit["status"]), (&json!("127.0.0.1"), &json!(201)));
    let failed = find("action=login", "bad-credentials").await;
    assert_eq!((&failed["actor"], &failed["status"]), (&json!(null), &json!(401)));
    let refused = find(&format!("actor={}", ada.user_id), "forbidden").await;
    assert_eq!(refused["action"], "GET /admin/audit");
    // Reading the list of people is an act too.
    admin.get("/admin/accounts?q=ada").await.expect(200);
    find(&format!("actor={}&action=GET%20%2Fadmin%2Faccounts", me.str("user_id")), "done").await;
    let future = admin.get("/admin/audit?from=2999-01-01T00:00:00Z").await.expect(200);
    assert_eq!(future.json, json!({"items": [], "next_cursor": null}));
    login(&stack.client(), &ada.email, CUSTOMER_PASSWORD).await;
}
