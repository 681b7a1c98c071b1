//! Callers who keep seats, pages at the provider and room in the log from others.

use axum::http::Method;
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use ticketshow_domain::{
    BookingId, PaymentId, Policy, ScreeningId, SeatName,
    payment::{self, Payment},
    screening::{Command, Screening},
};
use ticketshow_http::{Limits, Quota};
use ticketshow_nats::{clock, executor::outcome::Freshness, log::metadata::Metadata};
use tokio::task::AbortHandle;

use crate::{
    bookings::{
        mails::confirmed,
        payments::{Saga, metadata, screening_of},
    },
    fixture::{Answer, Fixture, PASSWORD, Person},
};

async fn cancel(fixture: &Fixture, person: &Person, booking: &str) -> Answer {
    fixture.call(Method::DELETE, &format!("/bookings/{booking}")).token(&person.token).send().await
}

/// Holds a seat as a customer did that long ago.
async fn hold_before(fixture: &Fixture, ago: i64, person: &Person, screening: ScreeningId, seat: &str) {
    let (booking, seats) = (BookingId(clock::new_id()), vec![SeatName(seat.to_owned()).into()]);
    let command = Command::ReserveSeats { booking, customer: person.user, seats, fingerprint: None };
    let metadata = Metadata { time: clock::now() - SignedDuration::from_secs(ago), ..metadata() };
    fixture.executor.execute(&screening, command, metadata, |_: &Screening| ()).await.unwrap();
}

#[tokio::test]
async fn a_customer_holds_a_few_bookings_of_all_screenings_together() {
    let fixture = Fixture::open_with(&Limits { live_holds_per_user: 3, ..Limits::OFF }).await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let mut screenings = Vec::new();
    for _ in 0..4 {
        screenings.push(fixture.screening().await);
    }
    let mut bookings = Vec::new();
    for screening in &screenings[..3] {
        let held = fixture.reserve(&ada, *screening, &["A-1"]).key("first").gives(201).await;
        bookings.push(held.id("booking_id"));
    }
    let refused = fixture.reserve(&ada, screenings[3], &["A-1"]).send().await;
    assert_eq!((refused.outcome(), &refused.body["max"]), ((409, "too-many-holds"), &json!(3)));
    fixture.reserve(&bob, screenings[3], &["A-1"]).gives(201).await;
    // A repeat is answered as before, and a refused reservation leaves nothing behind.
    let repeat = fixture.reserve(&ada, screenings[0], &["A-1"]).key("first").gives(201).await;
    assert_eq!(repeat.id("booking_id"), bookings[0]);

    assert_eq!(cancel(&fixture, &ada, &bookings[0]).await.status, 200);
    fixture.reserve(&ada, screenings[3], &["A-2"]).gives(201).await;
    assert_eq!(fixture.reserve(&ada, screenings[3], &["A-3"]).send().await.status, 409);

    let _saga = Saga::run(&fixture, &ada).await;
    fixture.credit(&ada, 100_000).await;
    let path = format!("/bookings/{}/payment", bookings[1]);
    fixture.post(&path).token(&ada.token).json(json!({ "method": "wallet" })).gives(200).await;
    fixture.reserve(&ada, screenings[3], &["A-3"]).gives(201).await;
}

#[tokio::test]
async fn a_network_holds_a_part_of_a_screening() {
    let fixture = Fixture::open_with(&Limits { held_seats_per_address: 5, ..Limits::OFF }).await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let (screening, other) = (fixture.screening().await, fixture.screening().await);
    let booking = fixture.reserve(&ada, screening, &["A-1", "A-2", "A-3"]).gives(201).await.id("booking_id");
    let refused = fixture.reserve(&bob, screening, &["B-1", "B-2", "B-3"]).send().await;
    assert_eq!(refused.outcome(), (409, "too-many-holds"));
    fixture.reserve(&bob, screening, &["B-1", "B-2"]).gives(201).await;
    fixture.reserve(&bob, other, &["B-1", "B-2", "B-3"]).gives(201).await;
    assert_eq!(cancel(&fixture, &ada, &booking).await.status, 200);
    fixture.reserve(&bob, screening, &["B-4", "B-5", "B-6"]).gives(201).await;
}

