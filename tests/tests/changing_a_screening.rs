//! A screening that has sales gets other prices, another time or another screen: no customer pays more than was agreed, each gets
//! one mail and may have the money back, and no two screenings share a slot, even if services are killed meanwhile.

use std::{collections::BTreeSet, time::Duration};

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use ticketshow_tests::{
    Answer, CUSTOMER_PASSWORD, Call, Client, Customer, Inbox, Stack, eventually_within, held_within, inr,
    login, now, seat_status, tomorrow,
};

const PATIENCE: Duration = Duration::from_mins(2);
/// Rounds in which the server is killed, or two changes want one slot.
const ROUNDS: usize = 6;

/// Two rooms of a venue: the small one has rows A and B of ten seats, the large one twelve in each, in another order.
struct House {
    venue: String,
    small: String,
    large: String,
    show: String,
}

impl House {
    async fn open(admin: &Client) -> Self {
        let venue = json!({"name": "Rex", "address": "12 Lake Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
            "opens_at": "00:00", "closes_at": "00:00"});
        let venue = admin.post("/venues", &venue).await.expect(201).str("venue_id").to_owned();
        let row = |label: &str, category: &str, seats: u16, accessible: &[u16]| json!({"label": label, "category": category, "seats": seats, "accessible": accessible});
        let path = format!("/venues/{venue}/screens");
        let screen = async |name: &str, rows: Value| {
            let body = json!({"name": name, "layout": {"rows": rows}});
            admin.post(&path, &body).await.expect(201).str("screen_id").to_owned()
        };
        let small = json!([row("A", "gold", 10, &[1]), row("B", "silver", 10, &[])]);
        let large = json!([row("B", "silver", 12, &[]), row("A", "gold", 12, &[1])]);
        let (small, large) = (screen("Small Hall", small).await, screen("Large Hall", large).await);
        let show = json!({"title": "The Lighthouse Keeper", "description": "A play about waiting.",
            "duration_minutes": 90, "language": "English", "genres": ["Drama"]});
        let show = admin.post("/shows", &show).await.expect(201).str("show_id").to_owned();
        Self { venue, small, large, show }
    }

    async fn schedule(&self, admin: &Client, screen: &str, starts_at: Timestamp) -> String {
        let body = json!({"show_id": self.show, "screen_id": screen, "starts_at": starts_at.to_string(),
            "prices": {"gold": inr(30_000), "silver": inr(20_000)}});
        admin.post("/screenings", &body).await.expect(201).str("screening_id").to_owned()
    }
}

fn after(moment: Timestamp, minutes: i64) -> Timestamp {
    moment.checked_add(minutes.minutes()).expect("the near future is in range")
}

fn moment(value: &Value) -> Timestamp {
    value.as_str().expect("a time").parse().expect("a time")
}

fn change(client: &Client, screening: &str, body: &Value) -> Call {
    client.patch(&format!("/screenings/{screening}"), body)
}

async fn bought(customer: &Customer, screening: &str, seats: &[&str]) -> (String, String) {
    let held = customer.reserve(screening, seats).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    let paid = customer.pay(&booking).await.expect(200);
    (booking, paid.json["tickets"][0]["code"].as_str().expect("a code").to_owned())
}

async fn balance_when(client: &Client, minor: i64) {
    eventually_within(PATIENCE, "the money to be in the wallet", async || {
        let wallet = client.get("/wallet").try_send().await.ok()?;
        (wallet.json["balance"] == inr(minor)).then_some(())
    })
    .await;
}

async fn mailed(admin: &Client, change: &str, mails: u64) -> Value {
    let path = format!("/admin/cascades/{change}");
    eventually_within(PATIENCE, "the mails to be counted", async || {
        let seen = admin.get(&path).try_send().await.ok()?;
        (seen.status == 200 && seen.json["mailed"] == mails).then_some(seen.json)
    })
    .await
}

