//! The live seat map: what happens in the log, told to all who listen.

use std::{sync::Arc, time::Duration};

use axum::body::BodyDataStream;
use futures_util::{StreamExt, future::join_all};
use serde_json::{Value, json};
use ticketshow_domain::{
    BookingId,
    screening::{self, Screening},
};
use uuid::Uuid;

use crate::{
    house::{ADA, BOB, MONSOON},
    log::{Told, monsoon, promise},
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who listens.
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
    /// The seats and what they are now.
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
                tokio::time::timeout(PATIENCE, self.body.next()).await.expect("in time")?.expect("a body");
            self.text.push_str(std::str::from_utf8(&bytes).expect("text"));
        }
    }
}

/// A log with an open screening at position 1, which the tables know.
async fn opened() -> Told {
    let told = Told::open().await;
    let open = screening::Command::OpenScreening { screening: monsoon(), promise: Arc::new(promise()) };
    told.carry_out::<Screening>(&monsoon(), open, "09:00:00").await;
    told.house.project(101, "UPDATE seat_maps SET position = 1").await;
    told
}

async fn listen(told: &Told, query: &str, headers: &[(&str, &str)]) -> Listener {
    let path = format!("/screenings/{MONSOON}/seats/live{query}");
    let (status, body) = told.house.begin(&path, headers).await;
    assert_eq!(status, 200);
    Listener { body, text: String::new() }
}

fn booking(number: u128) -> BookingId {
    BookingId(Uuid::from_u128(number))
}

async fn give_back(told: &Told, number: u128) {
    let cancel = screening::Command::CancelHold { booking: booking(number) };
    told.carry_out::<Screening>(&monsoon(), cancel, "09:30:00").await;
}

#[tokio::test]
async fn who_listens_hears_where_the_map_stands_and_then_every_change() {
    let told = opened().await;
    let mut listener = listen(&told, "", &[]).await;
    let begin = listener.next().await.unwrap();
    assert_eq!((begin.id, begin.changes().as_str()), (1, ""));

    told.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    let held = listener.next().await.unwrap();
    assert_eq!((held.id, held.changes().as_str()), (2, "A-1 held"));
    give_back(&told, 1).await;
    let free = listener.next().await.unwrap();
    assert_eq!((free.id, free.changes().as_str()), (3, "A-1 free"));
}

#[tokio::test]
async fn what_came_between_the_map_and_the_connection_is_told_first() {
    let told = opened().await;
    told.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    told.reserve(booking(2), BOB, "A-2", "09:11:00").await;
    // The tables are not there yet.
    let mut listener = listen(&told, "", &[]).await;
    assert_eq!(listener.next().await.unwrap().id, 1);
    let missed = listener.next().await.unwrap();
    assert_eq!((missed.id, missed.changes().as_str()), (3, "A-1 held, A-2 held"));
}

#[tokio::test]
async fn who_comes_back_gets_what_they_missed_and_nothing_else() {
    let told = opened().await;
    told.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    told.reserve(booking(2), BOB, "A-2", "09:11:00").await;
    give_back(&told, 2).await;
    let mut by_header = listen(&told, "?after=1", &[("last-event-id", "2")]).await;
    let mut by_query = listen(&told, "?after=2", &[]).await;
    let mut up_to_date = listen(&told, "?after=4", &[]).await;
    for listener in [&mut by_header, &mut by_query] {
        let missed = listener.next().await.unwrap();
        assert_eq!((missed.id, missed.changes().as_str()), (4, "A-2 free"));
    }
    told.reserve(booking(3), BOB, "A-2", "09:12:00").await;
    for listener in [&mut by_header, &mut by_query, &mut up_to_date] {
        let held = listener.next().await.unwrap();
        assert_eq!((held.id, held.changes().as_str()), (5, "A-2 held"));
    }
}

#[tokio::test]
async fn what_cannot_be_resumed_is_reset_and_goes_on() {
    let told = opened().await;
    told.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    let mut listeners = vec![
        // Of a longer log than this one is.
        listen(&told, "?after=99", &[]).await,
        listen(&told, "", &[("last-event-id", "yesterday")]).await,
    ];
    for listener in &mut listeners {
        let reset = listener.next().await.unwrap();
        assert_eq!((reset.name.as_str(), reset.id, reset.data), ("reset", 2, json!({"position": 2})));
    }
    give_back(&told, 1).await;
    for listener in &mut listeners {
        assert_eq!(listener.next().await.unwrap().changes(), "A-1 free");
    }
}

#[tokio::test]
async fn there_is_nothing_to_hear_of_what_is_not_there() {
    let told = opened().await;
    let nowhere = format!("/screenings/{}/seats/live", Uuid::nil());
    told.house.get(&nowhere).await.expect(404);
    told.house.get("/screenings/7/seats/live").await.expect(404);
    told.house.get(&format!("/screenings/{MONSOON}/seats/live?after=soon")).await.expect(422);
}

#[tokio::test]
async fn who_is_too_slow_is_let_go_and_may_resume() {
    let told = opened().await;
    let mut slow = listen(&told, "", &[]).await;
    assert_eq!(slow.next().await.unwrap().id, 1);
    let mut quick = listen(&told, "?after=1", &[]).await;
    // More events than anybody may be behind. Once the quick one has heard of a change it is an event of its own.
    for number in 0..40 {
        told.reserve(booking(number), ADA, "A-1", "09:10:00").await;
        assert_eq!(quick.next().await.unwrap().changes(), "A-1 held");
        give_back(&told, number).await;
        assert_eq!(quick.next().await.unwrap().changes(), "A-1 free");
    }
    assert_eq!(slow.next().await, None);

    let mut resumed = listen(&told, "", &[("last-event-id", "1")]).await;
    let missed = resumed.next().await.unwrap();
    assert_eq!((missed.id, missed.changes().as_str()), (81, "A-1 free"));
}

#[tokio::test]
async fn changes_that_come_together_are_told_together() {
    let told = opened().await;
    let mut listener = listen(&told, "?after=1", &[]).await;
    for number in 0..40 {
        told.reserve(booking(number), ADA, "A-1", "09:10:00").await;
        give_back(&told, number).await;
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
async fn two_thousand_may_listen_and_are_let_go_in_the_end() {
    let told = opened().await;
    let listeners = join_all((0..2_000).map(|_| listen(&told, "", &[]))).await;
    let first = join_all(listeners.into_iter().map(async |mut listener| {
        assert_eq!(listener.next().await.unwrap().id, 1);
        listener
    }));
    let listeners = first.await;
    told.reserve(booking(1), ADA, "A-1", "09:10:00").await;
    let heard = join_all(listeners.into_iter().map(async |mut listener| {
        assert_eq!(listener.next().await.unwrap().changes(), "A-1 held");
        listener
    }));
    let listeners = heard.await;
    told.house.stop.cancel();
    for mut listener in listeners {
        assert_eq!(listener.next().await, None);
    }
}
