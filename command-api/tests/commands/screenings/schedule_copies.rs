//! Copies of a venue's schedule.

use serde_json::{Value, json};

use crate::fixture::{Answer, Fixture};

/// A venue in London with one screen, and a show of 90 minutes.
struct House {
    fixture: Fixture,
    venue: String,
    screen: String,
    show: String,
}

impl House {
    async fn open() -> Self {
        let fixture = Fixture::open().await;
        let venue = json!({
            "name": "Globe", "address": "1 Bank", "city": "London", "timezone": "Europe/London",
            "opens_at": "00:00", "closes_at": "00:00",
        });
        let venue = fixture.ask("/venues").json(venue).gives(201).await.id("venue_id");
        let row = json!({ "label": "A", "category": "gold", "seats": 4 });
        let screen = json!({ "name": "Pit", "layout": { "rows": [row] } });
        let screen = fixture.ask(&format!("/venues/{venue}/screens")).json(screen).gives(201).await;
        let screen = screen.id("screen_id");
        let show =
            json!({ "title": "Fog", "description": "", "duration_minutes": 90, "language": "English" });
        let show = fixture.ask("/shows").json(show).gives(201).await.id("show_id");
        let insert = "INSERT INTO screens (screen_id, venue_id, name, layout, capacity, created_at, position)
                      VALUES ($1::uuid, $2::uuid, 'Pit', '{\"rows\": []}', 4, now(), 1)";
        sqlx::query(insert).bind(&screen).bind(&venue).execute(&fixture.database).await.unwrap();
        Self { fixture, venue, screen, show }
    }

    async fn schedule(&self, starts_at: &str) -> String {
        let price = json!({ "amount_minor": 1_500, "currency": "INR" });
        let body = json!({
            "show_id": self.show, "screen_id": self.screen, "starts_at": starts_at, "prices": { "gold": price },
        });
        self.fixture.ask("/screenings").json(body).gives(201).await.id("screening_id")
    }

    async fn copy(&self, body: Value, key: &str) -> Answer {
        let path = format!("/venues/{}/schedule/copies", self.venue);
        self.fixture.ask(&path).key(key).json(body).send().await
    }
}

fn starts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["starts_at"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_day_is_previewed_and_copied_once_with_what_does_not_fit_left_out() {
    let house = House::open().await;
    // In 2030, clocks are set forward in London on Sunday, 31 March, at 1 am.
    let night = house.schedule("2030-03-24T01:30:00Z").await;
    let evening = house.schedule("2030-03-24T18:00:00Z").await;
    house.schedule("2030-03-24T21:00:00Z").await;
    house.schedule("2030-03-25T00:30:00Z").await;
    // Something else is on at the time of one copy.
    house.schedule("2030-03-31T21:00:00+01:00").await;
    let day =
        |preview: bool| json!({ "from": "2030-03-24", "days": 1, "to": "2030-03-31", "preview": preview });

    let preview = house.copy(day(true), "k").await;
    assert_eq!(preview.outcome(), (200, ""));
    assert_eq!(
        starts(&preview.body["screenings"]),
        ["2030-03-31T18:00:00+01:00"],
        "the same time on the clock"
    );
    assert_eq!(preview.body["screenings"][0]["copy_of"], json!(evening));
    assert!(preview.body["screenings"][0]["screening_id"].is_null());
    let reasons = |answer: &Answer| {
        let conflicts = answer.body["conflicts"].as_array().unwrap().clone();
        conflicts.iter().map(|conflict| conflict["reason"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(reasons(&preview), ["no-such-time", "screen-busy"]);
    assert_eq!(preview.body["conflicts"][0]["copy_of"], json!(night));
    assert_eq!(
        starts(&preview.body["conflicts"]),
        ["2030-03-31T01:30:00+00:00", "2030-03-31T21:00:00+01:00"]
    );

    let done = house.copy(day(false), "k").await;
    assert_eq!(done.outcome(), (202, ""));
    assert_eq!(starts(&done.body["screenings"]), starts(&preview.body["screenings"]));
    assert_eq!(reasons(&done), reasons(&preview));
    let again = house.copy(day(false), "k").await;
    assert_eq!(again.body, done.body, "a repeat schedules nothing twice");
    let later = json!({ "from": "2030-03-24", "days": 1, "to": "2030-04-07" });
    let reused = house.copy(later, "k").await;
    assert_eq!(reused.outcome(), (422, "idempotency-key-reused"));
    let other = house.copy(day(false), "l").await;
    assert_eq!(reasons(&other), ["no-such-time", "screen-busy", "screen-busy"]);
}

#[tokio::test]
async fn what_was_called_off_is_not_copied_and_a_repeat_adds_what_is_missing() {
    let house = House::open().await;
    let first = house.schedule("2030-05-06T18:00:00+01:00").await;
    house.schedule("2030-05-07T18:00:00+01:00").await;
    let call_off = house.fixture.call(axum::http::Method::DELETE, &format!("/screenings/{first}"));
    call_off.token(&house.fixture.admin).gives(202).await;
    let week = json!({ "from": "2030-05-06", "days": 7, "to": "2030-05-13" });
    let copied = house.copy(week.clone(), "k").await;
    assert_eq!(starts(&copied.body["screenings"]), ["2030-05-14T18:00:00+01:00"]);
    // As after a crash in the middle of the first call.
    house.schedule("2030-05-08T18:00:00+01:00").await;
    let again = house.copy(week, "k").await;
    assert_eq!(starts(&again.body["screenings"]), ["2030-05-14T18:00:00+01:00", "2030-05-15T18:00:00+01:00"]);
    assert_eq!(again.body["screenings"][0], copied.body["screenings"][0]);
}

#[tokio::test]
async fn days_to_copy_are_limited_and_lie_before_their_copies() {
    let house = House::open().await;
    for (days, to) in
        [(0, "2030-06-01"), (32, "2030-09-01"), (7, "2030-05-12"), (1, "2030-05-06"), (1, "2033-01-01")]
    {
        let refused = house.copy(json!({ "from": "2030-05-06", "days": days, "to": to }), "k").await;
        assert_eq!(refused.outcome(), (422, "invalid"), "{days} {to}");
    }
    let body = json!({ "from": "2030-05-06", "days": 1, "to": "2030-05-07" });
    let nowhere = format!("/venues/{}/schedule/copies", uuid::Uuid::from_u128(7));
    house.fixture.ask(&nowhere).json(body).gives(404).await;
}
