//! The box office: sales, tills and refunds at the counter.

use axum::http::Method;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use ticketshow_domain::{BookingId, ScreeningId, TillId, screening::Screening, till::Till};
use ticketshow_nats::{clock, executor::outcome::Freshness};

use crate::fixture::{Answer, Call, Fixture, Person};

fn inr(amount_minor: i64) -> Value {
    json!({ "amount_minor": amount_minor, "currency": "INR" })
}

fn seats(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "seat": name })).collect()
}

fn sale(screening: ScreeningId, names: &[&str], method: &str) -> Value {
    json!({ "screening_id": screening, "seats": seats(names), "method": method })
}

impl Fixture {
    async fn sell(&self, body: Value) -> Answer {
        self.ask("/box-office/sales").json(body).send().await
    }

    async fn open_till(&self, float: i64) -> String {
        self.ask("/box-office/tills").json(json!({ "float": inr(float) })).gives(201).await.id("till_id")
    }

    fn close_till(&self, till: &str, counted: i64) -> Call<'_> {
        self.ask(&format!("/box-office/tills/{till}/closing")).json(json!({ "counted": inr(counted) }))
    }

    /// Cash that should be in the drawer of the administrator's session.
    async fn expected(&self, seller: &Person, till: &str) -> i64 {
        let state = self.executor.state::<Till>(&seller.user, Freshness::Fresh).await.unwrap().state;
        let till: TillId = till.parse().unwrap();
        state.sessions.get(&till).unwrap().expected_minor
    }
}

#[tokio::test]
async fn seats_are_sold_for_cash_in_one_call_and_a_repeat_sells_nothing_more() {
    let fixture = Fixture::open().await;
    let seller = fixture.administrator().await;
    let screening = fixture.screening().await;
    let sell =
        |key: &str, body: Value| fixture.post("/box-office/sales").token(&seller.token).key(key).json(body);
    let without = sell("k", sale(screening, &["A-1", "B-1"], "cash")).send().await;
    assert_eq!(without.outcome(), (409, "no-open-till"));

    let open = fixture.post("/box-office/tills").token(&seller.token).json(json!({ "float": inr(100_000) }));
    let till = open.gives(201).await.id("till_id");
    let sold = sell("k", sale(screening, &["A-1", "B-1"], "cash")).gives(201).await;
    assert_eq!(sold.body["status"], "confirmed");
    assert_eq!((&sold.body["amount"], &sold.body["method"]), (&inr(50_000), &json!("cash")));
    assert_eq!((sold.id("till_id"), &sold.body["seats"]), (till.clone(), &json!(["A-1", "B-1"])));
    assert_eq!(sold.id("reference").len(), 9);
    let tickets = sold.body["tickets"].as_array().unwrap();
    assert_eq!(tickets.iter().map(|ticket| &ticket["seat"]).collect::<Vec<_>>(), ["A-1", "B-1"]);
    assert!(tickets.iter().all(|ticket| ticket["code"].as_str().unwrap().starts_with("TS1.")));
    assert_eq!(fixture.expected(&seller, &till).await, 150_000);

    let other = sell("k", sale(screening, &["A-2"], "cash")).send().await;
    assert_eq!(other.outcome(), (422, "idempotency-key-reused"));
    let close = format!("/box-office/tills/{till}/closing");
    fixture.post(&close).token(&seller.token).json(json!({ "counted": inr(150_000) })).gives(200).await;
    let repeated = sell("k", sale(screening, &["A-1", "B-1"], "cash")).gives(201).await;
    assert_eq!(repeated.body, sold.body, "also after the till was closed");
    assert_eq!(fixture.expected(&seller, &till).await, 150_000);
    let closed = sell("l", sale(screening, &["A-2"], "cash")).send().await;
    assert_eq!(closed.outcome(), (409, "no-open-till"), "a closed till takes no new cash");

    let ada = fixture.customer().await;
    let taken = fixture.reserve(&ada, screening, &["A-1"]).send().await;
    assert_eq!(taken.outcome(), (409, "seat-taken"));
    let again = sell("m", sale(screening, &["B-1", "B-2"], "upi")).send().await;
    assert_eq!((again.outcome(), &again.body["seats"]), ((409, "seat-taken"), &json!(["B-1"])));
    let as_customer = fixture.post("/box-office/sales").token(&ada.token);
    as_customer.json(sale(screening, &["B-2"], "upi")).gives(403).await;
}

