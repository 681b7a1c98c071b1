//! Screenings that are planned as drafts: no customer finds them before they are published, by hand, for whole days, or by the timer.

use std::time::Duration;

use jiff::{
    Timestamp, ToSpan,
    tz::{Offset, TimeZone},
};
use serde_json::{Value, json};
use ticketshow_tests::{Answer, Client, Stack, eventually_within, inr, now, tomorrow};

/// Rounds in which a draft is published and deleted at once.
const ROUNDS: i64 = 12;
/// Time for which a test waits.
const PATIENCE: Duration = Duration::from_mins(1);

/// A venue that is always open, with one screen and a play of 90 minutes.
struct House {
    venue: String,
    screen: String,
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
        let body =
            json!({"name": "Hall", "layout": {"rows": [{"label": "A", "category": "gold", "seats": 10}]}});
        let added = admin.post(&format!("/venues/{venue}/screens"), &body).await.expect(201);
        let screen = added.str("screen_id").to_owned();
        admin.get(&format!("/screens/{screen}")).min_position(added.position()).await.expect(200);
        Self { venue, screen, show }
    }

    fn offer(&self, screen: &str, starts_at: Timestamp) -> Value {
        json!({"show_id": self.show, "screen_id": screen, "starts_at": starts_at.to_string(),
            "prices": {"gold": inr(30_000)}})
    }

    fn draft(&self, starts_at: Timestamp) -> Value {
        let mut offer = self.offer(&self.screen, starts_at);
        offer["draft"] = json!(true);
        offer
    }

    async fn drafts(&self, admin: &Client, position: u64) -> Vec<Value> {
        let path = format!("/venues/{}/drafts", self.venue);
        let list = admin.get(&path).min_position(position).await.expect(200);
        list.json["items"].as_array().expect("items").clone()
    }

    fn path(&self, draft: &Answer) -> String {
        format!("/screens/{}/drafts/{}", self.screen, draft.str("screening_id"))
    }
}

fn mumbai() -> TimeZone {
    TimeZone::fixed(Offset::from_seconds(19_800).expect("five and a half hours"))
}

fn after(moment: Timestamp, minutes: i64) -> Timestamp {
    moment.checked_add(minutes.minutes()).expect("the near future is in range")
}

fn rebuilt_tables_equal(stack: &Stack) {
    let rebuilt = stack.server.command(&["replay", "--verify"]);
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
}

