//! Planning the schedule of a venue: screens that are retired, time for cleaning between screenings, drafts that customers do not see, and
//! price templates.

use std::time::Duration;

use jiff::{
    Timestamp, ToSpan,
    tz::{Offset, TimeZone},
};
use serde_json::{Value, json};
use ticketshow_tests::{Answer, Client, Stack, eventually_within, inr, now, tomorrow};

/// Rounds in which a screen is retired while something is scheduled there.
const ROUNDS: i64 = 12;
/// Time for which a test waits.
const PATIENCE: Duration = Duration::from_mins(1);

/// A venue that is always open, with one screen and a play of 90 minutes.
struct House {
    venue: String,
    screen: String,
    show: String,
}

fn layout() -> Value {
    json!({"rows": [{"label": "A", "category": "gold", "seats": 10}]})
}

impl House {
    async fn open(admin: &Client) -> Self {
        let venue = json!({"name": "Rex", "address": "12 Lake Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
            "opens_at": "00:00", "closes_at": "00:00"});
        let venue = admin.post("/venues", &venue).await.expect(201).str("venue_id").to_owned();
        let show = json!({"title": "The Lighthouse Keeper", "description": "A play about waiting.",
            "duration_minutes": 90, "language": "English", "genres": ["Drama"]});
        let show = admin.post("/shows", &show).await.expect(201).str("show_id").to_owned();
        let screen = add_screen(admin, &venue, "Hall", json!(null)).await;
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

async fn add_screen(admin: &Client, venue: &str, name: &str, turnaround: Value) -> String {
    let mut body = json!({"name": name, "layout": layout()});
    if !turnaround.is_null() {
        body["turnaround_minutes"] = turnaround;
    }
    let added = admin.post(&format!("/venues/{venue}/screens"), &body).await.expect(201);
    let screen = added.str("screen_id").to_owned();
    admin.get(&format!("/screens/{screen}")).min_position(added.position()).await.expect(200);
    screen
}

fn mumbai() -> TimeZone {
    TimeZone::fixed(Offset::from_seconds(19_800).expect("five and a half hours"))
}

fn after(moment: Timestamp, minutes: i64) -> Timestamp {
    moment.checked_add(minutes.minutes()).expect("the near future is in range")
}

async fn status_of(client: &Client, venue: &str, position: u64) -> Vec<String> {
    let list = client.get(&format!("/venues/{venue}/screens")).min_position(position).await.expect(200);
    let items = list.json["items"].as_array().expect("items");
    items.iter().map(|screen| screen["status"].as_str().expect("a status").to_owned()).collect()
}

fn rebuilt_tables_equal(stack: &Stack) {
    let rebuilt = stack.server.command(&["replay", "--verify"]);
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
}

#[tokio::test]
async fn a_screen_is_retired_once_nothing_is_to_come_there_and_can_be_brought_back() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let path = format!("/screens/{}", house.screen);
    let start = tomorrow();
    let screening = admin.post("/screenings", &house.offer(&house.screen, start)).await.expect(201);
    let screening = screening.str("screening_id").to_owned();

    let in_use = admin.delete(&path).await.expect_problem(409, "screen-in-use");
    assert_eq!(in_use.json["screenings"], 1);
    let first_at: Timestamp = in_use.str("first_at").parse().expect("a time");
    assert_eq!(first_at, start);
    stack.customer().await.client.delete(&path).await.expect_problem(403, "forbidden");

    admin.delete(&format!("/screenings/{screening}")).await.expect(202);
    let retired = admin.delete(&path).await.expect(200);
    assert_eq!(retired.json["status"], "retired");
    admin.delete(&path).await.expect(200);
    assert_eq!(status_of(&stack.client(), &house.venue, retired.position()).await, ["retired"]);
    let active = format!("/venues/{}/screens?status=active", house.venue);
    assert_eq!(admin.get(&active).min_position(retired.position()).await.expect(200).json["items"], json!([]));

    let offer = house.offer(&house.screen, after(start, 300));
    admin.post("/screenings", &offer).await.expect_problem(409, "screen-retired");
    let other = add_screen(&admin, &house.venue, "Attic", json!(null)).await;
    let elsewhere = admin.post("/screenings", &house.offer(&other, start)).await.expect(201);
    let elsewhere = format!("/screenings/{}", elsewhere.str("screening_id"));
    let here = json!({"screen_id": house.screen});
    admin.patch(&elsewhere, &here).await.expect_problem(409, "screen-retired");

    let back = admin.post(&format!("{path}/reactivation"), &json!({})).await.expect(200);
    assert_eq!(back.json["status"], "active");
    assert_eq!(status_of(&stack.client(), &house.venue, back.position()).await, ["active", "active"]);
    admin.post("/screenings", &offer).await.expect(201);
    admin.patch(&elsewhere, &here).await.expect(200);
    admin.delete("/screens/00000000-0000-7000-8000-000000000000").await.expect_problem(404, "not-found");

    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn a_screen_is_either_retired_or_scheduled_when_both_are_asked_at_once() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let mut retired_first = 0;
    for round in 0..ROUNDS {
        let screen = add_screen(&admin, &house.venue, &format!("Hall {round}"), json!(null)).await;
        let (path, offer) = (format!("/screens/{screen}"), house.offer(&screen, tomorrow()));
        let retire = async { admin.delete(&path).await };
        let schedule = async { admin.post("/screenings", &offer).await };
        let (gone, scheduled) = if round % 2 == 0 {
            tokio::join!(retire, schedule)
        } else {
            let (scheduled, gone) = tokio::join!(schedule, retire);
            (gone, scheduled)
        };
        match (gone.status, scheduled.status) {
            (200, 409) => {
                scheduled.expect_problem(409, "screen-retired");
                retired_first += 1;
            }
            (409, 201) => drop(gone.expect_problem(409, "screen-in-use")),
            both => panic!("round {round}: {both:?}"),
        }
    }
    println!("retired first in {retired_first} of {ROUNDS} rounds");
    stack.verify();
}

#[tokio::test]
async fn a_screen_is_left_empty_for_cleaning_by_schedules_changes_and_copies() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let too_long = json!({"name": "Attic", "layout": layout(), "turnaround_minutes": 241});
    let path = format!("/venues/{}/screens", house.venue);
    admin.post(&path, &too_long).await.expect_problem(422, "invalid");
    let screen = add_screen(&admin, &house.venue, "Attic", json!(20)).await;
    let seen = admin.get(&format!("/screens/{screen}")).await.expect(200);
    assert_eq!(seen.json["turnaround_minutes"], 20);