#[tokio::test]
async fn a_ticket_of_the_counter_admits() {
    let fixture = Fixture::open().await;
    let screening = fixture.screening_in(jiff::SignedDuration::from_hours(1)).await;
    let sold = fixture.sell(sale(screening, &["A-1"], "card_terminal")).await;
    assert_eq!((sold.status.as_u16(), &sold.body["till_id"]), (201, &Value::Null), "a machine needs no till");
    let code = &sold.body["tickets"][0]["code"];
    fixture.ask("/check-ins").json(json!({ "code": code, "screening_id": screening })).gives(200).await;
}

#[tokio::test]
async fn wrong_sales_are_refused_with_their_reason() {
    let fixture = Fixture::open().await;
    let screening = fixture.screening().await;
    let flaw = |answer: &Answer| answer.body["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
    for (names, refused) in [
        (&["Z-1"][..], (422, "unknown-seat")),
        (&["A-1", "A-1"], (422, "duplicate-seat")),
        (&[], (422, "seat-count")),
    ] {
        assert_eq!(fixture.sell(sale(screening, names, "upi")).await.outcome(), refused, "{names:?}");
    }
    let with = |name: &str, value: Value| {
        let mut body = sale(screening, &["A-1"], "complimentary");
        body[name] = value;
        body
    };
    let customer = |name: &str, value: &str| with("customer", json!({ name: value }));
    let long = "x".repeat(201);
    let mut child = sale(screening, &["A-1"], "upi");
    child["seats"][0]["ticket_type"] = json!("child");
    assert_eq!(fixture.sell(child).await.outcome(), (422, "unknown-ticket-type"));
    for (body, pointer) in [
        (sale(screening, &["A-1"], "complimentary"), "/reason"),
        (with("reason", json!(" ")), "/reason"),
        (with("reason", json!(long)), "/reason"),
        (customer("email", "ada"), "/customer/email"),
        (customer("phone", "call me"), "/customer/phone"),
        (customer("name", &long), "/customer/name"),
    ] {
        let refused = fixture.sell(body).await;
        assert_eq!((refused.outcome(), &*flaw(&refused)), ((422, "invalid"), pointer));
    }
    for body in [sale(screening, &["A-1"], "wallet"), with("discount", json!(1))] {
        assert!([400, 422].contains(&fixture.sell(body).await.status.as_u16()));
    }
    let nowhere = fixture.sell(sale(ScreeningId(clock::new_id()), &["A-1"], "upi")).await;
    assert_eq!(nowhere.outcome(), (404, "not-found"));
    let free = fixture.sell(with("reason", json!(" Press "))).await;
    assert_eq!((free.status.as_u16(), &free.body["amount"]), (201, &inr(0)), "nothing of the above was sold");
}

#[tokio::test]
async fn seats_of_the_house_are_sold_by_the_name_of_their_block() {
    let fixture = Fixture::open().await;
    let screening = fixture.screening().await;
    let body = json!({ "seats": ["A-1", "A-2"], "reason": "Press" });
    let block = fixture.ask(&format!("/screenings/{screening}/blocks")).json(body).gives(201).await;
    let block = block.id("block_id");
    assert_eq!(fixture.sell(sale(screening, &["A-1"], "upi")).await.outcome(), (409, "seat-taken"));
    let wanted = json!([{ "seat": "A-1", "block_id": block }, { "seat": "A-3" }]);
    let named = json!({ "screening_id": screening, "seats": wanted, "method": "upi" });
    assert_eq!(fixture.sell(named).await.status, 201);
    let ada = fixture.customer().await;
    let kept = fixture.reserve(&ada, screening, &["A-2"]).send().await;
    assert_eq!(kept.outcome(), (409, "seat-taken"), "the rest of the block");
    let path = format!("/screenings/{screening}/blocks/{block}");
    fixture.call(Method::DELETE, &path).token(&fixture.admin).gives(204).await;
    fixture.reserve(&ada, screening, &["A-2"]).gives(201).await;
    assert_eq!(fixture.reserve(&ada, screening, &["A-1"]).send().await.outcome(), (409, "seat-taken"));
}

#[tokio::test]
async fn a_till_is_opened_once_and_closed_with_a_count() {
    let fixture = Fixture::open().await;
    let till = fixture.open_till(50_000).await;
    let second = fixture.ask("/box-office/tills").json(json!({ "float": inr(1) })).send().await;
    assert_eq!((second.outcome(), second.id("till_id")), ((409, "till-open"), till.clone()));
    let screening = fixture.screening().await;
    assert_eq!(fixture.sell(sale(screening, &["A-1"], "cash")).await.status, 201);
    assert_eq!(fixture.sell(sale(screening, &["A-2"], "upi")).await.status, 201, "not in the drawer");

    let stranger = fixture.administrator().await;
    let path = format!("/box-office/tills/{till}/closing");
    let foreign = fixture.post(&path).token(&stranger.token).json(json!({ "counted": inr(0) }));
    assert_eq!(foreign.send().await.outcome(), (404, "not-found"));
    let other_currency = json!({ "counted": { "amount_minor": 1, "currency": "EUR" } });
    assert_eq!(fixture.ask(&path).json(other_currency).send().await.outcome(), (422, "wrong-currency"));

    let closed = fixture.close_till(&till, 79_000).gives(200).await;
    let report = json!({
        "till_id": till, "float": inr(50_000), "expected": inr(80_000), "counted": inr(79_000), "difference": inr(-1_000),
    });
    assert_eq!(closed.body, report);
    assert_eq!(fixture.close_till(&till, 79_000).gives(200).await.body, report, "a repeat");
    assert_eq!(fixture.close_till(&till, 80_000).send().await.outcome(), (409, "till-closed"));
    assert_eq!(fixture.close_till(&till, 79_000).key("k").gives(200).await.body, report);
    let reused = fixture.close_till(&till, 80_000).key("k").send().await;
    assert_eq!(reused.outcome(), (422, "idempotency-key-reused"));
    let negative = fixture.ask("/box-office/tills").json(json!({ "float": inr(-1) })).send().await;
    assert_eq!(negative.body["errors"][0]["pointer"], "/float/amount_minor");
    fixture.open_till(0).await;
}

#[tokio::test]
async fn a_sale_to_an_account_is_its_customer_s_booking_and_its_money_is_handed_back_at_the_counter_once() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let till = fixture.open_till(0).await;
    let mut body = sale(screening, &["A-1"], "cash");
    body["customer"] =
        json!({ "name": "Ada L.", "email": ada.email.to_uppercase(), "phone": "+91 98200 12345" });
    let sold = fixture.sell(body).await;
    assert_eq!(sold.status, 201, "{sold:?}");
    let booking = sold.id("booking_id");
    let claim_of = async |booking: &str| {
        let id: BookingId = booking.parse().unwrap();
        let seen = fixture.executor.state::<Screening>(&screening, Freshness::Fresh).await.unwrap();
        seen.state.claim(id).cloned().unwrap()
    };
    assert_eq!(claim_of(&booking).await.customer, ada.user);

    let refund = |key: &str, method: &str| {
        let body = json!({ "booking_id": booking, "method": method });
        fixture.ask("/box-office/refunds").key(key).json(body)
    };
    assert_eq!(refund("k", "cash").send().await.outcome(), (409, "not-cancelled"));
    let cancelled = fixture.call(Method::DELETE, &format!("/bookings/{booking}")).token(&ada.token);
    let due = cancelled.gives(202).await;
    let expected = json!({ "status": "requested", "amount": inr(30_000), "to": "cash" });
    assert_eq!(due.body["refund"], expected);

    let paid_out = refund("k", "cash").gives(201).await;
    assert_eq!((&paid_out.body["amount"], &paid_out.body["status"]), (&inr(30_000), &json!("refunded")));
    assert_eq!(refund("k", "cash").gives(201).await.body, paid_out.body, "a repeat hands out nothing more");
    assert_eq!(refund("l", "cash").send().await.outcome(), (409, "already-refunded"));
    assert_eq!(refund("k", "upi").send().await.outcome(), (422, "idempotency-key-reused"));
    assert_eq!(refund("m", "upi").send().await.outcome(), (409, "already-refunded"));
    let closed = fixture.close_till(&till, 0).gives(200).await;
    assert_eq!(closed.body["expected"], inr(0), "taken and handed back");
}

