//! A room with odd numbers, a curved balcony, seats for companions and a standing area: sold like any other, and shown as it is.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};
use ticketshow_tests::{Client, Customer, Stack, eventually, inr, seat_status, tomorrow};

/// Places of the standing area, and customers who want one at once.
const PLACES: usize = 12;
const CROWD: usize = 15;

/// A standing area in front, stalls with odd numbers from the right, and a balcony.
fn house() -> Value {
    json!([
        {"label": "PIT", "category": "standing", "seats": PLACES, "standing": true, "level": "Stalls"},
        {"label": "A", "category": "gold", "seats": 4, "numbers": [7, 5, 3, 1], "gaps": [{"after": 5, "width": 2}],
         "accessible": [7], "companions": [5], "level": "Stalls"},
        {"label": "BA", "category": "silver", "seats": 3, "numbers": [11, 12, 13], "curve": 4, "level": "Balcony"},
    ])
}

struct House {
    venue: String,
    show: String,
}

impl House {
    async fn open(admin: &Client) -> Self {
        let venue = json!({"name": "Rex", "address": "12 Lake Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
            "opens_at": "00:00", "closes_at": "00:00"});
        let show = json!({"title": "The Lighthouse Keeper", "description": "A play about waiting.",
            "duration_minutes": 90, "language": "English", "genres": ["Drama"]});
        let venue = admin.post("/venues", &venue).await.expect(201).str("venue_id").to_owned();
        let show = admin.post("/shows", &show).await.expect(201).str("show_id").to_owned();
        Self { venue, show }
    }

    async fn screen(&self, admin: &Client, name: &str, rows: &Value) -> String {
        let body = json!({"name": name, "layout": {"rows": rows}});
        let path = format!("/venues/{}/screens", self.venue);
        let added = admin.post(&path, &body).await.expect(201);
        let screen = added.str("screen_id").to_owned();
        admin.get(&format!("/screens/{screen}")).min_position(added.position()).await.expect(200);
        screen
    }

    async fn schedule(&self, admin: &Client, screen: &str, starts_at: Timestamp) -> String {
        let prices = json!({"gold": inr(30_000), "silver": inr(20_000), "standing": inr(10_000)});
        let body = json!({"show_id": self.show, "screen_id": screen, "starts_at": starts_at.to_string(),
            "prices": prices});
        admin.post("/screenings", &body).await.expect(201).str("screening_id").to_owned()
    }
}

fn rows(seen: &Value) -> &Vec<Value> {
    seen["rows"].as_array().expect("rows")
}

fn levels_of(tickets: &Value) -> Vec<Value> {
    tickets.as_array().expect("tickets").iter().map(|ticket| ticket["level"].clone()).collect()
}

/// Holds any free place of the standing area, as a page does: another one if another customer was faster. `None` without a free place.
async fn stand(customer: &Customer, screening: &str) -> Option<String> {
    for _ in 0..100 {
        let map = customer.client.get(&format!("/screenings/{screening}/seats")).await.expect(200);
        let places = rows(&map.json)[0]["seats"].as_array().expect("places");
        let free: Vec<&str> = places
            .iter()
            .filter(|place| place["status"] == "free")
            .filter_map(|p| p["seat"].as_str())
            .collect();
        let place = free.get(rand::random_range(0..free.len().max(1)))?;
        let answer = customer.reserve(screening, &[place]).await;
        if answer.status == 201 {
            customer.pay(answer.str("booking_id")).await.expect(200);
            return Some((*place).to_owned());
        }
        let problem = answer.expect_problem(409, "seat-taken");
        assert_eq!(problem.json["seats"], json!([place]));
    }
    panic!("neither a place nor a full area");
}

