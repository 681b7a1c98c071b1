//! The live seat map: changes in the log are sent to all clients.

use std::{sync::Arc, time::Duration};

use axum::body::BodyDataStream;
use futures_util::{StreamExt, future::join_all};
use serde_json::{Value, json};
use ticketshow_domain::{
    BookingId,
    screening::{self, Screening},
};
use ticketshow_http::Limits;
use uuid::Uuid;

use crate::{
    fixture::{ADA, BOB, MONSOON},
    log::{ApiWithLog, monsoon, promise},
};

/// Far longer than any event takes.
const DEADLINE: Duration = Duration::from_secs(20);

/// Another screening of the fixture, which the log does not know.
const LATER: &str = "5e000000-0000-0000-0000-000000000002";

/// A client of the event stream.
struct Listener {
    body: BodyDataStream,
    text: String,
}

#[derive(Debug, PartialEq)]
struct Event {
    id: u64,
    name: String,
    data: Value,
}

impl Event {
    /// The changed seats and their new statuses.
    fn changes(&self) -> String {
        assert_eq!(self.name, "seats", "{self:?}");
        let change = |change: &Value| {
            format!("{} {}", change["seat"].as_str().expect("text"), change["status"].as_str().expect("text"))
        };
        self.data["changes"].as_array().expect("a list").iter().map(change).collect::<Vec<_>>().join(", ")
    }
}

impl Listener {
    /// The next event; `None` once the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(|value| value.trim().to_owned())
                };
                let event = field("event:").map(|name| Event {
                    id: field("id:").expect("an id").parse().expect("a position"),
                    name,
                    data: serde_json::from_str(&field("data:").expect("data")).expect("JSON"),
                });
                self.text = String::from(rest);
                if event.is_some() {
                    return event;
                }
            }
            let bytes =
                tokio::time::timeout(DEADLINE, self.body.next()).await.expect("in time")?.expect("a body");
            self.text.push_str(std::str::from_utf8(&bytes).expect("text"));
        }
    }
}

/// A log with an open screening at position 1, already projected.
async fn opened() -> ApiWithLog {
    opened_with(&Limits::OFF).await
}

async fn opened_with(limits: &Limits) -> ApiWithLog {
    let stack = ApiWithLog::open_with(limits).await;
    let open = screening::Command::OpenScreening {
        screening: monsoon(),
        promise: Arc::new(promise()),
        blocks: Vec::new(),
    };
    stack.carry_out::<Screening>(&monsoon(), open, "09:00:00").await;
    stack.api.project(101, "UPDATE seat_maps SET position = 1").await;
    stack
}

async fn listen(stack: &ApiWithLog, query: &str, headers: &[(&str, &str)]) -> Listener {
    let path = format!("/screenings/{MONSOON}/seats/live{query}");
    let (status, body) = stack.api.begin(&path, headers).await;
    assert_eq!(status, 200);
    Listener { body, text: String::new() }
}

fn booking(number: u128) -> BookingId {
    BookingId(Uuid::from_u128(number))
}

async fn give_back(stack: &ApiWithLog, number: u128) {
    let cancel = screening::Command::CancelHold { booking: booking(number) };
    stack.carry_out::<Screening>(&monsoon(), cancel, "09:30:00").await;
}

#[tokio::test]
async fn a_client_gets_the_position_of_the_map_and_then_every_change() {
    let stack = opened().await;
    let mut listener = listen(&stack, "", &[]).await;
    let begin = listener.next().await.unwrap();
    assert_eq!((begin.id, begin.changes().as_str()), (1, ""));

    stack.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    let held = listener.next().await.unwrap();
    assert_eq!((held.id, held.changes().as_str()), (2, "A-1 held"));
    give_back(&stack, 1).await;
    let free = listener.next().await.unwrap();
    assert_eq!((free.id, free.changes().as_str()), (3, "A-1 free"));
}

#[tokio::test]
async fn proxies_are_asked_not_to_collect_the_stream() {
    let stack = opened().await;
    let headers = stack.api.head(&format!("/screenings/{MONSOON}/seats/live")).await;
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(headers["x-accel-buffering"], "no");
}

#[tokio::test]
async fn changes_between_the_map_and_the_connection_are_sent_first() {
    let stack = opened().await;
    stack.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    stack.reserve(booking(2), BOB, "A-2", "09:11:00").await;
    // The tables have not caught up yet.
    let mut listener = listen(&stack, "", &[]).await;
    assert_eq!(listener.next().await.unwrap().id, 1);
    let missed = listener.next().await.unwrap();
    assert_eq!((missed.id, missed.changes().as_str()), (3, "A-1 held, A-2 held"));
}