#[tokio::test]
async fn single_seats_of_a_sale_are_handed_back_in_cash_once_and_the_rest_later() {
    let fixture = Fixture::open().await;
    let seller = fixture.administrator().await;
    let screening = fixture.screening().await;
    let call = |path: &str| fixture.post(path).token(&seller.token);
    let sell = |method: &str, names: &[&str]| {
        let mut body = sale(screening, names, method);
        body["reason"] = json!("Press");
        call("/box-office/sales").json(body)
    };
    let float = json!({ "float": inr(100_000) });
    let till = call("/box-office/tills").json(float.clone()).gives(201).await.id("till_id");
    let sold = || sell("upi", &["A-1", "A-2", "B-1"]).key("s");
    let first = sold().gives(201).await;
    let path = format!("/bookings/{}/cancellation", first.id("booking_id"));
    let back = |key: &str, body: Value| call(&path).key(key).json(body);

    let seat = || back("k", json!({ "seats": ["B-1"], "refund": "cash" }));
    let returned = seat().gives(202).await;
    let refund = |amount: i64| json!({ "status": "completed", "amount": inr(amount), "to": "cash" });
    assert_eq!((&returned.body["refund"], &returned.body["status"]), (&refund(20_000), &json!("confirmed")));
    assert_eq!(returned.body["seats"], json!(["A-1", "A-2"]));
    assert_eq!(fixture.expected(&seller, &till).await, 80_000, "the money left the drawer");
    assert_eq!(sold().gives(201).await.body, first.body, "a repeated sale is answered as it was sold");
    for (body, refused) in [
        (json!({ "seats": ["A-1"] }), "sold-at-counter"),
        (json!({ "seats": ["A-1"], "refund": "wallet" }), "sold-at-counter"),
    ] {
        assert_eq!(back("l", body).send().await.outcome(), (409, refused));
    }
    let close = format!("/box-office/tills/{till}/closing");
    call(&close).json(json!({ "counted": inr(80_000) })).gives(200).await;
    let without = back("m", json!({ "seats": ["A-1"], "refund": "cash" })).send().await;
    assert_eq!(without.outcome(), (409, "no-open-till"));
    assert_eq!(seat().gives(202).await.body, returned.body, "a repeat, also after the till was closed");
    let second = call("/box-office/tills").json(float).gives(201).await.id("till_id");
    assert_eq!(seat().gives(202).await.body, returned.body);
    assert_eq!(fixture.expected(&seller, &till).await, 80_000);
    assert_eq!(fixture.expected(&seller, &second).await, 100_000, "a repeat hands out nothing more");

    let kept = back("o", json!({ "seats": ["A-1"], "refund": "none" })).gives(202).await;
    assert_eq!(kept.body["refund"], Value::Null);
    let rest = || back("n", json!({ "refund": "cash" }));
    let last = rest().gives(202).await;
    assert_eq!((&last.body["refund"], &last.body["status"]), (&refund(30_000), &json!("refunded")));
    assert_eq!(rest().gives(202).await.body, last.body);
    assert_eq!(fixture.expected(&seller, &second).await, 70_000);

    let owed = sell("cash", &["A-5", "A-6"]).gives(201).await.id("booking_id");
    let path = format!("/bookings/{owed}/cancellation");
    call(&path).json(json!({ "seats": ["A-5"], "refund": "cash" })).gives(202).await;
    let cancelled = call(&path).gives(202).await;
    let waiting = json!({ "status": "requested", "amount": inr(30_000), "to": "cash" });
    assert_eq!(cancelled.body["refund"], waiting, "it waits at the counter");
    let refund = json!({ "booking_id": owed, "method": "cash" });
    let paid_out = call("/box-office/refunds").json(refund).gives(201).await;
    assert_eq!(paid_out.body["amount"], inr(30_000), "only what is left");
    assert_eq!(fixture.expected(&seller, &second).await, 70_000, "taken twice, handed back twice");

    let free = sell("complimentary", &["A-7", "A-8"]).gives(201).await.id("booking_id");
    let path = format!("/bookings/{free}/cancellation");
    let cash = call(&path).json(json!({ "seats": ["A-7"], "refund": "cash" })).send().await;
    assert_eq!(cash.outcome(), (409, "nothing-to-refund"));
    let one = call(&path).json(json!({ "seats": ["A-7"], "refund": "none" })).gives(202).await;
    assert_eq!((&one.body["refund"], &one.body["amount"]), (&Value::Null, &inr(0)));
    assert_eq!(call(&path).gives(202).await.body["refund"], Value::Null);
}

