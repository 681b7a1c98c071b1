//! Planning the schedule of a venue: screens that are retired, time for cleaning between screenings, price templates, and shows that
//! become longer.

use jiff::{
    Timestamp, ToSpan,
    tz::{Offset, TimeZone},
};
use serde_json::{Value, json};
use ticketshow_tests::{Client, Stack, inr, tomorrow};

/// Rounds in which a screen is retired while something is scheduled there.
const ROUNDS: i64 = 12;

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
    assert_eq!(
        admin.get(&active).min_position(retired.position()).await.expect(200).json["items"],
        json!([])
    );

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
    let longer =
        admin.patch(&format!("/screens/{screen}"), &json!({"turnaround_minutes": 60})).await.expect(200);
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
    let reset =
        admin.patch(&format!("/screens/{screen}"), &json!({"turnaround_minutes": 0})).await.expect(200);
    let seen = admin.get(&format!("/screens/{screen}")).min_position(reset.position()).await.expect(200);
    assert_eq!(seen.json["turnaround_minutes"], 0);

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

    // As the form does, which copies the template.
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
    let late = admin.post(&path, &weekday).key("add").await.expect(201);
    assert_eq!(late.json, added.json);
    assert_eq!(list(late.position()).await, json!([]), "a late repeat does not bring it back");
    let foreign = json!({"name": "Dollars", "prices": {"gold": {"amount_minor": 100, "currency": "USD"}}});
    admin.post(&path, &foreign).await.expect_problem(422, "wrong-currency");
    let unpriced = json!({"name": "Nothing", "prices": {}});
    admin.post(&path, &unpriced).await.expect_problem(422, "invalid");
    stack.customer().await.client.get(&path).await.expect_problem(403, "forbidden");
    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn a_longer_show_is_warned_of_what_it_would_run_into() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let screen = add_screen(&admin, &house.venue, "Attic", json!(20)).await;
    let start = tomorrow();
    let mut position = 0;
    let mut ids = Vec::new();
    for (screen, minutes) in
        [(&house.screen, 0), (&house.screen, 100), (&house.screen, 400), (&screen, 0), (&screen, 115)]
    {
        let scheduled =
            admin.post("/screenings", &house.offer(screen, after(start, minutes))).await.expect(201);
        position = scheduled.position();
        ids.push(scheduled.str("screening_id").to_owned());
    }
    let path = |minutes: u16| format!("/shows/{}/overlaps?duration_minutes={minutes}", house.show);
    let overlaps = async |minutes: u16| {
        let seen = admin.get(&path(minutes)).min_position(position).await.expect(200);
        let items = seen.json["items"].as_array().expect("items").clone();
        let ids = items.iter().map(|one| one["screening_id"].as_str().expect("an id").to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(overlaps(90).await, Vec::<String>::new(), "as long as it is");
    assert_eq!(overlaps(95).await, Vec::<String>::new());
    assert_eq!(overlaps(96).await, [ids[3].clone()], "the cleaning");
    let mut both = [ids[0].clone(), ids[3].clone()];
    both.sort();
    let mut found = overlaps(101).await;
    found.sort();
    assert_eq!(found, both);
    assert_eq!(overlaps(400).await.len(), 3, "the last on each screen runs into nothing");
    let seen = admin.get(&path(101)).await.expect(200);
    let items = seen.json["items"].as_array().expect("items");
    let first = items.iter().find(|one| one["screening_id"] == ids[0].as_str()).expect("the first");
    assert_eq!((&first["next_screening_id"], &first["turnaround_minutes"]), (&json!(ids[1]), &json!(0)));
    let would_end: Timestamp = first["would_end_at"].as_str().expect("a time").parse().expect("a time");
    assert_eq!(would_end, after(start, 101));
    let next = admin.post("/screenings", &house.offer(&house.screen, after(start, 600))).await.expect(201);
    let mut draft = house.offer(&house.screen, after(start, 500));
    draft["draft"] = json!(true);
    let draft = admin.post("/screenings", &draft).await.expect(201);
    let seen = admin.get(&path(101)).min_position(draft.position()).await.expect(200);
    let follower = |id: &str| {
        let items = seen.json["items"].as_array().expect("items");
        items.iter().find(|one| one["screening_id"] == id).map(|one| one["next_screening_id"].clone())
    };
    assert_eq!(follower(&ids[2]), Some(json!(draft.str("screening_id"))), "into a draft");
    assert_eq!(follower(draft.str("screening_id")), Some(json!(next.str("screening_id"))), "of a draft");
    for wrong in [0, 601] {
        admin.get(&path(wrong)).await.expect_problem(422, "invalid");
    }
    stack.customer().await.client.get(&path(120)).await.expect_problem(403, "forbidden");
    let unknown = format!("/shows/{}/overlaps?duration_minutes=120", house.venue);
    admin.get(&unknown).await.expect_problem(404, "not-found");
}