/// Every guest has one mail that names both screens and has the tickets.
async fn told_once(inbox: &Inbox, guests: &[&Customer]) {
    for guest in guests {
        let mail = inbox.wait_for(&guest.email, "Changed: The Lighthouse Keeper").await;
        assert!(mail.text.contains("Before: Small Hall. Now: Large Hall."), "{}", mail.text);
        assert!(mail.text.contains("cancel free of charge until"), "{}", mail.text);
        assert!(mail.attachments.iter().any(|(name, _)| name == "tickets.pdf"));
        let mails = inbox.mails_to(&guest.email).await;
        assert_eq!(mails.iter().filter(|mail| mail.subject.contains("Changed")).count(), 1);
    }
}

fn rebuilt_tables_equal(stack: &Stack) {
    let rebuilt = stack.server.command(&["replay", "--verify"]);
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
}

#[tokio::test]
async fn new_prices_are_for_new_bookings_and_nobody_is_written_to() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let screening = house.schedule(&admin, &house.small, tomorrow()).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let (paid, _) = bought(&ada, &screening, &["A-1", "B-1"]).await;
    let held = ada.reserve(&screening, &["A-2"]).await.expect(201).str("booking_id").to_owned();
    let before = admin.get(&format!("/screenings/{screening}/seats")).await.expect(200);

    let prices = json!({"prices": {"gold": inr(35_000), "silver": inr(20_000)}});
    change(&ada.client, &screening, &prices).await.expect_problem(403, "forbidden");
    let answer = change(&admin, &screening, &prices).key("prices").await.expect(200);
    assert_eq!((&answer.json["bookings"], &answer.json["free_until"]), (&json!(0), &Value::Null));
    assert_eq!(answer.json["prices"]["gold"], inr(35_000));
    let again = change(&admin, &screening, &prices).key("prices").await.expect(200);
    assert_eq!(again.json, answer.json);
    let other = json!({"prices": {"gold": inr(1), "silver": inr(1)}});
    change(&admin, &screening, &other).key("prices").await.expect_problem(422, "idempotency-key-reused");
    let same = change(&admin, &screening, &prices).await.expect(200);
    assert_eq!(same.json["change_id"], Value::Null, "as it was");
    let missing = json!({"prices": {"gold": inr(1)}});
    let missing = change(&admin, &screening, &missing).await.expect_problem(422, "price-missing");
    assert_eq!(missing.json["categories"], json!(["silver"]));
    let foreign = json!({"prices": {"gold": {"amount_minor": 1, "currency": "EUR"}, "silver": inr(1)}});
    change(&admin, &screening, &foreign).await.expect_problem(422, "wrong-currency");

    let seen =
        admin.get(&format!("/screenings/{screening}")).min_position(answer.position()).await.expect(200);
    assert_eq!(seen.json["prices"]["gold"], inr(35_000));
    let map = admin
        .get(&format!("/screenings/{screening}/seats"))
        .min_position(answer.position())
        .await
        .expect(200);
    assert_eq!(map.json["rows"][0]["seats"][2]["price"], inr(35_000));
    assert_ne!(map.header("etag"), before.header("etag"));
    assert_eq!(seat_status(&map.json, "A-1"), "sold");

    // The agreed terms stay.
    assert_eq!(ada.pay(&held).await.expect(200).json["amount"], inr(30_000));
    balance_when(&ada.client, 20_000).await;
    ada.client.delete(&format!("/bookings/{paid}")).await.expect(202);
    balance_when(&ada.client, 70_000).await;
    let bob = stack.customer_with(&admin, 100_000).await;
    assert_eq!(bob.reserve(&screening, &["A-5"]).await.expect(201).json["amount"], inr(35_000));
    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn another_time_and_screen_are_told_once_and_the_money_comes_back_after_the_cut_off() {
    let inbox = Inbox::start().await;
    let url = inbox.url();
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("TICKETSHOW_MAIL_FROM", "The House <house@example.org>"),
        // Every screening of tomorrow is past the cut-off.
        ("TICKETSHOW_CANCEL_CUTOFF_SECONDS", "172800"),
        ("TICKETSHOW_CHECK_IN_SECONDS", "259200"),
    ];
    let mut stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let start = tomorrow();
    let screening = house.schedule(&admin, &house.small, start).await;
    let (ada, bob) = (stack.customer_with(&admin, 100_000).await, stack.customer_with(&admin, 100_000).await);
    let (booking, code) = bought(&ada, &screening, &["A-1", "B-1"]).await;
    bought(&bob, &screening, &["A-2"]).await;
    bob.reserve(&screening, &["A-3"]).await.expect(201);
    let delete = format!("/bookings/{booking}");
    ada.client.delete(&delete).await.expect_problem(409, "too-late-to-cancel");

    let later = after(start, 30);
    let body = json!({"starts_at": later.to_string(), "screen_id": house.large});
    let mut preview = body.clone();
    preview["preview"] = json!(true);
    let preview = change(&admin, &screening, &preview).await.expect(200);
    assert_eq!((&preview.json["change_id"], &preview.json["bookings"]), (&Value::Null, &json!(2)));
    let answer = change(&admin, &screening, &body).key("later").await.expect(202);
    assert_eq!((&answer.json["bookings"], moment(&answer.json["starts_at"])), (&json!(2), later));
    assert_eq!(moment(&answer.json["free_until"]), later, "the start comes before a week has passed");
    stack.server.restart().await;
    let admin = stack.admin().await;
    let again = change(&admin, &screening, &body).key("later").await.expect(202);
    assert_eq!(again.json["change_id"], answer.json["change_id"]);
    let counted = mailed(&admin, answer.str("change_id"), 2).await;
    assert_eq!(
        (&counted["kind"], &counted["total"], &counted["failed"]),
        (&json!("change"), &json!(2), &json!([]))
    );
    told_once(&inbox, &[&ada, &bob]).await;

    let seen = ada
        .booking_when(PATIENCE, &booking, "the new time", |seen| {
            seen["screen"]["name"] == "Large Hall"
                && seen["reschedulings"].as_array().is_some_and(|all| all.len() == 1)
        })
        .await;
    assert_eq!(moment(&seen["screening"]["starts_at"]), later);
    assert_eq!(
        (&seen["cancellation"]["possible"], &seen["cancellation"]["refund"]),
        (&json!(true), &inr(50_000))
    );
    assert_eq!(moment(&seen["cancellation"]["until"]), later);
    assert_eq!(
        (&seen["reschedulings"][0]["screen"], &seen["tickets"][0]["code"]),
        (&json!("Small Hall"), &json!(code))
    );
    let history = ada.client.get(&format!("/bookings/{booking}/history")).await.expect(200);
    assert!(history.text().contains("is in Large Hall instead of Small Hall"), "{}", history.text());
    let map = admin.get(&format!("/screenings/{screening}/seats")).await.expect(200);
    let sold = ["A-1", "A-2", "B-1"].map(|seat| seat_status(&map.json, seat));
    assert_eq!((sold, seat_status(&map.json, "B-12")), (["sold"; 3], "free"));

    // The ticket lets in where the screening is now.
    let entered =
        admin.post("/check-ins", &json!({"code": code, "screening_id": screening})).await.expect(200);
    assert_eq!(moment(&entered.json["screening"]["starts_at"]), later);
    admin.delete(&format!("/check-ins/{}", entered.str("check_in_id"))).await.expect(204);

    // New customers know the time, and the ordinary cut-off counts.
    let (newer, _) = bought(&bob, &screening, &["B-12"]).await;
    bob.client.delete(&format!("/bookings/{newer}")).await.expect_problem(409, "too-late-to-cancel");
    ada.client.delete(&delete).await.expect(202);
    balance_when(&ada.client, 100_000).await;
    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_in_words_and_leaves_no_trace() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let elsewhere = House::open(&admin).await;
    let start = tomorrow();
    let screening = house.schedule(&admin, &house.large, start).await;
    let next = house.schedule(&admin, &house.large, after(start, 120)).await;
    let other = house.schedule(&admin, &house.small, after(start, 120)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    ada.reserve(&screening, &["A-11"]).await.expect(201);

    let at = |moment: Timestamp| json!({"starts_at": moment.to_string()});
    let busy = change(&admin, &screening, &at(after(start, 60))).await.expect_problem(409, "screen-busy");
    assert_eq!(busy.json["screening"]["screening_id"], json!(next));
    let there = json!({"screen_id": house.small, "starts_at": after(start, 60).to_string()});
    let busy = change(&admin, &next, &there).await.expect_problem(409, "screen-busy");
    assert_eq!(busy.json["screening"]["screening_id"], json!(other));
    let small = json!({"screen_id": house.small});
    let missing = change(&admin, &screening, &small).await.expect_problem(409, "seats-missing");
    assert_eq!(missing.json["seats"], json!(["A-11"]));
    assert!(missing.text().contains("the other screen has no seats A-11"), "{}", missing.text());
    change(&admin, &screening, &at(after(now(), -10))).await.expect_problem(422, "in-the-past");
    let foreign = change(&admin, &screening, &json!({"screen_id": elsewhere.small})).await;
    foreign.expect_problem(422, "invalid");
    change(&admin, &screening, &json!({"start": 1})).await.expect_problem(422, "invalid");
    let unknown = change(&admin, "01900000-0000-7000-8000-000000000005", &small).await;
    unknown.expect_problem(404, "not-found");

    // Only a manager of the venue, and never of another.
    for (venue, expected) in [(&elsewhere.venue, 403), (&house.venue, 409)] {
        let member = stack.customer().await;
        let path = format!("/admin/accounts/{}/role", member.user_id);
        admin.put(&path).json(&json!({"role": "manager", "venues": [venue]})).await.expect(200);
        let manager = login(&stack.client(), &member.email, CUSTOMER_PASSWORD).await;
        change(&manager, &screening, &small).await.expect(expected);
    }

    // Its slot is as before: nothing fits in, and right after it all does.
    let seen = admin.get(&format!("/screenings/{screening}")).await.expect(200);
    assert_eq!(moment(&seen.json["starts_at"]), start);
    change(&admin, &screening, &at(after(start, 30))).await.expect(200);
    change(&admin, &screening, &at(start)).await;
    admin.delete(&format!("/screenings/{screening}")).await.expect(202);
    change(&admin, &screening, &at(after(start, 15))).await.expect_problem(409, "screening-cancelled");
    house.schedule(&admin, &house.large, after(start, 29)).await;
    stack.verify();
}