#[tokio::test]
async fn a_resuming_client_gets_exactly_the_missed_changes() {
    let stack = opened().await;
    stack.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    stack.reserve(booking(2), BOB, "A-2", "09:11:00").await;
    give_back(&stack, 2).await;
    let mut by_header = listen(&stack, "?after=1", &[("last-event-id", "2")]).await;
    let mut by_query = listen(&stack, "?after=2", &[]).await;
    let mut up_to_date = listen(&stack, "?after=4", &[]).await;
    for listener in [&mut by_header, &mut by_query] {
        let missed = listener.next().await.unwrap();
        assert_eq!((missed.id, missed.changes().as_str()), (4, "A-2 free"));
    }
    stack.reserve(booking(3), BOB, "A-2", "09:12:00").await;
    for listener in [&mut by_header, &mut by_query, &mut up_to_date] {
        let held = listener.next().await.unwrap();
        assert_eq!((held.id, held.changes().as_str()), (5, "A-2 held"));
    }
}

#[tokio::test]
async fn a_stream_that_cannot_resume_is_reset_and_continues() {
    let stack = opened().await;
    stack.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    let mut listeners = vec![
        // A position beyond the end of this log.
        listen(&stack, "?after=99", &[]).await,
        listen(&stack, "", &[("last-event-id", "yesterday")]).await,
    ];
    for listener in &mut listeners {
        let reset = listener.next().await.unwrap();
        assert_eq!((reset.name.as_str(), reset.id, reset.data), ("reset", 2, json!({"position": 2})));
    }
    give_back(&stack, 1).await;
    for listener in &mut listeners {
        assert_eq!(listener.next().await.unwrap().changes(), "A-1 free");
    }
}

#[tokio::test]
async fn a_client_that_missed_too_much_is_reset_without_reading_all_of_it() {
    let stack = opened().await;
    for number in 0..110 {
        stack.reserve(booking(number), ADA, "A-1", "09:10:00").await;
        give_back(&stack, number).await;
    }
    // The reader of live maps has begun.
    let mut up_to_date = listen(&stack, "?after=221", &[]).await;
    let before = stack.messages_read().await;
    let mut listener = listen(&stack, "?after=1", &[]).await;
    let reset = listener.next().await.unwrap();
    assert_eq!((reset.name.as_str(), reset.id), ("reset", 221));
    let read = stack.messages_read().await - before;
    assert!(read < 20, "{read}");

    stack.reserve(booking(500), ADA, "A-1", "09:20:00").await;
    for listener in [&mut listener, &mut up_to_date] {
        assert_eq!(listener.next().await.unwrap().changes(), "A-1 held");
    }
}

#[tokio::test]
async fn clients_that_come_with_the_same_map_read_the_log_once() {
    let stack = opened().await;
    // The map is up to date, and the log has gone on with other screenings since.
    for _ in 0..3 {
        stack.publish(&format!("tix.screening.{}", Uuid::nil()), "no commit").await;
    }
    let first = listen(&stack, "?after=1", &[]).await;
    let before = stack.messages_read().await;
    let mut others = join_all((0..10).map(|_| listen(&stack, "?after=1", &[]))).await;
    // Each would read two messages at least.
    let read = stack.messages_read().await - before;
    assert!(read < 10, "{read}");

    stack.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    others.push(first);
    for listener in &mut others {
        let held = listener.next().await.unwrap();
        assert_eq!((held.id, held.changes().as_str()), (5, "A-1 held"));
    }
}

#[tokio::test]
async fn an_address_that_follows_too_many_maps_waits_until_one_ends() {
    let stack = opened_with(&Limits { live_maps_per_address: 3, ..Limits::OFF }).await;
    let mut listeners = Vec::new();
    for _ in 0..3 {
        listeners.push(listen(&stack, "", &[]).await);
    }
    let path = format!("/screenings/{MONSOON}/seats/live");
    let refused = stack.api.get(&path).await.expect(429);
    assert_eq!(refused.headers["retry-after"], "30");
    listeners.pop();
    assert_eq!(listen(&stack, "", &[]).await.next().await.unwrap().id, 1);
}

