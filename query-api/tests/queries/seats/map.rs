//! The seat map is served from memory and never stale.

use insta::assert_json_snapshot;
use serde_json::Value;
use ticketshow_tests::eventually;
use uuid::Uuid;

use crate::fixture::{ADA, Answer, BOB, MONSOON, TestApi};

fn path() -> String {
    format!("/screenings/{MONSOON}/seats")
}

fn statuses(answer: &Answer) -> Vec<Value> {
    let rows = answer.json()["rows"].as_array().expect("a list").clone();
    let seats = rows.iter().flat_map(|row| row["seats"].as_array().expect("a list").clone());
    seats.map(|seat| seat["status"].clone()).collect()
}

/// SQL of the projections for a hold on B-2.
fn b2_is_held(position: u64) -> String {
    format!(
        "UPDATE seat_map_chunks SET states = '\\x01020201' WHERE screening_id = '{MONSOON}';
         UPDATE seat_maps SET position = {position} WHERE screening_id = '{MONSOON}'"
    )
}

#[tokio::test]
async fn a_seat_map_lists_rows_seats_and_prices() {
    let api = TestApi::open().await;
    let seats = api.get(&path()).await.expect(200);
    assert_eq!(seats.header("content-type"), "application/json");
    assert_json_snapshot!(seats.json(), @r#"
    {
      "position": 50,
      "rows": [
        {
          "aisles_after": [
            1
          ],
          "category": "gold",
          "label": "A",
          "seats": [
            {
              "accessible": true,
              "price": {
                "amount_minor": 25000,
                "currency": "INR"
              },
              "seat": "A-1",
              "status": "held"
            },
            {
              "accessible": false,
              "price": {
                "amount_minor": 25000,
                "currency": "INR"
              },
              "seat": "A-2",
              "status": "sold"
            }
          ]
        },
        {
          "aisles_after": [],
          "category": "silver",
          "label": "B",
          "seats": [
            {
              "accessible": false,
              "price": {
                "amount_minor": 10000,
                "currency": "INR"
              },
              "seat": "B-1",
              "status": "sold"
            },
            {
              "accessible": false,
              "price": {
                "amount_minor": 10000,
                "currency": "INR"
              },
              "seat": "B-2",
              "status": "free"
            }
          ]
        }
      ],
      "screening_id": "5e000000-0000-0000-0000-000000000001"
    }
    "#);
}

#[tokio::test]
async fn the_caller_s_own_seats_are_marked() {
    let api = TestApi::open().await;
    let flags = |answer: &Answer| {
        let row = &answer.json()["rows"][0]["seats"];
        [row[0]["held_by_me"].clone(), row[1]["sold_to_me"].clone()]
    };
    let ada = api.get_as(ADA, &path()).await.expect(200);
    assert_eq!(flags(&ada), [true, true]);
    assert_eq!(flags(&api.get_as(BOB, &path()).await.expect(200)), [Value::Null, Value::Null]);
    assert_eq!(flags(&api.get(&path()).await.expect(200)), [Value::Null, Value::Null]);

    let anonymous = api.get(&path()).await.expect(200);
    assert_ne!(ada.header("etag"), anonymous.header("etag"));
    api.call(&path(), &[("if-none-match", anonymous.header("etag"))]).await.expect(304);
    api.call(&path(), &[("if-none-match", ada.header("etag"))]).await.expect(200);
}

/// More callers at once than there are connections to the tables, among them one with seats. They are read together.
#[tokio::test]
async fn thousands_of_signed_in_callers_open_a_map_at_once() {
    let api = TestApi::open().await;
    let path = path();
    let crowd = (0..3_000_u128).map(|number| {
        let caller = if number == 2_500 { ADA } else { Uuid::from_u128(number + 1) };
        api.get_as(caller, &path)
    });
    let answers = futures_util::future::join_all(crowd).await;
    for (number, answer) in answers.into_iter().enumerate() {
        let map = answer.expect(200).json();
        let own = [&map["rows"][0]["seats"][0]["held_by_me"], &map["rows"][0]["seats"][1]["sold_to_me"]];
        let wanted = if number == 2_500 { Value::Bool(true) } else { Value::Null };
        assert_eq!(own, [&wanted, &wanted], "caller {number}");
    }
}

#[tokio::test]
async fn newly_reserved_seats_are_marked_once_projected() {
    let api = TestApi::open().await;
    let b2 = |answer: &Answer| answer.json()["rows"][1]["seats"][1]["held_by_me"].clone();
    assert_eq!(b2(&api.get_as(BOB, &path()).await.expect(200)), Value::Null);
    let sql = b2_is_held(101)
        + ";INSERT INTO bookings (booking_id, screening_id, customer_id, status, claim, seats, amount_minor, currency,
                                  held_until, created_at, position)
            SELECT 'b0000000-0000-0000-0000-000000000009', screening_id, customer_id, 'held', 'held', '{B-2}',
                   10000, 'INR', '2026-11-22T10:08:00Z', '2026-11-22T10:00:00Z', 101
            FROM bookings WHERE booking_id = 'b0000000-0000-0000-0000-000000000003'";
    api.project(101, &sql).await;
    eventually("the mark", async || {
        let map = api.get_as(BOB, &path()).await.expect(200);
        // Mark and status come from one snapshot.
        assert_eq!(b2(&map) == true, statuses(&map)[3] == "held");
        (b2(&map) == true).then_some(())
    })
    .await;
    assert_eq!(b2(&api.get_as(ADA, &path()).await.expect(200)), Value::Null);
}

#[tokio::test]
async fn a_reservation_is_visible_with_min_position_at_once_and_without_it_soon() {
    let api = TestApi::open().await;
    let before = api.get(&path()).await.expect(200);
    assert_eq!(statuses(&before), ["held", "sold", "sold", "free"]);

    api.project(101, &b2_is_held(101)).await;
    let after = api.call(&path(), &[("min-position", "101")]).await.expect(200);
    assert_eq!(statuses(&after), ["held", "sold", "sold", "held"]);
    assert_eq!(after.json()["position"], 101);

    api.project(102, &b2_is_held(102).replace("01020201", "01020200")).await;
    eventually("the map to be current", async || {
        let map = api.get(&path()).await.expect(200);
        (statuses(&map)[3] == "free").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_commit_of_another_screening_leaves_the_map_unchanged() {
    let api = TestApi::open().await;
    let before = api.get(&path()).await.expect(200);
    api.project(101, "SELECT 1").await;
    let after = api.call(&path(), &[("min-position", "101")]).await.expect(200);
    assert_eq!(before.body, after.body);
    assert_eq!(before.header("etag"), after.header("etag"));
}

#[tokio::test]
async fn a_map_follows_tables_that_are_replaced_by_older_ones() {
    let api = TestApi::open().await;
    api.project(200, &b2_is_held(200)).await;
    let new = api.call(&path(), &[("min-position", "200")]).await.expect(200);
    assert_eq!(new.json()["position"], 200);
    api.project(60, &b2_is_held(60).replace("01020201", "00000000")).await;
    eventually("the older map", async || {
        let map = api.get(&path()).await.expect(200);
        (map.json()["position"] == 60 && statuses(&map) == ["free"; 4]).then_some(())
    })
    .await;
}