#[tokio::test]
async fn a_customer_whose_holds_keep_lapsing_has_to_wait() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let screening = fixture.screening().await;
    let hold = Policy::default().hold_seconds;
    for seat in ["A-1", "A-2"] {
        hold_before(&fixture, hold + 60, &ada, screening, seat).await;
    }
    fixture.reserve(&ada, screening, &["A-1"]).gives(201).await;
    hold_before(&fixture, hold + 60, &ada, screening, "A-3").await;
    let refused = fixture.reserve(&ada, screening, &["A-3"]).send().await;
    assert_eq!(refused.outcome(), (409, "cooling-down"));
    let until: Timestamp = refused.id("until").parse().unwrap();
    let wait = until.duration_since(clock::now());
    assert!((1..=240).contains(&wait.as_secs()), "five minutes after the lapse a minute ago, not {wait:?}");
    fixture.reserve(&bob, screening, &["A-3"]).gives(201).await;
}

#[tokio::test]
async fn an_administrator_takes_unpaid_seats_back() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let screening = fixture.screening().await;
    let held = fixture.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    fixture.reserve(&bob, screening, &["A-2"]).gives(201).await;
    let path = format!("/admin/screenings/{screening}/holders/{}/release", ada.user);
    assert_eq!(fixture.post(&path).token(&bob.token).send().await.outcome(), (403, "forbidden"));

    let released = fixture.ask(&path).gives(200).await;
    assert_eq!(released.body["bookings"], json!([held]));
    fixture.reserve(&bob, screening, &["A-1"]).gives(201).await;
    assert_eq!(fixture.reserve(&bob, screening, &["A-2"]).send().await.outcome(), (409, "seat-taken"));
    assert_eq!(fixture.ask(&path).gives(200).await.body["bookings"], json!([]));
    let missing = format!("/admin/screenings/{}/holders/{}/release", clock::new_id(), ada.user);
    assert_eq!(fixture.ask(&missing).send().await.status, 404);
}

#[tokio::test]
async fn what_is_paid_stays_and_what_is_being_paid_is_cancelled() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let paid = confirmed(&fixture, &ada).await;
    let screening = screening_of(&fixture, &paid).await;
    let paying = fixture.reserve(&ada, screening, &["B-1"]).gives(201).await.id("booking_id");
    let path = format!("/bookings/{paying}/payment");
    fixture.post(&path).token(&ada.token).json(json!({ "method": "wallet" })).gives(202).await;

    let path = format!("/admin/screenings/{screening}/holders/{}/release", ada.user);
    assert_eq!(fixture.ask(&path).gives(200).await.body["bookings"], json!([paying]));
    assert_eq!(cancel(&fixture, &ada, &paying).await.body["status"], "cancelled");
    fixture.call(Method::DELETE, &format!("/bookings/{paid}")).token(&ada.token).gives(202).await;
}

/// Opens the page of each payment.
struct Pages(AbortHandle);