#[tokio::test]
async fn an_unknown_screening_is_404() {
    let stack = opened().await;
    let nowhere = format!("/screenings/{}/seats/live", Uuid::nil());
    stack.api.get(&nowhere).await.expect(404);
    stack.api.get("/screenings/7/seats/live").await.expect(404);
    stack.api.get(&format!("/screenings/{MONSOON}/seats/live?after=soon")).await.expect(422);
}

#[tokio::test]
async fn a_slow_client_is_disconnected_and_may_resume() {
    let stack = opened().await;
    let mut slow = listen(&stack, "", &[]).await;
    assert_eq!(slow.next().await.unwrap().id, 1);
    let mut quick = listen(&stack, "?after=1", &[]).await;
    // More events than a client may lag behind. Waiting for the quick client keeps each change an event of its own.
    for number in 0..40 {
        stack.reserve(booking(number), ADA, "A-1", "09:10:00").await;
        assert_eq!(quick.next().await.unwrap().changes(), "A-1 held");
        give_back(&stack, number).await;
        assert_eq!(quick.next().await.unwrap().changes(), "A-1 free");
    }
    assert_eq!(slow.next().await, None);

    let mut resumed = listen(&stack, "", &[("last-event-id", "1")]).await;
    let missed = resumed.next().await.unwrap();
    assert_eq!((missed.id, missed.changes().as_str()), (81, "A-1 free"));
}

#[tokio::test]
async fn commits_of_screenings_without_clients_are_not_parsed() {
    let stack = opened().await;
    let mut listener = listen(&stack, "?after=1", &[]).await;
    stack.publish(&format!("tix.screening.{}", Uuid::nil()), "no commit").await;
    stack.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    // Parsing it would have ended the reader, and with it the connection.
    let held = listener.next().await.unwrap();
    assert_eq!((held.id, held.changes().as_str()), (3, "A-1 held"));
}

#[tokio::test]
async fn an_event_of_a_later_version_ends_only_the_streams_of_its_screening() {
    let stack = opened().await;
    let mut other = listen(&stack, "?after=1", &[]).await;
    let path = format!("/screenings/{LATER}/seats/live?after=1");
    let (status, body) = stack.api.begin(&path, &[]).await;
    assert_eq!(status, 200);
    let mut ended = Listener { body, text: String::new() };
    let (nil, time) = (Uuid::nil(), "2026-11-22T09:10:00Z");
    let commit = json!({
        "commit": nil, "aggregate": "screening", "id": LATER, "first_version": 1,
        "commands": [{"time": time, "actor": "system", "correlation": nil, "events": 1}],
        "events": [{"version": 1, "type": "screening_gilded", "data": {}}],
    });
    stack.publish(&format!("tix.screening.{LATER}"), &commit.to_string()).await;
    stack.reserve(booking(1), ADA, "A-1", "09:10:00").await;

    assert_eq!(ended.next().await, None);
    let held = other.next().await.unwrap();
    assert_eq!((held.id, held.changes().as_str()), (3, "A-1 held"));
    stack.api.get(&path).await.expect(503);
}

#[tokio::test]
async fn changes_in_quick_succession_are_merged() {
    let stack = opened().await;
    let mut listener = listen(&stack, "?after=1", &[]).await;
    for number in 0..40 {
        stack.reserve(booking(number), ADA, "A-1", "09:10:00").await;
        give_back(&stack, number).await;
    }
    let (mut events, mut last) = (0, 0);
    while last < 81 {
        let event = listener.next().await.unwrap();
        assert!(event.id > last, "{event:?} after {last}");
        (last, events) = (event.id, events + 1);
    }
    assert_eq!(last, 81);
    assert!(events < 80, "{events} events of 80 commits");
}

#[tokio::test]
async fn two_thousand_clients_are_served_and_disconnected_at_shutdown() {
    let stack = opened().await;
    let listeners = join_all((0..2_000).map(|_| listen(&stack, "", &[]))).await;
    let first = join_all(listeners.into_iter().map(async |mut listener| {
        assert_eq!(listener.next().await.unwrap().id, 1);
        listener
    }));
    let listeners = first.await;
    stack.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    let heard = join_all(listeners.into_iter().map(async |mut listener| {
        assert_eq!(listener.next().await.unwrap().changes(), "A-1 held");
        listener
    }));
    let listeners = heard.await;
    stack.api.stop.cancel();
    for mut listener in listeners {
        assert_eq!(listener.next().await, None);
    }
}
