//! A cluster of three servers.

use std::time::Duration;

use serde_json::Value;
use ticketshow_nats::server::{
    connection::{Connection, Settings},
    topology::{TopologySettings, provision},
};
use ticketshow_tests::{NatsCluster, eventually_within};
use tokio_util::sync::CancellationToken;

use crate::{crashes, site, wallets::*};

async fn leader(url: &str) -> Option<String> {
    let client = async_nats::connect(url.split(',').collect::<Vec<_>>()).await.ok()?;
    let info = client.request("$JS.API.STREAM.INFO.EVENTS", "".into()).await.ok()?;
    let info: Value = serde_json::from_slice(&info.payload).ok()?;
    info["cluster"]["leader"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_killed_under_load_loses_no_acknowledged_commit() {
    let mut cluster = NatsCluster::start(3).await;
    let settings = Settings { url: cluster.url(), name: "test".into(), nkey_seed_file: None };
    let connection = Connection::open(&settings).await.unwrap();
    let topology = TopologySettings { replicas: 3, ..site::small() };
    eventually_within(Duration::from_secs(30), "the streams to be created", async || {
        provision(&connection, &topology).await.ok()
    })
    .await;
    connection.check_topology().await.unwrap();

    let customers: Vec<_> = (0..32).map(|_| customer()).collect();
    let stop = CancellationToken::new();
    let executor = executor(&connection);
    let load = tokio::spawn({
        let (customers, stop) = (customers.clone(), stop.clone());
        async move { crashes::load(&executor, &customers, stop).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let killed = leader(&cluster.url()).await.expect("a cluster has a leader");
    cluster.kill(&killed);
    eventually_within(Duration::from_secs(30), "another leader", async || {
        leader(&cluster.url()).await.filter(|leader| *leader != killed)
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    cluster.restart(&killed).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.cancel();

    let acknowledged = load.await.unwrap();
    assert!(acknowledged.len() > 100, "only {} credits", acknowledged.len());
    crashes::check(&connection, &customers, &acknowledged).await;
}
