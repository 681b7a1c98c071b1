//! Sessions of the caller, and reads that demand a fresh proof or a second factor.

use insta::assert_json_snapshot;
use jiff::SignedDuration;
use ticketshow_domain::{AccountKey, UserId, account::Role};
use ticketshow_http::{Limits, ReadDemands};
use ticketshow_nats::kv::sessions::{Session, Sessions, TokenHash};
use uuid::Uuid;

use crate::{
    fixture::{ADA, ADA_S_ACCOUNT, BOB, TestApi, clock},
    log::{ApiWithLog, at},
};

#[tokio::test]
async fn the_caller_s_sessions_are_listed() {
    let stack = ApiWithLog::open().await;
    let session = Session {
        id: Uuid::nil(),
        account: AccountKey(ADA_S_ACCOUNT.to_owned()),
        user: UserId(ADA),
        token: TokenHash([1; 32]),
        spent: None,
        created_at: at("08:00:00"),
        used_at: at("09:00:00"),
        expires_at: at("23:00:00"),
        user_agent: Some("Lynx".into()),
        password: None,
        confirmed_at: None,
        rotations: 0,
    };
    Sessions::new(&stack.connection).create(&session).await.unwrap();
    let sessions = stack.api.get_as(ADA, "/me/sessions").await.expect(200).json();
    assert_json_snapshot!(sessions, @r#"
    {
      "items": [
        {
          "created_at": "2026-11-22T08:00:00Z",
          "current": true,
          "expires_at": "2026-11-22T23:00:00Z",
          "session_id": "00000000-0000-0000-0000-000000000000",
          "used_at": "2026-11-22T09:00:00Z",
          "user_agent": "Lynx"
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn an_export_needs_a_proof_of_the_last_minutes_where_it_is_demanded() {
    let demands = ReadDemands { fresh: Some(SignedDuration::from_mins(5)), ..ReadDemands::default() };
    let stack = ApiWithLog::open_demanding(&Limits::OFF, demands).await;
    let sessions = Sessions::new(&stack.connection);
    let now = clock();
    stack.api.get_as(ADA, "/me/export").await.expect(401);
    let session = Session {
        id: Uuid::nil(),
        account: AccountKey(ADA_S_ACCOUNT.to_owned()),
        user: UserId(ADA),
        token: TokenHash([1; 32]),
        spent: None,
        created_at: now - SignedDuration::from_secs(301),
        used_at: now,
        expires_at: now + SignedDuration::from_hours(1),
        user_agent: None,
        password: None,
        confirmed_at: None,
        rotations: 0,
    };
    sessions.create(&session).await.unwrap();
    let refused = stack.api.get_as(ADA, "/me/export").await.expect(403).json();
    assert_eq!(refused["type"], "/problems/confirmation-needed");
    sessions.confirm(&session.account, session.id, now - SignedDuration::from_secs(300)).await.unwrap();
    // The log of this test has no such account: the proof suffices, but there is nothing to export.
    stack.api.get_as(ADA, "/me/export").await.expect(404);
}

#[tokio::test]
async fn administrators_read_with_a_second_factor_where_it_is_demanded() {
    let demands = ReadDemands { second_factor: true, fresh: None };
    let api = TestApi::with_demands("nats://127.0.0.1:1", &Limits::OFF, demands).await;
    for path in ["/admin/bookings", "/admin/accounts", "/admin/credits"] {
        let refused = api.get_as_admin(path).await.expect(403).json();
        assert_eq!(refused["type"], "/problems/second-factor-missing", "{path}");
        let strong = api.token_of(BOB, Role::Admin, true);
        api.call(path, &[("authorization", &strong)]).await.expect(200);
    }
    // Customers are not concerned.
    api.get_as(ADA, "/bookings").await.expect(200);
}
