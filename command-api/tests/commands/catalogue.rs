//! Shows, venues, screens and screenings.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::json;
use ticketshow_domain::{
    ScreenId, ScreeningId,
    screen::{self, REMEMBERED, Screen},
    screening::Screening,
};
use ticketshow_nats::{
    clock,
    executor::outcome::Freshness,
    log::metadata::{Actor, Metadata},
};
use ticketshow_tests::eventually;

use crate::fixture::{Fixture, screening_body, tomorrow};

#[tokio::test]
async fn only_administrators_change_the_catalogue() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let body = json!({ "title": "Dune", "description": "", "duration_minutes": 150, "language": "English" });
    fixture.post("/shows").json(body.clone()).gives(401).await;
    fixture.post("/shows").token("nonsense").json(body.clone()).gives(401).await;
    assert_eq!(
        fixture.post("/shows").token(&ada.token).json(body).send().await.outcome(),
        (403, "forbidden")
    );
}

#[tokio::test]
async fn a_show_is_created_once_per_key_and_updated() {
    let fixture = Fixture::open().await;
    let body = json!({
        "title": "Dune", "description": "Sand.", "duration_minutes": 150, "language": "English", "genres": ["drama"],
        "people": ["Zoya Rahman", "Anil D'Souza"],
    });
    let created = fixture.ask("/shows").key("dune").json(body.clone()).gives(201).await;
    assert_eq!(fixture.ask("/shows").key("dune").json(body.clone()).gives(201).await.body, created.body);
    let mut other = body;
    other["title"] = "Arrakis".into();
    assert_eq!(
        fixture.ask("/shows").key("dune").json(other).send().await.outcome(),
        (422, "idempotency-key-reused")
    );

    let show = created.id("show_id");
    let change =
        |body| fixture.call(Method::PATCH, &format!("/shows/{show}")).token(&fixture.admin).json(body);
    let changed = change(json!({ "certificate": "UA", "duration_minutes": 155, "people": ["Anil D'Souza"] }))
        .gives(200)
        .await;
    assert_eq!(
        changed.body,
        json!({
            "show_id": show, "title": "Dune", "description": "Sand.", "duration_minutes": 155,
            "language": "English", "certificate": "UA", "genres": ["drama"], "people": ["Anil D'Souza"],
        })
    );
    let refused = change(json!({ "duration_minutes": 601 })).gives(422).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/duration_minutes");
}

#[tokio::test]
async fn a_venue_has_a_time_zone_and_opening_hours() {
    let fixture = Fixture::open().await;
    let venue = fixture.venue().await;
    let change =
        |body| fixture.call(Method::PATCH, &format!("/venues/{venue}")).token(&fixture.admin).json(body);
    let changed = change(json!({ "closes_at": "01:30" })).gives(200).await;
    assert_eq!(
        changed.body,
        json!({
            "venue_id": venue, "name": "Regal", "address": "1 Marine Drive", "city": "Mumbai",
            "timezone": "Asia/Kolkata", "opens_at": "09:00", "closes_at": "01:30",
        })
    );
    for (member, wrong) in [("timezone", "Mars/Base"), ("opens_at", "25:00"), ("closes_at", "9:00")] {
        let refused = change(json!({ member: wrong })).gives(422).await;
        assert_eq!(refused.body["errors"][0]["pointer"], format!("/{member}"));
    }
}

#[tokio::test]
async fn a_screen_has_the_seats_of_its_layout() {
    let fixture = Fixture::open().await;
    let venue = fixture.venue().await;
    let screen = fixture.screen(&venue).await;
    let change =
        |body| fixture.call(Method::PATCH, &format!("/screens/{screen}")).token(&fixture.admin).json(body);
    let layout = json!({ "rows": [{ "label": "A", "category": "gold", "seats": 3, "aisles_after": [1], "accessible": [3] }] });
    let changed = change(json!({ "name": "Small", "layout": layout })).gives(200).await;
    assert_eq!(
        changed.body,
        json!({ "screen_id": screen, "venue_id": venue, "name": "Small", "layout": layout, "capacity": 3,
            "turnaround_minutes": 0, "status": "active" })
    );
    let refused = change(json!({ "name": "Void", "layout": { "rows": [] } })).gives(422).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/layout/rows");
    assert_eq!(change(json!({})).gives(200).await.body["name"], "Small", "all or nothing");
    let row = |label: usize| json!({ "label": format!("R{label}"), "category": "gold", "seats": 100 });
    let rows = |rows: usize| json!({ "layout": { "rows": (0..rows).map(row).collect::<Vec<_>>() } });
    change(rows(100)).gives(200).await;
    let refused = change(rows(101)).gives(422).await;
    assert_eq!(refused.body["errors"][0]["message"], "must not have more than 10000 seats");
    let mut vast = rows(101);
    vast["name"] = "Vast".into();
    let refused = fixture.ask(&format!("/venues/{venue}/screens")).json(vast).gives(422).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/layout/rows");

    let nowhere = fixture.ask(&format!("/venues/{screen}/screens"));
    nowhere.json(json!({ "name": "X", "layout": layout })).gives(404).await;
}

