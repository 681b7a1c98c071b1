//! Crashed servers and lost answers: acknowledged commits are in the log, each exactly once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ticketshow_domain::{
    UserId,
    wallet::{EntryKind, Reference, Wallet},
};
use ticketshow_nats::{
    clock,
    executor::{Executor, outcome::Freshness},
    server::{connection::Connection, users::NatsUser},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    site::{self, Site},
    wallets::*,
};

/// TCP proxy that can lose the answers of the server.
pub struct Proxy {
    port: u16,
    loses: Arc<AtomicBool>,
    cut: Arc<std::sync::Mutex<CancellationToken>>,
}

impl Proxy {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let loses = Arc::new(AtomicBool::new(false));
        let cut = Arc::new(std::sync::Mutex::new(CancellationToken::new()));
        let (losing, cutting) = (Arc::clone(&loses), Arc::clone(&cut));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                let (losing, cut) = (Arc::clone(&losing), cutting.lock().unwrap().clone());
                tokio::spawn(cut.clone().run_until_cancelled_owned(async move {
                    tokio::io::copy(&mut from_client, &mut to_server).await.ok();
                }));
                tokio::spawn(cut.run_until_cancelled_owned(async move {
                    let mut bytes = vec![0; 64 * 1024];
                    while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
                        if !losing.load(Ordering::SeqCst)
                            && to_client.write_all(&bytes[..read]).await.is_err()
                        {
                            break;
                        }
                    }
                }));
            }
        });
        Self { port: own, loses, cut }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Loses all answers of the server until [`Proxy::recover`].
    pub fn lose_answers(&self) {
        self.loses.store(true, Ordering::SeqCst);
    }

    /// Cuts all connections. New ones work normally.
    pub fn recover(&self) {
        let cut = std::mem::take(&mut *self.cut.lock().unwrap());
        cut.cancel();
        self.loses.store(false, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_commit_with_a_lost_acknowledgement_is_stored_once() {
    let site = site::shared().await;
    let proxy = Proxy::to(site.nats.place().port).await;
    let connection = site.connect_at(&proxy.url(), NatsUser::CommandApi).await;
    let (executor, customer) = (executor(&connection), customer());
    execute(&executor, customer, credit(customer, clock::new_id(), 1)).await.unwrap();

    for round in 2..=4 {
        proxy.lose_answers();
        let asked = tokio::spawn({
            let executor = executor.clone();
            async move { execute(&executor, customer, credit(customer, clock::new_id(), 1)).await }
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        proxy.recover();

        let answer = asked.await.unwrap().unwrap();
        assert_eq!((answer.answer, answer.changed), (round, true));
    }

    let direct = site.connect(NatsUser::CommandApi).await;
    assert_eq!(folded(&direct, customer).await.1, 4);
}

/// Credits wallets one unit at a time until `stop`, repeating each credit until it is acknowledged.
pub async fn load(executor: &Executor, customers: &[UserId], stop: CancellationToken) -> Vec<(UserId, Uuid)> {
    let mut writers = JoinSet::new();
    for customer in customers.iter().flat_map(|customer| [*customer; 8]) {
        let (executor, stop) = (executor.clone(), stop.clone());
        writers.spawn(async move {
            let mut acknowledged = Vec::new();
            while !stop.is_cancelled() {
                let id = clock::new_id();
                while let Err(error) = execute(&executor, customer, credit(customer, id, 1)).await {
                    assert!(
                        !matches!(error, ticketshow_nats::executor::outcome::ExecuteError::Refused { .. }),
                        "a credit was refused: {error:?}"
                    );
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                acknowledged.push((customer, id));
            }
            acknowledged
        });
    }
    writers.join_all().await.concat()
}

/// Checks that the log contains exactly the acknowledged credits, each once.
pub async fn check(connection: &Connection, customers: &[UserId], acknowledged: &[(UserId, Uuid)]) {
    for customer in customers {
        // Read from the leader, because a restarted replica may lag behind.
        let seen = executor(connection).state::<Wallet>(customer, Freshness::Fresh).await.unwrap();
        let (wallet, version) = (seen.state, seen.version);
        let own: Vec<_> = acknowledged.iter().filter(|(owner, _)| owner == customer).collect();
        for (_, id) in &own {
            let reference = Reference { kind: EntryKind::Credit, id: *id };
            assert_eq!(wallet.entry(&reference), Some(1), "an acknowledged credit is missing");
        }
        assert_eq!(version, own.len() as u64, "every credit is in the log once");
        assert_eq!(wallet.balance_minor(), i64::try_from(own.len()).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_under_load_loses_no_acknowledged_commit() {
    let mut site = Site::start().await;
    let connection = site.connect(NatsUser::CommandApi).await;
    let customers: Vec<_> = (0..8).map(|_| customer()).collect();
    let stop = CancellationToken::new();
    let executor = executor(&connection);
    let load = tokio::spawn({
        let (customers, stop) = (customers.clone(), stop.clone());
        async move { load(&executor, &customers, stop).await }
    });

    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        site.nats.kill();
        site.nats.restart().await;
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    stop.cancel();
    let acknowledged = load.await.unwrap();

    assert!(acknowledged.len() > 100, "only {} credits", acknowledged.len());
    check(&connection, &customers, &acknowledged).await;
}
