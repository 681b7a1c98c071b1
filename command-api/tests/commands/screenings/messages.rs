//! Messages to everybody who booked a screening.

use serde_json::json;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_message_is_sent_once_and_by_administrators_only() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let path = format!("/screenings/{screening}/messages");
    let body = || json!({ "subject": "Later", "text": "Doors at 7." });
    fixture.post(&path).token(&ada.token).json(body()).gives(403).await;
    let first = fixture.ask(&path).key("k").json(body()).gives(202).await;
    assert_eq!(first.body["message_id"], first.body["cascade_id"]);
    assert_eq!(fixture.ask(&path).key("k").json(body()).gives(202).await.body, first.body);
    let other = json!({ "subject": "Later", "text": "Doors at 8." });
    let reused = fixture.ask(&path).key("k").json(other).send().await;
    assert_eq!(reused.outcome(), (422, "idempotency-key-reused"));
    fixture.ask(&path).json(json!({ "subject": "", "text": "" })).gives(422).await;
    let nowhere = "/screenings/00000000-0000-0000-0000-000000000000/messages";
    fixture.ask(nowhere).json(body()).gives(404).await;
}