/// Everything that customers read answers as if the screening did not exist.
async fn nobody_sees(stack: &Stack, house: &House, screening: &str, position: u64) {
    let visitor = stack.client();
    let local = tomorrow().to_zoned(mumbai()).date();
    for path in [
        format!("/screenings?show_id={}", house.show),
        format!("/screenings?venue_id={}&date={local}", house.venue),
    ] {
        let list = visitor.get(&path).min_position(position).await.expect(200);
        assert_eq!(list.json["items"], json!([]), "{path}");
    }
    for path in ["", "/seats", "/seats/live"] {
        let path = format!("/screenings/{screening}{path}");
        visitor.get(&path).min_position(position).await.expect_problem(404, "not-found");
    }
    let show = visitor.get(&format!("/shows/{}", house.show)).min_position(position).await.expect(200);
    assert_eq!(show.json["next_screening_at"], Value::Null);
    let cities = visitor.get("/cities").min_position(position).await.expect(200);
    let shows = cities.json["items"].as_array().expect("items").iter().map(|city| &city["shows"]);
    assert_eq!(shows.collect::<Vec<_>>(), [0]);
    let customer = stack.customer().await;
    customer.reserve(screening, &["A-1"]).await.expect_problem(404, "not-found");
    let wish = json!({"seats": 1});
    let join = customer.client.post(&format!("/screenings/{screening}/waiting-list"), &wish).await;
    join.expect_problem(404, "not-found");
    customer.client.get(&format!("/venues/{}/drafts", house.venue)).await.expect_problem(403, "forbidden");
    visitor.get(&format!("/venues/{}/drafts", house.venue)).await.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_draft_keeps_its_screen_and_is_seen_by_customers_once_it_is_published() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let start = tomorrow();
    let draft = admin.post("/screenings", &house.draft(start)).key("draft").await.expect(201);
    assert_eq!(draft.json["draft"], true);
    let again = admin.post("/screenings", &house.draft(start)).key("draft").await.expect(201);
    assert_eq!(again.json, draft.json);
    let screening = draft.str("screening_id").to_owned();
    nobody_sees(&stack, &house, &screening, draft.position()).await;
    let listed = house.drafts(&admin, draft.position()).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0]["screening_id"], &listed[0]["show_title"]),
        (&json!(screening), &json!("The Lighthouse Keeper"))
    );
    assert_eq!(listed[0]["prices"]["gold"], inr(30_000));
    admin
        .post("/screenings", &house.offer(&house.screen, after(start, 89)))
        .await
        .expect_problem(409, "screen-busy");
    admin.delete(&format!("/screens/{}", house.screen)).await.expect_problem(409, "screen-in-use");
    let mut odd = house.offer(&house.screen, after(start, 300));
    odd["publish_at"] = json!(start.to_string());
    admin.post("/screenings", &odd).await.expect_problem(422, "invalid");

    let path = house.path(&draft);
    let mut later = house.draft(after(start, 30));
    later["prices"]["gold"] = inr(35_000);
    let changed = admin.put(&path).json(&later).await.expect(200);
    assert_eq!(house.drafts(&admin, changed.position()).await[0]["prices"]["gold"], inr(35_000));
    nobody_sees(&stack, &house, &screening, changed.position()).await;

    let published = admin.post(&format!("{path}/publication"), &json!({})).await.expect(200);
    admin.post(&format!("{path}/publication"), &json!({})).await.expect(200);
    assert_eq!(house.drafts(&admin, published.position()).await, Vec::<Value>::new());
    let visitor = stack.client();
    let seen =
        visitor.get(&format!("/screenings/{screening}")).min_position(published.position()).await.expect(200);
    assert_eq!(seen.json["prices"]["gold"], inr(35_000));
    let starts_at: Timestamp = seen.str("starts_at").parse().expect("a time");
    assert_eq!(starts_at, after(start, 30));
    let customer = stack.customer_with(&admin, 100_000).await;
    let held = customer.reserve(&screening, &["A-1"]).await.expect(201);
    customer.pay(held.str("booking_id")).await.expect(200);
    admin.put(&path).json(&later).await.expect_problem(409, "already-published");
    admin.delete(&path).await.expect_problem(409, "already-published");
    let unknown = format!("/screens/{}/drafts/{}", house.screen, house.show);
    admin.delete(&unknown).await.expect_problem(404, "not-found");
    admin.post(&format!("{unknown}/publication"), &json!({})).await.expect_problem(404, "not-found");

    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn a_draft_is_deleted_without_a_trace_for_customers_or_published_but_never_both() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    for round in 0..ROUNDS {
        let start = after(tomorrow(), 200 * round);
        let draft = admin.post("/screenings", &house.draft(start)).await.expect(201);
        let path = house.path(&draft);
        let (body, publication) = (json!({}), format!("{path}/publication"));
        let publish = async { admin.post(&publication, &body).await };
        let delete = async { admin.delete(&path).await };
        let (published, deleted) = if round % 2 == 0 {
            tokio::join!(publish, delete)
        } else {
            let (deleted, published) = tokio::join!(delete, publish);
            (published, deleted)
        };
        let screening = format!("/screenings/{}", draft.str("screening_id"));
        match (published.status, deleted.status) {
            (200, 409) => {
                deleted.expect_problem(409, "already-published");
                admin.get(&screening).min_position(published.position()).await.expect(200);
            }
            (404, 204) => {
                admin.get(&screening).min_position(deleted.position()).await.expect(404);
                admin.delete(&path).await.expect(204);
                // The slot is free again.
                let draft = admin.post("/screenings", &house.draft(start)).await.expect(201);
                admin.delete(&house.path(&draft)).await.expect(204);
            }
            both => panic!("round {round}: {both:?}"),
        }
    }
    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn drafts_are_published_by_themselves_also_after_the_server_was_killed() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let start = tomorrow();
    let due = now().checked_add(4.seconds()).expect("the near future is in range");
    let mut first = house.draft(start);
    first["publish_at"] = json!(due.to_string());
    let first = admin.post("/screenings", &first).await.expect(201);
    let mut second = house.draft(after(start, 100));
    second["publish_at"] =
        json!(due.checked_add(2.seconds()).expect("the near future is in range").to_string());
    let second = admin.post("/screenings", &second).await.expect(201);
    let third = admin.post("/screenings", &house.draft(after(start, 200))).await.expect(201);
    let visitor = stack.client();
    let path = |draft: &Answer| format!("/screenings/{}", draft.str("screening_id"));
    visitor.get(&path(&first)).min_position(third.position()).await.expect_problem(404, "not-found");
    stack.server.kill();
    stack.server.restart().await;
    for draft in [&first, &second] {
        eventually_within(PATIENCE, "the draft to be published", async || {
            let seen = visitor.get(&path(draft)).try_send().await.ok()?;
            (seen.status == 200).then_some(())
        })
        .await;
    }
    assert!(now() >= due, "not before its time");
    visitor.get(&path(&third)).await.expect_problem(404, "not-found");
    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn a_copy_of_a_draft_that_is_published_since_is_repeated() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let local = tomorrow().to_zoned(mumbai());
    let (day, start) = (local.date(), after(local.start_of_day().expect("a day begins").timestamp(), 600));
    let draft = admin.post("/screenings", &house.draft(start)).await.expect(201);
    let to = day.tomorrow().expect("a day follows");
    let copy = json!({"from": day.to_string(), "days": 1, "to": to.to_string()});
    let copies = format!("/venues/{}/schedule/copies", house.venue);
    let copied = admin.post(&copies, &copy).key("copy").await.expect(202);
    assert_eq!(copied.json["screenings"][0]["draft"], true);
    admin.post(&format!("{}/publication", house.path(&draft)), &json!({})).await.expect(200);
    let again = admin.post(&copies, &copy).key("copy").await.expect(202);
    assert_eq!(again.json, copied.json);
    let screening = copied.json["screenings"][0]["screening_id"].as_str().expect("an id");
    stack.client().get(&format!("/screenings/{screening}")).await.expect_problem(404, "not-found");
    stack.verify();
}

