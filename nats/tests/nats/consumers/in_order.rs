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

async fn ack_floor(site: &Site) -> u64 {
    let seed = std::fs::read_to_string(site.seed_file(NatsUser::Operator)).unwrap();
    let options = async_nats::ConnectOptions::with_nkey(seed).custom_inbox_prefix("_INBOX_operator");
    let client = options.connect(site.nats.url()).await.unwrap();
    let info = client.request("$JS.API.CONSUMER.INFO.EVENTS.read-models", "".into()).await.unwrap();
    let info: Value = serde_json::from_slice(&info.payload).unwrap();
    info["ack_floor"]["stream_seq"].as_u64().unwrap()
}
