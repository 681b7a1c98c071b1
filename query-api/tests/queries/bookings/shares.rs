//! Links that show single tickets.

use serde_json::json;

use crate::fixture::{ADA, BOB, TestApi};

const PATH: &str = "/bookings/b0000000-0000-0000-0000-000000000002/shares";

#[tokio::test]
async fn the_owner_sees_the_links_that_show_a_ticket_now() {
    let api = TestApi::open().await;
    let listed = api.get_as(ADA, PATH).await.expect(200).json();
    let expected = json!([{
        "share_id": "5a000000-0000-0000-0000-000000000001", "seat": "A-2", "created_at": "2026-11-22T08:00:00Z",
    }]);
    assert_eq!(listed["items"], expected);
}

#[tokio::test]
async fn links_are_listed_for_their_owner_only() {
    let api = TestApi::open().await;
    assert_eq!(api.get_as(BOB, PATH).await.expect(404).slug(), "not-found");
    assert_eq!(api.get(PATH).await.expect(401).slug(), "unauthorized");
}