#[tokio::test]
async fn the_request_for_a_draft_is_repeated_after_its_change_publication_and_start() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let start = now().checked_add(10.seconds()).expect("the near future is in range");
    let draft = admin.post("/screenings", &house.draft(start)).key("soon").await.expect(201);
    let path = house.path(&draft);
    let mut dearer = house.draft(start);
    dearer["prices"]["gold"] = inr(35_000);
    admin.put(&path).json(&dearer).await.expect(200);
    admin.post(&format!("{path}/publication"), &json!({})).await.expect(200);
    eventually_within(PATIENCE, "the start", async || (now() > start).then_some(())).await;
    let again = admin.post("/screenings", &house.draft(start)).key("soon").await.expect(201);
    assert_eq!(again.json, draft.json);
    admin.post("/screenings", &dearer).key("soon").await.expect_problem(422, "idempotency-key-reused");
    stack.verify();
}

#[tokio::test]
async fn a_week_is_copied_as_drafts_and_published_at_once_but_for_what_was_cancelled() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let other = json!({"title": "Fog", "description": "", "duration_minutes": 60, "language": "English"});
    let other = admin.post("/shows", &other).await.expect(201).str("show_id").to_owned();
    let local = tomorrow().to_zoned(mumbai());
    let (day, start) = (local.date(), after(local.start_of_day().expect("a day begins").timestamp(), 600));
    admin.post("/screenings", &house.offer(&house.screen, start)).await.expect(201);
    let mut fog = house.draft(after(start, 200));
    fog["show_id"] = json!(other);
    admin.post("/screenings", &fog).await.expect(201);

    let to = day.tomorrow().expect("a day follows");
    let copy =
        |drafts: bool| json!({"from": day.to_string(), "days": 1, "to": to.to_string(), "drafts": drafts});
    let copies = format!("/venues/{}/schedule/copies", house.venue);
    let copied = admin.post(&copies, &copy(true)).key("copy").await.expect(202);
    let made = copied.json["screenings"].as_array().expect("screenings");
    assert_eq!(made.iter().map(|one| &one["draft"]).collect::<Vec<_>>(), [true, true]);
    let again = admin.post(&copies, &copy(true)).key("copy").await.expect(202);
    assert_eq!(again.json, copied.json);
    assert_eq!(house.drafts(&admin, copied.position()).await.len(), 3);
    // The copy of a draft is a draft, whatever was asked.
    let third = to.tomorrow().expect("a day follows");
    let later = json!({"from": day.to_string(), "days": 1, "to": third.to_string()});
    let later = admin.post(&copies, &later).await.expect(202);
    let kinds: Vec<_> =
        later.json["screenings"].as_array().expect("screenings").iter().map(|one| &one["draft"]).collect();
    assert_eq!(kinds, [false, true]);

    admin.delete(&format!("/shows/{other}")).await.expect(202);
    let publish = json!({"from": to.to_string(), "to": to.to_string()});
    let path = format!("/venues/{}/schedule/publications", house.venue);
    let published = admin.post(&path, &publish).await.expect(200);
    assert_eq!(published.json["screenings"].as_array().map(Vec::len), Some(1));
    assert_eq!(published.json["conflicts"][0]["reason"], "show-cancelled");
    assert_eq!(published.json["conflicts"][0]["show_title"], "Fog");
    let list = format!("/screenings?venue_id={}&date={to}", house.venue);
    let list = stack.client().get(&list).min_position(published.position()).await.expect(200);
    assert_eq!(list.json["items"].as_array().map(Vec::len), Some(1));
    let repeated = admin.post(&path, &publish).await.expect(200);
    let before = &published.json["screenings"][0];
    assert_eq!(before["before"], false);
    assert_eq!(
        repeated.json["screenings"].as_array().map(Vec::len),
        Some(1),
        "what the first call published"
    );
    assert_eq!(repeated.json["screenings"][0]["screening_id"], before["screening_id"]);
    assert_eq!(repeated.json["screenings"][0]["before"], true);
    for wrong in [
        (day, to.checked_sub(2.days()).expect("a day before")),
        (day, day.checked_add(31.days()).expect("a month on")),
    ] {
        let body = json!({"from": wrong.0.to_string(), "to": wrong.1.to_string()});
        admin.post(&path, &body).await.expect_problem(422, "invalid");
    }
    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn a_draft_goes_to_another_screen_with_other_prices_and_its_blocked_seats() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let body =
        json!({"name": "Studio", "layout": {"rows": [{"label": "A", "category": "gold", "seats": 4}]}});
    let studio = admin.post(&format!("/venues/{}/screens", house.venue), &body).await.expect(201);
    let studio = studio.str("screen_id").to_owned();
    let draft = admin.post("/screenings", &house.draft(tomorrow())).await.expect(201);
    let blocks = format!("{}/blocks", house.path(&draft));
    let soon = now().checked_add(5.seconds()).expect("the near future is in range");
    let short = json!({"seats": ["A-4"], "reason": "Guests", "release_at": soon.to_string()});
    assert_eq!(admin.post(&blocks, &short).await.expect(201).json["release_at"], json!(soon.to_string()));
    let end = after(tomorrow(), -60);
    let block = json!({"seats": ["A-1", "A-9"], "reason": "Press", "release_at": end.to_string()});
    let blocked = admin.post(&blocks, &block).key("press").await.expect(201);
    assert_eq!(admin.post(&blocks, &block).key("press").await.expect(201).json, blocked.json);
    admin.post(&blocks, &block).await.expect_problem(409, "seat-taken");
    let other = json!({"seats": ["A-2"], "reason": "Press"});
    admin.post(&blocks, &other).key("press").await.expect_problem(422, "idempotency-key-reused");

    let mut moved = house.draft(tomorrow());
    moved["screen_id"] = json!(studio);
    moved["prices"]["gold"] = inr(45_000);
    let path = house.path(&draft);
    let there = admin.put(&path).json(&moved).key("move").await.expect(200);
    let again = admin.put(&path).json(&moved).key("move").await.expect(200);
    assert_eq!(again.json, there.json);
    assert_eq!(there.str("screen_id"), studio);
    let drafts = house.drafts(&admin, again.position()).await;
    assert_eq!(drafts.len(), 1);
    assert_eq!((&drafts[0]["screen_id"], &drafts[0]["prices"]["gold"]), (&json!(studio), &inr(45_000)));
    assert_eq!(drafts[0]["blocks"][1]["seats"], json!(["A-1"]), "the studio has no A-9");
    admin.put(&path).json(&moved).await.expect_problem(404, "not-found");
    // The slot on the first screen is free.
    admin.post("/screenings", &house.offer(&house.screen, tomorrow())).await.expect(201);

    let path = format!("/screens/{studio}/drafts/{}", there.str("screening_id"));
    eventually_within(PATIENCE, "the time of the short block to be over", async || {
        (soon < now()).then_some(())
    })
    .await;
    let published = admin.post(&format!("{path}/publication"), &json!({})).await.expect(200);
    let screening = published.str("screening_id").to_owned();
    let ada = stack.customer().await;
    ada.reserve(&screening, &["A-1"]).await.expect_problem(409, "seat-taken");
    ada.reserve(&screening, &["A-2", "A-4"]).await.expect(201);
    let listed =
        admin.get(&format!("/screenings/{screening}/blocks")).min_position(published.position()).await;
    let listed = listed.expect(200);
    assert_eq!(listed.json["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed.json["items"][0]["reason"], "Press");
    let release_at: Timestamp =
        listed.json["items"][0]["release_at"].as_str().expect("a time").parse().expect("a time");
    assert_eq!(release_at, end);
    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn a_refused_publication_names_what_is_in_the_way() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let start = tomorrow();
    let draft = admin.post("/screenings", &house.draft(start)).await.expect(201);
    let other = admin.post("/screenings", &house.offer(&house.screen, after(start, 100))).await.expect(201);
    // The show grows into what follows.
    admin.patch(&format!("/shows/{}", house.show), &json!({"duration_minutes": 120})).await.expect(200);
    let path = format!("{}/publication", house.path(&draft));
    let refused = admin.post(&path, &json!({})).await.expect_problem(409, "screen-busy");
    let taken = &refused.json["screening"];
    assert_eq!(taken["screening_id"], json!(other.str("screening_id")));
    assert_eq!((&taken["show_title"], &taken["draft"]), (&json!("The Lighthouse Keeper"), &json!(false)));
    assert_eq!(taken["timezone"], "Asia/Kolkata");
    let day = start.to_zoned(mumbai()).date().to_string();
    let all = format!("/venues/{}/schedule/publications", house.venue);
    let all = admin.post(&all, &json!({"from": day, "to": day})).await.expect(200);
    let conflict = &all.json["conflicts"][0];
    assert_eq!(conflict["reason"], "screen-busy");
    assert_eq!(conflict["taken_by"]["screening_id"], json!(other.str("screening_id")));
    // More time for cleaning would not fit between the two either.
    let overlaps = format!("/screens/{}/overlaps?turnaround_minutes=", house.screen);
    let fits = admin.get(&format!("{overlaps}10")).await.expect(200);
    assert_eq!(fits.json["items"], json!([]));
    let longer = admin.get(&format!("{overlaps}11")).await.expect(200);
    assert_eq!(longer.json["items"][0]["screening_id"], json!(draft.str("screening_id")));
    assert_eq!(longer.json["items"][0]["next_screening_id"], json!(other.str("screening_id")));
}
