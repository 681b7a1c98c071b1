//! Seats that a screen keeps back in all its screenings: those that exist, and those that are scheduled later.

use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use ticketshow_tests::{Client, Stack, eventually_within, inr, seat_status, tomorrow};

/// Time for which a test waits.
const PATIENCE: Duration = Duration::from_mins(1);

/// A venue that is always open, with two screens of one row, and a play of 90 minutes.
struct House {
    screens: [String; 2],
    show: String,
}

impl House {
    async fn open(admin: &Client) -> Self {
        let venue = json!({"name": "Rex", "address": "12 Lake Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
            "opens_at": "00:00", "closes_at": "00:00"});
        let venue = admin.post("/venues", &venue).await.expect(201).str("venue_id").to_owned();
        let show = json!({"title": "The Lighthouse Keeper", "description": "A play about waiting.",
            "duration_minutes": 90, "language": "English", "genres": ["Drama"]});
        let show = admin.post("/shows", &show).await.expect(201).str("show_id").to_owned();
        let mut screens = [String::new(), String::new()];
        for (number, id) in screens.iter_mut().enumerate() {
            let row =
                json!({"label": "A", "category": "gold", "seats": 6, "accessible": [1], "companions": [2]});
            let body = json!({"name": format!("Hall {number}"), "layout": {"rows": [row]}});
            let added = admin.post(&format!("/venues/{venue}/screens"), &body).await.expect(201);
            added.str("screen_id").clone_into(id);
            admin.get(&format!("/screens/{id}")).min_position(added.position()).await.expect(200);
        }
        Self { screens, show }
    }

    fn offer(&self, screen: usize, starts_at: Timestamp) -> Value {
        json!({"show_id": self.show, "screen_id": self.screens[screen], "starts_at": starts_at.to_string(),
            "prices": {"gold": inr(30_000)}})
    }

    async fn schedule(&self, admin: &Client, screen: usize, starts_at: Timestamp) -> String {
        let scheduled = admin.post("/screenings", &self.offer(screen, starts_at)).await.expect(201);
        scheduled.str("screening_id").to_owned()
    }
}

fn hours_later(moment: Timestamp, hours: i64) -> Timestamp {
    moment.checked_add(hours.hours()).expect("the near future is in range")
}

async fn status(client: &Client, screening: &str, seat: &str, position: u64) -> String {
    let map = client.get(&format!("/screenings/{screening}/seats")).min_position(position).await.expect(200);
    seat_status(&map.json, seat).to_owned()
}

#[tokio::test]
async fn a_broken_seat_is_not_sold_in_any_screening_until_it_is_repaired_and_guests_are_named() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let start = tomorrow();
    let first = house.schedule(&admin, 0, start).await;
    let second = house.schedule(&admin, 0, hours_later(start, 3)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let booking = ada.reserve(&first, &["A-3"]).await.expect(201).str("booking_id").to_owned();
    ada.pay(&booking).await.expect(200);

    let path = format!("/screens/{}/blocks", house.screens[0]);
    let body = json!({"seats": ["A-3", "A-4"], "reason": " Broken seat "});
    let blocked = admin.post(&path, &body).key("broken").await.expect(201);
    assert_eq!(blocked.json["reason"], "Broken seat");
    assert_eq!(blocked.json["screenings"], 2);
    let taken = blocked.json["taken"].as_array().expect("a list");
    assert_eq!(taken.len(), 1);
    assert_eq!((&taken[0]["screening_id"], &taken[0]["seats"]), (&json!(first), &json!(["A-3"])));
    let shown = ada.client.get(&format!("/bookings/{booking}")).await.expect(200);
    assert_eq!(taken[0]["references"], json!([shown.json["reference"]]));
    let again = admin.post(&path, &body).key("broken").await.expect(201);
    assert_eq!(again.json, blocked.json);
    let twice = admin.post(&path, &json!({"seats": ["A-4"], "reason": "Dirty"})).await;
    assert_eq!(twice.expect_problem(409, "seat-taken").json["seats"], json!(["A-4"]));

    let position = blocked.position();
    assert_eq!(status(&admin, &first, "A-3", position).await, "sold", "guests keep their seats");
    assert_eq!(status(&admin, &first, "A-4", position).await, "blocked");
    assert_eq!(status(&admin, &second, "A-3", position).await, "blocked");
    let third = house.schedule(&admin, 0, hours_later(start, 6)).await;
    stack.customer().await.reserve(&third, &["A-4"]).await.expect_problem(409, "seat-taken");
    let listed = admin.get(&path).min_position(position).await.expect(200);
    let guests = &listed.json["items"][0]["guests"];
    assert_eq!((&guests[0]["booking_id"], &guests[0]["seats"]), (&json!(booking), &json!(["A-3"])));
    assert_eq!(guests[0]["paid"], true);

    // Given back, the seat is not sold again.
    let given = ada.client.post(&format!("/bookings/{booking}/cancellation"), &json!({})).await.expect(202);
    assert_eq!(status(&admin, &first, "A-3", given.position()).await, "blocked");
    let listed = admin.get(&path).min_position(given.position()).await.expect(200);
    assert_eq!(listed.json["items"][0]["guests"], json!([]));

    let id = blocked.str("block_id");
    let released = admin.delete(&format!("{path}/{id}")).await.expect(204);
    for screening in [&first, &second, &third] {
        assert_eq!(status(&admin, screening, "A-3", released.position()).await, "free");
    }
    admin.delete(&format!("{path}/{id}")).await.expect(204);
    let listed = admin.get(&path).min_position(released.position()).await.expect(200);
    assert_eq!(listed.json["items"], json!([]));
    stack.customer().await.client.get(&path).await.expect_problem(403, "forbidden");
    let rebuilt = stack.server.command(&["replay", "--verify"]);
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    stack.verify();
}

