//! The durable consumer `read-models`.

use std::time::Duration;

use serde_json::Value;
use ticketshow_nats::{
    consumers::in_order::{InOrder, read_models_consumer},
    log::envelope::Commit,
    server::users::NatsUser,
};
use ticketshow_tests::eventually;

use crate::{commits::Writer, site::Site};

/// Reads up to the commit at `last` and returns the positions.
async fn read_to(reader: &mut InOrder, last: u64) -> Vec<u64> {
    let mut positions: Vec<u64> = Vec::new();
    while positions.last() != Some(&last) {
        let batch = tokio::time::timeout(Duration::from_secs(20), reader.next(100)).await;
        let batch = batch.expect("a commit within 20 s").unwrap();
        assert!((1..=100).contains(&batch.len()));
        positions.extend(batch.iter().map(|commit: &Commit| commit.position));
    }
    positions
}

#[tokio::test]
async fn every_commit_is_delivered_once_and_in_order() {
    let mut site = Site::start().await;
    let writer = Writer::new(&site).await;
    for version in 1..=1_500 {
        writer.commit("a", version, "x").await;
    }
    let connection = site.connect(NatsUser::Projectors).await;

    let mut reader = read_models_consumer(&connection, 0).await.unwrap();
    assert_eq!(read_to(&mut reader, 1_500).await, (1..=1_500).collect::<Vec<_>>());

    // A new commit is delivered immediately.
    let writing = tokio::spawn(async move { writer.commit("a", 1_501, "x").await });
    let batch = tokio::time::timeout(Duration::from_secs(2), reader.next(100)).await.unwrap().unwrap();
    assert_eq!((batch.len(), batch[0].position), (1, writing.await.unwrap()));
    reader.ack_through(1_501).await.unwrap();

    // A crash of the server causes neither gaps nor repeats.
    for round in 0..3 {
        site.nats.kill();
        site.nats.restart().await;
        let first = 1_502 + round * 10;
        let writer = Writer::new(&site).await;
        for version in first..first + 10 {
            writer.commit("a", version, "x").await;
        }
        assert_eq!(read_to(&mut reader, first + 9).await, (first..first + 10).collect::<Vec<_>>());
    }
    reader.ack_through(1_531).await.unwrap();
    eventually("the acknowledged position", async || (ack_floor(&site).await == 1_531).then_some(())).await;
    drop(reader);

    // The tables may be restored from a backup, emptied, or ahead of the acknowledged position.
    for after in [1_000, 0, 1_520] {
        let mut reader = read_models_consumer(&connection, after).await.unwrap();
        assert_eq!(read_to(&mut reader, 1_531).await, (after + 1..=1_531).collect::<Vec<_>>());
    }
}

/// A process that continues after a freeze sends one more fetch and unsubscribes at once, so the server cannot tell any more for
/// whom the fetch is, and keeps it. The house is quiet: there is no other commit that would show the gap.
#[tokio::test]
async fn a_commit_delivered_to_a_fetch_that_nobody_waits_for_is_read_within_seconds() {
    let site = Site::start().await;
    let writer = Writer::new(&site).await;
    let mut reader = read_models_consumer(&site.connect(NatsUser::Projectors).await, 0).await.unwrap();
    let frozen = client(&site, NatsUser::Projectors).await;
    let fetch = r#"{"batch": 500, "expires": 5000000000}"#;
    let subject = "$JS.API.CONSUMER.MSG.NEXT.EVENTS.read-models";
    for _ in 0..50 {
        let inbox = frozen.new_inbox();
        let answers = frozen.subscribe(inbox.clone()).await.unwrap();
        frozen.flush().await.unwrap();
        frozen.publish_with_reply(subject, inbox, fetch.into()).await.unwrap();
        drop(answers);
        frozen.flush().await.unwrap();
    }

    let reading = tokio::spawn(async move { read_to(&mut reader, 1).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    writer.commit("a", 1, "x").await;
    assert_eq!(reading.await.unwrap(), [1]);
}

async fn ack_floor(site: &Site) -> u64 {
    let client = client(site, NatsUser::Operator).await;
    let info = client.request("$JS.API.CONSUMER.INFO.EVENTS.read-models", "".into()).await.unwrap();
    let info: Value = serde_json::from_slice(&info.payload).unwrap();
    info["ack_floor"]["stream_seq"].as_u64().unwrap()
}

async fn client(site: &Site, user: NatsUser) -> async_nats::Client {
    let seed = std::fs::read_to_string(site.seed_file(user)).unwrap();
    let inbox = format!("_INBOX_{}", user.name());
    let options = async_nats::ConnectOptions::with_nkey(seed).custom_inbox_prefix(inbox);
    options.connect(site.nats.url()).await.unwrap()
}