    // 8:00 at the venue, so that all of this is on one day.
    let local = tomorrow().to_zoned(mumbai());
    let day = local.date();
    let start = after(local.start_of_day().expect("a day begins").timestamp(), 480);
    let schedule = |minutes| {
        let offer = house.offer(&screen, after(start, minutes));
        let admin = &admin;
        async move { admin.post("/screenings", &offer).await }
    };
    schedule(0).await.expect(201);
    let busy = schedule(109).await.expect_problem(409, "screen-busy");
    assert_eq!(busy.json["turnaround_minutes"], 20);
    let second = schedule(110).await.expect(201);
    let second = format!("/screenings/{}", second.str("screening_id"));
    let moved = |minutes| json!({"starts_at": after(start, minutes).to_string()});
    admin.patch(&second, &moved(109)).await.expect_problem(409, "screen-busy");
    admin.patch(&second, &moved(115)).await.expect(200);

    // With a longer time, what is scheduled stays, and its copy does not fit.
    let longer = admin.patch(&format!("/screens/{screen}"), &json!({"turnaround_minutes": 60})).await.expect(200);
    assert_eq!(longer.json["turnaround_minutes"], 60);
    let to = day.tomorrow().expect("a day follows");
    for preview in [true, false] {
        let copy = json!({"from": day.to_string(), "days": 1, "to": to.to_string(), "preview": preview});
        let path = format!("/venues/{}/schedule/copies", house.venue);
        let copied = admin.post(&path, &copy).await.expect(if preview { 200 } else { 202 });
        assert_eq!(copied.json["screenings"].as_array().map(Vec::len), Some(1), "{}", copied.json);
        assert_eq!(copied.json["conflicts"][0]["reason"], "screen-busy");
    }
    let negative = json!({"turnaround_minutes": -1});
    admin.patch(&format!("/screens/{screen}"), &negative).await.expect_problem(422, "invalid");
    let reset = admin.patch(&format!("/screens/{screen}"), &json!({"turnaround_minutes": 0})).await.expect(200);
    let seen = admin.get(&format!("/screens/{screen}")).min_position(reset.position()).await.expect(200);
    assert_eq!(seen.json["turnaround_minutes"], 0);

