//! A cluster of three servers.

use std::time::Duration;

use serde_json::Value;
use ticketshow_nats::{
    log::history::Log,
    server::{
        connection::{Connection, Settings},
        copies::{COPIED, Copies},
        topology::{TopologySettings, provision},
        users::NatsUser,
    },
};
use ticketshow_tests::{Folder, NatsCluster, eventually_within};
use tokio_util::sync::CancellationToken;

use crate::{
    commits::Writer,
    executor::crashes,
    site::{self, Site},
    wallets::*,
};

/// Rounds in which a follower hangs while commits are written.
const HANGS: usize = 5;
/// Commits that a hanging follower lacks afterwards.
const MISSED: usize = 400;

async fn connect(url: String) -> Connection {
    Connection::open(&Settings { url, name: "test".into(), nkey_seed_file: None }).await.unwrap()
}

/// Creates streams with three replicas, or gives all streams so many.
async fn replicate(connection: &Connection) {
    let topology = TopologySettings { replicas: 3, ..site::small() };
    eventually_within(Duration::from_secs(30), "the streams to be replicated", async || {
        provision(connection, &topology).await.ok()
    })
    .await;
}

async fn leader(url: &str) -> Option<String> {
    let client = async_nats::connect(url.split(',').collect::<Vec<_>>()).await.ok()?;
    let info = client.request("$JS.API.STREAM.INFO.EVENTS", "".into()).await.ok()?;
    let info: Value = serde_json::from_slice(&info.payload).ok()?;
    info["cluster"]["leader"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_killed_under_load_loses_no_acknowledged_commit() {
    let mut cluster = NatsCluster::start(3).await;
    let connection = connect(cluster.url()).await;
    replicate(&connection).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lagging_follower_is_not_taken_for_another_log() {
    let mut cluster = NatsCluster::start(3).await;
    replicate(&connect(cluster.url()).await).await;
    for _ in 0..HANGS {
        let leads = leader(&cluster.url()).await.expect("a cluster has a leader");
        let follows = ["n1", "n2", "n3"].into_iter().find(|name| *name != leads).unwrap();
        let at_leader = connect(cluster.node(&leads).url()).await;
        let executor = executor(&at_leader);
        cluster.node(follows).pause();
        let written = ids(MISSED);
        let credits = written.iter().map(|id| {
            let customer = customer();
            execute(&executor, customer, credit(customer, *id, 1))
        });
        for credited in futures_util::future::join_all(credits).await {
            credited.unwrap();
        }
        let last = Log::new(&at_leader).last_position().await.unwrap();
        cluster.node(follows).resume();

        let lagging = Log::new(&connect(cluster.node(follows).url()).await);
        let seen =
            eventually_within(Duration::from_secs(30), "the follower to pass questions on", async || {
                lagging.commit_at(last).await.ok()
            })
            .await;
        assert!(seen.is_some(), "the commit at {last} is in the log, whatever {follows} has of it yet");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_one_server_is_restored_into_a_cluster() {
    let (old, folder) = (Site::start().await, Folder::new("copies"));
    let writer = Writer::new(&old).await;
    for version in 1..=50 {
        writer.commit("restored", version, "x").await;
    }
    let copies = Copies::new(&old.connect(NatsUser::Provision).await);
    let mut copied = Vec::new();
    for stream in COPIED {
        copied.push(copies.copy(stream, &folder.join(stream)).await.unwrap());
    }

    let mut cluster = NatsCluster::start(3).await;
    let connection = connect(cluster.url()).await;
    let restoring = Copies::new(&connection);
    restoring.expect_new_server().await.unwrap();
    for stream in &copied {
        restoring.restore(stream, &folder.join(&stream.name), 3).await.unwrap();
    }
    replicate(&connection).await;
    connection.check_topology().await.unwrap();

    // The restored data is on every member: it outlives the one that took the copy.
    let killed = leader(&cluster.url()).await.expect("a cluster has a leader");
    cluster.kill(&killed);
    eventually_within(Duration::from_secs(30), "another leader", async || {
        leader(&cluster.url()).await.filter(|leader| *leader != killed)
    })
    .await;
    let log = Log::new(&connection);
    let last = eventually_within(Duration::from_secs(30), "the log to be readable", async || {
        log.last_position().await.ok()
    })
    .await;
    assert_eq!(last, 50);
    assert_eq!(log.commit_at(50).await.unwrap().unwrap().first_version, 50);
    let customer = customer();
    let executor = executor(&connection);
    eventually_within(Duration::from_secs(30), "a commit after the restore", async || {
        execute(&executor, customer, credit(customer, ids(1)[0], 1)).await.ok()
    })
    .await;
    assert_eq!(log.last_position().await.unwrap(), 51);
}