/// Asks until the change is over, over any number of restarts.
async fn changed(client: &Client, screening: &str, body: &Value, key: &str) -> Answer {
    eventually_within(PATIENCE, "the change to be over", async || {
        let answer = change(client, screening, body).key(key).try_send().await.ok()?;
        (answer.status < 500 && answer.problem() != Some("change-in-progress")).then_some(answer)
    })
    .await
}

#[tokio::test]
async fn a_change_that_is_killed_is_completed_and_every_customer_gets_one_mail() {
    let inbox = Inbox::start().await;
    let url = inbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("TICKETSHOW_MAIL_FROM", "The House <house@example.org>")];
    let mut stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let start = tomorrow();
    let screening = house.schedule(&admin, &house.small, start).await;
    let customers = [
        stack.customer_with(&admin, 100_000).await,
        stack.customer_with(&admin, 100_000).await,
        stack.customer_with(&admin, 100_000).await,
    ];
    for (number, customer) in customers.iter().enumerate() {
        bought(customer, &screening, &[&format!("A-{}", number + 1)]).await;
    }
    let mut last = start;
    for round in 0..ROUNDS {
        let screen = if round % 2 == 0 { &house.large } else { &house.small };
        last = after(start, 10 * (i64::try_from(round).expect("few") + 1));
        let body = json!({"screen_id": screen, "starts_at": last.to_string()});
        let key = format!("round-{round}");
        let admin = stack.admin().await;
        let asked = change(&admin, &screening, &body).key(&key).try_send();
        // The server is killed at another step in each round; the result must always be the same.
        let killed = held_within(Duration::from_millis(7 * round as u64), async || None::<()>);
        tokio::pin!(asked);
        tokio::select! {
            _ = &mut asked => {}
            _ = killed => {}
        }
        stack.server.kill();
        stack.server.restart().await;
        let admin = stack.admin().await;
        let answer = changed(&admin, &screening, &body, &key).await.expect(202);
        assert_eq!((moment(&answer.json["starts_at"]), answer.str("screen_id")), (last, screen.as_str()));
        mailed(&admin, answer.str("change_id"), 3).await;
    }
    for customer in &customers {
        let mails = eventually_within(PATIENCE, "a mail for each change", async || {
            let mails = inbox.mails_to(&customer.email).await;
            let about: Vec<_> = mails.into_iter().filter(|mail| mail.subject.contains("Changed")).collect();
            (about.len() >= ROUNDS).then_some(about)
        })
        .await;
        let mut ids = BTreeSet::new();
        for mail in &mails {
            let source = inbox.source(mail).await;
            let id = source.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:"));
            ids.insert(id.expect("every mail has one").to_owned());
        }
        assert_eq!(ids.len(), ROUNDS, "each mail has an id of its own, also if it had to be sent again");
    }
    // The other slots are free again.
    let admin = stack.admin().await;
    house.schedule(&admin, &house.large, start).await;
    let clash = json!({"show_id": house.show, "screen_id": house.small, "starts_at": last.to_string(),
        "prices": {"gold": inr(1), "silver": inr(1)}});
    admin.post("/screenings", &clash).await.expect_problem(409, "screen-busy");
    rebuilt_tables_equal(&stack);
    stack.verify();
}