impl Drop for Pages {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Pages {
    async fn open(fixture: &Fixture) -> Self {
        let end = fixture.log.last_position().await.unwrap();
        let commits = fixture.log.tail(end, &["tix.payment.>"]).await.unwrap();
        let executor = fixture.executor.clone();
        let opening = tokio::spawn(async move {
            let mut commits = std::pin::pin!(commits);
            while let Some(commit) = commits.next().await {
                let payment: PaymentId = commit.unwrap().id.parse().unwrap();
                let state = executor.state::<Payment>(&payment, Freshness::Fresh);
                let state = state.await.unwrap().state;
                if state.checkout().is_none() {
                    let command = payment::Command::OpenCheckout {
                        session: "session".to_owned(),
                        url: "https://checkout.example.org/session".to_owned(),
                        expires_at: clock::now() + SignedDuration::from_hours(24),
                    };
                    executor.execute(&payment, command, metadata(), |_: &Payment| ()).await.unwrap();
                }
            }
        });
        Self(opening.abort_handle())
    }
}

#[tokio::test]
async fn a_customer_has_a_few_checkout_pages_open() {
    let fixture = Fixture::with_cards(&Limits { open_checkouts_per_user: 2, ..Limits::OFF }).await;
    let ada = fixture.customer().await;
    let _pages = Pages::open(&fixture).await;
    let body = json!({ "amount": { "amount_minor": 100, "currency": "INR" } });
    let top_up = |key: &str| fixture.post("/wallet/top-ups").token(&ada.token).key(key).json(body.clone());
    let first = top_up("1").gives(201).await;
    top_up("2").gives(201).await;

    let refused = top_up("3").send().await;
    assert_eq!((refused.outcome(), &refused.body["max"]), ((409, "too-many-checkouts"), &json!(2)));
    let screening = fixture.screening().await;
    let booking = fixture.reserve(&ada, screening, &["A-1"]).gives(201).await.id("booking_id");
    let path = format!("/bookings/{booking}/payment");
    let pay = fixture.post(&path).token(&ada.token).json(json!({ "method": "card" }));
    assert_eq!(pay.send().await.outcome(), (409, "too-many-checkouts"));
    // A repeat gets the page that is open.
    assert_eq!(top_up("1").gives(201).await.body, first.body);

    let fail = payment::Command::FailPayment { reason: "declined".to_owned() };
    let payment: PaymentId = first.id("payment_id").parse().unwrap();
    fixture.executor.execute(&payment, fail, metadata(), |_: &Payment| ()).await.unwrap();
    top_up("4").gives(201).await;
}

#[tokio::test]
async fn each_act_of_a_customer_has_a_quota() {
    let once: Quota = "1/1h".parse().unwrap();
    let all = Limits {
        holds_per_user: once,
        payments_per_user: once,
        cancellations_per_user: once,
        top_ups_per_user: once,
        mails_per_user: once,
        profile_changes_per_user: once,
        ..Limits::OFF
    };
    let fixture = Fixture::with_cards(&all).await;
    let _pages = Pages::open(&fixture).await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let some = clock::new_id();
    fixture.project_position().await;
    let acts = [
        (Method::POST, "/bookings".to_owned(), json!({ "screening_id": screening, "seats": ["A-1"] })),
        (Method::POST, format!("/bookings/{some}/payment"), json!({ "method": "wallet" })),
        (Method::DELETE, format!("/bookings/{some}"), json!(null)),
        (
            Method::POST,
            "/wallet/top-ups".to_owned(),
            json!({ "amount": { "amount_minor": 25_000, "currency": "INR" } }),
        ),
        (Method::PATCH, "/me".to_owned(), json!({ "name": "Ada" })),
    ];
    for (method, path, body) in acts {
        let call = || fixture.call(method.clone(), &path).json(body.clone());
        assert_ne!(call().token(&ada.token).send().await.status, 429, "{method} {path}");
        let refused = call().token(&ada.token).send().await;
        assert_eq!(refused.outcome(), (429, "too-many-requests"), "{method} {path}");
        assert!(refused.headers.contains_key("retry-after"));
        for _ in 0..2 {
            assert_ne!(call().token(&fixture.admin).send().await.status, 429, "the house has no quota");
        }
    }
    // Acts of the same kind by other routes share the quota.
    let others = [
        (format!("/screenings/{screening}/waiting-list"), json!({ "seats": 1 })),
        (format!("/bookings/{some}/move"), json!({ "seats": ["A-2"] })),
        (format!("/bookings/{some}/cancellation"), json!({})),
    ];
    for (path, body) in others {
        let refused = fixture.post(&path).token(&ada.token).json(body).send().await;
        assert_eq!(refused.outcome(), (429, "too-many-requests"), "{path}");
    }
    // Changes of the password and the second factor are mailed, too.
    let body = json!({ "current_password": PASSWORD, "new_password": "another horse" });
    let change = fixture.post("/auth/password").token(&ada.token).json(body);
    assert_eq!(change.send().await.outcome(), (429, "too-many-requests"));
    let remove = fixture.call(Method::DELETE, "/me/second-factor").token(&ada.token);
    assert_eq!(remove.send().await.outcome(), (429, "too-many-requests"));
}

#[tokio::test]
async fn unknown_promotion_codes_are_tried_a_few_times() {
    let fixture =
        Fixture::open_with(&Limits { promotion_codes_per_user: "2/1h".parse().unwrap(), ..Limits::OFF })
            .await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let screening = fixture.screening().await;
    for (person, seat, outcomes) in [
        (&ada, "A-1", &[(404, "unknown-code"), (404, "unknown-code"), (429, "too-many-requests")][..]),
        (&bob, "A-2", &[(404, "unknown-code")][..]),
    ] {
        let held = fixture.reserve(person, screening, &[seat]).gives(201).await.id("booking_id");
        for (number, outcome) in outcomes.iter().enumerate() {
            let call = fixture.post(&format!("/bookings/{held}/promotion")).token(&person.token);
            let tried = call.json(json!({ "code": format!("MONSOON{number}") })).send().await;
            assert_eq!(tried.outcome(), *outcome);
        }
    }
}
