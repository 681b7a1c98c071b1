//! Requests while the server is away.

use std::time::Duration;

use ticketshow_domain::wallet::Wallet;
use ticketshow_nats::{
    clock,
    executor::outcome::{ExecuteError, Freshness},
    failure::Failure,
    kv::sessions::Sessions,
    log::history::Log,
    server::users::NatsUser,
};
use ticketshow_tests::eventually;
use tokio::task::JoinSet;

use crate::{site::Site, wallets::*};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_without_a_server_fail_soon_however_many_there_are() {
    // More than the 8,192 that the client library queues before it makes the next one wait without limit.
    const REQUESTS: usize = 12_000;
    let mut site = Site::start().await;
    let connection = site.connect(NatsUser::CommandApi).await;
    let executor = executor(&connection);
    let (log, sessions) = (Log::new(&connection), Sessions::new(&connection));
    log.last_position().await.unwrap();
    site.nats.kill();
    eventually("the loss to be noticed", async || (!connection.is_connected()).then_some(())).await;

    let mut requests = JoinSet::new();
    for number in 0..REQUESTS {
        let (executor, log, sessions) = (executor.clone(), log.clone(), sessions.clone());
        requests.spawn(async move {
            let someone = customer();
            match number % 4 {
                0 => executor.state::<Wallet>(&someone, Freshness::Cached).await.map(drop),
                1 => log.history("wallet", &someone.to_string()).await.map(drop),
                2 => {
                    let account = ticketshow_domain::AccountKey(someone.0.simple().to_string());
                    sessions.end(&account, someone.0).await
                }
                _ => match execute(&executor, someone, credit(someone, clock::new_id(), 1)).await {
                    Ok(_) => Ok(()),
                    Err(ExecuteError::Unavailable(failure)) => Err(failure),
                    Err(other) => panic!("{other:?}"),
                },
            }
        });
    }
    let answered = tokio::time::timeout(Duration::from_secs(8), requests.join_all()).await;
    let answered = answered.expect("every request is answered within 8 s");
    assert!(answered.iter().all(|answer| matches!(answer, Err(Failure::Unreachable { .. }))));

    // Nothing was queued that the server would have to carry out first.
    site.nats.restart().await;
    eventually("the server to be back", async || log.last_position().await.ok()).await;
    assert_eq!(log.last_position().await.unwrap(), 0);
}