    rebuilt_tables_equal(&stack);
    stack.verify();
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
    assert_eq!((&listed[0]["screening_id"], &listed[0]["show_title"]), (&json!(screening), &json!("The Lighthouse Keeper")));
    assert_eq!(listed[0]["prices"]["gold"], inr(30_000));
    admin.post("/screenings", &house.offer(&house.screen, after(start, 89))).await.expect_problem(409, "screen-busy");
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
    let seen = visitor.get(&format!("/screenings/{screening}")).min_position(published.position()).await.expect(200);
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
    second["publish_at"] = json!(due.checked_add(2.seconds()).expect("the near future is in range").to_string());
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
    let copy = |drafts: bool| json!({"from": day.to_string(), "days": 1, "to": to.to_string(), "drafts": drafts});
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
    let kinds: Vec<_> = later.json["screenings"].as_array().expect("screenings").iter().map(|one| &one["draft"]).collect();
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
    assert_eq!(repeated.json["screenings"], json!([]));
    for wrong in [(day, to.checked_sub(2.days()).expect("a day before")), (day, day.checked_add(31.days()).expect("a month on"))] {
        let body = json!({"from": wrong.0.to_string(), "to": wrong.1.to_string()});
        admin.post(&path, &body).await.expect_problem(422, "invalid");
    }
    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn a_price_template_is_copied_and_rewrites_no_screening() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let path = format!("/venues/{}/price-templates", house.venue);
    let weekday = json!({"name": " Weekday ", "prices": {"gold": {"adult": inr(30_000), "child": inr(15_000)}},
        "ticket_types": {"child": {"max": 2, "needs_type": "adult"}},
        "fee": {"per": "ticket", "amount": inr(1_000)}, "tax_rates": [{"name": "GST", "percent_hundredths": 1_800}],
        "cancellation": "none", "single_seats": "refuse"});
    let added = admin.post(&path, &weekday).key("add").await.expect(201);
    assert_eq!(admin.post(&path, &weekday).key("add").await.expect(201).json, added.json);
    assert_eq!(added.json["name"], "Weekday");
    admin.post(&path, &weekday).key("again").await.expect_problem(409, "name-taken");
    let list = |position: u64| {
        let (admin, path) = (&admin, &path);
        async move { admin.get(path).min_position(position).await.expect(200).json["items"].clone() }
    };
    let seen = list(added.position()).await;
    let template = seen[0].clone();
    for field in ["prices", "fee", "tax_rates", "cancellation", "single_seats"] {
        assert_eq!(template[field], weekday[field], "{field}");
    }

    // What the form does: it copies.
    let mut offer = house.offer(&house.screen, tomorrow());
    for field in ["prices", "ticket_types", "fee", "tax_rates", "cancellation", "single_seats"] {
        offer[field] = template[field].clone();
    }
    let scheduled = admin.post("/screenings", &offer).await.expect(201);
    let screening = format!("/screenings/{}", scheduled.str("screening_id"));
    let dearer = json!({"name": "Weekday", "prices": {"gold": inr(99_900)}});
    let one = format!("{path}/{}", added.str("template_id"));
    let changed = admin.put(&one).json(&dearer).await.expect(200);
    assert_eq!(list(changed.position()).await[0]["prices"]["gold"], inr(99_900));
    assert_eq!(list(changed.position()).await[0]["fee"], Value::Null);
    let kept = stack.client().get(&screening).min_position(changed.position()).await.expect(200);
    assert_eq!(kept.json["prices"], weekday["prices"]);

    let gone = admin.delete(&one).await.expect(204);
    admin.delete(&one).await.expect(204);
    assert_eq!(list(gone.position()).await, json!([]));
    admin.put(&one).json(&dearer).await.expect_problem(404, "not-found");
    let foreign = json!({"name": "Dollars", "prices": {"gold": {"amount_minor": 100, "currency": "USD"}}});
    admin.post(&path, &foreign).await.expect_problem(422, "wrong-currency");
    let unpriced = json!({"name": "Nothing", "prices": {}});
    admin.post(&path, &unpriced).await.expect_problem(422, "invalid");
    stack.customer().await.client.get(&path).await.expect_problem(403, "forbidden");
    rebuilt_tables_equal(&stack);
    stack.verify();
}
