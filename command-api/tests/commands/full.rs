//! Full streams and quotas: the answers to callers, and that no caller can fill the log for all.

use axum::http::{Method, header};
use ticketshow_http::{Limits, Quota};
use ticketshow_nats::{
    clock,
    kv::sessions::Sessions,
    server::{
        topology::{TopologySettings, provision},
        usage::Streams,
    },
};
use ticketshow_tests::{Nats, Postgres};

use crate::{
    bookings::mails::confirmed,
    fixture::{Answer, Fixture, PASSWORD, provisioned},
};

/// Lowers the limit of a stream to what it holds.
async fn make_full(fixture: &Fixture, stream: &str) {
    let all = Streams::new(&fixture.connection).usage().await.unwrap();
    let bytes = all.iter().find(|usage| usage.stream == stream).unwrap().bytes;
    let mut settings = TopologySettings::default();
    match stream {
        "EVENTS" => settings.events_bytes_max = bytes,
        "MAILS" => settings.mails_bytes_max = bytes,
        "KV_SESSIONS" => settings.sessions_bytes_max = bytes,
        other => panic!("{other}"),
    }
    provision(&fixture.connection, &settings).await.unwrap();
}

#[tokio::test]
async fn a_full_stream_is_503_for_its_writers_until_its_limit_is_raised() {
    let (nats, postgres) = tokio::join!(Nats::start(), Postgres::start());
    provisioned(&nats.url()).await;
    let fixture = Fixture::open_at(&nats, &postgres, &Limits::OFF).await;
    let ada = fixture.customer().await;
    let screening = fixture.screening().await;
    let booking = confirmed(&fixture, &ada).await;
    let mut seats = (1..=12).map(|seat| format!("A-{seat}"));
    let mut write = async |stream: &str| -> Answer {
        match stream {
            "EVENTS" => {
                let seat = seats.next().unwrap();
                fixture.reserve(&ada, screening, &[&seat]).send().await
            }
            "MAILS" => fixture.post(&format!("/bookings/{booking}/mail")).token(&ada.token).send().await,
            "KV_SESSIONS" => {
                let body = serde_json::json!({ "email": ada.email, "password": PASSWORD });
                fixture.post("/auth/login").json(body).send().await
            }
            other => panic!("{other}"),
        }
    };
    let streams = [("EVENTS", 201), ("MAILS", 202), ("KV_SESSIONS", 200)];
    for (full, healed) in streams {
        make_full(&fixture, full).await;
        for (other, usual) in streams.into_iter().filter(|(other, _)| *other != full) {
            assert_eq!(write(other).await.status, usual, "{other} while {full} is full");
        }
        let refused = write(full).await;
        assert_eq!(refused.outcome(), (503, "unavailable"), "{full}");
        assert!(refused.headers.contains_key(header::RETRY_AFTER), "{full}");

        provisioned(&nats.url()).await;

        assert_eq!(write(full).await.status, healed, "{full} with a raised limit");
    }
}

#[tokio::test]
async fn one_customer_cannot_fill_the_log_by_reserving_and_cancelling() {
    let quota: Quota = "120/1h".parse().unwrap();
    let fixture = Fixture::open_with(&Limits { commands_per_user: quota, ..Limits::OFF }).await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    // A screening would impose a cool-down on a customer who gives so many holds back.
    let mut screenings = Vec::new();
    for _ in 0..10 {
        screenings.push(fixture.screening().await);
    }
    let mut carried_out = 0;
    let stopped = loop {
        let held = fixture.reserve(&ada, screenings[carried_out / 2 % 10], &["A-1"]).send().await;
        if held.status != 201 {
            break held;
        }
        let path = format!("/bookings/{}", held.id("booking_id"));
        let released = fixture.call(Method::DELETE, &path).token(&ada.token).send().await;
        carried_out += 1;
        if released.status != 200 {
            break released;
        }
        carried_out += 1;
        assert!(carried_out < 200, "no limit");
    };
    assert_eq!(stopped.outcome(), (429, "too-many-requests"));
    assert!(stopped.headers.contains_key(header::RETRY_AFTER));
    assert!((119..=121).contains(&carried_out), "{carried_out}");

    fixture.reserve(&bob, screenings[0], &["A-2"]).gives(201).await;
    for _ in 0..130 {
        let answer = fixture.ask("/shows").json(serde_json::json!({})).send().await;
        assert_ne!(answer.status, 429, "administrators have no limit");
    }
}

#[tokio::test]
async fn fifty_logins_of_an_account_leave_twenty_sessions() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let mut last = fixture.log_in(&ada.email).await;
    for _ in 0..49 {
        last = fixture.log_in(&ada.email).await;
    }
    let account = fixture.edge.keys.account(&ada.email);
    let sessions = Sessions::new(&fixture.connection).list(&account, clock::now()).await.unwrap();
    assert_eq!(sessions.len(), 20);
    fixture.post("/auth/refresh").header("cookie", &last.cookie()).gives(200).await;
}
