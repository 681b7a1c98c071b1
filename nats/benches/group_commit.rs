//! Commits per second with and without batches: `cargo bench -p ticketshow-nats --bench group_commit`.
//!
//! Each writer credits its own wallet, one credit at a time, so as many commits wait as there are writers. Measured
//! on one server that syncs every message, then on a cluster of three. The variants take turns, because the speed of
//! disks varies.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement ends at the first error")]

use std::time::{Duration, Instant};

use ticketshow_domain::{
    Currency, Money, Policy, UserId,
    wallet::{Command, EntryKind, Reference, Wallet},
};
use ticketshow_nats::{
    clock,
    executor::{Executor, settings::ExecutorSettings},
    guard::gate::Gate,
    log::metadata::{Actor, Metadata},
    server::{
        connection::{Connection, Settings},
        topology::{TopologySettings, provision},
    },
};
use ticketshow_tests::{Nats, NatsCluster, eventually_within};
use tokio::task::JoinSet;

const WRITERS: [usize; 7] = [8, 16, 24, 32, 64, 128, 256];
/// Number of waiting commits that make a batch. The first variant never makes one, the last finds the number by measuring.
const BATCH_FROM: [Option<usize>; 5] = [Some(usize::MAX), Some(4), Some(16), Some(32), None];
const LASTS: Duration = Duration::from_secs(2);

async fn connect(url: String, replicas: usize) -> Connection {
    let connection =
        Connection::open(&Settings { url, name: "bench".into(), nkey_seed_file: None }).await.unwrap();
    let topology = TopologySettings { replicas, events_bytes_max: 4 << 30, ..TopologySettings::default() };
    eventually_within(Duration::from_secs(30), "the streams to be created", async || {
        provision(&connection, &topology).await.ok()
    })
    .await;
    connection
}

/// Credits a wallet of its own until `end` and returns the duration of each commit.
async fn write(executor: Executor, end: Instant) -> Vec<Duration> {
    let customer = UserId(clock::new_id());
    let mut durations = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        let command = Command::CreditWallet {
            customer,
            reference: Reference { kind: EntryKind::Credit, id: clock::new_id() },
            amount: Money { amount_minor: 1, currency: Currency::INR },
            booking: None,
            reason: None,
        };
        let (actor, correlation) = (Actor::System, clock::new_id());
        let metadata = Metadata { time: clock::now(), actor, correlation, causation: None, trace: None };
        executor.execute::<Wallet, _>(&customer, command, metadata, Wallet::balance_minor).await.unwrap();
        durations.push(began.elapsed());
    }
    durations
}

/// Measures one variant and returns a cell of the table.
async fn measure(connection: &Connection, writers: usize, batch_from: Option<usize>) -> String {
    let settings = ExecutorSettings { batch_from, ..ExecutorSettings::default() };
    let executor = Executor::with_settings(connection, Policy::default(), Gate::open(), settings);
    let end = Instant::now() + LASTS;
    let mut all = JoinSet::new();
    for _ in 0..writers {
        all.spawn(write(executor.clone(), end));
    }
    let mut durations = all.join_all().await.concat();
    durations.sort_unstable();
    let rate = durations.len() as u64 / LASTS.as_secs();
    let at = |per_mille: usize| durations[durations.len() * per_mille / 1_000].as_secs_f64() * 1_000.0;
    format!("{rate}/s, {:.1} / {:.1} ms", at(500), at(990))
}

async fn table(title: &str, connection: &Connection) {
    println!("\n{title}: commits per second, p50 / p99\n");
    println!("| Writers | one by one | from 4 | from 16 | from 32 | measured |\n|---|---|---|---|---|---|");
    for writers in WRITERS {
        let mut cells = Vec::new();
        for batch_from in BATCH_FROM {
            cells.push(measure(connection, writers, batch_from).await);
        }
        println!("| {writers} | {} |", cells.join(" | "));
    }
}

#[tokio::main]
async fn main() {
    let nats = Nats::start().await;
    table("One server", &connect(nats.url(), 1).await).await;
    drop(nats);
    let cluster = NatsCluster::start(3).await;
    table("Cluster of three", &connect(cluster.url(), 3).await).await;
}
