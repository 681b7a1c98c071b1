//! Paid bookings move to other seats and other screenings: no seat is sold twice, no booking is ever without seats,
//! and no money is lost, even if services are killed meanwhile.

use std::time::Duration;

use jiff::ToSpan;
use serde_json::{Value, json};
use ticketshow_dodo_sim::MovementKind;
use ticketshow_tests::{
    Answer, CUSTOMER_PASSWORD, Call, Client, Customer, Inbox, Stack, eventually_within, held_within, inr,
    login, seat_status, tomorrow,
};

const PATIENCE: Duration = Duration::from_mins(4);
/// Rounds in which the server is killed, or two customers want one seat.
const ROUNDS: usize = 6;

/// Two screenings of one show in one room, a day apart. Seats of row A cost 300 rupees, and of row B 200.
struct House {
    venue: String,
    today: String,
    later: String,
}

impl House {
    async fn open(admin: &Client) -> Self {
        let venue = json!({"name": "Rex", "address": "12 Lake Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
            "opens_at": "00:00", "closes_at": "00:00"});
        let venue = admin.post("/venues", &venue).await.expect(201).str("venue_id").to_owned();
        let row = |label: &str, category: &str| json!({"label": label, "category": category, "seats": 10});
        let layout = json!({"rows": [row("A", "gold"), row("B", "silver")]});
        let path = format!("/venues/{venue}/screens");
        let screen = admin.post(&path, &json!({"name": "Screen 1", "layout": layout})).await.expect(201);
        let show = json!({"title": "The Lighthouse Keeper", "description": "A play about waiting.",
            "duration_minutes": 90, "language": "English", "genres": ["Drama"]});
        let show = admin.post("/shows", &show).await.expect(201);
        let (screen, show) = (screen.str("screen_id"), show.str("show_id"));
        let open = async |days: i64| {
            let starts_at = tomorrow().checked_add((days * 24).hours()).expect("the near future is in range");
            let body = json!({"show_id": show, "screen_id": screen, "starts_at": starts_at.to_string(),
                "prices": {"gold": inr(30_000), "silver": inr(20_000)}});
            admin.post("/screenings", &body).await.expect(201).str("screening_id").to_owned()
        };
        Self { today: open(0).await, later: open(1).await, venue }
    }
}

async fn bought(customer: &Customer, screening: &str, seats: &[&str]) -> (String, Vec<String>) {
    let held = customer.reserve(screening, seats).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    let paid = customer.pay(&booking).await.expect(200);
    (booking, codes(&paid.json))
}

fn codes(booking: &Value) -> Vec<String> {
    let tickets = booking["tickets"].as_array().into_iter().flatten();
    tickets.filter_map(|ticket| Some(ticket["code"].as_str()?.to_owned())).collect()
}

fn ask(client: &Client, booking: &str, body: &Value, key: &str) -> Call {
    client.post(&format!("/bookings/{booking}/move"), body).key(key)
}

/// Asks until the move is over, over any number of restarts.
async fn moved(client: &Client, booking: &str, body: &Value, key: &str) -> Answer {
    eventually_within(PATIENCE, "the move to be over", async || {
        let answer = ask(client, booking, body, key).try_send().await.ok()?;
        (answer.status != 202 && answer.status < 500 && answer.problem() != Some("move-in-progress"))
            .then_some(answer)
    })
    .await
}

async fn balance_when(client: &Client, minor: i64) {
    eventually_within(PATIENCE, "the money to be in the wallet", async || {
        let wallet = client.get("/wallet").try_send().await.ok()?;
        (wallet.json["balance"] == inr(minor)).then_some(())
    })
    .await;
}

async fn map_when(client: &Client, screening: &str, what: &str, wanted: impl Fn(&Value) -> bool) {
    let path = format!("/screenings/{screening}/seats");
    eventually_within(PATIENCE, what, async || {
        let map = client.get(&path).try_send().await.ok()?;
        (map.status == 200 && wanted(&map.json)).then_some(())
    })
    .await;
}