#[tokio::test]
async fn a_block_is_named_for_its_own_seats_only() {
    let fixture = Fixture::open().await;
    let screening = fixture.screening().await;
    let body = json!({ "seats": ["A-1"], "reason": "Press" });
    let block = fixture.ask(&format!("/screenings/{screening}/blocks")).json(body).gives(201).await;
    for wrong in [block.id("block_id"), clock::new_id().to_string()] {
        let seats = json!([{ "seat": "A-2" }, { "seat": "A-3", "block_id": wrong }]);
        let refused =
            fixture.sell(json!({ "screening_id": screening, "seats": seats, "method": "upi" })).await;
        assert_eq!(refused.outcome(), (422, "invalid"));
        assert_eq!(refused.body["errors"][0]["pointer"], "/seats/1/block_id");
    }
}

#[tokio::test]
async fn a_seat_is_sold_by_the_counter_or_held_online_never_both() {
    let fixture = Fixture::open().await;
    let screening = fixture.screening().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let names: Vec<String> = (1..=12).map(|number| format!("A-{number}")).collect();
    let contests = stream::iter(&names).map(async |name| {
        let counter = fixture.sell(sale(screening, &[name.as_str()], "upi"));
        let (first, counter, second) = tokio::join!(
            fixture.reserve(&ada, screening, &[name.as_str()]).send(),
            counter,
            fixture.reserve(&bob, screening, &[name.as_str()]).send(),
        );
        let outcomes = [first, counter, second].map(|answer| answer.status.as_u16());
        (name, outcomes)
    });
    let contests: Vec<_> = contests.buffer_unordered(4).collect().await;
    for (name, outcomes) in contests {
        let won = outcomes.iter().filter(|outcome| **outcome == 201).count();
        // A customer who has too many unpaid holds is refused for that.
        assert!(
            won == 1 && outcomes.iter().all(|outcome| [201, 409].contains(outcome)),
            "{name}: {outcomes:?}"
        );
    }
}