#[tokio::test]
async fn a_real_room_is_shown_and_sold_as_it_is_built() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let screen = house.screen(&admin, "Main House", &self::house()).await;
    let screening = house.schedule(&admin, &screen, tomorrow()).await;

    let seen = admin.get(&format!("/screens/{screen}")).await.expect(200);
    let expected = json!({"label": "BA", "category": "silver", "seats": 3, "aisles_after": [], "accessible": [],
        "numbers": [11, 12, 13], "curve": 4, "level": "Balcony"});
    assert_eq!((&seen.json["layout"]["rows"][2], &seen.json["capacity"]), (&expected, &json!(19)));

    let ada = stack.customer_with(&admin, 100_000).await;
    ada.reserve(&screening, &["A-2"]).await.expect_problem(422, "unknown-seat");
    ada.reserve(&screening, &["BA-1"]).await.expect_problem(422, "unknown-seat");
    let held = ada.reserve(&screening, &["A-7", "A-5", "BA-13"]).await.expect(201);
    let paid = ada.pay(held.str("booking_id")).await.expect(200);
    assert_eq!(paid.json["amount"], inr(80_000));
    let path = format!("/screenings/{screening}/seats");
    let map = ada.client.get(&path).min_position(paid.position()).await.expect(200);
    assert_eq!(seat_status(&map.json, "A-7"), "sold");
    let [pit, stalls, balcony] = &rows(&map.json)[..] else { panic!("{}", map.json) };
    assert_eq!((&pit["standing"], &pit["level"]), (&json!(true), &json!("Stalls")));
    assert_eq!(stalls["gaps"], json!([{"after": 5, "width": 2}]));
    assert_eq!((&balcony["curve"], &balcony["level"]), (&json!(4), &json!("Balcony")));
    let of = |row: &Value, field: &str| -> Vec<Value> {
        row["seats"].as_array().expect("seats").iter().map(|seat| seat[field].clone()).collect()
    };
    assert_eq!(of(stalls, "seat"), ["A-7", "A-5", "A-3", "A-1"]);
    assert_eq!(of(stalls, "accessible"), [true, false, false, false]);
    assert_eq!(of(stalls, "companion"), [Value::Null, json!(true), Value::Null, Value::Null]);
    assert_eq!(of(stalls, "sold_to_me"), [json!(true), json!(true), Value::Null, Value::Null]);

    // Staff see the same room, and the list of its guests in the order of the seats.
    let past = admin.get(&format!("/admin/screenings/{screening}/seats")).await.expect(200);
    assert_eq!(rows(&past.json)[1]["seats"][1]["seat"], "A-5");
    assert_eq!(rows(&past.json)[1]["gaps"], stalls["gaps"]);
    assert_eq!((&rows(&past.json)[0]["standing"], &rows(&past.json)[2]["curve"]), (&json!(true), &json!(4)));
    let guests = admin.get(&format!("/screenings/{screening}/guests?sort=seat")).await.expect(200);
    assert_eq!(guests.json["items"][0]["seats"], json!(["A-7", "A-5", "BA-13"]));

    // Its tickets say which of them is upstairs.
    let levels = [json!("Stalls"), json!("Stalls"), json!("Balcony")];
    assert_eq!(levels_of(&guests.json["items"][0]["tickets"]), levels);
    let path_of_booking = format!("/bookings/{}", held.str("booking_id"));
    let booking = ada.client.get(&path_of_booking).min_position(paid.position()).await.expect(200);
    assert_eq!(levels_of(&booking.json["tickets"]), levels);
    let shared =
        ada.client.post(&format!("{path_of_booking}/shares"), &json!({"seat": "BA-13"})).await.expect(201);
    let (_, token) = shared.str("link").split_once("#token=").expect("a token");
    let shown = stack.client().post("/shares/open", &json!({"token": token})).await.expect(200);
    assert_eq!(shown.json["level"], "Balcony");

    // A room that has every seat, in other places, and one that lacks number 5.
    let mut other = self::house();
    other[1]["numbers"] = json!([1, 3, 5, 7]);
    other[1]["gaps"] = json!([]);
    let rows_of_other = other.as_array_mut().expect("rows");
    rows_of_other.reverse();
    for row in rows_of_other {
        row["level"] = Value::Null;
    }
    let other = house.screen(&admin, "Other House", &other).await;
    let plain = json!([{"label": "A", "category": "gold", "seats": 4}, {"label": "BA", "category": "silver", "seats": 20}]);
    let plain = house.screen(&admin, "Plain House", &plain).await;
    let path_of_screening = format!("/screenings/{screening}");
    let refused = admin.patch(&path_of_screening, &json!({"screen_id": plain})).await;
    let refused = refused.expect_problem(409, "seats-missing");
    assert_eq!(refused.json["seats"], json!(["A-7", "A-5"]));
    let moved = admin.patch(&path_of_screening, &json!({"screen_id": other})).await.expect(202);
    let map = ada.client.get(&path).min_position(moved.position()).await.expect(200);
    assert_eq!(of(&rows(&map.json)[1], "seat"), ["A-1", "A-3", "A-5", "A-7"]);
    assert_eq!(of(&rows(&map.json)[1], "status"), ["free", "free", "sold", "sold"]);
    assert_eq!(seat_status(&map.json, "BA-13"), "sold");
    stack.verify();
}