#[tokio::test]
async fn of_two_screenings_that_want_a_slot_one_gets_it() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let house = House::open(&admin).await;
    let start = tomorrow();
    for round in 0..ROUNDS {
        let day = after(start, 24 * 60 * i64::try_from(round).expect("few"));
        let first = house.schedule(&admin, &house.small, day).await;
        let second = house.schedule(&admin, &house.large, day).await;
        let evening = after(day, 300);
        let body = json!({"screen_id": house.small, "starts_at": evening.to_string()});
        let (one, two) = tokio::join!(change(&admin, &first, &body), change(&admin, &second, &body));
        let (won, lost) = if one.status == 200 { (one, two) } else { (two, one) };
        assert_eq!(moment(&won.expect(200).json["starts_at"]), evening);
        lost.expect_problem(409, "screen-busy");
        // Two changes of one screening: both may succeed, one after the other, but never half of each.
        let (early, late) = (at_body(after(day, 600)), at_body(after(day, 720)));
        let (one, two) = tokio::join!(change(&admin, &first, &early), change(&admin, &first, &late));
        for answer in [one, two] {
            assert!(
                answer.status == 200 || answer.problem() == Some("change-in-progress"),
                "{}",
                answer.text()
            );
        }
    }
    stack.verify();
}

fn at_body(moment: Timestamp) -> Value {
    json!({"starts_at": moment.to_string()})
}