async fn no_differences(admin: &Client) {
    eventually_within(Duration::from_secs(30), "the reconciliation to be clean", async || {
        let seen = admin.get("/admin/reconciliation").try_send().await.ok()?;
        (seen.status == 200 && seen.json["unmatched"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_booking_moves_within_its_screening_and_its_old_tickets_are_void() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let House { today, .. } = House::open(&admin).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let bob = stack.customer_with(&admin, 100_000).await;
    let (booking, old_codes) = bought(&ada, &today, &["A-1", "A-2"]).await;
    bob.reserve(&today, &["A-3"]).await.expect(201);

    let to = |seats: &[&str]| json!({"seats": seats});
    ask(&bob.client, &booking, &to(&["A-4", "A-5"]), "x").await.expect_problem(404, "not-found");
    let taken =
        ask(&ada.client, &booking, &to(&["A-3", "A-4"]), "one").await.expect_problem(409, "seat-taken");
    assert_eq!(taken.json["seats"], json!(["A-3"]));
    ask(&ada.client, &booking, &to(&["A-4"]), "one").await.expect_problem(422, "seat-count");
    ask(&ada.client, &booking, &to(&["A-4", "Z-1"]), "one").await.expect_problem(422, "unknown-seat");
    let waive = json!({"seats": ["A-4", "A-5"], "settle": "waive"});
    ask(&ada.client, &booking, &waive, "one").await.expect_problem(403, "forbidden");

    // Cheaper seats: 200 rupees come back.
    let body = to(&["B-1", "B-2"]);
    let answer = moved(&ada.client, &booking, &body, "two").await.expect(200);
    assert_eq!(
        (&answer.json["status"], &answer.json["seats"]),
        (&json!("confirmed"), &json!(["B-1", "B-2"]))
    );
    assert_eq!((&answer.json["amount"], &answer.json["refund"]["amount"]), (&inr(40_000), &inr(20_000)));
    balance_when(&ada.client, 60_000).await;
    let again = ask(&ada.client, &booking, &body, "two").await.expect(200);
    assert_eq!(again.json["seats"], json!(["B-1", "B-2"]));
    let other = ask(&ada.client, &booking, &to(&["B-3", "B-4"]), "two").await;
    other.expect_problem(422, "idempotency-key-reused");

    let seen = ada
        .booking_when(PATIENCE, &booking, "the difference to be refunded", |seen| {
            seen["returns"][0]["refund"]["status"] == "completed"
        })
        .await;
    assert_eq!((&seen["seats"], &seen["amount"]), (&json!(["B-1", "B-2"]), &inr(40_000)));
    assert_eq!(codes(&seen), codes(&answer.json));
    map_when(&ada.client, &today, "the old seats to be free", |map| {
        seat_status(map, "A-1") == "free" && seat_status(map, "B-1") == "sold"
    })
    .await;
    for code in &old_codes {
        admin.post("/check-ins", &json!({"code": code})).await.expect_problem(409, "void");
    }
    let door = admin.get(&format!("/screenings/{today}/door")).await.expect(200);
    let void: Vec<&str> =
        door.json["void"].as_array().unwrap().iter().map(|ticket| ticket["seat"].as_str().unwrap()).collect();
    assert_eq!(void, ["A-1", "A-2"]);
    let (guest, _) = bought(&bob, &today, &["A-1"]).await;
    assert_ne!(guest, booking, "the old seat is for sale");

    no_differences(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn a_difference_is_paid_from_the_wallet_and_goes_back_with_the_booking() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let House { today, .. } = House::open(&admin).await;
    let ada = stack.customer_with(&admin, 65_000).await;
    let (booking, _) = bought(&ada, &today, &["A-1", "A-2"]).await;
    let cheaper = moved(&ada.client, &booking, &json!({"seats": ["B-1", "B-2"]}), "one").await.expect(200);
    assert_eq!(cheaper.json["refund"]["amount"], inr(20_000));
    balance_when(&ada.client, 25_000).await;

    let dear = |settle: &str| json!({"seats": ["A-5", "A-6"], "settle": settle});
    let refused = ask(&ada.client, &booking, &dear("refund"), "three").await;
    assert_eq!(refused.expect_problem(409, "difference-to-pay").json["amount"], inr(20_000));
    let mut by_card = dear("pay");
    by_card["method"] = json!("card");
    ask(&ada.client, &booking, &by_card, "three").await.expect_problem(409, "difference-from-wallet-only");
    let paid = moved(&ada.client, &booking, &dear("pay"), "three").await.expect(200);
    assert_eq!((&paid.json["paid"], &paid.json["amount"]), (&inr(20_000), &inr(60_000)));
    balance_when(&ada.client, 5_000).await;
    let history = ada.client.get(&format!("/bookings/{booking}/history")).await.expect(200);
    for sentence in [
        "You have seats B-1 and B-2 now, with new tickets. ₹200.00 will be refunded.",
        "The difference of ₹200.00 has been refunded to your wallet.",
        "You have seats A-5 and A-6 now, with new tickets. ₹200.00 was paid from your wallet.",
    ] {
        assert!(history.text().contains(sentence), "{sentence}: {}", history.text());
    }

    // Without the money, the booking stays as it is, also for a repeat.
    moved(&ada.client, &booking, &json!({"seats": ["B-1", "B-2"]}), "four").await.expect(200);
    balance_when(&ada.client, 25_000).await;
    bought(&ada, &today, &["B-5"]).await;
    for _ in 0..2 {
        let refused = moved(&ada.client, &booking, &dear("pay"), "five").await;
        assert_eq!(refused.expect_problem(402, "insufficient-funds").json["amount"], inr(20_000));
    }
    let seen = ada.client.get(&format!("/bookings/{booking}")).await.expect(200);
    assert_eq!(seen.json["seats"], json!(["B-1", "B-2"]));

    // All of it goes back.
    ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    ada.booking_when(PATIENCE, &booking, "the money to be back", |seen| seen["status"] == "refunded").await;
    balance_when(&ada.client, 45_000).await;
    let sales = admin.get("/admin/sales?group_by=show").await.expect(200);
    let row = &sales.json["items"][0];
    assert_eq!(
        (&row["seats_refunded"], &row["bookings_refunded"]),
        (&json!(2), &json!(1)),
        "{}",
        sales.text()
    );
    no_differences(&admin).await;
    stack.verify();
}

/// Staff at the desk read about the customer; those of other venues and other customers do not.
async fn desk_reads_history(booking: &str, clerk: &Client, stranger: &Client, bob: &Client) {
    let path = format!("/admin/bookings/{booking}/history");
    let history = clerk.get(&path).await.expect(200);
    for sentence in
        ["The house moves the customer from seat B-1 to seat A-1", "A difference of ₹100.00 is waived."]
    {
        assert!(history.text().contains(sentence), "{sentence}: {}", history.text());
    }
    stranger.get(&path).await.expect_problem(403, "forbidden");
    bob.get(&path).await.expect_problem(403, "forbidden");
    let of_customer = format!("/bookings/{booking}/history");
    for other in [clerk, stranger, bob] {
        other.get(&of_customer).await.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_booking_moves_to_another_screening_of_its_show_and_gets_one_mail() {
    let inbox = Inbox::start().await;
    let url = inbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("TICKETSHOW_MAIL_FROM", "The House <house@example.org>")];
    let mut stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let House { today, later, venue } = House::open(&admin).await;
    let elsewhere = House::open(&admin).await;
    let ada = stack.customer_with(&admin, 40_000).await;
    let (booking, old_codes) = bought(&ada, &today, &["B-1"]).await;
    inbox.wait_for(&ada.email, "Your tickets").await;

    let to = |screening: &str, seat: &str| json!({"screening_id": screening, "seats": [seat]});
    ask(&ada.client, &booking, &to(&elsewhere.today, "B-1"), "one").await.expect_problem(409, "other-show");
    let desk = async |venue: &str| {
        let member = stack.customer().await;
        let path = format!("/admin/accounts/{}/role", member.user_id);
        let role = json!({"role": "box_office", "venues": [venue]});
        let granted = admin.put(&path).json(&role).await.expect(200);
        let client = login(&stack.client(), &member.email, CUSTOMER_PASSWORD).await;
        (client, granted)
    };
    let (stranger, _) = desk(&elsewhere.venue).await;
    ask(&stranger, &booking, &to(&later, "B-1"), "one").await.expect_problem(403, "forbidden");
    let (clerk, _) = desk(&venue).await;

    // The clerk moves the customer to a dearer seat of another day, and waives the difference.
    let mut body = to(&later, "A-1");
    body["settle"] = json!("waive");
    body["reason"] = json!("The seat was broken.");
    ask(&ada.client, &booking, &body, "two").await.expect_problem(403, "forbidden");
    let answer = moved(&clerk, &booking, &body, "two").await.expect(200);
    assert_eq!((&answer.json["screening_id"], &answer.json["amount"]), (&json!(later), &inr(20_000)));
    stack.server.restart().await;
    let seen = ada
        .booking_when(PATIENCE, &booking, "the other screening", |seen| {
            seen["screening"]["screening_id"] == json!(later)
        })
        .await;
    assert_eq!((&seen["status"], &seen["seats"]), (&json!("confirmed"), &json!(["A-1"])));
    assert_eq!(seen["reference"], answer.json["reference"]);
    let admin = stack.admin().await;
    map_when(&admin, &today, "the old seat to be free", |map| seat_status(map, "B-1") == "free").await;
    admin.post("/check-ins", &json!({"code": old_codes[0]})).await.expect_problem(409, "void");
    let door = admin.get(&format!("/screenings/{today}/door")).await.expect(200);
    assert_eq!((&door.json["tickets"], &door.json["void"][0]["seat"]), (&json!([]), &json!("B-1")));
    let guests = |screening: &str| admin.get(&format!("/screenings/{screening}/guests"));
    assert_eq!(guests(&today).await.expect(200).json["items"], json!([]));
    assert_eq!(guests(&later).await.expect(200).json["items"].as_array().map(Vec::len), Some(1));
    let history = ada.client.get(&format!("/bookings/{booking}/history")).await.expect(200);
    for sentence in [
        "Seat B-1 is yours.",
        "We are moving you from seat B-1 to seat A-1 of the screening at ",
        "Reason: The seat was broken. A difference of ₹100.00 is waived.",
    ] {
        assert!(history.text().contains(sentence), "{sentence}: {}", history.text());
    }
    let bob = stack.customer().await.client;
    desk_reads_history(&booking, &clerk, &stranger, &bob).await;

    let mail = inbox.wait_for(&ada.email, "Your new tickets").await;
    assert!(mail.text.contains("Before, you had seat B-1"), "{}", mail.text);
    let mails = inbox.mails_to(&ada.email).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("cancel")).count(), 0);
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("new tickets")).count(), 1);

    // A cascade of the old screening does not affect it, and one of the new screening does.
    admin.delete(&format!("/screenings/{today}")).await.expect(202);
    admin.delete(&format!("/screenings/{later}")).await.expect(202);
    ada.booking_when(PATIENCE, &booking, "the money to be back", |seen| seen["status"] == "refunded").await;
    balance_when(&ada.client, 40_000).await;
    no_differences(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn a_move_that_is_killed_is_completed_and_no_booking_is_without_seats() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    let House { today, later, .. } = House::open(&admin).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let (booking, _) = bought(&ada, &today, &["A-1", "A-2"]).await;
    for round in 0..ROUNDS {
        // There and back, dearer and cheaper in turn.
        let (to, seats, settle) = match round % 3 {
            0 => (&later, ["B-1", "B-2"], "refund"),
            1 => (&today, ["A-3", "A-4"], "pay"),
            _ => (&today, ["A-1", "A-2"], "refund"),
        };
        let body = json!({"screening_id": to, "seats": seats, "settle": settle});
        let key = format!("round-{round}");
        // The server is killed at another step in each round; the result must always be the same.
        let kill_after = Duration::from_millis(7 * round as u64);
        let asked = ask(&ada.client, &booking, &body, &key).try_send();
        let answered = held_within(kill_after, async || None::<()>);
        tokio::pin!(asked);
        tokio::select! {
            _ = &mut asked => {}
            _ = answered => {}
        }
        stack.server.restart().await;
        let answer = moved(&ada.client, &booking, &body, &key).await.expect(200);
        assert_eq!(answer.json["seats"], json!(seats), "round {round}");
        assert_eq!(answer.json["screening_id"], json!(to));
        let minor = if round % 3 == 0 { 60_000 } else { 40_000 };
        balance_when(&ada.client, minor).await;
    }
    let sold = |map: &Value| {
        let rows = map["rows"].as_array().unwrap().iter();
        rows.flat_map(|row| row["seats"].as_array().unwrap()).filter(|seat| seat["status"] == "sold").count()
    };
    map_when(&ada.client, &today, "two seats to be sold", |map| sold(map) == 2).await;
    map_when(&ada.client, &later, "no seat to be sold", |map| sold(map) == 0).await;
    no_differences(&stack.admin().await).await;
    stack.verify();
}

#[tokio::test]
async fn of_two_who_want_a_seat_one_gets_it_and_the_other_loses_nothing() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let House { today, later, .. } = House::open(&admin).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let bob = stack.customer_with(&admin, 1_000_000).await;
    for round in 0..ROUNDS {
        let seat = format!("A-{}", round + 1);
        let (booking, _) = bought(&ada, &today, &["B-1"]).await;
        let body = json!({"screening_id": later, "seats": [seat], "settle": "pay"});
        let key = format!("round-{round}");
        let wanted = [seat.as_str()];
        let (moving, reserving) =
            tokio::join!(moved(&ada.client, &booking, &body, &key), bob.reserve(&later, &wanted));
        match reserving.status {
            201 => {
                moving.expect_problem(409, "seat-taken");
                bob.pay(reserving.str("booking_id")).await.expect(200);
                ada.booking_when(PATIENCE, &booking, "the booking to keep its seat", |seen| {
                    seen["status"] == "confirmed" && seen["seats"] == json!(["B-1"])
                })
                .await;
                balance_when(&ada.client, 80_000).await;
            }
            409 => {
                assert_eq!(moving.expect(200).json["seats"], json!([seat]));
                balance_when(&ada.client, 70_000).await;
            }
            status => panic!("{status} {}", reserving.text()),
        }
        ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
        balance_when(&ada.client, 100_000).await;
    }
    stack.verify();
}

#[tokio::test]
async fn a_show_that_is_cancelled_while_a_booking_moves_is_refunded_once() {
    let mut stack = Stack::start().await;
    let admin = stack.admin().await;
    for round in 0..3 {
        let House { today, later, .. } = House::open(&admin).await;
        let ada = stack.customer_with(&admin, 100_000).await;
        let (booking, _) = bought(&ada, &today, &["B-1"]).await;
        let body = json!({"screening_id": later, "seats": ["A-1"], "settle": "pay"});
        let off = if round == 1 { &later } else { &today };
        let asked = ask(&ada.client, &booking, &body, "one");
        let path = format!("/screenings/{off}");
        let (_, cancelled) = tokio::join!(asked.try_send(), admin.delete(&path).try_send());
        drop(cancelled);
        stack.server.restart().await;
        eventually_within(PATIENCE, "both screenings to be cancelled", async || {
            for screening in [&today, &later] {
                let answer = admin.delete(&format!("/screenings/{screening}")).try_send().await.ok()?;
                if answer.status >= 500 {
                    return None;
                }
            }
            Some(())
        })
        .await;
        ada.booking_when(PATIENCE, &booking, "the money to be back", |seen| seen["status"] == "refunded")
            .await;
        balance_when(&ada.client, 100_000).await;
    }
    no_differences(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn a_card_gets_what_cheaper_seats_leave_back_once() {
    let (mut stack, sim) = Stack::with_cards(&[]).await;
    let admin = stack.admin().await;
    let House { today, later, .. } = House::open(&admin).await;
    let ada = stack.customer().await;
    let held = ada.reserve(&today, &["A-1", "A-2"]).await.expect(201);
    let booking = held.str("booking_id").to_owned();
    let path = format!("/bookings/{booking}/payment");
    let opened = ada.client.post(&path, &json!({"method": "card"})).await.expect(201);
    sim.pay(opened.str("checkout_url")).await;
    ada.booking_when(PATIENCE, &booking, "the booking to be confirmed", |b| b["status"] == "confirmed").await;

    let body = json!({"screening_id": later, "seats": ["B-1", "B-2"]});
    let answer = moved(&ada.client, &booking, &body, "one").await.expect(200);
    assert_eq!(answer.json["refund"]["to"], "card");
    stack.server.restart().await;
    sim.settled().await;
    ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    ada.booking_when(PATIENCE, &booking, "the rest to be refunded", |b| b["status"] == "refunded").await;
    sim.settled().await;
    let refunds: Vec<i64> = sim
        .ledger()
        .iter()
        .filter(|movement| movement.kind == MovementKind::Refund)
        .map(|movement| movement.amount)
        .collect();
    assert_eq!((refunds.iter().sum::<i64>(), refunds.len()), (60_000, 2), "{refunds:?}");
    no_differences(&admin).await;
    stack.verify();
}

#[tokio::test]
async fn a_free_booking_of_the_counter_moves_and_stays_free() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let House { today, later, .. } = House::open(&admin).await;
    let sale = json!({"screening_id": today, "seats": [{"seat": "A-1"}], "method": "complimentary", "reason": "Press"});
    let sold = admin.post("/box-office/sales", &sale).await.expect(201);
    let booking = sold.str("booking_id");
    let body = json!({"screening_id": later, "seats": ["A-2"]});
    let answer = moved(&admin, booking, &body, "one").await.expect(200);
    assert_eq!((&answer.json["amount"], &answer.json["refund"]), (&inr(0), &Value::Null));

    let sale = json!({"screening_id": today, "seats": [{"seat": "A-3"}], "method": "upi"});
    let sold = admin.post("/box-office/sales", &sale).await.expect(201);
    let booking = sold.str("booking_id");
    let cheaper = |settle: &str| json!({"seats": ["B-3"], "settle": settle});
    ask(&admin, booking, &cheaper("refund"), "one").await.expect_problem(409, "sold-at-counter");
    let answer = moved(&admin, booking, &cheaper("waive"), "two").await.expect(200);
    assert_eq!(answer.json["amount"], inr(30_000));
    no_differences(&admin).await;
    stack.verify();
}
