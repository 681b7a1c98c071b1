//! Streams, buckets, consumers, and the server itself.

use std::{path::Path, process::Command};

use async_nats::jetstream;
use serde_json::json;
use ticketshow_nats::{
    clock,
    server::{
        check::check_server,
        config::adopt_streams,
        connection::{Connection, Settings},
        topology::{TopologyError, TopologySettings, provision},
        users::{NatsUser, generate_user_key},
    },
};
use ticketshow_tests::{Nats, find_tool};

use crate::{
    site::{self, Site},
    wallets::*,
};

async fn anonymous(nats: &Nats) -> Connection {
    let settings = Settings { url: nats.url(), name: "test".into(), nkey_seed_file: None };
    Connection::open(&settings).await.unwrap()
}

#[tokio::test]
async fn provisioning_again_changes_sizes_and_keeps_messages() {
    let site = Site::start_empty().await;
    let provisioner = site.connect(NatsUser::Provision).await;
    let serve = site.connect(NatsUser::Serve).await;
    let missing = serve.check_topology().await;
    assert!(matches!(&missing, Err(TopologyError::Missing(name)) if name == "EVENTS"), "{missing:?}");

    provision(&provisioner, &site::small()).await.unwrap();
    serve.check_topology().await.unwrap();
    let customer = customer();
    execute(&executor(&serve), customer, credit(customer, clock::new_id(), 5)).await.unwrap();
    provision(&provisioner, &TopologySettings { events_bytes_max: 2 << 30, ..site::small() }).await.unwrap();

    serve.check_topology().await.unwrap();
    assert_eq!(folded(&serve, customer).await.0.balance_minor(), 5);
    check_server(&serve, &site.nats.monitor_url()).await.unwrap();
}

#[tokio::test]
async fn the_streams_of_a_version_without_accounts_are_kept() {
    let mut old = Nats::start().await;
    let connection = anonymous(&old).await;
    provision(&connection, &site::small()).await.unwrap();
    let customer = customer();
    execute(&executor(&connection), customer, credit(customer, clock::new_id(), 5)).await.unwrap();
    connection.close().await;
    old.stop();

    for _ in 0..2 {
        adopt_streams(&old.place().store).unwrap();
        let site = Site::start_on(Some(&old.place().store)).await;
        let serve = site.connect(NatsUser::Serve).await;
        serve.check_topology().await.unwrap();
        assert_eq!(folded(&serve, customer).await.0.balance_minor(), 5);
    }
}

#[tokio::test]
async fn wrong_and_missing_definitions_are_detected_and_corrected() {
    let nats = Nats::start().await;
    let connection = anonymous(&nats).await;
    provision(&connection, &site::small()).await.unwrap();
    connection.check_topology().await.unwrap();
    let client = async_nats::connect(nats.url()).await.unwrap();
    let context = jetstream::new(client.clone());

    let mut events = context.get_stream("EVENTS").await.unwrap().cached_info().config.clone();
    events.discard = jetstream::stream::DiscardPolicy::Old;
    context.update_stream(events).await.unwrap();
    let found = connection.check_topology().await;
    assert!(matches!(&found, Err(TopologyError::Different(name)) if name == "EVENTS"), "{found:?}");
    provision(&connection, &site::small()).await.unwrap();
    connection.check_topology().await.unwrap();

    context.delete_consumer_from_stream("payment", "EVENTS").await.unwrap();
    let found = connection.check_topology().await;
    assert!(matches!(&found, Err(TopologyError::Missing(name)) if name == "payment"), "{found:?}");
    provision(&connection, &site::small()).await.unwrap();
    connection.check_topology().await.unwrap();
}

#[tokio::test]
async fn a_full_log_refuses_commits_and_loses_none() {
    let nats = Nats::start().await;
    let connection = anonymous(&nats).await;
    let tiny = TopologySettings { events_bytes_max: 64 * 1024, ..site::small() };
    provision(&connection, &tiny).await.unwrap();
    let (executor, customer) = (executor(&connection), customer());
    let mut stored = 0;
    let refused = loop {
        let long = Some("x".repeat(10_000));
        match execute(&executor, customer, credit_because(customer, clock::new_id(), 1, long)).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(refused, ticketshow_nats::executor::outcome::ExecuteError::Unavailable(_)),
        "{refused:?}"
    );
    assert!(stored >= 4);
    assert_eq!(folded(&connection, customer).await.0.balance_minor(), stored);
}

#[tokio::test]
async fn a_server_that_acknowledges_before_syncing_is_detected() {
    let nats = Nats::start_configured(|place| {
        place.config("").replace("sync_interval: always", "sync_interval: 2m")
    });
    let nats = nats.await;
    let connection = anonymous(&nats).await;

    let checked = check_server(&connection, &nats.monitor_url()).await;

    assert!(matches!(checked, Err(TopologyError::NotDurable(_))), "{checked:?}");
    let unreachable = check_server(&connection, "http://127.0.0.1:1").await;
    assert!(matches!(unreachable, Err(TopologyError::Away(_))), "{unreachable:?}");
}

#[test]
fn the_shipped_configurations_are_accepted_by_the_server() {
    for file in ["server.conf", "cluster.conf"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let mut command = Command::new(find_tool("nats-server"));
        command.arg("-t").arg("-c").arg(path);
        for user in NatsUser::ALL {
            let variable = format!("NKEY_{}", user.name().to_uppercase().replace('-', "_"));
            command.env(variable, generate_user_key().public);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test]
async fn a_foreign_timer_stream_is_refused() {
    let nats = Nats::start().await;
    let client = async_nats::connect(nats.url()).await.unwrap();
    let config = json!({ "name": "TIMERS", "subjects": ["timer.>"], "storage": "memory" });
    client.request("$JS.API.STREAM.CREATE.TIMERS", config.to_string().into()).await.unwrap();

    let refused = provision(&anonymous(&nats).await, &site::small()).await;

    assert!(matches!(&refused, Err(TopologyError::Refused { name, .. }) if name == "TIMERS"), "{refused:?}");
}
