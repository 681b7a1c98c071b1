//! The state of projections and parked messages, and answers without the log.

use insta::assert_json_snapshot;
use ticketshow_nats::log::history::Log;

use crate::{
    fixture::{ADA, TestApi},
    log::{ApiWithLog, OURS},
};

#[tokio::test]
async fn projections_and_parked_messages_are_listed() {
    let stack = ApiWithLog::open().await;
    stack.ada_books().await;
    assert_eq!(Log::new(&stack.connection).last_position().await.unwrap(), 6);
    stack.api.project(4, "SELECT 1").await;
    let behind = stack.api.get_as_admin("/admin/projections").await.expect(200).json();
    assert_json_snapshot!(behind, @r#"
    {
      "items": [
        {
          "halted": null,
          "lag": 2,
          "name": "read-models",
          "position": 4,
          "rebuild": null,
          "state": "behind"
        }
      ],
      "next_cursor": null
    }
    "#);
    let sql = "UPDATE checkpoint SET halted = 'why'; CREATE SCHEMA read_next;
               CREATE TABLE read_next.checkpoint AS SELECT 'read-models' AS name, 2::bigint AS position";
    stack.api.project(6, sql).await;
    let halted = stack.api.get_as_admin("/admin/projections").await.expect(200).json();
    assert_json_snapshot!(halted["items"][0], @r#"
    {
      "halted": "why",
      "lag": 0,
      "name": "read-models",
      "position": 6,
      "rebuild": {
        "position": 2,
        "target": 6
      },
      "state": "halted"
    }
    "#);
    let parked = stack.api.get_as_admin("/admin/parked").await.expect(200);
    assert!(parked.each("parked_id").is_empty());
}

#[tokio::test]
async fn an_unreachable_log_is_503() {
    let api = TestApi::open().await;
    for path in [&format!("/admin/history/booking/{OURS}")[..], "/admin/parked", "/admin/streams"] {
        assert_eq!(api.get_as_admin(path).await.expect(503).slug(), "unavailable", "{path}");
    }
    api.get_as(ADA, "/me/sessions").await.expect(503);
    let projections = api.get_as_admin("/admin/projections").await.expect(200).json();
    assert_eq!(projections["items"][0]["state"], "unknown");
}