#[tokio::test]
async fn a_show_that_is_cancelled_while_its_screening_changes_leaves_no_slot_and_no_money_behind() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    for round in 0..3_i64 {
        let house = House::open(&admin).await;
        let start = tomorrow();
        let screening = house.schedule(&admin, &house.small, start).await;
        let ada = stack.customer_with(&admin, 100_000).await;
        let (booking, _) = bought(&ada, &screening, &["A-1"]).await;
        let body = json!({"screen_id": house.large, "starts_at": after(start, 30).to_string()});
        let off =
            if round == 0 { format!("/screenings/{screening}") } else { format!("/shows/{}", house.show) };
        let (asked, cancelled) =
            tokio::join!(change(&admin, &screening, &body).try_send(), admin.delete(&off).try_send());
        drop((asked, cancelled));
        stack.server.restart().await;
        eventually_within(PATIENCE, "the cancellation", async || {
            let answer = admin.delete(&off).try_send().await.ok()?;
            (answer.status < 500).then_some(())
        })
        .await;
        ada.booking_when(PATIENCE, &booking, "the money to be back", |seen| seen["status"] == "refunded")
            .await;
        balance_when(&ada.client, 100_000).await;
        let show = json!({"title": "Another", "description": "One more.", "duration_minutes": 90,
            "language": "English", "genres": ["Drama"]});
        let show = admin.post("/shows", &show).await.expect(201).str("show_id").to_owned();
        let house = House { show, ..house };
        for screen in [&house.small, &house.large] {
            eventually_within(PATIENCE, "the slot to be free", async || {
                let body = json!({"show_id": house.show, "screen_id": screen, "starts_at": start.to_string(),
                    "prices": {"gold": inr(1), "silver": inr(1)}});
                let answer = admin.post("/screenings", &body).try_send().await.ok()?;
                (answer.status == 201).then_some(())
            })
            .await;
        }
    }
    stack.verify();
}