#[tokio::test]
async fn a_screening_leaves_the_blocks_of_its_screen_and_gets_those_of_the_next_one() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let screening = house.schedule(&admin, 0, tomorrow()).await;
    for (screen, seat) in [(0, "A-3"), (1, "A-5")] {
        let path = format!("/screens/{}/blocks", house.screens[screen]);
        admin.post(&path, &json!({"seats": [seat], "reason": "Broken seat"})).await.expect(201);
    }
    let change = json!({"screen_id": house.screens[1]});
    let changed = admin.patch(&format!("/screenings/{screening}"), &change).await;
    assert!((200..300).contains(&changed.status), "{}", changed.text());
    eventually_within(PATIENCE, "the blocks of the other screen", async || {
        let (left, got) = (
            status(&admin, &screening, "A-3", changed.position()).await,
            status(&admin, &screening, "A-5", changed.position()).await,
        );
        ((left.as_str(), got.as_str()) == ("free", "blocked")).then_some(())
    })
    .await;
    stack.verify();
}

#[tokio::test]
async fn wheelchair_places_are_kept_for_those_who_ask_until_some_time_before_the_start() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let mut offer = house.offer(0, tomorrow());
    offer["wheelchair_minutes"] = json!(60);
    let scheduled = admin.post("/screenings", &offer).await.expect(201);
    let screening = scheduled.str("screening_id").to_owned();
    let shown = admin.get(&format!("/screenings/{screening}")).min_position(scheduled.position()).await;
    assert_eq!(shown.expect(200).json["wheelchair_minutes"], 60);
    let ada = stack.customer().await;
    let refused = ada.reserve(&screening, &["A-1", "A-3"]).await.expect_problem(409, "kept-for-wheelchairs");
    assert_eq!(refused.json["seats"], json!(["A-1"]));
    let asked = json!({"screening_id": screening, "seats": [
        {"seat": "A-1", "wheelchair": true}, {"seat": "A-2", "wheelchair": true}, "A-3"]});
    ada.client.post("/bookings", &asked).await.expect(201);

    // So does a move.
    let mut later = house.offer(0, hours_later(tomorrow(), 10));
    later["wheelchair_minutes"] = json!(60);
    let later = admin.post("/screenings", &later).await.expect(201).str("screening_id").to_owned();
    let plain = house.schedule(&admin, 1, hours_later(tomorrow(), 10)).await;
    let bob = stack.customer_with(&admin, 100_000).await;
    let booking = bob.reserve(&plain, &["A-3"]).await.expect(201).str("booking_id").to_owned();
    bob.pay(&booking).await.expect(200);
    let path = format!("/bookings/{booking}/move");
    let body = |seat: Value| json!({"screening_id": later, "seats": [seat]});
    let unasked = bob.client.post(&path, &body(json!("A-1"))).await;
    unasked.expect_problem(409, "kept-for-wheelchairs");
    let typed = body(json!({"seat": "A-1", "ticket_type": "standard", "wheelchair": true}));
    bob.client.post(&path, &typed).await.expect_problem(422, "invalid");
    let asked = body(json!({"seat": "A-1", "wheelchair": true}));
    eventually_within(PATIENCE, "the move to be over", async || {
        let answer = bob.client.post(&path, &asked).key("place").await;
        (answer.status == 200 && answer.json["seats"] == json!(["A-1"])).then_some(())
    })
    .await;

    // The house releases them again.
    let path = format!("/screenings/{screening}");
    let changed = admin.patch(&path, &json!({"wheelchair_minutes": null})).await.expect(200);
    let shown = admin.get(&path).min_position(changed.position()).await.expect(200);
    assert_eq!(shown.json["wheelchair_minutes"], Value::Null);
    let again = admin.patch(&path, &json!({"wheelchair_minutes": 90})).await.expect(200);
    let shown = admin.get(&path).min_position(again.position()).await.expect(200);
    assert_eq!(
        (&shown.json["wheelchair_minutes"], &shown.json["prices"]),
        (&json!(90), &json!({"gold": inr(30_000)}))
    );

    // Less than that before the start, they are on general sale.
    let mut soon = house.offer(1, tomorrow());
    soon["wheelchair_minutes"] = json!(60 * 48);
    let soon = admin.post("/screenings", &soon).await.expect(201).str("screening_id").to_owned();
    stack.customer().await.reserve(&soon, &["A-1", "A-2"]).await.expect(201);
    let mut wrong = house.offer(1, hours_later(tomorrow(), 5));
    wrong["wheelchair_minutes"] = json!(527_041);
    admin.post("/screenings", &wrong).await.expect_problem(422, "invalid");
    stack.verify();
}
