//! Parked messages.

use serde_json::{Value, json};
use ticketshow_nats::{
    clock,
    consumers::{
        parked::{Parked, ParkedId},
        parked_cascades::ParkedCascades,
    },
    failure::Failure,
    log::history::Log,
    server::{connection::Connection, users::NatsUser},
    subjects::consumers::PAYMENT,
};
use ticketshow_tests::{Client, eventually};
use uuid::Uuid;

use crate::{
    commits::Writer,
    consumers::subscription::{ALL, Recorder, Running},
    proxy::{Proxy, lagging},
    site::Site,
};

async fn until_parked(parked: &Parked, positions: &[u64]) {
    eventually(&format!("{positions:?} to be parked"), async || {
        let list = parked.list(None, 100).await.unwrap();
        list.iter().map(|message| message.id.position).eq(positions.iter().copied()).then_some(())
    })
    .await;
}

fn id(position: u64) -> ParkedId {
    ParkedId { consumer: PAYMENT.to_owned(), position }
}

/// Starts a subscription that parks the second commit of a booking, with the third waiting behind it, while another booking
/// continues.
async fn with_parked(
    site: &Site,
    connection: &Connection,
    id: &str,
) -> (std::sync::Arc<Recorder>, Running, [u64; 2]) {
    let writer = Writer::new(site).await;
    let recorder = Recorder::failing();
    let running = Running::start(connection, ALL, &recorder);
    let mut positions = Vec::new();
    for version in 1..=3 {
        positions.push(writer.commit(id, version, "x").await);
        writer.commit("healthy", version, "x").await;
    }
    recorder.until("healthy", &[1, 2, 3]).await;
    (recorder, running, [positions[1], positions[2]])
}

#[tokio::test]
async fn a_bug_parks_one_aggregate_only() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let parked = Parked::new(&site.connect(NatsUser::CommandApi).await);
    let (recorder, running, [second, third]) = with_parked(&site, &connection, "park").await;
    until_parked(&parked, &[second, third]).await;

    let list = parked.list(None, 100).await.unwrap();
    assert_eq!((list[0].aggregate.as_str(), list[0].aggregate_id.as_str()), ("booking", "park"));
    assert_eq!((&list[0].error[..], list[0].attempts), (&["a bug".to_owned()][..], 1));
    assert_eq!((&list[1].error[..], list[1].attempts), (&[format!("waits behind payment-{second}")][..], 0));
    assert_eq!(parked.list(Some(&id(second)), 1).await.unwrap(), list[1..]);
    assert_eq!(parked.get(&id(third)).await.unwrap().as_ref(), Some(&list[1]));

    // A failed retry leaves it parked and counts the attempt.
    assert!(parked.retry(&id(second)).await.unwrap());
    eventually("the second attempt", async || {
        parked.get(&id(second)).await.unwrap().filter(|message| message.attempts == 2)
    })
    .await;

    // Another process takes over and loads the parked messages.
    running.stop().await;
    let running = Running::start(&connection, ALL, &recorder);
    let fourth = Writer::new(&site).await.commit("park", 4, "x").await;
    until_parked(&parked, &[second, third, fourth]).await;

    recorder.recover();
    assert!(parked.retry(&id(fourth)).await.unwrap());
    recorder.until("park", &[1, 2, 3, 4]).await;
    until_parked(&parked, &[]).await;
    assert!(!parked.retry(&id(second)).await.unwrap());
    assert!(parked.get(&id(second)).await.unwrap().is_none());
    running.stop().await;
}

#[tokio::test]
async fn a_dropped_message_is_skipped_and_the_ones_behind_it_are_handled() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let parked = Parked::new(&site.connect(NatsUser::CommandApi).await);
    let (recorder, running, [second, third]) = with_parked(&site, &connection, "panic").await;
    until_parked(&parked, &[second, third]).await;

    assert!(parked.drop(&id(second)).await.unwrap());

    recorder.until("panic", &[1, 3]).await;
    until_parked(&parked, &[]).await;
    running.stop().await;
    let unanswered = parked.drop(&id(third)).await;
    assert!(matches!(unanswered, Err(Failure::Unreachable { .. })), "{unanswered:?}");
}

#[tokio::test]
async fn an_unreadable_message_is_parked_and_delays_no_other() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let (writer, recorder) = (Writer::new(&site).await, Recorder::failing());
    let running = Running::start(&connection, ALL, &recorder);

    let garbled = writer.write("garbled", "x", "not a commit".to_owned()).await;
    writer.commit("healthy", 1, "x").await;

    recorder.until("healthy", &[1]).await;
    let parked = Parked::new(&connection);
    until_parked(&parked, &[garbled]).await;
    let message = parked.get(&id(garbled)).await.unwrap().unwrap();
    assert_eq!(message.error[0], format!("message {garbled} is not a commit"));
    running.stop().await;
}

#[tokio::test]
async fn a_parked_message_that_a_replica_lacks_still_holds_up_its_aggregate() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let parked = Parked::new(&site.connect(NatsUser::CommandApi).await);
    let (_recorder, _running, [second, third]) = with_parked(&site, &connection, "park").await;
    until_parked(&parked, &[second, third]).await;

    let proxy = Proxy::start(&site, lagging(1)).await;
    let lagging = Parked::new(&site.connect_at(&proxy.url(), NatsUser::Sagas).await);
    let list = lagging.list(None, 100).await.unwrap();
    assert_eq!(list.iter().map(|message| message.id.position).collect::<Vec<_>>(), [second, third]);
}

#[tokio::test]
async fn the_commits_of_parked_messages_are_read_once_to_find_their_cascades() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let reading = site.connect(NatsUser::QueryApi).await;
    let parked = Parked::new(&reading);
    let cascades = ParkedCascades::new(parked.clone(), Log::new(&reading));
    let (_recorder, running, [second, third]) = with_parked(&site, &connection, "park").await;
    // Cancelled by a cascade, and parked behind the others.
    let cascade = Uuid::from_u128(7);
    let commit = json!({
        "commit": clock::new_id(), "aggregate": "booking", "id": "park", "first_version": 4,
        "commands": [{"time": "2026-11-29T10:00:00Z", "actor": "system", "correlation": Uuid::nil(), "events": 1}],
        "events": [{"version": 1, "type": "booking_refunded", "data": {
            "booking": Uuid::nil(), "payment": Uuid::nil(), "target": "wallet",
            "amount": {"amount_minor": 1, "currency": "INR"}, "cascade": cascade,
        }}],
    });
    let fourth = Writer::new(&site).await.write("park", "booking_refunded", commit.to_string()).await;
    until_parked(&parked, &[second, third, fourth]).await;

    let messages = async || {
        let connections =
            Client::new(&site.nats.monitor_url()).get("/connz").await.json["connections"].take();
        let ours = |connection: &&Value| connection["name"] == NatsUser::QueryApi.name();
        connections
            .as_array()
            .unwrap()
            .iter()
            .filter(ours)
            .map(|of| of["out_msgs"].as_u64().unwrap())
            .sum::<u64>()
    };
    let mut read = Vec::new();
    for _ in 0..2 {
        let before = messages().await;
        let found = cascades.list().await.unwrap();
        read.push(messages().await - before);
        let found: Vec<_> = found.into_iter().map(|(cascade, message)| (cascade, message.id)).collect();
        // The other two cannot be decoded, so they are of no cascade.
        assert_eq!(found, [(cascade, id(fourth))]);
    }
    assert_eq!(read[0] - read[1], 3, "{read:?}");
    running.stop().await;
}
