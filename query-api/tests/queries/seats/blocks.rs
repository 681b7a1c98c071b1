//! House seats of a screening.

use serde_json::json;

use crate::fixture::{ADA, MONSOON, TestApi};

const BLOCKS: &str = "/screenings/5e000000-0000-0000-0000-000000000001/blocks";

#[tokio::test]
async fn staff_see_which_seats_are_kept_back_and_why() {
    let api = TestApi::open().await;
    let blocks = "
        INSERT INTO blocks (block_id, screening_id, seats, reason, release_at, created_by, created_at, released_at, position)
        VALUES ('b1000000-0000-4000-8000-000000000001', '{MONSOON}', '{A-1,A-2}', 'Press', '2026-11-23T10:00:00Z',
                'ac000000-0000-0000-0000-000000000003', '2026-11-22T09:00:00Z', NULL, 101),
               ('b1000000-0000-4000-8000-000000000002', '{MONSOON}', '{B-1}', 'Guests', NULL,
                'ac000000-0000-0000-0000-000000000003', '2026-11-22T09:01:00Z', NULL, 102),
               ('b1000000-0000-4000-8000-000000000003', '{MONSOON}', '{B-2}', 'Crew', NULL,
                'ac000000-0000-0000-0000-000000000003', '2026-11-22T09:02:00Z', '2026-11-22T09:30:00Z', 103)";
    api.project(103, &blocks.replace("{MONSOON}", MONSOON)).await;

    let first = api.get_as_staff(&format!("{BLOCKS}?limit=1")).await.expect(200);
    assert_eq!(first.each("reason"), [json!("Guests")], "released ones are left out");
    let cursor = first.json()["next_cursor"].as_str().expect("another page").to_owned();
    let second = api.get_as_staff(&format!("{BLOCKS}?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!(
        second.json()["items"],
        json!([{
            "block_id": "b1000000-0000-4000-8000-000000000001",
            "seats": ["A-1", "A-2"],
            "awaited": [],
            "of_screen": false,
            "reason": "Press",
            "release_at": "2026-11-23T10:00:00Z",
            "created_at": "2026-11-22T09:00:00Z",
            "created_by": "ac000000-0000-0000-0000-000000000003",
            "guests": [],
        }])
    );
    assert_eq!(second.json()["next_cursor"], json!(null));

    api.get_as(ADA, BLOCKS).await.expect(403);
    api.get(BLOCKS).await.expect(401);
    api.get_as_staff("/screenings/5e000000-0000-0000-0000-00000000dead/blocks").await.expect(404);
}

#[tokio::test]
async fn staff_see_what_a_screen_keeps_back_and_who_has_such_seats() {
    let api = TestApi::open().await;
    let rows = "
        INSERT INTO screen_blocks (block_id, screen_id, seats, reason, created_by, created_at, released_at, position)
        VALUES ('b1000000-0000-4000-8000-000000000001', '5c000000-0000-0000-0000-000000000001', '{A-1,A-2}', 'Broken seat',
                'ac000000-0000-0000-0000-000000000003', '2026-11-22T09:00:00Z', NULL, 101),
               ('b1000000-0000-4000-8000-000000000002', '5c000000-0000-0000-0000-000000000001', '{B-1}', 'Sight line',
                'ac000000-0000-0000-0000-000000000003', '2026-11-22T09:01:00Z', '2026-11-22T09:30:00Z', 102);
        INSERT INTO blocks (block_id, screening_id, seats, reason, release_at, created_by, created_at, released_at, position,
                            screen_block_id, awaited)
        VALUES ('b1000000-0000-4000-8000-000000000003', '{MONSOON}', '{A-1}', 'Broken seat', NULL,
                'ac000000-0000-0000-0000-000000000003', '2026-11-22T09:00:00Z', NULL, 101,
                'b1000000-0000-4000-8000-000000000001', '{A-2}')";
    api.project(102, &rows.replace("{MONSOON}", MONSOON)).await;
    let path = "/screens/5c000000-0000-0000-0000-000000000001/blocks";
    let listed = api.get_as_admin(path).await.expect(200);
    assert_eq!(listed.each("reason"), [json!("Broken seat")], "released ones are left out");
    assert_eq!(listed.each("seats"), [json!(["A-1", "A-2"])]);
    let awaited = api.get_as_staff(BLOCKS).await.expect(200).json()["items"][0].clone();
    assert_eq!(awaited["awaited"], json!(["A-2"]));
    let guest = &awaited["guests"][0];
    assert_eq!((&guest["seats"], &guest["paid"]), (&json!(["A-2"]), &json!(true)));
    assert_eq!(guest["booking_id"], json!("b0000000-0000-0000-0000-000000000002"));
    assert_eq!(guest["reference"].as_str().map(str::len), Some("K7QM-3XRP".len()));
    assert_eq!(awaited["guests"].as_array().map(Vec::len), Some(1), "the one in A-1 keeps none back");
    api.get_as(ADA, path).await.expect(403);
    api.get(path).await.expect(401);
    api.get_as_admin("/screens/5c000000-0000-0000-0000-00000000dead/blocks").await.expect(404);
}