#[tokio::test]
async fn a_standing_area_never_has_more_guests_than_places() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let screen = house.screen(&admin, "Main House", &self::house()).await;
    let screening = house.schedule(&admin, &screen, tomorrow()).await;
    let mut crowd = Vec::with_capacity(CROWD);
    for _ in 0..CROWD {
        crowd.push(stack.customer_with(&admin, 10_000).await);
    }
    let standing: Vec<_> = crowd
        .into_iter()
        .map(|customer| {
            let screening = screening.clone();
            tokio::spawn(async move { stand(&customer, &screening).await })
        })
        .collect();
    let mut places = Vec::new();
    for one in standing {
        places.extend(one.await.expect("no call fails"));
    }
    let different: BTreeSet<&String> = places.iter().collect();
    assert_eq!((places.len(), different.len()), (PLACES, PLACES));
    eventually("the area to be full", async || {
        let map = admin.get(&format!("/screenings/{screening}/seats")).await.expect(200);
        let sold =
            rows(&map.json)[0]["seats"].as_array().expect("places").iter().all(|p| p["status"] == "sold");
        sold.then_some(())
    })
    .await;
    stack.verify();
}

#[tokio::test]
async fn every_flaw_of_a_room_is_named() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let rows = json!([
        {"label": "A", "category": "gold", "seats": 2, "numbers": [1, 1]},
        {"label": "B", "category": "gold", "seats": 2, "gaps": [{"after": 3, "width": 1}], "level": "Balcony"},
        {"label": "C", "category": "gold", "seats": 2, "companions": [1], "curve": 21},
        {"label": "PIT", "category": "gold", "seats": 10, "standing": true, "accessible": [1]},
    ]);
    let path = format!("/venues/{}/screens", house.venue);
    let body = json!({"name": "Main House", "layout": {"rows": rows}});
    let problem = admin.post(&path, &body).await.expect_problem(422, "invalid");
    let flaws = problem.json["errors"].as_array().expect("flaws").iter();
    let pointers: Vec<&str> = flaws.filter_map(|flaw| flaw["pointer"].as_str()).collect();
    let fields = ["0/numbers", "1/gaps", "2/companions", "2/curve", "2/level", "3/accessible"];
    assert_eq!(pointers, fields.map(|field| format!("/layout/rows/{field}")));
    let unknown = json!({"name": "Main House", "layout": {"rows": [{"label": "A", "category": "gold", "seats": 2, "bend": 1}]}});
    let problem = admin.post(&path, &unknown).await.expect_problem(422, "invalid");
    assert_eq!(problem.json["errors"][0]["pointer"], "/layout/rows/0/bend");
}