#[tokio::test]
async fn a_scheduled_screening_is_open_for_booking_at_once() {
    let fixture = Fixture::open().await;
    let (show, venue) = (fixture.show().await, fixture.venue().await);
    let screen = fixture.screen(&venue).await;
    let body = screening_body(&show, &screen, &tomorrow("23:00"));
    let scheduled = fixture.ask("/screenings").key("late").json(body.clone()).gives(201).await;

    let day_after = tomorrow("01:30").replace("T01:30", "");
    assert_eq!(scheduled.body["starts_at"], tomorrow("23:00"));
    let ends_at = scheduled.id("ends_at");
    assert!(ends_at.ends_with("T01:30:00+05:30") && ends_at > day_after, "{ends_at}");
    assert_eq!((&scheduled.body["venue_id"], &scheduled.body["capacity"]), (&json!(venue), &json!(24)));

    let id: ScreeningId = scheduled.id("screening_id").parse().unwrap();
    let seen = fixture.executor.state::<Screening>(&id, Freshness::Fresh).await.unwrap();
    assert_eq!(seen.state.promise().unwrap().layout.capacity(), 24);
    assert!(scheduled.position() >= seen.position);

    // Neither a longer show nor another layout changes what was promised, or answered.
    let longer = fixture.call(Method::PATCH, &format!("/shows/{show}")).token(&fixture.admin);
    longer.json(json!({ "duration_minutes": 10 })).gives(200).await;
    let again = fixture.ask("/screenings").key("late").json(body).gives(201).await;
    assert_eq!(again.body, scheduled.body);
}

#[tokio::test]
async fn a_screening_that_the_calendar_has_forgotten_is_not_scheduled_again() {
    let fixture = Fixture::open().await;
    let venue = json!({
        "name": "Regal", "address": "1 Marine Drive", "city": "Mumbai", "timezone": "Asia/Kolkata",
        "opens_at": "00:00", "closes_at": "00:00",
    });
    let venue = fixture.ask("/venues").json(venue).gives(201).await.id("venue_id");
    let (show, screen) = (fixture.show().await, fixture.screen(&venue).await);
    let starts_at = clock::now() + SignedDuration::from_secs(5);
    let body = screening_body(&show, &screen, &starts_at.to_string());
    let scheduled = fixture.ask("/screenings").key("once").json(body.clone()).gives(201).await;
    eventually("the screening to start", async || (clock::now() > starts_at).then_some(())).await;

    // Another change of the screen, long after.
    let screen_id: ScreenId = screen.parse().unwrap();
    let metadata = Metadata {
        time: clock::now() + REMEMBERED + SignedDuration::from_hours(1),
        actor: Actor::System,
        correlation: clock::new_id(),
        causation: None,
        trace: None,
    };
    let rename = screen::Command::RenameScreen { name: "Audi 1".to_owned() };
    let left =
        fixture.executor.execute(&screen_id, rename, metadata, |screen: &Screen| screen.calendar.len());
    assert_eq!(left.await.unwrap().answer, 0);

    let again = fixture.ask("/screenings").key("once").json(body).gives(201).await;
    assert_eq!(again.body, scheduled.body);
    let other = screening_body(&show, &screen, &tomorrow("19:30"));
    let refused = fixture.ask("/screenings").key("once").json(other).send().await;
    assert_eq!(refused.outcome(), (422, "idempotency-key-reused"));
    let path = format!("/screenings/{}", scheduled.id("screening_id"));
    let refused = fixture.call(Method::DELETE, &path).token(&fixture.admin).send().await;
    assert_eq!(refused.outcome(), (409, "booking-closed"));
}

#[tokio::test]
async fn a_refused_screening_names_its_reason() {
    let fixture = Fixture::open().await;
    let (show, venue) = (fixture.show().await, fixture.venue().await);
    let screen = fixture.screen(&venue).await;
    let schedule = |body| fixture.ask("/screenings").json(body);
    let first = schedule(screening_body(&show, &screen, &tomorrow("19:30"))).gives(201).await;

    let busy = schedule(screening_body(&show, &screen, &tomorrow("21:59"))).send().await;
    assert_eq!(busy.outcome(), (409, "screen-busy"));
    assert_eq!(busy.body["screening"]["screening_id"], first.id("screening_id"));
    schedule(screening_body(&show, &screen, &tomorrow("22:00"))).gives(201).await;

    let closed = schedule(screening_body(&show, &screen, &tomorrow("08:59"))).send().await;
    assert_eq!(closed.outcome(), (422, "outside-opening-hours"));
    let past = schedule(screening_body(&show, &screen, "2020-01-01T19:30:00+05:30")).send().await;
    assert_eq!(past.outcome(), (422, "in-the-past"));

    let mut unpriced = screening_body(&show, &screen, &tomorrow("12:00"));
    unpriced["prices"].as_object_mut().unwrap().remove("silver");
    let refused = schedule(unpriced).send().await;
    assert_eq!(
        (refused.outcome(), &refused.body["categories"]),
        ((422, "price-missing"), &json!(["silver"]))
    );
    let mut foreign = screening_body(&show, &screen, &tomorrow("12:00"));
    foreign["prices"]["gold"]["currency"] = "EUR".into();
    assert_eq!(schedule(foreign).send().await.outcome(), (422, "wrong-currency"));

    assert_eq!(
        schedule(screening_body(&screen, &screen, &tomorrow("12:00"))).send().await.outcome(),
        (404, "not-found")
    );
    assert_eq!(
        schedule(screening_body(&show, &show, &tomorrow("12:00"))).send().await.outcome(),
        (404, "not-found")
    );
}
